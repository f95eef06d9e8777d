"""A run over several machines, of a small study, that looks into its folder often."""

import pytest
from shards.meeting import Meeting, job_of
from studies import small_study as small

from crypto.keys import RunSecret

made, world = small.fixtures(number=40)


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """Let run and workers look into the folder more often than machines need."""
    for module in ("gathering", "worker"):
        monkeypatch.setattr(f"analysis.sharding.{module}.POLL", 0.01)


@pytest.fixture
def meeting(made, tmp_path) -> Meeting:
    """Return a folder, a secret and the box of 40 records."""
    return Meeting(tmp_path / "run", job_of(made, small.plan()), RunSecret.new())
