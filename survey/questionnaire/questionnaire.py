"""The questionnaire and its texts: what is asked, in which order and of whom; the first documents on the path."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from crypto.envelope import plaintext_size_for
from survey.document import Document
from survey.names import CodeText, Id, Locale, Sha256, Slug
from survey.questionnaire.bases import Base
from survey.questionnaire.conditions import Condition, Values, holds, items_named
from survey.questionnaire.items import Item, ItemGroup

HEADER_SIZE = 6
HEADER_DIMENSIONS = ("@locale", "@mode", "@form", "@stratum", "@quality")
"""The payload's header after its version byte, in this order, as dimensions of tables."""
MODES: tuple[Literal["self", "kiosk", "assisted", "server"], ...] = ("self", "kiosk", "assisted", "server")
QUALITIES = ("nothing-noticed", "hasty")
MOST_LOCALES = 100  # as many names as their documents have on the wire (survey/publication/bundles.py)


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
    map: dict[CodeText, int] | None = None
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
    """An integer with closed public levels, computed from one person's answers.

    Where it is not defined it says why: 97 (not asked), 98 (not known) or 99 (refused). `base`: what its shares are of;
    absent, `answered`.
    """

    id: Id
    levels: tuple[int, ...]
    score: bool = False
    base: Base | None = None
    population: Condition | None = None
    undefined_if: Condition | None = None
    sum: tuple[Term, ...] | None = None
    cases: tuple[Case, ...] | None = None
    else_: int | None = Field(default=None, alias="else")


class DraftSettings(Document):
    """Drafts may be kept on the phone, encrypted, for so many days."""

    days: Annotated[int, Field(ge=1, le=90)]


class Questionnaire(Document):
    """What is asked, free of any language (`sotto-questionnaire-3`)."""

    format: Literal["sotto-questionnaire-3"]
    study: Slug
    version: str
    locales: Annotated[tuple[Locale, ...], Field(max_length=MOST_LOCALES)]
    mode: Literal["open", "invitation"]
    sealing: Literal["phone", "phone-or-server"]
    strata: tuple[Slug, ...]
    forms: tuple[Form, ...]
    items: tuple[Item, ...]
    pairs: tuple[tuple[Id, Id], ...]
    derived: tuple[Derived, ...]
    groups: tuple[ItemGroup, ...] = ()
    drafts: DraftSettings | None = None
    resume: Literal["tab"] | None = None
    voice: Literal[True] | None = None
    work: Literal[True] | None = None
    overview: Literal[False] | None = None

    @cached_property
    def by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def derived_by_id(self) -> dict[str, Derived]:
        return {derived.id: derived for derived in self.derived}

    @cached_property
    def groups_by_id(self) -> dict[str, ItemGroup]:
        return {group.id: group for group in self.groups}

    @cached_property
    def long_lists(self) -> tuple[Item, ...]:
        """The questions of one answer whose options are looked for; rows of a grid and places of a ranking are none."""
        grouped = {name for group in self.groups for name in group.items}
        return tuple(item for item in self.items if item.long_list and item.id not in grouped)

    @cached_property
    def asked_after(self) -> dict[str, frozenset[str]]:
        """Item or indicator -> the items and indicators that decide whether it is asked (its value is given)."""
        looked_at: dict[str, frozenset[str]] = {}
        conditions = {item.id: item.ask_if for item in self.items}
        conditions |= {derived.id: derived.population for derived in self.derived}
        for name, condition in conditions.items():
            names = items_named(condition)
            looked_at[name] = names.union(*(looked_at.get(other, frozenset()) for other in names))
        return looked_at

    def item(self, name: str) -> Item:
        """Return the item called `name`; raise KeyError where there is none."""
        return self.by_id[name]

    @cached_property
    def payload_width(self) -> int:
        """The number of bytes of every payload of this questionnaire."""
        return HEADER_SIZE + sum(item.width for item in self.items)

    @property
    def plaintext_size(self) -> int:
        """The number of encrypted bytes: the next multiple of 256 that holds 34 bytes and the payload."""
        return plaintext_size_for(self.payload_width)


def header_names(questionnaire: Questionnaire) -> dict[str, tuple[str, ...]]:
    """Return the names behind the indexes of the payload's header, by dimension."""
    forms = tuple(form.id for form in questionnaire.forms)
    choices = (questionnaire.locales, MODES, forms, questionnaire.strata, QUALITIES)
    return dict(zip(HEADER_DIMENSIONS, choices, strict=True))


def form_of(questionnaire: Questionnaire, answers: Values) -> str:
    """Return the id of the form that `answers` give: the first whose `when` holds, else the last."""
    *forms, last = questionnaire.forms
    return next((form.id for form in forms if form.when is not None and holds(form.when, answers)), last.id)


def is_asked(item: Item, form: str, answers: Values) -> bool:
    """Say whether `item` is asked in `form` after `answers` to the items before it."""
    return form in item.forms and (item.ask_if is None or holds(item.ask_if, answers))


def items_asked(questionnaire: Questionnaire, answers: Values) -> Iterator[Item]:
    """Yield the items that are asked of a person who gave `answers`, in order."""
    form = form_of(questionnaire, answers)
    return (item for item in questionnaire.items if is_asked(item, form, answers))


class ItemText(Document):
    """The words of one item; `ends` of a scale, `lines` of a list experiment, `pictures` by code as SHA-256.

    `units` of a number: what may be typed behind it, with commas between ("years, years old"); read by the phone alone.
    `checks`: the message of each of the item's checks.
    """

    text: str
    options: dict[str, str]
    ends: tuple[str, str] | None = None
    lines: tuple[str, ...] | None = None
    pictures: dict[str, Sha256] | None = None
    units: str | None = None
    checks: tuple[str, ...] | None = None


class ItemAudio(Document):
    """Recordings of one item, or of a group, each by the SHA-256 of its bytes; what has none is left out."""

    text: Sha256 | None = None
    hint: Sha256 | None = None
    options: dict[str, Sha256] = Field(default_factory=dict)


class Audio(Document):
    """Recordings of one locale: missing codes, items and groups by their ids, and the consent.

    `consent`: its paragraphs in order, then its question and the two answers.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[Id, ItemAudio]

    consent: tuple[Sha256, ...] = ()
    missing: dict[str, Sha256] = Field(default_factory=dict)

    @property
    def items(self) -> dict[str, ItemAudio]:
        """What is read aloud of each item or group."""
        return self.__pydantic_extra__


class DerivedText(Document):
    text: str
    levels: dict[str, str]


class Consent(Document):
    paragraphs: tuple[str, ...]
    question: str
    agree: str
    decline: str


class Texts(Document):
    """Everything a respondent reads in one language (`sotto-texts-2`), and the labels of charts.

    `hints`: the second line under a question, by the id of its item or group; what has none is left out.
    """

    format: Literal["sotto-texts-2"]
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
    groups: dict[Id, str] = Field(default_factory=dict)
    hints: dict[Id, str] = Field(default_factory=dict)
    audio: Audio | None = None

    @property
    def media(self) -> frozenset[str]:
        """The SHA-256 of every recording and picture that this locale shows or plays."""
        hashes = {picture for item in self.items.values() for picture in (item.pictures or {}).values()}
        if self.audio is not None:
            hashes.update(self.audio.consent, self.audio.missing.values())
            for item in self.audio.items.values():
                hashes.update((*item.options.values(), *filter(None, (item.text, item.hint))))
        return frozenset(hashes)
