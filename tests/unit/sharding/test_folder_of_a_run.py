"""The folder of a run over several machines: what lies in it of others, late or in the way, and who may read it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from shards.meeting import Meeting, emptied, refused, same
from studies import small_study as small

from analysis.counting.count_box import count_box
from analysis.sharding.gathering import gather
from analysis.sharding.messages import RunInvitation, SealedCounts, ShardError, name_of, to_text
from analysis.sharding.worker import open_shard
from crypto.keys import EphemeralKey, RunSecret

pytestmark = pytest.mark.slow

PLAN = small.plan()


def test_nonsense_in_the_folder_ends_the_run(meeting):
    """Bytes that are no message, under the name of one; a file of another name disturbs nothing."""

    def scribble():
        meeting.until((meeting.folder / "run.json").exists)
        (meeting.folder / "notes.txt").write_text("mine")
        (meeting.folder / f"shard-00000.worker.{'0' * 16}.json").write_bytes(b"\0nonsense")

    refused(meeting, "no valid worker document", scribble)
    assert (meeting.folder / "notes.txt").exists()


@pytest.mark.parametrize(
    "make",
    [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero"), lambda path: path.write_bytes(bytes(20_001))],
    ids=["pipe", "folder", "link", "large"],
)
def test_what_is_no_plain_file_neither_stops_nor_misleads_a_run(meeting, make, monkeypatch):
    """A pipe nobody writes to, a folder, a link and a file of any size under a message's name end the run at once."""
    monkeypatch.setattr("analysis.sharding.messages.LARGEST", 20_000)
    with meeting.running() as run:
        meeting.until((meeting.folder / "run.json").exists)
        make(meeting.folder / f"shard-00000.worker.{'0' * 16}.json")
        with pytest.raises(ShardError, match="or no plain file"):
            run.result()
    assert not (meeting.folder / "run.json").exists()


def test_a_worker_that_is_late_from_another_run_ends_nothing(meeting):
    """A worker of an earlier run that wakes up in the next one's folder, with the same secret, stops and harms nothing.

    What it had left there already, a key and counts under the run's secret, is left aside with a note.
    """
    early, key = [], EphemeralKey()

    def sleeps(_key: bytes) -> None:
        # The run that invited this worker ends, and another one begins, before it looks for its seed.
        early.append(meeting.folder.joinpath("run.json").read_bytes())
        meeting.introduce(key, RunSecret.new())
        meeting.until(lambda: not meeting.folder.joinpath("run.json").exists())
        emptied(meeting)
        meeting.leave("run.json", meeting_again)

    with meeting.running():
        meeting_again = meeting.invitation.model_copy(update={"key": to_text(key.public)})
        with pytest.raises(ShardError, match="the run has ended, so shard 0 is opened no more"):
            open_shard(meeting.request(0), on_key=sleeps)
    emptied(meeting)
    with meeting.running() as run:
        left = meeting.introduce(key, run="0" * 64)
        answer = SealedCounts(format="sotto-shard-counts-1", worker=left.digest, sealed="AAAA")
        meeting.leave(name_of(left, "counts"), answer)
        assert [20, 20] == [open_shard(meeting.request(shard)) for shard in range(2)]
        assert same(count_box(meeting.job, workers=1), run.result())
    notes = [line for line in meeting.told if line.endswith("left aside")]
    assert [name_of(left, "counts"), name_of(left, "worker")] == sorted(line.split()[0] for line in notes)
    assert {name_of(left, "counts"), name_of(left, "worker")} == {path.name for path in meeting.folder.iterdir()}


def test_two_runs_in_one_folder_leave_each_other_alone(meeting):
    """Whoever begins second is refused and takes nothing away; the first run gives its counts and cleans up."""
    with meeting.running() as run:
        before = meeting.invitation.digest
        with pytest.raises(ShardError, match=r"another run began in .*a folder of its own"):
            gather(meeting.job, meeting.run)
        assert before == meeting.invitation.digest
        assert [20, 20] == [open_shard(meeting.request(shard)) for shard in range(2)]
        assert same(count_box(meeting.job, workers=1), run.result())
    assert [] == [*meeting.folder.iterdir()]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_run_whose_invitation_is_gone_ends(meeting, replaced):
    """A run notices that its invitation was taken away or replaced, and leaves the other one where it is."""
    with meeting.running() as run:
        other = meeting.invitation.model_copy(update={"count": 41}).tagged(meeting.secret)
        meeting.until((meeting.folder / "plan.json").exists)
        if replaced:
            meeting.leave("run.json", other)
        else:
            (meeting.folder / "run.json").unlink()
        with pytest.raises(ShardError, match="the invitation of this run is gone, or another run"):
            run.result()
    assert replaced == (meeting.folder / "run.json").exists()


@pytest.mark.parametrize(("folder_mode", "mode"), [(0o700, 0o600), (0o2770, 0o640)])
def test_who_shares_the_folder_s_group_can_read_its_messages(meeting, folder_mode, mode):
    """Messages are their writer's alone, or the group's too in a folder that hands its group on: sealed, and tagged."""
    meeting.folder.mkdir()
    meeting.folder.chmod(folder_mode)
    with meeting.running():
        known = meeting.introduce(EphemeralKey())
        names = ["run.json", "manifest.json", "questionnaire.json", "plan.json", name_of(known, "seed")]
        meeting.until((meeting.folder / name_of(known, "seed")).exists)
        assert {mode} == {(meeting.folder / name).stat().st_mode & 0o777 for name in names}
        with pytest.raises(ShardError, match="the run has ended"):
            open_shard(meeting.request(1), on_key=lambda _: ends(meeting, mode))


def ends(meeting: Meeting, mode: int) -> None:
    """Assert the rights of the key that a worker left, and end the run."""
    assert {mode} == {path.stat().st_mode & 0o777 for path in meeting.folder.glob("shard-00001.worker.*")}
    (meeting.folder / "run.json").unlink()


def test_a_run_says_which_shards_never_came(meeting):
    """When patience ends the message tells shards without a worker from those whose worker took the seed."""
    short = replace(meeting, patience=0.5)
    refused(
        replace(short, shards=9),
        "no worker came for shards 1, 2, 3, 4, 5 and 3 more; a worker took the seed and sent no counts for shard 0",
        lambda: replace(short, shards=9).introduce(EphemeralKey()),
    )


def test_a_worker_says_that_no_run_began_or_that_it_ended(meeting):
    """Without an invitation, or where the run ends while a worker waits for the seed, it stops and says so."""
    meeting.folder.mkdir()
    with pytest.raises(ShardError, match="no run began in this folder"):
        open_shard(meeting.request(0, patience=0.1))
    meeting.leave("run.json", an_invitation(meeting))
    with pytest.raises(ShardError, match="the run wrote no such document"):
        open_shard(meeting.request(0, patience=0.1))
    for name, document in (("manifest", meeting.job.manifest), ("plan", PLAN), ("questionnaire", small.QUESTIONNAIRE)):
        (meeting.folder / f"{name}.json").write_bytes(document.to_bytes())
    with pytest.raises(ShardError, match="the run answered nothing"):
        open_shard(meeting.request(0, patience=0.1))

    def ends(_key: bytes) -> None:
        (meeting.folder / "run.json").unlink()

    with pytest.raises(ShardError, match="the run has ended"):
        open_shard(meeting.request(0), on_key=ends)


def an_invitation(meeting: Meeting) -> RunInvitation:
    """Return the invitation of a run that was stopped before it answered."""
    with meeting.running():
        invitation = meeting.invitation
        meeting.introduce(EphemeralKey(), RunSecret.new())
    return invitation


def test_no_run_begins_where_another_one_left_something(meeting):
    """A folder with messages of an earlier run is refused; an empty one is not."""
    meeting.run.require_ready(PLAN, small.QUESTIONNAIRE, 40)
    assert not meeting.folder.exists()
    meeting.folder.mkdir()
    (meeting.folder / f"shard-00000.counts.{'0' * 16}.json").write_bytes(b"")
    with pytest.raises(ShardError, match="of another run: give an empty folder"):
        meeting.run.require_ready(PLAN, small.QUESTIONNAIRE, 40)
