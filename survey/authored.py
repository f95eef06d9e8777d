"""The shape of an authored questionnaire: what a researcher writes in YAML, reasons and all languages in one file."""

from typing import Annotated, Any, Literal

from pydantic import Field

from survey.document import Document
from survey.questionnaire import Code, Id, Locale, Slug

# A text in every locale; a bare string is the same in all of them (numbers, names).
Localised = str | dict[str, str]
# A condition as written: the name of one of `conditions`, or a condition whose parts may be names.
Written = str | dict[str, Any]
Number = Annotated[str, Field(pattern=r"^(0|-?[1-9][0-9]*)$")]


class AuthoredLocale(Document):
    name: str
    dir: Literal["ltr", "rtl"]


class Facts(Document):
    """Who runs the study; each fills the placeholder of its name in capitals, such as {ORG}."""

    org: Localised | None = None
    ethics: Localised | None = None
    permit: Localised | None = None
    contact: Localised | None = None
    close_date: Localised | None = None
    results_place: Localised | None = None
    mainland_fieldwork: bool


class Paragraph(Document):
    """One short paragraph; `only` keeps it to one mode, or to studies with an item that is randomised on the phone."""

    text: Localised
    only: Literal["open", "invitation", "randomised"] | None = None
    why: str | None = None


class AuthoredConsent(Document):
    paragraphs: list[Paragraph]
    question: Localised
    agree: Localised
    decline: Localised


class AuthoredOption(Document):
    code: Code
    text: Localised
    end: Slug | None = None
    last: Literal[True] | None = None
    note: str | None = None


class Randomise(Document):
    """Local randomised response, drawn by the phone: described here, and off until a version can draw it."""

    mechanism: Literal["grr"]
    epsilon: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]
    use: bool
    note: str | None = None


class ListExperiment(Document):
    """Lines of a list experiment; `treatment` are the lines that only one of the two arms sees."""

    lines: list[Localised]
    treatment: list[int]


class AuthoredItem(Document):
    id: Id
    type: Literal["single", "multi"]
    block: Slug
    text: Localised
    options: str | list[AuthoredOption]
    forms: list[Slug] | None = None
    missing: list[Literal[90, 98, 99]]
    shuffle: bool = False
    cap: int | None = None
    ask_if: Written | None = None
    module: Slug | None = None
    randomise: Randomise | None = None
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


class Run(Document):
    """Levels from one number to another, both included."""

    low: Annotated[int, Field(alias="from")]
    high: Annotated[int, Field(alias="to")]


class AuthoredDerived(Document):
    """A derived indicator; `labels` names its levels, or says `numbers` where the number itself is the label."""

    id: Id
    text: Localised
    levels: Run | None = None
    labels: Literal["numbers"] | dict[Number, Localised]
    score: bool = False
    population: Written | None = None
    undefined_if: Written | None = None
    sum: list[dict[str, Any]] | None = None
    cases: list[dict[str, Any]] | None = None
    else_: int | None = Field(default=None, alias="else")
    why: str | None = None


class Fact(Document):
    """What a quiz key rests on, and how far it was checked."""

    claim: str
    status: str
    sources: list[str]
    caveat: str | None = None


class AuthoredStudy(Document):
    """The whole authored file."""

    study: Slug
    version: str
    title: Localised
    locales: dict[Locale, AuthoredLocale]
    mode: Literal["open", "invitation"]
    sealing: Literal["phone", "phone-or-server"]
    strata: list[Slug]
    modules: dict[Slug, bool] = Field(default_factory=dict)
    facts: Facts
    consent: AuthoredConsent
    endings: dict[Slug, Localised]
    thanks: list[Paragraph]
    debrief: Localised
    missing: dict[Number, Localised]
    option_sets: dict[str, list[AuthoredOption]] = Field(default_factory=dict)
    conditions: dict[str, Written] = Field(default_factory=dict)
    forms: list[AuthoredForm]
    items: list[AuthoredItem]
    pairs: list[tuple[Id, Id]] = Field(default_factory=list)
    derived: list[AuthoredDerived] = Field(default_factory=list)
    hypotheses: dict[Id, str] = Field(default_factory=dict)
    sources: dict[Id, Fact] = Field(default_factory=dict)
    why: str | None = None
