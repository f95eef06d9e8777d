"""What seals, in each engine: one file of vectors for the browser's own cryptography and for the library."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from engines.chromium import Chromium
from engines.engine import Engine
from engines.firefox import firefox
from engines.webkit import webkit
from paths import ROOT
from phone.site import Site, headless_shell

from crypto.keys import HPKE
from crypto.seed import expand, public_bytes

WITHOUT = "--disable-blink-features=WebCryptoPQC"
MODULES = "".join(f'export * from "./survey/browser/sealing/{name}";' for name in ("hpke_native", "hpke_library"))
VECTORS = json.loads((ROOT / "tests/vectors/envelope.json").read_text(encoding="utf-8"))
CASES = [case for case in VECTORS["cases"] if "payload" in case["expect"]]
# Envelope: version, suite and key id before enc.
HEADER, ENC = 10, 1120
CALL = """
(async () => {
  %(bundle)s
  const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
  const hex = (data) => Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return (%(run)s)(Seals, bytes, hex, %(given)s);
})()
"""
RIGHT = "(seals) => seals.isNativeRight().catch(() => false)"
# Each case's ciphertext again from its enc: by the browser alone, and, where its randomness is known, by the library.
NATIVE = """
(seals, bytes, hex, cases) => Promise.all(cases.map(async ({ seed, enc, info, plaintext }) =>
  hex(await seals.sealedAgain(bytes(seed), bytes(enc), bytes(info), bytes(plaintext)))))
"""
LIBRARY = """
(seals, bytes, hex, cases) => Promise.all(cases.map(async ({ seed, enc, ciphertext, info }) => {
  const suite = seals.hpkeSuite();
  const recipientKey = await suite.kem.deserializePrivateKey(bytes(seed));
  return hex(await suite.open({ recipientKey, enc: bytes(enc), info: bytes(info) }, bytes(ciphertext)));
}))
"""
KNOWN = """
async (seals, bytes, hex, { seed, info }) => {
  const { KNOWN_MESSAGE, KNOWN_TEXT, KNOWN_ANSWER, sealedAgain } = seals;
  const ciphertext = await sealedAgain(bytes(seed), KNOWN_MESSAGE, bytes(info), KNOWN_TEXT);
  return [hex(KNOWN_MESSAGE) + hex(ciphertext), hex(KNOWN_TEXT), KNOWN_ANSWER];
}
"""
FRESH = """
async (seals, bytes, hex, { which, key, info, plaintext }) =>
  hex(await seals[which](bytes(key), bytes(info), bytes(plaintext)))
"""


@contextmanager
def native_chromium(*more: str) -> Iterator[Chromium]:
    with headless_shell(*more) as browser:
        engine = Chromium(browser)
        yield engine
        engine.finish()


@contextmanager
def chromium_without() -> Iterator[Chromium]:
    with native_chromium(WITHOUT) as engine:
        yield engine


ENGINES = {"native": native_chromium, "without": chromium_without, "firefox": firefox, "webkit": webkit}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[str, Engine]]:
    with ENGINES[request.param]() as engine:
        yield request.param, engine


@pytest.fixture(scope="module")
def bundle() -> str:
    """Give both ways of sealing as one script, as the page's are built."""
    command = ["node_modules/.bin/esbuild", "--bundle", "--minify", "--format=iife", "--global-name=Seals",
               "--target=chrome67", "--external:crypto", "--define:globalThis=self",
               "--supported:destructuring=true"]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, input=MODULES).stdout


class Seals:
    """The two ways of sealing in a page of an engine."""

    def __init__(self, engine: Engine, bundle: str, site: Site) -> None:
        self.engine, self.bundle = engine, bundle
        engine.begin()
        engine.open(f"{site.base}/healthz")

    def call(self, run: str, given: object = None) -> Any:
        return self.engine.evaluate(CALL % {"bundle": self.bundle, "run": run, "given": json.dumps(given)})


def halves(case: dict[str, Any]) -> dict[str, str]:
    """Return a case with its envelope cut into enc and ciphertext, as hex."""
    envelope = case["envelope"]
    cut = 2 * (HEADER + ENC)
    parts = {"enc": envelope[2 * HEADER : cut], "ciphertext": envelope[cut:]}
    return {name: case[name] for name in ("seed", "info", "plaintext")} | parts


def test_each_engine_agrees_with_the_vectors(engine: tuple[str, Engine], bundle: str, site: Site):
    """The browser's own makes the vectors' bytes, the library opens them, and `cryptography` opens what both seal."""
    name, driven = engine
    seals = Seals(driven, bundle, site)
    cases = [halves(case) for case in CASES]
    native = seals.call(RIGHT)
    if name in ("native", "without"):
        assert native == (name == "native")
    assert [case["plaintext"] for case in cases] == seals.call(LIBRARY, cases)
    if native:
        assert [case["ciphertext"] for case in cases] == seals.call(NATIVE, cases)
    for which in ("librarySeal", *(["nativeSeal"] if native else [])):
        (key, *_) = VECTORS["keys"]
        given = {"which": which, "key": key["public_key"], "info": b"info".hex(), "plaintext": b"answers".hex()}
        sealed = bytes.fromhex(seals.call(FRESH, given))
        keys = expand(bytes.fromhex(key["seed"]))
        assert b"answers" == HPKE.decrypt(sealed, MLKEM768X25519PrivateKey(keys.lattice, keys.curve), b"info")


def test_the_known_answer_of_the_check_is_that_of_a_seal_that_opens(bundle: str, site: Site):
    """What a browser that passes the check makes of the known text has the known hash, and `cryptography` opens it."""
    seed = bytes(32)
    keys = expand(seed)
    info = public_bytes(keys)
    with native_chromium() as engine:
        seals = Seals(engine, bundle, site)
        given = {"seed": seed.hex(), "info": info.hex()}
        sealed, text, answer = map(bytes.fromhex, seals.call(KNOWN, given))
    assert text == HPKE.decrypt(sealed, MLKEM768X25519PrivateKey(keys.lattice, keys.curve), info)
    assert answer == hashlib.sha256(sealed[ENC:]).digest()
    assert len(text) >= 1024, "more than any block or vector of the cipher"
