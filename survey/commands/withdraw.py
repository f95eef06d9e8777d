"""`sotto withdraw`: an assistant takes an answer back for somebody who has the eight words."""

import getpass
import sys
import warnings

import click

from survey.commands.console import JSON, CommandError, print_result

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


@click.command()
@click.argument("url", metavar="URL")
@JSON
def withdraw(*, url: str, as_json: bool) -> None:
    """Take an answer back with its eight words, which are asked for and not shown, or read from standard input.

    URL is the address beside the words. They become a secret here, and only that is sent.

    \b
    Example: sotto withdraw https://survey.example/w/q26
    """
    from survey.commands.withdraw_client import WithdrawalClient, read_typed_code

    client = WithdrawalClient.of(url)
    if sys.stdin.isatty():
        word_indexes = read_typed_code(_typed_without_echo, lambda message: click.echo(message, err=True))
    else:
        word_indexes = read_typed_code(sys.stdin.read, click.echo, tries=1)
    client.withdraw(word_indexes)
    text = "Taken. If there is an answer with this code, it is deleted within 24 hours."
    print_result({"study": client.study, "taken": True}, text, as_json=as_json)


def _typed_without_echo() -> str:
    """Return what is typed, unseen; where the echo cannot be switched off nothing is read at all."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass("The withdrawal code, eight words: ")
        except (EOFError, getpass.GetPassWarning):
            raise CommandError(
                "what is typed here could be seen, or the terminal was closed: nothing was sent"
            ) from None
