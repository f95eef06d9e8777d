"""Joint cells added up: the people whom an indicator counts, a later dimension's own sums, noise of every cell once."""

from itertools import islice

import numpy as np
import pytest
from paths import STUDIES, VECTORS

from analysis.consistency.blocks import EVERYONE, Measured
from analysis.consistency.groups import Reading
from analysis.counting.contingency_tables import layouts, tabulate
from analysis.estimates.inference import ReleaseModel
from analysis.estimates.joint_cells import joint_sums
from analysis.opening.payload_decoder import Decoder
from survey.plan.plan import Plan, PlanTable
from survey.questionnaire.payload import encode
from survey.questionnaire.questionnaire import Questionnaire
from survey.simulation.respondents import Priors, respondents

SESAME = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())
SIGMA = 3.0
TABLES = {
    "T1": ("SELF", "KBAND"),
    "T2": ("SELF", "K2"),
    "T3": ("OVERCONF",),
    "T4": ("WECHAT", "TENCENT"),
    "T5": ("TENCENT",),
}


@pytest.fixture(scope="module")
def counted() -> dict[str, Measured]:
    """Return exact tables of 600 invented people, as if their noise had been nothing."""
    asked = {"population": None, "nano_rho": 1, "reason": "a test", "hypotheses": ()}
    tables = tuple(PlanTable(id=name, dimensions=axes, **asked) for name, axes in TABLES.items())
    rest = {
        "format": "sotto-plan-2",
        "study": "q26",
        "wave": 1,
        "parent": None,
        "title": "",
        "reason": "",
        "nano_rho": 9,
    }
    shaped = layouts(Plan(tables=tables, **rest), SESAME)
    people = islice(respondents(SESAME, Priors.read(STUDIES / "sesame_credit" / "priors.yaml"), 5), 600)
    counts = tabulate(Decoder.of(SESAME).decode([encode(SESAME, person) for person in people]), shaped)
    return {
        one.id: Measured(one.id, one.shape.dimensions, EVERYONE, SIGMA, tuple(map(int, counts[one.id])))
        for one in shaped
    }


def read(table: Measured) -> Reading:
    return ReleaseModel.measured([table], 600).reading(table.id)


def joint_sum(table: Measured, wanted) -> float:
    noisy, places = joint_sums(read(table), wanted, "answered")
    return float(noisy.cells[places].sum())


def test_the_joint_cells_of_two_answers_count_whom_the_indicator_counts(counted):
    """Sure and mistaken are the same people in SELF by KBAND, in SELF by K2, and in OVERCONF itself."""
    alone = dict(read(counted["T3"]).groups())[None].on("answered")
    sure = float(alone.cells[counted["T3"].dimensions[0].levels("answered").index(1)])
    assert sure > 20
    assert alone.total == pytest.approx(joint_sums(read(counted["T2"]), {"SELF": [], "K2": []}, "answered")[0].total)
    assert sure == pytest.approx(joint_sum(counted["T1"], {"SELF": [2, 3], "KBAND": [1, 2]}))
    assert sure == pytest.approx(joint_sum(counted["T2"], {"SELF": [2, 3], "K2": [0]}))


def test_a_later_dimension_has_the_sums_that_its_own_table_has(counted):
    """TENCENT within WECHAT by TENCENT is TENCENT alone, each level and in total, whatever was said to WECHAT."""
    added, places = joint_sums(read(counted["T4"]), {"TENCENT": []}, "answered")
    alone = dict(read(counted["T5"]).groups())[None].on("answered")
    assert [*range(len(alone.cells))] == places
    assert alone.cells == pytest.approx(added.cells)
    assert alone.total == pytest.approx(added.total)


@pytest.mark.parametrize(("name", "wanted", "summed"), [("T4", "TENCENT", 8), ("T2", "SELF K2", 1)])
def test_the_noise_is_that_of_every_cell_added_once(counted, name, wanted, summed):
    """A sum of r of N readable cells has the variance sigma^2 (r - r^2 / (N + 1)): the number of records is public."""
    table = counted[name]
    cells = np.prod([len(axis.codes) - 1 for axis in table.dimensions])
    added, _ = joint_sums(read(table), {axis: [] for axis in wanted.split()}, "answered")
    assert np.diag(added.noise) == pytest.approx(SIGMA**2 * (summed - summed**2 / (cells + 1)))
