"""Documents signed by a study's key: signer, signature and purpose; all signing and verifying of documents."""

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import ConfigDict, Field

from crypto.canonical import canonical
from crypto.signing import Signature, SignatureError, SigningKey, VerifyingKey
from survey.document import Document


class Purpose(StrEnum):
    """What a signature is for; it is part of the signed bytes, so a signature is invalid for any other purpose."""

    MANIFEST = "manifest"
    DRILL = "drill"
    PLAN = "plan"
    CUSTODY = "custody"
    CORRECTION = "correction"
    INTENT = "intent"
    RELEASE = "release"
    DESTRUCTION = "destruction"


class SchemePair(Document):
    """Two values, one for each signature scheme, as unpadded base64url."""

    model_config = ConfigDict(populate_by_name=True)

    ed25519: str
    ml_dsa_65: Annotated[str, Field(alias="ml-dsa-65")]

    @classmethod
    def of(cls, halves: Signature | VerifyingKey) -> Self:
        """Return a public key or a signature as it stands in a document."""
        return cls.model_validate(halves.to_json())


class SignedDocument(Document):
    """A document with its signer's public key, and a signature over everything else."""

    purpose: ClassVar[Purpose]
    uncovered: ClassVar[frozenset[str]] = frozenset({"signature"})
    """Members that the signature does not cover."""

    signer: SchemePair
    signature: SchemePair | None = None

    def unsigned_bytes(self) -> bytes:
        """Return what the signature covers: the canonical JSON of this document without the `uncovered` members."""
        return canonical({key: value for key, value in self.to_json().items() if key not in self.uncovered})

    def signed(self, key: SigningKey) -> Self:
        """Return this document with the signature of `key`, whose public half stands in `signer` already."""
        signature = SchemePair.of(key.sign(self.unsigned_bytes(), self.purpose))
        return self.model_copy(update={"signature": signature})

    def verified(self) -> VerifyingKey:
        """Return the key that signed this; raise SignatureError where the signature is missing or does not hold.

        The caller compares its fingerprint with the one it trusts: a manifest's `signer`, or the study's own key.
        """
        return _verified(self.signer, self.signature, self.unsigned_bytes(), self.purpose)

    def is_signed_by(self, fingerprint: str) -> bool:
        """Say whether the key of this fingerprint signed this, and nothing was changed since."""
        try:
            return self.verified().fingerprint == fingerprint
        except SignatureError:
            return False

    @property
    def signer_fingerprint(self) -> str:
        """The fingerprint of the key that this document names; raises SignatureError where it names none."""
        return _key(self.signer).fingerprint


class DetachedSignature(Document):
    """A signature in a file beside the bytes it covers."""

    signer: SchemePair
    signature: SchemePair

    @classmethod
    def of(cls, message: bytes, key: SigningKey, purpose: Purpose) -> Self:
        """Sign `message` for one purpose."""
        return cls(signer=SchemePair.of(key.verifying_key), signature=SchemePair.of(key.sign(message, purpose)))

    def verified(self, message: bytes, purpose: Purpose) -> VerifyingKey:
        """Return the key that signed `message`; raise SignatureError where the signature does not hold."""
        return _verified(self.signer, self.signature, message, purpose)


def _verified(signer: SchemePair, signature: SchemePair | None, message: bytes, purpose: Purpose) -> VerifyingKey:
    if signature is None:
        raise SignatureError("the document has no signature")
    key = _key(signer)
    key.verify(Signature.from_json(signature.to_json()), message, purpose)
    return key


def _key(signer: SchemePair) -> VerifyingKey:
    return VerifyingKey.from_json(signer.to_json())
