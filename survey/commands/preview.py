"""`sotto study preview`: the phone's page of a questionnaire or a form, on this machine, as its file is edited."""

import time
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.console import FILE, require_extra
from survey.commands.form_import import WORKBOOKS, imported_form
from survey.commands.serve import end_on_sigterm

if TYPE_CHECKING:
    from survey.preview.loaded import Load, Loaded

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


@click.command("preview")
@click.argument("file", type=FILE)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; a free one by default.")
@click.option("--no-open", is_flag=True, help="Print the address and open no browser.")
def study_preview(*, file: Path, port: int, no_open: bool) -> None:
    """Show the phone's page of a questionnaire or a form's workbook in a browser, and every problem beside it.

    A saved change is shown at once; while the file is broken the last page stays. Only this machine reaches it, and
    only by its address, which holds a secret. Nothing is stored: what is sent is dropped.

    \b
    Example: sotto study preview questionnaire.yaml
    Example: sotto study preview form.xlsx
    """
    require_extra("sqlmodel", "web")
    from survey.preview.serve import HOST, serving
    from survey.serving.servers import Server, require_free

    require_free(Server("respond", HOST, port), "--port")
    end_on_sigterm()
    try:
        with serving(file, loader_of(file), port) as (address, _):
            click.echo(f"Preview of {file}: {address}\nNothing is stored. Ctrl-C ends it.")
            if not no_open:
                webbrowser.open(address)
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("Ended; nothing of it is left.")


def loader_of(file: Path) -> "Load":
    """Return what reads `file` again and again; raise MissingExtraError for a workbook that cannot be read here."""
    if file.suffix.lower() in WORKBOOKS:
        require_extra("pyxform", "xlsform")
        return lambda: read_workbook(file).loaded
    return lambda: read_questionnaire(file)


def read_questionnaire(file: Path, *, authored: bool = True) -> "Loaded":
    """Read a questionnaire; one that was imported just now is not `authored`: it has no lines that anybody knows."""
    from crypto.errors import SottoError
    from survey.authoring.checks.advice import advise, plans_beside
    from survey.authoring.compiler import compile_with_media
    from survey.faults import AuthoringError
    from survey.preview.loaded import Loaded, Note, lacking_notes, line_notes

    try:
        compiled = compile_with_media(file)
    except AuthoringError as error:
        return Loaded(None, line_notes("problem", error.problems))
    except (SottoError, OSError) as error:
        return Loaded(None, (Note("problem", "", str(error), ""),))
    advice = advise(file, compiled, plans_beside(file, compiled.questionnaire)) if authored else ()
    return Loaded(compiled, (*line_notes("advice", advice), *lacking_notes(compiled)))


@dataclass(frozen=True)
class ReadForm:
    """What a preview shows of a form's workbook, the questionnaire that it becomes, and its questions counted.

    `yaml` is empty where no question is left, `counts` is None where it is no form.
    """

    loaded: "Loaded"
    yaml: str = ""
    counts: dict[str, int] | None = None


def read_workbook(file: Path) -> ReadForm:
    """Read a form's workbook."""
    import tempfile

    from crypto.errors import SottoError
    from survey.faults import ToldError
    from survey.preview.loaded import KINDS, Loaded, Note

    try:
        imported = imported_form(file)
    except ToldError as error:
        return ReadForm(Loaded(None, (Note("problem", str(error.place), error.reason, error.remedy),)))
    except (SottoError, OSError) as error:
        return ReadForm(Loaded(None, (Note("problem", "", str(error), ""),)))
    notes = [
        Note(one.kind, str(one.place), one.reason, one.remedy, one.place.name.upper())
        for one in imported.report.remarks
        if one.kind != "mapped"
    ]
    remarks = tuple(sorted(notes, key=lambda note: KINDS.index(note.kind)))
    if not imported.yaml:
        return ReadForm(Loaded(None, remarks), counts=imported.report.counts())
    with tempfile.TemporaryDirectory(prefix="sotto-preview-") as folder:
        path = Path(folder) / "questionnaire.yaml"
        path.write_text(imported.yaml, encoding="utf-8")
        read = read_questionnaire(path, authored=False)
    whole = Loaded(read.compiled, (*remarks, *read.notes))
    return ReadForm(whole, imported.yaml, imported.report.counts())
