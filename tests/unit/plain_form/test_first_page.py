"""The first page of the form without JavaScript, and the press that asks for its questions."""

import hashlib
import re
from base64 import b64encode

import brotli
import pytest
from hosts.applications import respond_app
from studies.plain_study import FORM, QUESTIONS, STUDY, URL, body, fields, fresh

from survey.plain_form.fields import LIMIT
from survey.publication.folder import Published


@pytest.fixture
def study(tmp_path):
    return fresh(tmp_path)


@pytest.fixture
def client(study):
    app = respond_app(study.settings)
    yield app.test_client()
    app.extensions["sotto"].engine.dispose()


@pytest.mark.parametrize(("method", "path"), [("GET", URL), ("POST", QUESTIONS)])
def test_the_page_is_the_same_for_everyone(client, method, path):
    """Two very different browsers get the same bytes, with no cookie, and its one style is the one in its policy."""
    first = client.open(path, method=method)
    other = {"User-Agent": "x", "Accept-Language": "zh-TW", "Cookie": "a=b", "Sec-Fetch-Site": "cross-site"}
    assert first.data == client.open(path, method=method, headers=other).data
    assert brotli.decompress(client.open(path, method=method, headers={"Accept-Encoding": "br"}).data) == first.data
    policy = first.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", first.text, re.DOTALL)[1]
    fingerprint = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{fingerprint}'" in policy
    assert "script-src" not in policy
    assert "form-action 'self'" in policy
    assert "<script" not in first.text


def test_the_first_page_has_nothing_to_fill_in(client):
    """Its one form has no field, and leads to the questions in its language; the questions' form is no GET's answer."""
    for locale in ("en", "zh-Hans", "zh-Hant"):
        first = client.get(f"{URL}?lang={locale}").text
        assert [] == re.findall(r"<(?:input|select|textarea)", first)
        assert [f"{QUESTIONS}?lang={locale}"] == re.findall(r'<form method="post" action="([^"]+)">', first)
        asked = client.post(f"{QUESTIONS}?lang={locale}")
        assert (200, locale) == (asked.status_code, fields(asked.text)["lang"])


def test_the_address_of_the_questions_leads_to_the_first_page(client):
    """Who opens it without the press, as from a list of visited pages, is sent to the first page in its language."""
    for tag, locale in {"?lang=zh-Hant": "zh-Hant", "": "en", "?lang=//evil.example": "en"}.items():
        answer = client.get(f"{QUESTIONS}{tag}")
        assert (303, f"{URL}?lang={locale}") == (answer.status_code, answer.headers["Location"])
        assert b"" == answer.data


def test_the_press_sends_nothing(client, study):
    """A POST for the questions that brings anything gets 400: nothing that somebody marked is read there."""
    assert 400 == client.post(QUESTIONS, data=body(client.post(QUESTIONS).text), headers=FORM).status_code
    assert 400 == client.post(QUESTIONS, data=b"x" * (LIMIT + 1)).status_code
    assert [] == study.envelopes()


def test_the_browser_is_asked_to_tell_its_own_origin(client):
    """With no-referrer a browser sends `Origin: null`; the form's page asks for same-origin instead."""
    assert "same-origin" == client.get(URL).headers["Referrer-Policy"]


def test_only_studies_that_allow_it_lead_to_the_form(client, study):
    """The phone page leads who has no script, or an old browser, to the form of such a study in each language."""
    links = re.findall(r'href="(/f/[^"]+)"', client.get(f"/s/{STUDY}").text)
    assert [f"{URL}?lang={locale}" for locale in ("en", "zh-Hans", "zh-Hant")] * 2 == links
    study.state("open", sealing="phone")
    assert "/f/" not in client.get(f"/s/{STUDY}").text


def test_the_state_says_how_a_study_is_sealed(study):
    """A state written before there was a choice reads as sealed on the phone, which has no form."""
    path = study.settings.public / "studies" / f"{STUDY}.json"
    path.write_text(re.sub(r'"sealing":"[\w-]+",', "", path.read_text("utf-8")), encoding="utf-8")
    assert "phone" == Published(study.settings.public).study(STUDY).sealing
