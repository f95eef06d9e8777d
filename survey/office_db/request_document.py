"""What staff ask of the operator at the desk, as a document: the one parser of it, for who writes and who obeys."""

from typing import Annotated, Literal

from pydantic import Field

from crypto.canonical import CanonicalError, parse
from survey.document import Document, Positive
from survey.names import Sha256, Slug

FORMAT = "sotto-request-2"
OLDER_FORMATS = ("sotto-request-1",)
LAST_WAVE = 9999
FILES = ("manifest", "drill", "document", "plan", "registration", "questionnaire")
"""What the documents that come with a request are called."""
Day = Annotated[str, Field(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$")]
"""A day in UTC, as 2026-11-30; whether there is such a day is for whoever obeys to say."""
BatchName = Annotated[str, Field(pattern=r"^[\w. -]{1,64}$")]


class WaveOpening(Document):
    """Open the wave with these uploaded documents, on a day or as soon as possible; `typed` is the study's name."""

    kind: Literal["open-wave"]
    manifest: Sha256
    drill: Sha256
    typed: Slug
    on: Day | None = None


class WaveClosing(Document):
    """Close the wave for good, on a day or as soon as possible."""

    kind: Literal["close-wave"]
    typed: Slug
    on: Day | None = None


class BatchClosing(Document):
    """Make the unused codes of a batch worthless."""

    kind: Literal["close-batch"]
    batch: BatchName
    typed: Slug


class Publication(Document):
    """Publish an uploaded release, intent, split of a key, or destruction."""

    kind: Literal["publish"]
    document: Sha256
    typed: Slug


class PlanRegistering(Document):
    """Publish an uploaded plan with the registration that the study's key signed."""

    kind: Literal["register-plan"]
    plan: Sha256
    registration: Sha256
    typed: Slug


class NewStudy(Document):
    """
    Keep an uploaded questionnaire as the study that it names.

    `replaces` is the hash of the questionnaire's file that the study has now, None where there is no such study: what
    somebody else changed meanwhile is not written over unseen.
    """

    kind: Literal["new-study"]
    questionnaire: Sha256
    replaces: Sha256 | None = None


class Cancellation(Document):
    """Take a request back of which nothing is done; `request` is its hash."""

    kind: Literal["cancel"]
    request: Sha256


class Approval(Document):
    """Approve, as a second person, what cannot be undone and has not begun; `request` is its hash."""

    kind: Literal["approve"]
    request: Sha256


Asked = WaveOpening | WaveClosing | BatchClosing | Publication | PlanRegistering | NewStudy | Cancellation | Approval
IRREVERSIBLE = (WaveOpening, WaveClosing, BatchClosing, Publication, PlanRegistering)
"""What cannot be undone: the study's name is typed, and the person's passkey signs it (decision 142)."""


class RequestDocument(Document):
    """
    One request: its hash names it, and is what a passkey signs.

    `nonce` (16 random bytes, hex) makes each request another one, so that the same row never counts twice. `fresh` is
    the value that the owner gave out for a day (survey/office_db/request_days.py): nobody had it before that day.
    A study that is asked for has no wave yet: `wave` is 1, the first that it may have.
    """

    format: Literal["sotto-request-2"]
    study: Slug
    wave: Annotated[Positive, Field(le=LAST_WAVE)]
    asks: Annotated[Asked, Field(discriminator="kind")]
    asked_by: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,31}$")]
    day: Day
    fresh: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

    @property
    def files(self) -> dict[str, str]:
        """The hashes of the files that must come with it, by the name of each."""
        return {name: value for name in FILES if (value := getattr(self.asks, name, None))}

    @property
    def challenge(self) -> bytes:
        """What a passkey signs: the 32 bytes of the hash."""
        return bytes.fromhex(self.digest)

    @property
    def on(self) -> str | None:
        """The day before which it is not carried out, None for as soon as possible."""
        return getattr(self.asks, "on", None)


def is_older(content: bytes) -> bool:
    """Say whether bytes are a document of a format that a version before this one wrote; nothing else of it is read."""
    try:
        value = parse(content)
    except CanonicalError:
        return False
    return value.get("format") in OLDER_FORMATS
