"""Text of the demo on the terminal: pages to open, commands to try, and the summary."""

import json
import secrets
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel

from survey.demo.folder import Folder
from survey.serving.servers import Server, wait_for_end

# Seconds: the longest that a slow reader needs for the shipped study is 27 minutes; then time to withdraw the answer.
WITHOUT_TERMINAL, TO_WITHDRAW = 1800.0, 180.0
LOOK_EVERY = 2.0  # seconds
WARNING = (
    "This is a demo. One share opens everything (a 1-of-1 key lies in the demo's folder), and all answers are invented."
)


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo's desk, with a password that is drawn for this run."""

    name: str
    role: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)


@dataclass(frozen=True)
class Links:
    """What can be opened in a browser, and with which accounts."""

    study: str
    respond: Server
    desk: Server
    pin: str
    accounts: tuple[DemoAccount, ...]


REHEARSAL = "This is a rehearsal: all shares lie in its folder, people are invented, and its key is marked as a demo's."


def print_warning(console: Console, message: str = WARNING) -> None:
    """Print a warning in a frame."""
    console.print(Panel(f"[bold]{message}[/bold]", border_style="yellow", title="Sotto demo"))


def print_first_page(console: Console, desk: Server, accounts: Sequence[DemoAccount]) -> None:
    """Print the page that can be opened while the first wave goes on: the staff's, where its answers are seen."""
    text = f"[bold]See it come in, as staff do[/bold]\n  {sign_in_lines(desk, accounts)}"
    console.print(text, highlight=False, soft_wrap=True)


def print_summary(console: Console, summary: dict[str, Any], *, as_json: bool) -> None:
    """Print the one JSON object, or the same for people."""
    if as_json:
        sys.stdout.write(json.dumps(summary) + "\n")
        return
    timings = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in summary["seconds"].items())
    checked = "verified" if summary["verified"] else "NOT verified"
    console.print(
        f"\n{summary['responses']:,} responses, {summary['stored']:,} stored, {summary['opened']:,} opened; "
        f"{summary['tables']} tables for ρ = {summary['rho']:g}; the release is {checked}.\n"
        f"[dim]{timings}[/dim]\nRelease: {summary['release']}",
        highlight=False,
        soft_wrap=True,
    )


def sign_in_lines(desk: Server, accounts: Sequence[DemoAccount]) -> str:
    """Return where staff sign in, by a name (at an address of numbers browsers have no passkeys), and as whom."""
    address = desk.url.replace("//127.0.0.1:", "//localhost:")
    people = (f"{one.role}: user {one.name}   password {one.password}" for one in accounts)
    return "\n  ".join((f"{address}/login", *people))


def print_guide(console: Console, links: Links, folder: Folder) -> None:
    """Print the pages to open and the commands to try."""
    lines = (
        (
            "Answer as a respondent (second wave; best in a phone-sized window)",
            f"{links.respond.url}/s/{links.study}#k={links.pin}",
        ),
        ("See what is public (first wave)", f"{links.respond.url}/r/{links.study}"),
        ("Sign in to the desk", sign_in_lines(links.desk, links.accounts)),
    )
    console.print()
    for what, where in lines:
        console.print(f"[bold]{what}[/bold]\n  {where}\n", highlight=False, soft_wrap=True)
    console.print("[bold]Then, in another terminal, get your answers out among the others[/bold]", highlight=False)
    answers, publish, again, verify = _commands(folder, links.study)
    _show(console, *answers)
    console.print("\n[bold]and on the public page and the desk[/bold]", highlight=False)
    _show(console, publish)
    console.print("\n[bold]Try to break it[/bold]", highlight=False)
    console.print("  Change a letter behind #k=: the phone refuses. Look for your answers on the collection host:")
    _show(console, f"ls -R {_short(folder.collection)}   # they are sealed")
    console.print("  Release the first wave again: it costs nothing. Edit its release.json and verify it.")
    _show(console, again, verify)
    console.print(
        "\n[dim]A real phone needs HTTPS, because browsers have no WebCrypto over plain http away from localhost;\n"
        "name this machine's address, with a certificate that the phone trusts:\n"
        "  sotto demo --host 192.168.1.20 --tls-cert cert.pem --tls-key key.pem[/dim]\n"
        "\nCtrl-C ends the demo; its files stay until the next one.",
        highlight=False,
        soft_wrap=True,
    )


def print_rehearsal(console: Console, summary: dict[str, Any], *, as_json: bool) -> None:
    """Print the outcome of the rehearsal, as one JSON object or for people."""
    if as_json:
        sys.stdout.write(json.dumps(summary) + "\n")
        return
    verdicts = {True: "everything holds", False: "NOT everything holds", None: "it is not beside this program"}
    lines = (
        f"{summary['invited']:,} invited, {summary['boxed'] + summary['withdrawn']:,} answers stored",
        f"{summary['withdrawn']} withdrawn, {summary['refused']} tries to spend a token twice refused",
        f"{summary['boxed']:,} answers in the box; the release is {'' if summary['verified'] else 'NOT '}verified",
        f"{summary['witnesses']} witnesses signed the log, and refused one that lost an entry",
        f"the independent verifier says: {verdicts[summary['independent_after']]}",
        "the key is destroyed: another release was refused",
    )
    console.print()
    for line in lines:
        console.print(f"[bold]•[/bold] {line}", highlight=False, soft_wrap=True)


def print_public_pages(console: Console, links: Links) -> None:
    """Print the addresses of the public pages, and the command that verifies them."""
    host = links.respond.url
    pages = (
        ("The results", f"{host}/r/{links.study}"),
        ("Check a receipt", f"{host}/c/{links.study}"),
        ("The log of everything that was decided", f"{host}/log/entries.jsonl"),
        ("The desk", sign_in_lines(links.desk, links.accounts)),
        ("Check everything as an outsider", f"python3 verifier/verify.py {host}"),
    )
    console.print()
    for what, where in pages:
        console.print(f"[bold]{what}[/bold]\n  {where}\n", highlight=False, soft_wrap=True)
    console.print("Ctrl-C ends the rehearsal; its files stay until the next one.")


@dataclass(frozen=True)
class Invited:
    """
    Whoever rehearses, asked to answer over a slip's link; called with it, returns how many answers came, 0 or 1.

    `stored` counts the answers that the host holds. `once`: nobody is asked. Where there is no terminal at
    which Enter could be pressed, the survey waits for an answer, for `patience` seconds at most, and `to_withdraw`
    seconds more once one has come.
    """

    console: Console
    stored: Callable[[], int]
    once: bool
    patience: float = WITHOUT_TERMINAL
    to_withdraw: float = TO_WITHDRAW

    def __call__(self, link: str) -> int:
        """Show the slip's link, wait for the person, and return how many more answers are stored."""
        if self.once:
            return 0
        before = self.stored()
        self.console.print(
            f"\n[bold]Answer one yourself[/bold] (best in a phone-sized window)\n  {link}", soft_wrap=True
        )
        self.console.print("The last page shows how to withdraw that answer: try it, if you like.", highlight=False)
        if sys.stdin.isatty():
            self.console.input("Press Enter when you have finished, or if you do not want to: ")
        else:
            self._wait(before)
        return self.stored() - before

    def _wait(self, before: int) -> None:
        """Wait until an answer has come and could be withdrawn, or nobody answers."""
        self.console.print(
            f"There is no terminal to press Enter at: it goes on {self.to_withdraw:.0f} seconds after your answer, "
            f"or in {self.patience / 60:.0f} minutes without one."
        )
        end = time.monotonic() + self.patience
        while self.stored() <= before:
            if time.monotonic() >= end:
                return
            time.sleep(min(LOOK_EVERY, self.patience))
        time.sleep(self.to_withdraw)


def wait_for_person(console: Console, servers: list[Server]) -> None:
    """Wait for the person to end the demo."""
    try:
        wait_for_end(servers)
    except KeyboardInterrupt:
        console.print("\nThe demo has ended; nothing is left running.")


def _commands(folder: Folder, study: str) -> tuple[tuple[str, str], str, str, str]:
    """Return the two commands that answer, and those that publish, release the first wave again, and verify it."""
    sotto, home = _short(Path(sys.executable).with_name("sotto")), f"SOTTO_HOME={_short(folder.collection)}"
    boxing = f"{home} {sotto} box {study} 2 -o {_short(folder.box(2))}"
    second, first = (f"{_release(folder, sotto, wave)} -o {_short(folder.release(wave))}" for wave in (2, 1))
    publishing = f"{home} {sotto} publish {_short(folder.release(2) / 'release.json')}"
    checking = f"{sotto} verify {_short(folder.release(1) / 'release.json')} --study {_short(folder.study)}"
    return (boxing, second), publishing, first, checking


def _release(folder: Folder, sotto: str, wave: int) -> str:
    shares = " ".join(_short(path) for path in folder.share_files(wave))
    plan, box, study = (_short(path) for path in (folder.plan(wave), folder.box(wave), folder.study))
    return f"{sotto} release {plan} --box {box} --shares {shares} --study {study}"


def _show(console: Console, *commands: str) -> None:
    for command in commands:
        console.print(f"  {command}", highlight=False, markup=False, soft_wrap=True)


def _short(path: Path) -> str:
    """Return the path as one would type it here."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
