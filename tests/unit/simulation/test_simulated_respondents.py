"""Invented respondents: valid, repeatable, fast, and as the priors of method 3.3 say.

The seed is fixed, so these tests never fail by chance; with another seed each tolerance stands at six or more standard
errors of its figure at n = 20,000, a false alarm in fewer than one run in 10^8.
"""

import json
from itertools import islice
from math import sqrt
from statistics import fmean, pstdev

import pytest
from paths import STUDIES, VECTORS

from crypto.canonical import canonical
from survey.questionnaire.indicators import derive
from survey.questionnaire.payload import decode, encode
from survey.questionnaire.questionnaire import Questionnaire, items_asked
from survey.simulation.respondents import Priors, PriorsError, respondents

N = 20_000
FOLDER = STUDIES / "sesame_credit"
SESAME = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())
PRIORS = Priors.read(FOLDER / "priors.yaml")
SUBSTANTIVE = 90


@pytest.fixture(scope="module")
def people():
    return [(one, derive(SESAME, one.answers)) for one in islice(respondents(SESAME, PRIORS, 2026), N)]


def values(people, name, where=None):
    """Return the substantive values of an item or indicator among those whose answers are as in `where`."""
    chosen = (one for one in people if where is None or all(one[0].answers.get(k) == v for k, v in where.items()))
    both = (derived.get(name, one.answers.get(name, 97)) for one, derived in chosen)
    return [value for value in both if value < SUBSTANTIVE]


# Item or indicator, the codes that count, the share of method 3.3 (invented).
SHARES = [
    ("USEGRP", (1,), 0.34), ("USEGRP", (2,), 0.22), ("USEGRP", (3,), 0.04), ("USEGRP", (4,), 0.06),
    ("USEGRP", (5,), 0.09), ("USEGRP", (6,), 0.25), ("NEVERSEEN", (1,), 0.60), ("SELF", (0, 1), 0.70),
    ("SAFER", (1,), 0.52), ("SAFER", (2,), 0.12), ("SAFER", (3,), 0.22), ("SAFER", (4,), 0.14),
    ("BANKUSE", (3, 4, 5), 0.45), ("LOAN", (3,), 0.06), ("APPYESBANKNO", (1,), 0.13), ("SOCIAL", (4, 5), 0.48),
    ("FRIENDS", (3,), 0.14), ("WECHAT", (4, 5), 0.66), ("TENCENT", (3,), 0.38), ("LEAK", (1, 2), 0.78),
    ("LEAK", (1,), 0.06), ("VOICE", (2, 3, 4, 5), 0.62), ("VOICE", (5,), 0.03), ("OVERSEE", (3,), 0.55),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "codes", "share"), SHARES)
def test_shares_are_those_of_the_priors(people, name, codes, share):
    """Every share is within a point, and six standard errors, of the prior."""
    drawn = values(people, name)
    tolerance = 0.01 + 6 * sqrt(share * (1 - share) / len(drawn))
    assert share == pytest.approx(fmean(value in codes for value in drawn), abs=tolerance)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "where", "mean"),
    [
        ("KSCORE", None, 4.1),
        ("KSCORE", {"EDU": 2}, 3.0),
        ("KSCORE", {"EDU": 3}, 3.7),
        ("KSCORE", {"EDU": 4}, 4.4),
        ("KSCORE", {"EDU": 5}, 5.1),
        ("TRUSTGAP", None, 0.5),
        ("LOCKIN", None, 5.2),
        ("CCA", None, 4.8),
        ("NEVERSEEN", {"EDU": 2}, 0.75),
        ("NEVERSEEN", {"EDU": 5}, 0.48),
    ],
)
def test_means_are_those_of_the_priors(people, name, where, mean):
    """Every mean, in all and by schooling, is within 0.1 (0.01 for shares), and six standard errors, of the prior."""
    drawn = values(people, name, where)
    tolerance = (0.01 if name == "NEVERSEEN" else 0.1) + 6 * pstdev(drawn) / sqrt(len(drawn))
    assert mean == pytest.approx(fmean(drawn), abs=tolerance)


@pytest.mark.slow
def test_knowledge_spreads_as_the_priors_say(people):
    """The standard deviation of the score is 2.2 points, which it would not be were the quiz items independent."""
    assert pytest.approx(2.2, abs=0.15) == pstdev(values(people, "KSCORE"))


@pytest.mark.slow
def test_answers_hang_together(people):
    """Those who fear WeChat also dislike the social features; those who score high say they know more."""
    afraid = values([one for one in people if one[0].answers.get("WECHAT") == 5], "SOCIAL")
    calm = values([one for one in people if one[0].answers.get("WECHAT") == 1], "SOCIAL")
    assert fmean(afraid) > fmean(calm) + 0.5
    knowing = values([one for one in people if 7 <= one[1]["KSCORE"] <= 10], "SELF")
    guessing = values([one for one in people if one[1]["KSCORE"] <= 2], "SELF")
    assert fmean(knowing) > fmean(guessing) + 0.2


@pytest.mark.slow
def test_only_what_is_asked_is_answered_and_every_payload_is_valid(people):
    """Each respondent answers exactly the items of their path, and survives the payload."""
    for one, _ in people[:2000]:
        assert [item.id for item in items_asked(SESAME, one.answers)] == [*one.answers]
        assert ("assisted" if one.answers["MODE"] in (3, 4) else "self") == one.mode
        assert one == decode(SESAME, encode(SESAME, one))


@pytest.mark.slow
def test_every_level_that_can_be_answered_is_drawn(people):
    """The simulation reaches every option of every item and every form, so nothing goes untested by silence."""
    seen = {item.id: set() for item in SESAME.items}
    for one, _ in people:
        for name, value in one.answers.items():
            seen[name] |= {value} if isinstance(value, int) else {*value}
    assert [] == [item.id for item in SESAME.items if not {*item.codes} <= seen[item.id]]
    assert {"core", "short", "standard"} == {one.form for one, _ in people}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    """A demonstration can be repeated."""
    runs = [list(islice(respondents(SESAME, PRIORS, seed), 20)) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


SMALL = Questionnaire.from_bytes((VECTORS / "questionnaire-small.json").read_bytes())
TINY = {
    "study": "small-study", "why": "test", "locales": {"en": 1}, "strata": {"open": 1}, "factors": ["f"],
    "items": [
        {"id": "HOW", "codes": [1, 3], "weights": {"all": [1, 1]}},
        {"id": "AGE", "codes": [1, 2, 99], "by": "HOW", "weights": {"1": [1, 0, 0], "other": [0, 1, 1]}},
        {"id": "USES", "codes": [1, 2, 3], "weights": {"all": [0, 1000, 1000]}, "missing": {"98": 0}},
        {"id": "WHY", "codes": [1], "weights": {"all": [1]}},
        {"id": "TA", "codes": [0, 3], "weights": {"all": [1, 1]}, "load": {"factor": "f", "percent": 99}},
        {"id": "TB", "codes": [0, 3], "weights": {"all": [1, 1]}, "load": {"factor": "f", "percent": -99}},
        {"id": "MANY", "codes": [1], "weights": {"all": [0]}},
        {"id": "LAST", "codes": [1], "weights": {"all": [1]}, "missing": {"99": 1000}},
    ],
}  # fmt: skip


def tiny(**changes):
    return Priors.from_bytes(canonical({**TINY, **changes}))


def changed_item(place, **members):
    items = [{**item, **(members if n == place else {})} for n, item in enumerate(TINY["items"])]
    return tiny(items=items)


def test_weights_of_nothing_and_of_everything_are_certain():
    """Codes of weight 0 never come, chances of 1000 per mille always, groups follow what was drawn before."""
    for one in islice(respondents(SMALL, tiny(), 3), 300):
        assert (one.answers["AGE"] == 1) == (one.answers["HOW"] == 1)
        assert (2, 3) == one.answers["USES"]
        assert one.answers.get("LAST", 99) == 99
        assert one.answers.get("MANY", 90) == 90


def test_a_hidden_factor_binds_answers_together():
    """Loads of 99 and -99 per cent make two answers opposite in nine of ten people, and leave their shares alone."""
    pairs = [(one.answers["TA"], one.answers["TB"]) for one in islice(respondents(SMALL, tiny(), 4), 2000)]
    assert fmean(a != b for a, b in pairs) > 0.9
    assert pytest.approx(0.5, abs=0.07) == fmean(a == 3 for a, _ in pairs)


@pytest.mark.parametrize(
    ("priors", "message"),
    [
        (tiny(items=TINY["items"][:-1]), "every item of the questionnaire once"),
        (tiny(study="other"), "another study"),
        (tiny(locales={"xx": 1}), "another study, locale"),
        (changed_item(0, codes=[1, 9]), "HOW: codes that the item does not have"),
        (changed_item(1, codes=[0, 1, 99]), "AGE: codes that the item does not have"),
        (changed_item(0, missing={"99": 1}), "HOW: missing codes that it does not offer"),
        (changed_item(0, by="LAST", weights={"other": [1, 1]}), "HOW: groups of an item that is not drawn before"),
        (changed_item(1, weights={"1": [1, 1, 1]}), "AGE: no weights for all others"),
        (changed_item(0, weights={"all": [1]}), "HOW: not one weight for each code"),
        (changed_item(0, weights={"all": [0, 0]}), "HOW: weights of nothing"),
        (changed_item(2, weights={"all": [1, 1, 1001]}), "USES: chances above 1000"),
        (changed_item(0, load={"factor": "g", "percent": 1}), "HOW: an unknown factor"),
    ],
)
def test_priors_that_do_not_fit_are_refused(priors, message):
    """Each misfit is named with its item before anybody is drawn."""
    with pytest.raises(PriorsError, match=message):
        next(respondents(SMALL, priors, 1))


@pytest.mark.parametrize("text", ["{", "study: x", "a: .nan", "null"])
def test_files_that_hold_no_priors_are_refused(tmp_path, text):
    """A file that is not YAML, or of another shape, is one clear error."""
    path = tmp_path / "priors.yaml"
    path.write_text(text)
    with pytest.raises(PriorsError, match=r"priors\.yaml"):
        Priors.read(path)


def test_the_file_of_the_study_says_that_it_is_invented():
    """The priors are called invented data where a program can read it."""
    assert "invented data" == PRIORS.why
    assert json.loads(PRIORS.to_bytes())["study"] == SESAME.study
