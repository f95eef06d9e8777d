"""Validation rules of phrases that are asked on another item's screen, below one of its options (other, specify)."""

from collections.abc import Iterator

from survey.faults import Fault, said
from survey.questionnaire.codes import REFUSED
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire

SPECIFIED = ("single", "multi")
"""Types whose options may have a phrase of their own."""


def specify_faults(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield what is wrong with an item's `specifies`, and with the option that its `ask_if` names."""
    if item.specifies is None:
        return
    where, names = ("items", item.id, "specifies"), frozenset({item.specifies})
    problem = _problem(item, questionnaire)
    if problem is not None:
        yield Fault(where, *problem, names)
        return
    other = questionnaire.item(item.specifies)
    yield from (Fault(where, message, remedy, names) for message, remedy in _unlike(item, other))
    if item.specified not in other.codes:
        key = "has" if other.multi else "in"
        message = said("its condition does not name one option of {id} and nothing else", id=other.id)
        remedy = said(
            "write `ask_if: {item: {id}, {key}: [{code}]}` with the option that it is for",
            id=other.id,
            key=key,
            code=other.codes[-1],
        )
        yield Fault(("items", item.id, "ask_if"), message, remedy, names)


def _problem(item: Item, questionnaire: Questionnaire) -> tuple[str, str] | None:
    """Return why this item cannot stand on that one's screen, with the remedy."""
    name = item.specifies or ""
    order = [one.id for one in questionnaire.items]
    if not item.phrase or item.count != 1:
        return "only an item of one phrase can specify an option", "make it a phrase item with `count: 1`"
    if name not in order:
        return said(
            "there is no item {name}", name=name
        ), "correct the name; an item of a module that is off does not exist"
    if order.index(name) != order.index(item.id) - 1:
        return said("it does not stand right after {name}, on whose screen it is", name=name), "move it there"
    other = questionnaire.item(name)
    grouped = any(name in group.items for group in questionnaire.groups)
    if other.type not in SPECIFIED or other.randomise is not None or grouped:
        remedy = "name a single or multi item that stands alone and is not randomised, or remove it"
        return said("{name} has no options that could have words of their own", name=name), remedy
    return None


def _unlike(item: Item, other: Item) -> Iterator[tuple[str, str]]:
    """Yield in what a phrase differs from the item on whose screen it stands."""
    if item.forms != other.forms:
        yield said("other forms ask it than ask {id}", id=other.id), said("give it the forms of {id}", id=other.id)
    if item.private != other.private:
        message = said("it is on the screen of {id}, and only one of both is private", id=other.id)
        yield message, "make both private, or neither"
    if {*item.missing} - {REFUSED}:
        remedy = "write `missing: [99]` where the field may stay empty, or `missing: []`"
        yield "an empty field means 99 and nothing else", remedy
