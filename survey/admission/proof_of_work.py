"""Proof of work for open links: an answer costs its sender about a second of computing on average (ALTCHA, PBKDF2)."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from altcha import Payload, create_challenge, verify_solution

from crypto.errors import SottoError
from survey.answers_db.spent_work import DAY, SpentProof

ALGORITHM = "PBKDF2/SHA-256"
COST = 8000
"""PBKDF2 rounds of one try; a challenge costs the host 2 ms of CPU (bench/work_phone.py)."""

COUNTERS = range(256)
"""Where a challenge's counter is drawn from, uniformly; a phone tries them from 0: 128.5 on average, 256 at most.

The range begins where phones begin: above a higher start whoever begins there pays for its width alone.
"""

LIFETIME = 3600
"""Seconds for which a challenge can be used."""

SECRET_SIZE = 32
HEADER = "Sotto-Work"
HEADER_MAX = 2048

Clock = Callable[[], float]


class WorkError(SottoError):
    """The proof is missing, wrong, for another study or expired; the phone then fetches another challenge."""


# Decision 61.
@dataclass(frozen=True, slots=True)
class ProofOfWork:
    """Makes challenges and checks their solutions. All web hosts of one study share the same `secret`."""

    secret: bytes = field(repr=False)
    clock: Clock = time.time

    def challenge(self, study: str) -> bytes:
        """Return a new challenge as JSON (ALTCHA, version 2), valid for this study and for LIFETIME seconds."""
        challenge = create_challenge(
            ALGORITHM,
            COST,
            counter=secrets.randbelow(len(COUNTERS)),
            expires_at=int(self.clock()) + LIFETIME,
            data={"study": study},
            hmac_secret=self.secret,
            hmac_key_secret=self._key_secret,
        )
        return json.dumps(challenge.to_dict()).encode()

    def spent(self, header: str, study: str, row_key: bytes) -> SpentProof:
        """Check a solution and return what is stored of it, bound to the row `row_key`; raise WorkError otherwise."""
        if len(header) > HEADER_MAX or not self._verified(header):
            raise WorkError("the work was not done, or too long ago")
        parameters = Payload.from_base64(header).challenge.parameters
        if parameters.data != {"study": study} or not isinstance(parameters.expires_at, int):
            raise WorkError("the work was done for something else")
        challenge = bytes.fromhex(parameters.nonce)
        return SpentProof(
            _hash(b"ticket", challenge), _hash(b"spent", challenge, row_key), parameters.expires_at // DAY
        )

    def _verified(self, header: str) -> bool:
        return verify_solution(header, self.secret, hmac_key_secret=self._key_secret).verified

    @property
    def _key_secret(self) -> bytes:
        """A second secret, derived from the first: the signature of a challenge must not be valid for a solution."""
        return hmac.digest(self.secret, b"sotto work key", "sha256")


def new_secret() -> bytes:
    """Return a fresh secret (32 bytes)."""
    return secrets.token_bytes(SECRET_SIZE)


def _hash(label: bytes, *parts: bytes) -> bytes:
    return hashlib.sha256(b"\x00".join((b"sotto " + label, *parts))).digest()
