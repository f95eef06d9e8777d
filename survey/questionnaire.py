"""The questionnaire and its texts: what is asked, in which order and of whom; the first documents on the path."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from crypto.envelope import plaintext_size_for
from survey.conditions import NOT_ASKED, Condition, Values, holds
from survey.document import Document

NONE_OF_THESE, DONT_KNOW, REFUSED = 90, 98, 99
OUTSIDE, UNREADABLE = 254, 255
MISSING = (NONE_OF_THESE, DONT_KNOW, REFUSED)
RESERVED = frozenset({*MISSING, NOT_ASKED, OUTSIDE, UNREADABLE})
HEADER_SIZE = 5

Id = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,31}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Code = Annotated[int, Field(ge=0, le=253)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Option(Document):
    """One answer button; with `end` it ends the interview with that text and nothing is sent.

    With `last` it keeps its place at the end while the options before it are shuffled.
    """

    code: Code
    end: Slug | None = None
    last: Literal[True] | None = None


class Item(Document):
    """One question: one screen, and one byte (single) or one status byte and a mask (multi) of the payload."""

    id: Id
    type: Literal["single", "multi"]
    block: Slug
    forms: tuple[Slug, ...]
    options: tuple[Option, ...]
    missing: tuple[Literal[90, 98, 99], ...]
    shuffle: bool
    cap: int | None = None
    ask_if: Condition | None = None

    @cached_property
    def codes(self) -> tuple[int, ...]:
        """The substantive codes: those of the options that do not end the interview, in order."""
        return tuple(option.code for option in self.options if option.end is None)

    @property
    def multi(self) -> bool:
        return self.type == "multi"

    @property
    def width(self) -> int:
        """Bytes of this item in the payload."""
        return 1 + (len(self.options) + 7) // 8 if self.multi else 1


class Form(Document):
    """A version of the questionnaire; the first whose `when` holds is the respondent's."""

    id: Slug
    when: Condition | None = None


class ValueOf(Document):
    """A term: `times` the code of a single item or the value of a derived.

    The code goes through `map` where that names it; else it is `else_` where given; else 0 for a missing code (90, 97,
    98, 99), and the code itself for any other.
    """

    value_of: Id
    times: int = 1
    map: dict[Annotated[str, Field(pattern=r"^(0|-?[1-9][0-9]*)$")], int] | None = None
    else_: int | None = Field(default=None, alias="else")


class AddWhen(Document):
    """A term: `add` where the condition holds, else 0."""

    when: Condition
    add: int


class Count(Document):
    """A term: how many options of `of` were chosen, less how many of `minus`, and no less than `floor` where given."""

    count: Id
    of: tuple[int, ...] = ()
    minus: tuple[int, ...] = ()
    floor: int | None = None


class AnsweredWith(Document):
    """A term: the number of items whose code or status is `answers`."""

    answers: Literal[90, 97, 98, 99]


TERMS = {"value_of": ValueOf, "when": AddWhen, "count": Count, "answers": AnsweredWith}
_TERM_TAGS = {model: key for key, model in TERMS.items()}


def _term_kind(value: Any) -> str | None:  # noqa: ANN401 - raw input of pydantic
    if isinstance(value, Document):
        return _TERM_TAGS.get(type(value))
    return next((key for key in TERMS if key in value), None) if isinstance(value, dict) else None


Term = Annotated[
    Annotated[ValueOf, Tag("value_of")]
    | Annotated[AddWhen, Tag("when")]
    | Annotated[Count, Tag("count")]
    | Annotated[AnsweredWith, Tag("answers")],
    Discriminator(
        _term_kind,
        custom_error_type="term",
        custom_error_message="not a term: use value_of, when with add, count or answers",
    ),
]


class Case(Document):
    when: Condition
    value: int


class Derived(Document):
    """An integer with closed public levels, or 97 (undefined), computed from one person's answers."""

    id: Id
    levels: tuple[int, ...]
    score: bool = False
    population: Condition | None = None
    undefined_if: Condition | None = None
    sum: tuple[Term, ...] | None = None
    cases: tuple[Case, ...] | None = None
    else_: int | None = Field(default=None, alias="else")


class Questionnaire(Document):
    """What is asked, free of any language (`sotto-questionnaire-1`)."""

    format: Literal["sotto-questionnaire-1"]
    study: Slug
    version: str
    locales: tuple[Locale, ...]
    mode: Literal["open", "invitation"]
    sealing: Literal["phone", "phone-or-server"]
    strata: tuple[Slug, ...]
    forms: tuple[Form, ...]
    items: tuple[Item, ...]
    pairs: tuple[tuple[Id, Id], ...]
    derived: tuple[Derived, ...]

    @cached_property
    def by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def derived_by_id(self) -> dict[str, Derived]:
        return {derived.id: derived for derived in self.derived}

    def item(self, name: str) -> Item:
        """Return the item called `name`; raise KeyError where there is none."""
        return self.by_id[name]

    @cached_property
    def payload_width(self) -> int:
        """Bytes of every payload of this questionnaire."""
        return HEADER_SIZE + sum(item.width for item in self.items)

    @property
    def plaintext_size(self) -> int:
        """Bytes under every seal: the next multiple of 256 that holds the two-byte length and the payload."""
        return plaintext_size_for(self.payload_width)


def levels_of(questionnaire: Questionnaire, name: str) -> tuple[int, ...]:
    """Return every level of a dimension: substantive codes, 90, 98, 99 where offered, 97, 255; KeyError if unknown."""
    if name in questionnaire.derived_by_id:
        return (*questionnaire.derived_by_id[name].levels, NOT_ASKED, UNREADABLE)
    item = questionnaire.by_id[name]
    return (*item.codes, *(code for code in MISSING if code in item.missing), NOT_ASKED, UNREADABLE)


def form_of(questionnaire: Questionnaire, answers: Values) -> str:
    """Return the id of the form that `answers` give: the first whose `when` holds, else the last."""
    *forms, last = questionnaire.forms
    return next((form.id for form in forms if form.when is not None and holds(form.when, answers)), last.id)


def asked(item: Item, form: str, answers: Values) -> bool:
    """Say whether `item` is asked in `form` after `answers` to the items before it."""
    return form in item.forms and (item.ask_if is None or holds(item.ask_if, answers))


def items_asked(questionnaire: Questionnaire, answers: Values) -> Iterator[Item]:
    """Yield the items that are asked of a person who gave `answers`, in order."""
    form = form_of(questionnaire, answers)
    return (item for item in questionnaire.items if asked(item, form, answers))


class ItemText(Document):
    text: str
    options: dict[str, str]


class DerivedText(Document):
    text: str
    levels: dict[str, str]


class Consent(Document):
    paragraphs: tuple[str, ...]
    question: str
    agree: str
    decline: str


class Texts(Document):
    """Everything a respondent reads in one language (`sotto-texts-1`), and the labels of charts."""

    format: Literal["sotto-texts-1"]
    study: Slug
    locale: Locale
    dir: Literal["ltr", "rtl"]
    name: str
    title: str
    consent: Consent
    endings: dict[Slug, str]
    thanks: tuple[str, ...]
    debrief: str
    items: dict[Id, ItemText]
    missing: dict[str, str]
    derived: dict[Id, DerivedText]
    interface: dict[str, str]
