"""What every share is of, against truth that is counted by plain code: survey/questionnaire/bases.py in all estimates.

The people are those of the demonstration; noise is next to none, so that an estimate is right or its base is wrong.
"""

from collections import Counter
from itertools import islice

import pytest
from paths import ROOT, STUDIES
from studies import typed_tables

from analysis.consistency.blocks import Measured, population_name
from analysis.counting.contingency_tables import layouts, tabulate
from analysis.estimates.estimates import describe
from analysis.estimates.inference import InferenceError, Quantity, ReleaseModel, correlation, group_difference
from analysis.opening.payload_decoder import Decoder
from crypto.canonical import canonical
from survey.authoring.compiler import compile_study
from survey.plan.plan import Plan
from survey.questionnaire import bases
from survey.questionnaire.bases import BASES, base_of_level, base_of_levels, levels_in
from survey.questionnaire.indicators import derive
from survey.questionnaire.payload import PayloadError, decode, encode
from survey.simulation.respondents import Priors, respondents

pytestmark = pytest.mark.slow

SESAME = STUDIES / "sesame_credit"
SEED = 2018
"""Of the demonstration's first wave."""
SIGMA = 0.01
NOT_ASKED, UNSURE, REFUSED = 97, 98, 99


def measured(questionnaire, columns, number, *wishes):
    """Return tables T1, T2, ... of `wishes` (dimension ids) as a release would have them, with next to no noise."""
    table = {"population": None, "nano_rho": 1, "reason": "", "hypotheses": []}
    tables = [table | {"id": f"T{place}", "dimensions": [*names]} for place, names in enumerate(wishes, 1)]
    plan = {
        "format": "sotto-plan-2",
        "study": questionnaire.study,
        "wave": 1,
        "parent": None,
        "title": "",
        "reason": "",
    }
    made = layouts(Plan.from_bytes(canonical(plan | {"nano_rho": number, "tables": tables})), questionnaire)
    counts = tabulate(columns, made)
    every = population_name(None)
    return [Measured(one.id, one.shape.dimensions, every, SIGMA, tuple(counts[one.id].tolist())) for one in made]


@pytest.fixture(scope="module")
def sesame():
    """Return the study's questionnaire, ten thousand plain answers, and the same ones opened."""
    questionnaire, _ = compile_study(SESAME / "questionnaire.yaml")
    people = list(islice(respondents(questionnaire, Priors.read(SESAME / "priors.yaml"), SEED), 10_000))
    columns = Decoder.of(questionnaire).decode([encode(questionnaire, person) for person in people])
    return questionnaire, [person.answers for person in people], columns


@pytest.fixture(scope="module")
def derived(sesame):
    """Return every person's indicators."""
    questionnaire, people, _ = sesame
    return [derive(questionnaire, answers) for answers in people]


@pytest.fixture
def estimates_of(sesame):
    """Return a function from dimensions to the estimates of such a table, by group."""
    questionnaire, people, columns = sesame

    def estimates(*names, beside=()):
        tables = measured(questionnaire, columns, len(people), names, *beside)
        return {estimate.group: estimate for estimate in describe(tables, len(people))[0].estimates}

    return estimates


def share(estimate, code):
    return next(one for one in estimate.shares if one.code == code)


def counted(people, item):
    """Return how many gave each code; of several answers each option, and each missing code, once a person."""
    numbers = Counter()
    for answers in people:
        answer = answers.get(item, NOT_ASKED)
        numbers.update([answer] if isinstance(answer, int) else answer)
    return numbers


@pytest.mark.parametrize(("item", "percent"), [("KRIGHT", 44.1), ("KOFF", 22.1), ("KPBOC", 27.8)])
def test_a_share_is_of_those_asked_and_answering_with_dont_know(sesame, estimates_of, item, percent):
    """Knowing the right to an explanation is 44.1 % of them, not the 64.1 % of those who are sure of an answer."""
    number = counted(sesame[1], item)
    answered = sum(number.values()) - number[NOT_ASKED] - number[REFUSED]
    level_share = share(estimates_of(item)[None], 1)
    assert ("answered", percent) == (level_share.base, round(100 * number[1] / answered, 1))
    assert number[1] / answered == pytest.approx(level_share.share, abs=1e-4)


def test_the_demonstration_of_two_thousand_counts_as_it_was_counted(sesame):
    """Of two thousand 357 know that the score can be switched off, 501 say no, 656 do not know: 23.6 %."""
    number = counted(sesame[1][:2000], "KOFF")
    assert (357, 501, 656) == (number[1], number[2], number[UNSURE])
    assert 23.6 == round(100 * 357 / (357 + 501 + 656), 1)


def test_the_worked_example_of_the_documentation_is_recomputed(sesame):
    """Both rows of docs/numbers.md are what the plain answers give."""
    number = counted(sesame[1][:2000], "KOFF")
    asked = sum(number.values()) - number[NOT_ASKED]
    people = {"asked": asked, "answered": asked - number[REFUSED], "substantive": number[1] + number[2]}
    rows = [f"| {number[1]} | {number[2]} | {number[UNSURE]} | {number[REFUSED]} | {number[NOT_ASKED]} |"]
    for base, size in people.items():
        levels = [code for code in (1, UNSURE, REFUSED) if code not in bases.LEFT_OUT[base]]
        cells = [f"{100 * number[code] / size:.1f} %" if code in levels else "" for code in (1, UNSURE, REFUSED)]
        rows.append(f"| `{base}` | {size:,} | {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |"))
    page = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")
    assert [] == [row for row in rows if row not in page]


def test_without_dont_know_in_the_base_the_shares_are_the_wrong_ones_of_old(estimates_of, monkeypatch):
    """Control: a base that drops "don't know" has 64 % for the right to an explanation, which turns its verdict."""
    monkeypatch.setitem(bases.LEFT_OUT, "answered", frozenset({UNSURE, REFUSED}))
    assert share(estimates_of("KRIGHT")[None], 1).share > 0.6


def test_dont_know_and_refused_are_rows_of_their_own(sesame, estimates_of):
    """Each is a share: "don't know" of those who answered, "don't want to answer" of all who were asked."""
    number, estimate = counted(sesame[1], "KOFF"), estimates_of("KOFF")[None]
    asked = sum(number.values()) - number[NOT_ASKED]
    assert [1, 2, UNSURE, REFUSED] == [one.code for one in estimate.shares]
    unsure, refused = share(estimate, UNSURE), share(estimate, REFUSED)
    assert ("answered", "asked") == (unsure.base, refused.base)
    assert number[UNSURE] / (asked - number[REFUSED]) == pytest.approx(unsure.share, abs=1e-4)
    assert number[REFUSED] / asked == pytest.approx(refused.share, abs=1e-4)
    assert 1.0 == pytest.approx(sum(one.share for one in estimate.shares if one.base == "answered"), abs=1e-4)


@pytest.mark.parametrize("item", ["KOFF", "KDATA", "ALLOW", "FOLK"])
def test_sizes_are_of_the_people_in_each_base_for_one_answer_and_for_several(sesame, estimates_of, item):
    """Single and multi follow one rule: asked, less who refused, less who did not know, to a person."""
    estimate = estimates_of(item)[None]
    number = counted(sesame[1], item)
    asked = len(sesame[1]) - number[NOT_ASKED]
    people = {"asked": asked, "answered": asked - number[REFUSED]}
    people |= {"substantive": people["answered"] - number[UNSURE]}
    assert people == {base: round(estimate.sizes.of(base).number) for base in BASES}


@pytest.mark.parametrize("item", ["KDATA", "ALLOW", "FOLK"])
def test_an_option_of_several_is_a_share_of_those_asked_and_answering(sesame, estimates_of, item):
    """Every option, "none of these" among them, is divided by who was asked and did not refuse."""
    number, estimate = counted(sesame[1], item), estimates_of(item)[None]
    answered = len(sesame[1]) - number[NOT_ASKED] - number[REFUSED]
    rows = {one.code: one.share for one in estimate.shares if one.base == "answered"}
    assert {**rows} == {code: pytest.approx(number[code] / answered, abs=1e-4) for code in rows}
    offered = {*sesame[0].item(item).domain} - {REFUSED}
    assert offered == {*rows}


def test_the_size_of_a_base_of_several_answers_has_the_noise_of_what_is_taken_off(sesame):
    """Answered = n less unreadable, not asked and refused: the variances of three cells add up, all independent."""
    questionnaire, people, columns = sesame
    (table,) = measured(questionnaire, columns, len(people), ["KDATA"])
    noisy = ReleaseModel.measured([table], len(people))
    sizes = [noisy.group("T1", None, base=base).total_variance for base in BASES]
    assert sizes == pytest.approx([2 * SIGMA**2, 3 * SIGMA**2, 4 * SIGMA**2])


@pytest.mark.parametrize("name", ["KSCORE", "TRUSTGAP", "LOCKIN", "AGE3", "NEVERSEEN"])
def test_an_indicator_without_a_value_says_why_and_counts_by_it(sesame, derived, estimates_of, name):
    """Not asked is in no base, not known in all but the substantive one, refused among the asked alone."""
    values = Counter(one[name] for one in derived)
    estimate = estimates_of(name)[None]
    asked = len(sesame[1]) - values[NOT_ASKED]
    sizes = {"asked": asked, "answered": asked - values[REFUSED]}
    sizes |= {"substantive": sizes["answered"] - values[UNSURE]}
    assert sizes == {base: round(estimate.sizes.of(base).number) for base in BASES}
    assert values[REFUSED] > 0
    level = sesame[0].derived_by_id[name].levels[0]
    assert values[level] / sizes["answered"] == pytest.approx(share(estimate, level).share, abs=1e-4)


def test_a_mean_is_of_those_with_a_score_and_says_how_many_it_leaves_out(derived, estimates_of):
    """TRUSTGAP's mean is of those with both answers; who did not know or refused is the rest of those asked."""
    values = [one["TRUSTGAP"] for one in derived]
    scores = [value for value in values if value not in (NOT_ASKED, UNSURE, REFUSED)]
    estimate = estimates_of("TRUSTGAP")[None]
    assert sum(scores) / len(scores) == pytest.approx(estimate.mean.value, abs=1e-3)
    left = estimate.sizes.asked.number - estimate.sizes.substantive.number
    assert round(left) == sum(value in (UNSURE, REFUSED) for value in values) > 0


def test_groups_are_compared_on_the_base_of_the_shares(sesame, derived):
    """The difference of two schooling groups' shares is that of those asked and answering in each."""
    questionnaire, people, columns = sesame
    tables = measured(questionnaire, columns, len(people), ["KOFF", "EDU3"], ["KDATA", "EDU3"], ["EDU3"])
    numbers = ReleaseModel.measured(tables, len(people))
    schooling = [one["EDU3"] for one in derived]
    for table, item in (("T1", "KOFF"), ("T2", "KDATA")):
        shares = []
        for group in (1, 3):
            number = counted([one for one, level in zip(people, schooling, strict=True) if level == group], item)
            size = schooling.count(group) - number[NOT_ASKED] - number[REFUSED]
            shares.append(number[1] / size)
        difference = group_difference(numbers, table, (1, 3), Quantity(1))
        assert shares[0] - shares[1] == pytest.approx(difference.value, abs=1e-3)


def test_another_base_is_given_on_request_and_an_impossible_one_is_refused(sesame):
    """Of those with an opinion the share is the larger one; "don't know" is no part of them."""
    questionnaire, people, columns = sesame
    numbers = ReleaseModel.measured(measured(questionnaire, columns, len(people), ["KOFF", "USE4"]), len(people))
    both = {}
    for base in ("answered", "substantive"):
        noisy = numbers.group("T1", None, base=base)
        both[base] = noisy.cells[0] / noisy.total
    number = counted(people, "KOFF")
    assert number[1] / (number[1] + number[2]) == pytest.approx(both["substantive"], abs=1e-4)
    assert both["substantive"] > 1.5 * both["answered"]
    with pytest.raises(InferenceError, match="no part of the base substantive: take answered"):
        group_difference(numbers, "T1", (1, 2), Quantity(UNSURE, base="substantive"))


def test_a_correlation_says_how_many_it_leaves_out(sesame):
    """Trust in banks and in Alipay: who did not know or refused either is asked, and in no correlation."""
    questionnaire, people, columns = sesame
    numbers = ReleaseModel.measured(measured(questionnaire, columns, len(people), ["TBANK", "TALI"]), len(people))
    pairs = [(one.get("TBANK", NOT_ASKED), one.get("TALI", NOT_ASKED)) for one in people]
    asked = [pair for pair in pairs if NOT_ASKED not in pair]
    known = [pair for pair in asked if not {*pair} & {UNSURE, REFUSED}]
    result = correlation(numbers, "T1")
    assert (len(known), len(asked) - len(known)) == (round(result.total), round(result.left_out))


# Every type of item: grids, rankings, lists and randomised answers of the shared vectors' questionnaire.
TYPES = typed_tables.QUESTIONNAIRE


def readable():
    """Return the plain answers of all payloads that are records."""
    readable_answers = []
    for payload in typed_tables.PEOPLE:
        try:
            readable_answers.append(decode(TYPES, payload).answers)
        except PayloadError:
            continue
    return readable_answers


def typed(*names):
    number = len(typed_tables.PEOPLE)
    tables = measured(TYPES, typed_tables.DECODER.decode(typed_tables.PEOPLE), number, names)
    return {(one.row, one.group): one for one in describe(tables, number)[0].estimates}


def test_each_row_of_a_grid_is_of_those_asked_and_answering():
    """A row's level is divided by who was asked that row and did not refuse it."""
    estimates, people = typed("G1"), readable()
    for row in TYPES.groups_by_id["G1"].items:
        number = counted(people, row)
        answered = len(people) - number[NOT_ASKED] - number[REFUSED]
        code = TYPES.item(row).codes[0]
        assert number[code] / answered == pytest.approx(share(estimates[row, None], code).share, abs=1e-3)


def test_an_option_of_a_ranking_is_of_those_asked_and_answering():
    """Among the first places of those who did not refuse; who ranked nothing for want of knowing counts."""
    estimate, people = typed("R1")[None, None], readable()
    places = TYPES.groups_by_id["R1"].items
    first = counted(people, places[0])
    number = sum((counted(people, place) for place in places), Counter())
    answered = len(people) - first[NOT_ASKED] - first[REFUSED]
    assert answered == round(estimate.sizes.answered.number)
    code = TYPES.item(places[0]).codes[0]
    assert number[code] / answered == pytest.approx(share(estimate, code).share, abs=1e-3)


def test_a_list_experiment_says_that_its_shares_are_within_each_list():
    """Who refused cannot be known to belong to a list: counts are of who gave one, and refusals of all asked."""
    estimate, people = typed("WORRY")[None, None], readable()
    number = counted(people, "WORRY")
    first = {code: times for code, times in number.items() if 10 <= code < 40}
    code = next(iter(first))
    assert ("substantive", "substantive") == (estimate.base, share(estimate, code).base)
    assert first[code] / sum(first.values()) == pytest.approx(share(estimate, code).share, abs=1e-3)
    missing = [one for one in estimate.shares if one.code in (UNSURE, REFUSED)]
    asked = len(people) - number[NOT_ASKED]
    assert [number[one.code] / asked for one in missing if one.base == "asked"] == pytest.approx(
        [one.share for one in missing if one.base == "asked"], abs=1e-3
    )
    assert asked == round(estimate.sizes.asked.number)


def test_randomised_answers_are_of_the_people_behind_them():
    """The estimates of all levels add up to who was asked, and shares are of the debiased base."""
    estimate, people = typed("SECRET")[None, None], readable()
    number = counted(people, "SECRET")
    assert len(people) - number[NOT_ASKED] == round(estimate.sizes.asked.number)
    total = sum(one.share for one in estimate.shares if one.base == "answered")
    assert 1.0 == pytest.approx(total, abs=1e-4)


@pytest.mark.parametrize(
    ("code", "declared", "base"),
    [
        (1, "substantive", "substantive"), (90, "substantive", "substantive"), (98, "substantive", "answered"),
        (99, "substantive", "asked"), (98, "answered", "answered"), (99, "answered", "asked"), (1, "asked", "asked"),
    ],
)  # fmt: skip
def test_a_level_is_of_the_narrowest_base_that_holds_it(code, declared, base):
    """Never of one that leaves it out, and never of a narrower one than was declared."""
    assert base == base_of_level(code, declared)
    assert base == base_of_levels([1, code], declared)


def test_the_levels_of_a_base_leave_out_who_was_not_asked():
    """Not asked, outside and unreadable stand in none; "none of these" says something."""
    codes = (1, 2, 90, 98, 99, 97, 254, 255)
    assert [(1, 2, 90, 98, 99), (1, 2, 90, 98), (1, 2, 90)] == [levels_in(base, codes) for base in BASES]
