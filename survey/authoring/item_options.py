"""What one authored item becomes: the options of its type with their texts, and the items of a grid or ranking."""

from dataclasses import dataclass
from typing import Any

from survey.authoring.schema import AuthoredItem, AuthoredOption, AuthoredStudy, Localised
from survey.questionnaire.items import LIST_BASES, Option

MONTHS = 100
"""A month is written YYYYMM."""
MOST_CODE = 253
MOST_LINES = 12
"""Lines of a list experiment; nobody counts more in their head."""


RANDOMISABLE = ("single", "scale", "picture", "number", "date")
_OWN = {"multi": ("cap",), "date": ("unit",), "phrase": ("count", "words", "length")}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a compiled item, what it is called, and its picture's file where it has one."""

    option: Option
    text: Localised
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One compiled item of an authored one: itself, a row of a grid or a place of a ranking."""

    id: str
    row: Localised | None = None


def included(item: AuthoredItem, study: AuthoredStudy) -> bool:
    """Say whether an item is asked in this study: its module, if it has one, is switched on."""
    return item.module is None or study.modules.get(item.module, False)


def members(item: AuthoredItem) -> tuple[Member, ...]:
    """Return the compiled items of an authored one, in order."""
    match item.type:
        case "grid":
            rows = enumerate(item.rows or (), 1)
            return tuple(Member(row.id or f"{item.id}_{place}", row.text) for place, row in rows)
        case "ranking":
            return tuple(Member(f"{item.id}_{place}", str(place)) for place in range(1, (item.top or 0) + 1))
    return (Member(item.id),)


def choices(item: AuthoredItem, study: AuthoredStudy) -> tuple[Choice, ...]:
    """Return the options of an item: written out, from its option set, of its bands, its bounds or its lines."""
    if item.type == "list":
        return _counts(item, study)
    if item.bands is not None:
        return tuple(_choice(band, band.text or _band_words(band, item.unit)) for band in item.bands)
    if item.low is not None and item.high is not None:
        # What lies above is no code; the item's own check says so.
        return tuple(_number(code, item) for code in range(item.low, min(item.high, MOST_CODE) + 1))
    return tuple(_choice(option, option.text or "") for option in written(item, study))


def written(item: AuthoredItem, study: AuthoredStudy) -> tuple[AuthoredOption, ...]:
    """Return the options as they stand in the file, from the item's option set where it names one."""
    return tuple(study.option_sets.get(item.options, ()) if isinstance(item.options, str) else item.options or ())


def compiled(item: AuthoredItem, study: AuthoredStudy) -> dict[str, Any]:
    """Return the members of the compiled item, or of each of the group's, that follow from its type."""
    options = choices(item, study)
    plain: dict[str, Any] = {
        "type": "single" if item.type in ("grid", "ranking") else item.type,
        "block": item.block,
        "forms": [form.id for form in study.forms] if item.forms is None else item.forms,
        "options": [choice.option.to_json() for choice in options],
        "missing": item.missing or [],
        "shuffle": item.shuffle and item.type not in ("grid", "ranking"),
    }
    if item.type == "multi" and item.cap is None:
        plain["cap"] = len(options)
    given = {name: getattr(item, name) for name in _OWN.get(item.type, ())}
    plain |= {name: value for name, value in given.items() if value is not None}
    if item.type == "list" and item.list_experiment is not None:
        plain |= {"lines": len(item.list_experiment.lines), "treatment": item.list_experiment.treatment}
    if item.randomise is not None and item.randomise.use and item.type in RANDOMISABLE:
        plain["randomise"] = {"epsilon": item.randomise.epsilon}
    return plain | ({"private": True} if item.private else {})


def _choice(option: AuthoredOption, text: Localised) -> Choice:
    kept = ("code", "end", "last", "exclusive", "low", "high")
    plain = option.model_dump(include={*kept}, exclude_none=True, by_alias=True)
    return Choice(Option.model_validate(plain), text, option.picture)


def _number(code: int, item: AuthoredItem) -> Choice:
    bounds = {"from": code, "to": code} if item.type == "number" else {}
    return Choice(Option.model_validate({"code": code, **bounds}), str(code))


def _counts(item: AuthoredItem, study: AuthoredStudy) -> tuple[Choice, ...]:
    """Return how many lines may count, in the arm that does not see the treatment and in the one that sees all."""
    experiment = item.list_experiment
    if experiment is None:
        return ()
    words = {option.code: option.text for option in written(item, study) if option.text}
    lines = min(len(experiment.lines), MOST_LINES)
    shown = (max(0, lines - len(experiment.treatment)), lines)
    return tuple(
        Choice(
            Option.model_validate({"code": LIST_BASES[arm] + count, "arm": arm, "count": count}),
            words.get(count, str(count)),
        )
        for arm in (0, 1)
        for count in range(shown[arm] + 1)
    )


def _band_words(band: AuthoredOption, unit: str | None) -> str:
    """Return a band in numbers, which every locale reads: 18–24, or 2020-01–2020-12 for months."""
    bounds = [_written(bound, unit) for bound in (band.low, band.high) if bound is not None]
    return "–".join(dict.fromkeys(bounds))


def _written(bound: int, unit: str | None) -> str:
    return f"{bound // MONTHS:04}-{bound % MONTHS:02}" if unit == "month" else str(bound)
