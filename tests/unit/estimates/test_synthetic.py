"""Invented rows from released tables: analysis/estimates/synthetic.py."""

import csv
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner
from studies import demo_release
from studies import small_study as small

from analysis.__main__ import main
from analysis.estimates.inference import ReleaseModel
from analysis.estimates.synthetic import STAMP, SyntheticError, fidelity, synthesise
from analysis.estimates.synthetic_groups import GroupShares, drawn_columns
from analysis.estimates.synthetic_omissions import DRAWN_ALONE, FILTERED, omissions
from analysis.releasing.run import make_release


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """A release with hardly any noise (rho 0.5 over seven tables, 2,000 people)."""
    world = small.build(tmp_path_factory.mktemp("synthetic"), number=2000, total=500_000_000)
    return make_release(world.request(small.plan(each=70_000_000))).release


@pytest.mark.slow
def test_every_row_has_only_levels_of_the_questionnaire_and_the_stamp(release):
    """As many rows as records, a column a plain dimension of everyone, and "not for inference" in each row."""
    made = synthesise(release)
    assert 2000 == len(made)
    assert {"AGE", "TA", "BAND", "HOW"} == {name for name in made.columns if "=" not in name}
    rows = list(csv.DictReader(io.StringIO(made.csv(), newline="")))
    assert {STAMP} == {row["note"] for row in rows}
    assert 2000 == len(rows)
    known = {axis.id: set(axis.codes) - {255} for table in release.tables for axis in table.dimensions}
    assert all(set(made.columns[name].tolist()) <= known[name] for name in ("AGE", "TA", "BAND", "HOW"))
    several = {name: column for name, column in made.columns.items() if "=" in name}
    assert {name.split("=")[0] for name in several} == {a.id for t in release.tables for a in t.dimensions if a.multi}
    assert all(set(column.tolist()) <= {0, 1, 90, 97, 98, 99, 254} for column in several.values())


def test_rows_of_the_tree_are_as_the_tables_are(release):
    """With many rows the tree's own pairs are met within ten points of total variation (false alarm < 1e-9)."""
    made = synthesise(release, rows=200_000)
    fits = fidelity(release, made)
    assert {True} == {fit.distance < 0.1 for fit in fits if fit.in_tree}
    assert sorted((fit.distance for fit in fits), reverse=True) == [fit.distance for fit in fits]
    assert {("AGE",), ("TA",), ("AGE", "TA")} <= {fit.dimensions for fit in fits}


def test_pairs_outside_the_tree_are_worse_and_the_table_says_so(release):
    """BAND, AGE and HOW are in one table: of its three pairs one is not in the tree."""
    fits = [fit for fit in fidelity(release, synthesise(release, rows=50_000)) if len(fit.dimensions) == 2]
    among = [fit for fit in fits if set(fit.dimensions) <= {"BAND", "AGE", "HOW"}]
    assert [True, True, False] == sorted((fit.in_tree for fit in among), reverse=True)


def test_the_same_seed_gives_the_same_rows(release):
    """Rows can be made again; another seed gives others."""
    one, two, other = (synthesise(release, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(one.columns[name], two.columns[name]) for name in one.columns)
    assert not all(np.array_equal(one.columns[name], other.columns[name]) for name in one.columns)


def test_rows_follow_the_released_marginals_and_not_the_answers(release):
    """A column's shares are those of the consistent table, which the tree was drawn from."""
    made = synthesise(release, rows=100_000)
    reading = ReleaseModel.of(release).reading("T1")
    shares = reading.cells / reading.cells.sum()
    codes = release.table("T1").dimensions[0].codes[:-1]
    assert [pytest.approx(max(share, 0), abs=0.02) for share in shares] == [
        float((made.columns["AGE"] == code).mean()) for code in codes
    ]


def test_a_release_without_a_table_of_everyone_gives_no_rows(release):
    """A filtered table of a plain question alone has nothing to draw everyone's rows from."""
    alone = release.model_copy(update={"tables": (release.table("T3"),)})
    with pytest.raises(SyntheticError, match=r"no table of everyone.*T3 \(GAP x AGE\): of part of the people only"):
        synthesise(alone)


def test_tables_that_rows_do_not_follow_are_named_with_the_reason(release, tmp_path):
    """Filtered tables, and grids or several answers beside another question, stand in file, terminal and JSON."""
    left_out = {one.table: one.reason for one in omissions(release)}
    filtered = {table.id for table in release.tables if table.population is not None}
    stacked = {t.id for t in release.tables if len(t.dimensions) > 1 and any(a.multi or a.rows for a in t.dimensions)}
    assert {"T3"} <= filtered - stacked
    assert filtered | stacked == left_out.keys()
    assert dict.fromkeys(filtered - stacked, FILTERED) | dict.fromkeys(stacked, DRAWN_ALONE) == left_out
    file = tmp_path / "release.json"
    file.write_bytes(release.to_bytes())
    shown = CliRunner().invoke(main, ["synthetic", str(file), "-o", str(tmp_path / "rows.csv")])
    spoken = CliRunner().invoke(main, ["synthetic", str(file), "-o", str(tmp_path / "rows.csv"), "--json"])
    written = csv.DictReader((tmp_path / "rows.fidelity.csv").read_text(encoding="utf-8").splitlines())
    assert left_out == {row["table"]: row["left_out"] for row in written if row["table"]}
    assert left_out == {one["table"]: one["reason"] for one in json.loads(spoken.output)["left_out"]}
    assert {True} == {reason in shown.output and f"{name} (" in shown.output for name, reason in left_out.items()}


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """A release with a grid, a ranking and several answers of 2,000 people."""
    return demo_release.released(tmp_path_factory.mktemp("market"), "showcase", "plan.yaml", 2000)


@pytest.mark.slow
def test_grids_rankings_and_several_answers_are_as_their_tables_are(market):
    """Every row of a grid and every option is met within three points, and no one who answered chose nothing."""
    made = synthesise(market, rows=50_000)
    axes = {axis.id: axis for table in market.tables for axis in table.dimensions}
    rows = {row for axis in axes.values() for row in axis.rows or ()}
    several = {name for name, axis in axes.items() if axis.multi}
    assert rows
    assert several
    assert rows <= made.columns.keys()
    assert several == {name.split("=")[0] for name in made.columns if "=" in name}
    fits = {fit.dimensions[0]: fit.distance for fit in fidelity(market, made) if len(fit.dimensions) == 1}
    assert {} == {name: fits[name] for name in rows | several if fits[name] > 0.03}


def test_a_chosen_set_has_the_chances_and_the_size_of_its_options():
    """Chances that sum to 2 give two options in every row, each option in its share of them; none is chosen twice."""
    shares = GroupShares("U", (1, 2, 3, 4, 97), np.array([0.45, 0.36, 0.27, 0.72, 0.1]), several=True)
    columns = drawn_columns(shares, np.random.default_rng(3), 100_000)
    chosen = np.stack([columns[f"U={code}"] for code in (1, 2, 3, 4)])
    assert {97} == set(chosen[:, (chosen == 97).any(axis=0)].ravel().tolist())
    assert {2} == set(chosen[:, (chosen != 97).all(axis=0)].sum(axis=0).tolist())
    assert [0.45, 0.36, 0.27, 0.72] == pytest.approx((chosen == 1).mean(axis=1), abs=0.01)
