"""A ledger's anchor: announced before the debit, repaired aloud, and refused where it is edited, older or foreign."""

import os
import shutil

import pytest
from adversaries.ledger_charges import TOTAL, charge, spend

from analysis.budget import anchor as anchors
from analysis.budget.entries import (
    AnchorRewoundError,
    HeadNotRecognisedError,
    LedgerBehindAnchorError,
    LedgerCorruptError,
    LedgerError,
    OverspentError,
)
from analysis.budget.ledger import Ledger


def test_the_intent_is_written_before_the_debit_and_the_head_after_it(paths):
    """The anchor holds the parent, plan and box first, then the new head; a refused debit leaves an intent alone."""
    (debit,) = spend(paths, charge())
    with pytest.raises(OverspentError):
        spend(paths, charge("b", cost=TOTAL))
    with Ledger.open(*paths) as ledger:
        start, intent, head, refused = ledger.anchor.lines
    nonce = debit.entry.nonce
    assert {"plan": "a", "box": "b1", "manifest": "m1", "parent": start["head"], "nonce": nonce} == intent["intent"]
    assert {"sequence": 1, "head": debit.entry.hash} == head
    assert debit.entry.hash == refused["intent"]["parent"]


def test_a_database_ahead_of_its_anchor_is_repaired_and_said_to_be_a_crash(paths, caplog):
    """A crash between commit and anchor: the next opening appends the missing head, keeps the debit and says so."""
    (debit,) = spend(paths, charge())
    *announced, _ = paths[1].read_bytes().splitlines(keepends=True)
    paths[1].write_bytes(b"".join(announced))
    with Ledger.open(*paths) as ledger:
        assert (1, debit.entry.hash) == ledger.anchor.heads()[-1]
        assert 100 == ledger.spent
    assert "lacked entry 1 of the ledger, which it had announced: a crash came in between" in caplog.text
    caplog.clear()
    Ledger.open(*paths).__exit__()
    assert "" == caplog.text


def test_an_older_copy_of_the_anchor_alone_is_told_from_a_crash(paths, caplog):
    """Where announcement and head are both missing, the repair says which entries, what is lost, and what to do."""
    spend(paths, charge("a"))
    before = paths[1].read_bytes()
    *_, last = spend(paths, charge("b"), charge("c"))
    paths[1].write_bytes(before)
    with Ledger.open(*paths) as ledger:
        assert [1, 2, 3] == sorted({sequence for sequence, _ in ledger.anchor.heads()} - {0})
    assert "lacked entry 2, 3 of the ledger" in caplog.text
    assert "an older copy of the anchor was put back" in caplog.text
    assert "Restore the newest copy" in caplog.text
    assert last.entry.hash[:16] not in caplog.text  # or it would be copied from here, and nobody asked


def rewound(paths):
    """Spend three times, put the anchor of after the first back, and open; return the true head."""
    spend(paths, charge("a"))
    before = paths[1].read_bytes()
    *_, last = spend(paths, charge("b"), charge("c"))
    paths[1].write_bytes(before)
    Ledger.open(*paths).__exit__()
    return last.entry.hash


def test_an_older_anchor_is_told_at_every_opening_until_somebody_compared_the_head(paths, caplog):
    """The second and third opening warn as the first did; after the acknowledgement none does."""
    head = rewound(paths)
    for _ in range(2):
        caplog.clear()
        Ledger.open(*paths).__exit__()
        assert "lacked entry 2, 3 of the ledger" in caplog.text
        assert "sotto ledger acknowledge" in caplog.text
    with Ledger.open(*paths) as ledger:
        assert (2, 3) == ledger.acknowledge(head[:16])
    caplog.clear()
    Ledger.open(*paths).__exit__()
    assert "" == caplog.text


def test_nothing_is_spent_on_an_older_anchor_until_then(paths):
    """A debit is refused and nothing is spent; a paid plan is still found; after the acknowledgement it is a debit."""
    head = rewound(paths)
    with Ledger.open(*paths) as ledger:
        with pytest.raises(AnchorRewoundError, match="nothing is spent now"):
            ledger.debit(charge("d"))
        assert ledger.look_up(charge("c")).hash == head
        assert (3, 300) == (len(ledger.entries()), ledger.spent)
        ledger.acknowledge(head)
        assert 400 == ledger.debit(charge("d")).entry.spent


def test_a_head_that_was_not_noted_acknowledges_nothing(paths):
    """Where the ledger is an older copy too, its head is not the noted one: refused, and still nothing is spent."""
    rewound(paths)
    with Ledger.open(*paths) as ledger:
        for noted in ("0" * 8, ledger.head[:7], ledger.chain[-2]):
            with pytest.raises(HeadNotRecognisedError):
                ledger.acknowledge(noted)
        assert not ledger.anchor.acknowledged


def test_there_is_nothing_to_acknowledge_on_a_whole_anchor(paths):
    """Neither a new ledger nor one that a crash left behind asks for it; an acknowledgement holds for one time."""
    spend(paths, charge())
    *announced, _ = paths[1].read_bytes().splitlines(keepends=True)
    paths[1].write_bytes(b"".join(announced))
    with Ledger.open(*paths) as ledger, pytest.raises(LedgerError, match="was not put back"):
        ledger.acknowledge(ledger.head)
    before = paths[1].read_bytes()
    spend(paths, charge("b"))
    for _ in range(2):
        paths[1].write_bytes(before)
        with Ledger.open(*paths) as ledger:
            assert (2,) == ledger.acknowledge(ledger.head)


def test_one_unannounced_entry_is_no_crash(paths, caplog):
    """A copy that is one debit old lacks the announcement too: it is not excused as a crash."""
    before = paths[1].read_bytes()
    spend(paths, charge())
    paths[1].write_bytes(before)
    Ledger.open(*paths).__exit__()
    assert "an older copy of the anchor was put back" in caplog.text


def test_a_torn_last_line_is_cut_and_repaired(paths):
    """A power cut in the middle of the anchor's last line costs that line only, and it is written again."""
    (debit,) = spend(paths, charge())
    paths[1].write_bytes(paths[1].read_bytes()[:-20])
    with Ledger.open(*paths) as ledger:
        assert (1, debit.entry.hash) == ledger.anchor.heads()[-1]
    assert paths[1].read_bytes().endswith(b"\n")


def test_a_database_behind_its_anchor_is_refused(paths, tmp_path):
    """An older copy of the database put back raises LedgerBehindAnchorError and says what to do."""
    shutil.copy(paths[0], tmp_path / "old")
    spend(paths, charge())
    shutil.copy(tmp_path / "old", paths[0])
    with pytest.raises(LedgerBehindAnchorError, match="restore"):
        Ledger.open(*paths)


def test_a_fork_of_the_chain_is_refused(paths, tmp_path):
    """A database that spent something else under the same numbers disagrees with the anchor."""
    shutil.copy(paths[0], tmp_path / "old")
    shutil.copy(paths[1], tmp_path / "old.anchor")
    spend((tmp_path / "old", tmp_path / "old.anchor"), charge("other"))
    spend(paths, charge())
    shutil.copy(tmp_path / "old", paths[0])
    with pytest.raises(LedgerCorruptError, match="different stories"):
        Ledger.open(*paths)


FOREIGN = [
    b"nonsense",
    b'{"b":1, "a":2}',
    b'{"head":"x"}',
    b'{"head":"x","sequence":"0"}',
    b'{"head":"x","sequence":-1}',
    b'{"head":["x"],"sequence":0}',
    b'{"intent":1}',
    b'{"rewound":1}',
    b'{"rewound":["1"]}',
    b'{"acknowledged":1}',
    b"{}",
]


@pytest.mark.parametrize("line", FOREIGN)
def test_an_anchor_with_a_foreign_line_is_refused(paths, line):
    """A line that is not canonical JSON, or neither a head nor an intent, is somebody's edit."""
    paths[1].write_bytes(line + b"\n" + paths[1].read_bytes())
    with pytest.raises(LedgerCorruptError, match="did not write"):
        Ledger.open(*paths)


def test_an_empty_anchor_is_refused(paths):
    """An anchor without a head would let a rewound database through."""
    paths[1].write_bytes(b"")
    with pytest.raises(LedgerCorruptError, match="no head"):
        Ledger.open(*paths)


def test_a_short_write_to_the_anchor_spends_nothing_and_its_rest_is_cut(paths, monkeypatch):
    """Where the disk takes only part of the intent the debit is refused by name; control: all of it is a debit."""
    whole = os.write
    with Ledger.open(*paths) as ledger:
        with monkeypatch.context() as patch:
            patch.setattr(anchors.os, "write", lambda descriptor, data: whole(descriptor, data[:9]))
            with pytest.raises(LedgerError, match="not written whole"):
                ledger.debit(charge())
        assert 0 == ledger.spent
    with Ledger.open(*paths) as ledger:
        assert 1 == len(ledger.anchor.lines)
        assert 100 == ledger.debit(charge()).entry.spent


def test_an_anchor_that_cannot_be_synced_spends_nothing(paths, monkeypatch):
    """A disk that refuses to sync the intent is a LedgerError before the debit."""

    def full(_):
        raise OSError(28, "No space left on device")

    with Ledger.open(*paths) as ledger:
        monkeypatch.setattr(anchors.os, "fsync", full)
        with pytest.raises(LedgerError, match="No space"):
            ledger.debit(charge())
        assert 0 == ledger.spent
