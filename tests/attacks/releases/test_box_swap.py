"""The box is exchanged while custodians type: one person's envelope, as often as the box has records, under its header.

analysis/counting/count_box.py, survey/public_log/log_events.py.
"""

import os
from dataclasses import replace

import numpy as np
import pytest
from studies import small_study as small

from analysis.counting import count_box
from analysis.counting.count_box import BoxChangedError
from analysis.custody.share_files import read_share
from analysis.opening.answers import Answers
from analysis.releasing.run import make_release
from analysis.verification.verify import verify
from crypto.box import BoxFile

PLAN = small.plan()
RECORDS = 300


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("swap"), number=RECORDS)


@pytest.fixture
def world(made, tmp_path):
    """A copy whose box may be exchanged."""
    box = tmp_path / "wave-1.box"
    box.write_bytes(made.box.read_bytes())
    return replace(made.copy(tmp_path), box=box)


def of_one_person(box: bytes) -> bytes:
    """Return a box with the header of `box` whose every record is its first: the envelope of one victim."""
    header, newline, records = box.partition(b"\n")
    return header + newline + records[: len(records) // RECORDS] * RECORDS


def renamed(world) -> None:
    """Put the other box into the place of the checked one, as `mv` does."""
    other = world.box.with_suffix(".other")
    other.write_bytes(of_one_person(world.box.read_bytes()))
    other.replace(world.box)


def overwritten(world) -> None:
    """Write the other records into the checked file itself."""
    content = of_one_person(world.box.read_bytes())
    with world.box.open("r+b") as file:
        file.write(content)


def cut_short(world) -> None:
    """Leave fewer records than were checked."""
    os.truncate(world.box, world.box.stat().st_size // 2)


def one_record(world) -> None:
    """Put one record twice and leave another out: the smallest exchange there is."""
    header, newline, records = world.box.read_bytes().partition(b"\n")
    size = len(records) // RECORDS
    world.box.write_bytes(header + newline + records[size : 2 * size] + records[size:])


def request_with(world, swap, workers: int = 1):
    """Return the request of a release during which `swap` is done at the moment when custodians give their words."""

    def asked(_):
        swap(world)
        return [read_share(path) for path in world.shares]

    return replace(world.request(PLAN), ask=asked, workers=workers)


def spent(world) -> int:
    with world.folder.open_ledger() as ledger:
        return ledger.spent


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("swap", [renamed, overwritten, cut_short, one_record])
def test_a_box_exchanged_while_custodians_type_is_never_paid_for(world, monkeypatch, swap, workers):
    """Whatever was put into the box's place, in one process or two, is refused: nothing spent, no release there."""
    monkeypatch.setattr(count_box, "ALONE", RECORDS // 2)
    with pytest.raises(BoxChangedError, match="changed after it was checked"):
        make_release(request_with(world, swap, workers))
    assert 0 == spent(world)
    assert [] == [*world.folder.root.glob("releases/*/release.json")]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_control_without_the_check_one_victim_is_read_under_the_honest_root(world, monkeypatch, workers):
    """With the comparison switched off the attack works: a signed release that verifies, and shows one person's age."""
    monkeypatch.setattr(count_box, "ALONE", RECORDS // 2)
    monkeypatch.setattr(count_box, "require_charged", lambda *_: None)
    with BoxFile.open(world.box) as box:
        honest, victim = box.header, next(box.records())
    release = make_release(request_with(world, renamed, workers)).release
    assert (honest.root, RECORDS) == (release.box.root, release.box.count)
    assert verify(release.to_bytes(), world.folder).verified
    table = next(table for table in release.tables if table.id == "T1")
    assert np.max(table.counts) > RECORDS - 6 * table.sigma > 3 * table.sigma
    assert code_of(victim, world) == table.dimensions[0].codes[int(np.argmax(table.counts))]


def code_of(record: bytes, world) -> int:
    """Return the victim's age, which the key alone tells."""
    columns = Answers.of(world.seed, world.manifest, small.QUESTIONNAIRE).open_records([record])
    return int(columns.values["AGE"][0])
