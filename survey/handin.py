"""The door: says of which wave a body is and checks its token, before any database is asked. No Flask."""

from dataclasses import dataclass, field
from typing import Self

from crypto.envelope import (
    BODY_VERSION,
    HEADER_SIZE,
    KEY_ID_SIZE,
    TOKEN_SIZE,
    EnvelopeError,
    Record,
    parse_body,
    plaintext_size_of,
    study_id,
)
from crypto.tokens import TokenError, TokenVerifier
from survey.published import StudyState

_KEY_ID_END = len(BODY_VERSION) + TOKEN_SIZE + HEADER_SIZE
_KEY_ID = slice(_KEY_ID_END - KEY_ID_SIZE, _KEY_ID_END)


class NotOfThisStudyError(ValueError):
    """A body that is of no wave of the study, or whose token does not hold; the message says nothing of it."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """What must hold of the records of one wave; `verifier` is None on an open link."""

    plaintext_size: int
    verifier: TokenVerifier | None = field(repr=False)

    def check(self, record: Record, study: bytes) -> None:
        """Raise TokenError unless a record of this wave has no token (open link), or one issued for its envelope."""
        if self.verifier is not None:
            self.verifier.check(record, study)
        elif not record.is_open_link:
            raise TokenError("an open link takes no tokens")


@dataclass(frozen=True)
class Door:
    """The waves of one study, by the key id that every envelope names; made once for each state of a study."""

    study: bytes
    entrances: dict[bytes, Entrance]

    @classmethod
    def of(cls, state: StudyState) -> Self:
        """Load the issuer keys of a study and of the waves before, for phones that try again late."""
        sizes, issuers = state.epochs, state.issuers
        return cls(
            study_id(state.study), {bytes.fromhex(name): _entrance(sizes[name], issuers[name]) for name in sizes}
        )

    def checked(self, body: bytes) -> tuple[bytes, Record]:
        """
        Return the epoch and the record of what a phone handed in; raise NotOfThisStudyError for anything else.

        Whether the wave is still open is for the store to say: it knows whether that very record was stored (then the
        phone may forget it) or came too late.
        """
        epoch = body[_KEY_ID]
        entrance = self.entrances.get(epoch)
        if entrance is None:
            raise NotOfThisStudyError("not of a wave of this study")
        try:
            record = parse_body(body, entrance.plaintext_size)
            entrance.check(record, self.study)
        except (EnvelopeError, TokenError) as error:
            raise NotOfThisStudyError(str(error)) from None
        return epoch, record


def _entrance(record_size: int, issuer: str | None) -> Entrance:
    return Entrance(plaintext_size_of(record_size), TokenVerifier.of(issuer) if issuer else None)
