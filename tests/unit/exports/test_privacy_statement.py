"""The privacy statement answers all hazards from the release's own facts, and other facts give other answers."""

import json

import pytest
from studies import small_study as small
from studies.exported import ABOUT, FIELDWORK

from analysis.exports.exact_numbers import exact_numbers
from analysis.exports.privacy_statement import statement
from analysis.noise.noise import epsilons, words_price
from analysis.releasing.run import make_release
from crypto.canonical import canonical
from survey.plan.threshold_delta import exact_atto_delta
from survey.release.release import Release


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    world = small.build(tmp_path_factory.mktemp("statement"), number=200)
    return make_release(world.request(small.plan())).release


def answer_to(release, number):
    return next(answer for answer in statement(release).answers if answer.number == number)


def changed(release, **members):
    return Release.from_bytes(canonical(release.to_json() | members))


def test_each_of_the_24_hazards_has_an_answer(release):
    """1 to 24 in order, each with words of its own, and the page holds every one under its layer."""
    answers = statement(release).answers
    assert [*range(1, 25)] == [answer.number for answer in answers]
    assert 24 == len({answer.text for answer in answers}) == len({answer.hazard for answer in answers})
    page = statement(release).to_markdown()
    assert all(f"**{answer.number}. {answer.hazard}" in page and answer.text in page for answer in answers)


def test_a_statement_is_plain_json_and_names_its_release(release):
    """As canonical JSON it holds the release's hash and the standard; the same release gives the same statement."""
    document = json.loads(canonical(statement(release).to_json()))
    assert ("sotto-statement-2", release.digest) == (document["format"], document["release"])
    assert "NIST SP 800-226" == document["standard"]
    assert statement(release) == statement(Release.from_bytes(release.to_bytes()))


def test_prices_and_counts_are_those_of_the_release(release):
    """The budget, the number of records, the cells and what noise drowned stand in the answers as they are."""
    assert "0.007 of 0.1" in answer_to(release, 1).text
    assert 200 == answer_to(release, 8).facts["exact"][0]["value"]
    assert sum(len(table.counts) for table in release.tables) == sum(answer_to(release, 14).facts["cells"].values())
    cells = [cell for table in release.tables for cell in table.counts]
    assert sum(cell < 0 for cell in cells) == answer_to(release, 11).facts["negative"] > 0
    silent = sum(bool(e.abstained) for table in release.tables for e in table.estimates)
    assert (silent, "limited") == (answer_to(release, 10).facts["too_few"], answer_to(release, 10).verdict)
    wide = {table.id: table.l2_squared for table in release.tables if table.l2_squared > 1}
    assert wide == answer_to(release, 13).facts["cells_of_one_record"]
    moved = {table.id: table.sensitivity_squared for table in release.tables if table.l2_squared > 1}
    assert moved == answer_to(release, 13).facts["sensitivity_squared"]


def test_several_answers_of_one_person_are_priced_on_an_open_link(release):
    """Epsilon for 1, 2, 3 and 5 answers is told by both ways; people who were invited answer once."""
    epsilons_by_k = answer_to(release, 3).facts["epsilon_of_several_answers"]
    least = release.budget.curve.least_sigma
    due = {str(k): epsilons(release.budget.spent, least_sigma=least, answers=k) for k in (1, 2, 3, 5)}
    assert {*due} == {*epsilons_by_k}
    for k, (own, converted) in due.items():
        assert own == epsilons_by_k[k]["curve"]
        assert converted == pytest.approx(epsilons_by_k[k]["conversion"], abs=1.1e-4)
    assert [*release.budget.epsilons] == [epsilons_by_k["1"]["curve"], epsilons_by_k["1"]["conversion"]]
    assert all(str(by["curve"]["1e-6"]) in answer_to(release, 3).text for by in epsilons_by_k.values())
    invited = changed(release, mode="invitation", unit="respondent", notes=[])
    assert "epsilon_of_several_answers" not in answer_to(invited, 3).facts


def test_what_lists_have_spent_is_taken_off_delta_for_several_answers_too(release):
    """With half of 1e-9 spent epsilon there is larger for each k than without, and for one answer the release's."""
    spent = 5 * 10**8
    lists = with_words(release)
    paid = lists["budget"] | {"atto_delta": lists["budget"]["atto_delta"] | {"spent": spent, "total": spent}}
    other = changed(release, **lists | {"budget": paid})
    facts, before = (answer_to(one, 3).facts["epsilon_of_several_answers"] for one in (other, release))
    least = other.budget.curve.least_sigma
    due = {k: epsilons(other.budget.spent, spent, least_sigma=least, answers=k) for k in (2, 5)}
    for k, (own, converted) in due.items():
        assert own == facts[str(k)]["curve"]
        assert converted == pytest.approx(facts[str(k)]["conversion"], abs=1.1e-4)
        assert facts[str(k)]["curve"]["1e-9"] > before[str(k)]["curve"]["1e-9"]
    assert [*other.budget.epsilons] == [facts["1"]["curve"], facts["1"]["conversion"]]


def test_one_answer_costs_the_price_of_the_list_and_several_never_less(release):
    """Where OpenDP's map gives more than our tail the statement has that price, for one answer and for each more."""
    lists = with_words(release)
    dear = 9 * 10**8
    assert dear > exact_atto_delta(30.0, 210, 3, 5)
    listed = [one | {"atto_delta": dear} for one in lists["words"]]
    paid = lists["budget"] | {"atto_delta": {"cost": dear, "spent": dear, "total": dear}}
    deltas_by_k = answer_to(changed(release, budget=paid, words=listed), 3).facts["atto_delta_of_several_answers"]
    assert {str(k): dear for k in (1, 2, 3, 5)} == deltas_by_k


def test_phrases_in_several_answers_of_one_person_have_their_own_delta(release):
    """On an open link the lists' delta is told for 1, 2, 3 and 5 answers and grows; without a list none is told."""
    other = answer_to(changed(release, **with_words(release)), 3)
    due = {"1": words_price(30.0, 210, 3)[1]} | {str(k): exact_atto_delta(30.0, 210, 3, k) for k in (2, 3, 5)}
    assert due == other.facts["atto_delta_of_several_answers"]
    assert [*due.values()] == sorted({*due.values()})
    text = other.text.rsplit("delta ", 1)[1].rstrip(".").split(", ")
    assert [value / 1e18 for value in due.values()] == pytest.approx([float(part) for part in text], rel=0.1)
    assert all(float(part) * 1e18 >= value for part, value in zip(text, due.values(), strict=True))
    assert "atto_delta_of_several_answers" not in answer_to(release, 3).facts


@pytest.mark.parametrize("mode", ["open", "invitation"])
def test_every_exact_number_of_its_mode_is_named(release, mode):
    """Hazard 8 says each number that is public without noise in this mode, as text and as a fact with its places."""
    unit = {"open": "envelope", "invitation": "respondent"}[mode]
    hazard_answer = answer_to(changed(release, mode=mode, unit=unit, notes=[]), 8)
    due = exact_numbers(mode)
    assert [(number.name, number.places) for number in due] == [
        (f["number"], f["places"]) for f in hazard_answer.facts["exact"]
    ]
    assert all(number.statement in hazard_answer.text for number in due)


def test_both_epsilons_are_told_the_tighter_first(release):
    """The summary and the first hazard hold epsilon by the noise's own curve and then by the conversion."""
    own, converted = (epsilon["1e-6"] for epsilon in release.budget.epsilons)
    assert own < converted
    for text in (statement(release).summary, answer_to(release, 1).text):
        assert text.index(f"{own} at delta 1e-6") < text.index(f"{converted} at delta 1e-6")


def budget(release, **members):
    return {"budget": release.budget.to_json() | members}


def with_words(release):
    """Return what a list of words changes: the list, the cheapest there is, and its delta in the budget."""
    delta = words_price(30.0, 210, 3)[1]
    paid = {"id": "W1", "item": release.tables[0].dimensions[0].id, "nano_rho": 1, "atto_delta": delta, "most": 3}
    noise = {"sigma": 30.0, "threshold": 210, "measurement": "{}", "margin": 60.0}
    listed = paid | noise | {"reason": "r", "hypotheses": [], "phrases": []}
    cost = release.budget.cost + listed["nano_rho"]
    spent = {"cost": cost, "spent": cost, "atto_delta": {"cost": delta, "spent": delta, "total": 10**8}}
    return budget(release, **spent) | {"words": [listed]}


@pytest.mark.parametrize(
    ("change", "number", "verdicts", "word"),
    [
        (lambda r: budget(r, total=600_000_000), 1, ("answered", "limited"), "weak"),
        (with_words, 2, ("answered", "limited"), "open words"),
        (lambda _: {"unit": "respondent", "mode": "invitation"}, 3, ("limited", "answered"), "respondent"),
        (with_words, 18, ("answered", "limited"), "threshold"),
        (lambda _: {"notes": ["registered-late"]}, 19, ("answered", "limited"), "does not name it"),
        (lambda _: {"demo": True}, 20, ("elsewhere", "limited"), "DEMONSTRATION"),
    ],
)
def test_another_fact_is_another_answer(release, change, number, verdicts, word):
    """A loud budget, spent delta, invitations, open words, a late plan and a demo each change their answer."""
    other = answer_to(changed(release, **change(release)), number)
    assert verdicts == (answer_to(release, number).verdict, other.verdict)
    assert word in other.text
    assert answer_to(release, number).text != other.text


def test_noise_that_does_not_hold_a_contribution_is_not_called_held(release):
    """With a sigma under the price the thirteenth answer is limited and says false."""
    document = release.to_json()
    document["tables"][0]["sigma"] /= 2
    other = answer_to(Release.from_bytes(canonical(document)), 13)
    assert ("limited", False) == (other.verdict, other.facts["noise_holds_it"])


def test_nothing_is_claimed_that_no_file_can_show(release):
    """Security, access, trust and what was collected are said to rest on people and machines."""
    assert {20, 22, 23, 24} == {a.number for a in statement(release).answers if a.verdict == "elsewhere"}


def test_a_statement_says_who_answers_for_the_study(release):
    """Organisation, contact, ethics review and days are the release's; where it says nothing nothing is said."""
    wave = FIELDWORK | {"study": release.study, "root": release.box.root, "answered": release.box.count}
    text = statement(changed(release, about=ABOUT | {"study": release.study}, fieldwork=wave)).to_markdown()
    for part in ("Run by: An institute.", "Contact: mail@example.org.", "Ethics review: Board 7, number 12."):
        assert part in text
    assert "Open from 2026-03-01 to 2026-04-30" in text
    assert () == statement(release.model_copy(update={"about": None, "fieldwork": None})).made_by
