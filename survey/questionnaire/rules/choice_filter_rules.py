"""Validation rules of options that are offered after some answers to an earlier item (cascade, carried forward)."""

from collections.abc import Iterator

from survey.faults import Fault, said
from survey.questionnaire.asked_conditions import asked_condition
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import AllOf, Condition, ItemIn, truth
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.rules.reachability import Reachability

FILTERED = ("single", "multi")
"""Types whose options may be filtered."""


def choice_filter_faults(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield what is wrong with an item's `choice_filter`, and with the answers that its options are `for`."""
    where = ("items", item.id, "choice_filter")
    filtered = [option for option in item.options if option.only_for is not None]
    if item.choice_filter is None:
        for option in filtered:
            message = "`for` names answers, and the item does not say of which item"
            yield Fault(("items", item.id, "options", str(option.code)), message, "add `choice_filter` to the item")
        return
    names = frozenset({item.choice_filter})
    problem = _problem(item, questionnaire)
    if problem is not None:
        yield Fault(where, *problem, names)
        return
    if not filtered:
        yield Fault(where, "no option is `for` some of its answers", "write `for: [1]` at options, or remove it")
        return
    other = questionnaire.item(item.choice_filter)
    yield from _codes(item, other)
    yield from _left_without(item, other, questionnaire)
    yield from _never_offered(item, other, questionnaire)
    if other.private and not item.private:
        message = said("which options are offered tells an assistant the answer to {id}, which is private", id=other.id)
        yield Fault(where, message, "make it private too", names)


def _problem(item: Item, questionnaire: Questionnaire) -> tuple[str, str] | None:
    """Return why this item cannot be filtered by that one, with the remedy."""
    name = item.choice_filter or ""
    order = [one.id for one in questionnaire.items]
    if item.type not in FILTERED or item.randomise is not None or _grouped(item, questionnaire):
        return "only a single or multi item that stands alone and is not randomised can have it", "remove it"
    if name not in order:
        return said(
            "there is no item {name}", name=name
        ), "correct the name; an item of a module that is off does not exist"
    if order.index(name) >= order.index(item.id):
        return said("{name} is not known yet at this place", name=name), "name an item that stands before it"
    other = questionnaire.item(name)
    if not other.decides or other.type == "list":
        return said("{name} has no codes that are known", name=name), "name an item with codes that is not randomised"
    if any({name, item.id} == {*pair} for pair in questionnaire.pairs):
        return said(
            "{id} is asked after {name}, so their order cannot be drawn", id=item.id, name=name
        ), "remove the pair"
    return None


def _grouped(item: Item, questionnaire: Questionnaire) -> bool:
    return any(item.id in group.items for group in questionnaire.groups)


def _codes(item: Item, other: Item) -> Iterator[Fault]:
    possible = other.codes if other.multi else (*other.codes, *other.missing, NOT_ASKED)
    for option in item.options:
        for code in option.only_for or ():
            if code not in possible:
                where = ("items", item.id, "options", str(option.code))
                yield Fault(
                    where,
                    said("{id} never has the code {code}", id=other.id, code=code),
                    said("use {possible}", possible=", ".join(map(str, possible))),
                )


def _never_offered(item: Item, other: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield the options whose answers to the other item never come together with this item's being asked.

    What is chosen of several answers is not looked at: nearly all of them can come together.
    """
    if other.multi:
        return
    asked = asked_condition(item, questionnaire)
    for option in item.options:
        codes = {*(option.only_for or ())} & {*other.codes}
        # After a missing code, or where the other item was not asked, all options are offered.
        after: Condition = ItemIn(item=other.id, **{"in": (*sorted(codes), *other.missing, NOT_ASKED)})
        whole: Condition = after if asked is None else AllOf(all=(asked, after))
        if codes and not Reachability(questionnaire).allows(whole):
            message = said("nobody is ever offered this answer: the question is not asked after such {id}", id=other.id)
            yield Fault(
                ("items", item.id, "options", str(option.code)),
                message,
                "correct its `for`, or take the answer out",
            )


def _left_without(item: Item, other: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield the answers to the other item after which all options would be offered because none is for them."""
    named = {code for option in item.options if option.end is None for code in option.only_for or ()}
    left_out = tuple(code for code in other.codes if code not in named)
    for code in left_out:
        asked = asked_condition(item, questionnaire)
        if _chosen_alone(asked, other, left_out, code) if other.multi else _given(asked, other, code, questionnaire):
            message = said(
                "no option is for the answer {code} to {id}, so that all of them would be offered",
                code=code,
                id=other.id,
            )
            remedy = said("write `for: [{code}]` at an option, or ask it of others by `ask_if`", code=code)
            yield Fault(("items", item.id, "choice_filter"), message, remedy)


def _given(asked: Condition | None, other: Item, code: int, questionnaire: Questionnaire) -> bool:
    """Say whether somebody who is asked can have answered `code`."""
    after: Condition = ItemIn(item=other.id, **{"in": (code,)})
    return Reachability(questionnaire).allows(after if asked is None else AllOf(all=(asked, after)))


# Decision 144.
def _chosen_alone(asked: Condition | None, other: Item, left_out: tuple[int, ...], code: int) -> bool:
    """Say whether somebody may be asked who chose `code`, and beside it nothing that an option is for.

    Tried are `code` alone and with the first of the others; what hangs on further items counts as possible.
    """
    beside = [] if code in other.exclusive else [one for one in left_out if one not in {code, *other.exclusive}]
    most = min(other.cap or 1, len(beside) + 1)
    answers = [tuple(sorted((code, *beside[:number]))) for number in range(most)]
    return asked is None or any(truth(asked, {other.id: answer}) is not False for answer in answers)
