"""The content of the form without JavaScript, question by question, with the controls of WTForms. No Flask.

Options and questions have the questionnaire's order for everyone: the page is the same for each visitor, and the server
shuffles nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup
from wtforms import Field, Form

from survey.plain_form.css_routing import control, option_classes, option_name, status_name
from survey.plain_form.fields import BLANK, NO, YES, as_list, has_status, phrase_name
from survey.plain_form.reading import FieldFault
from survey.questionnaire.codes import DONT_KNOW, REFUSED
from survey.questionnaire.items import Item, ItemGroup, Option
from survey.questionnaire.pipes import unpiped
from survey.wording.routing_words import ConditionRenderer

LIGHT = (DONT_KNOW, REFUSED)


@dataclass(frozen=True)
class Choice:
    """One radio button: `light` for don't know and refused; `ending`: the text where it ends the interview."""

    id: str
    control: Markup
    text: str
    light: bool = False
    ending: str | None = None
    picture: str | None = None
    classes: str = ""


@dataclass(frozen=True)
class Pair:
    """An option of a multi item, as a yes and a no button."""

    id: str
    text: str
    yes: Choice
    no: Choice
    classes: str = ""


@dataclass(frozen=True)
class Question:
    """
    One item; `kind` determines which of the members below it are set.

    `hint`: its second line, by the study; `instruction`: how to answer it, by the form.
    """

    id: str
    kind: str
    number: int | None
    text: str
    who: tuple[str, ...] = ()
    fault: str | None = None
    hint: str | None = None
    instruction: str | None = None
    unmarked: tuple[Markup, ...] = ()
    choices: tuple[Choice, ...] = ()
    others: tuple[Choice, ...] = ()
    pairs: tuple[Pair, ...] = ()
    ends: tuple[str, str] | None = None
    texts: tuple[tuple[str, Markup], ...] = ()


@dataclass(frozen=True)
class QuestionBlock:
    """A single question, or the questions of a grid or ranking with their common text.

    `below`: it asks for the words of an option of the question before it.
    """

    id: str
    kind: str
    questions: tuple[Question, ...]
    text: str | None = None
    who: tuple[str, ...] = ()
    fault: str | None = None
    hint: str | None = None
    below: bool = False


def consent(form: Form) -> tuple[Markup, tuple[Choice, ...]]:
    """Return the hidden control for "not marked yet", and the two consent choices."""
    (blank,), choices = _marks(form["consent"])
    return blank, choices


def sections(renderer: ConditionRenderer, form: Form, faults: Mapping[str, FieldFault]) -> Iterator[QuestionBlock]:
    """Yield all sections in order; `faults` by the id of an item or group."""
    writer = _QuestionWriter(renderer, form, faults)
    grouped = {name: group for group in renderer.questionnaire.groups for name in group.items}
    for group, items in groupby(renderer.questionnaire.items, key=lambda item: grouped.get(item.id)):
        if group is None:
            yield from map(writer.alone, items)
        else:
            yield writer.together(group, [*items])


class _QuestionWriter:
    def __init__(self, renderer: ConditionRenderer, form: Form, faults: Mapping[str, FieldFault]) -> None:
        self._renderer = renderer
        self._form = form
        self._faults = faults

    def alone(self, item: Item) -> QuestionBlock:
        """Return an item's section."""
        question = self._question(item, self._renderer.routing(item))
        return QuestionBlock(item.id, question.kind, (question,), below=item.specifies is not None)

    def together(self, group: ItemGroup, items: list[Item]) -> QuestionBlock:
        """Return a group's section; its items have the same routing, so its sentences are shown once."""
        return QuestionBlock(
            group.id,
            group.kind,
            tuple(self._member(group, number, item) for number, item in enumerate(items, 1)),
            text=unpiped(self._renderer.texts.groups[group.id]),
            who=self._renderer.routing(items[0]),
            fault=self._message(group.id),
            hint=self._hint(group.id),
        )

    def _member(self, group: ItemGroup, number: int, item: Item) -> Question:
        """Return a row of a grid, labelled by its text, or a place of a ranking, labelled by its number."""
        text = self._renderer.words("place", n=number) if group.kind == "ranking" else None
        return self._question(item, (), text)

    def _question(self, item: Item, who: tuple[str, ...], text: str | None = None) -> Question:
        kind = self._kind(item)
        own = text or unpiped(self._renderer.texts.items[item.id].text)
        members = {"pairs": self._pairs, "phrases": self._phrases, "list": self._list, "note": _no_controls}
        more = members.get(kind, self._choices)(item)
        number = self._renderer.numbers.get(item.id)
        fault, hint = self._message(item.id), self._hint(item.id)
        return Question(item.id, kind, number, own, who, fault, hint, **more)  # type: ignore[arg-type]  # by kind

    def _message(self, name: str) -> str | None:
        fault = self._faults.get(name)
        return None if fault is None else fault.message

    def _hint(self, name: str) -> str | None:
        hint = self._renderer.texts.hints.get(name)
        return None if hint is None else unpiped(hint)

    def _kind(self, item: Item) -> str:
        if as_list(item, self._renderer.questionnaire):
            return "list"
        kinds = {"multi": "pairs", "phrase": "phrases", "note": "note", "scale": "scale", "picture": "pictures"}
        return kinds.get(item.type, "choices")

    def _choices(self, item: Item) -> dict[str, object]:
        text = self._renderer.texts.items[item.id]
        endings = {f"{one.code:03}": self._renderer.texts.endings[one.end] for one in item.options if one.end}
        pictures = {f"{int(code):03}": name for code, name in (text.pictures or {}).items()}
        unmarked, found = _marks(self._form[item.id], endings=endings, pictures=pictures)
        classes = {control(item.id, one.code): option_classes(item, one) for one in item.options}
        choices = tuple(replace(choice, classes=classes.get(choice.id, "")) for choice in found)
        light, plain = (tuple(one for one in choices if one.light is wanted) for wanted in (True, False))
        ends = None if text.ends is None else (unpiped(text.ends[0]), unpiped(text.ends[1]))
        return {
            "unmarked": unmarked, "choices": plain, "others": light, "ends": ends, "instruction": self._filtered(item)
        }  # fmt: skip

    def _filtered(self, item: Item) -> str | None:
        """Return the sentence that only some options go with an earlier answer, where that is so."""
        if item.choice_filter is None:
            return None
        return self._renderer.words("filtered", n=self._renderer.numbers[item.choice_filter])

    def _pairs(self, item: Item) -> dict[str, object]:
        words = self._renderer.words
        capped = item.cap is not None and item.cap < len(item.options)
        instruction = words("mark-cap", n=item.cap) if capped else words("mark-all")
        pairs = tuple(self._pair(item, option) for option in item.options)
        said = " ".join(part for part in (instruction, self._filtered(item)) if part)
        return {"pairs": pairs, "instruction": said, **self._status(item)}

    def _pair(self, item: Item, option: Option) -> Pair:
        name = option_name(item, option.code)
        _, choices = _marks(self._form[name])
        by_value = {choice.id: choice for choice in choices}
        yes, no = (by_value[control(name, int(value))] for value in (YES, NO))
        return Pair(name, self._renderer.label(item, option.code), yes, no, option_classes(item, option))

    def _phrases(self, item: Item) -> dict[str, object]:
        attributes = {"maxlength": item.length, "autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        fields = [self._form[phrase_name(item, number)] for number in range(1, (item.count or 0) + 1)]
        instruction = self._how_to_write(item)
        typed = tuple(
            (str(field.label.text), Markup(field(**attributes, **self._marked(item, field.name))))  # noqa: S704 - WTForms escapes
            for field in fields
        )
        return {"texts": typed, "instruction": instruction, **self._status(item)}

    def _how_to_write(self, item: Item) -> str:
        words = self._renderer.words
        how = words("phrase-one" if item.count == 1 else "phrase-hint", count=item.count, words=item.words)
        return f"{how} {words('phrase-empty')}" if item.specifies and item.missing else how

    def _marked(self, item: Item, name: str) -> dict[str, object]:
        """Return the attributes of a text field with a fault: it is described by it, and the first has the focus."""
        fault = self._faults.get(item.id)
        if fault is None or fault.control != name:
            return {}
        first = next(iter(self._faults.values())) is fault
        return {"aria-invalid": "true", "aria-describedby": f"x-{item.id}", "autofocus": first}

    def _status(self, item: Item) -> dict[str, object]:
        if not has_status(item):
            return {}
        unmarked, others = _marks(self._form[status_name(item)])
        return {"unmarked": unmarked, "others": others}

    def _list(self, item: Item) -> dict[str, object]:
        rendered = self._form[item.id](**{"aria-labelledby": f"t-{item.id}"})
        return {"unmarked": (Markup(rendered),)}  # noqa: S704 - WTForms escapes


def _no_controls(_: Item) -> dict[str, object]:
    return {}


def _marks(
    field: Field, endings: Mapping[str, str] | None = None, pictures: Mapping[str, str] | None = None
) -> tuple[tuple[Markup, ...], tuple[Choice, ...]]:
    """Return the hidden control for "not marked yet", and the choices, of one group of radio buttons."""
    unmarked, choices = [], []
    for option in field:  # type: ignore[attr-defined]  # WTForms types no iteration over radio fields
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
