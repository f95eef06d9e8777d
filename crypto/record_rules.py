"""What must hold of a record before it is stored, and again before it is opened: one wave's size, mode and tokens."""

from dataclasses import dataclass, field
from typing import Self

from crypto.envelope import Record
from crypto.tokens import TokenError, TokenVerifier


# Decision 54.
@dataclass(frozen=True, slots=True)
class Entrance:
    """One wave's rules, with its issuer's key loaded; on an open link there is none, and no record has a token."""

    study_id: bytes
    plaintext_size: int
    _verifier: TokenVerifier | None = field(repr=False)

    @classmethod
    def of(cls, study_id: bytes, plaintext_size: int, issuer_key: str | None) -> Self:
        """Load a manifest's issuer key, None on an open link; raise TokenError for a bad one."""
        return cls(study_id, plaintext_size, None if issuer_key is None else TokenVerifier.of(issuer_key))

    @property
    def takes_tokens(self) -> bool:
        """Whether the wave is one of invitations."""
        return self._verifier is not None

    def read(self, data: bytes) -> Record:
        """Return a record from its bytes; raise EnvelopeError for another shape, TokenError where no token holds."""
        return self.checked(Record.from_bytes(data, self.plaintext_size))

    def checked(self, record: Record) -> Record:
        """Return `record`; raise TokenError unless its token was issued for this envelope, study and wave."""
        if self._verifier is not None:
            self._verifier.check(record, self.study_id)
        elif not record.is_open_link:
            raise TokenError("an open link takes no tokens")
        return record
