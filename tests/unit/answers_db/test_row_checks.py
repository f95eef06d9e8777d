"""What compaction checks again: bad rows are set aside and stop no box; only an owner's secret deletes an answer."""

import hashlib
from dataclasses import replace

import pytest
from hosts.tokened import InvitedStudy, issuers, manifest_of
from sqlalchemy import text

from crypto.box import BoxFile, write_box
from crypto.envelope import Record
from crypto.sealing import seal
from crypto.tokens import owner_hash
from survey.answers_db import insert_only, owner_access, store_errors
from survey.answers_db.compaction import compact
from survey.answers_db.row_checks import refused_count
from survey.simulation.tokens import InvitedPhone

SECRET = bytes(range(32))


@pytest.fixture
def host(settings) -> InvitedStudy:
    return InvitedStudy(settings).publish()


@pytest.fixture
def owner(host):
    engine = owner_access.connect_owner(host.settings.answers_url)
    yield engine
    engine.dispose()


def rules(host: InvitedStudy):
    return {host.epoch: host.manifest.record_rules}


def store(owner, host: InvitedStudy, row_key: bytes, record: bytes) -> None:
    insert_only.insert_record(owner, host.epoch, row_key, record)


def bad_rows(host: InvitedStudy, honest: Record) -> dict[str, tuple[bytes, bytes]]:
    """Return rows that only a process of the host itself could store, each of the size of its wave."""
    manifest, other = host.manifest, host.record()
    plain = Record.open_link(seal(b"x", manifest.public_key, manifest.context, manifest.plaintext_size))
    later = manifest_of(2)
    elsewhere = InvitedPhone.of(later).record(b"x", issuers()[1].sign)
    version = bytearray(other.to_bytes())
    version[352] = 1
    suite = bytearray(other.to_bytes())
    suite[353] = 2
    return {
        "another key": (bytes([7]) * 32, other.to_bytes()),
        "the key of another's t": (honest.row_key[::-1], host.record().to_bytes()),
        "no token": (plain.row_key, plain.to_bytes()),
        "forged signature": ((forged := replace(other, signature=b"\1" * 256)).row_key[::-1], forged.to_bytes()),
        "another wave's key id": (elsewhere.row_key, elsewhere.to_bytes()),
        "version": (bytes([8]) * 32, bytes(version)),
        "suite": (bytes([9]) * 32, bytes(suite)),
        "noise": (bytes([10]) * 32, hashlib.shake_256(b"noise").digest(len(other.to_bytes()))),
    }


def test_one_bad_row_of_each_kind_leaves_a_box_whole_and_is_counted(owner, host, tmp_path):
    """After compaction the box holds the honest rows alone; each bad one is set aside once, however often it runs."""
    honest = [host.record() for _ in range(3)]
    for record in honest:
        store(owner, host, record.row_key, record.to_bytes())
    bad = bad_rows(host, honest[0])
    for row_key, record in bad.values():
        store(owner, host, row_key, record)
    assert 3 + len(bad) == len(host.stored()), "the control: SQLite takes them all"
    for _ in range(2):
        compact(owner, rules(host))
        assert sorted(record.to_bytes() for record in honest) == sorted(host.stored())
        assert len(bad) == refused_count(owner, host.epoch)
    header = write_box(
        tmp_path / "box", study=host.study, wave=1, mode="invitation", manifest="0" * 64,
        key_id=host.manifest.key_id, record_size=len(honest[0].to_bytes()), records=iter(host.stored()),
    )  # fmt: skip
    with BoxFile.open(tmp_path / "box") as box:
        box.verify()
    assert 3 == header.count


def test_a_bad_row_keeps_no_true_one_out(owner, host):
    """Under the key that a planted row had taken, the true answer is stored once that was set aside."""
    true = host.record()
    store(owner, host, true.row_key, replace(true, signature=b"\1" * 256).to_bytes())
    with pytest.raises(store_errors.RecordRefusedError):
        store(owner, host, true.row_key, true.to_bytes())
    compact(owner, rules(host))
    store(owner, host, true.row_key, true.to_bytes())
    compact(owner, rules(host))
    assert [true.to_bytes()] == host.stored()
    assert 1 == refused_count(owner, host.epoch)


def test_a_second_bad_row_under_one_key_is_counted_too(owner, host):
    """Two different bad rows, one after the other under one key, are two."""
    true = host.record()
    for byte in (b"\1", b"\2"):
        store(owner, host, true.row_key, replace(true, signature=byte * 256).to_bytes())
        compact(owner, rules(host))
    assert ([], 2) == (host.stored(), refused_count(owner, host.epoch))


def plant(owner, w: bytes, row_key: bytes, epoch: bytes) -> None:
    """Insert a tombstone as a respond process could that had been taken over."""
    with owner.begin() as connection:
        connection.execute(
            text("INSERT INTO withdrawn VALUES (:w, :row_key, :epoch)"), {"w": w, "row_key": row_key, "epoch": epoch}
        )


def test_a_planted_tombstone_deletes_nothing_and_keeps_no_true_one_out(owner, host):
    """From no part of a record that passes the respond process can a tombstone be made; the owner's own still works."""
    mine = host.record(secret=SECRET)
    store(owner, host, mine.row_key, mine.to_bytes())
    parts = [mine.t, mine.c, mine.prefix, mine.row_key, mine.signature[:32], mine.envelope[10:42], bytes(32)]
    for part in parts:
        plant(owner, part, mine.row_key, host.epoch)
    compact(owner, rules(host))
    assert [mine.to_bytes()] == host.stored()
    for part in parts:
        plant(owner, part, mine.row_key, host.epoch)
    insert_only.insert_withdrawal(owner, host.epoch, SECRET)
    compact(owner, rules(host))
    assert [] == host.stored()


def test_after_compaction_nothing_of_the_secret_is_left(owner, host):
    """Of a withdrawn answer its row key stays, and neither w nor t is in any byte of the database; before, w is."""
    mine = host.record(secret=SECRET)
    store(owner, host, mine.row_key, mine.to_bytes())
    insert_only.insert_withdrawal(owner, host.epoch, SECRET)
    home = host.settings.public.parent

    def held() -> list[bool]:
        content = b"".join(path.read_bytes() for path in home.glob("answers.sqlite*"))
        return [part in content for part in (SECRET, owner_hash(SECRET), mine.row_key)]

    assert [True, True, True] == held()
    compact(owner, rules(host))
    assert [False, False, True] == held()


def test_a_database_that_was_not_compacted_for_a_wave_keeps_its_rows(owner, host):
    """Rows of a wave without rules are left as they are: what is not known is not judged."""
    record = host.record()
    store(owner, host, record.row_key, record.to_bytes())
    compact(owner, {})
    assert [record.to_bytes()] == host.stored()
