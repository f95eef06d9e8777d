"""The texts of a form as plain texts of a questionnaire: no markup, and `${name}` as a pipe."""

import html
import re
from collections.abc import Mapping

from survey.authoring.texts import MOST_CHARACTERS
from survey.authoring.xlsform.expressions.known import Known, KnownQuestions
from survey.authoring.xlsform.sheets.languages import Languages
from survey.authoring.xlsform.sheets.report import ConstructError, ImportReport, Place
from survey.faults import said
from survey.names import CONTROL
from survey.wording.catalogues import Wordings, in_locale

_BREAK = re.compile(r"<\s*(br|/p|/div|/li|/h[1-6])\s*/?>", re.IGNORECASE)
_ELEMENT = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\(([^()\s]*)[^()]*\)")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|(?<!\w)__)(?=\S)(.+?)(?<=\S)\1(?!\w)", re.DOTALL)
_SLANTED = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")
_REF = re.compile(r"\$\{\s*([^{}]+?)\s*\}")
_HOLD = re.compile("\ue000([^\ue000]*)\ue000")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\ue000]")


def plain_text(text: str) -> str:
    """Return a text without Markdown, HTML and what no page can show; its `${names}` stay."""
    text = _BREAK.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = html.unescape(_ELEMENT.sub("", text)) if "<" in text or "&" in text else text
    text = _LINK.sub(lambda link: link[1] if link[1] == link[2] or not link[2] else f"{link[1]} ({link[2]})", text)
    text = _SLANTED.sub(r"\1", _EMPHASIS.sub(r"\2", _HEADING.sub("", text)))
    return _INVISIBLE.sub("", CONTROL.sub("", text)).strip()


class TextWriter:
    """Writes the texts of a form's rows in every locale of the study, and remarks on what it changes."""

    def __init__(self, languages: Languages, words: Wordings, questions: KnownQuestions, report: ImportReport) -> None:
        self._languages = languages
        self._words = words
        self._questions = questions
        self._report = report

    def label(self, texts: Mapping[str | None, str], place: Place, default: str = "") -> dict[str, str]:
        """Return a text by locale; raise ConstructError where there is none, or it shows what cannot be shown."""
        localised = self._languages.localised(texts, default)
        if not any(localised.values()):
            raise ConstructError("it has no label", "write its text into the column label")
        if texts and (missing := self._languages.without(texts)):
            reason = said("there is no text in {locales}, so the one in another language stands there", locales=missing)
            self._report.add("changed", place, reason, "translate it")
        return {locale: self._one(text, locale, place) for locale, text in localised.items()}

    def own(self, key: str) -> dict[str, str]:
        """Return one of the import's own texts by locale."""
        return {locale: in_locale(self._words, locale)(key) for locale in self._languages.locales}

    def _one(self, text: str, locale: str, place: Place) -> str:
        plain = plain_text(text)
        if plain != text.strip():
            self._report.add("changed", place, "Markdown or HTML was taken out of its text: pages show plain text")
        if len(plain) > MOST_CHARACTERS:
            raise ConstructError(
                said("its text has {count} characters", count=format(len(plain), ",")),
                said("write at most {most}", most=format(MOST_CHARACTERS, ",")),
            )
        held = _REF.sub(lambda ref: f"\ue000{self._pipe(ref[1], locale)}\ue000", plain)
        if "{" in held or "}" in held:
            self._report.add("changed", place, "braces in its text became parentheses: braces mean a placeholder")
            held = held.replace("{", "(").replace("}", ")")
        shown = _HOLD.sub(lambda part: f"{{{part[1]}}}", held)
        if not shown:
            raise ConstructError("nothing is left of its text without markup", "write a text that can be read")
        return shown

    def _pipe(self, name: str, locale: str) -> str:
        known = self._questions.get(name)
        if not isinstance(known, Known) or not known.pipes:
            reason = said("its text shows {name}, which is no answer of one choice or band", name=f"${{{name}}}")
            raise ConstructError(reason, "show another answer, or word it without")
        return f"{known.id}|{in_locale(self._words, locale)('unanswered')}"
