"""Write the paper questionnaire and the translation table as self-contained HTML and as PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crypto.durable import require_folder_writable, write_file
from survey.authoring.compiler import Compiled, compile_with_media
from survey.authoring.item_options import included
from survey.authoring.schema import AuthoredItem, AuthoredStudy, Localised
from survey.faults import AuthoringError, Problem
from survey.paper.questionnaire_page import Background, QuestionnairePage, fingerprint, questionnaire_page
from survey.paper.translation_table import table
from survey.typesetting import environment, pdf
from survey.wording.catalogues import Wording, Wordings, in_locale, load_wordings, within
from survey.wording.routing_words import ConditionRenderer

TEMPLATES = Path(__file__).parents[2] / "templates" / "print"
FACTS = ("org", "ethics", "permit", "contact", "close_date", "results_place")


@dataclass(frozen=True)
class Sheet:
    """One document to write: its file name without extension, its HTML, its fingerprint."""

    name: str
    html: str
    fingerprint: str


def print_study(path: Path, folder: Path, locales: Sequence[str] = (), *, reasons: bool = False) -> list[Path]:
    """
    Write the questionnaire in each locale and the translation table, as HTML and PDF; return the files.

    Raises AuthoringError for a file with faults, and for a locale that the study does not have; OSError where nothing
    can be written, before seconds are spent on setting PDFs.
    """
    ready = [*sheets(path, locales, reasons=reasons)]
    require_folder_writable(folder)
    files = [file for sheet in ready for file in _files(sheet)]
    # Only now, so that a fault in the last sheet leaves no folder of the first ones.
    for name, content in files:
        write_file(folder / name, content)
    return [folder / name for name, _ in files]


def sheets(path: Path, locales: Sequence[str] = (), *, reasons: bool = False) -> Iterator[Sheet]:
    """Yield the documents of a study as HTML: one questionnaire a locale, then the table of all locales."""
    compiled = compile_with_media(path)
    for locale in locales:
        if locale not in compiled.texts:
            remedy = f"give one of {', '.join(compiled.texts)}"
            raise AuthoringError([Problem(str(path), 1, "locales", f"there is no locale {locale}", remedy)])
    plain_form, printed = load_wordings("plain"), load_wordings("print")
    for locale in locales or compiled.texts:
        direction = compiled.texts[locale].dir
        words = (within(in_locale(catalogue, locale), direction) for catalogue in (plain_form, printed))
        yield _questionnaire(compiled, locale, *words, reasons=reasons)
    first = locales[0] if locales else next(iter(compiled.texts))
    needed = plain_form if compiled.questionnaire.sealing == "phone-or-server" else None
    yield _translations(compiled, in_locale(printed, first), needed, first)


def _questionnaire(compiled: Compiled, locale: str, plain_form: Wording, words: Wording, *, reasons: bool) -> Sheet:
    renderer = ConditionRenderer(compiled.questionnaire, compiled.texts[locale], plain_form)
    background = _background(compiled.authored, locale, words, reasons=reasons)
    page = questionnaire_page(renderer, words, compiled.texts, compiled.media, background)
    name = f"{compiled.questionnaire.study}-{locale}{'-reasons' if reasons else ''}"
    return Sheet(name, _rendered("questionnaire.html", page, words, reasons=reasons), page.fingerprint)


def _translations(compiled: Compiled, words: Wording, plain_form: Wordings | None, locale: str) -> Sheet:
    name = fingerprint(compiled.questionnaire, compiled.texts)
    context = {
        "table": table(compiled.questionnaire, compiled.texts, words, plain_form),
        "texts": compiled.texts,
        "questionnaire": compiled.questionnaire,
        "fingerprint": name,
    }
    html = environment(TEMPLATES).get_template("translations.html").render(words=words, locale=locale, **context)
    return Sheet(f"{compiled.questionnaire.study}-translations", html, name)


def _rendered(template: str, page: QuestionnairePage, words: Wording, *, reasons: bool) -> str:
    page_template = environment(TEMPLATES).get_template(template)
    return str(page_template.render(paper=page, words=words, locale=page.texts.locale, reasons=reasons))


def _files(sheet: Sheet) -> Iterator[tuple[str, bytes]]:
    yield f"{sheet.name}.html", sheet.html.encode("utf-8")
    yield f"{sheet.name}.pdf", pdf(sheet.html, sheet.fingerprint)


def _background(study: AuthoredStudy, locale: str, words: Wording, *, reasons: bool) -> Background:
    """Return who runs the study, and with `reasons` the purposes, hypotheses and sources that the study file gives."""
    facts_by_name = ((name, getattr(study.facts, name)) for name in FACTS)
    facts = tuple((words(name), _localised(text, locale)) for name, text in facts_by_name if text is not None)
    if not reasons:
        return Background(facts)
    items = [item for item in study.items if included(item, study)]
    sources = tuple(
        (name, _sentences(source.claim, source.status, source.caveat)) for name, source in study.sources.items()
    )
    return Background(
        facts, {item.id: tuple(_reasons(item, words)) for item in items}, tuple(study.hypotheses.items()), sources
    )


def _reasons(item: AuthoredItem, words: Wording) -> Iterator[tuple[str, str]]:
    members = {
        "why": item.why,
        "note": item.note,
        "sensitivity": None if item.sensitivity == "low" else item.sensitivity,
        "hypotheses": ", ".join(item.hypotheses),
        "key": ", ".join(map(str, item.key or ())),
        "rests-on": ", ".join(item.facts),
    }
    return ((words(key), text) for key, text in members.items() if text)


def _sentences(*parts: str | None) -> str:
    return ". ".join(part.rstrip(".") for part in parts if part)


def _localised(text: Localised, locale: str) -> str:
    return text if isinstance(text, str) else text[locale]
