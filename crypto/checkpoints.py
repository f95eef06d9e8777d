"""The public log's checkpoint: origin, size and tree hash in a signed note that log clients and witnesses can read.

Formats: C2SP signed-note (Ed25519, signature type 1) and tlog-checkpoint, https://c2sp.org.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import NoReturn, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.errors import PublicTextError

ED25519 = b"\x01"
KEY_ID_SIZE = 4
NOTE_MAX = 65_536
DASH = "—"
HASH_SIZE = 32

_NAME = re.compile(r"[^\s+]+")
_BODY = re.compile(r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,17})\n(?P<root>[^\n]+)\n([^\n]+\n)*")
_SIGNATURE = re.compile(rf"{DASH} (?P<name>[^\s+]+) (?P<data>\S+)")
_KEY = re.compile(r"(?P<name>[^\s+]+)\+(?P<id>[0-9a-f]{8})\+(?P<data>\S+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_PRIVATE = "PRIVATE+KEY+"


class CheckpointError(PublicTextError):
    """Bytes that are no checkpoint of this log, or whose signature does not hold; the message holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head: its origin, how many leaves its tree has, and their tree hash (32 bytes, RFC 9162)."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the text of a note; raise CheckpointError unless it is a checkpoint's. Extension lines are ignored."""
        match = _BODY.fullmatch(text)
        root = read_base64(match["root"]) if match else b""
        if not match or len(root) != HASH_SIZE:
            raise CheckpointError("the note is not a log's checkpoint")
        return cls(match["origin"], int(match["size"]), root)

    def to_text(self) -> str:
        """Return the text that is signed: three lines, each with its newline."""
        return f"{self.origin}\n{self.size}\n{base64_text(self.root)}\n"


@dataclass(frozen=True, slots=True)
class LogVerifier:
    """The log's public key (Ed25519, 32 bytes) under its name; written `name+id+key`, as other logs do (a vkey)."""

    name: str
    public: bytes

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a vkey; raise CheckpointError for anything else."""
        name, key_id, data = _key_parts(text.strip())
        verifier = cls(name, data)
        if verifier.key_id.hex() != key_id:
            raise CheckpointError("the log's key does not have the id that stands in it: copy it again, whole")
        return verifier

    def to_text(self) -> str:
        """Return the vkey."""
        return f"{self.name}+{self.key_id.hex()}+{base64_text(ED25519 + self.public)}"

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature names this key."""
        return hashlib.sha256(self.name.encode("utf-8") + b"\n" + ED25519 + self.public).digest()[:KEY_ID_SIZE]

    def open_note(self, note: bytes) -> str:
        """Return the text of a note that this key signed; signatures of other keys (witnesses) are ignored."""
        text, signatures = _split_note(note)
        own = [data for name, data in signatures if (name, data[:KEY_ID_SIZE]) == (self.name, self.key_id)]
        if not own:
            raise CheckpointError("the note is not signed by this log's key")
        try:
            for data in own:
                Ed25519PublicKey.from_public_bytes(self.public).verify(data[KEY_ID_SIZE:], text.encode("utf-8"))
        except (InvalidSignature, ValueError):
            raise CheckpointError("the note's signature does not hold: it was edited, or is not this log's") from None
        return text

    def open(self, note: bytes) -> Checkpoint:
        """Return the checkpoint in a signed note; raise CheckpointError unless this log signed it."""
        checkpoint = Checkpoint.from_text(self.open_note(note))
        if checkpoint.origin != self.name:
            raise CheckpointError("the checkpoint is of another log")
        return checkpoint


class LogSigner:
    """The log's private key; its repr holds no secret and it cannot be pickled."""

    __slots__ = ("_key", "verifier")

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        if not _NAME.fullmatch(name):
            raise CheckpointError("a log's name holds neither white space nor a plus sign")
        self._key = key
        self.verifier = LogVerifier(name, key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a new key from the system's random source."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote; raise CheckpointError for anything else."""
        try:
            start, rest = text[: len(_PRIVATE)], text[len(_PRIVATE) :].strip()
            name, key_id, seed = _key_parts(rest)
            signer = cls(name, Ed25519PrivateKey.from_private_bytes(seed))
        except CheckpointError:
            raise CheckpointError("this is not a log's private key") from None
        if start != _PRIVATE or signer.verifier.key_id.hex() != key_id:
            raise CheckpointError("this is not a log's private key")
        return signer

    def to_text(self) -> str:
        """Return the private key as one line, for a file that only its owner can read."""
        verifier = self.verifier
        secret = base64_text(ED25519 + self._key.private_bytes_raw())
        return f"{_PRIVATE}{verifier.name}+{verifier.key_id.hex()}+{secret}\n"

    def sign(self, size: int, root: bytes) -> bytes:
        """Return the signed note of a head; the same head always gives the same bytes."""
        text = Checkpoint(self.verifier.name, size, root).to_text()
        signature = base64_text(self.verifier.key_id + self._key.sign(text.encode("utf-8")))
        return f"{text}\n{DASH} {self.verifier.name} {signature}\n".encode()

    def __repr__(self) -> str:
        return f"LogSigner({self.verifier.name})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a LogSigner is never pickled or copied")


def _split_note(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a note's text, and name and data of each signature."""
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise CheckpointError("this is not a signed note") from None
    text, separator, tail = whole.rpartition("\n\n")
    if len(note) > NOTE_MAX or not separator or not tail.endswith("\n") or _CONTROL.search(whole):
        raise CheckpointError("this is not a signed note")
    return f"{text}\n", [read_signature_line(line) for line in tail[:-1].split("\n")]


def read_signature_line(line: str) -> tuple[str, bytes]:
    """Return the name and the data (key id and signature) of a note's line; raise CheckpointError for another."""
    match = _SIGNATURE.fullmatch(line)
    data = read_base64(match["data"]) if match else b""
    if not match or len(data) <= KEY_ID_SIZE:
        raise CheckpointError("a signature line of the note is not one")
    return match["name"], data


def _key_parts(text: str) -> tuple[str, str, bytes]:
    """Return name, id and 32 bytes of a key as it is written."""
    match = _KEY.fullmatch(text)
    data = read_base64(match["data"]) if match else b""
    if not match or len(data) != 1 + HASH_SIZE or data[:1] != ED25519:
        raise CheckpointError("this is not a log's key: it is written name+id+key, on one line")
    return match["name"], match["id"], data[1:]


def base64_text(data: bytes) -> str:
    """Return bytes in padded base64."""
    return base64.b64encode(data).decode("ascii")


def read_base64(text: str) -> bytes:
    """Return the bytes of padded base64; raise CheckpointError for another spelling, or for none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        data = b""
    # Only the canonical encoding of the same bytes is accepted.
    if not data or base64_text(data) != text:
        raise CheckpointError("the note holds something that is not base64")
    return data
