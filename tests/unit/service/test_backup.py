"""Backups on SQLite: what goes in comes back on another host, what is damaged changes nothing, and nothing is told."""

import base64
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from cheap.databases import migrated
from hosts.collection import STUDY

from crypto.envelope import Record
from crypto.errors import RefusedError
from survey.answers_db import insert_only
from survey.database.row_copy import CopyError
from survey.database.schema_version import REVISIONS
from survey.operations.boxes import compact_answers, make_box
from survey.operations.waves import close_wave
from survey.public_log.log_events import host_log
from survey.service.backup import make_backup, restore_backup
from survey.service.backup_file import BackupError, identities_of, read_backup, recipient_of, write_backup
from survey.settings import Settings


@pytest.fixture
def pair(tmp_path) -> tuple[str, Path]:
    """Return a recipient, and the file of its secret half as age-keygen writes it."""
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path / "backup.key"
    path.write_text(f"# created: today\n# public key: {identity.to_public()}\n{identity}\n", encoding="utf-8")
    return str(identity.to_public()), path


def stored(host, number: int) -> set[bytes]:
    """Hand in so many records; return them."""
    engine = insert_only.connect_respond(host.settings.answers_url)
    epoch = bytes.fromhex(host.manifests[1].key_id)
    records = set()
    for _ in range(number):
        record = Record.from_bytes(host.body()[1:], 256)
        insert_only.insert_record(engine, epoch, record.row_key, record.to_bytes())
        records.add(record.to_bytes())
    engine.dispose()
    return records


def fresh(folder: Path) -> Settings:
    """Return another host that was only set up."""
    settings = Settings.from_environ({"SOTTO_HOME": str(folder)})
    migrated(settings)
    host_log(settings).prepare()
    return settings


def test_a_restored_host_goes_on(open_collection, tmp_path, pair):
    """Every row, account, published file and the log come back; the wave is closed and its box holds every answer."""
    host = open_collection
    records = stored(host, 5)
    compact_answers(host.settings)
    recipient, identity = pair
    path = make_backup(host.settings, tmp_path / "copies", [recipient], 2)
    there = fresh(tmp_path / "there")
    restored = restore_backup(there, path, identity)
    assert [f"{STUDY}/1"] == restored.open_waves
    assert published(host.settings) == published(there)
    assert rows(host.settings) == rows(there)
    assert 0o600 == there.log_key.stat().st_mode & 0o777
    close_wave(there, STUDY)
    header = make_box(there, STUDY, 1, tmp_path / "wave.box")
    content = (tmp_path / "wave.box").read_bytes().split(b"\n", 1)[1]
    size = header.record_size
    assert records == {content[at : at + size] for at in range(0, len(content), size)}
    kinds = [entry.kind for entry in host_log(there).entries()]
    assert "box" in kinds  # the log went on with its key and head


def published(settings: Settings) -> dict[str, bytes]:
    return {
        str(path.relative_to(settings.public)): path.read_bytes()
        for path in settings.public.rglob("*")
        if path.is_file()
    }


def rows(settings: Settings) -> dict[str, list[tuple]]:
    """Return every row of both databases, sorted, by table; triggers too, and no sessions and values of days."""
    found = {}
    for url in (settings.answers_url, settings.office_url):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            names = [name for name in names if name != "request_day"]
            found |= {name: sorted(database.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
            found["triggers"] = sorted(database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    return found


@pytest.mark.parametrize("number", [3, 40])
def test_the_size_of_a_backup_tells_no_number_of_answers(open_collection, tmp_path, pair, number):
    """With three answers and with forty a copy has one size, a power of two, and rows in the order of their keys."""
    stored(open_collection, number)
    path = make_backup(open_collection.settings, tmp_path, [pair[0]], 2)
    plain = pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(pair[1].read_text().split()[-1])])
    assert 1 << 20 == len(plain)
    keys = [line["row"][0] for line in map(json.loads, plain.splitlines()) if line.get("table") == "sealed"]
    assert len(keys) == number
    assert keys == sorted(keys, key=lambda key: base64.b64decode(key["bytes"]))
    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("size", [0, 1, 900_000, 917_400, 917_440, 917_504, (1 << 20) - 64, 1 << 20, 3_000_000])
def test_every_content_is_padded_to_a_power_of_two(tmp_path, pair, size):
    """Whatever the lines hold, the plain text is a power of two of bytes, and comes back whole."""
    lines = [FIRST, {"file": "public/x", "content": "x" * size}]
    path = tmp_path / "made.age"
    write_backup(path, lines, [pyrage.x25519.Recipient.from_str(pair[0])])
    secret = pyrage.x25519.Identity.from_str(pair[1].read_text().split()[-1])
    plain = len(pyrage.decrypt(path.read_bytes(), [secret]))
    assert plain == 1 << (plain.bit_length() - 1) >= 1 << 20
    found = []
    read_backup(path, [secret], found.append)
    assert lines == found


def test_only_the_newest_are_kept(open_collection, tmp_path, pair):
    """Three backups of a day have names of their own, and of them the newest two stay."""
    made = [make_backup(open_collection.settings, tmp_path / "copies", [pair[0]], 2) for _ in range(3)]
    assert 3 == len({*made})
    assert {*made[1:]} == {*(tmp_path / "copies").iterdir()}


def damaged(content: bytes, how: str) -> bytes:
    if how == "cut":
        return content[: len(content) // 2]
    if how == "bit":
        return content[:-1] + bytes([content[-1] ^ 1])
    return b"age-encryption.org/v1\n"


@pytest.mark.parametrize("how", ["cut", "bit", "empty"])
def test_a_damaged_backup_changes_nothing(open_collection, tmp_path, pair, how):
    """Cut off, with one bit changed, or empty: refused, no row and no file is there, and the whole one still works."""
    stored(open_collection, 3)
    recipient, identity = pair
    path = make_backup(open_collection.settings, tmp_path / "copies", [recipient], 2)
    whole = path.read_bytes()
    there = fresh(tmp_path / "there")
    before = rows(there), published(there), there.log_key.read_bytes()
    path.write_bytes(damaged(whole, how))
    with pytest.raises(BackupError, match="nothing was changed"):
        restore_backup(there, path, identity)
    assert before == (rows(there), published(there), there.log_key.read_bytes())
    path.write_bytes(whole)
    assert restore_backup(there, path, identity).rows > 3


def test_somebody_elses_key_opens_nothing(open_collection, tmp_path, pair):
    """Another identity, and a file that is none, are refused."""
    path = make_backup(open_collection.settings, tmp_path / "copies", [pair[0]], 2)
    there = fresh(tmp_path / "there")
    other = tmp_path / "other.key"
    other.write_text(str(pyrage.x25519.Identity.generate()), encoding="utf-8")
    with pytest.raises(BackupError, match="no backup for this key"):
        restore_backup(there, path, other)
    other.write_text("nothing", encoding="utf-8")
    with pytest.raises(BackupError, match="AGE-SECRET-KEY-1"):
        restore_backup(there, path, other)


def test_a_host_with_a_study_takes_no_backup(open_collection, tmp_path, pair):
    """Rows that are there are never mixed with those of a copy."""
    path = make_backup(open_collection.settings, tmp_path / "copies", [pair[0]], 2)
    before = rows(open_collection.settings)
    with pytest.raises(CopyError, match="there are rows already"):
        restore_backup(open_collection.settings, path, pair[1])
    assert before == rows(open_collection.settings)


NEWEST = {branch: names[-1] for branch, names in REVISIONS.items()}
FIRST = {"format": "sotto-backup-1", "day": "2026-11-30", "revisions": NEWEST}
WRONG = {
    "another format": [{**FIRST, "format": "sotto-backup-0"}],
    "another schema": [{**FIRST, "revisions": {"answers": "a1", "office": "o1"}}],
    "no first line": [],
    "an unknown table": [FIRST, {"database": "answers", "table": "secrets", "columns": [], "row": []}],
    "an unknown column": [FIRST, {"database": "answers", "table": "sealed", "columns": ["row_key"], "row": [1]}],
    "an unknown database": [FIRST, {"database": "other", "table": "sealed", "columns": [], "row": []}],
    "a way out": [FIRST, {"file": "public/../../../etc/cron.d/x", "mode": 0o644, "content": ""}],
    "an absolute path": [FIRST, {"file": "/etc/cron.d/x", "mode": 0o644, "content": ""}],
    "rights of a program": [FIRST, {"file": "public/x", "mode": 0o4755, "content": ""}],
    "another file": [FIRST, {"file": "owner.env", "mode": 0o600, "content": ""}],
}


@pytest.mark.parametrize("lines", WRONG.values(), ids=WRONG)
def test_what_no_backup_holds_is_refused_whoever_encrypted_it(settings, tmp_path, pair, lines):
    """The recipient's line is no secret, so anybody can make a file for it: nothing in one leads out of its places."""
    path = tmp_path / "made.age"
    write_backup(path, lines, [pyrage.x25519.Recipient.from_str(pair[0])])
    migrated(settings)
    host_log(settings).prepare()
    before = rows(settings), published(settings)
    with pytest.raises(RefusedError):
        restore_backup(settings, path, pair[1])
    assert before == (rows(settings), published(settings))


def test_a_strange_file_behind_good_rows_leaves_none_of_them(open_collection, tmp_path, pair):
    """Every file has a place before the first database is written, so nothing is half restored."""
    stored(open_collection, 2)
    lines = []
    read_backup(
        make_backup(open_collection.settings, tmp_path / "copies", [pair[0]], 1), identities_of(pair[1]), lines.append
    )
    path, there = tmp_path / "made.age", fresh(tmp_path / "there")
    write_backup(path, [*lines, {"file": "owner.env", "mode": 0o600, "content": ""}], [recipient_of(pair[0])])
    before = rows(there), published(there)
    with pytest.raises(BackupError, match="nothing was changed"):
        restore_backup(there, path, pair[1])
    assert before == (rows(there), published(there))


def test_age_itself_reads_a_backup(settings, tmp_path, pair):
    """The file is plain age: what opens it needs nothing of this program, and every line of it is JSON."""
    path = tmp_path / "made.age"
    write_backup(path, [FIRST], [pyrage.x25519.Recipient.from_str(pair[0])])
    assert path.read_bytes().startswith(b"age-encryption.org/v1\n-> X25519 ")
    found = []
    read_backup(path, [pyrage.x25519.Identity.from_str(pair[1].read_text().split()[-1])], found.append)
    assert [FIRST] == found


def test_the_host_of_a_copy_may_lie_elsewhere(open_collection, tmp_path, pair):
    """Places are the restoring host's settings, not those of the host that made the copy."""
    path = make_backup(open_collection.settings, tmp_path / "copies", [pair[0]], 2)
    there = replace(fresh(tmp_path / "there"), public=tmp_path / "elsewhere")
    restore_backup(there, path, pair[1])
    assert (tmp_path / "elsewhere" / "log" / "checkpoint").exists()
