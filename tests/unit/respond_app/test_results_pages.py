"""The public results: readable in three languages, with margins, a price and the files they are made of."""

import csv
import dataclasses
import io
import re
from codecs import BOM_UTF8
from typing import Any

import openpyxl
import pytest
from hosts.applications import respond_app
from hosts.collection import STUDY, read
from studies.exported import SWAPPED

from crypto.canonical import canonical
from survey.page_identity.pages_document import compared_headers
from survey.page_identity.visits import phone_headers
from survey.publication.folder import Published
from survey.release.page_view import ReleaseView
from survey.release.page_view_builder import show
from survey.release.release import Release
from survey.respond_app import results_pages
from survey.wording.page_languages import NAMES, load_languages

pytestmark = pytest.mark.slow


@pytest.fixture
def collection(released_collection):
    return released_collection[0]


@pytest.fixture
def release_name(released_collection):
    return released_collection[1]


@pytest.fixture
def release(collection, release_name) -> Release:
    return read((collection.settings.public / "results" / STUDY / f"{release_name}.json").read_bytes())


@pytest.fixture
def client(collection, release_name):
    return respond_app(collection.settings).test_client()


@pytest.fixture
def validations(monkeypatch):
    """The JSON of every release that was read and validated."""
    read_json, seen = Release.model_validate_json, []

    def counted(data):
        seen.append(data)
        return read_json(data)

    monkeypatch.setattr(Release, "model_validate_json", counted)
    return seen


def next_release(release: Release) -> dict[str, Any]:
    """Return the release as the next one of its ledger, so that the study's page shows both."""
    newer = release.to_json()
    newer["ledger"] |= {"sequence": 2, "history": [*newer["ledger"]["history"], newer["ledger"]["entry"]]}
    newer["ledger"]["previous"] = newer["ledger"]["entry"]
    return newer


def test_a_release_is_validated_once_for_all_visitors(collection, client, release, validations):
    """Visits, languages, downloads and a list of several releases read each file once; a newer one is seen at once."""
    for _ in range(3):
        for locale in NAMES:
            assert 200 == client.get(f"/r/{STUDY}?lang={locale}").status_code
    assert 200 == client.get(f"/r/{STUDY}/{release.digest}/{release.tables[0].id}.csv").status_code
    assert 1 == len(validations)
    newer = next_release(release)
    Published(collection.settings.public).write_release(STUDY, canonical(newer | {"day": "2027-02-03"}))
    pages = [client.get(f"/r/{STUDY}?lang=en").text for _ in range(3)]
    assert all("2027-02-03" in page and release.day in page for page in pages)
    assert 2 == len(validations)


def test_a_release_that_was_edited_in_the_published_folder_is_not_shown(collection, client, release):
    """Whoever can write there changes no number that people read: page, file and table are refused; control: before."""
    path = collection.settings.public / "results" / STUDY / f"{release.digest}.json"
    first = release.tables[0].id
    pages = [f"/r/{STUDY}", f"/r/{STUDY}/{release.digest}/release.json", f"/r/{STUDY}/{release.digest}/{first}.csv"]
    assert [200] * 3 == [client.get(page).status_code for page in pages]
    path.write_bytes(path.read_bytes().replace(b'"count":3', b'"count":9'))
    assert [500] * 3 == [client.get(page).status_code for page in pages]
    path.write_bytes(release.to_bytes())
    assert [200] * 3 == [client.get(page).status_code for page in pages]


def test_a_release_is_put_into_words_once_for_each_language(client, release_name, monkeypatch):
    """Readers of one language share what is shown to them, and none gets what another language says."""
    shown = []

    def counted(name, release, language):
        shown.append((name, language.locale))
        return show(name, release, language)

    monkeypatch.setattr(results_pages, "show", counted)
    first = {locale: client.get(f"/r/{STUDY}?lang={locale}").text for locale in NAMES}
    assert first == {locale: client.get(f"/r/{STUDY}?lang={locale}").text for locale in NAMES}
    assert [(release_name, locale) for locale in NAMES] == shown
    assert len(NAMES) == len(set(first.values()))


@pytest.mark.parametrize("locale", NAMES)
def test_results_speak_the_readers_language(client, release, locale):
    """Each locale shows the study's title, every table's heading and no untranslated frame."""
    answer = client.get(f"/r/{STUDY}?lang={locale}")
    assert 200 == answer.status_code
    assert f'<html lang="{locale}">' in answer.text
    assert locale == answer.headers["Content-Language"]
    assert all(release.labels[locale][t.dimensions[0].id].text in answer.text for t in release.tables)
    assert ("Download release.json" in answer.text) == (locale == "en")


def test_no_page_or_download_depends_on_what_a_browser_asks_for(client, release_name):
    """Whatever a request says of its sender, an address gives the same bytes and headers; control: `?lang=` counts."""
    browsers = (
        {},
        phone_headers("/r/x"),
        {"Accept-Language": "zh-TW,zh;q=0.9", "User-Agent": "x", "Cookie": "lang=ug"},
    )
    files = (f"/{release_name}/T02.csv", f"/{release_name}/T02-cells.csv", f"/{release_name}/release.xlsx")
    for path in ("", *files, f"?release={release_name}"):
        answers = [client.get(f"/r/{STUDY}{path}", headers=headers) for headers in browsers]
        assert {200} == {answer.status_code for answer in answers}
        assert 1 == len({answer.data for answer in answers}), path
        assert 1 == len({str(sorted(compared_headers(answer.headers).items())) for answer in answers}), path
        assert {None} == {answer.headers.get("Vary") for answer in answers}
        assert answers[0].data != client.get(f"/r/{STUDY}{path}{'&' if '?' in path else '?'}lang=zh-Hant").data


def test_every_caveat_is_said(client):
    """Invented data, duplicates, noise and price stand on the page in plain words."""
    text = client.get(f"/r/{STUDY}?lang=en").text
    for sentence in (
        "invented by a computer",
        "One envelope is not one person",
        "How to read",
        "cannot raise the odds",
    ):
        assert sentence in text


def test_no_inline_style_or_script(client):
    """The page keeps within its policy: no style, event handler or script of its own, nothing from elsewhere."""
    answer = client.get(f"/r/{STUDY}")
    inline = r"""<script(?! src="/static/language-)|<style|\sstyle=|\son[a-z]+=|https?://"""
    assert not re.search(inline, answer.text)
    assert 1 == answer.text.count("<script")
    assert "<script" not in client.get(f"/r/{STUDY}?lang=en").text
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_release_is_served_byte_for_byte(client, collection, release_name):
    """The download is the very document that was signed."""
    stored = (collection.settings.public / "results" / STUDY / f"{release_name}.json").read_bytes()
    answer = client.get(f"/r/{STUDY}/{release_name}/release.json")
    assert stored == answer.data
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_download_begins_with_the_mark_by_which_excel_knows_utf_8(client, release_name):
    """Every CSV file of the page has one byte order mark before its header; with `?bom=0` it has none."""
    for file in ("T02", "T02-cells"):
        marked, plain = (client.get(f"/r/{STUDY}/{release_name}/{file}.csv{query}").data for query in ("", "?bom=0"))
        assert BOM_UTF8 + plain == marked
        assert not plain.startswith(BOM_UTF8)


def test_the_workbook_is_made_when_a_release_is_published(client, collection, release, release_name):
    """The page links to a workbook in the visitor's language, as it lies in the published folder; else to none."""
    assert "release.xlsx" in client.get(f"/r/{STUDY}").text
    for locale in ("en", "zh-Hans"):
        answer = client.get(f"/r/{STUDY}/{release_name}/release.xlsx?lang={locale}")
        published = collection.settings.public / "results" / STUDY / f"{release_name}.{locale}.xlsx"
        assert published.read_bytes() == answer.data
        assert f'filename="{STUDY}-1.xlsx"' in answer.headers["Content-Disposition"]
        assert set(openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames) >= {one.id for one in release.tables}
    published = collection.settings.public / "results" / STUDY / f"{release_name}.en.xlsx"
    content = published.read_bytes()
    published.unlink()
    try:
        assert "release.xlsx" not in client.get(f"/r/{STUDY}?lang=en").text
        assert 404 == client.get(f"/r/{STUDY}/{release_name}/release.xlsx?lang=en").status_code
    finally:
        published.write_bytes(content)


@pytest.mark.parametrize("edit", ["workbook", "hashes", "no hashes"])
def test_a_workbook_that_was_edited_in_the_published_folder_is_not_sent(collection, client, release_name, edit):
    """Whoever can write there sends nobody other numbers: neither file can be changed alone; control: before."""
    path = f"/r/{STUDY}/{release_name}/release.xlsx?lang=en"
    folder = collection.settings.public / "results" / STUDY
    workbook, hashes = folder / f"{release_name}.en.xlsx", folder / f"{release_name}.workbooks.json"
    kept = workbook.read_bytes(), hashes.read_bytes()
    assert 200 == client.get(path).status_code
    try:
        if edit == "workbook":
            workbook.write_bytes(kept[0] + b" ")
        elif edit == "hashes":
            hashes.write_bytes(kept[1].replace(release_name.encode(), b"0" * 64))
        else:
            hashes.unlink()
        assert 500 == client.get(path).status_code
    finally:
        workbook.write_bytes(kept[0])
        hashes.write_bytes(kept[1])
    assert kept[0] == client.get(path).data


def test_a_page_view_reads_no_workbook(client, monkeypatch):
    """Only whoever asks for the workbook has its bytes read and compared."""
    asked = []
    monkeypatch.setattr(Published, "workbook", lambda _, *names: asked.append(names))
    assert "release.xlsx" in client.get(f"/r/{STUDY}").text
    assert [] == asked


def test_a_table_as_csv_holds_every_number(client, release, release_name):
    """The CSV of each table has its counts in order and each share with its margin."""

    def rows(file: str) -> list[dict[str, str]]:
        return [*csv.DictReader(io.StringIO(client.get(f"/r/{STUDY}/{release_name}/{file}.csv?bom=0").text))]

    for table in release.tables:
        assert list(table.counts) == [int(row["noisy_count"]) for row in rows(f"{table.id}-cells")]
        shares = [(s.share, s.margin) for e in table.estimates for s in e.shares]
        share_rows = [row for row in rows(table.id) if row["measure"] == "share"]
        assert shares == [(float(row["value"]), float(row["margin_95"])) for row in share_rows]
        assert {str(table.sigma)} == {row["sigma"] for row in rows(table.id)}


@pytest.mark.parametrize(
    "path",
    ["{h}/T999.csv", "{z}/T02.csv", "{z}/release.json", "{h}/..%2frelease.json", "?release={z}", "{h}/release.csv"],
)
def test_what_was_not_released_is_not_found(client, release_name, path):
    """Unknown tables, hashes and names get 404."""
    path = path.format(h=release_name, z="0" * 64)
    assert 404 == client.get(f"/r/{STUDY}{path if path.startswith('?') else f'/{path}'}").status_code


def test_before_the_first_release_the_page_says_so(open_collection):
    """A study without a release has a page that says nothing was released."""
    answer = respond_app(open_collection.settings).test_client().get(f"/r/{STUDY}?lang=en")
    assert "Nothing has been released yet" in answer.text


def test_nothing_outside_the_release_is_shown(release, release_name):
    """The template gets one frozen dataclass of frozen dataclasses; what it renders is all in there."""
    view = show(release_name, release, load_languages()["en"])
    assert isinstance(view, ReleaseView)
    for kind in (
        results_pages.ResultsPage,
        results_pages.ReleaseLink,
        ReleaseView,
        type(view.tables[0]),
        type(view.budget),
    ):
        assert dataclasses.fields(kind)
        assert kind.__dataclass_params__.frozen


def test_bars_stay_inside_and_whiskers_hold_the_margin(release, release_name):
    """Every bar and whisker lies between 0 and 100, and a whisker is as wide as the margin where nothing is cut off."""
    view = show(release_name, release, load_languages()["en"])
    bars = [bar for t in view.tables for s in t.sections for g in s.groups for bar in g.bars]
    bars += [bar for t in view.tables if t.everyone for bar in t.everyone.bars]
    shares = [s for t in release.tables for e in t.estimates for s in e.shares]
    assert len(bars) == len(shares) > 100
    assert all(0 <= b.low <= b.width <= b.high <= 100 for b in bars)
    inner = [s for s in shares if s.margin <= s.share <= 1 - s.margin]
    assert inner
    whole = {round(200 * s.margin, 1) for s in inner}
    assert whole <= {round(b.high - b.low + d, 1) for b in bars for d in (-0.1, 0, 0.1)}


def drowned(release: Release) -> Release:
    """Return the next release, with a share of its first table drowned in noise and of another base than the rest."""
    document = next_release(release)
    estimate = next(one for one in document["tables"][0]["estimates"] if one["shares"])
    others = [base for base in ("asked", "answered") if base != estimate["base"]]
    estimate["shares"][0] |= {"reliable": False, "base": others[0], "share": 0.03, "margin": 0.04}
    return Release.model_validate_json(canonical(document))


@pytest.mark.parametrize("locale", NAMES)
def test_a_number_that_noise_drowns_is_told_by_more_than_paleness(collection, client, release, locale):
    """Who sees no pale colour, and who hears the page, would rely on it; control: the same share when reliable."""
    changed = drowned(release)
    language = load_languages()[locale]
    words = language.say("too uncertain to rely on")
    legend = language.say("Numbers in brackets and pale bars are too uncertain to rely on.")
    before = client.get(f"/r/{STUDY}?lang={locale}").text
    Published(collection.settings.public).write_release(STUDY, changed.to_bytes())
    shown = client.get(f"/r/{STUDY}?lang={locale}").text
    pattern = rf'class="figure">\(3\s?% <span class="margin">± 4\)</span></span>\s*<span class="unseen">{words}</span>'
    assert (0, 1) == (len(re.findall(pattern, before)), len(re.findall(pattern, shown)))
    assert legend in shown


@pytest.mark.parametrize("locale", NAMES)
def test_the_page_names_the_place_of_each_corrected_text(collection, client, release, locale):
    """Beside old and new words, of which two options that changed places have the same."""
    document = next_release(release) | {"corrections": [SWAPPED.to_json()]}
    content = Release.model_validate_json(canonical(document)).to_bytes()
    Published(collection.settings.public).write_release(STUDY, content)
    shown = client.get(f"/r/{STUDY}?lang={locale}").text
    told = re.findall(r"<li><code[^>]*>([^<]*)</code>.*?<del[^>]*>([^<]*)</del>.*?<ins[^>]*>([^<]*)</ins>", shown)
    assert [(one.place, one.old, one.new) for one in SWAPPED.changes] == told


@pytest.mark.parametrize("locale", NAMES)
def test_the_page_says_that_another_version_was_asked_before(collection, client, release, locale):
    """Which version, and since which wave, in the page's language; where no other was asked the page says nothing."""
    say = load_languages()[locale].say
    title = say("Version %(number)s of the questionnaire.").replace("%(number)s", "2")
    assert title not in client.get(f"/r/{STUDY}?lang={locale}").text
    document = next_release(release) | {"wave": 2, "version": {"number": 2, "since": 2}}
    document.pop("fieldwork", None)
    content = Release.model_validate_json(canonical(document)).to_bytes()
    Published(collection.settings.public).write_release(STUDY, content)
    assert title in client.get(f"/r/{STUDY}?lang={locale}").text


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
def test_a_base_stands_in_full_width_brackets_in_chinese(collection, client, release, locale):
    """Chinese sets no half-width bracket beside its own signs."""
    changed = drowned(release)
    Published(collection.settings.public).write_release(STUDY, changed.to_bytes())
    shown = client.get(f"/r/{STUDY}?lang={locale}").text
    bases = re.findall(r'<span class="of">(.*?)</span>', shown)
    assert bases
    assert [] == [base for base in bases if not re.fullmatch("（[^()]*）", base)]


@pytest.mark.parametrize("locale", NAMES)
def test_the_page_says_that_numbers_of_people_are_not_adjusted_to_each_other(client, locale):
    """A reader who finds more people answering than asked would take it for a fault."""
    key = (
        "Numbers of people are estimates with noise as well, and are not adjusted to each other: “of those asked” can "
        "come out smaller than “of those asked and answering”. No number is shown above that of the answers that were "
        "sent in, which is exact."
    )
    sentence = load_languages()[locale].say(key)
    assert (locale == "en") == (sentence == key)
    assert sentence in client.get(f"/r/{STUDY}?lang={locale}").text
