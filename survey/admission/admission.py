"""The door: says of which wave a body is and checks its token, before any database is asked. No Flask."""

from dataclasses import dataclass
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
from crypto.errors import SottoError
from crypto.record_rules import RecordRules
from crypto.tokens import TokenError
from survey.publication.folder import StudyState

_KEY_ID_END = len(BODY_VERSION) + TOKEN_SIZE + HEADER_SIZE
_KEY_ID = slice(_KEY_ID_END - KEY_ID_SIZE, _KEY_ID_END)


class NotOfThisStudyError(SottoError):
    """A body that is of no wave of the study, or whose token does not hold; the message says nothing of it."""


@dataclass(frozen=True)
class Door:
    """The waves of one study, by the key id that every envelope names; made once for each state of a study."""

    entrances: dict[bytes, RecordRules]

    @classmethod
    def of(cls, state: StudyState) -> Self:
        """Load the issuer keys of a study and of the waves before, for phones that try again late."""
        study, issuers = study_id(state.study), state.issuers
        sizes = {name: plaintext_size_of(size) for name, size in state.epochs.items()}
        return cls({bytes.fromhex(name): RecordRules.of(study, size, issuers[name]) for name, size in sizes.items()})

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
            return epoch, entrance.checked(parse_body(body, entrance.plaintext_size))
        except (EnvelopeError, TokenError) as error:
            raise NotOfThisStudyError(str(error)) from None
