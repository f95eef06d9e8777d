"""Validation rules of a questionnaire beyond its schema: items, forms, pairs and routing."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator

from survey.faults import Fault, Where, said
from survey.questionnaire.codes import RESERVED
from survey.questionnaire.conditions import leaves
from survey.questionnaire.items import Item, ItemType
from survey.questionnaire.questionnaire import Form, Questionnaire
from survey.questionnaire.rules.check_rules import check_faults
from survey.questionnaire.rules.choice_filter_rules import choice_filter_faults
from survey.questionnaire.rules.condition_rules import condition_faults
from survey.questionnaire.rules.item_rules import group_faults, type_faults
from survey.questionnaire.rules.reachability import Reachability
from survey.questionnaire.rules.specify_rules import specify_faults

MOST_OPTIONS = 64
MOST_NUMBERS = MOST_LISTED = 200
"""The most bands of a number or date, and the most options of a question of one answer that stands alone."""


def faults(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield everything that is wrong with items, forms and pairs; derived indicators have their own module."""
    names = [*questionnaire.by_id, *(derived.id for derived in questionnaire.derived)]
    groups = [group.id for group in questionnaire.groups]
    yield from _repeated(("groups",), [name for name in (*names, *groups) if name in groups])
    yield from _repeated(("items",), [item.id for item in questionnaire.items])
    yield from _repeated(("derived",), names)
    yield from _repeated(("forms",), [form.id for form in questionnaire.forms])
    yield from _repeated(("strata",), list(questionnaire.strata))
    yield from _forms(questionnaire)
    grouped = {name for group in questionnaire.groups for name in group.items}
    for item in questionnaire.items:
        yield from _options(item, most_options(item.type, alone=item.id not in grouped))
        yield from _item_forms(item, questionnaire)
        yield from _routing(item, questionnaire)
        yield from type_faults(item, questionnaire)
        yield from choice_filter_faults(item, questionnaire)
        yield from specify_faults(item, questionnaire)
        yield from check_faults(item, questionnaire)
    yield from group_faults(questionnaire)
    for number, pair in enumerate(questionnaire.pairs):
        yield from _pair(number, pair, questionnaire)


def _repeated(where: Where, ids: Iterable[Hashable]) -> Iterator[Fault]:
    for name, number in Counter(ids).items():
        if number > 1:
            message = said("{name} stands here {number} times", name=name, number=number)
            yield Fault((*where, str(name)), message, "give each another, or keep one of them", again=True)


def _forms(questionnaire: Questionnaire) -> Iterator[Fault]:
    if not questionnaire.forms:
        yield Fault(("forms",), "there is no form", "give at least one form, the last without `when`")
    for form in questionnaire.forms[:-1]:
        if form.when is None:
            yield Fault(
                ("forms", form.id), "only the last form has no `when`", "give it a `when` or move it to the end"
            )
    for form in questionnaire.forms[-1:]:
        if form.when is not None:
            yield Fault(
                ("forms", form.id, "when"), "the last form needs no `when`", "remove it: somebody may fit no form"
            )
    for form in questionnaire.forms:
        yield from _form_condition(form, questionnaire)


def _form_condition(form: Form, questionnaire: Questionnaire) -> Iterator[Fault]:
    if form.when is None:
        return
    every = {form.id for form in questionnaire.forms}
    order = [item.id for item in questionnaire.items]
    partial = next((index for index, item in enumerate(questionnaire.items) if {*item.forms} < every), len(order))
    where = ("forms", form.id, "when")
    yield from condition_faults(form.when, where, questionnaire, items=order)
    for leaf in leaves(form.when):
        if leaf.item in order and order.index(leaf.item) >= partial:
            message = said("{item} does not stand before the items that only some forms ask", item=leaf.item)
            yield Fault(where, message, "decide the form by items that every form asks first", frozenset({leaf.item}))
        elif leaf.item in order and questionnaire.item(leaf.item).private:
            message = said(
                "what is asked afterwards tells an assistant the answer to {item}, which is private", item=leaf.item
            )
            yield Fault(where, message, "decide the form by items that are not private", frozenset({leaf.item}))


def most_options(kind: ItemType, *, alone: bool = True) -> int:
    """Return the most options that an item of this type may have; `alone`: it is no row of a grid or place."""
    if kind in ("number", "date"):
        return MOST_NUMBERS
    return MOST_LISTED if kind == "single" and alone else MOST_OPTIONS


def _options(item: Item, most: int) -> Iterator[Fault]:
    where = ("items", item.id, "options")
    yield from _repeated(where, [option.code for option in item.options])
    if not item.codes and (item.coded or item.multi):
        yield Fault(where, "no option can be an answer", "give at least one option without `end`")
    for option in item.options:
        if option.code in RESERVED:
            remedy = "use another code: 90, 97, 98, 99, 254 and 255 have a meaning in every item"
            yield Fault((*where, str(option.code)), said("code {code} is reserved", code=option.code), remedy)
        if option.end and not item.coded:
            remedy = "ask it as a single item"
            yield Fault((*where, str(option.code)), "an option of a multi item cannot end the interview", remedy)
    ends = [bool(option.last) for option in item.options]
    if ends != sorted(ends) or (any(ends) and not item.shuffle):
        yield Fault(
            where, "`last` is for the last options of an item with `shuffle`", "move the option, or remove `last`"
        )
    if len(item.options) > most:
        yield Fault(where, said("more than {most} options", most=most), "split the item, or use fewer bands")
    yield from _cap(item)


def _cap(item: Item) -> Iterator[Fault]:
    where = ("items", item.id, "cap")
    if not item.multi and item.cap is not None:
        yield Fault(where, "a single item has no cap", "remove it")
    if item.multi and (item.cap is None or not 1 <= item.cap <= len(item.options)):
        yield Fault(
            where, "the cap is out of range", said("use 1 to {number}, the number of options", number=len(item.options))
        )
    yield from _repeated(("items", item.id, "missing"), item.missing)


def _item_forms(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    form_ids = {form.id for form in questionnaire.forms}
    where = ("items", item.id, "forms")
    if not item.forms:
        yield Fault(
            where,
            "no form asks this item",
            said("name at least one of {form_ids}", form_ids=", ".join(sorted(form_ids))),
        )
    for name in item.forms:
        if name not in form_ids:
            yield Fault(
                where,
                said("there is no form {name}", name=name),
                said("use {form_ids}", form_ids=", ".join(sorted(form_ids))),
            )


def _routing(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    if item.ask_if is None:
        return
    order = [earlier_item.id for earlier_item in questionnaire.items]
    earlier = order[: order.index(item.id)]
    where = ("items", item.id, "ask_if")
    problems = list(condition_faults(item.ask_if, where, questionnaire, items=earlier))
    yield from problems
    known_forms = {form.id for form in questionnaire.forms}
    if not problems and {*item.forms} & known_forms and not Reachability(questionnaire).asks(item):
        yield Fault(where, "nobody can ever reach this item", "no answers to the items before it meet its conditions")


def _pair(number: int, pair: tuple[str, str], questionnaire: Questionnaire) -> Iterator[Fault]:
    order = [item.id for item in questionnaire.items]
    where = ("pairs", number)
    unknown = [name for name in pair if name not in order]
    for name in unknown:
        yield Fault(
            where, said("there is no item {name}", name=name), "name two items of this questionnaire", frozenset({name})
        )
    if unknown:
        return
    first, second = pair
    if order.index(second) != order.index(first) + 1:
        yield Fault(
            where,
            said("{first} and {second} are not neighbours", first=first, second=second),
            "put one right after the other",
        )
    condition = questionnaire.item(second).ask_if
    if condition is not None and first in {leaf.item for leaf in leaves(condition)}:
        yield Fault(
            where,
            said("{second} is asked after {first}, so their order cannot be drawn", second=second, first=first),
            "remove the pair",
        )
    if sum(bool({first, second} & {*other}) for other in questionnaire.pairs) > 1:
        yield Fault(where, "an item stands in two pairs", "keep one of them")
