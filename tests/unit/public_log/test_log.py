"""The public log grows by one signed head an entry, survives a crash at any step, and refuses to go on when edited."""

import stat

import pytest

from crypto.checkpoints import LogVerifier
from crypto.proofs import root_of
from survey.public_log import log as log_module
from survey.public_log.log import CHECKPOINT, ENTRIES, Log, LogError
from survey.public_log.log_entry import LogEntry


def entry(number: int, **changes: object) -> LogEntry:
    """Return the entry of a made-up release."""
    about = {"format": "sotto-log-entry-1", "kind": "release", "study": "q26", "wave": 1, "day": "2026-11-22"}
    return LogEntry.model_validate(about | {"hash": f"{number:064x}", "ledger": f"{number:064x}"} | changes)


@pytest.fixture
def log(tmp_path):
    """A log with three entries."""
    made = Log(tmp_path / "public", tmp_path / "private" / "log.key", "sotto/local")
    for number in range(3):
        made.append(entry(number))
    return made


def state(log: Log) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((log.public / "log").rglob("*")) if path.is_file()}


def test_every_entry_has_a_signed_head(log):
    """The first head counts one entry, the last all, each over the tree of the entries so far, by the published key."""
    verifier = LogVerifier.from_text(state(log)["key"].decode())
    leaves = [one.leaf for one in log.entries()]
    for size in (1, 2, 3):
        head = verifier.open((log.public / f"log/heads/{size}").read_bytes())
        assert ("sotto/local", size, root_of(leaves[:size])) == (head.origin, head.size, head.root)
    assert state(log)["3"] == state(log)["checkpoint"]


def test_the_key_is_for_its_owner_alone(log):
    """Key and newest head can be read by their owner only, and neither lies in the published folder."""
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (log.key, log.key.with_name("log.key.head"))}
    assert {"log.key": 0o600, "log.key.head": 0o600} == modes
    assert not any("PRIVATE" in content.decode() for content in state(log).values())


def test_an_entry_that_is_there_changes_nothing(log):
    """A document that is published twice is one entry, also on another day."""
    before = state(log)
    assert 3 == log.append(entry(1, day="2026-12-01")).size
    assert before == state(log)


@pytest.mark.parametrize("broken_at", range(1, 5))
@pytest.mark.parametrize("next_number", [3, 4], ids=["same-again", "another"])
def test_a_crash_at_any_step_is_made_good(log, monkeypatch, broken_at, next_number):
    """Whichever of the four writes of an append is the last before a crash, the next append goes on from there."""
    write, steps = log_module.write_file, []

    def dying(*arguments: object) -> None:
        steps.append(arguments)
        if len(steps) > broken_at - 1:
            raise OSError("the power went")
        write(*arguments)

    monkeypatch.setattr(log_module, "write_file", dying)
    with pytest.raises(OSError, match="the power went"):
        log.append(entry(3))
    monkeypatch.undo()
    # Before the first write nothing was decided; after it the entry is in.
    survived = [3] if broken_at > 1 else []
    expected = [0, 1, 2, *survived, *([] if next_number in survived else [next_number])]
    head = log.append(entry(next_number))
    assert [entry(number) for number in expected] == [*log.entries()]
    assert (len(expected), root_of([one.leaf for one in log.entries()])) == (head.size, head.root)
    assert {str(size) for size in range(1, len(expected) + 1)} <= {*state(log)}


def lines(log: Log) -> list[bytes]:
    return (log.public / ENTRIES).read_bytes().splitlines(keepends=True)


def rewrite(log: Log, content: list[bytes]) -> None:
    (log.public / ENTRIES).write_bytes(b"".join(content))


def test_a_log_that_shrank_is_refused(log):
    """Two lines gone: nothing is added or signed, and the message says so in words."""
    rewrite(log, lines(log)[:1])
    before = state(log)
    with pytest.raises(LogError, match="the log shrank: its last head counts 3 entries and 1 are there"):
        log.append(entry(9))
    assert before == state(log)


def test_a_lost_last_line_comes_back(log):
    """The last entry lies beside the key as well: a log without it is made whole again, with the same head."""
    before = state(log)
    rewrite(log, lines(log)[:2])
    log.append(entry(2))
    assert before == state(log)


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("edited", lambda held: [held[0].replace(b"2026-11-22", b"2026-11-21"), *held[1:]]),
        ("reordered", lambda held: [held[1], held[0], held[2]]),
        ("added", lambda held: [*held, held[0].replace(b"release", b"release")]),
        ("no-entry", lambda held: [b"{}\n", *held[1:]]),
        ("cut", lambda held: [*held[:2], held[2][:-1]]),
    ],
)
def test_an_edited_log_is_refused(log, name, edit):
    """A changed, moved, added or broken line: nothing is signed."""
    rewrite(log, edit(lines(log)))
    before = state(log)
    with pytest.raises(LogError, match="edited"):
        log.append(entry(9))
    assert before == state(log), name


def test_a_whole_older_log_is_refused(log, tmp_path):
    """The published folder put back from yesterday, heads and all, would fork the log at the next entry: refused."""
    older = state(log)
    for number in (3, 4):
        log.append(entry(number))
    (log.public / CHECKPOINT).write_bytes(older["checkpoint"])
    rewrite(log, [older["entries.jsonl"]])
    with pytest.raises(LogError, match="the log shrank"):
        log.append(entry(9))


def test_an_edited_checkpoint_is_refused(log):
    """A checkpoint that this log's key did not sign stops the next append."""
    path = log.public / CHECKPOINT
    path.write_bytes(path.read_bytes().replace(b"\n3\n", b"\n2\n"))
    with pytest.raises(LogError, match="log/checkpoint was edited"):
        log.append(entry(9))


def test_a_head_that_was_put_back_is_refused(log):
    """An older remembered head would sign a second head of one size: refused while the published one is newer."""
    head = log.key.with_name("log.key.head")
    older = head.read_bytes()
    log.append(entry(3))
    head.write_bytes(older)
    with pytest.raises(LogError):
        log.append(entry(9))
    rewrite(log, lines(log)[:3])
    with pytest.raises(LogError, match="newer"):
        log.append(entry(9))


@pytest.mark.parametrize("name", ["log.key", "log.key.head"])
@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_a_lost_key_is_no_new_log(log, name, how):
    """Without its key or its newest head a log does not go on; a control with both does."""
    path = log.key.with_name(name)
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(b"{}")
    with pytest.raises(LogError, match="put it back"):
        log.append(entry(9))


def test_another_key_is_refused(log, tmp_path):
    """A log that is published under one key is not continued under another."""
    other = Log(tmp_path / "other", tmp_path / "other.key", "sotto/local")
    other.append(entry(0))
    other.key.replace(log.key)
    with pytest.raises(LogError, match="another key"):
        log.append(entry(9))


@pytest.mark.parametrize(
    "changes",
    [
        {"ledger": None},
        {"root": "0" * 64},
        {"kind": "box"},
        {"kind": "plan"},
        {"kind": "other"},
        {"day": "yesterday"},
        {"wave": 0},
        {"extra": 1},
    ],
)
def test_an_entry_says_what_its_kind_says(changes):
    """Members of another kind, missing or unknown ones are no entry."""
    with pytest.raises(ValueError, match=r"entry|day|kind|wave|extra|isoformat"):
        entry(1, **changes)
