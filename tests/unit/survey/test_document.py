"""A document is named by its bytes, once, and never by those of another; no wrong clock dates one."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from crypto.canonical import digest
from survey import document
from survey.document import MADE, ClockError, Document, today


class Pair(Document):
    left: int
    right: tuple[str, ...] | None = None


@pytest.fixture
def digests(monkeypatch):
    """The bytes that were hashed."""
    hashed: list[bytes] = []

    def counted(data: bytes) -> str:
        hashed.append(data)
        return digest(data)

    monkeypatch.setattr(document, "digest", counted)
    return hashed


def named(pair: Pair) -> str:
    """The name of a document as an outsider computes it."""
    return digest(pair.to_bytes())


def test_a_name_is_computed_once(digests):
    """Asking for the name again neither writes nor hashes the document again."""
    pair = Pair.from_bytes(b'{"left":1,"right":["a"]}')
    assert pair.digest == pair.digest == named(pair)
    assert [b'{"left":1,"right":["a"]}'] == digests


@pytest.mark.parametrize(
    "changed",
    [
        lambda pair: pair.model_copy(update={"left": 2}),
        lambda pair: pair.model_copy(update={"left": 2}, deep=True),
        lambda pair: pair.model_copy(update={"right": None}).compact(),
    ],
)
def test_a_changed_copy_has_a_name_of_its_own(changed):
    """What is copied from a document that knows its name does not inherit that name."""
    pair = Pair(left=1, right=("a",))
    assert pair.digest
    other = changed(pair)
    assert (named(other), False) == (other.digest, other.digest == pair.digest)


@pytest.mark.parametrize("same", [copy.copy, copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_a_document_that_knows_its_name_is_equal_to_one_that_does_not(same: Any):
    """Knowing its name changes neither a document's equality nor its hash nor what it is written as."""
    pair, fresh = Pair(left=1), Pair(left=1)
    assert pair.digest
    assert (fresh, hash(fresh), fresh.to_bytes()) == (pair, hash(pair), pair.to_bytes())
    assert fresh == same(pair)
    assert named(fresh) == same(pair).digest


@pytest.mark.parametrize(("now", "right"), [(MADE - timedelta(days=1), False), (date(1970, 1, 1), False), (MADE, True)])
def test_a_clock_before_this_version_dates_nothing(monkeypatch, now, right):
    """The day of a machine whose battery was empty is refused with what to do; the first possible day is taken."""
    at = datetime(now.year, now.month, now.day, tzinfo=UTC)
    monkeypatch.setattr("survey.document.datetime", SimpleNamespace(now=lambda _: at))
    if right:
        assert now == today()
        return
    with pytest.raises(ClockError, match=f"clock says {now}.*set the clock"):
        today()
