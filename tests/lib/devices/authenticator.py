"""A passkey in software: makes and uses ES256 credentials as a browser with a device sends them (WebAuthn Level 3)."""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from html import unescape

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, BACKED_UP, ATTESTED = 0x01, 0x04, 0x18, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def offered(page) -> dict:
    """Return what a page asks the browser for."""
    return json.loads(unescape(re.search(r'data-options="([^"]*)"', page.text)[1]))


@dataclass
class Authenticator:
    """
    One passkey: `origin` is the page that it believes to be on, `verifies` whether it asks for a finger or PIN.

    `counts` says whether its counter moves, as that of a passkey that is kept in a cloud does not.
    """

    origin: str = "https://localhost"
    verifies: bool = True
    counts: bool = True
    count: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def created(self, options: dict) -> str:
        """Answer navigator.credentials.create()."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._sent({"clientDataJSON": b64(client), "attestationObject": b64(attestation)})

    def got(self, options: dict) -> str:
        """Answer navigator.credentials.get()."""
        self.count += self.counts
        data = self._data(options["rpId"], 0)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._sent({name: b64(part) for name, part in parts.items()})

    def _data(self, site: str, flags: int) -> bytes:
        flags |= PRESENT | BACKED_UP | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _sent(self, response: dict[str, str]) -> str:
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response})
