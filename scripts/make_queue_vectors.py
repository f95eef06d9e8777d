"""Writes tests/vectors/queue.json (see the README beside it); run `python -m scripts.make_queue_vectors`."""

import hashlib
import json
import sys
from pathlib import Path

from crypto.canonical import to_base64url
from crypto.envelope import SUITE, Record, body, envelope_size

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/lib"))

from hosts.queue_files import queue_file

TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "queue.json"
STUDY, WIDTH = "market", 256


def main() -> None:
    """Write three bodies of one wave, which only look sealed, and the file that they make."""
    key_id = hashlib.sha256(b"sotto vectors queue").digest()[:8]
    random = [hashlib.shake_256(b"sotto vectors queue %d" % n).digest(envelope_size(WIDTH) - 10) for n in range(3)]
    records = [Record.open_link(SUITE + key_id + one) for one in random]
    values = {
        "study": STUDY,
        "plaintext_size": WIDTH,
        "key_id": key_id.hex(),
        "bodies": [to_base64url(body(record)) for record in records],
        "file": to_base64url(queue_file(STUDY, records)),
    }
    TARGET.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
