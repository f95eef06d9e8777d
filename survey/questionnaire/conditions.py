"""Routing, forms, derived indicators and populations share one condition language: models, evaluation, names."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from survey.document import Document
from survey.questionnaire.codes import NOT_ASKED, UNDEFINED

# One answer: the code of an item of one code; of a multi item the chosen codes, or its missing code; of a phrase item
# the phrases, or its missing code. Absent means not asked.
Answer = int | tuple[int, ...] | tuple[str, ...]
Values = Mapping[str, Answer]


class ItemIn(Document):
    """Holds where the code of a single item, or the status of a multi item, is one of `codes`."""

    item: str
    codes: tuple[int, ...] = Field(alias="in", min_length=1)


class ItemHas(Document):
    """Holds where at least one of the options `has` of a multi item was chosen."""

    item: str
    has: tuple[int, ...] = Field(min_length=1)


class InRange(Document):
    """Holds where a derived indicator is defined and within `range`, both ends included."""

    item: str
    range: tuple[int, int]


class CountOf(Document):
    """Holds where the number of `count` that hold is within `range`, both ends included."""

    count: Annotated[tuple["Condition", ...], Field(min_length=1)]
    range: tuple[int, int]


class Chosen(Document):
    """Holds where the number of options chosen of a multi item is within `chosen`; not with a missing code."""

    item: str
    chosen: tuple[int, int]


class AllOf(Document):
    all: tuple["Condition", ...]


class AnyOf(Document):
    any: tuple["Condition", ...]


class Not(Document):
    negated: "Condition" = Field(alias="not")


# `count` has a `range` of its own, so it is looked for first.
KINDS = {
    "count": CountOf,
    "in": ItemIn,
    "has": ItemHas,
    "chosen": Chosen,
    "range": InRange,
    "all": AllOf,
    "any": AnyOf,
    "not": Not,
}
_TAGS = {model: key for key, model in KINDS.items()}


def _kind(value: Any) -> str | None:  # noqa: ANN401 - raw input of pydantic
    if isinstance(value, Document):
        return _TAGS.get(type(value))
    return next((key for key in KINDS if key in value), None) if isinstance(value, dict) else None


Leaf = ItemIn | ItemHas | InRange | Chosen
Condition = Annotated[
    Annotated[ItemIn, Tag("in")]
    | Annotated[ItemHas, Tag("has")]
    | Annotated[InRange, Tag("range")]
    | Annotated[Chosen, Tag("chosen")]
    | Annotated[CountOf, Tag("count")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")],
    Discriminator(
        _kind,
        custom_error_type="condition",
        custom_error_message="not a condition: use item with in, has, chosen or range, or count, all, any, not",
    ),
]
for _model in (CountOf, AllOf, AnyOf, Not):
    _model.model_rebuild()


def status(answer: Answer) -> int:
    """Return the code of a single answer; of a multi answer 0 where options were chosen, else its missing code."""
    return answer if isinstance(answer, int) else 0


def holds(condition: Condition, values: Values) -> bool:
    """Say whether `condition` holds for one person; an item that is absent was not asked, or is not defined."""
    match condition:
        case AllOf():
            return all(holds(part, values) for part in condition.all)
        case AnyOf():
            return any(holds(part, values) for part in condition.any)
        case Not():
            return not holds(condition.negated, values)
        case CountOf():
            return _within(sum(holds(part, values) for part in condition.count), condition.range)
        case _:
            return _leaf_holds(condition, values.get(condition.item, NOT_ASKED))


def truth(condition: Condition, values: Values) -> bool | None:
    """Return the truth of `condition` given `values` alone: true, false, or None if it is unknown (Kleene)."""
    match condition:
        case AllOf():
            return _least([truth(part, values) for part in condition.all])
        case AnyOf():
            return _negate(_least([_negate(truth(part, values)) for part in condition.any]))
        case Not():
            return _negate(truth(condition.negated, values))
        case CountOf():
            return _counted([truth(part, values) for part in condition.count], condition.range)
        case _:
            return _leaf_holds(condition, values[condition.item]) if condition.item in values else None


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield every test of one item within `condition`."""
    if isinstance(condition, Leaf):
        yield condition
    for part in _parts(condition):
        yield from leaves(part)


def counts(condition: Condition) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield of every count within `condition` how many conditions it counts, and its range."""
    if isinstance(condition, CountOf):
        yield len(condition.count), condition.range
    for part in _parts(condition):
        yield from counts(part)


def _parts(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that `condition` is made of; none of a test of one item."""
    match condition:
        case AllOf():
            return condition.all
        case AnyOf():
            return condition.any
        case Not():
            return (condition.negated,)
        case CountOf():
            return condition.count
        case _:
            return ()


def items_named(condition: Condition | None) -> frozenset[str]:
    """Return the ids of the items and derived indicators that `condition` looks at."""
    return frozenset() if condition is None else frozenset(leaf.item for leaf in leaves(condition))


def _leaf_holds(leaf: Leaf, answer: Answer) -> bool:
    match leaf:
        case ItemIn():
            return status(answer) in leaf.codes
        case ItemHas():
            return not isinstance(answer, int) and any(code in leaf.has for code in answer)
        case InRange():
            return isinstance(answer, int) and answer not in UNDEFINED and _within(answer, leaf.range)
        case Chosen():
            return not isinstance(answer, int) and _within(len(answer), leaf.chosen)


def _within(number: int, bounds: tuple[int, int]) -> bool:
    low, high = bounds
    return low <= number <= high


def _counted(parts: list[bool | None], bounds: tuple[int, int]) -> bool | None:
    """Return whether the count is certainly inside (true) or outside (false) the bounds; None where it is unknown."""
    least = parts.count(True)
    most = least + parts.count(None)
    if _within(least, bounds) and _within(most, bounds):
        return True
    return False if most < bounds[0] or least > bounds[1] else None


def _least(parts: list[bool | None]) -> bool | None:
    if False in parts:
        return False
    return None if None in parts else True


def _negate(value: bool | None) -> bool | None:  # noqa: FBT001 - a truth value is what it works on
    return None if value is None else not value
