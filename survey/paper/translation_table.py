"""The translation table: every text of a study in all its languages, with empty and untranslated texts flagged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wording.catalogues import Wording, Wordings

SECTIONS = {
    "title": "s-title", "consent": "s-consent", "endings": "s-endings", "thanks": "s-endings", "debrief": "s-endings",
    "items": "s-items", "groups": "s-items", "hints": "s-items", "missing": "s-missing", "derived": "s-derived",
    "interface": "s-interface", "plain": "s-plain",
}  # fmt: skip
"""The members of a texts document that people read, with the heading of each; pictures and recordings are left out."""
QUESTION_MEMBERS = ("items", "groups", "hints")
SILENT = frozenset({"pictures"})


@dataclass(frozen=True)
class TranslationCell:
    """A text in one locale; `flag` says that it is empty or the same as another language's, "" where neither."""

    locale: str
    dir: str
    text: str
    flag: str = ""


@dataclass(frozen=True)
class TranslationRow:
    """One text in every locale; `path` is where it stands in the texts document."""

    path: str
    cells: tuple[TranslationCell, ...]


@dataclass(frozen=True)
class TranslationSection:
    """The rows under one heading."""

    heading: str
    rows: tuple[TranslationRow, ...]


@dataclass(frozen=True)
class TranslationTable:
    """The whole table; `empty` and `same` count the flags."""

    sections: tuple[TranslationSection, ...]
    empty: int
    same: int


def table(
    questionnaire: Questionnaire, texts: Mapping[str, Texts], words: Wording, plain: Wordings | None = None
) -> TranslationTable:
    """Return the table; `plain` are the texts of the form without JavaScript, where the study has one."""
    flat = {locale: {**_flat_texts(questionnaire, text), **_plain(locale, plain)} for locale, text in texts.items()}
    paths = dict.fromkeys(path for by_path in flat.values() for path in by_path)
    rows = [(SECTIONS[path.split(".")[0]], _row(path, flat, texts, words)) for path in paths]
    rows.sort(key=lambda pair: [*dict.fromkeys(SECTIONS.values())].index(pair[0]))
    sections = tuple(
        TranslationSection(words(heading), tuple(row for _, row in members))
        for heading, members in groupby(rows, lambda pair: pair[0])
    )
    flags = [cell.flag for section in sections for row in section.rows for cell in row.cells if cell.flag]
    empty = flags.count(words("tr-empty"))
    return TranslationTable(sections, empty, len(flags) - empty)


def _row(
    path: str, flat: Mapping[str, Mapping[str, str]], texts: Mapping[str, Texts], words: Wording
) -> TranslationRow:
    cells: list[TranslationCell] = []
    for locale, text in texts.items():
        content = flat[locale].get(path, "")
        flag = "" if content.strip() else words("tr-empty")
        same = next((cell for cell in cells if cell.text == content), None)
        if same is not None and content.strip() and any(character.isalpha() for character in content):
            flag = words("tr-same", name=texts[same.locale].name)
        cells.append(TranslationCell(locale, text.dir, content, flag))
    return TranslationRow(path, tuple(cells))


def _flat_texts(questionnaire: Questionnaire, text: Texts) -> dict[str, str]:
    """Return every text of one locale by its path; questions in the order in which they are asked."""
    document = text.to_json()
    parts = [(name, document[name]) for name in SECTIONS if name in document and name not in QUESTION_MEMBERS]
    heads = {group.items[0]: group.id for group in questionnaire.groups}
    for item in questionnaire.items:
        if item.id in heads:
            parts.append((f"groups.{heads[item.id]}", document["groups"][heads[item.id]]))
            parts += _hint(heads[item.id], text)
        parts.append((f"items.{item.id}", _in_order(document["items"][item.id])))
        parts += _hint(item.id, text)
    return {path: content for name, part in parts for path, content in _flat(name, part)}


def _hint(name: str, text: Texts) -> list[tuple[str, str]]:
    return [(f"hints.{name}", text.hints[name])] if name in text.hints else []


def _in_order(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item's texts with its question first and its options ordered by code."""
    options = dict(sorted(item["options"].items(), key=lambda pair: int(pair[0])))
    return {"text": item["text"], **item, "options": options}


def _plain(locale: str, plain: Wordings | None) -> dict[str, str]:
    if plain is None or locale not in plain:
        return {}
    return {f"plain.{key}": content for key, content in plain[locale].texts.items()}


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        yield path, value
        return
    members = value.items() if isinstance(value, dict) else enumerate(value, 1)
    for key, member in members:
        if key not in SILENT:
            yield from _flat(f"{path}.{key}", member)
