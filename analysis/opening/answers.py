"""Opens a box into columns, a shard at a time and in memory only; the one module that may import crypto.opening."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from analysis.opening.columns import Columns
from analysis.opening.payload_decoder import Decoder
from crypto.box import BoxFile
from crypto.envelope import TOKEN_SIZE, ZERO_TOKEN, EnvelopeError
from crypto.errors import RefusedError
from crypto.merkle import TreeSpan
from crypto.opening import Opener
from crypto.record_rules import RecordRules
from crypto.tokens import TokenError
from survey.questionnaire.questionnaire import Questionnaire
from survey.wave.manifest import Manifest


class WrongKeyError(RefusedError):
    """The shares make a key that is not the one this wave's manifest names."""


@dataclass(frozen=True)
class Answers:
    """One wave's key and questionnaire, ready to open shards of its box."""

    decoder: Decoder
    _entrance: RecordRules
    _opener: Opener = field(repr=False)

    @classmethod
    def of(cls, seed: bytes, manifest: Manifest, questionnaire: Questionnaire) -> Self:
        """Raise WrongKeyError unless `seed` (32 bytes) makes the manifest's key."""
        return cls(Decoder.of(questionnaire), manifest.record_rules, _opener(seed, manifest))

    def open_shard(self, box_path: Path, start: int, stop: int) -> tuple[Columns, TreeSpan]:
        """Open records `start` to `stop`, and hash the very bytes that are opened.

        A record that is no valid answer is an unreadable row, never an error. Raises BoxError and OSError.
        """
        span = TreeSpan.at(start)
        # The box is mapped anew for each shard, so that no process keeps more than a shard of it in memory.
        with BoxFile.open(box_path) as box:
            return self.open_records(span.passing(box.records(start, stop))), span

    def open_records(self, records: Iterable[bytes]) -> Columns:
        """Open records that are already at hand (tests and benchmarks)."""
        read = self._open if self._entrance.takes_tokens else self._open_without_token
        return self.decoder.decode([read(record) for record in records])

    def _open_without_token(self, data: bytes) -> bytes:
        """Return the payload of an open link's record, all of whose token is zeros: taken apart no further than needed.

        A million of them are opened in a row, and what is spent here beside the decryption is time that people wait.
        """
        if not data.startswith(ZERO_TOKEN):
            return b""
        try:
            return self._opener.open_envelope(data[TOKEN_SIZE:])
        except EnvelopeError:
            return b""

    def _open(self, data: bytes) -> bytes:
        """Return a record's payload; nothing where no token was issued for it, or where its owner did not seal it."""
        try:
            # Again, although the door did: whoever holds the host may have put records in past the door.
            return self._opener.open_with_token(self._entrance.read(data))
        except (EnvelopeError, TokenError):
            return b""


def check_key(seed: bytes, manifest: Manifest) -> None:
    """Raise WrongKeyError unless `seed` (32 bytes) makes the key that `manifest` names."""
    _opener(seed, manifest)


def open_drill(seed: bytes, manifest: Manifest, envelope: bytes) -> bytes:
    """Return the content of a drill's test envelope; raise WrongKeyError or EnvelopeError for another seed."""
    return _opener(seed, manifest).open_envelope(envelope)


def _opener(seed: bytes, manifest: Manifest) -> Opener:
    try:
        return Opener(seed, manifest.context, manifest.plaintext_size)
    except EnvelopeError as error:
        raise WrongKeyError(str(error)) from None
