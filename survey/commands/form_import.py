"""`sotto study import`: a form of a spreadsheet becomes a questionnaire."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

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
        remedy = f"correct the form, or go on without it: sotto study import {file} -o questionnaire.yaml --leave-out"
        raise CommandError(f"{imported.report.text()}\n{file}: what is refused is not imported; {remedy}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questionnaire.yaml"
        path.write_text(imported.yaml, encoding="utf-8")
        yield path, imported.report


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
    from crypto.durable import write_file
    from survey.authoring.xlsform.bands import given_bands
    from survey.authoring.xlsform.form_import import import_form

    if output.exists():
        raise CommandError(f"{output}: there is such a file already; give another name, or delete it")
    imported = import_form(file, given_bands(bands))
    refused = len(imported.report.refused)
    written = bool(imported.yaml) and (leave_out or not refused)
    if written:
        write_file(output, imported.yaml.encode())
    sizes = {"answer_bytes": imported.answer_bytes, "page_bytes": imported.page_bytes}
    summary = {"file": str(output) if written else None, **imported.report.to_json(), **sizes}
    text = f"{imported.report.text()}\n{_sizes_text(imported)}"
    print_result(summary, text.strip(), as_json=as_json)
    if not written:
        remedy = "give --leave-out to go on without it" if imported.yaml else "no question of the form can be asked"
        click.echo(f"Nothing was written: {refused} refused; correct the form, or {remedy}", err=True)
        raise click.exceptions.Exit(ExitCode.REFUSED)
    if not as_json:
        click.echo(f"Written: {output}. Next: sotto study check {output}")


def _sizes_text(imported: "ImportedForm") -> str:
    if not imported.yaml:
        return ""
    page = f"questionnaire and texts of one language have {imported.page_bytes:,} before they are compressed"
    return f"An answer is sent as {imported.answer_bytes:,} bytes; {page}"
