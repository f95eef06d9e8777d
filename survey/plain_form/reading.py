"""From a filled-in form to one person's answers, or to the faults to be corrected.

Which questions are asked follows from the answers, as on the phone: an answer to a question that routing skips is left
out, as the form says, and does not change what is sealed.
"""

from dataclasses import dataclass

from wtforms import Form

from crypto.errors import SottoError
from survey.plain_form.css_routing import option_name, status_name
from survey.plain_form.fields import BLANK, YES, has_status, phrase_name
from survey.questionnaire import phrases
from survey.questionnaire.asked_conditions import asked_condition
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import Answer, truth
from survey.questionnaire.items import Item, ItemGroup
from survey.questionnaire.payload import SERVER, SurveyResponse
from survey.questionnaire.pipes import unpiped
from survey.questionnaire.questionnaire import Questionnaire, form_of
from survey.wording.routing_words import ConditionRenderer


@dataclass(frozen=True)
class FieldFault:
    """A fault of one question or group, or of the consent (`consent`); `message` is for the respondent.

    `control`: the name of the one text field that has it, where a question has several.
    """

    field: str
    message: str
    control: str | None = None

    @property
    def place(self) -> str:
        """The id of the element to look at again."""
        return self.control or f"q-{self.field}"


@dataclass(frozen=True)
class FormReading:
    """
    The result of reading a form: answers to seal where there are no faults, or the ending that was reached.

    `undecided`: the items of which faults leave open whether they are asked.
    """

    answers: SurveyResponse
    faults: tuple[FieldFault, ...] = ()
    ending: str | None = None
    undecided: tuple[str, ...] = ()


class _UnfitError(SottoError):
    """An answer that is not valid for its item, or one text field of it; the message is for the respondent."""

    def __init__(self, message: str, control: str | None = None) -> None:
        super().__init__(message)
        self.control = control


def read(renderer: ConditionRenderer, form: Form) -> FormReading:
    """Return the answers of `form`, whose field names and values were checked before."""
    reader = _FormReader(renderer, form)
    for item in renderer.questionnaire.items:
        reader.read_item(item)
        if reader.ending is not None:
            break
    for group in renderer.questionnaire.groups:
        reader.check_ranking(group)
    return reader.reading()


class _FormReader:
    """Reads the questions in order, with the routing of the answers before them."""

    def __init__(self, renderer: ConditionRenderer, form: Form) -> None:
        self._renderer = renderer
        self._form = form
        self._answers: dict[str, Answer] = {}
        self._faults: dict[str, FieldFault] = {}
        self._undecided: list[str] = []
        self.ending: str | None = None

    def read_item(self, item: Item) -> None:
        """Read one item where it is certainly asked; skip it where earlier faults leave that open."""
        condition = asked_condition(item, self._renderer.questionnaire)
        applies = True if condition is None else truth(condition, self._answers)
        # Decision 24.
        if applies is False and not item.note:
            self._answers[item.id] = NOT_ASKED
        elif applies and not item.note:
            try:
                self._answers[item.id] = self._answer(item)
            except _UnfitError as error:
                self._faults[item.id] = FieldFault(item.id, str(error), error.control)
        elif applies is None and not item.note:
            self._undecided.append(item.id)

    def check_ranking(self, group: ItemGroup) -> None:
        """Check that a ranking's places have different options, or all the same missing code."""
        codes = [self._answers[name] for name in group.items if name in self._answers]
        if group.kind != "ranking" or len(codes) < len(group.items) or self.ending is not None:
            return
        ranked = [code in self._renderer.questionnaire.item(group.items[0]).codes for code in codes]
        if all(ranked) and len({*codes}) < len(codes):
            self._faults[group.id] = FieldFault(group.id, self._renderer.words("e-twice"))
        elif not all(ranked) and len({*codes}) > 1:
            self._faults[group.id] = FieldFault(group.id, self._renderer.words("e-mixed"))

    def reading(self) -> FormReading:
        """Return the answers and faults read so far."""
        answers = {name: answer for name, answer in self._answers.items() if answer != NOT_ASKED}
        faults = tuple(self._faults.values()) if self.ending is None else ()
        return FormReading(response_to_seal(self._renderer, answers), faults, self.ending, tuple(self._undecided))

    def _answer(self, item: Item) -> Answer:
        answer = self._given(item)
        if item.choice_filter is not None:
            self._check_offered(item, item.choice_filter, answer)
        broken = item.broken_check({**self._answers, item.id: answer})
        if broken is not None:
            messages = self._renderer.texts.items[item.id].checks or ()
            raise _UnfitError(unpiped(messages[broken]))
        return answer

    def _check_offered(self, item: Item, other: str, answer: Answer) -> None:
        """Raise a fault for an option that is not offered after the answer to the item called `other`."""
        offered = {option.code for option in item.offered(self._answers.get(other, NOT_ASKED))}
        chosen = answer if isinstance(answer, tuple) else (answer,)
        for code in (option.code for option in item.options if option.code in chosen and option.code not in offered):
            n, self.ending = self._renderer.numbers[other], None
            raise _UnfitError(self._renderer.words("e-offered", option=self._quoted(item, code), n=n))

    def _given(self, item: Item) -> Answer:
        if item.multi:
            return self._chosen(item)
        if item.phrase:
            return self._phrases(item)
        marked = self._value(item.id)
        if marked == BLANK:
            raise _UnfitError(self._renderer.words("e-missing"))
        code = int(marked)
        self.ending = next((option.end for option in item.options if option.code == code), None)
        return code

    def _chosen(self, item: Item) -> Answer:
        words = self._renderer.words
        codes = tuple(code for code in item.codes if self._value(option_name(item, code)) == YES)
        missing = self._missing(item, codes)
        if missing is not None:
            return missing
        alone = next((code for code in codes if code in item.exclusive), None)
        if alone is not None and len(codes) > 1:
            raise _UnfitError(words("e-alone", option=self._quoted(item, alone)))
        if len(codes) > (item.cap or len(item.options)):
            raise _UnfitError(words("e-cap", n=item.cap))
        return codes

    def _phrases(self, item: Item) -> Answer:
        names = [phrase_name(item, slot) for slot in range(1, (item.count or 0) + 1)]
        written = {name: text for name in names if (text := self._value(name).strip())}
        missing = self._missing(item, tuple(written.values()))
        if missing is not None:
            return missing
        return phrases.ordered(dict.fromkeys(self._phrase(item, name, text) for name, text in written.items()))

    def _phrase(self, item: Item, name: str, text: str) -> str:
        """Return the normal form of the phrase in the field `name`; a fault of that field where it may not stand."""
        phrase = phrases.normalised(text)
        for key, number, fits in (
            ("e-letters", 0, bool(phrase)),
            ("e-words", item.words or 0, phrases.words_of(phrase) <= (item.words or 0)),
            ("e-length", item.length or 0, len(phrase) <= (item.length or 0)),
        ):
            if not fits:
                raise _UnfitError(self._renderer.words(key, n=number), name)
        return phrase

    def _missing(self, item: Item, choices: tuple[object, ...]) -> int | None:
        """Return the marked missing code; a fault where there is an answer beside it, or neither."""
        if not has_status(item):
            return self._empty(item, choices)
        marked = self._value(status_name(item))
        if marked != BLANK and choices:
            raise _UnfitError(self._renderer.words("e-both", option=self._quoted(item, int(marked))))
        if marked == BLANK and not choices:
            key = "e-missing" if item.phrase else "e-nothing" if item.missing else "e-nothing-alone"
            raise _UnfitError(self._renderer.words(key))
        return None if marked == BLANK else int(marked)

    def _empty(self, item: Item, choices: tuple[object, ...]) -> int | None:
        """Return the missing code of an empty field below an option; a fault where it may not stay empty."""
        if choices:
            return None
        if not item.missing:
            raise _UnfitError(self._renderer.words("e-empty"), phrase_name(item, 1))
        return item.missing[0]

    def _quoted(self, item: Item, code: int) -> str:
        return self._renderer.quoted([self._renderer.label(item, code)])

    def _value(self, name: str) -> str:
        return str(self._form[name].data)


def response_to_seal(renderer: ConditionRenderer, answers: dict[str, Answer]) -> SurveyResponse:
    """Return the response to seal: mode `server`, the stratum of the open link, and `answers`."""
    questionnaire: Questionnaire = renderer.questionnaire
    form = form_of(questionnaire, answers)
    return SurveyResponse(renderer.texts.locale, SERVER, form, questionnaire.strata[0], answers)
