"""What the results pages are told beside shares: weighted ones, words, lists, middles; names of the header's levels."""

import csv
import io
import math

import pytest
from studies import small_study as small
from studies.exported import listed, planted

from analysis.releasing.run import make_release
from survey.release.page_view_builder import show
from survey.release.reliability import Z95
from survey.release.table_rows import ESTIMATES
from survey.web.downloads import table_csv
from survey.wording.page_languages import load_languages

LANGUAGES = load_languages()


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    # sigma is 10: an estimate of a one-way table abstains under 87 and these have about 240.
    world = small.build(tmp_path_factory.mktemp("charts"))
    plan = small.plan(each=10_000_000)
    tables = [table.to_json() for table in plan.tables]
    tables[6] |= {"dimensions": ["@mode", "@quality"]}
    return planted(make_release(world.request(small.plan(each=10_000_000, tables=tables))).release)


def view(release, locale="en"):
    return show(release.digest, release, LANGUAGES[locale])


def test_weighted_shares_stand_beside_the_raw_ones(release):
    """A table with weights has its design effect and cut weights told; one whose class is lost has no bars."""
    first, second = view(release).tables[:2]
    shown = first.weighted
    assert ("25%", True, False) == (shown.bars[0].share, shown.trimmed, shown.covers_population)
    people = release.tables[0].estimates[0].size.number
    assert f"{people * (0.2 / Z95) ** 2 / (0.25 * 0.75):,.1f}" == shown.design_effect
    assert () == second.weighted.bars
    assert first.everyone.bars
    assert view(release).tables[2].weighted is None


def test_joined_classes_have_no_design_effect(release):
    """A margin that also holds what joining shifts is no lack of people: the view has no such number then."""
    first = release.tables[0]
    joined = first.weighted.model_copy(update={"classes": (((1, 2), (3,)),)})
    tables = (first.model_copy(update={"weighted": joined}), *release.tables[1:])
    shown = view(release.model_copy(update={"tables": tables})).tables[0].weighted
    assert ("", True) == (shown.design_effect, bool(shown.joined))
    assert "" != view(release).tables[0].weighted.design_effect


def test_words_are_told_with_margin_threshold_and_price(release):
    """Phrases keep their order, the largest fills the bar, and delta is a power of ten; an empty list stays a list."""
    words, empty = view(release).words
    assert [("鱼", "90", 100.0), ("+fish", "71", 78.9)] == [(b.phrase, b.count, b.width) for b in words.phrases]
    assert ("62", "64", "0.00200", "10⁻¹⁷") == (words.margin, words.threshold, words.rho, words.delta)
    assert () == empty.phrases


def test_a_middle_a_top_and_a_public_figure_are_told(release):
    """The top box of a table and whose public shares were used are in the view; a middle has its range or none."""
    page_view = view(release)
    assert ("50%", "10") == (page_view.tables[0].everyone.top.value, page_view.tables[0].everyone.top.margin)
    assert ["all"] == [margin.of for margin in page_view.margins]
    middle = page_view.tables[0].everyone.median
    assert ("@SUM(A1)", "=1+1", "AGE 3") == (middle.value, middle.low, middle.high)


def upwards(value, digits):
    """Return a number with so many decimals that is not under `value`."""
    written = f"{value:.{digits}f}"
    return written if float(written) >= value else f"{value + 10.0**-digits:.{digits}f}"


def test_both_epsilons_are_told_and_odds_are_of_the_tighter(release):
    """A page has epsilon by the noise's own curve at each delta, and the looser ones beside."""
    own, converted = release.budget.epsilons
    price = view(release).budget
    assert [upwards(own[delta], 2) for delta in own] == [epsilon for _, epsilon in price.epsilons]
    assert tuple(upwards(converted[delta], 2) for delta in converted) == price.converted
    assert upwards(math.exp(own["1e-6"]), 1) == price.odds


def test_the_difference_of_two_lists_is_a_share_where_one_line_is_hidden(release):
    """One added line: so many people count it. Two: a mean number of lines."""
    differences = [view(listed(release, longer)).tables[0].everyone.difference for longer in (3, 4)]
    assert [("25%", "10"), ("0.25", "0.10")] == [(figure.value, figure.margin) for figure in differences]


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_the_headers_levels_have_names(release, locale):
    """Nobody reads @mode, self or hasty on a page or in a file, in any language."""
    table = view(release, locale).tables[6]
    assert "@" not in table.title + "".join(table.by)
    bars = [bar.label for bar in table.everyone.bars]
    assert not {"self", "kiosk", "assisted", "server", "hasty"} & set(bars)
    assert (locale == "en") == ("On a shared device" in bars)
    labels = {row["dimension_label"] for row in csv.DictReader(io.StringIO(table_csv(release, "T7", locale)))}
    assert {table.title} == labels


def test_every_list_has_a_file(release):
    """Words, public margins, cells and estimates can be had under their names, each with its own columns and rows."""
    rows = {name: csv_rows(release, name) for name in ("W1", "W2", "public-margins", "T1", "T1-cells")}
    assert [("1", "鱼", "90"), ("2", "'+fish", "71")] == columns(rows["W1"], "rank", "phrase", "count")
    assert [("", "", "none-over-threshold")] == columns(rows["W2"], "rank", "phrase", "notes")
    assert [("1", "0.3"), ("2", "0.4"), ("3", "0.3")] == columns(rows["public-margins"], "code", "share")
    table = release.table("T1")
    assert [str(count) for count in table.counts] == [count for (count,) in columns(rows["T1-cells"], "noisy_count")]
    shares = [("share", str(share.code)) for share in table.estimates[0].shares]
    assert shares == columns(rows["T1"], "measure", "code")[: len(shares)]
    assert {tuple(ESTIMATES)} == {tuple(row) for row in rows["T1"]}


def csv_rows(release, name):
    return list(csv.DictReader(io.StringIO(table_csv(release, name, "en"))))


def columns(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]
