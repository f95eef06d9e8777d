"""A tablet's file of waiting envelopes: the same bytes in both languages, and refused whole where anything is off."""

import hashlib
from pathlib import Path

import pytest
from hosts.queue_files import queue_file
from paths import vectors

from crypto.canonical import canonical, from_base64url, parse
from crypto.envelope import Record, parse_body
from crypto.kit_file import QueueFile, QueueFileError

VECTOR = vectors("queue")
BODIES = [from_base64url(body) for body in VECTOR["bodies"]]
FILE = from_base64url(VECTOR["file"])
HEADER, RECORDS = FILE[: FILE.index(b"\n")], FILE[FILE.index(b"\n") + 1 :]
SIZE = len(BODIES[0]) - 1


def records() -> list[Record]:
    return [parse_body(body, VECTOR["plaintext_size"]) for body in BODIES]


def whole(header: dict[str, object], content: bytes) -> bytes:
    """Return a file whose hash is right, whatever else is not."""
    return canonical({**header, "sha256": hashlib.sha256(content).hexdigest()}) + b"\n" + content


def test_the_file_of_the_vector_is_what_its_bodies_give_in_any_order():
    """Three bodies give the vector's file byte for byte, whichever came first, and it reads back as they are."""
    assert FILE == queue_file(VECTOR["study"], records())
    assert FILE == queue_file(VECTOR["study"], reversed(records()))
    read = QueueFile.from_bytes(FILE)
    assert sorted(record.to_bytes() for record in records()) == sorted(record.to_bytes() for record in read.records)
    assert sorted(record.row_key for record in read.records) == [record.row_key for record in read.records]


def _parts() -> list[bytes]:
    return [RECORDS[at : at + SIZE] for at in range(0, len(RECORDS), SIZE)]


def _other_wave() -> bytes:
    first, *rest = _parts()
    return b"".join([*rest[:1], first[:354] + bytes(8) + first[362:], *rest[1:]])


HEAD = parse(HEADER)
BROKEN = {
    "empty": (b"", "whole header"),
    "no newline": (HEADER, "whole header"),
    "not JSON": (b"{\n" + RECORDS, "whole header"),
    "another format": (canonical({**HEAD, "format": "sotto-box-1"}) + b"\n" + RECORDS, "not a file of format"),
    "one more key": (canonical({**HEAD, "time": 1}) + b"\n" + RECORDS, "not a file of format"),
    "spaces in the header": (HEADER.replace(b":", b": ", 1) + b"\n" + RECORDS, "whole header"),
    "a topic for a study": (whole({**HEAD, "study": "../q"}, RECORDS), "impossible study"),
    "a size no record has": (whole({**HEAD, "record_size": SIZE + 1}, RECORDS), "impossible record_size"),
    "no records": (whole({**HEAD, "count": 0}, b""), "impossible count"),
    "true for a count": (whole({**HEAD, "count": True}, RECORDS[:SIZE]), "impossible count"),
    "cut short": (FILE[:-1], "does not hold the 3 records"),
    "one byte too many": (FILE + b"\x00", "does not hold the 3 records"),
    "a changed byte": (FILE[:-1] + bytes([FILE[-1] ^ 1]), "changed on their way"),
    "another order": (whole(HEAD, b"".join(reversed(_parts()))), "out of order"),
    "one record twice": (whole(HEAD, b"".join([_parts()[0], *_parts()[:2]])), "stands twice"),
    "two waves": (whole(HEAD, _other_wave()), "more than one wave"),
    "no envelope": (whole(HEAD, b"\x02" * len(RECORDS)), "not a sealed envelope"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_is_not_whole_is_refused_whole(case: str):
    """Each way to be off has its reason; the whole file, as a control, is read."""
    data, reason = BROKEN[case]
    with pytest.raises(QueueFileError, match=reason):
        QueueFile.from_bytes(data)
    assert 3 == len(QueueFile.from_bytes(FILE).records)


def test_a_file_larger_than_any_tablets_queue_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The size is looked at before the content."""
    path = tmp_path / "file"
    path.write_bytes(FILE)
    assert 3 == QueueFile.read(path).header.count
    monkeypatch.setattr("crypto.kit_file.SIZE_MAX", len(FILE) - 1)
    with pytest.raises(QueueFileError, match="larger than"):
        QueueFile.read(path)


def test_a_file_of_no_envelopes_is_refused():
    """A header of no records is impossible, so an empty queue is no file that could be taken in."""
    with pytest.raises(QueueFileError, match="impossible count"):
        QueueFile.from_bytes(canonical(parse(HEADER) | {"count": 0}) + b"\n")
