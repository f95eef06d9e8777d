"""Bundles of pinned documents: in each encoding one length for all locales, names of one length, the same documents."""

import gzip
import json
import random
import re
import zlib
from pathlib import Path

import brotli
import pytest
from studies.market import Study
from studies.pseudo import widened

from crypto.canonical import CanonicalError
from survey.authoring.compiler import compile_study
from survey.publication.bundles import (
    BUNDLE_NAME,
    LONGEST_FIELD,
    BundleError,
    bundle_content,
    bundle_documents,
    bundle_name,
    padded_bundles,
)
from survey.publication.folder import Published
from survey.questionnaire.questionnaire import MOST_LOCALES

STUDIES = Path(__file__).parents[3] / "survey/studies"
DECODERS = {"": bytes, ".gz": gzip.decompress, ".br": brotli.decompress}
MORE = ("ug", "en-XA", "ar-XB")
PIN = "-_" * 16
# The bits of each character of a path in headers of HTTP/2 and HTTP/3 (RFC 7541, appendix B).
BITS = {
    **dict.fromkeys("012aceiost", 5),
    **dict.fromkeys("-./3456789A_bdfghlmnpru", 6),
    **dict.fromkeys("BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz", 7),
}


def contents(name: str, *more: str) -> list[bytes]:
    """Return the unpadded bundles of a study that is shipped, also in invented languages."""
    study = widened(Study(*compile_study(STUDIES / name / "questionnaire.yaml")), *more)
    documents = study.manifest.to_bytes(), study.questionnaire.to_bytes()
    return [bundle_content(*documents, text.to_bytes()) for text in study.texts.values()]


def named(bundles: list[bytes]) -> dict[str, bytes]:
    return {bundle_name(place): bundle for place, bundle in enumerate(bundles)}


def check(bundles: dict[str, bytes]) -> dict[str, int]:
    """Assert that every file decodes to its bundle and that one encoding has one length; return the lengths."""
    files, lengths = padded_bundles(bundles), {}
    for ending, decoded in DECODERS.items():
        sizes = {len(files[f"{name}.json{ending}"]) for name in bundles}
        assert 1 == len(sizes), ending
        lengths[ending] = sizes.pop()
        assert 0 == lengths[ending] % 256
        for name, bundle in bundles.items():
            assert bundle == decoded(files[f"{name}.json{ending}"]).rstrip(b" ")
    assert len(files) == len(bundles) * len(DECODERS)
    return lengths


@pytest.mark.parametrize("name", ["sesame_credit", "showcase"])
def test_all_locales_of_a_study_have_one_length_in_every_encoding(name):
    """Three locales, and six with one that is half as long again and one from the right, decode to their documents."""
    few, many = contents(name), contents(name, *MORE)
    assert (3, 6) == (len({*few}), len({*many}))
    # The control: without padding the lengths tell the languages apart.
    assert all(len({len(encoded(one)) for one in many}) > 3 for encoded in (bytes, gzip.compress, brotli.compress))
    assert check(named(few))[".br"] < check(named(few))[".gz"]
    check(named(many))


@pytest.mark.parametrize("difference", [0, 1, 2, 3, 240, 247, 248, 249, 254, 255, 256, 257, 511, 512, 60_000])
def test_every_difference_of_lengths_is_made_up_for(difference):
    """Noise that no encoding shortens, longer by any number of bytes, comes out as long as the shorter one."""
    drawn = random.Random(difference)
    noise = ["".join(chr(drawn.randrange(33, 127)) for _ in range(300 + more)) for more in (0, difference)]
    lengths = check(named([json.dumps(text).encode() for text in noise]))
    assert len(json.dumps(noise[1])) + 8 <= lengths[""] < len(json.dumps(noise[1])) + 8 + 256


def test_a_difference_that_no_gzip_header_holds_is_refused():
    """A language that is 64 KiB longer (gzip) than another is refused and the difference named, not left to be seen."""
    drawn = random.Random(1)
    long = drawn.randbytes(LONGEST_FIELD + 3000).hex().encode()
    with pytest.raises(BundleError, match=r"bytes \(gzip\) longer than another"):
        padded_bundles({"00": b"{}", "01": long})


def test_other_decoders_read_what_is_padded():
    """zlib's own reader of gzip and a brotli decoder fed byte by byte read the padded files, and nothing is left."""
    files = padded_bundles(named([b'{"a":1}', b'{"b":"%s"}' % (b"x" * 999)]))
    for name in ("00", "01"):
        plain = files[f"{name}.json"].rstrip(b" ")
        reader = zlib.decompressobj(wbits=31)
        assert plain == reader.decompress(files[f"{name}.json.gz"])
        assert (True, b"") == (reader.eof, reader.unused_data)
        slow = brotli.Decompressor()
        stream = files[f"{name}.json.br"]
        assert plain == b"".join(slow.process(stream[at : at + 1]) for at in range(len(stream)))
        assert slow.is_finished()


def test_names_of_bundles_have_one_length_on_the_wire():
    """All hundred names differ, and their paths have one length as they are and in HTTP/2's code for headers."""
    paths = [f"/b/{PIN}/{bundle_name(place)}.json" for place in range(MOST_LOCALES)]
    assert MOST_LOCALES == len({*paths})
    assert 1 == len({*map(len, paths)}) == len({*map(bits, paths)})
    assert all(BUNDLE_NAME.fullmatch(bundle_name(place)) for place in range(MOST_LOCALES))
    # The control: two letters of a language do differ there.
    assert bits("en") != bits("ug")


def bits(path: str) -> int:
    return sum(BITS[character] for character in path)


def test_the_published_folder_holds_those_files_and_no_name_of_a_locale(tmp_path):
    """What is published of a wave under its pin is the padded files, one triple a locale, found by their names."""
    bundles, folder = contents("sesame_credit"), Published(tmp_path)
    parts = [bundle_documents(bundle) for bundle in bundles]
    texts = dict(zip(("en", "zh-Hans", "zh-Hant"), (part["texts"] for part in parts), strict=True))
    folder.write_bundles(PIN, parts[0]["manifest"], parts[0]["questionnaire"], texts)
    files = {path.name: path.read_bytes() for path in (tmp_path / "b" / PIN).iterdir()}
    assert padded_bundles(named(bundles)) == files
    assert all(re.fullmatch(r"0[012]\.json(\.gz|\.br)?", name) for name in files)
    for place, bundle in enumerate(bundles):
        assert bundle == (folder.bundle(PIN, bundle_name(place)) or b"").rstrip(b" ")
    assert folder.bundle(PIN, "en") is None


@pytest.mark.parametrize("spoilt", [b"\n", b"\t", b"\0", b" {}", b'{"manifest":""}'])
def test_nothing_but_spaces_is_read_behind_a_bundle(spoilt):
    """Documents are read with any number of spaces behind them, and refused with anything else, or another member."""
    whole = bundle_content(b"1", b"2", b"3")
    assert {"manifest": b"1", "questionnaire": b"2", "texts": b"3"} == bundle_documents(whole + b"   ")
    for changed in (whole + spoilt, whole[:-1] + b',"x":"y"}', whole.replace(b'"3"', b"3"), spoilt):
        with pytest.raises(CanonicalError):
            bundle_documents(changed)
