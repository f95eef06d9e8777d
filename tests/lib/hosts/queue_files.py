"""The file of a field kit without a network, made of records: the kit itself makes it in TypeScript."""

import hashlib
from collections.abc import Iterable

from crypto.envelope import Record, envelope_key_id
from crypto.kit_file import QueueFile, QueueHeader


def queue_file(study: str, records: Iterable[Record]) -> bytes:
    """Return the file of `records` of one wave, as a kit saves it; raise QueueFileError for none or several waves."""
    ordered = sorted(records, key=lambda record: record.row_key)
    parts = [record.to_bytes() for record in ordered]
    key_id = envelope_key_id(ordered[0].envelope).hex() if ordered else "0" * 16
    content = b"".join(parts)
    size = len(parts[0]) if parts else 0
    header = QueueHeader(study, key_id, size, len(parts), hashlib.sha256(content).hexdigest())
    data = header.to_bytes() + b"\n" + content
    QueueFile.from_bytes(data)
    return data
