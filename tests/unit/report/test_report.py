"""Reports of a release: its numbers and no others, seven people told as seven, three languages, an inert file."""

import html
import io
import itertools
import re
import sys
from base64 import b64encode
from hashlib import sha256

import demo_release
import numpy as np
import pytest
from chinese_script import CHINESE, foreign
from click.testing import CliRunner
from paths import ROOT
from pypdf import PdfReader

from analysis.__main__ import main
from analysis.estimates.inference import ReleaseModel, group_difference
from analysis.exports.export import ExportError
from analysis.pictures.wording import Reader
from analysis.planning.check import Outlook
from analysis.planning.expected_shares import prior_shares
from analysis.planning.findings_check import check_findings
from analysis.report.answers import Interval, ReportAnswers, exact, together
from analysis.report.method import method
from analysis.report.page import ReportError, pdf
from analysis.report.report import findings_of, write_report
from analysis.report.report import html as report_html
from analysis.report.verdicts import Verdicts, judged, judged_pair
from crypto.errors import MissingExtraError
from survey.authoring.compiler import compile_study
from survey.authoring.findings_compiler import Comparison, Measure, PilotShare
from survey.authoring.plan_compiler import compile_plan
from survey.questionnaire.codes import DONT_KNOW, UNREADABLE
from survey.questionnaire.study_metadata import Fieldwork, StudyMetadata
from survey.release.reader import Amount
from survey.release.release import Release, Table

pytestmark = pytest.mark.slow

TABLES = {"T02", "T03", "T05", "T17", "T36"}
TEXTS = {"en": "x", "zh-Hans": "x", "zh-Hant": "x"}


@pytest.fixture(scope="module")
def signed(tmp_path_factory) -> Release:
    """Return a release of twelve tables over two thousand invented people."""
    return demo_release.released(tmp_path_factory.mktemp("four"), "sesame_credit", "plan.yaml", 2000)


@pytest.fixture(scope="module")
def release(signed) -> Release:
    """Return five of its tables: each picture takes a third of a second, in three languages."""
    return signed.model_copy(update={"tables": tuple(one for one in signed.tables if one.id in TABLES)})


@pytest.fixture(scope="module")
def findings(release):
    """Return the findings that are shipped with the release's study."""
    return findings_of(release)


@pytest.fixture(scope="module")
def pages(release, findings) -> dict[str, str]:
    """Return the report in each locale."""
    return {locale: report_html(release, findings, locale) for locale in release.labels}


def words(page: str) -> str:
    """Return what a reader sees of a page: its text without style and marks."""
    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)))


def card(page: str, name: str) -> str:
    """Return the part of a page about one hypothesis."""
    found = re.search(rf'<article class="hypothesis[^"]*" id="{name}">.*?</article>', page, flags=re.DOTALL)
    assert found, name
    return words(found[0])


@pytest.mark.parametrize(
    ("said", "low", "high"), [(4, 0.18, 0.90), (7, 0.59, 1.0), (6, 0.42, 1.0), (1, 0.004, 0.58), (0, 0.0, 0.41)]
)
def test_the_range_that_seven_people_leave_open_is_exact(said, low, high):
    """Clopper and Pearson's intervals of k in seven are those that the method prints."""
    found = exact(PilotShare(said=said, of=7))
    assert (said / 7, low, high) == (
        found.value,
        pytest.approx(found.low, abs=0.005),
        pytest.approx(found.high, abs=0.005),
    )


def test_at_least_so_many_leaves_the_range_open_above():
    """Of at least four of seven the range begins where that of four does, and ends at everyone."""
    closed, opened = exact(PilotShare(said=4, of=7)), exact(PilotShare(said=4, of=7, at_least=True))
    assert (closed.value, closed.low, 1.0) == (opened.value, opened.low, opened.high)


def test_an_open_range_is_no_verdict_on_a_number_within_it(signed, findings):
    """H24's number lies within "at least one of seven": that share is said, and no verdict on the two."""
    only = signed.model_copy(update={"tables": (signed.table("T49"),)})
    reader, said = Reader.of(only, "en"), card(report_html(only, findings, "en"), "H24")
    assert "At least 1 of 7 (14%)" in said
    verdicts = [reader.say(f"report-seven-{one}", people="7") for one in ("larger", "smaller", "open")]
    assert [] == [verdict for verdict in verdicts if verdict in said]


def test_two_ranges_are_told_apart_only_where_they_do_not_touch():
    """Larger and smaller are said of ranges apart; touching or overlapping ones are open."""
    one = Interval(0.5, 0.4, 0.6)
    sides = [
        one.beside(0.1, 0.39),
        one.beside(0.61, 0.9),
        one.beside(0.1, 0.4),
        one.beside(0.6, 0.9),
        one.beside(0.5, 0.5),
    ]
    assert ["larger", "smaller", "open", "open", "open"] == sides


def test_a_single_level_has_the_releases_own_number(release, findings):
    """Where one level is asked, share and margin are the release's, and the weighted ones where it has weights."""
    told = ReportAnswers.of(release).measure(findings.hypothesis("H04").measures[0], findings.hypothesis("H04"))
    table = release.table("T03")
    share = next(one for one in table.estimates[0].shares if one.code == 1)
    assert ("told", share.share, share.margin) == (told.state, told.number.amount.value, told.number.amount.margin)


def test_a_weighted_level_is_the_releases_own(release, findings):
    """The table of KBAND is weighted by schooling: the weighted share beside the plain one is the release's."""
    hypothesis = findings.hypothesis("H08")
    told = ReportAnswers.of(release).measure(hypothesis.measures[0], hypothesis)
    weighted = next(one for one in release.table("T02").weighted.shares if one.code == 1)
    assert (weighted.share, weighted.margin) == (told.weighted.amount.value, told.weighted.amount.margin)


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
    (told,) = ReportAnswers.of(signed).measures(findings.hypothesis("H07"))
    table = signed.table("T04")
    codes = [axis.codes for axis in table.dimensions]
    cells = dict(zip(itertools.product(*codes), table.consistent, strict=True))
    kept = [axis.levels("answered") for axis in table.dimensions]
    whole = sum(cells[pair] for pair in itertools.product(*kept))
    assert ("told", "T04", {"K2": [0]}) == (told.state, told.table, told.measure.joint_with)
    assert (cells[2, 0] + cells[3, 0]) / whole == pytest.approx(told.number.amount.value, abs=1e-5)
    assert whole == pytest.approx(told.number.total, abs=0.01)


def test_a_later_dimension_is_told_from_its_tables_cells(signed, findings):
    """H24 asks for TENCENT, the second dimension of T49: its level is summed over all answers to the first."""
    (told,) = ReportAnswers.of(signed).measures(findings.hypothesis("H24"))
    first, second = signed.table("T49").dimensions
    cells = np.array(signed.table("T49").consistent).reshape(len(first.codes), len(second.codes))
    readable = cells[[first.codes.index(code) for code in first.codes if code != UNREADABLE]].sum(axis=0)
    levels = {code: readable[second.codes.index(code)] for code in second.levels("answered")}
    assert ("told", "T49") == (told.state, told.table)
    assert levels[3] / sum(levels.values()) == pytest.approx(told.number.amount.value, abs=1e-5)


def test_weighted_levels_together_have_their_joint_margin(signed, findings):
    """H06 asks two of three levels of a weighted table: the margin is that of the third, not the sum of two."""
    hypothesis = findings.hypothesis("H06")
    told = next(one for one in ReportAnswers.of(signed).measures(hypothesis) if one.weighted)
    shares = {one.code: one for one in signed.table(told.table).weighted.shares if one.code != DONT_KNOW}
    asked = [shares[code] for code in told.measure.codes]
    assert len(asked) > 1
    assert sum(one.share for one in asked) == pytest.approx(told.weighted.amount.value, abs=3e-6)
    assert max(one.margin for one in asked) / 2 < told.weighted.amount.margin < sum(one.margin for one in asked)


@pytest.mark.parametrize(("margin", "covers", "large"), [(0.19, True, False), (0.03, True, True), (0.03, False, False)])
def test_the_large_number_is_the_one_with_the_smaller_total_error(signed, findings, margin, covers, large):
    """A weighted share that noise ruins, or not for the population, stands small; words say which is which."""
    hypothesis, table = findings.hypothesis("H08"), signed.table("T02")
    shares = tuple(one.model_copy(update={"margin": margin}) for one in table.weighted.shares)
    changed = {"shares": shares, "covers_population": covers, "classes": (((1,), (2, 3)),)}
    weighted = table.weighted.model_copy(update=changed)
    one = signed.model_copy(update={"tables": (table.model_copy(update={"weighted": weighted}),)})
    found = ReportAnswers.of(one).measure(hypothesis.measures[0], hypothesis)
    assert (found.weighted if large else found.number) == found.best
    said = card(report_html(one, findings, "en"), "H08")
    assert ("weighted to the public figures by" in said, "as answered; weighted" in said) == (True, not large)
    assert "count as one group: " in said
    assert ("the margin holds what that leaves out" in said) == covers


def test_every_number_of_a_card_is_the_releases(release, pages):
    """The card of H04 says share, margin and group shares as the release has them, in the words of its locale."""
    for locale, page in pages.items():
        reader, said = Reader.of(release, locale), card(page, "H04")
        table = release.table("T03")
        share = next(one for one in table.estimates[0].shares if one.code == 1)
        assert " ± ".join(reader.share(Amount.of_share(share))) in said
        assert "57%" in said
        assert "18%" in said
        assert "90%" in said


def test_a_difference_of_groups_is_the_interfaces(release, findings):
    """A comparison has the value and margin that the inference gives, and its verdict is their sign."""
    asked = Comparison(words=TEXTS, of="TRUSTGAP", by={"AGE3": (3, 1)})
    (found,) = ReportAnswers.of(release).comparisons(asked, findings.hypothesis("H12"))
    expected = group_difference(ReleaseModel.of(release), "T05", (3, 1))
    assert (expected.value, expected.margin) == (found.difference.value, found.difference.margin)
    apart = abs(expected.value) > expected.margin
    verdict = Verdicts.of(judged_pair(found)).verdict(found.interval, 0.0, 0.0)
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
        found = next(ReportAnswers.of(one).comparisons(asked, findings.hypothesis("H08")), None)
        return abs(found.difference.value) / found.difference.margin if found and found.carries_verdict else 0.0

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
    found = answers.measure(hypothesis.measures[0], hypothesis)
    near = hypothesis.measures[0].model_copy(update={"against": str(found.best.interval.low - 0.001), "verdicts": None})
    changed = hypothesis.model_copy(update={"measures": [near, *hypothesis.measures[1:]]})
    others = [changed if one.id == "H04" else one for one in findings.hypotheses]
    asked = findings.model_copy(update={"hypotheses": others})
    measured = {one.id: [pair for each in answers.measures(one) for pair in judged(each)] for one in others}
    for one in others:
        every = (found for pair in one.comparisons for found in answers.comparisons(pair, one))
        measured[one.id] += [pair for found in every for pair in judged_pair(found)]
    verdicts = Verdicts.of(pair for pairs in measured.values() for pair in pairs)
    expected = {name: sum(verdicts.by_chance(*pair) for pair in pairs) for name, pairs in measured.items()}
    said, page = f"among the {len(verdicts.adjusted)} comparisons of this report", report_html(signed, asked, "en")
    assert expected["H04"] == 1
    assert expected == {name: card(page, name).count(said) for name in measured}
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
    found = ReportAnswers.of(release.model_copy(update={"tables": tables})).measure(asked, findings.hypothesis("H17"))
    assert ("too-few", None) == (found.state, found.best)


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
    assert ["told", "too-few", "not-asked"] == states


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
    found = answers.measure(hypothesis.measures[0], hypothesis)
    compared = list(answers.comparisons(hypothesis.comparisons[0], hypothesis))
    assert ("T03", None) == (found.table, found.population)
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
    said = card(report_html(only, findings, locale), "H04")
    reader = Reader.of(only, locale)
    assert sentence.format(question=reader.question("USE"), answer=reader.level("USE", 1)) in said
    assert reader.say("report-part") in said
    verdicts = [reader.say(f"report-seven-{one}", people="7") for one in ("larger", "smaller", "open")]
    assert [] == [verdict for verdict in verdicts if verdict in said]


def test_the_check_of_a_plan_takes_the_tables_that_its_report_takes(signed, findings, tmp_path):
    """For each measure and comparison that the plan will tell, the check of the plan names the report's own table."""
    study = demo_release.STUDIES / "sesame_credit"
    questionnaire, _ = compile_study(study / "questionnaire.yaml")
    plan = compile_plan(study / "plan.yaml", questionnaire)
    outlook = Outlook(2000, priors=prior_shares(study / "priors.yaml", plan, questionnaire))
    checked, answers = check_findings(findings, plan, questionnaire, outlook), ReportAnswers.of(signed)
    told = {"answered", "filtered"}
    planned, reported = [], []
    for one in checked.hypotheses:
        written = findings.hypothesis(one.id)
        planned += [part.table for part in one.measures if part.state in told]
        pairs = zip(one.measures, answers.measures(written), strict=True)
        reported += [found.table for part, found in pairs if part.state in told]
        planned += [part.table for part in one.comparisons if part.state in told]
        compared = [found for asked in written.comparisons for found in answers.comparisons(asked, written)]
        reported += [found.table for found in compared]
    assert len(planned) > 25
    assert planned == reported


def test_every_hypothesis_and_finding_stands_in_every_language(pages, findings):
    """Each page has the four findings and thirty-one cards with claim and what was said, and nothing left to fill."""
    for locale, page in pages.items():
        said = words(page)
        for one in findings.findings:
            assert one.title[locale] in said
        for one in findings.hypotheses:
            assert one.claim[locale] in card(page, one.id)
            assert one.before[locale] in card(page, one.id)
        assert [] == re.findall(r"\{\w*\}|\bNone\b|\[\]", said)


@pytest.mark.parametrize("locale", CHINESE)
def test_a_chinese_page_is_in_its_own_script(pages, locale):
    """No sign of the other script stands in a Chinese report."""
    assert "" == foreign(words(pages[locale]), locale)


def test_that_no_number_comes_from_seven_people_alone_is_said(pages, release):
    """Every page says so at its top, names its sources, the price, the open link and the demonstration."""
    for locale, page in pages.items():
        reader, said = Reader.of(release, locale), words(page)
        keys = (
            "method-who-open",
            "method-envelopes",
            "report-demo-text",
            "method-margin",
            "method-seven",
            "method-count",
        )
        assert [] == [key for key in keys if reader.say(key) not in said]
        assert reader.say("report-no-seven", people="7") in said
        assert "digitalcreditobservatory.org" in said
        assert [] == [e["1e-6"] for e in release.budget.epsilons if reader.bound(e["1e-6"], 2) not in said]
        assert len(release.budget.epsilons) == 2
        assert release.digest in said


def test_a_page_loads_and_runs_nothing(pages):
    """No script, handler, style attribute or outside resource; the policy holds the hash of the one style."""
    for page in pages.values():
        assert not re.search(r"<script|\son\w+=|\sstyle=|<link|<img|<iframe|@import|url\(|javascript:", page)
        style = re.search(r"<style>(.*?)</style>", page, flags=re.DOTALL)[1]
        name = b64encode(sha256(style.encode()).digest()).decode()
        policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])
        assert policy.startswith(f"default-src 'none'; style-src 'sha256-{name}';")
        assert {"digitalcreditobservatory.org"} == set(re.findall(r'href="https?://([^/"]+)', page))


def test_a_label_never_becomes_markup(release, findings):
    """A label and a title that look like a script stay text in the page, in its pictures too."""
    evil = "<script>alert(1)</script>{{ 7 * 7 }}"
    label = release.labels["en"]["TURNOFF"].model_copy(update={"text": evil})
    changed = release.model_copy(
        update={
            "labels": release.labels | {"en": release.labels["en"] | {"TURNOFF": label}},
            "title": release.title | {"en": evil},
        }
    )
    page = report_html(changed, findings, "en")
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 3
    assert "{{ 7 * 7 }}" in page


def test_a_study_without_findings_has_its_tables(release):
    """Without findings every table has its picture, and nothing is said of interviews."""
    page = report_html(release, None, "en")
    assert {table.id for table in release.tables} == set(re.findall(r'<figure id="(T\d+)"', page))
    assert not re.search(r"\b(?<!,)7 people|interview", words(page))
    assert 'id="hypotheses"' not in page


def test_each_picture_stands_once_and_is_pointed_at_from_elsewhere(pages, release):
    """No picture is drawn twice; a hypothesis that shares one says where it stands."""
    names = re.findall(r'<figure id="(T\d+)"', pages["en"])
    assert sorted(table.id for table in release.tables) == sorted(names)
    assert "For the picture of table T02 see H06" in card(pages["en"], "H08")


def test_pdf_has_its_fonts_and_its_chinese_text(release, tmp_path):
    """A PDF holds every font that it uses, its Chinese text can be read out, and it is the same each time."""
    few = release.model_copy(update={"tables": release.tables[:1]})
    path = write_report(few, tmp_path / "report.pdf", None, "zh-Hant")
    content = path.read_bytes()
    reader = PdfReader(io.BytesIO(content))
    said = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    assert "芝麻信用：了解與信任" in said
    assert Reader.of(few, "zh-Hant").question("KBAND") in said
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    inner = [
        font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts if "/DescendantFonts" in font
    ]
    assert inner
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & {*one.get_object()} for one in inner)
    assert any("CJK" in one.get_object()["/FontName"] for one in inner)
    assert content == write_report(few, tmp_path / "again.pdf", None, "zh-Hant").read_bytes()


@pytest.mark.parametrize(
    ("locale", "quoted"),
    [("en", "“{}; {}” (as its"), ("zh-Hans", "“{}；{}”（引文照录"), ("zh-Hant", "「{}；{}」（引文照錄")],
)
def test_the_source_of_a_margin_is_a_marked_quotation(pages, release, locale, quoted):
    """Whose shares a margin has and where they were read is in the source's language: it stands in quotes, as such."""
    used = {name for one in release.tables if one.weighted for name in one.weighted.by}
    margins = [one for one in release.margins if one.dimension in used]
    assert margins
    assert {True} == {quoted.format(one.of, one.source) in words(pages[locale]) for one in margins}


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_a_printed_claim_stands_with_its_answer_and_apart_from_the_claim_above(signed, findings, tmp_path, locale):
    """On paper no claim is parted from what people said and what the survey found, and each has room above it."""
    reader, room, parts = Reader.of(signed, locale), 35, []
    headings = [reader.say("report-before", people=findings.people), reader.say("report-found")]
    for page in PdfReader(write_report(signed, tmp_path / "report.pdf", findings, locale)).pages:
        lines = printed_lines(page)
        edges = {x for x, _, text in lines if text == headings[0]}
        for left, down, name in lines:
            if re.fullmatch(r"H\d\d", name) and (edge := next((x for x in edges if 5 < left - x < 10), None)):
                column = sorted((y, text) for x, y, text in lines if edge - 1 < x < edge + 330)
                below = [text for y, text in column if y > down and text in headings]
                assert headings == below[:2], name
                assert [] == [text for y, text in column if down - room < y < down - 3], name
                parts.append(name)
    assert [one.id for one in findings.hypotheses] == sorted(parts)


def printed_lines(page):
    """Return the lines of a page outside of its pictures with where they stand, in CSS pixels: (left, down, text)."""
    lines = []

    def keep(text, _, matrix, *__):
        if text.strip() and matrix[5]:
            lines.append((matrix[4], matrix[5], text.strip()))

    page.extract_text(visitor_text=keep)
    return lines


def test_the_method_says_who_ran_the_study_when_and_how_many_of_those_invited_answered(release):
    """Organisation, contact, ethics review, days and participation stand in the method; nothing where nobody says."""
    wave = {"format": "sotto-fieldwork-1", "study": release.study, "wave": 1, "root": release.box.root}
    days = {"opened": "2026-03-01", "closed": "2026-04-30", "answered": release.box.count}
    days |= {"invited": 8000, "issued": 2100}
    about = StudyMetadata.model_validate(
        {"format": "sotto-about-2", "study": release.study, "version": "1", "organisation": {"en": "An institute"},
         "contact": {"en": "mail@example.org"}, "ethics": {"en": "Board 7"}}
    )  # fmt: skip
    documented = release.model_copy(update={"about": about, "fieldwork": Fieldwork.model_validate(wave | days)})
    text, bare = (
        " ".join(method(Reader.of(one, "en"), interviews=False)[0].paragraphs)
        for one in (documented, release.model_copy(update={"about": None, "fieldwork": None}))
    )
    assert "Run by An institute. Questions go to mail@example.org. Ethics review: Board 7." in text
    assert "People answered from March 1, 2026 to April 30, 2026." in text
    assert "8,000 invitations were handed out and 2,000 answers came: 25% of the invitations." in text
    assert "Run by" not in bare


def test_an_english_pdf_has_no_letter_of_a_chinese_font(release, tmp_path):
    """A font for Chinese sets English quotes a whole em wide: where another is there, English is set in that."""
    few = release.model_copy(update={"tables": release.tables[:1]})
    reader = PdfReader(io.BytesIO(write_report(few, tmp_path / "report.pdf", None, "en").read_bytes()))
    assert "“" in "".join(page.extract_text() for page in reader.pages)
    fonts = [font.get_object()["/BaseFont"] for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert [] == [name for name in fonts if "CJK" in name]


def test_what_cannot_be_written_is_refused(release, findings, tmp_path):
    """Another ending, another study's findings and another locale are refused, and nothing is written."""
    with pytest.raises(ReportError, match=r"neither in \.html nor in \.pdf"):
        write_report(release, tmp_path / "report.docx", findings)
    with pytest.raises(ReportError, match="the release is of s9"):
        report_html(release.model_copy(update={"study": "s9"}), findings)
    with pytest.raises(ExportError, match="no labels in de"):
        write_report(release, tmp_path / "report.html", findings, "de")
    assert [] == list(tmp_path.iterdir())


def test_without_the_print_extra_its_name_is_said(monkeypatch):
    """Where WeasyPrint is not installed the message says what to install, and that HTML needs less."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingExtraError, match=r"\[analysis,print\].*report\.html"):
        pdf("<p>x", "00")


def test_a_pdf_that_cannot_be_set_is_refused_before_anything_is_computed(tmp_path, monkeypatch):
    """Where WeasyPrint is missing the command names scripts/setup paper and never reads the release, here no JSON."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    unreadable = tmp_path / "release.json"
    unreadable.write_bytes(b"no JSON")
    refused = CliRunner().invoke(main, ["report", str(unreadable), "-o", str(tmp_path / "a.pdf")])
    assert (3, True) == (refused.exit_code, "scripts/setup paper" in refused.output)
    read = CliRunner().invoke(main, ["report", str(unreadable), "-o", str(tmp_path / "a.html")])
    assert "scripts/setup paper" not in read.output


def test_the_command_writes_a_report_and_refuses_a_changed_release(signed, tmp_path):
    """The command ends with 0 and the file; after one changed number it ends with 3 and writes nothing."""
    few = tmp_path / "release.json"
    few.write_bytes(signed.to_bytes())
    run = CliRunner().invoke
    good = run(main, ["report", str(few), "-o", str(tmp_path / "a.html"), "--tables-only", "--lang", "zh-Hans"])
    assert (0, True) == (good.exit_code, (tmp_path / "a.html").exists())
    few.write_bytes(signed.to_bytes().replace(b'"demo":true', b'"demo":false'))
    bad = run(main, ["report", str(few), "-o", str(tmp_path / "b.html")])
    assert (3, False) == (bad.exit_code, (tmp_path / "b.html").exists())
    assert "changed after it was signed" in bad.output


def test_findings_of_an_unknown_study_are_none(release):
    """The shipped findings belong to their study alone."""
    assert findings_of(release) is not None
    assert findings_of(release.model_copy(update={"study": "another"})) is None
    assert (ROOT / "templates/report/report.html").exists()
