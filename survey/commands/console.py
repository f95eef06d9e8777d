"""What every command shares: how it refuses, how it reads the environment, how it speaks to people and to scripts."""

import importlib.util
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.demo.folder import DemoError
from survey.demo.servers import ServerError

if TYPE_CHECKING:
    from survey.settings import Settings

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415

# 0 done, 2 usage, 3 refused for the reason said (docs/commands.md); analysis commands have their own beside these.
REFUSED = 3
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")


class Refused(click.ClickException):
    """Something was refused, for the reason said; nothing was changed."""

    exit_code = REFUSED


class Staff(click.Group):
    """A group whose commands turn our named errors into a reason; anything else is a fault and stays one."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run a command."""
        with refusing():
            return super().invoke(ctx)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a named error into exit code 3 with its message."""
    try:
        yield
    except named_errors() as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{error.filename or 'a file'}: {error.strerror}") from None
    except driver_errors() as error:
        # The driver's words can hold values and addresses: only their type is said.
        kind = type(getattr(error, "orig", None) or error).__name__
        raise Refused(f"a database refused ({kind}): see that it is up and has room, then run this again") from None


def named_errors() -> tuple[type[Exception], ...]:
    """Return the errors that are answers; those of the web half only where it is installed."""
    from crypto.box import BoxError
    from crypto.durable import FileTakenError
    from crypto.keys import PostQuantumError
    from crypto.kit_file import QueueFileError
    from survey.commands.withdraw_client import TakingBackError
    from survey.document import DocumentError
    from survey.faults import AuthoringError
    from survey.public_log.published_source import MirrorError
    from survey.public_log.verification import LogCheckError
    from survey.settings import SettingsError

    files = (BoxError, DocumentError, FileTakenError, LogCheckError, MirrorError, QueueFileError)
    errors = (*files, AuthoringError, DemoError, PostQuantumError, ServerError, SettingsError, TakingBackError)
    if importlib.util.find_spec("sqlmodel") is None:
        return errors
    from survey.answers_db.store_errors import StoreError
    from survey.database.engine import DatabaseError
    from survey.errors import OfficeError

    return (*errors, DatabaseError, OfficeError, StoreError)


def driver_errors() -> tuple[type[Exception], ...]:
    """Return the errors of a database that nothing of ours named: none where the web half is not installed."""
    if importlib.util.find_spec("sqlalchemy") is None:
        return ()
    from sqlalchemy.exc import SQLAlchemyError

    return (SQLAlchemyError,)


def needs(module: str, extra: str) -> None:
    """Stop with the remedy where an extra is not installed, without importing it."""
    if importlib.util.find_spec(module) is None:
        raise Refused(f"this command needs the [{extra}] part. Install it: pip install 'sotto-survey[{extra}]'")


def settings() -> "Settings":
    """Read the environment once, for a command that works on the collection host."""
    needs("sqlmodel", "web")
    from survey.settings import Settings

    return Settings.from_environ(os.environ)


def tell(value: dict[str, Any], words: str, *, as_json: bool) -> None:
    """Print a result for a script or for a person."""
    click.echo(json.dumps(value, ensure_ascii=False) if as_json else words)
