"""Share cards: one page a custodian, PDF and plain text, in the custodian's language; the words stand nowhere else."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template

from analysis.budget.entries import HEAD_DIGITS
from analysis.custody.share_files import write_private
from crypto import custody
from crypto.errors import MissingExtraError, RefusedError
from crypto.keys import fingerprint
from survey.document import today
from survey.typesetting import pdf, sets_pdf
from survey.wave.manifest import Manifest
from survey.wording.catalogues import Wording, load_wordings

TEMPLATES = Path(__file__).parents[2] / "templates" / "cards"
COLUMNS = 3
EMPTY_HEADS, EMPTY_CALLERS = 4, 5
LISTS = {"keep": 3, "never": 3, "give": 4}
TITLES = ("keep-title", "never-title", "give-title", "heads-title", "call-title", "ceremony", "gone")
LABELS = ("check", "day", "head", "for", "name", "telephone", "fingerprint")
TEXT_WIDTH = 76
WIDE = "⺀"
"""From this code point on a sign takes two columns of a terminal (CJK)."""
BOUND = "-\N{NO-BREAK SPACE}"


class CardError(RefusedError):
    """Cards that cannot be set as asked; nothing was written. The message says what to give instead."""


@dataclass(frozen=True)
class Deck:
    """What the cards of one split have in common, all of it public: `head` is the ledger's, 64 hex digits."""

    manifest: Manifest
    threshold: int
    custodians: int
    head: str
    day: str = field(default_factory=lambda: today().isoformat())


@dataclass(frozen=True)
class Card:
    """One custodian's card; it shows no word of itself."""

    deck: Deck
    number: int
    words: str = field(repr=False)

    @property
    def check(self) -> str:
        """The first 16 hex digits of its commitment, in groups of four."""
        return grouped(custody.commitment(self.words)[: custody.SHORT_COMMITMENT_DIGITS])

    @property
    def name(self) -> str:
        """What its files are called, without ending."""
        manifest = self.deck.manifest
        return f"{manifest.study}-wave-{manifest.wave}-card-{self.number}-of-{self.deck.custodians}"


def grouped(digits: str) -> str:
    """Return hex digits in groups of four, as people read them aloud."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def short(head: str) -> str:
    """Return the form of a ledger's head that stands on cards: its first sixteen digits in four groups."""
    return grouped(head[:HEAD_DIGITS])


def wordings(locales: Sequence[str], custodians: int) -> list[Wording]:
    """Return each custodian's texts: `locales` has one for all of them, or one for each in the order of the cards.

    Raises CardError for a locale that has no cards, or for another number of them.
    """
    available = load_wordings("cards")
    missing = [locale for locale in locales if locale not in available]
    if missing:
        raise CardError(f"there are no cards in {', '.join(missing)}: give one of {', '.join(available)}")
    if len(locales) not in {1, custodians}:
        raise CardError(f"give --lang once for all cards, or {custodians} times, in the order of the cards")
    return [available[locales[number % len(locales)]] for number in range(custodians)]


def write_cards(folder: Path, deck: Deck, words: Sequence[str], locales: Sequence[str]) -> tuple[Path, ...]:
    """Write each custodian's card as PDF and as text (0600, straight into `folder`); return the text files' paths.

    The text file is a share file too. Raises CardError, and FontError where a sign has no font, before any is written.
    """
    wordings_by_card = wordings(locales, deck.custodians)
    named = [
        (Card(deck, number, share), texts)
        for number, (share, texts) in enumerate(zip(words, wordings_by_card, strict=True), 1)
    ]
    set_pages = [pdf(html(card, texts)) for card, texts in named]
    paths = []
    for (card, texts), page in zip(named, set_pages, strict=True):
        write_private(folder / f"{card.name}.pdf", page)
        paths.append(folder / f"{card.name}.txt")
        write_private(paths[-1], text(card, texts).encode("utf-8"))
    return tuple(paths)


def require_printing() -> None:
    """Raise MissingExtraError where no PDF can be made, before a word is typed or a key is made."""
    if not sets_pdf():
        raise MissingExtraError(
            "cards are printed with the [print] part, which needs Pango: pip install 'sotto-survey[print]', or have "
            "bare share files written instead (nothing was made)"
        )


def html(card: Card, wording: Wording) -> str:
    """Return the card as a page of HTML; every value is escaped."""
    filled = {name.replace("-", "_"): escape(text) for name, text in _card_texts(card, wording).items()}
    lists = {name: "".join(f"<li>{escape(wording(f'{name}-{n}'))}</li>" for n in _count(name)) for name in LISTS}
    blocks = {
        "locale": wording.locale,
        "style": (TEMPLATES / "card.css").read_text(encoding="utf-8"),
        "demo": f'<p class="demo">{escape(wording("demo"))}</p>' if card.deck.manifest.demo else "",
        "words": "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows(card.words)),
        "empty": "<tr><td></td><td></td><td></td></tr>" * EMPTY_HEADS,
        "callers": "<tr><td></td><td></td></tr>" * EMPTY_CALLERS,
    }
    template = (TEMPLATES / "card.html").read_text(encoding="utf-8")
    return Template(template).substitute(filled | lists | blocks)


def text(card: Card, wording: Wording) -> str:
    """Return the card as plain text: lines for people begin with #, the rest are the words with their numbers."""
    return "\n".join([*_head(card, wording), "", *_grid(card.words), "", *_foot(card, wording), ""])


def rows(words: str) -> list[list[tuple[int, str]]]:
    """Return the words with their numbers, row by row."""
    numbered = list(enumerate(words.split(), 1))
    return [numbered[start : start + COLUMNS] for start in range(0, len(numbered), COLUMNS)]


def _card_texts(card: Card, wording: Wording) -> dict[str, str]:
    deck, manifest = card.deck, card.deck.manifest
    texts = {name: wording(name) for name in TITLES} | {f"{name}-label": wording(name) for name in LABELS}
    return texts | {
        "title": wording("title", number=card.number, custodians=deck.custodians),
        "of": wording("of", study=manifest.study, wave=manifest.wave, day=deck.day),
        "what": wording(
            "what", threshold=deck.threshold, custodians=deck.custodians, spare=deck.custodians - deck.threshold
        ),
        "words-note": wording("words-note"),
        "check": card.check,
        "day": deck.day,
        "head": short(deck.head),
        "fingerprint": fingerprint(manifest.public_key),
    }


def _count(name: str) -> range:
    return range(1, LISTS[name] + 1)


def _cell(numbered: tuple[int, str]) -> str:
    return f"<td><i>{numbered[0]}</i>{escape(numbered[1])}</td>"


def _head(card: Card, wording: Wording) -> Iterator[str]:
    texts = _card_texts(card, wording)
    yield from _lines(f"Sotto · {texts['title']}")
    yield from _lines(texts["of"])
    if card.deck.manifest.demo:
        yield from _lines(wording("demo"))
    yield "#"
    yield from _lines(texts["what"])
    yield "#"
    yield from _lines(texts["words-note"])


def _grid(words: str) -> Iterator[str]:
    for row in rows(words):
        yield "".join(f"{number:>4} {word:<14}" for number, word in row).rstrip()


def _foot(card: Card, wording: Wording) -> Iterator[str]:
    texts = _card_texts(card, wording)
    yield from _lines(f"{texts['check-label']}: {card.check}")
    for name in LISTS:
        yield "#"
        yield from _lines(texts[f"{name}-title"])
        for number in _count(name):
            yield from _lines(f"- {wording(f'{name}-{number}')}")
    yield "#"
    yield from _lines(texts["heads-title"])
    yield from _lines(f"- {texts['day']}  {texts['head']}  {texts['ceremony']}")
    yield from ["# - ____________________"] * EMPTY_HEADS
    yield "#"
    yield from _lines(texts["call-title"])
    yield from ["# - ____________________"] * EMPTY_CALLERS
    yield "#"
    yield from _lines(texts["gone"])
    yield "#"
    yield from _lines(f"{texts['fingerprint-label']} {texts['fingerprint']}")


def _lines(paragraph: str) -> Iterator[str]:
    if any(sign >= WIDE for sign in paragraph):
        # What is written without spaces would be one word to it, and leave a bullet alone on its line.
        bound = textwrap.wrap(paragraph.replace("- ", BOUND, 1), TEXT_WIDTH // 2, break_on_hyphens=False)
        yield from (f"# {line.replace(BOUND, '- ')}" for line in bound)
    else:
        yield from (f"# {line}" for line in textwrap.wrap(paragraph, TEXT_WIDTH))
