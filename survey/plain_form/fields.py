"""The form without JavaScript as WTForms fields: every answer is a code of three digits, whatever is marked. No Flask.

Every control sends its value exactly once, so that the length of what is sent does not depend on the answers: radio
buttons have a hidden one that stands for "not marked yet", and each option of a multi item is a pair of yes and no.
Only the short phrases of a phrase item have the length that they have.
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
from survey.wording.routing_words import Speaker

BLANK, NO, YES = "256", "000", "001"
"""Not marked yet; the two values of a pair. Codes end at 253, so BLANK is none."""
READY = "ready"
MOST_BUTTONS = 12
"""A number or date with more bands than this is a list to choose from."""
LIMIT = 16 * 1024
"""Bytes of the largest body that is read: nginx keeps bodies up to here in memory (docs/deployment.md)."""


class FormRefusedError(SottoError):
    """A body that no page of ours sends; the message holds nothing of it."""


def phrase_name(item: Item, number: int) -> str:
    """Return the name of the text field for the phrase at `place`, from 1."""
    return f"{item.id}_p{number}"


def form_class(speaker: Speaker, pin: str) -> type[Form]:
    """Return the form of a questionnaire in the speaker's locale, for the wave that `pin` names."""
    texts = speaker.texts
    fields: dict[str, Field] = {
        "pin": HiddenField(default=pin),
        "lang": HiddenField(default=texts.locale),
        "consent": _radio(texts.consent.question, [(YES, texts.consent.agree), (NO, texts.consent.decline)]),
    }
    for item in speaker.questionnaire.items:
        fields.update(_fields(item, speaker))
    # Unmarked it keeps browsers from sending, also those that send when somebody presses Enter on an answer.
    fields[READY] = BooleanField(speaker.words("ready"), false_values=())
    return type("PlainForm", (Form,), fields)


def filled(form: type[Form], body: bytes) -> Form:
    """Return the form as it was sent; raise FormRefusedError for what no page of ours sends."""
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


def _fields(item: Item, speaker: Speaker) -> Iterator[tuple[str, Field]]:
    text = speaker.texts.items[item.id].text
    if item.coded:
        yield item.id, _coded(item, text, speaker)
    elif item.multi:
        for code in item.codes:
            pair = [(YES, speaker.words("yes")), (NO, speaker.words("no"))]
            yield option_name(item, code), _radio(speaker.label(item, code), pair, default=NO)
    elif item.phrase:
        for number in range(1, (item.count or 0) + 1):
            label = speaker.words("phrase-place", n=number)
            yield phrase_name(item, number), StringField(label, default="")
    if not item.coded and not item.note:
        yield status_name(item), _radio(speaker.words("or-instead"), _choices(item, item.missing, speaker))


def _coded(item: Item, text: str, speaker: Speaker) -> Any:  # noqa: ANN401 - an unbound field
    codes = [*(option.code for option in item.options), *item.missing]
    choices = _choices(item, codes, speaker)
    if as_list(item, speaker.questionnaire):
        return SelectField(
            text, choices=_offered([(BLANK, speaker.words("choose-one")), *choices], item.id), default=BLANK
        )
    return _radio(text, choices)


def as_list(item: Item, questionnaire: Questionnaire) -> bool:
    """Say whether the codes of an item are a list to choose from: the places of a ranking, and many bands."""
    ranked = any(group.kind == "ranking" and item.id in group.items for group in questionnaire.groups)
    return ranked or (item.type in {"number", "date"} and len(item.options) > MOST_BUTTONS)


def _choices(item: Item, codes: Iterable[int], speaker: Speaker) -> list[tuple[str, str]]:
    return [(f"{code:03}", speaker.label(item, code)) for code in codes]


def _radio(text: str, choices: list[tuple[str, str]], default: str = BLANK) -> Any:  # noqa: ANN401 - an unbound field
    blank = [(BLANK, "")] if default == BLANK else []
    return RadioField(text, choices=_offered([*blank, *choices]), default=default)


def _offered(choices: list[tuple[str, str]], name: str = "") -> list[SelectChoice]:
    """Return choices; those of a list get the ids that routing by style looks for."""
    return [SelectChoice(value, label, {"id": f"{name}-{value}"} if name else {}) for value, label in choices]
