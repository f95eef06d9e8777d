"""A collection host in a folder whose study is answered by invitation, with the real issuer and codes of a batch."""

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from budgets import BUDGET
from cheap.databases import migrated
from flask.testing import FlaskClient

from crypto.blinding import blind
from crypto.canonical import canonical, from_base64url
from crypto.envelope import BODY_VERSION, Record
from crypto.issuing import Issuer
from crypto.seed import expand, public_bytes
from crypto.tokens import TokenVerifier, prepared
from crypto.tokens import message as token_message
from hosts.applications import issuer_app
from hosts.collection import QUESTIONNAIRE, Collection, made_body
from survey.authoring.compiler import compile_study
from survey.issuer_app.keys import IssuerKeys
from survey.operations import invitations, studies
from survey.operations.invitations import BatchRequest
from survey.wave.manifest import Manifest

STUDY = "q26"
OCTETS = {"Content-Type": "application/octet-stream"}
BLINDED = 256


def authored(folder: Path) -> Path:
    """Write the Sesame study as one with invitations and two strata."""
    text = QUESTIONNAIRE.read_text(encoding="utf-8")
    text = text.replace("\nmode: open\n", "\nmode: invitation\n").replace("strata: [open]", "strata: [city, country]")
    path = folder / "questionnaire.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@lru_cache(maxsize=8)
def compiled_from(source: bytes, path: Path):
    """Return what the study in the file at `path`, which holds `source`, compiles to."""
    return compile_study(path)


@dataclass
class Inviting(Collection):
    """The host; `file` is the authored study."""

    file: Path = QUESTIONNAIRE

    @property
    def documents(self):
        """The compiled questionnaire and its texts."""
        return compiled_from(self.file.read_bytes(), self.file)

    def begin(self) -> None:
        """Migrate, compile the study, make the issuer key of the first wave."""
        migrated(self.settings)
        studies.new_study(self.settings, self.file)
        invitations.new_issuer(self.settings, STUDY, 1, self.public_key(1))

    def public_key(self, wave: int) -> Path:
        """Where the public half of a wave's issuer key lies."""
        return self.settings.public.parent / f"issuer-{wave}.json"

    def manifest(self, wave: int = 1, **changes: object) -> Manifest:
        """Return the manifest of a wave, with its issuer's key."""
        from survey.wave.manifest import build_manifest

        key = json.loads(self.public_key(wave).read_bytes())["key"]
        signer = self.key.verifying_key.fingerprint
        own = public_bytes(expand(os.urandom(32)))
        made = build_manifest(
            *self.documents, wave=wave, key=own, signer=signer, budget=BUDGET, demo=True, issuer_key=key
        )
        return Manifest.from_bytes(canonical(made.to_json() | changes))

    def codes(self, batch: str = "may", count: int = 50, file: str = "", **wanted: object) -> list[str]:
        """Make a batch and return its codes."""
        path = self.settings.public.parent / f"{file or batch}.json"
        invitations.invite(
            self.settings,
            BatchRequest(**{"study": STUDY, "batch": batch, "stratum": "city", "count": count} | wanted),
            path,
        )
        return json.loads(path.read_bytes())["codes"]

    def issued(self, count: int, wave: int = 1) -> list[Record]:
        """Return so many records with tokens that the wave's issuer signed; only their envelopes are random."""
        manifest = self.manifests[wave]
        issuer = IssuerKeys(self.settings.issuer_keys).of(manifest.issuer_key)
        return [self._issued(manifest, issuer) for _ in range(count)]

    def _issued(self, manifest: Manifest, issuer: Issuer) -> Record:
        t, c, prefix = (os.urandom(32) for _ in range(3))
        context = manifest.context
        modulus = int.from_bytes(from_base64url(manifest.issuer_key), "big")
        blinded = blind(modulus, prepared(prefix, token_message(context.study_id, context.key_id, t, c)))
        signature = blinded.finalize(issuer.sign(blinded.message), TokenVerifier.of(manifest.issuer_key))
        envelope = Record.from_bytes(made_body(manifest)[1:], manifest.plaintext_size).envelope
        return Record(t, c, prefix, signature, envelope)

    def issuer(self) -> FlaskClient:
        """Return a phone's way to the issuer."""
        return issuer_app(self.settings).test_client()


def issue(client: FlaskClient, code: str, blinded: bytes, study: str = STUDY):
    """Ask for a blind signature."""
    return client.post(f"/t/{study}", data=BODY_VERSION + code.encode() + blinded, headers=OCTETS)


def message(number: int) -> bytes:
    """Return a blinded message like any other."""
    return number.to_bytes(1, "big") + b"\x01" * (BLINDED - 1)
