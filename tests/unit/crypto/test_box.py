"""The box: what is written is read, every fault is named, and nothing half-written is left behind."""

import hashlib
import json
import os
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.box import BoxError, BoxFile, BoxHeader, write_box
from crypto.canonical import canonical
from crypto.envelope import ZERO_TOKEN, envelope_size, record_size, row_key_of
from crypto.merkle import merkle_root

SIZE = record_size(256)
DESCRIPTION = {
    "study": "a-study",
    "wave": 1,
    "mode": "open",
    "manifest": "ab" * 32,
    "key_id": "cd" * 8,
    "record_size": SIZE,
}


def _open_link(number):
    return ZERO_TOKEN + hashlib.shake_256(b"%d" % number).digest(envelope_size(256))


def _row_key(record):
    return hashlib.sha256(record[len(ZERO_TOKEN) :]).digest()


RECORDS = sorted(map(_open_link, range(20)), key=_row_key)
TOKENS = sorted(
    (hashlib.shake_256(b"token %d" % number).digest(SIZE) for number in range(20)),
    key=lambda record: row_key_of(record[:32]),
)


def _write(path, records=RECORDS, **changes):
    return write_box(path, **(DESCRIPTION | changes), records=iter(records))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "wave.box"


def _changed(path, change):
    """Rewrite a good box's bytes through `change`."""
    _write(path)
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(change(data) or data))


def _refusal(path):
    """Say how a box is refused, on opening or on verifying."""
    with pytest.raises(BoxError) as caught, BoxFile.open(path) as box:
        box.verify()
    return str(caught.value)


@pytest.mark.parametrize(("mode", "records"), [("open", RECORDS), ("invitation", TOKENS), ("open", [])])
def test_what_was_written_is_read(path, mode, records):
    """Header and records come back, an empty box included, and the whole verifies."""
    header = _write(path, records, mode=mode)
    with BoxFile.open(path) as box:
        box.verify()
        assert (header, len(records), records) == (box.header, len(box), list(box.records()))
    assert (len(records), merkle_root(records).hex()) == (header.count, header.root)


def test_the_file_is_a_header_line_and_the_records():
    """The bytes are those of docs/architecture.md, so that any program can read a box."""
    header = BoxHeader(**DESCRIPTION, count=0, root="0" * 64)
    fields = {"format": "sotto-box-3", **DESCRIPTION, "count": 0, "root": "0" * 64, "plans": [], "corrections": []}
    assert canonical(fields) == header.to_bytes()
    assert hashlib.sha256(canonical(fields)).hexdigest() == header.digest


def test_the_corrections_of_a_box_keep_their_order_and_days_and_come_back(path):
    """A box names each correction by hash and day; anything else in their place is refused."""
    named = (("b" * 64, "2026-11-25"), ("a" * 64, "2026-11-26"))
    header = _write(path, corrections=named)
    with BoxFile.open(path) as box:
        assert named == header.corrections == box.header.corrections
    good = {"correction": "a" * 64, "since": "2026-11-25"}
    bad = ({"correction": "x"}, {"since": "soon"}, {"since": None}, {"more": 1})
    for given in (*([good | one] for one in bad), None, "a" * 64, {}):
        fields = {"format": "sotto-box-3", **DESCRIPTION, "count": 0, "root": "0" * 64, "plans": []}
        with pytest.raises(BoxError, match="impossible corrections"):
            BoxHeader.from_bytes(canonical(fields | {"corrections": given}))


def test_the_plans_of_a_box_are_sorted_hashes_and_come_back(path):
    """Plans are written once each, ascending, however they are given; what is no list of them is refused."""
    header = _write(path, plans=["b" * 64, "a" * 64, "b" * 64])
    with BoxFile.open(path) as box:
        assert ("a" * 64, "b" * 64) == header.plans == box.header.plans
    for plans in (["b" * 64, "a" * 64], ["x"], "a" * 64, None, [1]):
        fields = {
            "format": "sotto-box-3",
            **DESCRIPTION,
            "count": 0,
            "root": "0" * 64,
            "plans": plans,
            "corrections": [],
        }
        with pytest.raises(BoxError, match="impossible plans"):
            BoxHeader.from_bytes(canonical(fields))


def test_the_file_holds_header_newline_and_records_only(path):
    """Nothing stands between or after."""
    header = _write(path)
    assert header.to_bytes() + b"\n" + b"".join(RECORDS) == path.read_bytes()


@pytest.mark.parametrize(("start", "stop"), [(0, 20), (0, 0), (20, 20), (3, 11), (19, 20)])
def test_shards_are_slices(path, start, stop):
    """Any range of records can be read on its own."""
    _write(path)
    with BoxFile.open(path) as box:
        assert RECORDS[start:stop] == list(box.records(start, stop))


@pytest.mark.parametrize(("start", "stop"), [(0, 21), (-1, 3), (4, 3), (21, None)])
def test_a_shard_outside_the_box_is_refused(path, start, stop):
    """A shard with a wrong end is a fault and not a shorter shard: no record is lost in silence."""
    _write(path)
    with BoxFile.open(path) as box, pytest.raises(BoxError, match="records 0 to 20"):
        box.records(start, stop)


@pytest.mark.parametrize(
    ("records", "says"),
    [
        (RECORDS[::-1], "out of order"),
        ([RECORDS[0], RECORDS[0]], "twice"),
        ([RECORDS[0][:-1]], "bytes and not"),
        ([RECORDS[0] + b"\x00"], "bytes and not"),
        ([b""], "bytes and not"),
        (TOKENS, "mode open"),
        ([b"\x00" * 351 + b"\x01" + RECORDS[0][352:]], "mode open"),
    ],
    ids=["order", "twice", "short", "long", "empty", "tokens", "partial zeros"],
)
def test_records_that_make_no_box_are_refused_and_leave_no_file(path, records, says):
    """A store with disorder gives no box, and nothing is left in the folder."""
    with pytest.raises(BoxError, match=says):
        _write(path, records)
    assert [] == list(path.parent.iterdir())


def test_a_box_of_tokens_takes_no_open_link(path):
    """A box is all of one mode."""
    with pytest.raises(BoxError, match="mode invitation"):
        _write(path, RECORDS[:1], mode="invitation")


def test_a_plan_that_is_no_hash_cannot_enter_a_box(path):
    """The box's own format refuses plans that are no hashes."""
    with pytest.raises(BoxError, match="impossible plans"):
        _write(path, plans=["plan"])


@pytest.mark.parametrize(
    "change",
    [
        {"study": "A Study"},
        {"study": None},
        {"wave": 0},
        {"wave": True},
        {"wave": "1"},
        {"mode": "both"},
        {"manifest": "AB" * 32},
        {"manifest": "ab" * 31},
        {"key_id": "cd" * 9},
        {"record_size": SIZE + 1},
        {"record_size": SIZE - 256},
        {"record_size": SIZE + 65536},
        {"record_size": float(SIZE)},
    ],
    ids=str,
)
def test_an_impossible_description_is_refused_before_any_record_is_read(path, change):
    """A header says only what a box can be."""
    with pytest.raises(BoxError, match="impossible"):
        _write(path, (pytest.fail("a record was read") for _ in "x"), **change)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda data: data[:-1], "cut short"),
        (lambda data: data[: -SIZE // 2], "cut short"),
        (lambda data: data[:-SIZE], "holds 19 records where its header says 20"),
        (lambda data: data + data[-SIZE:], "holds 21 records where its header says 20"),
        (lambda data: data + b"\x00", "1 bytes stand after"),
        (lambda data: data.replace(b'"count":20', b'"count":19'), "holds 20 records where its header says 19"),
        (lambda data: data.replace(b'"wave":1', b'"wave":0'), "impossible wave"),
        (lambda data: data.replace(b'"wave":1', b'"wave": 1'), "not a whole header"),
        (lambda data: data.replace(b"sotto-box-3", b"sotto-box-1"), "not a box of format"),
        (lambda data: data.replace(b'"study"', b'"stady"'), "not a box of format"),
        (lambda data: data[:40], "not a whole header"),
        (lambda data: data[data.index(b"\n") :], "not a whole header"),
        (lambda data: data[:SIZE].replace(b"\n", b" "), "not a whole header"),
        (lambda data: data.replace(merkle_root(RECORDS).hex().encode(), b"0" * 64), "tree hash differs"),
    ],
    ids=[
        "last byte",
        "half a record",
        "last record",
        "one record more",
        "trailing byte",
        "count",
        "wave",
        "white space",
        "format",
        "unknown field",
        "half a header",
        "no header",
        "no newline",
        "root",
    ],
)
def test_a_damaged_file_is_refused_and_the_fault_named(path, change, says):
    """Truncation, extension and a changed header are seen, most of them on opening."""
    _changed(path, change)
    assert says in _refusal(path)


def test_a_header_in_another_spelling_is_refused(path):
    """The header has one spelling, canonical JSON: its keys in another order are refused."""
    _write(path)
    line, _, rest = path.read_bytes().partition(b"\n")
    fields = json.loads(line)
    path.write_bytes(json.dumps(dict(reversed(fields.items())), separators=(",", ":")).encode() + b"\n" + rest)
    assert "not a whole header" in _refusal(path)


def test_an_empty_file_is_refused(path):
    """A file of no bytes is no box."""
    path.write_bytes(b"")
    assert "the box is empty" in _refusal(path)


@pytest.mark.parametrize("record", [0, 7, 19])
@pytest.mark.parametrize("place", [0, 351, 352, 1000, SIZE - 1])
def test_a_flipped_byte_in_any_record_is_seen(path, record, place):
    """Every byte of every record is under the root; verifying is what finds it."""

    def flip(data):
        data[data.index(b"\n") + 1 + record * SIZE + place] ^= 0x10

    _changed(path, flip)
    with BoxFile.open(path) as box:
        assert 20 == len(box)
    assert "get the box again" in _refusal(path)


def test_a_record_replaced_by_another_valid_one_is_seen(path):
    """Order, size and row key may all be right: the tree hash still differs."""
    _write(path, RECORDS[:5])
    own = _write(path, RECORDS[1:6])
    foreign = _write(path, RECORDS[:5])
    data = path.read_bytes().replace(foreign.to_bytes(), own.to_bytes())
    path.write_bytes(data)
    assert "tree hash differs" in _refusal(path)


def test_two_records_that_changed_places_are_seen(path):
    """The order is part of the box."""

    def swap(data):
        start = data.index(b"\n") + 1
        data[start : start + 2 * SIZE] = data[start + SIZE : start + 2 * SIZE] + data[start : start + SIZE]

    _changed(path, swap)
    assert "record 1 is changed or out of order" in _refusal(path)


def test_the_digest_names_header_and_through_the_root_every_record():
    """Two boxes that differ anywhere have different names."""
    header = BoxHeader(**DESCRIPTION, count=0, root="0" * 64)
    others = [replace(header, study="b"), replace(header, wave=2), replace(header, root="1" * 64)]
    others.append(replace(header, plans=("2" * 64,)))
    assert 5 == len({box.digest for box in (header, *others)})


def test_a_disk_that_fails_leaves_the_old_box(path, monkeypatch):
    """The file appears whole or not at all: an error while syncing leaves what was there before."""
    _write(path, RECORDS[:3])
    before = path.read_bytes()

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        _write(path)
    assert (before, [path]) == (path.read_bytes(), list(path.parent.iterdir()))


def test_a_stream_that_fails_leaves_nothing(path):
    """A store that breaks off while it is read gives no box."""

    def broken():
        yield RECORDS[0]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        _write(path, broken())
    assert [] == list(path.parent.iterdir())


def test_a_box_is_readable_by_its_owner_only(path):
    """Sealed answers are still nobody else's business on a shared machine."""
    _write(path)
    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.slow
def test_verifying_a_box_keeps_a_stretch_of_it_in_memory_and_no_more(tmp_path):
    """Reading a box of 40,000 records (66 MB) leaves under 30 MB of it mapped; plain reading leaves all."""
    path = tmp_path / "large.box"
    records = sorted((_open_link(number) for number in range(40_000)), key=_row_key)
    _write(path, records)
    with BoxFile.open(path) as box:
        before = _resident()
        box.verify()
        assert _resident() - before < 30_000_000
        assert len(records) == sum(1 for _ in box.records())
        assert _resident() - before > 50_000_000


def _resident():
    """Return this process's resident memory in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
