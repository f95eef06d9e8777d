"""What every command shares: error messages and exit codes, settings, output as text or JSON."""

import importlib.util  # noqa: TID251 - looks whether a library is installed, and loads none
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crypto.errors import ExitCode, MissingExtraError, RefusedError, SottoError, error_report, without_controls

if TYPE_CHECKING:
    from survey.settings import Settings

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above

PASS_THROUGH = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
"""The settings of a command whose arguments another program reads."""
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
LANGUAGE = click.option("--language", type=click.Choice(["en", "zh-Hans", "zh-Hant"]),
                        help="Of problems and advice; by default that of the terminal.")  # fmt: skip
SEED = click.option("--seed", type=int, default=2017, show_default=True,
                    help="Of the invented answers; keys and noise are never seeded.")  # fmt: skip


class CommandError(RefusedError):
    """A command cannot be run with these arguments; the message says why."""


class CommandGroup(click.Group):
    """A group whose commands report our errors as messages; any other exception stays a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run a command."""
        # Read before: click takes the arguments off the context when it runs the command.
        with errors_as_messages(given_arguments(ctx)):
            return super().invoke(ctx)


def given_arguments(ctx: click.Context) -> tuple[str, ...]:
    """Return what stands behind a group's name on the command line."""
    return (*ctx._protected_args, *ctx.args)  # noqa: SLF001 - click has no public name for it any more


@contextmanager
def errors_as_messages(arguments: Sequence[str] = ()) -> Iterator[None]:
    """Print the message of an error of ours, of a file or of a database and exit; other exceptions pass through."""
    try:
        yield
    except Exception as error:
        text, code = error_message(error, arguments)
        if text is None:
            raise
        click.ClickException(text).show()
        raise click.exceptions.Exit(code) from None


def error_message(error: Exception, arguments: Sequence[str] = ()) -> tuple[str | None, ExitCode]:
    """Return the message and exit code of `error`; no message for click's exceptions and unexpected ones."""
    if isinstance(error, SottoError | OSError):
        return error_report(_in_language(error, arguments), arguments)
    if _is_database_error(error):
        # The driver's message can hold values and addresses: only its type is shown.
        kind = type(getattr(error, "orig", None) or error).__name__
        return f"a database refused ({kind}): see that it is up and has room, then run this again", ExitCode.REFUSED
    return None, ExitCode.STOPPED


def _in_language(error: Exception, arguments: Sequence[str]) -> Exception:
    """Return what is wrong with an author's file in the language of the terminal or `--language`; others as they are.

    Looked for where the class is loaded already, and nothing is loaded in English: most commands know no such error.
    """
    faults = sys.modules.get("survey.faults")  # noqa: TID251 - as said above
    if faults is None or not isinstance(error, faults.AuthoringError | faults.ToldError):
        return error
    from survey.wording.problem_words import problem_words

    told: Exception = error.told(problem_words(language_of(arguments)))
    return told


def language_of(arguments: Sequence[str] = ()) -> str:
    """Return the language of problems: what follows `--language`, else what the terminal's environment asks for."""
    from survey.wording.page_languages import NAMES
    from survey.wording.problem_words import locale_of_terminal

    parts = [part for one in arguments for part in one.split("=", 1)]
    asked_for = next((after for one, after in pairwise(parts) if one == "--language"), "")
    return asked_for if asked_for in NAMES else locale_of_terminal(os.environ)


def _is_database_error(error: Exception) -> bool:
    """Say whether SQLAlchemy raised it. Where nothing imported SQLAlchemy it did not, so nothing is imported to ask."""
    module = sys.modules.get("sqlalchemy.exc")  # noqa: TID251 - as said above
    return module is not None and isinstance(error, module.SQLAlchemyError)


def require_extra(module: str, extra: str) -> None:
    """Raise MissingExtraError, with what to install, where the package of an extra is missing; imports nothing."""
    if importlib.util.find_spec(module) is None:
        raise MissingExtraError(
            f"this command needs the [{extra}] part. Install it: pip install 'sotto-survey[{extra}]'"
        )


def require_new(output: Path) -> None:
    """Raise CommandError where there is such a file already: nothing that somebody has is written over."""
    if output.exists():
        raise CommandError(f"{output}: there is such a file already; give another name, or delete it")


def confirm_by_name(name: str, step: str) -> None:
    """Go on only where `name` is typed at a terminal; raise CommandError otherwise, with nothing changed."""
    if not sys.stdin.isatty():
        raise CommandError(
            f"nobody is at a terminal to confirm: give --yes to {step} where that was decided (nothing was changed)"
        )
    click.echo(f"This cannot be undone. Type {name} to {step}, anything else to stop: ", nl=False, err=True)
    if sys.stdin.readline().strip() != name:
        raise CommandError(f"stopped: {name} was not typed (nothing was changed)")


def settings() -> "Settings":
    """Read the environment once, for a command that works on the collection host."""
    require_extra("sqlmodel", "web")
    from survey.settings import Settings

    return Settings.from_environ(os.environ)


def print_result(value: dict[str, Any], text: str, *, as_json: bool) -> None:
    """Print a result for a script or for a person; control characters are written out, whoever a text is by."""
    click.echo(without_controls(json.dumps(value, ensure_ascii=False) if as_json else text))
