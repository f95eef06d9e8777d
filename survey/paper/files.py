"""The paper questionnaire and the translation table as files: HTML that needs no other file, and PDF of the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crypto.durable import write_file
from survey.authoring.compiler import Compiled, compile_whole
from survey.authoring.item_options import included
from survey.authoring.schema import AuthoredItem, AuthoredStudy, Localised
from survey.faults import AuthoringError, Problem
from survey.paper.questionnaire_page import Background, Paper, fingerprint, paper
from survey.paper.translation_table import table
from survey.wording.catalogues import Wording, in_locale, load_wordings
from survey.wording.routing_words import Speaker

if TYPE_CHECKING:
    from jinja2 import Template

# The web process never sets a page: what draws PDF is imported where it is used, and so is what fills templates.
# ruff: noqa: PLC0415

TEMPLATES = Path(__file__).parents[2] / "templates" / "print"
FACTS = ("org", "ethics", "permit", "contact", "close_date", "results_place")


@dataclass(frozen=True)
class Sheet:
    """One document to write: its name without ending, its HTML, its fingerprint."""

    name: str
    html: str
    fingerprint: str


def print_study(path: Path, folder: Path, locales: Sequence[str] = (), *, reasons: bool = False) -> list[Path]:
    """
    Write the questionnaire in each locale and the translation table, as HTML and PDF; return the files.

    Raises AuthoringError for a file with faults, and for a locale that the study does not have.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [file for sheet in sheets(path, locales, reasons=reasons) for file in _written(sheet, folder)]


def sheets(path: Path, locales: Sequence[str] = (), *, reasons: bool = False) -> Iterator[Sheet]:
    """Yield the documents of a study as HTML: one questionnaire a locale, then the table of all locales."""
    whole = compile_whole(path)
    for locale in locales:
        if locale not in whole.texts:
            remedy = f"give one of {', '.join(whole.texts)}"
            raise AuthoringError([Problem(path.name, 1, "locales", f"there is no locale {locale}", remedy)])
    for locale in locales or whole.texts:
        yield _questionnaire(whole, locale, reasons=reasons)
    yield _translations(whole, locales[0] if locales else next(iter(whole.texts)))


def pdf(sheet: Sheet) -> bytes:
    """Return a sheet as PDF: fonts embedded, tagged, the same bytes for the same HTML; it loads nothing."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    # Pictures stand in the page itself; nothing else is fetched, whatever a text looks like.
    fetcher = URLFetcher(allowed_protocols=["data"])
    document = HTML(string=sheet.html, url_fetcher=fetcher)
    return bytes(document.write_pdf(pdf_identifier=bytes.fromhex(sheet.fingerprint), pdf_tags=True) or b"")


def _questionnaire(whole: Compiled, locale: str, *, reasons: bool) -> Sheet:
    plain, words = (in_locale(load_wordings(name), locale) for name in ("plain", "print"))
    speaker = Speaker(whole.questionnaire, whole.texts[locale], plain)
    background = _background(whole.authored, locale, words, reasons=reasons)
    page = paper(speaker, words, whole.texts, whole.media, background)
    name = f"{whole.questionnaire.study}-{locale}{'-reasons' if reasons else ''}"
    return Sheet(name, _rendered("questionnaire.html", page, words, reasons=reasons), page.fingerprint)


def _translations(whole: Compiled, locale: str) -> Sheet:
    words = in_locale(load_wordings("print"), locale)
    plain = load_wordings("plain") if whole.questionnaire.sealing == "phone-or-server" else None
    name = fingerprint(whole.questionnaire, whole.texts)
    context = {
        "table": table(whole.questionnaire, whole.texts, words, plain),
        "texts": whole.texts,
        "questionnaire": whole.questionnaire,
        "fingerprint": name,
    }
    html = _template("translations.html").render(words=words, locale=locale, **context)
    return Sheet(f"{whole.questionnaire.study}-translations", html, name)


def _rendered(template: str, page: Paper, words: Wording, *, reasons: bool) -> str:
    return str(_template(template).render(paper=page, words=words, locale=page.texts.locale, reasons=reasons))


def _template(name: str) -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Every text is escaped; a text that looks like a template is never read as one.
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template(name)


def _written(sheet: Sheet, folder: Path) -> Iterator[Path]:
    for ending, content in ((".html", sheet.html.encode("utf-8")), (".pdf", pdf(sheet))):
        path = folder / f"{sheet.name}{ending}"
        write_file(path, content)
        yield path


def _background(study: AuthoredStudy, locale: str, words: Wording, *, reasons: bool) -> Background:
    """Return who runs the study, and with `reasons` what the file says of why and on what grounds."""
    facts_by_name = ((name, getattr(study.facts, name)) for name in FACTS)
    facts = tuple((words(name), _in(text, locale)) for name, text in facts_by_name if text is not None)
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


def _in(text: Localised, locale: str) -> str:
    return text if isinstance(text, str) else text[locale]
