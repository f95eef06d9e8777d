"""Validation rules of each type of item, of groups and of items that the phone randomises."""

from collections.abc import Iterator
from decimal import Decimal

from survey.faults import Fault, Where, said
from survey.questionnaire.bases import possible_bases
from survey.questionnaire.conditions import items_named
from survey.questionnaire.items import LIST_BASES, Item, ItemGroup, Option
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.randomised_response import EPSILON_RANGE

MOST_BYTES = 2000
"""Bytes of all phrases of one item: every envelope of the study grows by them, whoever answers what."""
MOST_PHRASES, MOST_WORDS, MOST_LENGTH = 10, 8, 60
DECEMBER, MONTHS = 12, 100


def type_faults(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield what is wrong with one item for its type, and with how it is randomised."""
    match item.type:
        case "number" | "date":
            yield from _bands(item)
        case "list":
            yield from _list_experiment(item)
        case "phrase":
            yield from _phrase(item)
        case "multi":
            yield from _exclusive(item)
    if item.randomise is not None:
        yield from _randomised(item, questionnaire)
    yield from _base(item)
    yield from _disclosures(item, questionnaire)


def _base(item: Item) -> Iterator[Fault]:
    possible = possible_bases(item.type)
    if item.base is not None and item.base not in possible:
        message = said("the shares of a {type} item cannot be of the base {base}", type=item.type, base=item.base)
        remedy = (
            said("use {possible}, or remove it", possible=" or ".join(possible))
            if possible
            else "remove it: it has no shares"
        )
        yield Fault(("items", item.id, "base"), message, remedy)


# Decision 40.
def _disclosures(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield where an assistant, who gets the device back after private items, could infer an answer to one of them."""
    if item.private:
        if any(option.end for option in item.options):
            message = "the ending of a private item tells its answer to the assistant"
            yield Fault(("items", item.id, "options"), message, "ask it without `end`, or not as private")
        return
    for name in sorted(items_named(item.ask_if)):
        if name in questionnaire.by_id and questionnaire.item(name).private:
            message = said("that it is asked tells an assistant the answer to {name}, which is private", name=name)
            yield Fault(("items", item.id, "ask_if"), message, "make it private too", frozenset({name}))


def group_faults(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield what is wrong with grids and rankings."""
    for group in questionnaire.groups:
        where = ("groups", group.id)
        order = [item.id for item in questionnaire.items]
        if not {*group.items} <= {*order}:
            yield Fault(where, "it names items that are not there", "name items of this questionnaire")
            continue
        first = order.index(group.items[0])
        if order[first : first + len(group.items)] != [*group.items]:
            yield Fault(where, "its items are not neighbours", "put them together, in the order of the group")
        yield from _alike(group, questionnaire)


def _alike(group: ItemGroup, questionnaire: Questionnaire) -> Iterator[Fault]:
    where = ("groups", group.id)
    items = [questionnaire.item(name) for name in group.items]
    variants = {(item.type, item.options, item.missing, item.forms, item.ask_if, item.base) for item in items}
    if len(variants) > 1 or any(item.type != "single" for item in items):
        remedy = "give all of them the same options, missing codes, forms, base and condition"
        yield Fault(where, "its items are not single items that are asked alike", remedy)
    if any(option.end for option in items[0].options):
        yield Fault(where, "an option of a group cannot end the interview", "ask it as an item of its own")
    if group.kind == "ranking" and len(items) > len(items[0].codes):
        yield Fault(
            where, "more places than options", said("use `top` of at most {number}", number=len(items[0].codes))
        )
    paired = {name for pair in questionnaire.pairs for name in pair} & {*group.items}
    if paired:
        yield Fault(where, "an item of a group stands in a pair", "remove the pair", frozenset(paired))


def _bands(item: Item) -> Iterator[Fault]:
    where = ("items", item.id, "options")
    bounds = [(option.low, option.high) for option in item.options]
    for option in item.options:
        yield from _band(item, option, (*where, str(option.code)))
    if any(low is None or high is None for low, high in bounds):
        return
    for (_, high), following in zip(bounds, item.options[1:], strict=False):
        if following.low != _next(high or 0, item):
            message = said("it does not begin where the band before it ends ({high})", high=high)
            yield Fault((*where, str(following.code)), message, "bands ascend, without gaps and without overlap")


def _band(item: Item, option: Option, where: Where) -> Iterator[Fault]:
    if option.low is None or option.high is None:
        yield Fault(where, "a band needs `from` and `to`", "add them")
    elif option.low > option.high:
        yield Fault(where, "`from` is above `to`", "exchange them")
    elif item.type == "date" and not all(_date(bound, item) for bound in (option.low, option.high)):
        pattern = "YYYYMM" if item.unit == "month" else "YYYY"
        yield Fault(
            where, "its bounds are no dates of this item's unit", said("write them as {pattern}", pattern=pattern)
        )


def _date(bound: int, item: Item) -> bool:
    year, month = divmod(bound, MONTHS) if item.unit == "month" else (bound, 1)
    return 1000 <= year <= 9999 and 1 <= month <= DECEMBER  # noqa: PLR2004 - years of four digits


def _next(bound: int, item: Item) -> int:
    return bound + MONTHS - DECEMBER + 1 if item.unit == "month" and bound % MONTHS == DECEMBER else bound + 1


def _list_experiment(item: Item) -> Iterator[Fault]:
    lines, treatment = item.lines or 0, item.treatment or ()
    expected = {
        (LIST_BASES[arm] + count, arm, count)
        for arm, most in enumerate((lines - len({*treatment}), lines))
        for count in range(most + 1)
    }
    if not treatment or {(option.code, option.arm, option.count) for option in item.options} != expected:
        where = ("items", item.id, "options")
        yield Fault(where, "the codes are not those of its lines and arms", "let the compiler make them")


def _phrase(item: Item) -> Iterator[Fault]:
    most = {"count": MOST_PHRASES, "words": MOST_WORDS, "length": MOST_LENGTH}
    for name, limit in most.items():
        value = getattr(item, name)
        if value is None or value > limit:
            yield Fault(
                ("items", item.id, name),
                said("`{name}` is missing or too large", name=name),
                said("use 1 to {limit}", limit=limit),
            )
    if item.width > MOST_BYTES:
        message = said("{width} bytes in every envelope", width=item.width)
        yield Fault(
            ("items", item.id),
            message,
            said("ask fewer or shorter phrases: at most {most} bytes", most=MOST_BYTES),
        )


def _exclusive(item: Item) -> Iterator[Fault]:
    if item.options and len(item.exclusive) == len(item.options):
        yield Fault(("items", item.id, "options"), "every option is exclusive", "ask it as a single item")


def _randomised(item: Item, questionnaire: Questionnaire) -> Iterator[Fault]:
    where = ("items", item.id, "randomise")
    low, high = EPSILON_RANGE
    grouped = any(item.id in group.items for group in questionnaire.groups)
    if not item.coded or item.type == "list" or grouped:
        yield Fault(where, "only an item of one code, alone, can be randomised", "remove `randomise`")
    elif any(option.end for option in item.options):
        yield Fault(where, "an option that ends the interview tells the answer", "ask it without `end`")
    elif len(item.domain) < 2:  # noqa: PLR2004 - one code alone hides nothing
        yield Fault(where, "there is only one answer", "give more options, or missing codes")
    if item.randomise is not None and not low <= Decimal(item.randomise.epsilon) <= high:
        yield Fault(
            where,
            "this epsilon hides nothing, or leaves nothing of the answers",
            said("use {low} to {high}", low=low, high=high),
        )
