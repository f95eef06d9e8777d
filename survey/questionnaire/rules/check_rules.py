"""Validation rules of checks: what must hold of an answer and those before it."""

from collections.abc import Iterator

from survey.faults import Fault, said
from survey.questionnaire.asked_conditions import asked_condition
from survey.questionnaire.conditions import AllOf, Condition, ItemIn, Not, items_named
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.rules.condition_rules import condition_faults
from survey.questionnaire.rules.reachability import Reachability

CHECKED = ("single", "scale", "picture", "number", "date", "multi")
"""Types whose answers may be checked."""


def check_faults(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield what is wrong with the checks of an item."""
    if not item.checks:
        return
    where = ("items", item.id, "checks")
    grouped = any(item.id in group.items for group in questionnaire.groups)
    if item.type not in CHECKED or item.randomise is not None or grouped:
        message = "only an item of one or several options that stands alone and is not randomised can have checks"
        yield Fault(where, message, "remove them")
        return
    found = [fault for place in range(len(item.checks)) for fault in _of_one(item, place, questionnaire)]
    yield from found
    if not found:
        yield from _ways(item, questionnaire)


def _of_one(item: Item, place: int, questionnaire: Questionnaire) -> Iterator[Fault]:
    where = ("items", item.id, "checks", place, "holds")
    check = (item.checks or ())[place]
    order = [one.id for one in questionnaire.items]
    yield from condition_faults(check, where, questionnaire, items=order[: order.index(item.id) + 1])
    names = items_named(check)
    if item.id not in names:
        message = said("it does not look at the answer to {id}, so no answer to it could help", id=item.id)
        yield Fault(where, message, said("name {id} in it, or decide by `ask_if` who is asked", id=item.id))
    for name in sorted(names - {item.id}):
        other = questionnaire.by_id.get(name)
        if any({name, item.id} == {*pair} for pair in questionnaire.pairs):
            message = said("{id} is checked against {name}, so their order cannot be drawn", id=item.id, name=name)
            yield Fault(where, message, "remove the pair", frozenset({name}))
        if other is not None and other.private and not item.private:
            message = said("its message tells an assistant of the answer to {name}, which is private", name=name)
            yield Fault(where, message, said("make {id} private too", id=item.id), frozenset({name}))


def _ways(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield checks that every answer keeps, and those after which somebody has no answer."""
    where, checks = ("items", item.id, "checks"), item.checks or ()
    search = Reachability(questionnaire, unchecked=item.id)
    if not search.allows(_with_answer(item, questionnaire, *checks)):
        yield Fault(where, "nobody can give an answer that keeps them", "correct what must hold")
        return
    for place, check in enumerate(checks):
        if not search.allows(_with_answer(item, questionnaire, Not(**{"not": check}))):
            message = "every answer keeps it, so its message is never shown"
            yield Fault((*where, place, "holds"), message, "correct what must hold, or remove it")
    if not item.missing and Reachability(questionnaire).stops_at(item):
        message = "after some answers before it no answer keeps them, and nobody may pass it by"
        yield Fault(where, message, "offer a missing code, or ask it of others by `ask_if`")


def _with_answer(item: Item, questionnaire: Questionnaire, *more: Condition) -> Condition:
    """Return the condition that an item is asked, has an answer that is no missing code, and that `more` holds."""
    codes = (0,) if item.multi else item.codes
    asked = asked_condition(item, questionnaire)
    answered: Condition = ItemIn(item=item.id, **{"in": codes})
    return AllOf(all=(*(() if asked is None else (asked,)), answered, *more))
