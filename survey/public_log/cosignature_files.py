"""The published cosignatures of a head, `log/cosignatures/<size>`: one line for each witness.

Format of a line: C2SP tlog-cosignature.
"""

from collections.abc import Callable, Iterable, Mapping

from crypto.canonical import digest
from crypto.cosignatures import Cosignature, CosignatureError, WitnessKey
from survey.document import DocumentError
from survey.public_log.log_entry import LogEntry
from survey.wave.manifest import Manifest

MOST_BYTES = 1 << 16


def cosignatures_place(size: int) -> str:
    """Return where the cosignatures of the head of `size` entries lie in the published folder."""
    return f"log/cosignatures/{size}"


def read_cosignatures(content: bytes) -> tuple[Cosignature, ...]:
    """Return the cosignatures in a file, one a line; raise CosignatureError where a line is none."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if len(content) > MOST_BYTES or not text.endswith("\n"):
        raise CosignatureError("this is no file of cosignatures: it is empty, cut short, too long or no text")
    return tuple(Cosignature.from_line(line) for line in text[:-1].split("\n"))


def manifests_in(entries: Iterable[LogEntry], read: Callable[[str], bytes | None]) -> Mapping[int, Manifest]:
    """Return each manifest that a log names and that is there unchanged, by the place of its entry from 0."""
    found = {}
    for at, entry in enumerate(entries):
        if entry.kind == "manifest" and digest(content := read(f"manifests/{entry.hash}.json") or b"") == entry.hash:
            try:
                found[at] = Manifest.from_bytes(content)
            except DocumentError:  # another format, which a signature check names
                continue
    return found


def known_witnesses(manifests: Iterable[Manifest]) -> tuple[WitnessKey, ...]:
    """Return the keys of all witnesses that these manifests name, each once."""
    named = [manifest.witnesses for manifest in manifests if manifest.witnesses]
    return tuple(dict.fromkeys(key for witnesses in named for key in witnesses.witness_keys))
