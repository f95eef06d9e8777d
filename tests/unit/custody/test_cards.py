"""Share cards: one page in three languages, readable again from what they print, private. analysis/custody/cards.py."""

import io
import re
import sys
import tempfile

import pytest
from budgets import BUDGET
from pypdf import PdfReader
from studies import small_study as small

from analysis.custody.cards import Card, CardError, Deck, short, text, wordings, write_cards
from analysis.custody.ceremony import CeremonyRequest, hold_ceremony
from analysis.custody.reshare import check_request
from analysis.custody.share_distribution import SplitRequest
from analysis.custody.share_files import ShareFileError, combine_share_files, read_share, unnumbered
from analysis.study.folder import StudyFolder
from crypto import custody
from crypto.errors import MissingExtraError
from crypto.share_words import unlisted_positions
from survey.wave.manifest import build_manifest
from survey.wording.catalogues import load_wordings

pytestmark = pytest.mark.slow

LOCALES = ("en", "zh-Hans", "zh-Hant")
SEED = bytes(range(32))
SHARES = custody.split(SEED, 2, 3)
MANIFEST = build_manifest(
    small.QUESTIONNAIRE, small.TEXTS, wave=1, key=custody.public_key(SEED), signer="0" * 64, budget=BUDGET, demo=False
)
DECK = Deck(MANIFEST, 2, 3, "1a2b3c4d" * 8, "2026-01-02")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """All three cards, each in another language."""
    folder = tmp_path_factory.mktemp("cards") / "new"
    return folder, write_cards(folder, DECK, SHARES, LOCALES)


def pages(path):
    return PdfReader(io.BytesIO(path.read_bytes())).pages


def packed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_card_retyped_from_its_pdf_opens(written, number):
    """The numbered words that a PDF reader extracts, in the order of their numbers, are the share."""
    (page,) = pages(written[1][number - 1].with_suffix(".pdf"))
    numbered = re.findall(r"\b(\d{1,2})\s*([a-z]{4,8})\b", page.extract_text())
    word_at = {number: word for number, word in numbered if not unlisted_positions([word])}
    typed = " ".join(word_at[str(place)] for place in range(1, 34))
    assert SHARES[number - 1] == typed
    assert SEED == custody.combine([typed, SHARES[number % 3]])


def test_text_cards_are_share_files(written):
    """The plain text of each card, instructions and numbers included, is read back as its share."""
    assert SHARES == [read_share(path) for path in written[1]]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_of_a_card_is_on_its_page_and_in_its_text(written, locale):
    """Title, rules, check digits, fingerprint and the head stand on the one page and in the text file."""
    number = LOCALES.index(locale) + 1
    wording, card = load_wordings("cards")[locale], Card(DECK, number, SHARES[number - 1])
    (page,) = pages(written[1][number - 1].with_suffix(".pdf"))
    shown = packed(page.extract_text())
    plain = packed(written[1][number - 1].read_text(encoding="utf-8").replace("\n# ", " "))
    fixed = [key for key in wording.texts if not key.startswith(("ask-", "head-", "destroy-", "demo"))]
    wanted = [wording.texts[key] for key in fixed if "{" not in wording.texts[key]]
    wanted += [card.check, short(DECK.head), wording("title", number=number, custodians=3), DECK.day]
    assert [] == [one for one in wanted if packed(one) not in shown]
    table = {"head", "for", "name", "telephone", "day"}
    texts = [one for one in wanted if one not in {wording.texts[key] for key in table}]
    assert [] == [one for one in texts if packed(one) not in plain]


def test_cards_are_private_and_nothing_passes_through_a_shared_folder(tmp_path, monkeypatch):
    """Files are 0600 in a folder of 0700; with no temporary folder on the machine they are written all the same."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "missing"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    folder = tmp_path / "cards"
    write_cards(folder, DECK, SHARES, ("en",))
    assert {0o600} == {path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert (0o700, 6) == (folder.stat().st_mode & 0o777, len(list(folder.iterdir())))


def test_fonts_are_embedded_and_the_page_is_tagged(written):
    """A card prints the same on the offline machine's printer: every font is in the file."""
    for path in written[1]:
        (page,) = pages(path.with_suffix(".pdf"))
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].get_object())


def test_a_card_shows_no_word_of_itself():
    """The object's repr, which an error could print, has its number and no word."""
    shown = repr(Card(DECK, 1, SHARES[0]))
    assert "number=1" in shown
    assert SHARES[0].split()[4] not in re.findall(r"[a-z]+", shown.replace("small-study", ""))


def test_a_demo_card_says_so(tmp_path):
    """A 1-of-1 card warns on its page and in its text."""
    made = hold_ceremony(
        StudyFolder(tmp_path / "study"),
        small.QUESTIONNAIRE,
        small.TEXTS,
        CeremonyRequest(1, 1, 1, cards=tmp_path / "cards", demo=True),
    )
    (page,) = pages(made.shares[0].with_suffix(".pdf"))
    assert "DEMO" in page.extract_text()
    assert "DEMO" in made.shares[0].read_text(encoding="utf-8")


def test_a_ceremony_with_cards_alone_opens_from_their_texts(tmp_path):
    """No bare share file is needed: two text cards give the seed; the head on them is the ledger's."""
    folder = StudyFolder(tmp_path / "study")
    made = hold_ceremony(folder, small.QUESTIONNAIRE, small.TEXTS, CeremonyRequest(1, 2, 3, cards=tmp_path / "cards"))
    assert made.manifest.public_key == custody.public_key(combine_share_files(folder, made.manifest, made.shares[1:]))
    with folder.open_ledger() as ledger:
        assert made.head == ledger.head
    assert short(made.head) in made.shares[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wishes", "refusal"),
    [
        (lambda root: CeremonyRequest(1, 2, 3), ShareFileError),
        (lambda root: CeremonyRequest(1, 2, 3, cards=root / "study" / "cards"), ShareFileError),
        (lambda root: CeremonyRequest(1, 2, 3, cards=root / "open"), ShareFileError),
        (lambda root: CeremonyRequest(1, 2, 3, cards=root / "cards", languages=("de",)), CardError),
        (lambda root: CeremonyRequest(1, 2, 3, cards=root / "cards", languages=("en", "en")), CardError),
    ],
    ids=["nowhere", "in the study", "world-writable", "no such language", "two languages for three"],
)
def test_a_ceremony_whose_cards_cannot_be_made_makes_nothing(tmp_path, wishes, refusal):
    """Refused before a key is made: no study folder and no file."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(refusal):
        hold_ceremony(StudyFolder(tmp_path / "study"), small.QUESTIONNAIRE, small.TEXTS, wishes(tmp_path))
    assert [tmp_path / "open"] == list(tmp_path.iterdir())
    assert [] == list((tmp_path / "open").iterdir())


def test_numbers_on_a_retyped_card_must_be_in_order():
    """1, 2, 3 before the words are read; a number that is missing, repeated or out of order is refused."""
    numbered = " ".join(f"{place} {word}" for place, word in enumerate(SHARES[0].split(), 1))
    assert SHARES[0] == unnumbered(numbered)
    for wrong in (numbered.replace("2 ", "3 ", 1), numbered.replace("1 ", "", 1), f"{numbered} 34"):
        with pytest.raises(ValueError, match="does not stand behind its number"):
            unnumbered(wrong)


def test_languages_are_one_for_all_or_one_each():
    """One locale serves every card; three serve three in their order."""
    assert ["zh-Hant"] * 3 == [wording.locale for wording in wordings(("zh-Hant",), 3)]
    assert list(LOCALES) == [wording.locale for wording in wordings(LOCALES, 3)]


def test_the_text_card_keeps_to_a_terminals_width():
    """No line of a text card is wider than 80 columns, Chinese signs counted as two."""
    for locale in LOCALES:
        lines = text(Card(DECK, 1, SHARES[0]), load_wordings("cards")[locale]).splitlines()
        widths = [sum(2 if sign >= "⺀" else 1 for sign in line) for line in lines]
        assert max(widths) <= 84


def test_no_bullet_of_a_text_card_stands_alone():
    """In no language is a line a bullet without its words, as a wrapping by spaces makes of Chinese."""
    for locale in LOCALES:
        assert "# -" not in text(Card(DECK, 1, SHARES[0]), load_wordings("cards")[locale]).splitlines()


def test_where_nothing_prints_it_is_said_before_anything_is_made(tmp_path, monkeypatch):
    """Without what sets pages a ceremony makes no folder and a reshare asks for no word; share files need none."""
    folder = StudyFolder(tmp_path / "study")
    with monkeypatch.context() as bare:
        bare.setitem(sys.modules, "weasyprint", None)
        with pytest.raises(MissingExtraError, match="print"):
            hold_ceremony(folder, small.QUESTIONNAIRE, small.TEXTS, CeremonyRequest(1, 2, 3, cards=tmp_path / "cards"))
        assert [] == list(tmp_path.iterdir())
        hold_ceremony(folder, small.QUESTIONNAIRE, small.TEXTS, CeremonyRequest(1, 2, 3, shares=tmp_path / "shares"))
        with pytest.raises(MissingExtraError, match="print"):
            check_request(folder, SplitRequest(1, 2, 3, cards=tmp_path / "cards"))
    check_request(folder, SplitRequest(1, 2, 3, cards=tmp_path / "cards"))
