"""Runs a rival in a throw-away environment of its own, installed from the package index and never into this one."""

import json
import subprocess
import venv
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parent / "rivals"


def rival(place: Path, packages: tuple[str, ...], script: str, *arguments: object, seconds: float) -> dict[str, Any]:
    """Install a rival below `place` and run its script for at most `seconds`; return its last line of JSON, or `why`.

    An environment that is there already is used as it is.
    """
    home = place / script.removesuffix(".py")
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        asked = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode:
            return {"why": last(done.stderr)}
    asked = [python, SCRIPTS / script, *map(str, arguments)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=seconds)
    if done.returncode:
        return {"why": last(done.stderr)}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def last(output: str) -> str:
    """Return the last line of what a program said before it gave up."""
    lines = [line for line in output.strip().splitlines() if line.strip()]
    return lines[-1].split(" (/")[0][:200] if lines else "it said nothing"
