"""What stands on the form without JavaScript, question by question, with the controls of WTForms. No Flask.

Options and questions keep the questionnaire's order for everyone: the page is the same for each visitor, and nothing is
drawn where the server could see it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup
from wtforms import Field, Form

from survey.plain_form.css_routing import control, option_name, status_name
from survey.plain_form.fields import BLANK, NO, YES, as_list, phrase_name
from survey.questionnaire.items import DONT_KNOW, REFUSED, Item, ItemGroup
from survey.wording.routing_words import Speaker, unpiped

LIGHT = (DONT_KNOW, REFUSED)


@dataclass(frozen=True)
class Choice:
    """One thing to mark: `light` for don't know and the like, `ending` the text where marking it ends the interview."""

    id: str
    control: Markup
    text: str
    light: bool = False
    ending: str | None = None
    picture: str | None = None


@dataclass(frozen=True)
class Pair:
    """An option of a multi item: yes or no."""

    id: str
    text: str
    yes: Choice
    no: Choice


@dataclass(frozen=True)
class Question:
    """One item: `kind` says which of the members below `fault` it has."""

    id: str
    kind: str
    number: int | None
    text: str
    who: tuple[str, ...] = ()
    fault: str | None = None
    hint: str | None = None
    unmarked: tuple[Markup, ...] = ()
    choices: tuple[Choice, ...] = ()
    others: tuple[Choice, ...] = ()
    pairs: tuple[Pair, ...] = ()
    ends: tuple[str, str] | None = None
    texts: tuple[tuple[str, Markup], ...] = ()


@dataclass(frozen=True)
class Section:
    """A question alone, or the questions of a grid or ranking under their text."""

    id: str
    kind: str
    questions: tuple[Question, ...]
    text: str | None = None
    who: tuple[str, ...] = ()
    fault: str | None = None


def consent(form: Form) -> tuple[Markup, tuple[Choice, ...]]:
    """Return the hidden control for neither, and the two answers."""
    (blank,), choices = _marks(form["consent"])
    return blank, choices


def sections(speaker: Speaker, form: Form, faults: Mapping[str, str]) -> Iterator[Section]:
    """Yield everything that is asked, in order; `faults` say what is to be mended, by item and group."""
    writer = _QuestionWriter(speaker, form, faults)
    grouped = {name: group for group in speaker.questionnaire.groups for name in group.items}
    for group, items in groupby(speaker.questionnaire.items, key=lambda item: grouped.get(item.id)):
        if group is None:
            yield from map(writer.alone, items)
        else:
            yield writer.together(group, [*items])


class _QuestionWriter:
    def __init__(self, speaker: Speaker, form: Form, faults: Mapping[str, str]) -> None:
        self._speaker = speaker
        self._form = form
        self._faults = faults

    def alone(self, item: Item) -> Section:
        """Return an item's section."""
        question = self._question(item, self._speaker.routing(item))
        return Section(item.id, question.kind, (question,))

    def together(self, group: ItemGroup, items: list[Item]) -> Section:
        """Return a group's section: its items are asked together, so who they are for is said once."""
        return Section(
            group.id,
            group.kind,
            tuple(self._place(group, number, item) for number, item in enumerate(items, 1)),
            text=unpiped(self._speaker.texts.groups[group.id]),
            who=self._speaker.routing(items[0]),
            fault=self._faults.get(group.id),
        )

    def _place(self, group: ItemGroup, number: int, item: Item) -> Question:
        """Return a row of a grid, which has its text, or a place of a ranking, which has its number."""
        text = self._speaker.words("place", n=number) if group.kind == "ranking" else None
        return self._question(item, (), text)

    def _question(self, item: Item, who: tuple[str, ...], text: str | None = None) -> Question:
        kind = self._kind(item)
        own = text or unpiped(self._speaker.texts.items[item.id].text)
        members = {"pairs": self._pairs, "phrases": self._phrases, "list": self._list, "note": _nothing}
        more = members.get(kind, self._choices)(item)
        number = self._speaker.numbers.get(item.id)
        return Question(item.id, kind, number, own, who, self._faults.get(item.id), **more)  # type: ignore[arg-type]

    def _kind(self, item: Item) -> str:
        if as_list(item, self._speaker.questionnaire):
            return "list"
        kinds = {"multi": "pairs", "phrase": "phrases", "note": "note", "scale": "scale", "picture": "pictures"}
        return kinds.get(item.type, "choices")

    def _choices(self, item: Item) -> dict[str, object]:
        text = self._speaker.texts.items[item.id]
        endings = {f"{one.code:03}": self._speaker.texts.endings[one.end] for one in item.options if one.end}
        pictures = {f"{int(code):03}": name for code, name in (text.pictures or {}).items()}
        unmarked, choices = _marks(self._form[item.id], endings=endings, pictures=pictures)
        light, plain = (tuple(one for one in choices if one.light is wanted) for wanted in (True, False))
        ends = None if text.ends is None else (unpiped(text.ends[0]), unpiped(text.ends[1]))
        return {"unmarked": unmarked, "choices": plain, "others": light, "ends": ends}

    def _pairs(self, item: Item) -> dict[str, object]:
        words = self._speaker.words
        capped = item.cap is not None and item.cap < len(item.options)
        hint = words("mark-cap", n=item.cap) if capped else words("mark-all")
        pairs = tuple(self._pair(item, code) for code in item.codes)
        return {"pairs": pairs, "hint": hint, **self._status(item)}

    def _pair(self, item: Item, code: int) -> Pair:
        name = option_name(item, code)
        _, choices = _marks(self._form[name])
        by_value = {choice.id: choice for choice in choices}
        yes, no = (by_value[control(name, int(value))] for value in (YES, NO))
        return Pair(name, self._speaker.label(item, code), yes, no)

    def _phrases(self, item: Item) -> dict[str, object]:
        attributes = {"maxlength": item.length, "autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        fields = [self._form[phrase_name(item, number)] for number in range(1, (item.count or 0) + 1)]
        hint = self._speaker.words("phrase-hint", count=item.count, words=item.words)
        typed = tuple((str(field.label.text), Markup(field(**attributes))) for field in fields)  # noqa: S704 - WTForms escapes
        return {"texts": typed, "hint": hint, **self._status(item)}

    def _status(self, item: Item) -> dict[str, object]:
        unmarked, others = _marks(self._form[status_name(item)])
        return {"unmarked": unmarked, "others": others}

    def _list(self, item: Item) -> dict[str, object]:
        rendered = self._form[item.id](**{"aria-labelledby": f"t-{item.id}"})
        return {"unmarked": (Markup(rendered),)}  # noqa: S704 - WTForms escapes


def _nothing(_: Item) -> dict[str, object]:
    return {}


def _marks(
    field: Field, endings: Mapping[str, str] | None = None, pictures: Mapping[str, str] | None = None
) -> tuple[tuple[Markup, ...], tuple[Choice, ...]]:
    """Return the hidden control that stands for nothing marked, and the choices, of one group of radio buttons."""
    unmarked, choices = [], []
    for option in field:  # type: ignore[attr-defined]
        value = str(option.data)
        if value == BLANK:
            unmarked.append(Markup(option(id=f"{field.name}-{value}", hidden=True)))  # noqa: S704 - WTForms escapes
            continue
        choices.append(
            Choice(
                id=f"{field.name}-{value}",
                control=Markup(option(id=f"{field.name}-{value}")),  # noqa: S704 - WTForms escapes
                text=str(option.label.text),
                light=int(value) in LIGHT,
                ending=(endings or {}).get(value),
                picture=(pictures or {}).get(value),
            )
        )
    return tuple(unmarked), tuple(choices)
