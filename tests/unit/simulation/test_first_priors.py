"""A first file of priors fits its questionnaire, is what an author reads back, and is uniform.

Seeds are fixed; with another one each tolerance stands at six standard errors of its share, a false alarm in fewer than
one run in 10^8.
"""

from collections import Counter
from itertools import islice
from math import sqrt

import pytest
from paths import STUDIES

from survey.authoring.compiler import compile_study
from survey.questionnaire.payload import decode, encode
from survey.simulation.first_priors import MISSING_PER_MILLE, first_priors, priors_text
from survey.simulation.respondents import PER_MILLE, ItemPrior, Priors, PriorsError, respondents

N = 3000


@pytest.fixture(scope="module", params=["showcase", "sesame_credit"])
def questionnaire(request):
    """Return each shipped questionnaire: between them they have every type of item."""
    return compile_study(STUDIES / request.param / "questionnaire.yaml")[0]


def written(tmp_path, priors):
    """Return a file with these priors."""
    path = tmp_path / "priors.yaml"
    path.write_text(priors_text(priors), encoding="utf-8")
    return path


def test_what_is_written_is_read_back(questionnaire, tmp_path):
    """The file holds the very priors, and an author who empties a weight list is told so."""
    priors = first_priors(questionnaire)
    path = written(tmp_path, priors)
    assert priors == Priors.read(path)
    first = priors.items[0].weights["all"]
    path.write_text(path.read_text(encoding="utf-8").replace(str(list(first)), "[]", 1), encoding="utf-8")
    with pytest.raises(PriorsError, match="holds no priors"):
        Priors.read(path)


def test_everybody_who_is_invented_can_answer_so_on_a_phone(questionnaire):
    """Every drawn answer is a payload of this questionnaire that comes back as it was."""
    for one in islice(respondents(questionnaire, first_priors(questionnaire), 5), 500):
        assert one == decode(questionnaire, encode(questionnaire, one))


def test_every_option_is_equally_likely_and_missing_codes_are_rare():
    """Of an item that all are asked each option has its part, and each missing code two per cent."""
    questionnaire = compile_study(STUDIES / "showcase" / "questionnaire.yaml")[0]
    people = [*islice(respondents(questionnaire, first_priors(questionnaire), 5), N)]
    item = questionnaire.item("AGE")
    counted = Counter(one.answers["AGE"] for one in people)
    rare = MISSING_PER_MILLE / PER_MILLE
    expected = dict.fromkeys(item.codes, (1 - rare * len(item.missing)) / len(item.codes))
    for code, share in (expected | dict.fromkeys(item.missing, rare)).items():
        assert counted[code] / N == pytest.approx(share, abs=6 * sqrt(share * (1 - share) / N))


def test_the_same_seed_invents_the_same_people_and_another_others(questionnaire):
    """`--seed` repeats the answers; a control with another seed differs."""
    priors = first_priors(questionnaire)
    first, again, other = ([*islice(respondents(questionnaire, priors, seed), 20)] for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_a_question_that_must_be_answered_is_never_left_empty():
    """Of a question of several answers without a missing code somebody who would choose nothing chooses one option."""
    questionnaire = compile_study(STUDIES / "showcase" / "questionnaire.yaml")[0]
    item = questionnaire.item("GOODS").model_copy(update={"missing": (), "ask_if": None})
    bare = questionnaire.model_copy(update={"items": (item,), "groups": ()})
    rare = ItemPrior(id="GOODS", codes=item.codes, weights={"all": (1,) * len(item.codes)})
    priors = first_priors(questionnaire).model_copy(update={"items": (rare,)})
    people = [one.answers["GOODS"] for one in islice(respondents(bare, priors, 1), 200)]
    assert {1} == {len(chosen) for chosen in people}
    assert len({*people}) > 1
