"""The wave manifest: the key, the plaintext size and the document hashes that links pin and envelopes bind to."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from crypto.canonical import from_base64url, to_base64url
from crypto.envelope import Context, key_id, study_id
from crypto.record_rules import RecordRules
from survey.document import Count, Document, DocumentError, Positive
from survey.names import Id, KeyId, Locale, Sha256, Slug
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.questionnaire.randomised_response import SPACE, thresholds
from survey.wave.issuer_key import IssuerKey
from survey.wave.witnesses import Witnesses

PIN_SIZE = 24


def pin_of(digest: str) -> str:
    """Return the first 24 bytes (192 bits) of a hex SHA-256 as 32 base64url characters, as a link has them."""
    return to_base64url(bytes.fromhex(digest)[:PIN_SIZE])


class LifetimeBudget(Document):
    """The most that a study may spend in its whole life, all waves together: integer nano-rho and atto-delta."""

    nano_rho: Positive
    atto_delta: Count


# Decision 5: `signer`.
class Manifest(Document):
    """Everything that must not change once a link is printed (`sotto-manifest-2`).

    `budget` is the study's, the same in all its waves: announced before anybody is asked, and where its ledger takes
    its totals from.
    """

    format: Literal["sotto-manifest-2"]
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    mode: Literal["open", "invitation"]
    sealing: Literal["phone", "phone-or-server"]
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1622}$")]
    key_id: KeyId
    issuer_key: IssuerKey | None
    plaintext_size: Annotated[int, Field(ge=256, multiple_of=256)]
    questionnaire: Sha256
    texts: dict[Locale, Sha256]
    thresholds: dict[Id, Annotated[int, Field(gt=0, lt=SPACE)]]
    signer: Sha256
    witnesses: Witnesses | None
    budget: LifetimeBudget
    demo: bool

    @model_validator(mode="after")
    def _issuer_of_invitations(self) -> Self:
        """Require an issuer key in invitation mode, where tokens are checked with it, and refuse one in open mode."""
        if (self.issuer_key is not None) != (self.mode == "invitation"):
            raise ValueError("issuer_key stands exactly in mode invitation")
        return self

    @property
    def hash(self) -> bytes:
        """SHA-256 of the canonical bytes (32); it is part of every envelope's context."""
        return bytes.fromhex(self.digest)

    @property
    def pin(self) -> str:
        """The pin in the respondent's link: the first 24 bytes (192 bits) of the hash as 32 base64url characters."""
        return pin_of(self.digest)

    @property
    def context(self) -> Context:
        """The context that every envelope of this wave is bound to."""
        return Context(study_id(self.study), self.hash, bytes.fromhex(self.key_id))

    @property
    def record_rules(self) -> RecordRules:
        """The checks on every record of this wave; raises TokenError for an unusable issuer key."""
        context = self.context
        return RecordRules.of(context.study_id, context.key_id, self.plaintext_size, self.issuer_key)

    @property
    def public_key(self) -> bytes:
        """The study's X-Wing public key, 1216 bytes."""
        return from_base64url(self.key)

    def check(self, questionnaire: Questionnaire, texts: Mapping[str, Texts]) -> None:
        """Raise DocumentError unless the manifest matches `questionnaire` and `texts`, and `key_id` matches its key."""
        expected = _document_members(questionnaire, texts)
        expected["key_id"] = key_id(self.public_key).hex()
        wrong = [name for name, value in expected.items() if getattr(self, name) != value]
        if wrong:
            raise DocumentError(f"the manifest is of other documents: {', '.join(wrong)} differ")


def build_manifest(
    questionnaire: Questionnaire,
    texts: Mapping[str, Texts],
    *,
    wave: int,
    key: bytes,
    signer: str,
    budget: LifetimeBudget,
    demo: bool = False,
    issuer_key: str | None = None,
    witnesses: Witnesses | None = None,
) -> Manifest:
    """Return the manifest of one wave: `key` 1216 bytes, `signer` the hex fingerprint of releases.

    `budget` is that of the study's earlier waves, where it had any. `issuer_key` is the issuer's modulus in base64url,
    needed exactly where the questionnaire's mode is invitation.
    `witnesses` stand in for the host: without any nobody does.
    """
    return Manifest(
        format="sotto-manifest-2",
        wave=wave,
        key=to_base64url(key),
        key_id=key_id(key).hex(),
        issuer_key=issuer_key,
        signer=signer,
        witnesses=witnesses,
        budget=budget,
        demo=demo,
        **_document_members(questionnaire, texts),
    )


def _document_members(questionnaire: Questionnaire, texts: Mapping[str, Texts]) -> dict[str, Any]:
    """Return the members of a manifest that are derived from the questionnaire and its texts."""
    return {
        "study": questionnaire.study,
        "mode": questionnaire.mode,
        "sealing": questionnaire.sealing,
        "plaintext_size": questionnaire.plaintext_size,
        "questionnaire": questionnaire.digest,
        "thresholds": thresholds(questionnaire),
        "texts": {locale: text.digest for locale, text in texts.items()},
    }
