"""The checks on a record before it is stored, and again before it is opened: one wave's size, mode and tokens."""

from dataclasses import dataclass, field
from typing import Self

from crypto.envelope import Record
from crypto.tokens import TokenError, TokenVerifier


# Decision 54.
@dataclass(frozen=True, slots=True)
class RecordRules:
    """One wave's rules, with its issuer's key; an open link has no issuer, and no record of it has a token."""

    study_id: bytes
    plaintext_size: int
    _verifier: TokenVerifier | None = field(repr=False)

    @classmethod
    def of(cls, study_id: bytes, plaintext_size: int, issuer_key: str | None) -> Self:
        """Load a manifest's issuer key, None on an open link; raise TokenError for a bad one."""
        return cls(study_id, plaintext_size, None if issuer_key is None else TokenVerifier.of(issuer_key))

    @property
    def takes_tokens(self) -> bool:
        """Whether the wave has invitations."""
        return self._verifier is not None

    def read(self, data: bytes) -> Record:
        """Parse and check a record; raise EnvelopeError for another shape, TokenError for an invalid token."""
        return self.checked(Record.from_bytes(data, self.plaintext_size))

    def checked(self, record: Record) -> Record:
        """Return `record`; raise TokenError unless its token was issued for this envelope, study and wave."""
        if self._verifier is not None:
            self._verifier.check(record, self.study_id)
        elif not record.is_open_link:
            raise TokenError("an open link takes no tokens")
        return record
