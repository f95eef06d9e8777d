"""The form without JavaScript as WTForms fields: every control always sends a code of three digits. No Flask.

Every control sends exactly one value, so that the length of the body does not depend on the answers: radio buttons
have a hidden one for "not marked yet", and each option of a multi item is a pair of yes and no. Only phrases have
their own length.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than types

from crypto.errors import SottoError
from survey.plain_form.css_routing import option_name, status_name
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire
from survey.wording.routing_words import ConditionRenderer

BLANK, NO, YES = "256", "000", "001"
"""Not marked yet; the two values of a pair. Codes end at 253, so BLANK is not a code."""
READY = "ready"
MAX_BUTTONS = 12
"""A number or date with more bands than this is a drop-down list."""
LIMIT = 16 * 1024
"""The largest body that is read, in bytes: nginx buffers bodies up to this size in memory (docs/deployment.md)."""


class FormRefusedError(SottoError):
    """A body that the form cannot have sent; the message repeats nothing of it."""


def phrase_name(item: Item, number: int) -> str:
    """Return the name of the text field for phrase `number`, from 1."""
    return f"{item.id}_p{number}"


def form_class(renderer: ConditionRenderer, pin: str) -> type[Form]:
    """Return the form class of a questionnaire in the renderer's locale, for the wave with this pin."""
    texts = renderer.texts
    fields: dict[str, Field] = {
        "pin": HiddenField(default=pin),
        "lang": HiddenField(default=texts.locale),
        "consent": _radio(texts.consent.question, [(YES, texts.consent.agree), (NO, texts.consent.decline)]),
    }
    for item in renderer.questionnaire.items:
        fields.update(_fields(item, renderer))
    # Required and unchecked, it keeps browsers from submitting when somebody presses Enter on an answer.
    fields[READY] = BooleanField(renderer.words("ready"), false_values=())
    return type("PlainForm", (Form,), fields)


def bound_form(form: type[Form], body: bytes) -> Form:
    """Return the form with the body's values; raise FormRefusedError for a body that the form cannot have sent."""
    names = set(form().data)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=len(names),
        )
    except ValueError:
        raise FormRefusedError("not a form") from None
    sent = [name for name, _ in pairs]
    if {*sent, READY} != names or len({*sent}) != len(sent) or dict(pairs).get(READY, YES) != YES:
        raise FormRefusedError("not the fields of this form, each once")
    filled_form = form(formdata=MultiDict(pairs))
    if not filled_form.validate():
        raise FormRefusedError("a value that the form does not offer")
    return filled_form


def clear(form: Form, item: Item, renderer: ConditionRenderer) -> None:
    """Take back what was given to an item: its controls stand as in an empty form."""
    for name, _ in _fields(item, renderer):
        form[name].data = form[name].default


def is_clear(form: Form, item: Item, renderer: ConditionRenderer) -> bool:
    """Return whether nothing was given to an item."""
    return all(form[name].data == form[name].default for name, _ in _fields(item, renderer))


def has_status(item: Item) -> bool:
    """Return whether an item's missing codes are controls beside its answer; an option's own phrase may stay empty."""
    return not item.coded and not item.note and item.specifies is None


def _fields(item: Item, renderer: ConditionRenderer) -> Iterator[tuple[str, Field]]:
    text = renderer.texts.items[item.id].text
    if item.coded:
        yield item.id, _coded(item, text, renderer)
    elif item.multi:
        for code in item.codes:
            pair = [(YES, renderer.words("yes")), (NO, renderer.words("no"))]
            yield option_name(item, code), _radio(renderer.label(item, code), pair, default=NO)
    elif item.phrase:
        for number in range(1, (item.count or 0) + 1):
            label = renderer.words("phrase-place", n=number)
            yield phrase_name(item, number), StringField(label, default="")
    if has_status(item):
        yield status_name(item), _radio(renderer.words("or-instead"), _choices(item, item.missing, renderer))


def _coded(item: Item, text: str, renderer: ConditionRenderer) -> Any:  # noqa: ANN401 - an unbound field
    codes = [*(option.code for option in item.options), *item.missing]
    choices = _choices(item, codes, renderer)
    if as_list(item, renderer.questionnaire):
        return SelectField(
            text, choices=_offered([(BLANK, renderer.words("choose-one")), *choices], item.id), default=BLANK
        )
    return _radio(text, choices)


def as_list(item: Item, questionnaire: Questionnaire) -> bool:
    """Return whether an item's codes are shown as a drop-down list: places of a ranking, and many bands."""
    ranked = any(group.kind == "ranking" and item.id in group.items for group in questionnaire.groups)
    return ranked or (item.type in {"number", "date"} and len(item.options) > MAX_BUTTONS)


def _choices(item: Item, codes: Iterable[int], renderer: ConditionRenderer) -> list[tuple[str, str]]:
    return [(f"{code:03}", renderer.label(item, code)) for code in codes]


def _radio(text: str, choices: list[tuple[str, str]], default: str = BLANK) -> Any:  # noqa: ANN401 - an unbound field
    blank = [(BLANK, "")] if default == BLANK else []
    return RadioField(text, choices=_offered([*blank, *choices]), default=default)


def _offered(choices: list[tuple[str, str]], name: str = "") -> list[SelectChoice]:
    """Return the choices; those of a list with the ids that routing by CSS refers to."""
    return [SelectChoice(value, label, {"id": f"{name}-{value}"} if name else {}) for value, label in choices]
