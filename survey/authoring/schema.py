"""The schema of an authored questionnaire: one YAML file with all languages and the reasons for each question."""

from typing import Annotated, Any, Literal

from pydantic import Field

from survey.document import Document
from survey.names import CodeText, Id, Locale, Slug
from survey.questionnaire.bases import Base
from survey.questionnaire.items import Bound, Code, Epsilon
from survey.questionnaire.questionnaire import DraftSettings
from survey.questionnaire.study_metadata import Author, Country, Licence, Url

# A text in every locale; a bare string is the same in all of them (numbers, names).
Localised = str | dict[str, str]
# A condition as written: the name of one of `conditions`, or a condition whose parts may be names.
Written = str | dict[str, Any]
AuthoredType = Literal[
    "single", "scale", "picture", "number", "date", "list", "note", "multi", "phrase", "grid", "ranking"
]


# What the form that a study was imported from calls an item or option; for authors, not compiled.
FormName = Annotated[str, Field(min_length=1, max_length=255)]


class AuthoredLocale(Document):
    name: str
    dir: Literal["ltr", "rtl"]


class Facts(Document):
    """Facts about the study; each fills the placeholder of its name in capitals, such as {ORG}."""

    org: Localised | None = None
    ethics: Localised | None = None
    permit: Localised | None = None
    contact: Localised | None = None
    close_date: Localised | None = None
    results_place: Localised | None = None
    mainland_fieldwork: bool


class AuthoredAbout(Document):
    """What readers and repositories must know of the study, beside its facts; nothing of it is shown to respondents."""

    authors: list[Author] = Field(default_factory=list)
    funders: list[str] = Field(default_factory=list)
    abstract: Localised | None = None
    population: Localised | None = None
    sampling: Localised | None = None
    access: Localised | None = None
    keywords: list[str] = Field(default_factory=list)
    countries: list[Country] = Field(default_factory=list)
    licence: Licence | None = None
    url: Url | None = None


class Paragraph(Document):
    """One short paragraph; `only` limits it to one mode, or to studies with an item that is randomised on the phone."""

    text: Localised
    only: Literal["open", "invitation", "randomised"] | None = None
    why: str | None = None


class AuthoredConsent(Document):
    paragraphs: list[Paragraph]
    question: Localised
    agree: Localised
    decline: Localised


class AuthoredOption(Document):
    """An answer option; a band of a number or date has `from` and `to`, and a text only if these are not enough.

    `for`: the codes of the item's `choice_filter` after which it is offered.
    """

    code: Code
    name: FormName | None = None
    text: Localised | None = None
    end: Slug | None = None
    last: Literal[True] | None = None
    exclusive: Literal[True] | None = None
    low: Bound | None = Field(default=None, alias="from")
    high: Bound | None = Field(default=None, alias="to")
    picture: str | None = None
    only_for: Annotated[list[Code] | None, Field(min_length=1, alias="for")] = None
    note: str | None = None


class AuthoredRandomise(Document):
    """Local randomised response, drawn by the phone where `use` is true."""

    mechanism: Literal["grr"]
    epsilon: Epsilon
    use: bool
    note: str | None = None


class ListExperiment(Document):
    """Lines of a list experiment; `treatment` are the lines (from 1) that only one of the two arms sees."""

    lines: list[Localised]
    treatment: list[Annotated[int, Field(ge=1)]]


class GridRow(Document):
    """One row of a grid; its default id is the grid's id and the row's number, such as G1_2."""

    text: Localised
    id: Id | None = None


class AuthoredCheck(Document):
    """What must hold of an answer and those before it, and the message to who answers otherwise."""

    holds: Written
    text: Localised
    why: str | None = None


class AuthoredItem(Document):
    """One question; its type decides which of the members after `base` are required or allowed."""

    id: Id
    name: FormName | None = None
    type: AuthoredType
    block: Slug
    text: Localised
    hint: Localised | None = None
    options: str | list[AuthoredOption] | None = None
    forms: list[Slug] | None = None
    missing: list[Literal[90, 98, 99]] | None = None
    shuffle: bool = False
    ask_if: Written | None = None
    choice_filter: Id | None = None
    specifies: Id | None = None
    checks: Annotated[list[AuthoredCheck] | None, Field(min_length=1)] = None
    base: Base | None = None
    private: bool = False
    cap: int | None = None
    low: Bound | None = Field(default=None, alias="from")
    high: Bound | None = Field(default=None, alias="to")
    bands: list[AuthoredOption] | None = None
    unit: Literal["year", "month"] | None = None
    ends: tuple[Localised, Localised] | None = None
    units: Localised | None = None
    rows: Annotated[list[GridRow] | None, Field(min_length=2)] = None
    top: Annotated[int | None, Field(ge=2)] = None
    count: Annotated[int | None, Field(ge=1)] = None
    words: Annotated[int | None, Field(ge=1)] = None
    length: Annotated[int | None, Field(ge=1)] = None
    module: Slug | None = None
    randomise: AuthoredRandomise | None = None
    list_experiment: ListExperiment | None = None
    hypotheses: list[Id] = Field(default_factory=list)
    key: list[int] | None = None
    facts: list[Id] = Field(default_factory=list)
    sensitivity: Literal["low", "medium", "high"] = "low"
    why: str | None = None
    note: str | None = None


class AuthoredForm(Document):
    id: Slug
    when: Written | None = None
    why: str | None = None


class LevelRange(Document):
    """Levels from one number to another, both included."""

    low: Annotated[int, Field(alias="from")]
    high: Annotated[int, Field(alias="to")]


class AuthoredDerived(Document):
    """A derived indicator; `labels` names its levels, or is `numbers` if the number itself is the label."""

    id: Id
    text: Localised
    levels: LevelRange | None = None
    labels: Literal["numbers"] | dict[CodeText, Localised]
    score: bool = False
    base: Base | None = None
    population: Written | None = None
    undefined_if: Written | None = None
    sum: list[dict[str, Any]] | None = None
    cases: list[dict[str, Any]] | None = None
    else_: int | None = Field(default=None, alias="else")
    why: str | None = None


class KeySource(Document):
    """A source for the key of a quiz question, and how far it was checked."""

    claim: str
    status: str
    sources: list[str]
    caveat: str | None = None


class AuthoredStudy(Document):
    """The whole authored file; `audio` names a folder of recordings beside it."""

    study: Slug
    version: str
    title: Localised
    locales: dict[Locale, AuthoredLocale]
    mode: Literal["open", "invitation"]
    sealing: Literal["phone", "phone-or-server"]
    strata: list[Slug]
    modules: dict[Slug, bool] = Field(default_factory=dict)
    facts: Facts
    about: AuthoredAbout | None = None
    consent: AuthoredConsent
    endings: dict[Slug, Localised]
    thanks: list[Paragraph]
    debrief: Localised
    missing: dict[CodeText, Localised]
    option_sets: dict[str, list[AuthoredOption]] = Field(default_factory=dict)
    conditions: dict[str, Written] = Field(default_factory=dict)
    forms: list[AuthoredForm]
    items: list[AuthoredItem]
    pairs: list[tuple[Id, Id]] = Field(default_factory=list)
    derived: list[AuthoredDerived] = Field(default_factory=list)
    hypotheses: dict[Id, str] = Field(default_factory=dict)
    sources: dict[Id, KeySource] = Field(default_factory=dict)
    drafts: DraftSettings | None = None
    resume: Literal["tab", "none"] | None = None
    voice: bool = False
    work: bool = False
    overview: bool = True
    audio: str | None = None
    why: str | None = None
