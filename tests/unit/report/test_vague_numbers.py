"""
Words in the place of a number whose margin leaves nothing worth one, in every output: survey/release/reliability.py.

A reader takes the number away and leaves the margin: "14 % ± 51" is read as fourteen percent.
"""

import re
from dataclasses import replace

import pytest
from jinja2 import Environment, FileSystemLoader
from paths import ROOT
from rich.console import Console
from studies import small_study as small

from analysis.estimates.comparisons import Compared
from analysis.estimates.inference import Difference
from analysis.pictures.rows import picture
from analysis.pictures.wording import Reader
from analysis.releasing.run import make_release
from analysis.report.answers import GroupComparison, ReportedNumber
from analysis.report.report import html as report_html
from analysis.report.verdicts import judged_pair
from analysis.terminal_views.comparisons import groups
from analysis.terminal_views.release import tables
from survey.authoring.findings_compiler import Comparison
from survey.release.estimate import Estimate, Mean, Share, Weighted
from survey.release.page_view_builder import show
from survey.release.reader import Amount
from survey.release.release import Release
from survey.release.reliability import vague
from survey.release.table_rows import estimate_rows
from survey.wording.page_languages import load_languages

WORDS = "too uncertain to say"
LOUD = re.compile(r"±\s*5\d")
"""A margin that is shown: of shares 51 points, of means and sizes none is between 50 and 59 here."""
SHARE, MEAN = 0.51, 5.55


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Release:
    """Return the small study's release, with shares, means, groups, a grid, weights and a top box."""
    world = small.build(tmp_path_factory.mktemp("vague"), number=2000, total=500_000_000)
    return make_release(world.request(small.plan(each=70_000_000))).release


@pytest.fixture(scope="module")
def release(sound) -> Release:
    """Return it with every margin of a share or mean far too wide."""
    tables = tuple(
        table.model_copy(
            update={
                "estimates": tuple(drowned(one) for one in table.estimates),
                "weighted": drowned(table.weighted) if table.weighted else None,
            }
        )
        for table in sound.tables
    )
    return sound.model_copy(update={"tables": tables})


def drowned(estimate: Estimate | Weighted) -> Estimate | Weighted:
    """Return an estimate with margins of 51 points and 5.55 of a score."""
    loud = {"shares": tuple(wide(share) for share in estimate.shares)}
    for name in ("mean", "difference"):
        if getattr(estimate, name, None):
            loud[name] = Mean(value=getattr(estimate, name).value, margin=MEAN)
    if getattr(estimate, "top", None):
        loud["top"] = estimate.top.model_copy(update={"margin": SHARE})
    return estimate.model_copy(update=loud)


def wide(share: Share) -> Share:
    return share.model_copy(update={"margin": SHARE, "reliable": False, "bayes": None})


@pytest.mark.parametrize(
    ("margin", "span", "words"),
    [(0.51, 1.0, True), (0.19, 1.0, False), (0.95, 2.0, True), (0.4, 2.0, False), (1.1, 4.0, True), (0.9, 4.0, False)],
)
def test_words_stand_where_the_margin_is_over_a_quarter_of_what_could_be(margin, span, words):
    """14 % +- 51 and a difference of 9 +- 95 are no numbers; 32 % +- 19 is a poor one, greyed but shown."""
    assert words == vague(margin, span)


def shown(release: Release) -> dict[str, str]:
    """Return what people are shown of the tables: picture, page, report and terminal, as text."""
    reader, language = Reader.of(release, "en"), load_languages()["en"]
    console = Console(width=120, record=True, highlight=False, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    tables(console, release, "en")
    console.file.close()
    pages = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    pages.globals |= {"_": lambda text, **values: text % values if values else text, "language": language}
    page = pages.from_string(
        "{% from 'results/table.html' import result with context %}"
        "{% for one in tables %}{{ result(one, '') }}{% endfor %}"
    )
    return {
        "picture": "\n".join(text for table in release.tables for text in picture(reader, table).texts),
        "page": re.sub(r"<[^>]+>", "", page.render(tables=show("0", release, language).tables)),
        "report": re.sub(r"<style>.*?</style>|<[^>]+>", "", report_html(release, None, "en"), flags=re.DOTALL),
        "terminal": console.export_text(),
    }


@pytest.mark.slow
def test_no_output_for_people_shows_a_number_that_says_nothing(sound, release):
    """Picture, page, report and terminal have words in its place; with ordinary margins they have numbers and none."""
    ordinary = shown(sound)
    for name, text in shown(release).items():
        words = "unsure" if name == "terminal" else WORDS
        assert text.count(words) > 20, name
        assert not LOUD.search(text), name
        assert "5.55" not in text, name
        assert ordinary[name].count(words) < text.count(words) / 4, name
        assert "±" in ordinary[name], name


@pytest.mark.slow
def test_files_of_numbers_say_it_in_their_notes(release):
    """Rows for programs keep the number that was signed, with a note; people's outputs do not."""
    rows = [row for table in release.tables for row in estimate_rows(release, table, "en")]
    numbers = [row for row in rows if row["measure"] in {"share", "weighted share", "mean", "weighted mean", "top"}]
    assert len(numbers) > 50
    assert all("too-uncertain" in row["notes"].split("; ") for row in numbers)
    assert all("vague" not in row for row in rows)


def test_a_difference_that_says_nothing_has_no_verdict_and_no_number(sound, capsys):
    """9 points +- 95 between two groups is "too uncertain" on the terminal, and neither larger nor smaller."""
    table = next(one for one in sound.tables if len(one.dimensions) > 1 and not one.dimensions[0].score)
    row = Compared(table.id, None, 1, 1, 2, "answered", value=0.09, margin=0.95, note="too-uncertain")
    groups(sound, [row], "en")
    assert "too uncertain" in capsys.readouterr().out
    groups(sound, [Compared(table.id, None, 1, 1, 2, "answered", 0.09, 0.05, 0.01, 0.01)], "en")
    assert "+9.0 ±5.0" in capsys.readouterr().out
    number = ReportedNumber(Amount.around(0.5, 0.1, 1.0), "answered", 100.0, 0.0)
    comparison = Comparison(words={"en": "x"}, of="X", by={"Y": (1, 2)})
    comparison_of_groups = GroupComparison(comparison, "T", "Y", (1, 2), (number, number), Difference(0.9, 0.6, 0.01))
    assert (1, 0) == (
        len([*judged_pair(comparison_of_groups)]),
        len([*judged_pair(replace(comparison_of_groups, vague=True))]),
    )
