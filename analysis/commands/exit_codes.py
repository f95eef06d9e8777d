"""What a command ends with: exit codes that mean something, and messages that hold nothing from any answer."""

from typing import Any

import click

from analysis.budget.ledger import LedgerError
from analysis.counting.contingency_tables import TableError
from analysis.counting.worker_pool import CountingFailedError
from analysis.custody.ceremony import CeremonyError
from analysis.custody.share_files import ShareFileError
from analysis.custody.terminal import TerminalError
from analysis.exports.export import ExportError
from analysis.opening.answers import WrongKeyError
from analysis.releasing.run import SpentResultLostError
from analysis.study.folder import StudyError
from analysis.study.release_file import ReleaseError
from crypto.box import BoxError
from crypto.custody import CustodyError
from survey.document import DocumentError
from survey.faults import AuthoringError
from survey.simulation.respondents import PriorsError

STOPPED, USAGE, REFUSED, BUDGET, UNVERIFIED, INTERRUPTED = 1, 2, 3, 4, 5, 130

SAID = {
    REFUSED: (
        StudyError,
        BoxError,
        CustodyError,
        WrongKeyError,
        CeremonyError,
        TableError,
        ExportError,
        DocumentError,
        AuthoringError,
        CountingFailedError,
        PriorsError,
        ReleaseError,
        ShareFileError,
        TerminalError,
    ),
    BUDGET: (LedgerError, SpentResultLostError),
}
"""Exceptions whose messages are ours and name public things only, by exit code."""


class Ended(click.ClickException):
    """A command that ends with `exit_code` and one message on stderr."""

    def __init__(self, kind: str, message: str, code: int) -> None:
        super().__init__(f"{kind}: {message}")
        self.code = code

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The exit code, which click takes from here."""
        return self.code


class Program(click.Group):
    """A command group in which any other exception is told by its class name alone: its text could hold an answer."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as in click
        """Run a command; translate its exceptions."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except Exception as error:  # noqa: BLE001 - translated here, once, for every command
            raise ended(error) from None


def ended(error: Exception) -> Ended:
    """Return what a person is told of `error`, and the exit code."""
    for code, kinds in SAID.items():
        if isinstance(error, kinds):
            return Ended(type(error).__name__, str(error), code)
    if isinstance(error, OSError):
        return Ended(type(error).__name__, f"{error.strerror or 'a file'} ({error.filename})", REFUSED)
    return Ended(
        type(error).__name__, "stopped unexpectedly; nothing more is shown, for it could hold an answer", STOPPED
    )
