"""An independent implementation, pycryptodome, opens what this code and the phone's library sealed."""

import secrets
import sys

import pytest

if sys.platform != "linux":
    # Its folder is `Crypto`: beside `crypto` on a file system that ignores case, importing it would be chance.
    pytest.skip("pycryptodome is installed for tests on Linux alone", allow_module_level=True)

from Crypto.Protocol import HPKE
from Crypto.PublicKey import RSA, Hybrid
from paths import vectors

from crypto.envelope import HEADER_SIZE, Context, key_id, study_id, unpad
from crypto.issuing import Issuer
from crypto.sealing import Sealer
from crypto.seed import expand, public_bytes

CASES = vectors("envelope")["cases"]
GOOD = [case for case in CASES if "payload" in case["expect"]]


def _open(seed, ciphertext, info):
    key = Hybrid.HybridKey(param_set=Hybrid.MLKEM768_X25519, seed=seed)
    receiver = HPKE.new(receiver_key=key, aead_id=HPKE.AEAD.CHACHA20_POLY1305, enc=ciphertext[:1120], info=info)
    return receiver.unseal(ciphertext[1120:])


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["name"])
def test_it_opens_the_shared_vectors(case):
    """Nothing in the format is peculiar to one library."""
    ciphertext = bytes.fromhex(case["envelope"])[HEADER_SIZE:]
    plaintext = _open(bytes.fromhex(case["seed"]), ciphertext, bytes.fromhex(case["info"]))
    assert (case["u"], case["expect"]["payload"]) == tuple(part.hex() for part in unpad(plaintext))


def test_it_opens_what_is_sealed_now():
    """Not only the recorded vectors: a fresh envelope opens too."""
    seed = bytes(range(32))
    public_key = public_bytes(expand(seed))
    context = Context(study_id("a-study"), b"m" * 32, key_id(public_key))
    envelope = Sealer.of(public_key, context, 256).seal(b"answers", b"t" * 32, b"u" * 32)
    assert (b"u" * 32, b"answers") == unpad(_open(seed, envelope[HEADER_SIZE:], context.info(b"t" * 32)))


def test_it_refuses_another_info():
    """The control: what it opens depends on the context, not only on the key."""
    case = GOOD[0]
    with pytest.raises(ValueError, match="MAC"):
        _open(bytes.fromhex(case["seed"]), bytes.fromhex(case["envelope"])[HEADER_SIZE:], b"another info")


def test_it_makes_the_same_public_key_from_the_same_seed():
    """The seed on the custodians' papers means the same key everywhere."""
    seed = bytes(range(32))
    key = Hybrid.HybridKey(param_set=Hybrid.MLKEM768_X25519, seed=seed)
    assert key._pk == public_bytes(expand(seed))


def test_it_reproduces_every_message_of_the_published_vector():
    """The IETF draft's vectors, all messages of one context in order, with their aad."""
    (vector,) = vectors("hpke-pq-mlkem768-x25519")
    key = Hybrid.HybridKey(param_set=Hybrid.MLKEM768_X25519, seed=bytes.fromhex(vector["skRm"]))
    receiver = HPKE.new(
        receiver_key=key,
        aead_id=HPKE.AEAD.CHACHA20_POLY1305,
        enc=bytes.fromhex(vector["enc"]),
        info=bytes.fromhex(vector["info"]),
    )
    for message in vector["encryptions"]:
        assert message["pt"] == receiver.unseal(bytes.fromhex(message["ct"]), bytes.fromhex(message["aad"])).hex()


def test_it_signs_as_the_issuer_does():
    """The raw private operation is the same number, whether the key was made there (as once for issuers) or here."""
    theirs = RSA.generate(2048)
    for issuer in (Issuer.of(theirs.export_key(pkcs=8)), Issuer.new()):
        key = RSA.import_key(issuer.pem)
        for number in (2, int(key.n) - 2, *(secrets.randbelow(int(key.n) - 4) + 2 for _ in range(20))):
            assert key._decrypt_to_bytes(number) == issuer.sign(number.to_bytes(256, "big"))
