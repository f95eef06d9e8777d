"""What the respond app sends for the field kit: a neutral page, a worker that knows its files, else nothing."""

import html
import json
import re

import pytest
from hosts.applications import respond_app
from hosts.collection import STUDY

from survey.respond_app.field_kit_page import kit_policy
from survey.web.headers import phone_policy
from survey.wording.catalogues import load_wordings

PLACE = re.compile(r"\{\w+\}")


@pytest.fixture
def client(open_collection):
    app = respond_app(open_collection.settings)
    yield app.test_client()
    app.extensions["sotto"].engine.dispose()


def test_the_kits_policy_is_the_phones_and_a_worker_a_manifest_and_one_named_policy():
    """Beyond the phone page's policy it allows exactly what the worker, the manifest and the icon need."""
    phone, kit = (set(policy.split("; ")) for policy in (phone_policy("x"), kit_policy("x")))
    (images,) = (rule for rule in phone if rule.startswith("img-src "))
    assert {"trusted-types 'none'", images} == phone - kit
    assert {"trusted-types kit", "worker-src 'self'", "manifest-src 'self'"} | {
        images.replace("img-src ", "img-src 'self' ")
    } == kit - phone


def test_the_worker_names_files_that_are_there_and_may_reach_the_page(client):
    """Each file that the worker keeps is answered with 200; its scope is the page, and its own policy only fetches."""
    answer = client.get(f"/k/{STUDY}/sw.js")
    kit = json.loads(re.match(rb"self\.KIT=(.*);\n", answer.data)[1])
    assert f"/k/{STUDY}" == kit["page"] == answer.headers["Service-Worker-Allowed"]
    assert {200} == {client.get(path).status_code for path in [kit["page"], *kit["files"]]}
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("connect-src 'self'")
    assert answer.content_type.startswith("text/javascript")


def test_the_workers_version_changes_with_the_page(client, monkeypatch: pytest.MonkeyPatch):
    """A tablet fetches all files anew exactly when one of them differs."""
    first, second = (client.get(f"/k/{STUDY}/sw.js").data for _ in range(2))
    assert first == second
    kit = client.application.extensions["kit"]
    client.application.extensions["kit"] = type(kit)(kit.wordings, kit.style + "\n")
    assert first != client.get(f"/k/{STUDY}/sw.js").data


def test_what_an_installed_kit_is_called_says_nothing_of_the_topic(client):
    """Name and icon are the neutral ones; start and scope are the kit's own page."""
    answer = client.get(f"/k/{STUDY}/app.webmanifest")
    manifest = json.loads(answer.data)
    assert "application/manifest+json" == answer.content_type
    assert ("问答 · Q&A", "Q&A") == (manifest["name"], manifest["short_name"])
    assert {f"/k/{STUDY}"} == {manifest[name] for name in ("id", "start_url", "scope")}
    assert 200 == client.get(manifest["icons"][0]["src"]).status_code


@pytest.mark.parametrize("path", ["/k/none", "/k/none/sw.js", "/k/none/app.webmanifest", "/k/..%2fx", "/k/"])
def test_there_is_no_kit_of_a_study_that_is_not_there(client, path: str):
    """A name that is no study's is answered with 404 and no cookie."""
    answer = client.get(path)
    assert (404, None) == (answer.status_code, answer.headers.get("Set-Cookie"))


def test_the_page_sets_no_cookie_and_is_not_stored(client):
    """The kit's page carries the same promises as the phone page."""
    answer = client.get(f"/k/{STUDY}")
    assert (200, None, "no-store") == (
        answer.status_code, answer.headers.get("Set-Cookie"), answer.headers["Cache-Control"],
    )  # fmt: skip


def test_every_word_of_the_kit_is_there_in_three_languages():
    """Each locale has the same keys as the English, none empty, with the same places to fill."""
    wordings = load_wordings("kit")
    english = wordings["en"].texts
    assert {"en", "zh-Hans", "zh-Hant"} <= wordings.keys()
    for wording in wordings.values():
        assert english.keys() == wording.texts.keys()
        for key, text in wording.texts.items():
            assert text
            assert (key, PLACE.findall(english[key])) == (key, PLACE.findall(text))


def test_words_that_stand_in_english_say_so(client):
    """The kit's words name the language that they are in: English for a language without a kit.po, here one removed."""
    kit = client.application.extensions["kit"]
    without = {locale: wording for locale, wording in kit.wordings.items() if locale != "zh-Hant"}
    client.application.extensions["kit"] = type(kit)(without, kit.style)
    page = html.unescape(client.get(f"/k/{STUDY}").get_data(as_text=True))
    assert 2 == page.count('"spoken": "en"')
    assert 1 == page.count('"spoken": "zh-Hans"') == page.count('<span lang="en" dir="ltr">')
