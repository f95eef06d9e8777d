"""Record admission: find the wave of a request body and check its token before any database is used. No Flask."""

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
    """A body that belongs to no wave of the study, or whose token is invalid; the message repeats nothing of it."""


@dataclass(frozen=True)
class Admission:
    """The record rules of a study's waves, by the key id in each envelope; built once per state of the study."""

    rules: dict[bytes, RecordRules]

    @classmethod
    def of(cls, state: StudyState) -> Self:
        """Load the issuer keys of all waves, because phones may retry after a wave has been replaced."""
        study, issuers = study_id(state.study), state.issuers
        plaintext_sizes = {name: plaintext_size_of(size) for name, size in state.epochs.items()}
        return cls(
            {
                (key := bytes.fromhex(name)): RecordRules.of(study, key, size, issuers[name])
                for name, size in plaintext_sizes.items()
            }
        )

    def checked(self, body: bytes) -> tuple[bytes, Record]:
        """
        Return the wave's key id and the record in a phone's request; raise NotOfThisStudyError for anything else.

        Whether the wave is still open is decided by the database: only there is it known whether this record was stored
        before (then the phone may delete it) or is late.
        """
        wave_key_id = body[_KEY_ID]
        rules = self.rules.get(wave_key_id)
        if rules is None:
            raise NotOfThisStudyError("not of a wave of this study")
        try:
            return wave_key_id, rules.checked(parse_body(body, rules.plaintext_size))
        except (EnvelopeError, TokenError) as error:
            raise NotOfThisStudyError(str(error)) from None
