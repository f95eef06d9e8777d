"""`sotto study examine`: all that is to be said of an author's file as one document, under limits, for the desk."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.console import FILE, LANGUAGE, language_of
from survey.commands.examining.confinement import confine
from survey.commands.form_import import WORKBOOKS
from survey.commands.preview import ReadForm, read_questionnaire, read_workbook

if TYPE_CHECKING:
    from survey.authoring.compiler import Compiled
    from survey.desk_app.authoring.examination import Examination, FileChange, FileFinding, SpokenLanguage
    from survey.faults import Say
    from survey.preview.loaded import Note

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above

TRANSLATIONS = "translations"


@click.command("examine")
@click.argument("file", type=FILE)
@click.option("--page", default="", help="Add a page: `translations`, or the questionnaire on paper in this locale.")
@click.option("--before", type=FILE, help="The questionnaire that a study has: what changes is told too.")
@LANGUAGE
def study_examine(*, file: Path, page: str, before: Path | None, language: str | None) -> None:
    """Print all that is to be said of a questionnaire or a form's workbook as one JSON document, for the desk.

    It gives up first what a file could misuse: more than 15 seconds of one core, 1.5 GB, other programs, a network.

    \b
    Example: sotto study examine form.xlsx --language zh-Hans
    """
    from survey.wording.problem_words import problem_words

    say = problem_words(language_of(("--language", language or "")))
    confine()
    click.echo(examination(file, say, page, before).to_bytes(), nl=False)


def examination(file: Path, say: "Say", page: str = "", before: Path | None = None) -> "Examination":
    """Return what is to be said of a file, in the language of `say`."""
    from survey.desk_app.authoring.examination import FORMAT, MOST_FINDINGS, Counts, Examination

    read = _read(file)
    loaded, compiled = read.loaded, read.loaded.compiled
    return Examination(
        format=FORMAT,
        study=compiled.questionnaire.study if compiled else "",
        items=len(compiled.questionnaire.items) if compiled else 0,
        languages=_languages(compiled) if compiled else (),
        times=tuple(str(time) for time in compiled.times) if compiled else (),
        findings=tuple(_finding(note, say) for note in loaded.notes[:MOST_FINDINGS]),
        more=max(0, len(loaded.notes) - MOST_FINDINGS),
        counts=None if read.counts is None else Counts(**read.counts),
        changes=_changes(before, compiled) if compiled and before else None,
        yaml=read.yaml,
        page=_page(read.yaml, page) if compiled and page else "",
    )


def _read(file: Path) -> ReadForm:
    from crypto.errors import MissingExtraError
    from survey.commands.console import require_extra
    from survey.desk_app.authoring.reader import NO_WORKBOOKS

    if file.suffix.lower() not in WORKBOOKS:
        loaded = read_questionnaire(file)
        return ReadForm(loaded, file.read_bytes().decode("utf-8") if loaded.compiled else "")
    try:
        require_extra("pyxform", "xlsform")
    except MissingExtraError:
        # Not the author's to correct: the desk says it in words of its own (survey/desk_process/child.py).
        raise SystemExit(NO_WORKBOOKS) from None
    return read_workbook(file)


def _finding(note: "Note", say: "Say") -> "FileFinding":
    from survey.desk_app.authoring.examination import FileFinding

    told = note.told(say)
    place, message, remedy = (_bounded(told[name]) for name in ("place", "message", "remedy"))
    return FileFinding(kind=note.kind, place=place, message=message, remedy=remedy)


def _bounded(text: str) -> str:
    """Return a text as a page may have it: no controls, and of a cell with megabytes its beginning."""
    from crypto.errors import without_controls

    most = 2000
    shown = without_controls(text[: most + 1])[: most + 1]
    return shown if len(shown) <= most else f"{shown[:most]}…"


def _languages(compiled: "Compiled") -> "tuple[SpokenLanguage, ...]":
    from survey.desk_app.authoring.examination import SpokenLanguage

    texts = compiled.texts.items()
    return tuple(SpokenLanguage(locale=locale, name=text.name, dir=text.dir) for locale, text in texts)


def _changes(before: Path, after: "Compiled") -> "tuple[FileChange, ...] | None":
    """Return what changed since a questionnaire that a study has; None where this version compiles that one no more."""
    from survey.authoring.compiler import compile_study
    from survey.authoring.editing.study_diff import study_changes
    from survey.desk_app.authoring.examination import MOST_FINDINGS, FileChange
    from survey.faults import AuthoringError

    try:
        questionnaire, texts = compile_study(before)
    except AuthoringError:
        return None
    changes = study_changes(questionnaire, after.questionnaire, texts, after.texts)[:MOST_FINDINGS]
    return tuple(FileChange(kind=one.kind, where=_bounded(one.where), words=_bounded(one.words)) for one in changes)


def _page(yaml: str, page: str) -> str:
    """Return a page of HTML as `sotto study print` makes it of the questionnaire."""
    import tempfile

    from survey.paper.files import sheets

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questionnaire.yaml"
        path.write_bytes(yaml.encode())
        made = [sheet.html for sheet in sheets(path, () if page == TRANSLATIONS else (page,))]
    return made[-1] if page == TRANSLATIONS else made[0]
