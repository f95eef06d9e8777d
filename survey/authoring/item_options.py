"""Compiles one authored item: its options with their labels, and the items of a grid or ranking."""

from collections.abc import Iterator
from dataclasses import dataclass

from survey.authoring.schema import AuthoredItem, AuthoredOption, AuthoredStudy, AuthoredType, Localised
from survey.questionnaire.codes import RESERVED
from survey.questionnaire.items import LIST_BASES, Item, ItemType, Option, Randomise
from survey.questionnaire.number_words import band_words, number_words

MONTHS = 100
"""A month is written YYYYMM."""
MAX_CODE = 253
CODES_BY_ORDER = tuple(code for code in range(1, MAX_CODE + 1) if code not in RESERVED)
"""The codes of numbers that begin below zero, from the lowest."""
MAX_LIST_LINES = 12
"""Lines of a list experiment; people cannot count more in their head."""


RANDOMISABLE = ("single", "scale", "picture", "number", "date")


@dataclass(frozen=True, slots=True)
class LabelledOption:
    """One option of a compiled item with its label and, if it has one, the file of its picture."""

    option: Option
    text: Localised
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One compiled item of an authored item: itself, a row of a grid, or a rank of a ranking."""

    id: str
    row: Localised | None = None


def included(item: AuthoredItem, study: AuthoredStudy) -> bool:
    """Return whether an item is part of this study: it has no module, or its module is switched on."""
    return item.module is None or study.modules.get(item.module, False)


def members(item: AuthoredItem) -> tuple[Member, ...]:
    """Return the compiled items of an authored one, in order."""
    match item.type:
        case "grid":
            rows = enumerate(item.rows or (), 1)
            return tuple(Member(row.id or f"{item.id}_{number}", row.text) for number, row in rows)
        case "ranking":
            return tuple(Member(f"{item.id}_{number}", str(number)) for number in range(1, (item.top or 0) + 1))
    return (Member(item.id),)


def choices(item: AuthoredItem, study: AuthoredStudy) -> tuple[LabelledOption, ...]:
    """Return the options of an item: written out, from its option set, of its bands, its bounds or its lines."""
    if item.type == "list":
        return _counts(item, study)
    if item.bands is not None:
        return tuple(_choice(band, band.text or _band_words(band, item.unit)) for band in item.bands)
    if item.low is not None and item.high is not None:
        # Where there are more numbers than codes the item's own check reports it.
        return tuple(_number(number, code, item) for number, code in _own_levels(item.low, item.high))
    return tuple(_choice(option, option.text or "") for option in written(item, study))


def written(item: AuthoredItem, study: AuthoredStudy) -> tuple[AuthoredOption, ...]:
    """Return the options as written in the file, from the item's option set if it names one."""
    return tuple(study.option_sets.get(item.options, ()) if isinstance(item.options, str) else item.options or ())


def compiled(item: AuthoredItem, study: AuthoredStudy) -> Item:
    """Return the compiled item, or what each of a group's has in common, before it is validated and without routing."""
    options = tuple(choice.option for choice in choices(item, study))
    experiment = item.list_experiment if item.type == "list" else None
    phrase = item.type == "phrase"
    return Item.model_construct(
        id=item.id,
        type=_compiled_type(item.type),
        block=item.block,
        forms=tuple([form.id for form in study.forms] if item.forms is None else item.forms),
        options=options,
        missing=tuple(item.missing or ()),
        shuffle=item.shuffle and item.type not in ("grid", "ranking"),
        base=item.base,
        choice_filter=item.choice_filter,
        specifies=item.specifies,
        private=True if item.private else None,
        randomise=_randomise(item),
        cap=_cap(item, options),
        unit=item.unit if item.type == "date" else None,
        lines=len(experiment.lines) if experiment else None,
        treatment=tuple(experiment.treatment) if experiment else None,
        count=item.count if phrase else None,
        words=item.words if phrase else None,
        length=item.length if phrase else None,
    ).compact()


def _compiled_type(kind: AuthoredType) -> ItemType:
    match kind:
        case "grid" | "ranking":
            return "single"
    return kind


def _cap(item: AuthoredItem, options: tuple[Option, ...]) -> int | None:
    """Return how many options of a multi item may be chosen: all of them where the author says nothing."""
    if item.type != "multi":
        return None
    return len(options) if item.cap is None else item.cap


def _randomise(item: AuthoredItem) -> Randomise | None:
    if item.randomise is None or not item.randomise.use or item.type not in RANDOMISABLE:
        return None
    return Randomise.model_construct(epsilon=item.randomise.epsilon)


def _choice(option: AuthoredOption, text: Localised) -> LabelledOption:
    fields = ("code", "end", "last", "exclusive", "low", "high")
    plain = option.model_dump(include={*fields}, exclude_none=True, by_alias=True)
    plain |= {} if option.only_for is None else {"for": (*option.only_for,)}
    return LabelledOption(Option.model_validate(plain), text, option.picture)


def _own_levels(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield the numbers from `low` to `high`, each with its code: itself, or by order where they begin below zero."""
    if low >= 0:
        yield from ((number, number) for number in range(low, min(high, MAX_CODE) + 1))
    else:
        yield from zip(range(low, high + 1), CODES_BY_ORDER, strict=False)


def _number(number: int, code: int, item: AuthoredItem) -> LabelledOption:
    bounds = {"from": number, "to": number} if item.type == "number" else {}
    return LabelledOption(Option.model_validate({"code": code, **bounds}), number_words(number))


def _counts(item: AuthoredItem, study: AuthoredStudy) -> tuple[LabelledOption, ...]:
    """Return the possible counts of a list experiment, for the control arm and then for the treatment arm."""
    experiment = item.list_experiment
    if experiment is None:
        return ()
    words = {option.code: option.text for option in written(item, study) if option.text}
    lines = min(len(experiment.lines), MAX_LIST_LINES)
    counts_by_arm = (max(0, lines - len(experiment.treatment)), lines)
    return tuple(
        LabelledOption(
            Option.model_validate({"code": LIST_BASES[arm] + count, "arm": arm, "count": count}),
            words.get(count, str(count)),
        )
        for arm in (0, 1)
        for count in range(counts_by_arm[arm] + 1)
    )


def _band_words(band: AuthoredOption, unit: str | None) -> str:
    """Return a band in digits, for every locale: 18–24, or 2020-01–2020-12 for months."""
    if band.low is None or band.high is None:
        return ""
    if unit == "month":
        return "–".join(dict.fromkeys(map(_month, (band.low, band.high))))
    return band_words(band.low, band.high)


def _month(bound: int) -> str:
    return f"{bound // MONTHS:04}-{bound % MONTHS:02}"
