"""One reading of a release for every output: survey/release/reader.py, as page, picture, terminal and CSV show it."""

import csv
import io
import re

import pytest
from rich.console import Console
from studies import small_study as small
from studies.exported import listed, planted

from analysis.pictures.rows import picture
from analysis.pictures.wording import Reader
from analysis.releasing.run import make_release
from analysis.terminal_views.release import tables
from survey.questionnaire.bases import BASES
from survey.release.estimate import Share, Size, Sizes
from survey.release.page_view_builder import show
from survey.release.reader import Amount, ReleaseReader, hidden_lines, number_of_people
from survey.release.release import Release
from survey.release.table_rows import estimates_csv
from survey.wording.page_languages import NAMES, load_languages

LANGUAGES = load_languages()


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Release:
    # sigma is 10: an estimate of a one-way table abstains under 87 and these have about 240.
    world = small.build(tmp_path_factory.mktemp("reader"))
    return planted(make_release(world.request(small.plan(each=10_000_000))).release)


def of(release: Release, table: str, **members: object) -> Release:
    """Return the release with this table alone, and with members of its first estimate replaced."""
    first, *others = release.table(table).estimates
    estimates = (first.model_copy(update=members), *others)
    changed = release.table(table).model_copy(update={"estimates": estimates, "weighted": None})
    return release.model_copy(update={"tables": (changed,), "words": None})


def page(release: Release, locale: str = "en"):
    return show(release.digest, release, LANGUAGES[locale]).tables[0]


def drawn(release: Release, locale: str = "en"):
    """Return the rows of the first table's picture."""
    drawing = picture(Reader.of(release, locale), release.tables[0])
    return [row for section in drawing.sections for block in section.blocks for row in block.rows]


def terminal(release: Release) -> str:
    out = Console(width=120, file=io.StringIO(), highlight=False)
    tables(out, release, "en")
    return out.file.getvalue()


@pytest.mark.parametrize("locale", NAMES)
def test_page_and_picture_say_each_share_in_the_same_words(release, locale):
    """A share with its margin reads alike on the page and in the picture, in every locale that both speak."""
    labels = dict.fromkeys(NAMES, release.labels["en"])
    spoken = of(release.model_copy(update={"labels": labels, "title": dict.fromkeys(NAMES, "T")}), "T4")
    shown = page(spoken, locale)
    groups = [shown.everyone, *(group for section in shown.sections for group in section.groups)]
    bars = [f"{bar.share} ± {bar.margin}" for group in groups for bar in group.bars]
    assert bars
    assert bars == [row.value_text.strip("()") for row in drawn(spoken, locale)]


def test_a_bar_ends_where_the_whisker_of_the_picture_ends(release):
    """Value and interval are clipped to 0 and 1 by one rule; where there is a Bayesian interval it is that one."""
    share = Share(code=1, base="answered", share=-0.02, margin=0.07, reliable=False, bayes=(0.0, 0.0625))
    edge = of(release, "T4", shares=(share,))
    (bar,), (row, *_) = page(edge).everyone.bars, drawn(edge)
    assert (0.0, 0.0, 6.2) == (bar.width, bar.low, bar.high)
    assert (0.0, 0.0, 0.0625) == (row.at, row.low, row.high)
    assert ("0%", "(0% ± 7)", True) == (bar.share, row.value_text, "(0–6)" in terminal(edge))


def test_nobody_is_fewer_than_none_but_files_keep_the_noisy_number(release):
    """A total that noise put below 0 reads 0 on page, picture and terminal; CSV has it as it was released."""
    sizes = Sizes(**dict.fromkeys(BASES, Size(number=-3.4, margin=9.0)))
    negative = of(release, "T4", sizes=sizes)
    assert "0" == page(negative).everyone.total
    notes = picture(Reader.of(negative, "en"), negative.tables[0]).notes
    assert any(": about 0 people" in note for note in notes)
    assert re.search(r"number \(noisy\) +0 ±", terminal(negative))
    rows = [*csv.DictReader(io.StringIO(estimates_csv(negative, negative.tables[0], "en"), newline=""))]
    assert "-3.4" == rows[0]["total"]


def test_nobody_is_more_than_all_but_files_keep_the_noisy_number(release):
    """A size that noise put above the answers that were sent in reads as their number; CSV has it as released."""
    declared = release.box.count
    sizes = Sizes(**dict.fromkeys(BASES, Size(number=declared + 26.3, margin=31.0)))
    more = of(release, "T4", sizes=sizes)
    assert str(declared) == page(more).everyone.total
    notes = picture(Reader.of(more, "en"), more.tables[0]).notes
    assert any(f": about {declared} people" in note for note in notes)
    assert re.search(rf"number \(noisy\) +{declared} ±", terminal(more))
    rows = [*csv.DictReader(io.StringIO(estimates_csv(more, more.tables[0], "en"), newline=""))]
    assert str(declared + 26.3) == rows[0]["total"]


@pytest.mark.parametrize(("size", "shown"), [(-3.4, 0.0), (0.0, 0.0), (240.2, 240.2), (2026.3, 2000)])
def test_a_number_of_people_lies_between_none_and_all(size, shown):
    """The one rule by which noisy sizes are shown to people."""
    assert shown == number_of_people(size, 2000)


@pytest.mark.parametrize(
    ("longer", "figure", "points"), [(3, ("25%", "10"), "25 ±10"), (4, ("0.25", "0.10"), "0.25 ±0.10")]
)
def test_a_difference_of_lists_is_a_share_only_where_one_line_is_hidden(release, longer, figure, points):
    """One line that one list has alone is counted by so many people; of two lines the difference is a mean number."""
    list_release = listed(release, longer)
    shown, (row,) = page(list_release).everyone.difference, drawn(list_release)
    assert figure == (shown.value, shown.margin)
    assert " ± ".join(figure) == row.value_text
    assert points in terminal(list_release)
    assert longer - 2 == hidden_lines(list_release.tables[0].dimensions[0])


def test_a_picture_of_two_hidden_lines_has_a_scale_of_lines(release):
    """A mean of up to two lines would leave a scale that ends at 100 %."""
    list_release = listed(release, 4)
    (section,) = picture(Reader.of(list_release, "en"), list_release.tables[0]).sections
    assert (2.0, ("0", "1", "2")) == (section.high, tuple(text for _, text in section.ticks))


def test_a_silent_group_says_why_and_has_no_cells(release):
    """Too few answers, or a class that is lost in noise: the reason stands beside nothing that could be shown."""
    reader = ReleaseReader.read(release, "en")
    silent = [one for table in release.tables for one in reader.groups(table) if one.silence]
    silent += [reader.weighted(one, one.weighted) for one in release.tables if one.weighted and one.weighted.abstained]
    assert {"too-few", "class-lost"} == {one.silence for one in silent}
    assert {((), None)} == {(one.cells, one.mean) for one in silent}


def test_what_rounds_to_nothing_has_no_sign(release):
    """A mean of -0.004 is 0.00 and not -0.00."""
    assert ("0.00", "0.01") == ReleaseReader.read(release, "en").mean(Amount.around(-0.004, 0.01))


def test_a_locale_without_pages_of_its_own_writes_english_numbers(release):
    """A release may be labelled in a language that Babel does not know; its numbers are English then."""
    labels = {**release.labels, "en-XA": release.labels["en"]}
    assert "1,234.5" == ReleaseReader.read(release.model_copy(update={"labels": labels}), "en-XA").number(1234.5, 1)
