"""Validation rules of conditions: what they may look at, and which codes that may have."""

from collections.abc import Iterable, Iterator

from survey.faults import Fault, Where, said
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import Chosen, Condition, InRange, ItemHas, ItemIn, Leaf, counts, leaves
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire


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
            message = said("{low} to {high} of {number} conditions is no range", low=low, high=high, number=number)
            yield Fault(where, message, said("use two numbers from 0 to {number}, the smaller first", number=number))
    for leaf in leaves(condition):
        names = frozenset({leaf.item})
        exists = leaf.item in questionnaire.by_id or leaf.item in questionnaire.derived_by_id
        if not exists:
            remedy = "correct the name; an item of a module that is off does not exist"
            yield Fault(where, said("there is no item {item}", item=leaf.item), remedy, names)
        elif leaf.item not in allowed:
            remedy = "a condition looks only at items (in a derived: also indicators) that stand before it"
            yield Fault(where, said("{item} is not known yet at this place", item=leaf.item), remedy, names)
        else:
            yield from (Fault(where, message, remedy, names) for message, remedy in _leaf(leaf, questionnaire))


def _leaf(leaf: Leaf, questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    item = questionnaire.by_id.get(leaf.item)
    if isinstance(leaf, InRange):
        yield from _range(leaf, questionnaire)
        return
    if item is None:
        yield said("{item} is a derived indicator", item=leaf.item), "use `range` with its lowest and highest level"
        return
    if not item.decides:
        yield undecided(item), "decide by another item"
        return
    if isinstance(leaf, ItemHas | Chosen) and not item.multi:
        yield said("{item} is a single item", item=leaf.item), "use `in` with its codes"
        return
    if isinstance(leaf, Chosen):
        yield from _chosen(leaf, item)
        return
    possible = _possible(leaf, item)
    codes = leaf.has if isinstance(leaf, ItemHas) else leaf.codes
    for code in codes:
        if code not in possible:
            yield (
                said("{item} never has the code {code}", item=leaf.item, code=code),
                said("use {possible}", possible=", ".join(map(str, possible))),
            )


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
        yield (
            said("nobody chooses {low} to {high} options of {item}", low=low, high=high, item=leaf.item),
            said("use 1 to {most}, the smaller number first", most=most),
        )


def _range(leaf: InRange, questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    derived = questionnaire.derived_by_id.get(leaf.item)
    if derived is None:
        yield said("{item} is an item, and `range` is for derived indicators", item=leaf.item), "use `in` or `has`"
        return
    low, high = leaf.range
    if not any(low <= level <= high for level in derived.levels):
        yield (
            said("no level of {item} lies in this range", item=leaf.item),
            said("its levels are {derived}", derived=", ".join(map(str, derived.levels))),
        )
