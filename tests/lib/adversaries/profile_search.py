"""Searches every file of a browser's profile for words, however files spell or compress them."""

import base64
import contextlib
import gzip
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import brotli
import pyarrow as pa

MOZILLA_LZ4 = b"mozLz40\0"
SIMPLE_CACHE = struct.pack("<Q", 0xFCFB6D1BA7725C30)
SIMPLE_HEADER = 24
CHUNK = 1024


def spellings(word: str | bytes) -> list[bytes]:
    """Return the ways in which a word turns up in files: UTF-8, UTF-16, JSON, and base64 at its three offsets."""
    raw = word if isinstance(word, bytes) else word.encode()
    ways = [raw, *(_base64(raw, shift, alphabet) for shift in range(3) for alphabet in (None, b"-_"))]
    if isinstance(word, str):
        ways += [word.encode("utf-16-le"), word.encode("utf-16-be"), json.dumps(word)[1:-1].encode()]
        ways += [_base64(word.encode("utf-16-le"), shift, None) for shift in range(3)]
    return ways


def _base64(raw: bytes, shift: int, alphabet: bytes | None) -> bytes:
    """Return the characters of base64 that depend on `raw` alone when `shift` bytes stand before it."""
    spelled = base64.b64encode(bytes(shift) + raw, alphabet)
    return spelled[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]


def matches_by_file(folder: Path, words: list[str | bytes]) -> dict[str, list[str | bytes]]:
    """Return, by file, the words that it holds in any encoding, plain or compressed."""
    needles = [(word, way) for word in words for way in spellings(word)]
    hits = {}
    for path in files(folder):
        texts = list(contents(_read(path)))
        held = {word for word, way in needles if any(way in text for text in texts)}
        if held:
            hits[str(path.relative_to(folder))] = sorted(held, key=repr)
    return hits


def _read(path: Path) -> bytes:
    """Return a file's bytes, none where a browser that is still closing has removed its journal meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def unreadable(folder: Path) -> list[Path]:
    """Return the LevelDB tables, whose blocks this search does not decompress; a profile a minute old has none."""
    return [path for path in files(folder) if path.suffix in (".ldb", ".sst")]


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]


def contents(data: bytes) -> Iterator[bytes]:
    """Yield a file's bytes, and what comes out of it where it is compressed in a way that browsers use."""
    yield data
    if data.startswith(MOZILLA_LZ4):
        size = int.from_bytes(data[8:12], "little")
        yield pa.Codec("lz4_raw").decompress(data[12:], size).to_pybytes()
    # A cache keeps bodies as they came: at the start of a file, or behind the entry's header and address.
    yield from _streams(data)
    if data.startswith(SIMPLE_CACHE):
        yield from _streams(data[SIMPLE_HEADER + int.from_bytes(data[12:16], "little") :])


def _streams(data: bytes) -> Iterator[bytes]:
    """Yield the beginning of `data` decompressed by gzip, zlib and brotli; data after the stream is ignored."""
    for window in (zlib.MAX_WBITS | 16, zlib.MAX_WBITS):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj(window).decompress(data)
    decoder, out = brotli.Decompressor(), b""
    with contextlib.suppress(brotli.error):
        for at in range(0, len(data), CHUNK):
            out += decoder.process(data[at : at + CHUNK])
            if decoder.is_finished():
                break
    yield out


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data)
