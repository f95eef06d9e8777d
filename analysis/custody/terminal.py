"""The keyboard and screen of the analysis host, on which custodians type their secret words."""

import getpass
import sys
import warnings

import click

from crypto.errors import RefusedError

# Clear the screen, then what can be scrolled back to, and go to the first place (ECMA-48, xterm).
CLEARED = "\x1b[2J\x1b[3J\x1b[H"


class TerminalError(RefusedError):
    """There is no terminal, or it ended, before all was typed; nothing was opened."""


class Terminal:
    """Speaks on stderr, so that stdout keeps the result; reads from the terminal itself."""

    def say(self, text: str) -> None:
        """Show a line."""
        click.echo(text, err=True)

    def clear(self) -> None:
        """Leave nothing of what stood on the screen."""
        click.echo(CLEARED, nl=False, err=True)

    def ask(self, text: str) -> str:
        """Return a line that may be seen while it is typed, without the spaces around it."""
        click.echo(f"{text}: ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line:
            raise TerminalError("the terminal was closed before all was typed (nothing was opened)")
        return line.strip()

    def hidden(self, text: str) -> str:
        """Return a line that is not shown while it is typed."""
        with warnings.catch_warnings():
            # Where the echo cannot be switched off nothing is read at all.
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return getpass.getpass(text).strip()
            except (EOFError, getpass.GetPassWarning):
                raise TerminalError("what is typed here could be seen, or the terminal was closed") from None


def open_terminal() -> Terminal:
    """Return the terminal; raise TerminalError where this is none."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise TerminalError(
            "custodians type their words at a terminal: run this there, or give their files with --shares"
        )
    return Terminal()
