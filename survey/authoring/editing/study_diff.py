"""What changed from one questionnaire to another, in plain words: wording alone, codes, routing, or how it is asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from survey.questionnaire.items import Item
from survey.questionnaire.number_words import band_words
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wording.catalogues import in_locale, load_wordings
from survey.wording.routing_words import ConditionRenderer

Kind = Literal["codes", "routing", "asking", "wording"]
KINDS: Mapping[Kind, str] = {
    "codes": "codes: answers before and after cannot be put into one table as they are",
    "routing": "routing: other people are asked",
    "asking": "how it is asked: the same people, the same codes, another way",
    "wording": "wording: the same people, the same codes, other words",
}
"""From the weightiest to the least, with what a change of this kind means."""
_CODES = ("type", "missing", "cap", "unit", "count", "words", "length", "lines", "treatment")
_ROUTING = ("forms", "choice_filter", "checks")
_OPTION_CODES = ("low", "high", "exclusive", "arm", "count")
_WHOLE: Mapping[str, Kind] = {
    "forms": "routing", "pairs": "asking", "groups": "asking", "strata": "codes", "locales": "codes", "mode": "asking",
    "sealing": "asking", "drafts": "asking", "resume": "asking", "voice": "asking", "work": "asking",
    "overview": "asking",
}  # fmt: skip
_SHOWN = 60
Texts_ = Mapping[str, Texts]


@dataclass(frozen=True, slots=True)
class StudyChange:
    """One change: of what kind, of which item or part, in one sentence without its full stop."""

    kind: Kind
    where: str
    words: str


def study_changes(before: Questionnaire, after: Questionnaire, old: Texts_, new: Texts_) -> list[StudyChange]:
    """Return every change from one compiled questionnaire and its texts to another, the weightiest first."""
    found = [*_items(before, after, old, new), *_indicators(before, after), *_whole(before, after), *_texts(old, new)]
    return sorted(found, key=lambda change: [*KINDS].index(change.kind))


def verdict(changes: list[StudyChange]) -> str:
    """Return in one line what two questionnaires have in common."""
    if not changes:
        return "nothing changed that anybody is asked or reads"
    kinds = {change.kind for change in changes}
    if kinds == {"wording"}:
        return "wording only: the same people are asked, and the same codes are counted"
    kept = [word for kind, word in (("codes", "codes"), ("routing", "routing")) if kind not in kinds]
    return f"changed: {', '.join(kind for kind in KINDS if kind in kinds)}" + (
        f"; {' and '.join(kept)} {'are' if len(kept) > 1 else 'is'} the same" if kept else ""
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two questionnaires, and who is asked what in words, in English or else its first language."""

    whole: Questionnaire
    texts: Texts_

    def asked(self, item: Item) -> str:
        """Return in words who is asked an item, beside its forms."""
        if item.ask_if is None:
            return "everybody"
        locale = "en" if "en" in self.texts else next(iter(self.texts))
        words = in_locale(load_wordings("plain"), locale)
        return ConditionRenderer(self.whole, self.texts[locale], words).text_of(item.ask_if)


def _items(before: Questionnaire, after: Questionnaire, old: Texts_, texts: Texts_) -> Iterator[StudyChange]:
    sides = _Side(before, old), _Side(after, texts)
    for name in before.by_id.keys() - after.by_id.keys():
        yield StudyChange("codes", name, "is not asked any more")
    for name, item in after.by_id.items():
        if name not in before.by_id:
            yield StudyChange("codes", name, f"is new: {_short(next(iter(texts.values())).items[name].text)}")
        else:
            yield from _item(before.by_id[name], item, *sides)
    kept = [name for name in before.by_id if name in after.by_id]
    order = [name for name in after.by_id if name in before.by_id]
    if kept != order:
        moved = next(name for name, other in zip(order, kept, strict=True) if name != other)
        yield StudyChange("asking", moved, "is asked at another place than before, and others with it")


def _item(before: Item, after: Item, one: _Side, other: _Side) -> Iterator[StudyChange]:
    old, new = before.to_json(), after.to_json()
    if before.ask_if != after.ask_if:
        words = f"who is asked: {one.asked(before)} before, {other.asked(after)} now"
        yield StudyChange("routing", before.id, words)
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key) and key not in ("options", "id", "ask_if"):
            kind: Kind = "codes" if key in _CODES else "routing" if key in _ROUTING else "asking"
            yield StudyChange(kind, before.id, _changed(f"`{key}`", old.get(key), new.get(key)))
    yield from _options(before, after)


def _options(before: Item, after: Item) -> Iterator[StudyChange]:
    old, new = ({option.code: option for option in item.options} for item in (before, after))
    for code in old.keys() - new.keys():
        yield StudyChange("codes", before.id, f"answer {code} is gone")
    for code in new.keys() - old.keys():
        yield StudyChange("codes", before.id, f"answer {code} is new")
    for code in (code for code in new if code in old):
        one, other = old[code], new[code]
        if any(getattr(one, key) != getattr(other, key) for key in _OPTION_CODES):
            yield StudyChange(
                "codes", before.id, f"answer {code} stands for other answers: {_bounds(one)} became {_bounds(other)}"
            )
        if one.end != other.end:
            yield StudyChange("routing", before.id, _changed(f"the ending of answer {code}", one.end, other.end))
        if one.only_for != other.only_for:
            where = (f"`for` of answer {code}", one.to_json().get("for"), other.to_json().get("for"))
            yield StudyChange("routing", before.id, _changed(*where))
        if one.last != other.last:
            yield StudyChange(
                "asking", before.id, f"answer {code} {'stays' if other.last else 'no longer stays'} at the end"
            )
    if [code for code in old if code in new] != [code for code in new if code in old]:
        yield StudyChange("asking", before.id, "its answers stand in another order")


def _bounds(option: Any) -> str:  # noqa: ANN401 - an option
    alone = " alone" if option.exclusive else ""
    return (
        band_words(option.low, option.high) if option.low is not None else f"one of several{alone}" if alone else "one"
    )


def _indicators(before: Questionnaire, after: Questionnaire) -> Iterator[StudyChange]:
    old, new = before.derived_by_id, after.derived_by_id
    for name in old.keys() - new.keys():
        yield StudyChange("codes", name, "is an indicator that is not worked out any more")
    for name in new.keys() - old.keys():
        yield StudyChange("codes", name, "is a new indicator")
    for name in (name for name in new if name in old and old[name] != new[name]):
        keys = [key for key in old[name].to_json() | new[name].to_json() if _of(old[name], key) != _of(new[name], key)]
        yield StudyChange("codes", name, f"the indicator is worked out otherwise ({', '.join(keys)})")


def _of(derived: Any, key: str) -> Any:  # noqa: ANN401 - a document and a member of it
    return derived.to_json().get(key)


def _whole(before: Questionnaire, after: Questionnaire) -> Iterator[StudyChange]:
    old, new = before.to_json(), after.to_json()
    for key, kind in _WHOLE.items():
        if old.get(key) != new.get(key) and not (key == "groups" and before.by_id.keys() != after.by_id.keys()):
            yield StudyChange(kind, key, _changed(f"`{key}`", old.get(key), new.get(key)))


def _texts(old: Texts_, new: Texts_) -> Iterator[StudyChange]:
    for locale in (locale for locale in new if locale in old):
        before, after = _flat(old[locale].to_json()), _flat(new[locale].to_json())
        for path in (path for path in after if path in before and before[path] != after[path]):
            words = f"in {locale}: {_short(before[path])} became {_short(after[path])}"
            yield StudyChange("wording", path, words)
        for path in sorted(after.keys() ^ before.keys()):
            if path.partition(".")[0] not in ("items", "groups", "derived", "missing"):
                words = f"is new: {_short(after[path])}" if path in after else f"is gone: {_short(before[path])}"
                yield StudyChange("wording", path, f"in {locale} {words}")


def _flat(value: Any, path: str = "") -> dict[str, str]:  # noqa: ANN401 - plain JSON
    """Return every text of a texts document by its path, without what is no wording."""
    if isinstance(value, str):
        return {path: value}
    parts = value.items() if isinstance(value, dict) else enumerate(value, 1)
    flat: dict[str, str] = {}
    for key, part in parts:
        if path or key not in ("format", "study", "locale", "dir", "interface", "audio"):
            flat |= _flat(part, f"{path}.{key}" if path else str(key)) if isinstance(part, str | dict | list) else {}
    return flat


def _changed(what: str, old: object, new: object) -> str:
    if old is None:
        return f"{what} is new: {_short(new)}"
    if new is None:
        return f"{what} is gone: {_short(old)}"
    return f"{what}: {_short(old)} became {_short(new)}"


def _short(value: object) -> str:
    words = " ".join(str(value).split())
    return f"“{words}”" if len(words) <= _SHOWN else f"“{words[:_SHOWN]}…”"
