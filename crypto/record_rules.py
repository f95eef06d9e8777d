"""The checks on a record before it is stored, and again before it is opened: one wave's size, key and tokens."""

from dataclasses import dataclass, field
from typing import Self

from crypto.envelope import EnvelopeError, Record, envelope_key_id
from crypto.tokens import TokenError, TokenVerifier


# Decision 54.
@dataclass(frozen=True, slots=True)
class RecordRules:
    """One wave's rules, with its issuer's key; an open link has no issuer, and no record of it has a token."""

    study_id: bytes
    key_id: bytes
    plaintext_size: int
    _verifier: TokenVerifier | None = field(repr=False)

    @classmethod
    def of(cls, study_id: bytes, key_id: bytes, plaintext_size: int, issuer_key: str | None) -> Self:
        """Load a manifest's issuer key, None on an open link; raise TokenError for a bad one."""
        return cls(study_id, key_id, plaintext_size, None if issuer_key is None else TokenVerifier.of(issuer_key))

    @property
    def takes_tokens(self) -> bool:
        """Whether the wave has invitations."""
        return self._verifier is not None

    def read(self, data: bytes) -> Record:
        """
        Parse and check a record: size, version and suite, key id, then the token.

        Raises EnvelopeError for another shape or key, TokenError for a token that was not issued for it.
        """
        return self.checked(Record.from_bytes(data, self.plaintext_size))

    def row_key(self, data: bytes) -> bytes:
        """Return the key (32 bytes) under which a record is stored; raises as `read` does."""
        return self.read(data).row_key

    def checked(self, record: Record) -> Record:
        """Return `record`; raise unless it is sealed to this wave's key and its token was issued for this wave."""
        if envelope_key_id(record.envelope) != self.key_id:
            raise EnvelopeError("the envelope names another key")
        if self._verifier is not None:
            self._verifier.check(record, self.study_id, self.key_id)
        elif not record.is_open_link:
            raise TokenError("an open link takes no tokens")
        return record
