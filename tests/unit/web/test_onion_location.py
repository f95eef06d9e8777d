"""Pages name the host's .onion address under its other names, and the log says so."""

from dataclasses import replace

import pytest
from hosts.applications import respond_app
from studies.plain_study import STUDY, fresh

from crypto.canonical import digest
from survey.page_identity.page_comparison import PageComparison
from survey.page_identity.pages_document import ServedPage
from survey.page_identity.visits import Answer
from survey.respond_app.served_pages import StudyPages
from survey.respond_app.settings import RespondSettings
from survey.web.onion_location import ONION

NAME = "a" * 56 + ONION


@pytest.fixture
def settings(tmp_path):
    return replace(fresh(tmp_path).settings, hosts=(NAME, "survey.example"))


def test_a_page_names_the_onion_address_where_there_is_one_and_not_under_it(settings):
    """Under the name of the web each page has the header, with its query; scripts and errors have none."""
    app = respond_app(settings)
    client, header = app.test_client(), "Onion-Location"
    for path in (f"/s/{STUDY}", f"/c/{STUDY}?lang=en", f"/f/{STUDY}?lang=zh-Hant", "/blank"):
        web = client.get(path, base_url="https://survey.example")
        assert f"http://{NAME}{path}" == web.headers[header]
        under = client.get(path, base_url=f"http://{NAME}")
        assert (200, None, web.data) == (under.status_code, under.headers.get(header), under.data)
    for path in (f"/k/{STUDY}/sw.js", "/s/none", "/s/a%0Ab", "/healthz"):
        assert header not in client.get(path, base_url="https://survey.example").headers
    app.extensions["sotto"].engine.dispose()


def test_the_log_has_the_header_and_it_is_not_expected_under_the_onion_address(settings):
    """The entry is that of the web's name; a comparison at the .onion address misses nothing there, and names it."""
    known = RespondSettings(settings.answers_url, settings.public, settings.work_key, settings.hosts)
    document = StudyPages(known).document(STUDY, 1, "0" * 64)
    page: ServedPage = document.pages[f"/s/{STUDY}"]
    assert f"http://{NAME}/s/{STUDY}" == page.headers["onion-location"]
    with_it = tuple(page.headers.items())
    without = tuple(line for line in with_it if line[0] != "onion-location")
    for address, lines, said in (
        ("https://survey.example", with_it, None),
        ("https://survey.example", without, "lacks the header onion-location"),
        (f"http://{NAME}", without, None),
        (f"http://{NAME}", with_it, "has the header 'onion-location'"),
    ):
        comparison = PageComparison(address, document, {})
        faults = [
            *comparison._differences(ServedPage(sha256=digest(b""), headers=page.headers), Answer(200, b"", lines))
        ]
        assert [bool(said)] * bool(said) == [str(said) in fault for fault in faults], faults
