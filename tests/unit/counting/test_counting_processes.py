"""Counting in processes: the same counts as in one, shards of the whole box, and what a failing process says."""

import multiprocessing
import shutil

import numpy as np
import pytest
from studies import small_study as small

from analysis.counting.count_box import SHARD, CountingFailedError, Job, SealedBox, _shards, count_box
from analysis.opening.answers import WrongKeyError


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("count"))


PLAN = small.plan()


@pytest.mark.slow
def test_counting_in_processes_is_counting_in_one(made, monkeypatch):
    """Two processes over eight shards give the same tables as one, and tell how far they are."""
    monkeypatch.setattr("analysis.counting.count_box.ALONE", 64)
    job = Job(SealedBox.of(made.box), made.manifest, small.QUESTIONNAIRE, PLAN, made.seed)
    progress = []
    one, two = count_box(job, workers=1), count_box(job, workers=2, on_progress=progress.append)
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert 300 == sum(progress)


def test_shards_are_the_whole_box_cut_without_gap_or_overlap():
    """Whatever the size and the number of processes, shards follow each other from 0 to the end, none too large."""
    for size, workers in ((0, 1), (1, 1), (300, 2), (100_000, 2), (10**6, 16)):
        shards = _shards(size, workers)
        assert list(range(size)) == [record for start, stop in shards for record in range(start, stop)]
        assert all(stop - start <= SHARD for start, stop in shards)


def test_counting_processes_load_neither_noise_nor_statistics():
    """A fresh interpreter that imports what a counting process imports has no OpenDP, SciPy or Flask."""
    import subprocess
    import sys

    code = (
        "import sys, analysis.counting.count_box; print(*{'opendp', 'scipy', 'flask', 'sqlmodel'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "" == done.stdout.strip()


@pytest.mark.slow
def test_a_dying_or_failing_process_is_told_by_class_name(made, monkeypatch, tmp_path):
    """A box that disappears under the workers gives CountingFailedError with a class name, and no process is left."""
    monkeypatch.setattr("analysis.counting.count_box.ALONE", 64)
    gone = tmp_path / "gone.box"
    shutil.copy(made.box, gone)
    job = Job(SealedBox.of(gone), made.manifest, small.QUESTIONNAIRE, PLAN, made.seed)
    with pytest.raises(CountingFailedError, match="FileNotFoundError"):
        count_box(job, workers=2, on_progress=lambda _: gone.unlink(missing_ok=True))
    assert [] == multiprocessing.active_children()


def test_a_wrong_key_in_the_counting_is_refused(made):
    """Counting with a seed that is not the manifest's raises WrongKeyError."""
    with pytest.raises(WrongKeyError):
        count_box(Job(SealedBox.of(made.box), made.manifest, small.QUESTIONNAIRE, PLAN, bytes(32)))


def test_a_seed_is_in_no_repr(made):
    """Neither the job nor anything printed of it shows the seed."""
    assert "seed" not in repr(Job(SealedBox.of(made.box), made.manifest, small.QUESTIONNAIRE, PLAN, made.seed))
