"""
Differences, correlations and tests as commands.

analysis/estimates/comparisons.py, cli_questions.py, cli_synthetic.py.
"""

import csv
import json

import pytest
from click.testing import CliRunner
from studies import small_study as small

from analysis.__main__ import main
from analysis.estimates.comparisons import compare_groups, compare_waves, correlations, independences
from analysis.estimates.inference import InferenceError, ReleaseModel, group_difference, holm, independence
from analysis.estimates.synthetic import STAMP
from analysis.releasing.run import make_release
from analysis.study.release_file import ReleaseError, read_release
from analysis.terminal_views.comparisons import groups as groups_shown
from crypto.canonical import canonical
from crypto.errors import ExitCode
from survey.release.release import Release

COMMANDS = (
    ["compare", "groups"],
    ["compare", "waves"],
    ["relate", "correlation"],
    ["relate", "independence"],
    ["synthetic"],
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One wave of 2,000 people with hardly any noise, and the path of its release."""
    world = small.build(tmp_path_factory.mktemp("questions"), number=2000, total=500_000_000)
    return make_release(world.request(small.plan(each=70_000_000)))


@pytest.fixture(scope="module")
def release(made):
    return made.release


def later(release, **changes):
    """Return a release as another wave's, over another box: unsigned, so for the Python functions alone."""
    box = release.box.model_copy(update={"root": "a" * 64})
    return release.model_copy(update={"wave": 2, "box": box} | changes)


def run(*arguments, columns=80):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": str(columns)})


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command):
    """--help ends with 0 and shows an example of this very command."""
    done = run(*command, "--help")
    assert 0 == done.exit_code
    assert f"Example: sotto {' '.join(command)}" in done.output


def test_all_pairs_of_groups_are_compared_and_adjusted_together(release):
    """GAP is a score: three differences of means, each as the Python function says, p adjusted by Holm over all."""
    rows = compare_groups(release, "T3")
    assert [(1, 2), (1, 3), (2, 3)] == [(row.one, row.other) for row in rows]
    numbers = ReleaseModel.of(release)
    differences = [group_difference(numbers, "T3", (row.one, row.other)) for row in rows]
    assert [(one.value, one.margin, one.p) for one in differences] == [(row.value, row.margin, row.p) for row in rows]
    assert holm([row.p for row in rows]) == [row.adjusted for row in rows]


def test_levels_that_are_no_score_are_compared_share_by_share(release):
    """TA by AGE has four levels and "don't know", and three pairs of groups; naming both leaves one row."""
    assert 15 == len(compare_groups(release, "T2"))
    (row,) = compare_groups(release, "T2", (1, 3), levels=(3,))
    assert (3, 1, 3) == (row.level, row.one, row.other)


def marked(release, group, **changes):
    """Return the release with the share of level 3 of TA in one age group changed, as if noise had done it."""
    table = release.table("T2")

    def edited(estimate):
        shares = [share.model_copy(update=changes) if share.code == 3 else share for share in estimate.shares]
        return estimate.model_copy(update={"shares": tuple(shares)}) if estimate.group == group else estimate

    new = table.model_copy(update={"estimates": tuple(map(edited, table.estimates))})
    return release.model_copy(update={"tables": tuple(new if one.id == "T2" else one for one in release.tables)})


@pytest.mark.parametrize("changes", [{"reliable": False}, {"margin": 0.26}])
def test_no_verdict_is_given_of_a_share_that_is_not_to_be_relied_on(release, changes):
    """A grey share, or one of a margin over a quarter: pairs with it have a note and no p, and the others are adjusted
    without them; the control is the release as it is.
    """
    assert [None] * 3 == [row.note for row in compare_groups(release, "T2", levels=(3,))]
    rows = compare_groups(marked(release, 2, **changes), "T2", levels=(3,))
    assert ["unreliable", None, "unreliable"] == [row.note for row in rows]
    assert [True, False, True] == [row.p is None and row.adjusted is None for row in rows]
    assert rows[1].p == rows[1].adjusted
    waves = [release, later(marked(release, 2, **changes))]
    assert ["unreliable", None] == [compare_waves(*waves, "T2", group=g, levels=(3,))[0].note for g in (2, 1)]


def test_a_difference_that_its_margin_leaves_nothing_of_is_none(release):
    """At the least sigma at which a margin is over half, that pair is too uncertain and has no p; another has one."""
    for sigma in range(20, 100):
        noisy = release.table("T2").model_copy(update={"sigma": float(sigma)})
        rows = compare_groups(release.model_copy(update={"tables": (noisy,)}), "T2", levels=(3,))
        if wide := [row for row in rows if row.margin > 0.5]:
            break
    assert 0 < len(wide) < len(rows)
    expected = [("too-uncertain", True) if row in wide else (None, False) for row in rows]
    assert expected == [(row.note, row.p is None) for row in rows]


def test_the_terminal_says_in_words_what_is_too_uncertain(release, capsys):
    """No difference, margin or p is printed of a pair with a note, but its words and what they mean."""
    groups_shown(release, compare_groups(marked(release, 2, reliable=False), "T2", levels=(3,)), "en")
    lines = capsys.readouterr().out.splitlines()
    pairs = [line for line in lines if "−" in line]
    assert [True, False, True] == [line.rstrip().endswith(" uncertain") for line in pairs]
    assert [False, True, False] == ["±" in line for line in pairs]
    assert any("noise drowns one of the two numbers" in line for line in lines)


def test_a_group_that_is_lost_in_noise_has_no_difference(release):
    """Where one group's cells are nothing its rows say too-few, and the others are adjusted without it."""
    table = release.table("T3")
    counts = list(table.counts)
    groups = len(table.dimensions[1].codes)
    for place in range(0, len(counts) - 1, groups):
        counts[place] = 0
    edited = table.model_copy(update={"counts": tuple(counts), "sigma": 20.0})
    rows = compare_groups(release.model_copy(update={"tables": (edited,)}), "T3")
    assert ["too-few", "too-few"] == [row.abstained for row in rows[:2]]
    assert (None, rows[2].p) == (rows[0].p, rows[2].adjusted)


@pytest.mark.parametrize(
    ("table", "more", "message"),
    [
        ("T9", {}, "no table T9"),
        ("T1", {}, "has one dimension"),
        ("T2", {"groups": (7, 8)}, "AGE has no level 7, 8: it has 1, 2, 3"),
        ("T2", {"levels": (9,)}, "TA has no level 9"),
        ("T2", {"groups": (1,)}, "two groups"),
        ("T2", {"row": "G1"}, "no table T2 with a row G1"),
    ],
)
def test_a_comparison_that_the_release_does_not_hold_is_refused_by_name(release, table, more, message):
    """Unknown tables, groups, levels and rows, and a table without groups, each say what there is."""
    with pytest.raises(InferenceError, match=message):
        compare_groups(release, table, **more)


def test_waves_are_compared_where_they_ask_the_same(release):
    """The same numbers in a later wave have not changed; the margin is that of both."""
    (row,) = compare_waves(release, later(release), "T3")
    assert (0.0, 2, 1) == (row.value, row.one, row.other)
    (group,) = compare_waves(release, later(release), "T2", group=1, levels=(3,))
    assert (3, 1) == (group.level, group.within)
    assert 0 < row.margin < 1


def test_waves_that_do_not_ask_the_same_are_refused(release):
    """Another study, one box, a table that one lacks, levels that changed: each with its reason."""
    table = release.table("T2")
    fewer = table.dimensions[0].model_copy(update={"codes": table.dimensions[0].codes[1:]})
    changed = table.model_copy(update={"dimensions": (fewer, *table.dimensions[1:])})
    for after, message in (
        (later(release, study="other-study"), "two studies"),
        (release, "of one box"),
        (later(release, tables=(changed,)), "does not ask the same"),
        (later(release, tables=(release.table("T1"),)), "second release has no table T2"),
    ):
        with pytest.raises(InferenceError, match=message):
            compare_waves(release, after, "T2")


def test_tests_of_independence_are_of_every_table_of_two(release):
    """T2 and T3 have two plain dimensions, T5 and T6 a multi one, T7 three: two tests, adjusted together."""
    rows = independences(release, draws=199)
    assert ["T2", "T3"] == [row.table for row in rows]
    assert independence(ReleaseModel.of(release), "T2", draws=199) == rows[0].p
    assert holm([row.p for row in rows]) == [row.adjusted for row in rows]
    with pytest.raises(InferenceError, match="one answer each"):
        independences(release, ["T6"])


def test_correlations_have_an_interval_around_them(release):
    """Spearman's and Pearson's of T2 lie within their own intervals; a single dimension has none."""
    for ranks in (True, False):
        (row,) = correlations(release, ["T2"], ranks=ranks)
        assert -1 < row.low < row.value < row.high < 1
    with pytest.raises(InferenceError, match="two are needed"):
        correlations(release, ["T1"])


@pytest.mark.parametrize(
    ("command", "member"),
    [
        (("compare", "groups", "T2"), "differences"),
        (("relate", "correlation", "T2"), "correlations"),
        (("relate", "independence", "T2"), "tests"),
    ],
)
def test_each_command_prints_a_table_or_one_object(made, command, member):
    """80 columns for a person, with words for dimensions; one JSON object for a script."""
    asked = (*command[:2], made.path, *command[2:])
    shown = run(*asked)
    assert 0 == shown.exit_code
    assert "Question TA?" in shown.output
    assert max(map(len, shown.output.splitlines())) <= 80
    assert json.loads(run(*asked, "--json").stdout)[member]


def test_waves_as_a_command(made, tmp_path):
    """Two releases of one box are refused with the reason and code 3."""
    done = run("compare", "waves", made.path, made.path, "T2")
    assert ExitCode.REFUSED == done.exit_code
    assert "of one box" in done.output


def test_an_edited_release_answers_no_question(made, tmp_path):
    """One count changed by one: every question is refused, and `sotto verify` is named."""
    document = json.loads(made.path.read_bytes())
    document["tables"][1]["counts"][0] += 1
    (tmp_path / "release.json").write_bytes(canonical(document))
    with pytest.raises(ReleaseError, match="sotto verify"):
        read_release(tmp_path)
    for command in (("compare", "groups"), ("relate", "correlation"), ("relate", "independence")):
        done = run(*command, tmp_path, "T2")
        assert ExitCode.REFUSED == done.exit_code
    assert isinstance(read_release(made.path.parent), Release)


def test_invented_rows_and_how_well_they_fit_are_written(made, tmp_path):
    """2,000 stamped rows, and a fidelity file that names every table, stamped too; the terminal says what for."""
    done = run("synthetic", made.path, "-o", tmp_path / "rows.csv")
    assert 0 == done.exit_code
    assert "not for inference" in done.output
    files = (tmp_path / name for name in ("rows.csv", "rows.fidelity.csv"))
    rows, fits = (list(csv.DictReader(path.read_text().splitlines())) for path in files)
    assert (2000, {STAMP}) == (len(rows), {row["note"] for row in [*rows, *fits]})
    output = json.loads(run("synthetic", made.path, "-o", tmp_path / "rows.csv", "--rows", 10, "--json").stdout)
    assert (10, len(fits)) == (output["number"], len(output["tables"]) + len(output["left_out"]))
