"""Slips and posters: a reader of squares finds the very link, the words are neutral, and wrong files are refused."""

import json
import re
from pathlib import Path

import pypdf
import pytest
from click.testing import CliRunner
from hosts.collection import Collection, compiled
from pages.squares import read_squares
from PIL import Image

from crypto.canonical import canonical
from crypto.invitation_codes import grouped
from crypto.signing import SigningKey
from survey.commands.main import main
from survey.paper.slip_files import write_poster
from survey.paper.slips import SlipError, poster_link, shared_content, slips
from survey.wave.correction import Correction
from survey.wave.invitation_codes import Codes
from survey.wave.manifest import Manifest
from survey.wave.respondent_link import LinkError, respondent_link
from survey.wording.catalogues import load_wordings

HOST = "https://survey.example"
LOCALES = ("en", "zh-Hans", "zh-Hant")


@pytest.fixture
def files(invited, tmp_path) -> Path:
    """Return a folder with the codes of a batch and their wave's manifest."""
    invited.codes()
    (tmp_path / "codes.json").write_bytes((invited.settings.public.parent / "may.json").read_bytes())
    (tmp_path / "manifest.json").write_bytes(invited.manifests[1].to_bytes())
    return tmp_path


def sotto(*arguments: object):
    """Run a command; return its result."""
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.mark.slow
@pytest.mark.parametrize(("locales", "sheets"), [(["en"], 9), ([*LOCALES], 13)])
def test_slips_say_everything_on_as_many_sheets_as_they_need(files, locales, sheets):
    """Codes in groups, check number and words stand in the PDF; a reader finds each link in its square."""
    out = files / "slips.pdf"
    chosen = [part for locale in locales for part in ("--lang", locale)]
    asked = (files / "codes.json", "--url", HOST, "--manifest", files / "manifest.json", "-o", out, *chosen)
    result = sotto("slips", *asked, "--json")
    assert (0, {"slips": 50, "sheets": sheets, "file": str(out)}) == (result.exit_code, json.loads(result.output))
    pages = [page.extract_text() for page in pypdf.PdfReader(out).pages]
    assert (sheets, 0o600) == (len(pages), out.stat().st_mode & 0o777)
    text = "".join("".join(pages).split())
    codes = Codes.from_bytes((files / "codes.json").read_bytes()).codes
    assert [] == [code for code in codes if grouped(code) not in text]
    manifest = Manifest.from_bytes((files / "manifest.json").read_bytes())
    assert manifest.digest[:16] in text
    assert {f"{HOST}/s/q26#k={manifest.pin}&s=city&c={code}" for code in codes} == {*read_squares(out)}
    words = [load_wordings("slips")[locale] for locale in locales]
    assert [50] * len(words) == [text.count("".join(one("title").split())) for one in words]


def test_the_same_page_gives_the_same_pdf(tmp_path):
    """Printing again makes the same bytes: no time and no chance gets into the file."""
    common = shared_content(Collection(None).manifest(), ["en"], None)
    for name in ("one.pdf", "two.pdf"):
        write_poster(tmp_path / name, HOST, common, "A4")
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_no_slip_or_poster_tells_what_is_asked(files):
    """No word of the study's title in any language stands in what slips and posters say."""
    all_texts = " ".join(text for one in load_wordings("slips").values() for text in one.texts.values()).lower()
    titles = [text.title for text in compiled()[1].values()]
    words = {word for title in titles for word in title.lower().replace(":", " ").split() if len(word) > 5}
    assert set() == {word for word in words if word in all_texts}
    assert "survey" in all_texts, "the control: the words are there"


@pytest.mark.slow
def test_a_poster_leads_to_its_place(tmp_path):
    """A poster's square decodes to the open link with its stratum; A3 and A4 are one page of that size."""
    folder = tmp_path / "study" / "waves" / "1"
    folder.mkdir(parents=True)
    manifest = Collection(None).manifest()
    (folder / "manifest.json").write_bytes(manifest.to_bytes())
    (tmp_path / "study" / "questionnaire.json").write_bytes(compiled()[0].to_bytes())
    link = f"{HOST}/s/q26#k={manifest.pin}&s=open"
    for size, width in (("A4", 595), ("A3", 842)):
        asked = ("--stratum", "open", "--url", HOST, "--manifest", folder / "manifest.json", "--size", size)
        result = sotto("poster", "q26", *asked, "-o", tmp_path / "poster.pdf", "--json")
        assert link == json.loads(result.output)["link"]
        (page,) = pypdf.PdfReader(tmp_path / "poster.pdf").pages
        assert width == round(page.mediabox.width)
        (tmp_path / "poster.pdf").rename(tmp_path / f"{size}.pdf")
        assert [link] == read_squares(tmp_path / f"{size}.pdf")


def test_a_poster_of_what_can_not_be_is_refused(files):
    """Another study, an unknown stratum, a study with invitations, another questionnaire: each with its reason."""
    manifest, invitation = Collection(None).manifest(), Manifest.from_bytes((files / "manifest.json").read_bytes())
    questionnaire = compiled()[0]
    other = questionnaire.model_copy(update={"version": "9"})
    wrong = [
        (("q27", "open", manifest, questionnaire), "not of q27"),
        (("q26", "moon", manifest, questionnaire), "no stratum moon"),
        (("q26", "city", invitation, questionnaire), "sotto slips"),
        (("q26", "open", manifest, other), "not the manifest's"),
    ]
    for given, says in wrong:
        with pytest.raises(SlipError, match=says):
            poster_link(*given, HOST)


def test_slips_of_another_wave_or_an_open_study_are_refused(files):
    """Codes and manifest must be of one wave, and of a study with invitations."""
    codes = Codes.from_bytes((files / "codes.json").read_bytes())
    manifest = Manifest.from_bytes((files / "manifest.json").read_bytes())
    with pytest.raises(SlipError, match="wave 2"):
        slips(codes, Manifest.from_bytes(canonical(manifest.to_json() | {"wave": 2})), HOST)
    with pytest.raises(SlipError, match="sotto poster"):
        slips(codes, Collection(None).manifest(), HOST)


@pytest.mark.slow
def test_slips_since_a_correction_lead_to_its_words(files):
    """Each link has the pin of the corrected words, and a correction of another wave is refused."""
    codes = Codes.from_bytes((files / "codes.json").read_bytes())
    manifest = Manifest.from_bytes((files / "manifest.json").read_bytes())
    newest = correction(manifest)
    (files / "correction.json").write_bytes(newest.to_bytes())
    asked = ("--url", HOST, "--manifest", files / "manifest.json", "--correction", files / "correction.json")
    result = sotto("slips", files / "codes.json", *asked, "--lang", "en", "-o", files / "slips.pdf")
    assert 0 == result.exit_code, result.output
    found = {re.search("#k=([^&]+)", link)[1] for link in read_squares(files / "slips.pdf")}
    assert ({newest.wording.pin}, True) == (found, newest.wording.pin != manifest.pin)
    with pytest.raises(SlipError, match="another wave"):
        slips(codes, manifest, HOST, correction(Collection(None).manifest()))


def correction(manifest):
    """Return a signed correction of one word of a wave."""
    key = SigningKey.generate()
    said = {
        "format": "sotto-correction-1", "study": manifest.study, "wave": manifest.wave, "manifest": manifest.digest,
        "day": "2026-11-25", "previous": None, "reason": "a typing error", "meaning": "same",
        "changes": [{"locale": "en", "place": "title", "old": "Tee", "new": "Tea"}], "texts": {"en": "0" * 64},
        "signer": key.verifying_key.to_json(),
    }  # fmt: skip
    return Correction.from_bytes(canonical(said | {"signature": key.sign(canonical(said), "correction").to_json()}))


URLS = ["survey.example", "http://survey.example", "https://survey.example/s/q26", "https://survey.example?x", "https://",
        "https://u:p@survey.example", "https://survey.example#k=1", "https://survey.example:99999", "ftp://survey.example",
        "https://例子.example"]  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_an_address_that_no_phone_could_use_is_refused(url):
    """Anything but the https origin of a host is refused before a thousand slips are printed."""
    with pytest.raises(LinkError, match="--url"):
        respondent_link(url, "q26", "k" * 32, "city")
    assert respondent_link(f"{HOST}:8443/", "q26", "k", "city").startswith(f"{HOST}:8443/s/q26#")


def test_a_logo_is_a_small_picture(files):
    """PNG and JPEG are taken; SVG, text and anything large are refused, and the message says what to give."""
    manifest = Manifest.from_bytes((files / "manifest.json").read_bytes())
    picture = files / "logo.png"
    Image.new("L", (40, 20)).save(picture)
    assert shared_content(manifest, ["en"], picture).logo.startswith("data:image/png;base64,")
    for content, says in (
        (b"<svg onload='x'/>", "PNG or JPEG"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 500_000, "at most 500 kB"),
    ):
        picture.write_bytes(content)
        with pytest.raises(SlipError, match=says):
            shared_content(manifest, ["en"], picture)
    with pytest.raises(SlipError, match="no wording in ug"):
        shared_content(manifest, ["ug"], None)


def test_a_damaged_codes_file_is_told_without_a_code(files):
    """A wrong symbol ends with exit code 3, a message of what to do, and no code in it."""
    document = json.loads((files / "codes.json").read_bytes())
    document["codes"][3] = "0" * 16 + "1"
    (files / "codes.json").write_bytes(canonical(document))
    asked = ("--url", HOST, "--manifest", files / "manifest.json", "-o", files / "out.pdf")
    result = sotto("slips", files / "codes.json", *asked)
    assert (3, False) == (result.exit_code, (files / "out.pdf").exists())
    assert "damaged" in result.output
    assert [] == [code for code in document["codes"] if code in result.output]
