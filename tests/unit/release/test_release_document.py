"""A release is strict, frozen data: what does not add up is refused by place and without repeating it."""

from typing import Any

import pytest
from hosts.collection import BOX_HEADER, PLAN, Collection, compiled
from pydantic import TypeAdapter

from crypto.canonical import canonical
from survey.authoring.plan_compiler import compile_plan
from survey.document import DocumentError
from survey.names import Slug
from survey.questionnaire.bases import BASES
from survey.release.release import Release
from survey.settings import Settings


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return Collection(Settings.from_environ({})).unsigned(compile_plan(PLAN, compiled()[0]), BOX_HEADER)


def test_a_release_survives_reading_and_writing(document):
    """Reading and writing give the same bytes, and the signature covers all but itself."""
    data = canonical(document)
    assert data == Release.from_bytes(data).to_bytes() == Release.from_bytes(data).unsigned_bytes()
    signed = canonical(document | {"signature": document["signer"]})
    assert data == Release.from_bytes(signed).unsigned_bytes()


@pytest.mark.parametrize("study", ["q26-", "a", "a" * 48])
def test_every_study_that_can_be_asked_can_be_released(document, study):
    """A slug that a questionnaire may have is a slug that a release may have."""
    assert study == TypeAdapter(Slug).validate_python(study)
    assert study == Release.from_bytes(canonical(document | {"study": study})).study


def first(change: dict[str, Any]):
    return lambda d: d | {"tables": [d["tables"][0] | change, *d["tables"][1:]]}


def without(members: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in members.items() if key != name}


def estimate(change: dict[str, Any]):
    return lambda d: first({"estimates": [d["tables"][0]["estimates"][0] | change]})(d)


def budget(change: dict[str, Any]):
    return lambda d: d | {"budget": d["budget"] | change}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d | {"surprise": 1},
        lambda d: without(d, "budget"),
        lambda d: d | {"format": "sotto-release-1"},
        lambda d: d | {"study": "../etc"},
        lambda d: d | {"day": "2026-13-01"},
        lambda d: d | {"wave": 0},
        lambda d: d | {"wave": True},
        lambda d: d | {"tables": []},
        lambda d: d | {"tables": d["tables"] + d["tables"][:1]},
        lambda d: d | {"title": {"en": "x"}},
        lambda d: d | {"labels": {locale: {} for locale in d["labels"]}},
        lambda d: d | {"notes": ["<b>"]},
        budget({"cost": 10**9}),
        budget({"spent": 10**9}),
        budget({"cost": 1}),
        budget({"epsilon": {"1e-5": 1}}),
        budget({"curve": {"least_sigma": 10.0, "epsilon": {"1e-5": 1.0}}}),
        budget({"curve": {"least_sigma": 10.0, "epsilon": {"1e-5": 9.0, "1e-6": 9.0, "1e-9": 9.0}}}),
        budget({"curve": {"least_sigma": 0.0, "epsilon": {"1e-5": 0.1, "1e-6": 0.1, "1e-9": 0.1}}}),
        lambda d: d | {"budget": without(d["budget"], "curve")},
        budget({"atto_delta": {"cost": 2, "spent": 1, "total": 3}}),
        budget({"atto_delta": {"cost": 1, "spent": 2, "total": 1}}),
        lambda d: d | {"ledger": d["ledger"] | {"history": []}},
        lambda d: d | {"ledger": d["ledger"] | {"previous": "f" * 64}},
        lambda d: d | {"ledger": d["ledger"] | {"sequence": 2}},
        lambda d: d | {"ledger": d["ledger"] | {"nonce": "x"}},
        first({"counts": [1, 2, 3]}),
        first({"counts": ["1"]}),
        first({"sigma": 0}),
        first({"sensitivity_squared": None}),
        lambda d: d | {"tables": [without(d["tables"][0], "sensitivity_squared"), *d["tables"][1:]]},
        first({"dimensions": []}),
        estimate({"group": 12345}),
        estimate({"group": [1, 2]}),
        estimate({"abstained": "too-few"}),
        estimate({"shares": [{"code": 97, "base": "asked", "share": 0.1, "margin": 0.1, "reliable": True}]}),
        estimate({"shares": [{"code": 99, "base": "answered", "share": 0.1, "margin": 0.1, "reliable": True}]}),
        estimate({"base": "asked"}),
        estimate({"base": "everyone"}),
        estimate({"sizes": {"asked": {"number": 1.0, "margin": 1.0}}}),
        estimate({"sizes": {name: {"number": 1.0, "margin": -1.0} for name in BASES}}),
    ],
)
def test_what_does_not_add_up_is_refused(document, change):
    """Each single change is refused with one named error."""
    with pytest.raises(DocumentError):
        Release.from_bytes(canonical(change(document)))


def test_an_error_names_places_and_no_values(document):
    """The message says where, and does not repeat what stood there."""
    with pytest.raises(DocumentError, match=r"box\.root") as caught:
        Release.from_bytes(canonical(document | {"box": {"root": "canary-5519", "count": 3}}))
    assert "canary-5519" not in str(caught.value)


@pytest.mark.parametrize(
    "spoil", [lambda b: b + b" ", lambda b: b.replace(b'"box"', b' "box"'), lambda b: b[:-1], lambda _: b""]
)
def test_only_the_canonical_bytes_are_read(document, spoil):
    """White space, truncation and nothing at all are refused."""
    with pytest.raises(DocumentError):
        Release.from_bytes(spoil(canonical(document)))
