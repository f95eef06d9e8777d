"""Dinur and Nissim's attack through the real release path: 800 questions about 200 people, and nothing is learnt."""

import numpy as np
import pytest
import small_study as small

from analysis.audit import gaussian_limit, pure_limit, reconstructed
from analysis.custody.ceremony import Wishes, hold
from analysis.releasing.run import Request, make_release
from analysis.study.folder import StudyFolder
from crypto.canonical import canonical
from survey.plan.plan import Plan
from survey.questionnaire.conditions import NOT_ASKED
from survey.questionnaire.payload import SurveyResponse, encode
from survey.questionnaire.questionnaire import Questionnaire, Texts

PEOPLE, ROUNDS = 200, 8
GROUPS = tuple(range(100, 200))
CHANCE = np.random.default_rng(5)
SECRETS = CHANCE.integers(0, 2, PEOPLE)
KNOWN = CHANCE.integers(0, len(GROUPS), (ROUNDS, PEOPLE))
"""What the attacker knows: in which of a hundred groups each person is, eight times over: 800 questions, 4 a person."""
RHO = 100_000_000


def item(name, codes):
    options = [{"code": code} for code in codes]
    return {
        "id": name, "type": "single", "block": "core", "forms": ["all"], "options": options, "missing": [],
        "shuffle": False,
    }  # fmt: skip


QUESTIONNAIRE = Questionnaire.from_bytes(
    canonical(
        {"format": "sotto-questionnaire-1", "study": "attack", "version": "1", "locales": ["en"], "mode": "open",
         "sealing": "phone", "strata": ["open"], "forms": [{"id": "all"}],
         "items": [item("SECRET", (0, 1)), *(item(f"G{place}", GROUPS) for place in range(ROUNDS))],
         "pairs": [], "derived": []}
    )
)  # fmt: skip


def texts():
    names = {one.id: {"text": one.id, "options": {str(code): str(code) for code in one.codes}}
             for one in QUESTIONNAIRE.items}  # fmt: skip
    plain = {"study": "attack", "locale": "en", "items": names, "derived": {}}
    return {"en": Texts.from_bytes(canonical(small.ENGLISH.to_json() | plain))}


def plan(tables):
    whole = {"format": "sotto-plan-1", "study": "attack", "wave": 1, "parent": None, "title": "x", "reason": "x"}
    return Plan.from_bytes(canonical(whole | {"nano_rho": RHO, "tables": tables}))


SUBSETS = plan(
    [
        {"id": f"T{place}", "dimensions": ["SECRET", f"G{place}"], "population": None, "nano_rho": RHO // ROUNDS,
         "reason": "x", "hypotheses": []}
        for place in range(ROUNDS)
    ]
)  # fmt: skip


def person(place):
    given = {"SECRET": int(SECRETS[place])} | {f"G{r}": GROUPS[KNOWN[r, place]] for r in range(ROUNDS)}
    return encode(QUESTIONNAIRE, SurveyResponse("en", "self", "all", "open", given))


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Return the noisy counts of a release made by the real path: ceremony, sealing, box, opening, ledger, noise."""
    root = tmp_path_factory.mktemp("attack")
    folder = StudyFolder(root / "study")
    wishes = Wishes(wave=1, threshold=2, custodians=3, shares=root / "shares", total=RHO)
    made = hold(folder, QUESTIONNAIRE, texts(), wishes)
    small.write(root / "wave.box", made.manifest, [person(place) for place in range(PEOPLE)])
    release = make_release(Request(folder, SUBSETS, root / "wave.box", made.shares[:2], workers=1)).release
    return {table.id: np.array(table.counts).reshape([len(axis.codes) for axis in table.dimensions])
            for table in release.tables}  # fmt: skip


def answers(counts):
    """Return noisy "how many of this group say yes" for every group, using both cells: (yes - no + size) / 2."""
    inside = [QUESTIONNAIRE.item("G0").codes.index(code) for code in GROUPS]
    asked = []
    for place in range(ROUNDS):
        size = np.bincount(KNOWN[place], minlength=len(GROUPS))
        cells = counts[f"T{place}"][:, inside]
        asked.append((cells[1] - cells[0] + size) / 2)
    return np.concatenate(asked).astype(float)


def rightly_guessed(yes):
    rows = np.concatenate([place * len(GROUPS) + KNOWN[place] for place in range(ROUNDS)])
    columns = np.tile(np.arange(PEOPLE), ROUNDS)
    return float((reconstructed(np.array([rows, columns]), yes, PEOPLE) == SECRETS).mean())


def exact():
    """Return the same tables without noise."""
    counts = {}
    for place in range(ROUNDS):
        counts[f"T{place}"] = np.zeros((2, len(GROUPS)), dtype=int)
        np.add.at(counts[f"T{place}"], (SECRETS, KNOWN[place]), 1)
    return counts


def test_a_release_of_a_whole_lifetime_gives_nobody_away(tables):
    """Guesses are right no more often than e^eps/(1+e^eps) + 0.02, nor than Gaussian noise allows (5 sd: < 1e-6)."""
    right = rightly_guessed(answers(tables))
    from analysis.noise.noise import epsilons

    assert right <= pure_limit(epsilons(RHO)[0]["1e-6"]) + 0.02
    assert right <= gaussian_limit(RHO) + 5 * (0.25 / PEOPLE) ** 0.5


def test_the_same_attack_on_exact_counts_gives_nearly_everybody_away():
    """Control: without noise the attack is right for more than 99 in 100."""
    assert rightly_guessed(answers(exact())) >= 0.99


def test_the_same_attack_on_noise_of_no_price_gives_most_away():
    """Control: at a hundred thousand times the budget the noise hides nobody: the attack works through noise too."""
    from analysis.noise.noise import gaussian_for

    noise = gaussian_for(RHO // ROUNDS * 100_000, 2)
    noisy = {name: np.array(noise.add(cells.ravel())).reshape(cells.shape) for name, cells in exact().items()}
    assert rightly_guessed(answers(noisy)) >= 0.9


def test_nobody_was_left_out_of_the_attack():
    """Every person stands in one group of every round, and no level is a reserved code."""
    assert (ROUNDS, PEOPLE) == KNOWN.shape
    assert NOT_ASKED not in GROUPS
