"""`sotto witness`: runs `verifier/witness.py`, the one file that a witness can also take and run without Sotto."""

import subprocess
import sys
from pathlib import Path

import click

from survey.commands.console import PASS_THROUGH

PROGRAM = Path(__file__).parents[2] / "verifier" / "witness.py"


@click.command("witness", context_settings=PASS_THROUGH, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def witness(arguments: tuple[str, ...]) -> None:
    """Witness a public log: make a key, show it again, or cosign a head.

    The same program as verifier/witness.py, with its options: `sotto witness cosign --help`.

    \b
    Example: sotto witness cosign https://survey.example.org --key witness.key
    """
    sys.exit(subprocess.run([sys.executable, "-I", str(PROGRAM), *arguments], check=False).returncode)
