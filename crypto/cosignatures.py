"""Cosignatures of witnesses under a log's head: reading their keys and their lines, and checking both.

Format: C2SP tlog-cosignature, https://c2sp.org/tlog-cosignature, with Ed25519 (type 04, `cosignature/v1`) and ML-DSA-44
(type 06, `subtree/v1`). Nothing here signs: witnesses have a program of their own (verifier/witness.py).
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from crypto.checkpoints import DASH, KEY_ID_SIZE, Checkpoint, base64_text, read_base64, read_signature_line
from crypto.errors import PublicTextError

ED25519, ML_DSA_44 = 4, 6
PUBLIC_SIZES = {ED25519: 32, ML_DSA_44: 1312}
"""The types of witness keys that are read, each with the size of its public key in bytes."""
SIGNATURE_SIZES = {64, 2420}
TIME_SIZE = 8
LATEST = 2**63 - 1
ED25519_LABEL, ML_DSA_LABEL = "cosignature/v1", b"subtree/v1\n\x00"

# Names are printable ASCII here, so that a terminal can show them.
_KEY = re.compile(r"(?P<name>[!-*,-~]{1,64})\+(?P<id>[0-9a-f]{8})\+(?P<data>[A-Za-z0-9+/=]+)")


class CosignatureError(PublicTextError):
    """A text that is no witness's key or cosignature, or a cosignature that does not hold."""


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One line: the witness's name and key id (4 bytes), when it signed (seconds since 1970, UTC), the signature."""

    name: str
    key_id: bytes
    seconds: int
    signature: bytes

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Read `— NAME base64(key id 4 | time 8 | signature)`; raise CosignatureError for anything else."""
        try:
            name, data = read_signature_line(line)
        except PublicTextError:
            raise CosignatureError("this line is no cosignature") from None
        start = KEY_ID_SIZE + TIME_SIZE
        seconds = int.from_bytes(data[KEY_ID_SIZE:start], "big")
        if len(data) - start not in SIGNATURE_SIZES or seconds > LATEST:
            raise CosignatureError("this line is no cosignature: it does not have the size of one")
        return cls(name, data[:KEY_ID_SIZE], seconds, data[start:])

    def to_line(self) -> str:
        """Return the line, without its newline."""
        data = self.key_id + self.seconds.to_bytes(TIME_SIZE, "big") + self.signature
        return f"{DASH} {self.name} {base64_text(data)}"


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness's public key under its name: `kind` 4 (Ed25519, 32 bytes) or 6 (ML-DSA-44, 1312 bytes)."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a vkey, `name+id+base64(type | public key)`; raise CosignatureError for anything else."""
        match = _KEY.fullmatch(text)
        try:
            data = read_base64(match["data"]) if match else b""
        except PublicTextError:
            data = b""
        if not match or len(data) - 1 != PUBLIC_SIZES.get(data[0] if data else 0):
            raise CosignatureError("this is not a witness's key: it is written name+id+key, on one line")
        key = cls(match["name"], data[0], data[1:])
        if key.key_id.hex() != match["id"]:
            raise CosignatureError("the witness's key does not have the id that stands in it: copy it again, whole")
        return key

    def to_text(self) -> str:
        """Return the vkey."""
        return f"{self.name}+{self.key_id.hex()}+{base64_text(bytes([self.kind]) + self.public)}"

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a cosignature names this key."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:KEY_ID_SIZE]

    def made(self, cosignature: Cosignature) -> bool:
        """Return whether a cosignature says that it is of this key."""
        return (cosignature.name, cosignature.key_id) == (self.name, self.key_id)

    def check(self, cosignature: Cosignature, text: str) -> None:
        """Raise CosignatureError unless this key signed the head `text`, the note's text, at the line's time."""
        try:
            if self.kind == ED25519:
                message = f"{ED25519_LABEL}\ntime {cosignature.seconds}\n{text}".encode()
                Ed25519PublicKey.from_public_bytes(self.public).verify(cosignature.signature, message)
            else:
                message = self._ml_dsa_message(cosignature.seconds, Checkpoint.from_text(text))
                MLDSA44PublicKey.from_public_bytes(self.public).verify(cosignature.signature, message)
        except (InvalidSignature, ValueError):
            raise CosignatureError(f"the cosignature of {self.name} does not hold: it is of another head") from None

    def _ml_dsa_message(self, seconds: int, head: Checkpoint) -> bytes:
        """Return the message of a whole tree (C2SP section "ML-DSA-44 signed message")."""
        names = [bytes([len(name)]) + name for name in (self.name.encode(), head.origin.encode())]
        time, start, end = (number.to_bytes(8, "big") for number in (seconds, 0, head.size))
        return ML_DSA_LABEL + names[0] + time + names[1] + start + end + head.root
