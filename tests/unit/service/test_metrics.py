"""Metrics of a host: OpenMetrics text, in which no number moves when somebody answers."""

import re

import pytest
from click.testing import CliRunner
from hosts.applications import respond_app
from hosts.collection import STUDY
from sqlalchemy import text

from survey.commands.main import main
from survey.operations import boxes
from survey.operations.transaction import answers_store
from survey.service import metrics
from survey.service.metrics import HostFacts, openmetrics

SAMPLE = re.compile(r'([a-z_]+)(?:\{[a-z]+="[^"\\\n]+"\})? (-?\d+)')


def printed(host, *options: str) -> str:
    """Return what the command prints of a host."""
    env = {"SOTTO_HOME": str(host.settings.public.parent)}
    done = CliRunner().invoke(main, ["status", "--openmetrics", *options], env=env)
    assert 0 == done.exit_code, done.stderr
    return done.stdout


def handed_in(host, number: int) -> None:
    """Hand in so many answers over the respond app."""
    app = respond_app(host.settings)
    for _ in range(number):
        sent = app.test_client().post(f"/s/{STUDY}", data=host.body(), content_type="application/octet-stream")
        assert 201 == sent.status_code
    app.extensions["sotto"].engine.dispose()


def test_no_number_moves_when_somebody_answers(open_collection):
    """Compacted with no answer, with thirty that came, and with those compacted too: every line is the same."""
    host = open_collection
    boxes.compact_answers(host.settings)
    before = printed(host)
    assert 'sotto_waves{state="open"} 1\n' in before
    handed_in(host, 30)
    assert before == printed(host)
    boxes.compact_answers(host.settings)
    assert before == printed(host)


def test_the_control_a_number_that_moves_is_seen(open_collection, monkeypatch):
    """With one metric more, of the rows in the database, the same comparison differs."""

    def with_rows(facts, units) -> str:
        with answers_store(open_collection.settings) as engine, engine.connect() as connection:
            rows = connection.execute(text("SELECT count(*) FROM sealed")).scalar_one()
        return openmetrics(facts, units) + f"sotto_rows {rows}\n"

    monkeypatch.setattr(metrics, "openmetrics", with_rows)
    before = printed(open_collection)
    handed_in(open_collection, 1)
    assert before != printed(open_collection)


def test_it_is_openmetrics(open_collection, tmp_path):
    """Every family has its type and help before its samples, in the grammar of the format; it ends as it must."""
    written = tmp_path / "sotto.prom"
    assert "" == printed(open_collection, "-o", str(written))
    assert 0o644 == written.stat().st_mode & 0o777
    *lines, end = written.read_text("utf-8").splitlines()
    assert "# EOF" == end
    family = ""
    for line in lines:
        if line.startswith("# TYPE "):
            family = line.split()[2]
            assert line == f"# TYPE {family} gauge"
        elif line.startswith("# HELP "):
            assert line.startswith(f"# HELP {family} ")
        else:
            assert family == SAMPLE.fullmatch(line)[1]


def test_units_and_days_are_told():
    """A unit is active or not, and a job's day is the second at which it began; a job that never ran has none."""
    facts = HostFacts(("open", "boxed", "boxed"), {"compaction": metrics.dt.date(2026, 11, 30), "backup": None}, True)
    told = openmetrics(facts, {"nginx.service": "active", "sotto-desk.service": "failed"}).splitlines()
    assert 'sotto_waves{state="boxed"} 2' in told
    assert 'sotto_last_success_day_seconds{job="compaction"} 1795996800' in told
    assert not [line for line in told if "backup" in line]
    assert "sotto_compaction_missed 1" in told
    assert ['sotto_unit_active{unit="nginx.service"} 1', 'sotto_unit_active{unit="sotto-desk.service"} 0'] == told[
        -3:-1
    ]


@pytest.mark.parametrize("url", ["sqlite:////nowhere/office.sqlite", "postgresql+psycopg://x@/o?host=/nowhere"])
def test_a_database_that_is_away_is_a_metric_and_no_failure(tmp_path, url):
    """Then the file says so, and the unit that writes it does not fail every five minutes."""
    env = {"SOTTO_HOME": str(tmp_path), "SOTTO_OFFICE_URL": url}
    done = CliRunner().invoke(main, ["status", "--openmetrics"], env=env)
    assert (0, True) == (done.exit_code, "sotto_database_up 0\n" in done.stdout)
    assert "sotto_waves" not in done.stdout


def test_a_file_without_metrics_is_refused(tmp_path):
    """-o alone would write nothing that anybody asked for."""
    done = CliRunner().invoke(main, ["status", "-o", str(tmp_path / "x")], env={"SOTTO_HOME": str(tmp_path)})
    assert 0 != done.exit_code
    assert "--openmetrics" in done.stderr
