"""docs/python.md as a notebook: every block runs, in order, and prints what the page says it prints.

After a change of the page or the study, `PYTHONPATH=tests/lib python` on this file writes what is printed.
"""

import contextlib
import io
import os
import re
import shutil
import tempfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from paths import ROOT, STUDIES
from studies import small_study as small

from analysis.custody.ceremony import CeremonyRequest, hold_ceremony
from analysis.noise.noise import Noise
from analysis.releasing.run import Request, make_release
from analysis.study.folder import StudyFolder
from survey.authoring.compiler import compile_study
from survey.authoring.plan_compiler import compile_plan
from survey.questionnaire.payload import encode
from survey.simulation.respondents import Priors, respondents

PAGE = ROOT / "docs" / "python.md"
STUDY = STUDIES / "sesame_credit"
PEOPLE = 2500
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)


def fixed(chance):
    """Return noise that is the same every time: the page must print the same numbers. Real noise never is seeded."""
    return lambda self, counts: [int(cell) for cell in np.rint(counts + chance.normal(0, self.sigma, len(counts)))]


def release_in(folder, patch):
    """Write a release of invented answers to the Sesame study into `folder`."""
    questionnaire, texts = compile_study(STUDY / "questionnaire.yaml")
    study = StudyFolder(folder / "study")
    wishes = CeremonyRequest(wave=1, threshold=1, custodians=1, shares=folder / "shares", demo=True)
    ceremony = hold_ceremony(study, questionnaire, texts, wishes)
    people = islice(respondents(questionnaire, Priors.read(STUDY / "priors.yaml"), 7), PEOPLE)
    small.write(folder / "wave.box", ceremony.manifest, [encode(questionnaire, person) for person in people])
    patch.setattr(Noise, "add", fixed(np.random.default_rng(7)))
    plan = compile_plan(STUDY / "plan.yaml", questionnaire)
    made = make_release(Request(study, plan, folder / "wave.box", ceremony.shares[:1], workers=1))
    shutil.copy(made.path, folder / "release.json")


def blocks():
    return [(match[1], match[2] or "") for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


def printed_by(folder):
    """Run every block of the page in `folder`; return what each prints."""
    names, printed = {"STUDY": STUDY}, []
    with contextlib.chdir(folder):
        for source, _ in blocks():
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(source, "docs/python.md", "exec"), names)
            printed.append("\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n")
    return printed


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patch:
        release_in(folder, patch)
    return printed_by(folder)


@pytest.mark.slow
def test_every_block_prints_what_the_page_says(printed):
    """Output under each block is that of the code, line by line."""
    assert [output for _, output in blocks()] == printed


def test_the_page_shows_every_part_of_the_python_interface():
    """Loading, checking, groups, correlation, independence, weights, rows, pictures and plans each have code."""
    code = "".join(source for source, _ in blocks())
    wanted = {
        "read_release", "verify(", "compare_groups", "correlations", "independences", "adjusted", "weighted",
        "synthesise", "fidelity", "chart(", "svg(", "check_plan",
    }  # fmt: skip
    assert set() == {name for name in wanted if name not in code}


def write():
    """Put what the blocks print under them."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        release_in(Path(folder), patch)
        outputs = iter(printed_by(Path(folder)))
    text = BLOCK.sub(
        lambda match: f"```python\n{match[1]}```\n\n```text\n{next(outputs)}```\n", PAGE.read_text(encoding="utf-8")
    )
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.environ["RUST_BACKTRACE"] = "0"
    write()
