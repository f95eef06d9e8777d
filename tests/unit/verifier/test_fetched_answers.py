"""The three programs that compare a host with its log take no answer of which a browser may see more than they do."""

import gzip
import importlib.util
import time
from itertools import chain

import pytest
from forged.raw_server import dripping, head, raw_server
from forged.witnesses import witness_program
from paths import ROOT

from survey.http_client import Client
from survey.page_identity import visits
from survey.page_identity.pages_document import compared_headers

SPEC = importlib.util.spec_from_file_location("independent_verifier", ROOT / "verifier" / "verify.py")
VERIFY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(VERIFY)
WITNESS = witness_program()
PAGE, ZIPPED, IS_ZIPPED = b"<p>told", gzip.compress(b"<p>told"), b"Content-Encoding: gzip"


def by_sotto(url):
    answer = visits.VisitedHost(url).visit("/x", {})
    return answer.body, compared_headers(answer.headers)


def by_verifier(url):
    return VERIFY.Verifier(url).fetch("/x", {})


def by_witness(url):
    return WITNESS.fetched(f"{url}/x", {})[1:]


READERS = (by_sotto, by_verifier, by_witness)
EVIL = {
    "a line without a colon": (PAGE, (b"junk", b"Refresh: 0; url=//evil.example/"), "a line among its headers"),
    "a name with a space": (PAGE, (b"A : b", b"Set-Cookie: a=b"), "a line among its headers"),
    "an empty line of one sign": (PAGE, (b"\r", b"Set-Cookie: a=b"), "a line among its headers"),
    "a second gzip file": (ZIPPED + gzip.compress(b"<script>"), (IS_ZIPPED,), "more after it|not of its encoding"),
    "any tail": (ZIPPED + b"x", (IS_ZIPPED,), "more after it|not of its encoding"),
    "a gzip file cut off": (ZIPPED[:-8], (IS_ZIPPED,), "no whole gzip file|not of its encoding"),
}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("name", EVIL)
def test_an_answer_that_a_browser_may_read_otherwise_is_refused(read, name):
    """Headers after a line that is none, and what follows or lacks in a gzip file, are named."""
    body, lines, words = EVIL[name]
    with raw_server(lambda _: iter([head(body, *lines), body])) as url, pytest.raises(Exception, match=words):
        read(url)


@pytest.mark.parametrize("read", READERS)
def test_an_honest_answer_is_taken_and_only_spaces_and_tabs_are_cut(read):
    """Control, by gzip and without; of a value a browser cuts no other sign, and none of the three does."""
    for body, lines in ((PAGE, ()), (ZIPPED, (IS_ZIPPED,))):
        policies = (b"Referrer-Policy: no-referrer\xa0", b"X-A:\t b \t")
        with raw_server(lambda _, body=body, lines=(*lines, *policies): iter([head(body, *lines), body])) as url:
            page, headers = read(url)
        assert page == PAGE
        assert {"referrer-policy": "no-referrer\u00a0", "x-a": "b"}.items() <= headers.items()


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("slow", ["headers", "body"])
def test_a_byte_now_and_then_holds_nobody(read, slow, monkeypatch):
    """Each byte comes in time and the whole answer would not: it is given up, in words that say so."""
    monkeypatch.setattr(visits, "CLIENT", Client(60, 100, whole=0.4))
    monkeypatch.setattr(VERIFY, "WHOLE", 0.4)
    monkeypatch.setattr(WITNESS, "WHOLE", 0.4)
    parts = dripping(head(PAGE), 0.1) if slow == "headers" else chain([head(PAGE)], dripping(PAGE, 0.2))
    begun = time.monotonic()
    with raw_server(lambda _: parts) as url, pytest.raises(Exception, match=r"0\.4 seconds"):
        read(url)
    assert time.monotonic() - begun < 1.2


@pytest.mark.parametrize("place", ["log/key", "log/checkpoint", "log/entries.jsonl"])
def test_a_file_of_the_log_that_leads_elsewhere_is_not_followed(place):
    """Verifier and witness refuse a redirect of a published file, and ask nothing of where it leads."""
    asked = []

    def elsewhere(path):
        asked.append(path)
        return iter([head(PAGE), PAGE])

    with raw_server(elsewhere) as other:
        moved = head(b"", b"Location: " + other.encode(), status="302 Found")
        with raw_server(lambda _: iter([moved])) as url:
            with pytest.raises(VERIFY.Fault, match=f"{place} answers 302"):
                VERIFY.Verifier(url).read(place)
            with pytest.raises(WITNESS.Refused, match=f"{place} answers 302"):
                WITNESS.Source(url).read(place, WITNESS.SHORT)
        assert [] == asked
        assert PAGE == VERIFY.Verifier(other).read(place) == WITNESS.Source(other).read(place, WITNESS.SHORT)


def test_a_key_without_end_is_not_read_to_its_end():
    """Of a host's key of more than 16 kB verifier and witness say that it is too long; one of 16 kB is read."""
    for size in (VERIFY.SHORT, VERIFY.SHORT + 1):
        body = bytes(size)
        with raw_server(lambda _, body=body: iter([head(body), body])) as url:
            if size == VERIFY.SHORT:
                assert body == VERIFY.Verifier(url).read("log/key") == WITNESS.Source(url).read("log/key", size)
                continue
            with pytest.raises(VERIFY.Fault, match="log/key is longer than the 16384 bytes"):
                VERIFY.Verifier(url).read("log/key")
            with pytest.raises(WITNESS.Refused, match="longer than"):
                WITNESS.Source(url).read("log/key", WITNESS.SHORT)
