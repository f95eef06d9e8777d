"""Names: what an author may choose, what sealed files take, and that the first is part of the second."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from crypto import canonical as sealed
from crypto.envelope import EnvelopeError, study_id
from survey import names

DIMENSION, SLUG = TypeAdapter(names.Name), TypeAdapter(names.Slug)


@given(st.from_regex(names.SLUG, fullmatch=True))
def test_every_name_of_a_study_can_be_sealed_to(name):
    """A study that compiles and whose name no envelope takes would lose every answer."""
    assert (name, 16) == (SLUG.validate_python(name), len(study_id(name)))
    assert re.fullmatch(sealed.STUDY, name)


@pytest.mark.parametrize(
    ("name", "authored", "in_envelopes"),
    [
        ("a", True, True), ("a" + "b" * 47, True, True), ("sesame-credit", True, True), ("a-", True, True),
        ("a" + "b" * 48, False, True), ("2026-study", False, True), ("a" * 63, False, True), ("a" * 64, False, False),
        ("-a", False, False), ("A", False, False), ("ä", False, False), ("a\n", False, False), ("", False, False),
    ],
)  # fmt: skip
def test_names_at_the_edges_of_both_grammars(name, authored, in_envelopes):
    """Length, first letter, capitals and a line's end: each grammar takes what its specification says and no more."""
    assert (authored, in_envelopes) == (taken(SLUG.validate_python, name), taken(study_id, name))
    assert authored == bool(names.SLUG.fullmatch(name))


@pytest.mark.parametrize("name", ["AGE", "A_1", "@mode", "@stratum"])
def test_a_dimension_is_an_id_or_a_part_of_the_header(name):
    """Plans, margins, releases and findings take the same names, and none in other letters."""
    assert name == DIMENSION.validate_python(name)
    for other in (name.swapcase(), f"{name}-", f"@{name}", f"{name}\n"):
        assert not taken(DIMENSION.validate_python, other)


def taken(check, name):
    """Say whether `check` takes a name."""
    try:
        check(name)
    except (ValidationError, EnvelopeError):
        return False
    return True
