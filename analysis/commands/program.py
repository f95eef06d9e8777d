"""What an analysis command ends with: an exit code, and a message that holds nothing from any answer."""

from typing import Any

import click

from crypto.errors import HIDDEN, ExitCode, SottoError


class Program(click.Group):
    """A command group that prints only the class name of any other exception: its text could hold an answer."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as in click
        """Run a command; translate its exceptions."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except Exception as error:  # noqa: BLE001 - translated here, once, for every command
            raise print_error(error) from None


def print_error(error: Exception) -> click.exceptions.Exit:
    """Print the public text of `error`, as click prints errors; return the exit to raise."""
    text, code = reason(error)
    click.ClickException(f"{type(error).__name__}: {text}").show()
    return click.exceptions.Exit(code)


def reason(error: Exception) -> tuple[str, ExitCode]:
    """Return what is said behind the name of an error's class, and the exit code; of a file error the file's name."""
    if isinstance(error, SottoError):
        return str(error) if error.text_is_public else HIDDEN, error.exit_code
    if isinstance(error, OSError):
        return f"{error.strerror or 'a file'} ({error.filename})", ExitCode.REFUSED
    return HIDDEN, ExitCode.STOPPED
