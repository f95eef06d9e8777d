"""What the analysis commands share: kinds of paths, `--json`, budgets as decimals, one way to print a result."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from analysis.budget.price import DEFAULT_TOTAL
from crypto.errors import without_controls
from survey.plan.privacy_units import NANO_RHO

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
RELEASE = click.Path(path_type=Path, exists=True)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")


def print_result(as_json: bool, value: dict[str, Any], words: Callable[[], None]) -> None:  # noqa: FBT001 - the flag as given
    """Print a result for a script or for a person."""
    if as_json:
        click.echo(without_controls(json.dumps(value, ensure_ascii=False)))
    else:
        words()


def nano_rho(text: str | None, default: int = DEFAULT_TOTAL) -> int:
    """Return a budget in nano-rho, rounded down; raise a usage error for anything but a positive decimal."""
    if text is None:
        return default
    try:
        nano = int(Fraction(text) * NANO_RHO)
    except (ValueError, ZeroDivisionError, OverflowError):
        nano = 0
    if nano < 1:
        raise click.BadParameter("rho is a positive decimal such as 0.1", param_hint="--rho")
    return nano
