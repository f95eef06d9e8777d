"""The dimensions of tables with their fixed public levels, derived from the questionnaire alone."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from crypto.errors import RefusedError
from survey.document import Document
from survey.names import Id, Name
from survey.questionnaire.bases import OF_HEADER, OF_INDICATORS, Base, default_base, levels_in, possible_bases
from survey.questionnaire.codes import RESERVED
from survey.questionnaire.items import Item, ItemGroup
from survey.questionnaire.levels import levels_of
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS, Questionnaire
from survey.questionnaire.randomised_response import SPACE, threshold_of


class ShapeError(RefusedError):
    """A table that the questionnaire cannot answer; `remedy` says what to do instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class Dimension(Document):
    """An item, indicator or group with every code a record can fall under, in the order of the plan's levels.

    `multi`: a record may stand in several levels (a multi item, a ranking). `rows`: a grid's items; its cells are rows
    by codes. `threshold`: randomised on the phone, which kept the answer where a draw of 32 bits was under it. `list`:
    a list experiment, whose codes are 10 + count in one arm and 40 + count in the other. `base`: what shares are of.
    """

    id: Name
    codes: Annotated[tuple[int, ...], Field(min_length=1)]
    multi: bool
    score: bool
    base: Base
    rows: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    threshold: Annotated[int, Field(ge=1, lt=SPACE)] | None = None
    list: Literal[True] | None = None

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.codes)) != len(self.codes):
            raise ValueError("a code stands twice")
        if self.rows and (self.multi or len(set(self.rows)) != len(self.rows)):
            raise ValueError("the rows of a grid are different items of one answer each")
        if self.list and self.base not in possible_bases("list"):
            raise ValueError("the shares of a list experiment are of those who gave a number")
        return self

    @property
    def cells(self) -> int:
        """How many cells this dimension alone has."""
        return len(self.codes) * len(self.rows or ("",))

    @property
    def options(self) -> tuple[int, ...]:
        """The codes that the study gave a meaning: options of an item, levels of an indicator."""
        return tuple(code for code in self.codes if code not in RESERVED)

    @property
    def substantive(self) -> tuple[int, ...]:
        """The codes that say something: the options, and "none of these"."""
        return self.levels("substantive")

    @property
    def asked(self) -> tuple[int, ...]:
        """The codes of all who were asked: the substantive ones, "don't know" and "don't want to answer"."""
        return self.levels("asked")

    def levels(self, base: Base) -> tuple[int, ...]:
        """Return the codes that stand in a base, in order."""
        return levels_in(base, self.codes)


def dimension(name: str, questionnaire: Questionnaire) -> Dimension:
    """Return one axis: an item, indicator, group or dimension of the header; raise ShapeError where it is none."""
    codes, derived = _codes(name, questionnaire), questionnaire.derived_by_id.get(name)
    group, item = questionnaire.groups_by_id.get(name), questionnaire.by_id.get(name)
    members: dict[str, Any] = {
        "id": name,
        "codes": codes,
        "multi": bool(item and item.multi) or bool(group and group.kind == "ranking"),
        "score": bool(derived and derived.score),
        "base": _base(name, questionnaire),
    }
    return Dimension.model_validate(members | (_of_group(group) if group else _of_item(item) if item else {}))


def most_cells(name: str, questionnaire: Questionnaire) -> int:
    """Return how many cells of a dimension one record can count in; raise ShapeError for an unknown dimension.

    1; the cap of a multi item; the places of a ranking; the rows of a grid, whose cells are rows by levels.
    """
    _codes(name, questionnaire)
    group, item = questionnaire.groups_by_id.get(name), questionnaire.by_id.get(name)
    return len(group.items) if group else _cap(item) if item else 1


def is_single_plain_answer(name: str, questionnaire: Questionnaire) -> bool:
    """Return whether a dimension has one unrandomised answer per record; an unknown one is a fault elsewhere."""
    item = questionnaire.by_id.get(name)
    try:
        single = most_cells(name, questionnaire) == 1
    except ShapeError:
        return True
    return single and (item is None or (item.type != "list" and item.randomise is None))


def _codes(name: str, questionnaire: Questionnaire) -> tuple[int, ...]:
    """Return the levels of what may be a dimension; raise ShapeError for anything else."""
    item = questionnaire.by_id.get(name)
    if item is not None:
        if not (item.coded or item.multi):
            raise ShapeError(f"{name} is a {item.type}, which has no levels", "leave it out of plain tables")
        _cap(item)
    elif name not in (*HEADER_DIMENSIONS, *questionnaire.derived_by_id, *questionnaire.groups_by_id):
        message = f"there is no item, indicator or group {name}"
        raise ShapeError(message, "correct the name; an item of a module that is off does not exist")
    return levels_of(questionnaire, name)


def _base(name: str, questionnaire: Questionnaire) -> Base:
    """Return what the shares of a dimension are of: as it was declared, else the default of its kind."""
    if name in HEADER_DIMENSIONS:
        return OF_HEADER
    derived, group = questionnaire.derived_by_id.get(name), questionnaire.groups_by_id.get(name)
    if derived is not None:
        return derived.base or OF_INDICATORS
    item = questionnaire.item(group.items[0] if group else name)
    return item.base or default_base(item.type)


def _of_group(group: ItemGroup) -> dict[str, Any]:
    return {} if group.kind == "ranking" else {"rows": group.items}


def _of_item(item: Item) -> dict[str, Any]:
    """Return the members needed to debias an item's answers; members that do not apply are absent."""
    threshold = threshold_of(item)
    return ({} if threshold is None else {"threshold": threshold}) | ({"list": True} if item.type == "list" else {})


def _cap(item: Item) -> int:
    if not item.multi:
        return 1
    cap = item.cap or len(item.codes)
    if cap > len(item.codes):
        message = f"the cap of {item.id} is above its {len(item.codes)} options"
        raise ShapeError(message, "correct the questionnaire: it was not compiled by this program")
    return cap
