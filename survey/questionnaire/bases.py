"""What a share is a part of: the three bases, and which levels of a dimension stand in each. Decisions 83 and 85.

One rule for every kind of dimension. A level that has content ("none of these" included) stands in all three bases,
"don't know" in `asked` and `answered`, "don't want to answer" in `asked` alone. Who was not asked, is outside of the
table's population or left no readable record stands in none.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from survey.questionnaire.codes import DONT_KNOW, NOT_ASKED, OUTSIDE, REFUSED, UNREADABLE

Base = Literal["asked", "answered", "substantive"]
"""`asked`: all who were asked. `answered`: of those, who did not refuse. `substantive`: of those, who knew."""
BASES: tuple[Base, ...] = ("asked", "answered", "substantive")
"""From the widest to the narrowest."""
OF_SCORES: Base = "substantive"
"""What means, medians, top boxes and correlations stand on: nothing else has a value."""
LEFT_OUT: Mapping[Base, frozenset[int]] = {
    "asked": frozenset(),
    "answered": frozenset({REFUSED}),
    "substantive": frozenset({DONT_KNOW, REFUSED}),
}
"""The levels of who was asked that stand outside of a base."""
NOWHERE = frozenset({NOT_ASKED, OUTSIDE, UNREADABLE})
"""The levels that stand in no base."""


def levels_in(base: Base, codes: Sequence[int]) -> tuple[int, ...]:
    """Return the levels of `codes` that stand in `base`, in their order."""
    return tuple(code for code in codes if code not in NOWHERE | LEFT_OUT[base])


def base_of_level(code: int, declared: Base) -> Base:
    """Return what the share of one level is of: the declared base, or the narrowest wider one in which it stands.

    So "don't know" is never a share of those with an opinion, and "don't want to answer" is always one of all asked.
    """
    wide_enough = BASES[: BASES.index(declared) + 1]
    return next(base for base in reversed(wide_enough) if code not in LEFT_OUT[base])


def base_of_levels(codes: Sequence[int], declared: Base) -> Base:
    """Return what the share of several levels together is of: the widest base that one of them needs."""
    return min((base_of_level(code, declared) for code in codes), key=BASES.index, default=declared)


def possible_bases(item_type: str) -> tuple[Base, ...]:
    """Return the bases that the shares of an item of this type may have.

    Of a list experiment only who gave a number can be told to belong to one of the two lists; notes and phrases have
    no shares.
    """
    if item_type in ("note", "phrase"):
        return ()
    return ("substantive",) if item_type == "list" else BASES


def default_base(item_type: str) -> Base:
    """Return the base of an item that declares none."""
    return "substantive" if item_type == "list" else OF_INDICATORS


OF_INDICATORS: Base = "answered"
"""The base of an indicator that declares none: that of ordinary questions."""
OF_HEADER: Base = "asked"
"""The base of a dimension of the payload's header: every readable record has a level."""
