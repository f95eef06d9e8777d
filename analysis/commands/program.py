"""What an analysis command ends with: an exit code, and a message that holds nothing from any answer."""

from collections.abc import Sequence
from typing import Any

import click

from crypto.errors import ExitCode, error_report


class Program(click.Group):
    """A command group that prints only the class name of any other exception: its text could hold an answer."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as in click
        """Run a command; translate its exceptions."""
        # Read before: click takes the arguments off the context when it runs the command.
        arguments = (*ctx._protected_args, *ctx.args)  # noqa: SLF001 - click has no public name for it any more
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except Exception as error:  # noqa: BLE001 - translated here, once, for every command
            raise print_error(error, arguments) from None


def print_error(error: Exception, arguments: Sequence[str] = ()) -> click.exceptions.Exit:
    """Print what a person may read of `error`, as click prints errors; return the exit to raise."""
    text, code = error_report(error, arguments)
    click.ClickException(text).show()
    return click.exceptions.Exit(code)
