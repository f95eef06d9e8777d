"""Validation rules of a questionnaire beyond its schema: items, forms, pairs, routing and conditions."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator

from survey.faults import Fault, Where
from survey.questionnaire.codes import NOT_ASKED, RESERVED
from survey.questionnaire.conditions import Chosen, Condition, InRange, ItemHas, ItemIn, Leaf, counts, leaves
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Form, Questionnaire
from survey.questionnaire.rules.item_rules import group_faults, type_faults
from survey.questionnaire.rules.reachability import Reachability

MOST_OPTIONS = 64
MOST_NUMBERS = 200


def faults(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield everything that is wrong with items, forms and pairs; derived indicators have their own module."""
    names = [*questionnaire.by_id, *(derived.id for derived in questionnaire.derived)]
    groups = [group.id for group in questionnaire.groups]
    yield from _repeated(("groups",), [name for name in (*names, *groups) if name in groups], "id")
    yield from _repeated(("items",), [item.id for item in questionnaire.items], "item")
    yield from _repeated(("derived",), names, "id")
    yield from _repeated(("forms",), [form.id for form in questionnaire.forms], "form")
    yield from _repeated(("strata",), list(questionnaire.strata), "stratum")
    yield from _forms(questionnaire)
    for item in questionnaire.items:
        yield from _options(item)
        yield from _item_forms(item, questionnaire)
        yield from _routing(item, questionnaire)
        yield from type_faults(item, questionnaire)
    yield from group_faults(questionnaire)
    for number, pair in enumerate(questionnaire.pairs):
        yield from _pair(number, pair, questionnaire)


def _repeated(where: Where, ids: Iterable[Hashable], what: str) -> Iterator[Fault]:
    for name, number in Counter(ids).items():
        if number > 1:
            message = f"{what} {name} stands here {number} times"
            yield Fault((*where, str(name)), message, "give each its own name", again=True)


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
            message = f"{leaf.item} does not stand before the items that only some forms ask"
            yield Fault(where, message, "decide the form by items that every form asks first", frozenset({leaf.item}))
        elif leaf.item in order and questionnaire.item(leaf.item).private:
            message = f"what is asked afterwards tells an assistant the answer to {leaf.item}, which is private"
            yield Fault(where, message, "decide the form by items that are not private", frozenset({leaf.item}))


def _options(item: Item) -> Iterator[Fault]:
    where = ("items", item.id, "options")
    yield from _repeated(where, [option.code for option in item.options], "code")
    if not item.codes and (item.coded or item.multi):
        yield Fault(where, "no option can be an answer", "give at least one option without `end`")
    for option in item.options:
        if option.code in RESERVED:
            remedy = "use another code: 90, 97, 98, 99, 254 and 255 have a meaning in every item"
            yield Fault((*where, str(option.code)), f"code {option.code} is reserved", remedy)
        if option.end and not item.coded:
            remedy = "ask it as a single item"
            yield Fault((*where, str(option.code)), "an option of a multi item cannot end the interview", remedy)
    ends = [bool(option.last) for option in item.options]
    if ends != sorted(ends) or (any(ends) and not item.shuffle):
        yield Fault(
            where, "`last` is for the last options of an item with `shuffle`", "move the option, or remove `last`"
        )
    most = MOST_NUMBERS if item.type in ("number", "date") else MOST_OPTIONS
    if len(item.options) > most:
        yield Fault(where, f"more than {most} options", "split the item, or use fewer bands")
    yield from _cap(item)


def _cap(item: Item) -> Iterator[Fault]:
    where = ("items", item.id, "cap")
    if not item.multi and item.cap is not None:
        yield Fault(where, "a single item has no cap", "remove it")
    if item.multi and (item.cap is None or not 1 <= item.cap <= len(item.options)):
        yield Fault(where, "the cap is out of range", f"use 1 to {len(item.options)}, the number of options")
    yield from _repeated(("items", item.id, "missing"), item.missing, "missing code")


def _item_forms(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    form_ids = {form.id for form in questionnaire.forms}
    where = ("items", item.id, "forms")
    if not item.forms:
        yield Fault(where, "no form asks this item", f"name at least one of {', '.join(sorted(form_ids))}")
    for name in item.forms:
        if name not in form_ids:
            yield Fault(where, f"there is no form {name}", f"use {', '.join(sorted(form_ids))}")


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
        yield Fault(where, f"there is no item {name}", "name two items of this questionnaire", frozenset({name}))
    if unknown:
        return
    first, second = pair
    if order.index(second) != order.index(first) + 1:
        yield Fault(where, f"{first} and {second} are not neighbours", "put one right after the other")
    condition = questionnaire.item(second).ask_if
    if condition is not None and first in {leaf.item for leaf in leaves(condition)}:
        yield Fault(where, f"{second} is asked after {first}, so their order cannot be drawn", "remove the pair")
    if sum(bool({first, second} & {*other}) for other in questionnaire.pairs) > 1:
        yield Fault(where, "an item stands in two pairs", "keep one of them")


def condition_faults(
    condition: Condition,
    where: Where,
    questionnaire: Questionnaire,
    *,
    items: Iterable[str],
    derived: Iterable[str] = (),
) -> Iterator[Fault]:
    """Yield what is wrong with a condition that may look at `items` and `derived`."""
    allowed = frozenset(items) | frozenset(derived)
    for number, (low, high) in counts(condition):
        if not 0 <= low <= high <= number:
            message = f"{low} to {high} of {number} conditions is no range"
            yield Fault(where, message, f"use two numbers from 0 to {number}, the smaller first")
    for leaf in leaves(condition):
        names = frozenset({leaf.item})
        exists = leaf.item in questionnaire.by_id or leaf.item in questionnaire.derived_by_id
        if not exists:
            remedy = "correct the name; an item of a module that is off does not exist"
            yield Fault(where, f"there is no item {leaf.item}", remedy, names)
        elif leaf.item not in allowed:
            remedy = "a condition looks only at items (in a derived: also indicators) that stand before it"
            yield Fault(where, f"{leaf.item} is not known yet at this place", remedy, names)
        else:
            yield from (Fault(where, message, remedy, names) for message, remedy in _leaf(leaf, questionnaire))


def _leaf(leaf: Leaf, questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    item = questionnaire.by_id.get(leaf.item)
    if isinstance(leaf, InRange):
        yield from _range(leaf, questionnaire)
        return
    if item is None:
        yield f"{leaf.item} is a derived indicator", "use `range` with its lowest and highest level"
        return
    if not item.decides:
        yield undecided(item), "decide by another item"
        return
    if isinstance(leaf, ItemHas | Chosen) and not item.multi:
        yield f"{leaf.item} is a single item", "use `in` with its codes"
        return
    if isinstance(leaf, Chosen):
        yield from _chosen(leaf, item)
        return
    possible = _possible(leaf, item)
    codes = leaf.has if isinstance(leaf, ItemHas) else leaf.codes
    for code in codes:
        if code not in possible:
            yield f"{leaf.item} never has the code {code}", f"use {', '.join(map(str, possible))}"


def _possible(leaf: ItemIn | ItemHas, item: Item) -> tuple[int, ...]:
    if isinstance(leaf, ItemHas):
        return item.codes
    return (*((0,) if item.multi else item.codes), *item.missing, NOT_ASKED)


def undecided(item: Item) -> str:
    """Say why routing and indicators must not look at `item`."""
    if item.randomise is not None:
        return f"{item.id} is randomised on the phone: what is sealed need not be the answer"
    return f"{item.id} is a {item.type}, which decides nothing"


def _chosen(leaf: Chosen, item: Item) -> Iterator[tuple[str, str]]:
    low, high = leaf.chosen
    if not 0 <= low <= high or low > (item.cap or len(item.options)) or high == 0:
        most = item.cap or len(item.options)
        yield f"nobody chooses {low} to {high} options of {leaf.item}", f"use 1 to {most}, the smaller number first"


def _range(leaf: InRange, questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    derived = questionnaire.derived_by_id.get(leaf.item)
    if derived is None:
        yield f"{leaf.item} is an item, and `range` is for derived indicators", "use `in` or `has`"
        return
    low, high = leaf.range
    if not any(low <= level <= high for level in derived.levels):
        yield f"no level of {leaf.item} lies in this range", f"its levels are {', '.join(map(str, derived.levels))}"
