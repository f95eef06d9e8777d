"""Signed statements about a wave's key: drill, split among custodians, intent to open, destruction."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crypto.errors import RefusedError
from crypto.signing import SignatureError, VerifyingKey
from survey.document import Document
from survey.names import Sha256, Slug
from survey.signed import Purpose, SignedDocument

PositiveInt = Annotated[int, Field(ge=1)]


class StatementError(RefusedError):
    """A statement with missing content or an invalid signature; the message says what to do."""


def is_majority(threshold: int, custodians: int, *, demo: bool) -> bool:
    """Return whether any two quorums of cards have one in common; one card alone opens no key but a demonstration's."""
    return threshold <= custodians < 2 * threshold and (threshold > 1 or demo)


class CustodyStatement(SignedDocument):
    """What statements about a wave share: the wave, its manifest, the day, and the study's signature."""

    study: Slug
    wave: PositiveInt
    manifest: Sha256
    day: str

    @model_validator(mode="after")
    def _dated(self) -> Self:
        date.fromisoformat(self.day)
        return self

    def check(self) -> VerifyingKey:
        """Return the key that signed this for its purpose; raise StatementError where the signature is invalid.

        The caller compares its fingerprint with the manifest's `signer`.
        """
        try:
            return self.verified()
        except SignatureError:
            raise StatementError(
                f"the {self.purpose} statement's signature does not hold: it was edited; copy it again from the study "
                "folder"
            ) from None


class Drill(SignedDocument):
    """Statement that every quorum of a wave's cards opened a test envelope (`sotto-drill-1`); `subsets` counts them.

    `commitments` name the cards, as in the record of the split. The signature does not cover `signer`.
    """

    purpose = Purpose.DRILL
    uncovered = frozenset({"signer", "signature"})

    format: Literal["sotto-drill-1"]
    study: Slug
    wave: PositiveInt
    manifest: Sha256
    threshold: PositiveInt
    custodians: PositiveInt
    subsets: PositiveInt
    commitments: tuple[Sha256, ...]


class Custody(CustodyStatement):
    """Statement of how a wave's key is split (`sotto-custody-2`): any `threshold` of the cards of `commitments` open.

    The card with number n has `commitments[n - 1]`; `fingerprint` is the SHA-256 of the public key; `supersedes` is
    the hash of the split before this one, whose cards open too until they are destroyed.
    """

    purpose = Purpose.CUSTODY

    format: Literal["sotto-custody-2"]
    fingerprint: Sha256
    threshold: PositiveInt
    custodians: PositiveInt
    commitments: tuple[Sha256, ...]
    supersedes: Sha256 | None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.commitments)) != self.custodians or self.threshold > self.custodians:
            raise ValueError("there is one commitment a custodian, and no more are needed than there are")
        return self

    def number(self, commitment: str) -> int | None:
        """Return the number on the card that has `commitment`, or None."""
        return self.commitments.index(commitment) + 1 if commitment in self.commitments else None


class Intent(CustodyStatement):
    """Statement that a box will be opened for a plan (`sotto-intent-1`), signed before any custodian gives a share.

    `box` and `count` are of the box's header, `head` is the ledger's head that the release will build on.
    """

    purpose = Purpose.INTENT

    format: Literal["sotto-intent-1"]
    plan: Sha256
    box: Sha256
    count: Annotated[int, Field(ge=0)]
    head: Sha256


class Split(Document):
    """One split of the key, and the numbers of the cards whose holders say that they destroyed them."""

    custody: Sha256
    threshold: PositiveInt
    custodians: PositiveInt
    confirmed: tuple[PositiveInt, ...]


class Destruction(CustodyStatement):
    """Statement that a wave's key is destroyed (`sotto-destruction-1`): every split has too few cards left to open it.

    `releases` are the hashes of all releases of the wave, `head` the ledger's head on that day. It states what
    custodians declared; no program can verify that paper was destroyed.
    """

    purpose = Purpose.DESTRUCTION

    format: Literal["sotto-destruction-1"]
    splits: Annotated[tuple[Split, ...], Field(min_length=1)]
    releases: tuple[Sha256, ...]
    head: Sha256

    @model_validator(mode="after")
    def _enough_destroyed(self) -> Self:
        for split in self.splits:
            confirmed = {number for number in split.confirmed if number <= split.custodians}
            if len(confirmed) != len(split.confirmed) or split.custodians - len(confirmed) >= split.threshold:
                raise ValueError("enough cards are left to open the wave")
        return self
