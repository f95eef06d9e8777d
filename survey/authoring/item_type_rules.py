"""The members that each type of item needs and may have in an authored file, checked before it is compiled."""

from collections.abc import Iterator

from survey.authoring.item_options import CODES_BY_ORDER, MAX_CODE, MAX_LIST_LINES, written
from survey.authoring.schema import AuthoredItem, AuthoredOption, AuthoredStudy
from survey.faults import Fault, said
from survey.questionnaire.codes import RESERVED

_NEEDS: dict[str, tuple[str, ...]] = {
    "single": ("options", "missing"),
    "scale": ("ends", "missing"),
    "picture": ("options", "missing"),
    "number": ("missing",),
    "date": ("bands", "missing"),
    "list": ("list_experiment", "missing"),
    "note": (),
    "multi": ("options", "missing"),
    "phrase": ("count", "words", "length", "missing"),
    "grid": ("rows", "options", "missing"),
    "ranking": ("top", "options", "missing"),
}
_MAY: dict[str, tuple[str, ...]] = {
    "single": ("shuffle", "randomise", "choice_filter", "checks"),
    "scale": ("options", "low", "high", "randomise", "checks"),
    "picture": ("shuffle", "randomise", "checks"),
    "number": ("bands", "low", "high", "randomise", "units", "checks"),
    "date": ("unit", "randomise", "checks"),
    "list": ("options",),
    "multi": ("shuffle", "cap", "choice_filter", "checks"),
    "phrase": ("specifies",),
    "grid": ("shuffle",),
    "ranking": ("shuffle",),
}
# What an item must give exactly one of.
_ONE_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "scale": (("options",), ("low", "high")),
    "number": (("bands",), ("low", "high")),
}
_MEMBERS = ("options", "missing", "shuffle", "cap", "low", "high", "bands", "unit", "ends", "rows", "top", "count",
            "words", "length", "randomise", "list_experiment", "hint", "units", "choice_filter",
            "specifies", "checks")  # fmt: skip
_KEYS = {"low": "from", "high": "to"}


def unexpected_members(item: AuthoredItem) -> Iterator[Fault]:
    """Yield every member of `item` that does not belong to its type: the item is compiled without it."""
    of_any_question = () if item.type == "note" else ("hint",)
    for name in sorted(_present_members(item) - {*_NEEDS[item.type], *_MAY.get(item.type, ()), *of_any_question}):
        key = _KEYS.get(name, name)
        yield Fault(
            ("items", item.id, key),
            said("an item of type {type} has no `{key}`", type=item.type, key=key),
            "remove it, or correct the type",
        )


def type_faults(item: AuthoredItem, study: AuthoredStudy) -> Iterator[Fault]:
    """Yield what is missing from `item`, or makes it impossible to compile."""
    present = _present_members(item)
    for name in _NEEDS[item.type]:
        if name not in present:
            yield Fault(("items", item.id), said("`{key}` is missing", key=_KEYS.get(name, name)), "add it")
    if item.type in _ONE_OF:
        yield from _one_of(item, present)
    yield from _number_range(item)
    yield from _option_faults(item, study)
    yield from _list_experiment(item, study)


def _present_members(item: AuthoredItem) -> set[str]:
    # An empty list of missing codes counts as given: it means that nobody may skip this item.
    return {name for name in _MEMBERS if getattr(item, name) is not None and getattr(item, name) is not False}


def _one_of(item: AuthoredItem, present: set[str]) -> Iterator[Fault]:
    ways = _ONE_OF[item.type]
    used = [way for way in ways if present & {*way}]
    if len(used) != 1 or not {*used[0]} <= present:
        words = " or ".join(" with ".join(f"`{_KEYS.get(name, name)}`" for name in way) for way in ways)
        yield Fault(
            ("items", item.id),
            said("an item of type {type} needs either {words}", type=item.type, words=words),
            "give one of the two, whole",
        )


def _number_range(item: AuthoredItem) -> Iterator[Fault]:
    """Yield numbers between `from` and `to` that cannot be codes of their own."""
    if item.low is None or item.high is None or item.type not in _ONE_OF:
        return
    where = ("items", item.id, "to")
    reserved = sorted(code for code in RESERVED if item.low <= code <= item.high)
    if item.low > item.high:
        yield Fault(where, "`from` is above `to`", "exchange them")
    elif item.low < 0 and item.type == "scale":
        message = "the numbers of a scale are its codes, and there are none below zero"
        yield Fault(("items", item.id, "from"), message, "write `options`, each with a code and a text, such as −2")
    elif item.low < 0 and item.high - item.low >= len(CODES_BY_ORDER):
        yield Fault(where, "there are not so many codes", "use `bands`, each with a code of its own")
    elif item.low < 0:
        return
    elif reserved:
        message = said("{reserved} are codes with a meaning of their own", reserved=", ".join(map(str, reserved)))
        yield Fault(where, message, "use `bands`, each with a code of its own")
    elif item.high > MAX_CODE:
        yield Fault(
            where,
            said("there are no codes above {most}", most=MAX_CODE),
            "use `bands`, each with a code of its own",
        )


def _option_faults(item: AuthoredItem, study: AuthoredStudy) -> Iterator[Fault]:
    part = "bands" if item.bands is not None else "options"
    for option in item.bands or written(item, study):
        where = ("items", item.id, part, str(option.code))
        yield from (
            Fault(where, message, remedy) for message, remedy in _option_messages(item, option, banded=part == "bands")
        )


def _option_messages(item: AuthoredItem, option: AuthoredOption, *, banded: bool) -> Iterator[tuple[str, str]]:
    bounds = (option.low is not None) + (option.high is not None)
    if banded and bounds < 2:  # noqa: PLR2004 - both bounds
        yield "a band needs `from` and `to`", "add them; where they are one number, write it twice"
    if not banded and bounds:
        yield (
            said("an item of type {type} has no bands", type=item.type),
            "remove `from` and `to`",
        )
    if not banded and option.text is None:
        yield "text is missing", "add it"
    if (option.picture is not None) != (item.type == "picture"):
        if item.type == "picture":
            yield "picture is missing", "name a file beside this one"
        else:
            yield (
                said("an item of type {type} shows no pictures", type=item.type),
                "remove `picture`, or use the type picture",
            )
    if option.exclusive and item.type != "multi":
        yield "only an option of a multi item can be exclusive", "remove it"


def _list_experiment(item: AuthoredItem, study: AuthoredStudy) -> Iterator[Fault]:
    experiment = item.list_experiment
    if experiment is None or item.type != "list":
        return
    where = ("items", item.id, "list_experiment")
    number, treatment = len(experiment.lines), {*experiment.treatment}
    if not 3 <= number <= MAX_LIST_LINES:  # noqa: PLR2004 - fewer lines hide nobody
        yield Fault(
            where,
            said("{number} lines", number=number),
            said("give 3 to {most} lines", most=MAX_LIST_LINES),
        )
    if not treatment or max(treatment, default=0) > number or len(treatment) > number - 2:
        remedy = "name lines by their place, from 1, and leave two or more for everybody"
        yield Fault((*where, "treatment"), "the treatment does not fit the lines", remedy)
    counts = [option.code for option in written(item, study)]
    if counts and counts != [*range(number + 1)]:
        remedy = said("give one for each number from 0 to {number}, or leave them out", number=number)
        yield Fault(("items", item.id, "options"), "the options of a list experiment are its counts", remedy)
