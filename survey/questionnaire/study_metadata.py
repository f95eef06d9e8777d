"""Who made a study and how, as releases, statements, reports and repositories need it (`sotto-about-3`). Pure.

What AAPOR's Code (2021, section III.A) asks to be disclosed, as far as a file can hold it, and what DataCite 4 and
DDI-Codebook 2.6 need of a deposit.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from survey.document import Count, Document
from survey.names import Locale, Sha256, Slug

Translated = Annotated[dict[Locale, Annotated[str, Field(min_length=1)]], Field(min_length=1)]
"""A text by locale."""
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""
Orcid = Annotated[str, Field(pattern=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$")]
Licence = Annotated[str, Field(pattern=r"^[A-Za-z0-9.+-]+$")]
"""An SPDX identifier, such as CC-BY-4.0."""
Url = Annotated[str, Field(pattern=r"^https://[^\s<>\"]+$")]


def fieldwork_path(box: Path) -> Path:
    """Return where the fieldwork file of the box at this path lies: beside it, with an ending after the whole name."""
    # After the whole name: in the place of an ending, the boxes wave.1 and wave.2 would have one file.
    return box.with_name(f"{box.name}.fieldwork.json")


class Author(Document):
    """Whom a citation names: a person as FAMILY, GIVEN, or an organisation, whose `kind` must then be written.

    `affiliation`: where a person works, or what an organisation is part of; `affiliation_url`: its address, best its
    entry in ROR (https://ror.org/...), by which repositories know it. An ORCID is of a person alone.
    """

    name: Annotated[str, Field(min_length=1)]
    kind: Literal["person", "organisation"] = "person"
    affiliation: str | None = None
    affiliation_url: Url | None = None
    orcid: Orcid | None = None

    @model_validator(mode="after")
    def _identified(self) -> Self:
        if self.orcid and self.kind == "organisation":
            raise ValueError("an ORCID identifies a person: leave it out, or leave out that this is an organisation")
        if self.affiliation_url and not self.affiliation:
            raise ValueError("affiliation_url is the address of an affiliation: name that too")
        return self


class StudyMetadata(Document):
    """Who made a study, whom it asks and how; absent is what the questionnaire does not say.

    `organisation`, `contact`, `ethics` and `permit` are the facts that respondents read. `population`: whom the study
    is about; `sampling`: how people were chosen. `access`: under which conditions its tables may be
    used. `url`: the page where readers find it.
    """

    format: Literal["sotto-about-3"]
    study: Slug
    version: str
    organisation: Translated | None = None
    contact: Translated | None = None
    ethics: Translated | None = None
    permit: Translated | None = None
    authors: tuple[Author, ...] = ()
    funders: tuple[str, ...] = ()
    abstract: Translated | None = None
    population: Translated | None = None
    sampling: Translated | None = None
    access: Translated | None = None
    keywords: tuple[str, ...] = ()
    countries: tuple[Country, ...] = ()
    licence: Licence | None = None
    url: Url | None = None

    def text(self, name: str, locale: str) -> str | None:
        """Return one of the texts in a locale, in the first where it has none; None where nothing was said."""
        texts: Mapping[str, str] | None = getattr(self, name)
        return (texts.get(locale) or next(iter(texts.values()))) if texts else None


class Fieldwork(Document):
    """What the collection host says of a closed wave, beside its box (`sotto-fieldwork-1`); days as YYYY-MM-DD.

    `invited`: codes that were handed out; `issued`: of these, how many were used to ask for the questionnaire; both are
    absent on an open link. `answered`: records in the box. Each record takes one used code: answered <= issued <=
    invited.
    """

    format: Literal["sotto-fieldwork-1"]
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    root: Sha256
    opened: str
    closed: str
    answered: Count
    invited: Count | None = None
    issued: Count | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if date.fromisoformat(self.opened) > date.fromisoformat(self.closed):
            raise ValueError("closed before it was opened")
        if (self.invited is None) != (self.issued is None):
            raise ValueError("invited and issued stand together, where there are invitations")
        if self.invited is not None and self.issued is not None and not self.answered <= self.issued <= self.invited:
            raise ValueError("more answers than used invitations, or more used than there were")
        return self

    @property
    def participation(self) -> float | None:
        """Answers for each invitation, between 0 and 1; None on an open link, where nobody knows who was reached."""
        return self.answered / self.invited if self.invited else None


def missing_for_deposit(metadata: StudyMetadata | None) -> Iterator[tuple[str, str]]:
    """Yield (place in the questionnaire's file, what to write) of everything that a repository needs and is absent.

    DataCite 4: creators, publisher, description, rights; DDI by CESSDA's profile: abstract, universe, sampling, nation.
    """
    needed = {
        "facts.org": ("organisation", "who runs the study and publishes its tables"),
        "facts.contact": ("contact", "whom readers may ask"),
        "about.authors": (
            "authors",
            "whom a citation names: a list of {name, kind, affiliation, affiliation_url, orcid}",
        ),
        "about.abstract": ("abstract", "what the study is about, in a paragraph"),
        "about.population": ("population", "whom the study is about"),
        "about.sampling": ("sampling", "how people were chosen"),
        "about.countries": ("countries", "where they live, such as [CN]"),
        "about.url": ("url", "the page where readers find the study, https://…"),
        "about.licence": ("licence", "under which licence the tables may be used, such as CC-BY-4.0"),
    }
    yield from ((place, what) for place, (name, what) in needed.items() if not getattr(metadata, name, None))
