"""Before a step that cannot be taken back a person looks at what is odd about it and says yes, or a script does."""

import sys
from collections.abc import Sequence

import click

from crypto.errors import RefusedError

YES = click.option("--yes", is_flag=True, help="Go on where this would stop and ask; for scripts.")
WORD = "yes"


class NotConfirmedError(RefusedError):
    """A step that cannot be undone was not confirmed; nothing was changed."""


# Decision 88.
def confirm(doubts: Sequence[str], step: str, *, yes: bool) -> None:
    """Show `doubts` and go on only with a yes; raise NotConfirmedError without one.

    `step` is what would be done. Where there is no doubt nobody is asked; `yes` was given beforehand. Speaks on stderr.
    """
    if not doubts:
        return
    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotConfirmedError(
            f"{'; '.join(doubts)}. Nobody is at a terminal to say whether to {step} all the same: give --yes where "
            "that was decided (nothing was changed)"
        )
    for doubt in doubts:
        click.echo(f"Look: {doubt}.", err=True)
    if yes:
        click.echo("Going on: --yes was given.", err=True)
        return
    click.echo(f"Type {WORD} to {step} all the same, anything else to stop: ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() != WORD:
        raise NotConfirmedError("stopped: nobody said yes (nothing was changed)")
