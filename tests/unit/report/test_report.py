"""Reports of a release: its numbers and no others, seven people told as seven, three languages, an inert file."""

import itertools
import math

import numpy as np
import pytest
from studies import demo_release
from truth.report_text import card

from analysis.estimates.inference import ReleaseModel, group_difference
from analysis.pictures.wording import Reader
from analysis.planning.check import Outlook
from analysis.planning.expected_shares import prior_shares
from analysis.planning.findings_check import check_findings
from analysis.report import weighted_tables
from analysis.report.answers import Interval, ReportAnswers, exact, together
from analysis.report.report import html as report_html
from analysis.report.verdicts import Verdicts, judged, judged_pair
from survey.authoring.compiler import compile_study
from survey.authoring.findings_compiler import Comparison, Measure, PilotShare
from survey.authoring.plan_compiler import compile_plan
from survey.questionnaire.codes import DONT_KNOW, UNREADABLE
from survey.release.reader import Amount
from survey.release.release import Release, Table
from survey.release.reliability import Z95

pytestmark = pytest.mark.slow

TEXTS = {"en": "x", "zh-Hans": "x", "zh-Hant": "x"}


@pytest.mark.parametrize(
    ("count", "low", "high"), [(4, 0.18, 0.90), (7, 0.59, 1.0), (6, 0.42, 1.0), (1, 0.004, 0.58), (0, 0.0, 0.41)]
)
def test_the_range_that_seven_people_leave_open_is_exact(count, low, high):
    """Clopper and Pearson's intervals of k in seven are those that the method prints."""
    interval = exact(PilotShare(said=count, of=7))
    assert (count / 7, low, high) == (
        interval.value,
        pytest.approx(interval.low, abs=0.005),
        pytest.approx(interval.high, abs=0.005),
    )


def test_at_least_so_many_leaves_the_range_open_above():
    """Of at least four of seven the range begins where that of four does, and ends at everyone."""
    closed, opened = exact(PilotShare(said=4, of=7)), exact(PilotShare(said=4, of=7, at_least=True))
    assert (closed.value, closed.low, 1.0) == (opened.value, opened.low, opened.high)


def test_an_open_range_is_no_verdict_on_a_number_within_it(signed, findings):
    """H24's number lies within "at least one of seven": that share is said, and no verdict on the two."""
    only = signed.model_copy(update={"tables": (signed.table("T49"),)})
    reader, card_text = Reader.of(only, "en"), card(report_html(only, findings, "en"), "H24")
    assert "At least 1 of 7 (14%)" in card_text
    verdicts = [reader.say(f"report-pilot-{one}", people="7") for one in ("larger", "smaller", "open")]
    assert [] == [verdict for verdict in verdicts if verdict in card_text]


def test_two_ranges_are_told_apart_only_where_they_do_not_touch():
    """Larger and smaller are said of ranges apart; touching or overlapping ones are open."""
    one = Interval(0.5, 0.4, 0.6)
    sides = [
        one.compared_with(0.1, 0.39),
        one.compared_with(0.61, 0.9),
        one.compared_with(0.1, 0.4),
        one.compared_with(0.6, 0.9),
        one.compared_with(0.5, 0.5),
    ]
    assert ["larger", "smaller", "open", "open", "open"] == sides


def test_a_single_level_has_the_releases_own_number(release, findings):
    """Where one level is asked, share and margin are the release's, and the weighted ones where it has weights."""
    answered = ReportAnswers.of(release).measure(findings.hypothesis("H04").measures[0], findings.hypothesis("H04"))
    table = release.table("T03")
    share = next(one for one in table.estimates[0].shares if one.code == 1)
    assert ("reported", share.share, share.margin) == (
        answered.state,
        answered.number.amount.value,
        answered.number.amount.margin,
    )


def test_a_weighted_level_is_the_releases_own(release, findings):
    """The table of KBAND is weighted by schooling: the weighted share beside the plain one is the release's."""
    hypothesis = findings.hypothesis("H08")
    answered = ReportAnswers.of(release).measure(hypothesis.measures[0], hypothesis)
    weighted = next(one for one in release.table("T02").weighted.shares if one.code == 1)
    assert (weighted.share, weighted.margin) == (answered.weighted.amount.value, answered.weighted.amount.margin)


def test_levels_together_follow_the_rule_for_one_level(signed):
    """One level put together is the released share with its margin; two are their sum, with a margin of their own."""
    noisy, table = ReleaseModel.of(signed).group("T17", None), signed.table("T17")
    shares = [share for share in table.estimates[0].shares if share.base == "answered"]
    for place, share in enumerate(shares):
        one = together(noisy, [place])
        assert (share.share, share.margin) == pytest.approx((one.value, one.margin), abs=2e-6)
        assert share.reliable == one.reliable
    both = together(noisy, [0, 1])
    assert shares[0].share + shares[1].share == pytest.approx(both.value, abs=2e-6)
    assert max(shares[0].margin, shares[1].margin) / 2 < both.margin < shares[0].margin + shares[1].margin


def test_sure_and_mistaken_is_told_from_joint_cells(signed, findings):
    """Without a table of OVERCONF the report adds up T04's consistent cells, under the words of the same measure."""
    (answered,) = ReportAnswers.of(signed).measures(findings.hypothesis("H07"))
    table = signed.table("T04")
    codes = [axis.codes for axis in table.dimensions]
    cells = dict(zip(itertools.product(*codes), table.consistent, strict=True))
    kept = [axis.levels("answered") for axis in table.dimensions]
    whole = sum(cells[pair] for pair in itertools.product(*kept))
    assert ("reported", "T04", {"K2": [0]}) == (answered.state, answered.table, answered.measure.joint_with)
    assert (cells[2, 0] + cells[3, 0]) / whole == pytest.approx(answered.number.amount.value, abs=1e-5)
    assert whole == pytest.approx(answered.number.total, abs=0.01)


def test_a_later_dimension_is_told_from_its_tables_cells(signed, findings):
    """H24 asks for TENCENT, the second dimension of T49: its level is summed over all answers to the first."""
    (answered,) = ReportAnswers.of(signed).measures(findings.hypothesis("H24"))
    first, second = signed.table("T49").dimensions
    cells = np.array(signed.table("T49").consistent).reshape(len(first.codes), len(second.codes))
    readable = cells[[first.codes.index(code) for code in first.codes if code != UNREADABLE]].sum(axis=0)
    levels = {code: readable[second.codes.index(code)] for code in second.levels("answered")}
    assert ("reported", "T49") == (answered.state, answered.table)
    assert levels[3] / sum(levels.values()) == pytest.approx(answered.number.amount.value, abs=1e-5)


def test_weighted_levels_together_have_their_joint_margin(signed, findings):
    """H06 asks two of three levels of a weighted table: the margin is that of the third, not the sum of two."""
    hypothesis = findings.hypothesis("H06")
    answered = next(one for one in ReportAnswers.of(signed).measures(hypothesis) if one.weighted)
    shares = {one.code: one for one in signed.table(answered.table).weighted.shares if one.code != DONT_KNOW}
    asked = [shares[code] for code in answered.measure.codes]
    assert len(asked) > 1
    assert sum(one.share for one in asked) == pytest.approx(answered.weighted.amount.value, abs=3e-6)
    assert max(one.margin for one in asked) / 2 < answered.weighted.amount.margin < sum(one.margin for one in asked)


def test_a_weighted_table_is_drawn_once_for_all_that_a_report_asks_of_it(signed, monkeypatch):
    """Two pairs of levels of one weighted table have the same draws: five hundred tables are raked once."""
    asked, draw = [], weighted_tables.weighted_shares

    def counted(*given):
        asked.append(given[0].table.id)
        return draw(*given)

    monkeypatch.setattr(weighted_tables, "weighted_shares", counted)
    table = next(one for one in signed.tables if one.weighted and len(one.weighted.shares) > 2)
    answers = ReportAnswers.of(signed)
    pairs = itertools.combinations([one.code for one in table.weighted.shares], 2)
    margins = {answers.weights.together(table.id, table.weighted, pair).margin for pair in pairs}
    assert len(margins) > 1
    assert [table.id] == asked


@pytest.mark.parametrize(("margin", "covers", "large"), [(0.19, True, False), (0.03, True, True), (0.03, False, False)])
def test_the_large_number_is_the_one_with_the_smaller_total_error(signed, findings, margin, covers, large):
    """A weighted share that noise ruins, or not for the population, stands small; words say which is which."""
    hypothesis, table = findings.hypothesis("H08"), signed.table("T02")
    shares = tuple(one.model_copy(update={"margin": margin}) for one in table.weighted.shares)
    changed = {"shares": shares, "covers_population": covers, "classes": (((1,), (2, 3)),)}
    weighted = table.weighted.model_copy(update=changed)
    one = signed.model_copy(update={"tables": (table.model_copy(update={"weighted": weighted}),)})
    answered = ReportAnswers.of(one).measure(hypothesis.measures[0], hypothesis)
    assert (answered.weighted if large else answered.number) == answered.best
    card_text = card(report_html(one, findings, "en"), "H08")
    assert ("weighted to the public figures by" in card_text, "as answered; weighted" in card_text) == (True, not large)
    assert "count as one group: " in card_text
    assert ("the margin holds what that leaves out" in card_text) == covers


def test_every_number_is_tested_by_what_was_sampled_and_what_is_noise(signed, findings):
    """Shares, levels together, means and weighted numbers carry their skewed distribution, as wide as the margin."""
    answers = ReportAnswers.of(signed)
    every = [one for hypothesis in findings.hypotheses for one in answers.measures(hypothesis) if one.number]
    numbers = [number for one in every for number in (one.number, one.weighted) if number]
    assert {True, False} == {one.mean for one in every}
    assert len(numbers) > len(every) > 0
    for number in numbers:
        sampled = number.interval.sampled
        spread = math.sqrt(sampled.cumulants(0.0)[2])
        assert spread * Z95 == pytest.approx(number.amount.margin, rel=0.1)


def test_every_number_of_a_card_is_the_releases(release, pages):
    """The card of H04 says share, margin and group shares as the release has them, in the words of its locale."""
    for locale, page in pages.items():
        reader, card_text = Reader.of(release, locale), card(page, "H04")
        table = release.table("T03")
        share = next(one for one in table.estimates[0].shares if one.code == 1)
        assert " ± ".join(reader.share(Amount.of_share(share))) in card_text
        assert "57%" in card_text
        assert "18%" in card_text
        assert "90%" in card_text


def test_a_difference_of_groups_is_the_interfaces(release, findings):
    """A comparison has the value and margin that the inference gives, and its verdict is their sign."""
    asked = Comparison(words=TEXTS, of="TRUSTGAP", by={"AGE3": (3, 1)})
    (compared,) = ReportAnswers.of(release).comparisons(asked, findings.hypothesis("H12"))
    expected = group_difference(ReleaseModel.of(release), "T05", (3, 1))
    assert (expected.value, expected.margin) == (compared.difference.value, compared.difference.margin)
    apart = abs(expected.value) > expected.margin
    verdict = Verdicts.of(judged_pair(compared)).verdict(compared.interval, 0.0, 0.0)
    assert (("larger" if expected.value > 0 else "smaller") if apart else "open") == verdict


def test_no_group_is_higher_by_a_number_that_is_not_to_be_relied_on(signed, findings):
    """With one of two shares drowned, as with a single number, the report has its words of doubt and no verdict.

    Control: as signed, the same comparison has a verdict.
    """
    plain, asked = _clearest(signed, findings)
    name, ((group, _),) = "H08", asked.by.values()
    changed = [one.model_copy(update={"comparisons": [asked] if one.id == name else []}) for one in findings.hypotheses]
    alone = findings.model_copy(update={"hypotheses": changed})
    before, after = (card(report_html(one, alone, "en"), name) for one in (plain, _drowned(plain, group, asked.code)))
    assert ("Higher for" in before, "Too uncertain to rely on." in before) == (True, False)
    assert ("Higher for" in after, "Too uncertain to rely on." in after) == (False, True)


def _clearest(release: Release, findings) -> tuple[Release, Comparison]:
    """Return a release of one table, and the comparison in it whose difference is largest beside its margin."""
    tables = (one for one in release.tables if len(one.dimensions) == 2 and not one.population)
    plain = [release.model_copy(update={"tables": (one,)}) for one in tables]
    candidates = [
        (one, Comparison(words=TEXTS, of=first.id, code=code, by={second.id: pair}))
        for one in plain
        for first, second in (one.tables[0].dimensions,)
        for code in first.levels("substantive")
        for pair in itertools.combinations(second.levels("substantive"), 2)
    ]

    def clearness(candidate: tuple[Release, Comparison]) -> float:
        one, asked = candidate
        compared = next(ReportAnswers.of(one).comparisons(asked, findings.hypothesis("H08")), None)
        return (
            abs(compared.difference.value) / compared.difference.margin
            if compared and compared.carries_verdict
            else 0.0
        )

    return max(candidates, key=clearness)


def _drowned(release: Release, group: int, code: int) -> Release:
    """Return the release of one table with the share of one level in one group not to be relied on."""
    (table,) = release.tables
    estimates = tuple(
        one.model_copy(
            update={"shares": tuple(part.model_copy(update={"reliable": part.code != code}) for part in one.shares)}
        )
        if one.group == group
        else one
        for one in table.estimates
    )
    return release.model_copy(update={"tables": (table.model_copy(update={"estimates": estimates}),)})


def test_a_verdict_that_many_comparisons_make_chance_says_so(signed, findings):
    """A claim just outside of a number's range is not judged: the card says that it would be by itself, among how many.

    The other cards say it as often as the adjusted comparisons do.
    """
    answers, hypothesis = ReportAnswers.of(signed), findings.hypothesis("H04")
    outcome = answers.measure(hypothesis.measures[0], hypothesis)
    near = hypothesis.measures[0].model_copy(
        update={"against": str(outcome.best.interval.low - 0.001), "verdicts": None, "pilot": None}
    )
    # This claim alone: whether the pilot or other measures differ from it by chance too depends on the noise.
    changed = hypothesis.model_copy(update={"measures": [near], "comparisons": []})
    others = [changed if one.id == "H04" else one for one in findings.hypotheses]
    asked = findings.model_copy(update={"hypotheses": others})
    measured = {one.id: [pair for each in answers.measures(one) for pair in judged(each)] for one in others}
    for one in others:
        every = (outcome for pair in one.comparisons for outcome in answers.comparisons(pair, one))
        measured[one.id] += [pair for outcome in every for pair in judged_pair(outcome)]
    verdicts = Verdicts.of(pair for pairs in measured.values() for pair in pairs)
    expected = {name: sum(verdicts.by_chance(*pair) for pair in pairs) for name, pairs in measured.items()}
    sentence, page = f"among the {len(verdicts.adjusted)} comparisons of this report", report_html(signed, asked, "en")
    assert expected["H04"] == 1
    assert expected == {name: card(page, name).count(sentence) for name in measured}
    assert any(adjusted < 0.05 for adjusted in verdicts.adjusted.values())


def test_what_was_not_asked_or_abstains_is_said_and_never_guessed(release, findings):
    """A question without a table is not asked, a table that abstains is too few, and neither has a number."""
    answers = ReportAnswers.of(release)
    leak = answers.measure(findings.hypothesis("H26").measures[0], findings.hypothesis("H26"))
    assert ("not-asked", None) == (leak.state, leak.best)
    table = release.table("T36")
    silent = {"abstained": "too-few", "shares": (), "mean": None}
    quiet = table.model_copy(update={"estimates": (table.estimates[0].model_copy(update=silent),)})
    tables = tuple(quiet if one.id == "T36" else one for one in release.tables)
    asked = Measure(words=TEXTS, of="TURNOFF", codes=[3])
    answered = ReportAnswers.of(release.model_copy(update={"tables": tables})).measure(
        asked, findings.hypothesis("H17")
    )
    assert ("too-few", None) == (answered.state, answered.best)


def _without_mean(release: Release, name: str) -> Release:
    """Return the release with too few who have a score in one table: its shares stay."""
    lost = {"mean": None, "median": None, "top": None}
    table = release.table(name)
    estimates = tuple(one.model_copy(update=lost) for one in table.estimates)
    changed = table.model_copy(update={"estimates": estimates, "weighted": None})
    return release.model_copy(update={"tables": tuple(changed if one is table else one for one in release.tables)})


def test_a_mean_that_too_few_have_a_score_for_was_asked(signed, findings):
    """A score whose base is described and whose mean is lost is too few; what is no score is not asked."""
    scored = next(one for one in signed.tables if one.dimensions[0].score and one.estimates[0].mean)
    plain = next(one for one in signed.tables if not one.dimensions[0].score and not one.dimensions[0].rows)
    states = []
    for release, table in ((signed, scored), (_without_mean(signed, scored.id), scored), (signed, plain)):
        alone = release.model_copy(update={"tables": (release.table(table.id),)})
        measure = Measure(words=TEXTS, of=table.dimensions[0].id)
        states.append(ReportAnswers.of(alone).measure(measure, findings.hypothesis("H04")).state)
    assert ["reported", "too-few", "not-asked"] == states


def test_groups_are_compared_in_the_next_table_where_the_first_is_silent(signed, findings):
    """As a measure, a comparison falls through to a table that tells it; where none does, the first says so."""
    table, (group, other) = signed.table("T05"), (1, 3)
    silent = {"abstained": "too-few", "shares": (), "mean": None, "median": None, "top": None}
    estimates = tuple(one.model_copy(update=silent) if one.group == group else one for one in table.estimates)
    quiet = table.model_copy(update={"id": "A00", "estimates": estimates})
    code = table.dimensions[0].levels("substantive")[0]
    asked = Comparison(words=TEXTS, of=table.dimensions[0].id, code=code, by={table.dimensions[1].id: (other, group)})
    compared = []
    for tables in ((quiet, table), (quiet,)):
        answers = ReportAnswers.of(signed.model_copy(update={"tables": tables}))
        compared += [(one.table, one.values is None) for one in answers.comparisons(asked, findings.hypothesis("H26"))]
    assert [("T05", False), ("A00", True)] == compared


def filtered(table: Table) -> Table:
    """Return a table with a name that sorts first, asked of regular users alone; nobody stands outside."""
    outside = {name: (*getattr(table, name), 0) for name in ("counts", "consistent", "variances")}
    return table.model_copy(update=outside | {"id": "A00", "population": {"item": "USE", "in": [1]}})


def test_a_number_of_everyone_is_never_taken_from_a_filtered_table(release, findings):
    """With a filtered table beside that of everyone, share and groups are everyone's, whichever sorts first."""
    hypothesis, plain = findings.hypothesis("H04"), release.table("T03")
    both = release.model_copy(update={"tables": (filtered(plain), *release.tables)})
    answers = ReportAnswers.of(both)
    answered = answers.measure(hypothesis.measures[0], hypothesis)
    compared = list(answers.comparisons(hypothesis.comparisons[0], hypothesis))
    assert ("T03", None) == (answered.table, answered.population)
    assert [("T03", None)] == [(one.table, one.population) for one in compared]


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "only of those who said: {question} {answer};"),
        ("zh-Hans", "只算这样答的人：{question}{answer}；"),
        ("zh-Hant", "只算這樣答的人：{question}{answer}；"),
    ],
)
def test_a_report_says_of_whom_a_filtered_table_speaks(release, findings, locale, sentence):
    """Where only a filtered table has the number, its card says of whom it is, and compares it with no claim."""
    only = release.model_copy(update={"tables": (filtered(release.table("T03")), release.table("T36"))})
    card_text = card(report_html(only, findings, locale), "H04")
    reader = Reader.of(only, locale)
    assert sentence.format(question=reader.question("USE"), answer=reader.level("USE", 1)) in card_text
    assert reader.say("report-part") in card_text
    verdicts = [reader.say(f"report-pilot-{one}", people="7") for one in ("larger", "smaller", "open")]
    assert [] == [verdict for verdict in verdicts if verdict in card_text]


def test_the_check_of_a_plan_takes_the_tables_that_its_report_takes(signed, findings, tmp_path):
    """For each measure and comparison that the plan will tell, the check of the plan names the report's own table."""
    study = demo_release.STUDIES / "sesame_credit"
    questionnaire, _ = compile_study(study / "questionnaire.yaml")
    plan = compile_plan(study / "plan.yaml", questionnaire)
    outlook = Outlook(2000, priors=prior_shares(study / "priors.yaml", plan, questionnaire))
    checked, answers = check_findings(findings, plan, questionnaire, outlook), ReportAnswers.of(signed)
    reported_states = {"answered", "filtered"}
    planned, reported = [], []
    for one in checked.hypotheses:
        written = findings.hypothesis(one.id)
        planned += [part.table for part in one.measures if part.state in reported_states]
        pairs = zip(one.measures, answers.measures(written), strict=True)
        reported += [outcome.table for part, outcome in pairs if part.state in reported_states]
        planned += [part.table for part in one.comparisons if part.state in reported_states]
        compared = [outcome for asked in written.comparisons for outcome in answers.comparisons(asked, written)]
        reported += [outcome.table for outcome in compared]
    assert len(planned) > 25
    assert planned == reported
