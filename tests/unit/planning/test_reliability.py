"""One set of thresholds, so that a plan check promises what the release keeps: survey/release/reliability.py."""

import ast
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from paths import ROOT

from analysis.estimates.estimates import estimates
from analysis.planning.expected_margins import ExpectedNoise, expect, row
from survey.plan.dimension import Dimension
from survey.release import reliability

SIGMA, SIZE, SMALL = 10.0, 1000, 45
QUESTION = Dimension(id="TALI", codes=(1, 2, 3, 255), multi=False, score=False, base="answered")
GROUPS = Dimension(id="SEX", codes=(1, 2, 255), multi=False, score=False, base="answered")


def abstains() -> tuple[bool, bool]:
    """Say whether the release and the plan check describe a group of 90 with a noise of about 17."""
    counts = (SMALL, 300, 0, 45, 305, 0, 0, 305, 0, 0, 0, 0)
    group = next(one for one in estimates((QUESTION, GROUPS), counts, SIGMA, SIZE) if one.group == 1)
    return group.abstained is not None, expect(1, 2 * SMALL, ExpectedNoise.of_sum(SIGMA**2, 3)).abstains


def greyed() -> tuple[bool, bool]:
    """Say whether the release and the plan check grey 45 of 1000 people with a noise of 10."""
    (everyone,) = estimates((QUESTION,), (SMALL, 455, 500, 0), SIGMA, SIZE)
    return not everyone.shares[0].reliable, row(1, SMALL / SIZE, SIZE, ExpectedNoise(SIGMA**2, 0.0, 0.0)).hopeless


@pytest.mark.parametrize(
    ("name", "stricter", "judged"), [("FEW", 7.0, abstains), ("DROWNED", 6.0, greyed), ("COARSE", 0.2, greyed)]
)
def test_release_and_plan_check_judge_by_one_threshold(name: str, stricter: float, judged, monkeypatch):
    """Either of them could have a threshold of its own; then changing this one would move one of them alone."""
    assert (False, False) == judged()
    monkeypatch.setattr(reliability, name, stricter)
    assert (True, True) == judged()


def test_the_quantile_of_a_95_percent_interval_is_written_once():
    """No other module has a number of its own for it, with whatever number of digits."""
    files = [path for path in sources() if any(math.isclose(one, 1.96, abs_tol=0.001) for one in numbers(path))]
    assert [ROOT / "survey/release/reliability.py"] == files


def sources() -> Iterator[Path]:
    """Yield the files of code that judge or show numbers."""
    for folder in ("survey", "analysis", "bench"):
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "node_modules" not in path.parts)


def numbers(path: Path) -> Iterator[float]:
    """Yield the decimals that stand in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.value
