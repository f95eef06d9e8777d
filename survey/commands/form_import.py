"""`sotto study import` and `export`: a form of a spreadsheet becomes a questionnaire, and the other way round."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crypto.errors import ExitCode
from survey.commands.console import FILE, JSON, CommandError, print_result, require_extra, require_new

if TYPE_CHECKING:
    from survey.authoring.xlsform.form_import import ImportedForm
    from survey.authoring.xlsform.sheets.report import ImportReport

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


WORKBOOKS = (".xlsx", ".xls", ".xlsm")


@contextmanager
def questionnaire_file(file: Path, *, leave_out: bool | None = None) -> Iterator[tuple[Path, "ImportReport | None"]]:
    """Yield a questionnaire's file as it is, or a form's workbook as one for as long as it is needed, with its report.

    Raises CommandError with all that is refused where a form cannot be imported whole, unless `leave_out`; None is of a
    command that has no such option.
    """
    if file.suffix.lower() not in WORKBOOKS:
        yield file, None
        return
    require_extra("pyxform", "xlsform")
    from survey.authoring.xlsform.form_import import import_form

    imported = import_form(file)
    if not imported.yaml or (imported.report.refused and not leave_out):
        elsewhere = f"sotto study import {file} -o questionnaire.yaml --leave-out"
        remedy = _remedy(imported, f"go on without it: {elsewhere if leave_out is None else 'give --leave-out'}")
        raise CommandError(f"{imported.report.text()}\n{file}: what is refused is not imported; {remedy}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questionnaire.yaml"
        path.write_text(imported.yaml, encoding="utf-8")
        yield path, imported.report


def imported_form(file: Path) -> "ImportedForm":
    """Return what a form's workbook becomes, and the report; raise FormError where it is no form."""
    from survey.authoring.xlsform.form_import import import_form

    return import_form(file)


@contextmanager
def confirmed_file(file: Path) -> Iterator[tuple[Path, "ImportReport | None"]]:
    """Yield what `questionnaire_file` does; raise CommandError where an author has yet to confirm something of it."""
    with questionnaire_file(file) as (path, report):
        if report is not None and report.proposed:
            remedy = f"write a questionnaire, and confirm them there: sotto study import {file} -o questionnaire.yaml"
            reason = "what is proposed becomes no study until you confirm it"
            raise CommandError(f"{report.text()}\n{file}: {reason}; {remedy}")
        yield path, report


def with_report(report: "ImportReport | None", summary: dict[str, Any], text: str) -> tuple[dict[str, Any], str]:
    """Return a command's result as JSON and as text, each with the report of the import where there was one."""
    if report is None:
        return summary, text
    return summary | {"import": report.to_json()}, f"{report.text()}\n{text}"


@click.command("import")
@click.argument("file", metavar="FORM", type=FILE)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The questionnaire to write."
)
@click.option(
    "--bands", multiple=True, metavar="NAME=0-17,18-64", help="The bands of one number or date; may be given again."
)
@click.option("--leave-out", is_flag=True, help="Write the questionnaire without what is refused.")
@JSON
def study_import(*, file: Path, output: Path, bands: tuple[str, ...], leave_out: bool, as_json: bool) -> None:
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

    require_new(output)
    require_writable(output)
    imported = import_form(file, given_bands(bands))
    written = bool(imported.yaml) and (leave_out or not imported.report.refused)
    if written:
        write_file(output, imported.yaml.encode())
    _print_import(imported, output if written else None, as_json=as_json)
    if not written:
        remedy = _remedy(imported, "give --leave-out to go on without it")
        click.echo(f"Nothing was written: {len(imported.report.refused)} refused; {remedy}", err=True)
        raise click.exceptions.Exit(ExitCode.REFUSED)
    if not as_json:
        click.echo(f"Written: {output}. Next: sotto study check {output}")


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


def _remedy(imported: "ImportedForm", leave_out: str) -> str:
    """Return what to do about what is refused: `leave_out` is of use only where a question is left."""
    return f"correct the form, or {leave_out}" if imported.yaml else "correct the form: none of its questions is left"


def _print_import(imported: "ImportedForm", output: Path | None, *, as_json: bool) -> None:
    sizes = {"answer_bytes": imported.answer_bytes, "page_bytes": imported.page_bytes}
    summary = {"file": str(output) if output else None, **imported.report.to_json(), **sizes}
    text = f"{imported.report.text()}\n{_sizes_text(imported)}"
    print_result(summary, text.strip(), as_json=as_json)


def _sizes_text(imported: "ImportedForm") -> str:
    if not imported.yaml:
        return ""
    page = f"questionnaire and texts of one language have {imported.page_bytes:,} before they are compressed"
    return f"An answer is sent as {imported.answer_bytes:,} bytes; {page}"
