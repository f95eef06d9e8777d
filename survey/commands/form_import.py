"""`sotto study import`: a form of a spreadsheet becomes a questionnaire."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crypto.errors import ExitCode
from survey.commands.console import FILE, JSON, CommandError, print_result, require_extra

if TYPE_CHECKING:
    from survey.authoring.xlsform.form_import import ImportedForm
    from survey.authoring.xlsform.sheets.report import ImportReport

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


WORKBOOKS = (".xlsx", ".xls", ".xlsm")


@contextmanager
def questionnaire_file(file: Path) -> Iterator[tuple[Path, "ImportReport | None"]]:
    """Yield a questionnaire's file as it is, or a form's workbook as one for as long as it is needed, with its report.

    Raises CommandError with all that is refused where a form cannot be imported whole.
    """
    if file.suffix.lower() not in WORKBOOKS:
        yield file, None
        return
    require_extra("pyxform", "xlsform")
    from survey.authoring.xlsform.form_import import import_form

    imported = import_form(file)
    if imported.report.refused or not imported.yaml:
        remedy = _remedy(imported, f"go on without it: sotto study import {file} -o questionnaire.yaml --leave-out")
        raise CommandError(f"{imported.report.text()}\n{file}: what is refused is not imported; {remedy}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questionnaire.yaml"
        path.write_text(imported.yaml, encoding="utf-8")
        yield path, imported.report


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

    if output.exists():
        raise CommandError(f"{output}: there is such a file already; give another name, or delete it")
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
