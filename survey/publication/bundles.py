"""
A wave's pinned documents as phones fetch them: one file a locale and link, whose length and name tell neither.

All files of a wave have one length in each encoding, and names of one length on the wire. The wave's hashes, and so the
pin in the link, are over the documents inside of a file: never over the file itself, its padding or its name. The link
of a corrected wave pins its wording (survey/wave/correction.py), which stands in the file as a fourth document.
"""

import gzip
import re
import struct
from collections.abc import Callable, Mapping

import brotli

from crypto.canonical import CanonicalError, canonical, parse
from crypto.errors import PublicTextError

SYMBOLS = "012aceiost"
"""The ten characters with the shortest code, 5 bits, in headers of HTTP/2 and HTTP/3 (RFC 7541, appendix B)."""
BUNDLE_NAME = re.compile(f"[{SYMBOLS}]{{2}}")
PARTS = ("manifest", "questionnaire", "texts")
WORDING = "wording"
STEP = 256
LEAST_PADDING = 8
"""Bytes that every padding can have in every encoding: an extra field of gzip takes 6 at least."""
EXTRA_FIELD = 4  # the bit of a gzip header's flags (RFC 1952, 2.3.1)
LONGEST_FIELD = 0xFFFF
GZIP_HEADER = 10
# Not the last meta-block, no length, and nothing skipped: one byte, which may be repeated (RFC 7932, 9.2).
EMPTY_BLOCK = b"\x06"


class BundleError(PublicTextError):
    """The languages of a study differ too much in length to be made alike; the message says by how much."""


def bundle_name(place: int) -> str:
    """Return the name, two of SYMBOLS, of the locale in this place of the questionnaire's locales (0 to 99)."""
    tens, ones = divmod(place, len(SYMBOLS))
    return SYMBOLS[tens] + SYMBOLS[ones]


def bundle_content(manifest: bytes, questionnaire: bytes, texts: bytes, wording: bytes | None = None) -> bytes:
    """Return the JSON object of the exact texts of three documents, or of four with `wording`, without padding."""
    documents = dict(zip(PARTS, (manifest, questionnaire, texts), strict=True))
    documents |= {} if wording is None else {WORDING: wording}
    return canonical({name: document.decode("utf-8") for name, document in documents.items()})


def bundle_documents(content: bytes) -> dict[str, bytes]:
    """Return the documents of a bundle by name, padded or not; raise CanonicalError for anything else."""
    parts = parse(content.rstrip(b" "))
    if sorted(parts.keys() - {WORDING}) != sorted(PARTS) or not all(isinstance(text, str) for text in parts.values()):
        raise CanonicalError("not the texts of a manifest, a questionnaire, texts and perhaps a wording")
    return {name: text.encode("utf-8") for name, text in parts.items()}


def padded_bundles(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """
    Return the files of a wave's bundles: `NAME.json`, `NAME.json.gz` and `NAME.json.br` for each name of `contents`.

    All files of one encoding have one length, the first multiple of 256 that leaves the longest 8 bytes. Raises
    BundleError where a gzip header cannot hold the difference (64 KiB).
    """
    files: dict[str, bytes] = {}
    for ending, (encoded, padded) in ENCODINGS.items():
        exact = {name: encoded(content) for name, content in contents.items()}
        size = -(-(max(map(len, exact.values())) + LEAST_PADDING) // STEP) * STEP
        files |= {f"{name}.json{ending}": padded(data, size - len(data)) for name, data in exact.items()}
    return files


def _with_spaces(content: bytes, size: int) -> bytes:
    """Return JSON with `size` spaces after it, which every JSON parser skips (RFC 8259, section 2)."""
    return content + b" " * size


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _with_extra_field(data: bytes, size: int) -> bytes:
    """Return a gzip file with an extra field of `size` bytes, 6 at least, in its header (RFC 1952, 2.3.1.1)."""
    field = size - struct.calcsize("<H")
    if field > LONGEST_FIELD:
        raise BundleError(
            f"one language is {size} bytes (gzip) longer than another; at most {LONGEST_FIELD} can be made up for. "
            "Make the texts of the languages more alike"
        )
    header = bytearray(data[:GZIP_HEADER])
    header[3] |= EXTRA_FIELD
    subfield = b"pd" + struct.pack("<H", field - 4)
    return bytes(header) + struct.pack("<H", field) + subfield.ljust(field, b"\0") + data[GZIP_HEADER:]


def _brotli(content: bytes) -> bytes:
    """Return a brotli stream whose last meta-block, of one byte, is empty: padding can stand before it."""
    compressor = brotli.Compressor()
    return bytes(compressor.process(content) + compressor.flush() + compressor.finish())


def _with_empty_blocks(stream: bytes, size: int) -> bytes:
    """Return a brotli stream with `size` empty metadata blocks of one byte before its last (RFC 7932, 9.2)."""
    return stream[:-1] + EMPTY_BLOCK * size + stream[-1:]


Encoding = tuple[Callable[[bytes], bytes], Callable[[bytes, int], bytes]]

# How content is encoded, and how what came out is made longer by so many bytes, by the ending of the file.
ENCODINGS: Mapping[str, Encoding] = {
    "": (bytes, _with_spaces),
    ".gz": (_gzipped, _with_extra_field),
    ".br": (_brotli, _with_empty_blocks),
}
