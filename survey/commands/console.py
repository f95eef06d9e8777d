"""What every command shares: how it refuses, how it reads the environment, how it speaks to people and to scripts."""

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crypto.errors import HIDDEN, ExitCode, RefusedError, SottoError

if TYPE_CHECKING:
    from survey.settings import Settings

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")


class CommandError(RefusedError):
    """A command that cannot do what was asked, as it was asked; the message says why."""


class Staff(click.Group):
    """A group whose commands turn errors of ours into a reason; anything else is a fault and stays one."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run a command."""
        with refusing():
            return super().invoke(ctx)


@contextmanager
def refusing() -> Iterator[None]:
    """Print what is said of an error of ours, of a file or of a database, and exit; a fault passes through."""
    try:
        yield
    except Exception as error:
        text, code = reason(error)
        if text is None:
            raise
        click.ClickException(text).show()
        raise click.exceptions.Exit(code) from None


def reason(error: Exception) -> tuple[str | None, ExitCode]:
    """Return what a person is told of `error`, and the exit code; no text for click's own exceptions and for faults."""
    if isinstance(error, SottoError):
        return str(error) if error.text_is_public else f"{type(error).__name__}: {HIDDEN}", error.exit_code
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror}", ExitCode.REFUSED
    if _is_of_a_database(error):
        # The driver's words can hold values and addresses: only their type is said.
        kind = type(getattr(error, "orig", None) or error).__name__
        return f"a database refused ({kind}): see that it is up and has room, then run this again", ExitCode.REFUSED
    return None, ExitCode.STOPPED


def _is_of_a_database(error: Exception) -> bool:
    """Say whether SQLAlchemy raised it. Where nothing imported SQLAlchemy it did not, so nothing is imported to ask."""
    module = sys.modules.get("sqlalchemy.exc")
    return module is not None and isinstance(error, module.SQLAlchemyError)


def needs(module: str, extra: str) -> None:
    """Stop with the remedy where an extra is not installed, without importing it."""
    if importlib.util.find_spec(module) is None:
        raise CommandError(f"this command needs the [{extra}] part. Install it: pip install 'sotto-survey[{extra}]'")


def settings() -> "Settings":
    """Read the environment once, for a command that works on the collection host."""
    needs("sqlmodel", "web")
    from survey.settings import Settings

    return Settings.from_environ(os.environ)


def tell(value: dict[str, Any], words: str, *, as_json: bool) -> None:
    """Print a result for a script or for a person."""
    click.echo(json.dumps(value, ensure_ascii=False) if as_json else words)
