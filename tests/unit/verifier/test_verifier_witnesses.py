"""The independent verifier reads cosignatures of both types, and says who stands in for the host."""

import importlib.util
import struct

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa
from forged.site import WrittenSite
from paths import ROOT

SPEC = importlib.util.spec_from_file_location("independent_verifier", ROOT / "verifier" / "verify.py")
VERIFY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(VERIFY)
HEAD = ("sotto/host", 300, bytes(range(32)))


def ml_dsa_message(name: str, seconds: int) -> bytes:
    """Return what a witness signs by ML-DSA-44: `cosigned_message` of C2SP tlog-cosignature."""
    origin, size, root = HEAD
    names = struct.pack(f">B{len(name)}s", len(name), name.encode()), struct.pack(">B10s", len(origin), origin.encode())
    return b"subtree/v1\n\0" + names[0] + struct.pack(">Q", seconds) + names[1] + struct.pack(">QQ32s", 0, size, root)


def test_a_witness_may_sign_with_ml_dsa_44():
    """A cosignature over name, time, origin, size and root holds; over another name or time it does not."""
    private = mldsa.MLDSA44PrivateKey.generate()
    public, stamp = b"\x06" + private.public_key().public_bytes_raw(), struct.pack(">Q", 1_800_000_000)
    made = private.sign(ml_dsa_message("lin", 1_800_000_000))
    VERIFY.require_cosignature("lin", public, stamp + made, HEAD)
    for name, time in (("ann", stamp), ("lin", struct.pack(">Q", 1_800_000_001))):
        with pytest.raises(InvalidSignature):
            VERIFY.require_cosignature(name, public, time + made, HEAD)


@pytest.mark.parametrize("kind", [1, 5])
def test_a_witness_has_a_key_for_cosignatures(kind):
    """The key of a log, or of a type that nobody knows, is no witness's."""
    public = bytes([kind]) + bytes(32)
    key_id = VERIFY.digest(b"lin\n" + public)[:8]
    key = f"lin+{key_id}+{VERIFY.base64.b64encode(public).decode()}"
    with pytest.raises(VERIFY.Fault, match="of a type that this program does not know"):
        VERIFY.key_of(key, 4, 6)
    assert VERIFY.key_of(key, kind) == ("lin", key_id, public)


def test_it_says_that_nobody_stands_in_for_the_host(tmp_path):
    """Where the newest manifest names no witnesses that is remarked, and no fault."""
    site = WrittenSite(tmp_path, {"manifest 3": lambda manifest: manifest.update(witnesses=None)}).write()
    verifier = VERIFY.Verifier(str(site.folder))
    assert verifier.run()
    remarks = [found for _, held, found in verifier.rows if held is None]
    assert [f"{site.place('manifest 3')} names no witnesses: nobody stands in for the host"] == remarks
