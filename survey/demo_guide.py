"""What the demo says to the person at the screen: what to open, what to try, and its summary."""

import json
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel

from survey.demo_folder import Folder
from survey.servers import Place, wait_for_end

WARNING = (
    "This is a demo. One share opens everything (a 1-of-1 key lies in the demo's folder), and all answers are invented."
)


@dataclass(frozen=True)
class Links:
    """What can be opened in a browser, and with which account."""

    study: str
    respond: Place
    desk: Place
    pin: str
    user: str
    password: str = field(repr=False)


def warn(console: Console) -> None:
    """Say loudly what this is."""
    console.print(Panel(f"[bold]{WARNING}[/bold]", border_style="yellow", title="Sotto demo"))


def print_summary(console: Console, summary: dict[str, Any], *, as_json: bool) -> None:
    """Print the one JSON object, or the same for people."""
    if as_json:
        sys.stdout.write(json.dumps(summary) + "\n")
        return
    took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in summary["seconds"].items())
    checked = "verified" if summary["verified"] else "NOT verified"
    console.print(
        f"\n{summary['responses']:,} responses, {summary['stored']:,} stored, {summary['opened']:,} opened; "
        f"{summary['tables']} tables for ρ = {summary['rho']:g}; the release is {checked}.\n"
        f"[dim]{took}[/dim]\nRelease: {summary['release']}",
        highlight=False,
        soft_wrap=True,
    )


def tell(console: Console, links: Links, folder: Folder) -> None:
    """Say what to open and what to try."""
    lines = (
        (
            "Answer as a respondent (second wave; best in a phone-sized window)",
            f"{links.respond.url}/s/{links.study}#k={links.pin}",
        ),
        ("See what is public (first wave)", f"{links.respond.url}/r/{links.study}"),
        ("Log in to the desk", f"{links.desk.url}/login   user {links.user}   password {links.password}"),
    )
    console.print()
    for what, where in lines:
        console.print(f"[bold]{what}[/bold]\n  {where}\n", highlight=False, soft_wrap=True)
    console.print("[bold]Then, in another terminal, get your answers out among the others[/bold]", highlight=False)
    for command in _commands(folder, links.study):
        console.print(f"  {command}", highlight=False, soft_wrap=True)
    console.print(
        "\n[bold]Try to break it[/bold]: change a letter behind #k= (the phone refuses); look for your answers in\n"
        f"  {_short(folder.collection)} (they are sealed); release wave 1 again (it costs nothing);\n"
        "  edit a release and verify it.\n"
        "\n[dim]A real phone needs HTTPS, because browsers have no WebCrypto over plain http away from localhost;\n"
        "name this machine's address, with a certificate that the phone trusts:\n"
        "  sotto demo --host 192.168.1.20 --tls-cert cert.pem --tls-key key.pem[/dim]\n"
        "\nCtrl-C ends the demo; its files stay until the next one.",
        highlight=False,
        soft_wrap=True,
    )


def wait(console: Console, places: list[Place]) -> None:
    """Wait for the person to end the demo."""
    try:
        wait_for_end(places)
    except KeyboardInterrupt:
        console.print("\nThe demo has ended; nothing is left running.")


def _commands(folder: Folder, study: str) -> tuple[str, str]:
    sotto = _short(Path(sys.executable).with_name("sotto"))
    shares = " ".join(_short(path) for path in folder.share_files(2))
    box, plan, made, output = (
        _short(path) for path in (folder.box(2), folder.plan(2), folder.study, folder.release(2))
    )
    return (
        f"SOTTO_HOME={_short(folder.collection)} {sotto} box {study} 2 -o {box}",
        f"{sotto} release {plan} --box {box} --shares {shares} --study {made} -o {output}",
    )


def _short(path: Path) -> str:
    """Return the path as one would type it here."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
