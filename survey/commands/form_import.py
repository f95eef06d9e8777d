"""`sotto study import` and `export`: a form of a spreadsheet becomes a questionnaire, and the other way round."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crypto.errors import ExitCode
from survey.commands.console import (
    FILE,
    JSON,
    LANGUAGE,
    CommandError,
    language_of,
    print_result,
    require_extra,
    require_new,
)

if TYPE_CHECKING:
    from survey.authoring.xlsform.form_import import ImportedForm
    from survey.authoring.xlsform.sheets.report import ImportReport
    from survey.faults import Say

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


WORKBOOKS = (".xlsx", ".xls", ".xlsm")
_GO_ON = "go on without it: {command}"
_UNCONFIRMED = (
    "what is proposed becomes no study until you confirm it; write a questionnaire, and confirm them there: {command}"
)
_NOTHING = "Nothing was written: {count} refused; {remedy}"
_SIZES = (
    "An answer is sent as {answer} bytes; questionnaire and texts of one language have {page} before they are "
    "compressed"
)


@contextmanager
def questionnaire_file(
    file: Path, *, leave_out: bool | None = None, language: str | None = None
) -> Iterator[tuple[Path, "ImportReport | None"]]:
    """Yield a questionnaire's file as it is, or a form's workbook as one for as long as it is needed, with its report.

    Raises CommandError with all that is refused where a form cannot be imported whole, unless `leave_out`; None is of a
    command that has no such option. `language`: of the report, by default that of the terminal.
    """
    if file.suffix.lower() not in WORKBOOKS:
        yield file, None
        return
    require_extra("pyxform", "xlsform")
    from survey.authoring.xlsform.form_import import import_form
    from survey.faults import said, told

    imported = import_form(file)
    if not imported.yaml or (imported.report.refused and not leave_out):
        say = _say(language)
        elsewhere = f"sotto study import {file} -o questionnaire.yaml --leave-out"
        remedy = said(_GO_ON, command=elsewhere if leave_out is None else said("give --leave-out"))
        refused = told(said("what is refused is not imported; {remedy}", remedy=_remedy(imported, remedy)), say)
        raise CommandError(f"{imported.report.text(say)}\n{file}: {refused}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questionnaire.yaml"
        path.write_text(imported.yaml, encoding="utf-8")
        yield path, imported.report


def imported_form(file: Path) -> "ImportedForm":
    """Return what a form's workbook becomes, and the report; raise FormError where it is no form."""
    from survey.authoring.xlsform.form_import import import_form

    return import_form(file)


@contextmanager
def confirmed_file(file: Path, *, language: str | None = None) -> Iterator[tuple[Path, "ImportReport | None"]]:
    """Yield what `questionnaire_file` does; raise CommandError where an author has yet to confirm something of it."""
    from survey.faults import said, told

    with questionnaire_file(file, language=language) as (path, report):
        if report is not None and report.proposed:
            say, command = _say(language), f"sotto study import {file} -o questionnaire.yaml"
            refused = told(said(_UNCONFIRMED, command=command), say)
            raise CommandError(f"{report.text(say)}\n{file}: {refused}")
        yield path, report


def with_report(
    report: "ImportReport | None", summary: dict[str, Any], text: str, *, language: str | None = None
) -> tuple[dict[str, Any], str]:
    """Return a command's result as JSON and as text, each with the report of the import where there was one."""
    if report is None:
        return summary, text
    say = _say(language)
    return summary | {"import": report.to_json(say)}, f"{report.text(say)}\n{text}"


def _say(language: str | None) -> "Say":
    """Return what says the messages of an import: in this language, by default that of the terminal."""
    from survey.wording.problem_words import problem_words

    return problem_words(language_of(("--language", language or "")))


@click.command("import")
@click.argument("file", metavar="FORM", type=FILE)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The questionnaire to write."
)
@click.option(
    "--bands", multiple=True, metavar="NAME=0-17,18-64", help="The bands of one number or date; may be given again."
)
@click.option("--leave-out", is_flag=True, help="Write the questionnaire without what is refused.")
@LANGUAGE
@JSON
def study_import(
    *, file: Path, output: Path, bands: tuple[str, ...], leave_out: bool, language: str | None, as_json: bool
) -> None:
    """Write an XLSForm workbook (.xlsx, .xls) as a questionnaire, and report what became of every row.

    Nothing is written where something is refused, unless --leave-out says to go on without it. What is written
    compiles. Numbers and dates get bands that are proposals to confirm, or those of --bands.

    \b
    Example: sotto study import form.xlsx -o questionnaire.yaml
    """
    require_extra("pyxform", "xlsform")
    from crypto.durable import require_writable, write_file
    from survey.authoring.xlsform.bands import given_bands
    from survey.authoring.xlsform.form_import import import_form
    from survey.faults import said, told

    require_new(output)
    require_writable(output)
    imported = import_form(file, given_bands(bands))
    written, say = bool(imported.yaml) and (leave_out or not imported.report.refused), _say(language)
    if written:
        write_file(output, imported.yaml.encode())
    _print_import(imported, output if written else None, say, as_json=as_json)
    if not written:
        remedy = _remedy(imported, said(_GO_ON, command=said("give --leave-out")))
        nothing = said(_NOTHING, count=len(imported.report.refused), remedy=remedy)
        click.echo(told(nothing, say), err=True)
        raise click.exceptions.Exit(ExitCode.REFUSED)
    if not as_json:
        click.echo(
            told(said("Written: {file}. Next: {command}", file=output, command=f"sotto study check {output}"), say)
        )


@click.command("export")
@click.argument("file", type=FILE)
@click.option("--xlsform", is_flag=True, required=True, help="As an XLSForm workbook (.xlsx); the one kind there is.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The workbook to write."
)
@JSON
def study_export(*, file: Path, xlsform: bool, output: Path, as_json: bool) -> None:  # noqa: ARG001 - the kind is said aloud
    """Write a questionnaire as a workbook for review in Excel and ODK; `sotto study import` reads it back unchanged.

    Texts, hints, choices and columns that begin with sotto_ are read back; what the others say is worked out of them,
    and a change there is refused with the cell to change instead.

    \b
    Example: sotto study export questionnaire.yaml --xlsform -o review.xlsx
    """
    require_extra("pyxform", "xlsform")
    from crypto.durable import require_writable, write_file
    from survey.authoring.xlsform.form_import import export_form

    require_new(output)
    if output.suffix.lower() != ".xlsx":
        raise CommandError(f"{output}: a workbook for review is an .xlsx file: give it a name that ends so")
    require_writable(output)
    content = export_form(file)
    write_file(output, content)
    text = f"Written: {output}. When it comes back: sotto study import {output} -o questionnaire-2.yaml"
    print_result({"file": str(output), "bytes": len(content)}, text, as_json=as_json)


def _remedy(imported: "ImportedForm", go_on: str) -> str:
    """Return what to do about what is refused: `go_on` is of use only where a question is left."""
    from survey.faults import said

    if not imported.yaml:
        return said("correct the form: none of its questions is left")
    return said("correct the form, or {go_on}", go_on=go_on)


def _print_import(imported: "ImportedForm", output: Path | None, say: "Say", *, as_json: bool) -> None:
    sizes = {"answer_bytes": imported.answer_bytes, "page_bytes": imported.page_bytes}
    summary = {"file": str(output) if output else None, **imported.report.to_json(say), **sizes}
    text = f"{imported.report.text(say)}\n{_sizes_text(imported, say)}"
    print_result(summary, text.strip(), as_json=as_json)


def _sizes_text(imported: "ImportedForm", say: "Say") -> str:
    from survey.faults import said, told

    if not imported.yaml:
        return ""
    return told(said(_SIZES, answer=f"{imported.answer_bytes:,}", page=f"{imported.page_bytes:,}"), say)
