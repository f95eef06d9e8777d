"""Which language a page comes in: what the browser asks for on pages for staff, the address alone on public ones."""

import json

import pytest
from paths import ROOT

from survey.publication.frontend_files import load_assets
from survey.web.factory import localised_app
from survey.web.request_language import forget_language, language, language_of_address

ASKED = json.loads((ROOT / "tests/vectors/browser-languages.json").read_bytes())


def accepting(tags: list[str]) -> str:
    """Return the header in which a browser asks for these languages, most wanted first."""
    return ",".join(f"{tag};q={1 - place / 10:.1f}" for place, tag in enumerate(tags))


def told() -> str:
    """Answer in the language of the address, and then name none."""
    said = language_of_address("zh-Hans").locale
    forget_language()
    return said


@pytest.fixture(scope="module")
def client():
    app = localised_app(("localhost",), load_assets())
    app.add_url_rule("/staff", "staff", lambda: language().locale)
    app.add_url_rule("/public", "public", lambda: language_of_address("zh-Hant").locale)
    app.add_url_rule("/told", "told", told)
    return app.test_client()


@pytest.mark.parametrize(
    ("asked", "locale"),
    [(accepting(case["tags"]), case["locale"]) for case in ASKED]
    + [("zh-TW,zh;q=0.8", "zh-Hant"), ("zh-CN;q=0.1,en;q=0.9", "en"), ("zh-CN;q=0,fr", "en"), ("*", "en")],
)
def test_the_browser_chooses_for_staff_and_the_address_for_the_public(client, asked, locale):
    """Accept-Language picks the script that is written there for staff, and nothing at all on a public page."""
    headers = {"Accept-Language": asked}
    staff, public = client.get("/staff", headers=headers), client.get("/public", headers=headers)
    assert (locale, locale) == (staff.text, staff.headers["Content-Language"])
    assert "Accept-Language" in staff.headers["Vary"]
    assert ("zh-Hant", "zh-Hant", None) == (public.text, public.headers["Content-Language"], public.headers.get("Vary"))


def test_a_page_that_speaks_all_languages_names_none(client):
    """What was looked up before is not said of it, and it varies by nothing."""
    answer = client.get("/told?lang=en")
    assert ("en", None, None) == (answer.text, answer.headers.get("Content-Language"), answer.headers.get("Vary"))
