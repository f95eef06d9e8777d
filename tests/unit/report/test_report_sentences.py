"""Sentences of a report about its numbers: of about how many people they are."""

import re

import pytest
from studies import demo_release
from studies.exported import SWAPPED
from truth.html_tree import html_tree, those, words

from analysis.pictures.wording import Reader
from analysis.report.answers import Answered, ReportAnswers
from analysis.report.method import method
from analysis.report.report import findings_of
from analysis.report.report import html as report_html
from analysis.report.view import unanswered
from survey.release.corrections import ReleasedVersion
from survey.release.release import Release

pytestmark = pytest.mark.slow

TABLES = {"T02", "T03"}
_PEOPLE = re.compile(r"about ([\d,]+) people")


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Release:
    """Return two tables of a release over two thousand invented people."""
    whole = demo_release.released(tmp_path_factory.mktemp("said"), "sesame_credit", "plan.yaml", 2000)
    return whole.model_copy(update={"tables": tuple(one for one in whole.tables if one.id in TABLES)})


@pytest.fixture(scope="module")
def findings(release):
    return findings_of(release)


@pytest.mark.parametrize("declared", [2000, 1000])
def test_no_sentence_names_more_people_than_answers_were_sent_in(release, findings, declared):
    """With 1,000 declared answers every size over it reads 1,000; with 2,000 some lie between, which is the control."""
    fewer = release.model_copy(update={"box": release.box.model_copy(update={"count": declared})})
    page_text = words(html_tree(report_html(fewer, findings, "en")))
    numbers = [int(number.replace(",", "")) for number in _PEOPLE.findall(page_text)]
    assert numbers
    assert max(numbers) <= declared
    assert (declared == 2000) == any(1000 < number < 2000 for number in numbers)


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_the_method_says_that_sizes_are_not_adjusted_to_each_other(release, locale):
    """A reader who finds more people answering than asked would take it for a fault."""
    reader = Reader.of(release, locale)
    assert reader.say("method-sizes") in [text for part in method(reader, interviews=False) for text in part.paragraphs]


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_the_method_names_the_place_of_each_corrected_text(release, locale):
    """Old and new words of two options alone would not say which question they answer, or that they changed places."""
    reader = Reader.of(release.model_copy(update={"corrections": (SWAPPED,)}), locale)
    (told,) = [text for part in method(reader, interviews=False) for text in part.paragraphs if SWAPPED.reason in text]
    assert "items.AGE.options.1 (en): “Yes” → “No”; items.AGE.options.2 (en): “No” → “Yes”" in told


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_the_method_says_that_another_version_was_asked_before(release, locale):
    """Number and first wave of the version stand there once; where no other version was asked nothing is said."""
    told = [_paragraphs(release, locale, version) for version in (None, ReleasedVersion(number=2, since=3))]
    (said,) = [text for text in told[1] if text not in told[0]]
    assert ["2", "3"] == re.findall(r"[0-9]+", said)
    assert len(told[0]) + 1 == len(told[1])


def _paragraphs(release, locale, version):
    reader = Reader.of(release.model_copy(update={"version": version}), locale)
    return [text for part in method(reader, interviews=False) for text in part.paragraphs]


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_a_hypothesis_without_an_answer_says_that_no_table_was_asked_for(release, findings, locale):
    """With tables that are large enough, no card without an answer speaks of too few people."""
    page, reader = html_tree(report_html(release, findings, locale)), Reader.of(release, locale)
    silent = [words(one) for one in those(page, "none")]
    assert silent
    assert {reader.say("report-nothing-not-asked")} == set(silent)


@pytest.mark.parametrize(
    ("states", "why"),
    [
        ((), "not-asked"),
        (("not-asked", "not-asked"), "not-asked"),
        (("too-few",), "too-few"),
        (("too-few", "not-asked"), "both"),
    ],
)
def test_why_nothing_is_said_is_what_the_measures_say(findings, states, why):
    """One word for all reasons tells nobody whether to ask for a table or for more people."""
    measure = findings.hypothesis("H04").measures[0]
    assert why == unanswered(Answered(measure, state) for state in states)


def test_a_difference_is_that_of_the_two_numbers_beside_it(signed, findings):
    """Of every comparison that is given the difference is that of its two values, to the last digit (2e-6)."""
    answers = ReportAnswers.of(signed)
    compared = [
        found for one in findings.hypotheses for pair in one.comparisons for found in answers.comparisons(pair, one)
    ]
    given = [found for found in compared if found.values is not None and found.difference is not None]
    assert len(given) >= 5
    for found in given:
        first, second = (number.amount.value for number in found.values)
        assert found.difference.value == pytest.approx(first - second, abs=2e-6)
