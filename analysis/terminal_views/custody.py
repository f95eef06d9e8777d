"""Cards, intents, new splits and destruction on the terminal, for custodians and the ceremony's host."""

import sys

from rich.console import Console
from rich.markup import escape

from analysis.custody.cards import short
from analysis.custody.reshare import Reshared
from crypto.custody import WrongWordsError
from crypto.share_words import closest_words
from survey.wave.custody import Destruction, Intent


def console() -> Console:
    """Return the console for people (stderr); stdout is for results."""
    return Console(stderr=True, highlight=False)


def suggest(error: WrongWordsError, text: str) -> None:
    """Show corrections of misspelt words, only on a terminal: words must not get into a log."""
    if not sys.stderr.isatty():
        return
    words = text.split()
    for position in error.positions:
        near = closest_words(words[position - 1])
        if near and near[0] != words[position - 1].lower():
            console().print(f"Word {position}: nearest on the list are {', '.join(near)}")


def declared(intent: Intent | None) -> None:
    """Show the hash that custodians can look up in the public log before they give a share."""
    if intent is None:
        console().print("[yellow]No intent to release this plan was declared: custodians can see none in the log.[/]")
        return
    # This machine is offline and cannot look it up: custodians do.
    console().print(f"Intent of {intent.day}, which the public log must show: {intent.digest}", soft_wrap=True)


def intent(statement: Intent, path: str) -> None:
    """Show the content of an intent and where to publish it."""
    out = Console(highlight=False)
    out.print(f"Intent to release plan {statement.plan[:16]} from a box of {statement.count} records: {escape(path)}")
    out.print(f"Head of the ledger: {short(statement.head)}")
    out.print("Next: sotto publish it on the collection host, and let custodians see it before they come.")


def new_head(head: str) -> None:
    """Show the ledger's head that every custodian must note on the card."""
    console().print(f"New head of the ledger, for every custodian to note on the card: [bold]{short(head)}[/]")


def reshared(outcome: Reshared, study: str) -> None:
    """Show the files of a new split, and that the old cards still work."""
    out, split = Console(highlight=False), outcome.custody
    out.print(f"Wave {split.wave} of {split.study}: any {split.threshold} of {split.custodians} new cards open.")
    for path in outcome.shares:
        out.print(f"  share: {escape(str(path))}", soft_wrap=True)
    out.print(
        "[bold red]The old cards still open the wave, with any program that reads SLIP-39, until they are "
        "destroyed.[/] This program takes them no more."
    )
    out.print(f"Next, before any old card is destroyed: sotto key drill {escape(study)} --wave {split.wave}")
    out.print("Then, on the collection host: sotto publish custody.json, so that the public log shows the new split.")
    out.print("Then have the old cards burnt or shredded. A card that was seen or copied is not undone by this:")
    out.print("who has a quorum of old copies can open the wave. Then only a new wave with a new key helps.")


def destroyed(statement: Destruction, path: str) -> None:
    """Show the statement of destruction, and that no program can verify it."""
    out = Console(highlight=False)
    out.print(f"Wave {statement.wave} of {statement.study} is closed for ever: nothing of it is opened from here.")
    out.print(f"Releases that were made: {len(statement.releases)}; head of the ledger: {short(statement.head)}")
    out.print(f"Statement: {escape(path)}. Next: sotto publish it on the collection host.", soft_wrap=True)
    out.print(
        "It states what custodians said. No program can see that paper was burnt, nor that there was no other copy."
    )
