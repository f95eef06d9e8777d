"""Writes tests/vectors/token.json and withdrawal.json: `python -m scripts.make_token_vectors` (README beside them)."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crypto.blinding import blind
from crypto.canonical import from_base64url
from crypto.envelope import Context, Record, body, key_id, row_key_of, study_id
from crypto.issuing import Issuer
from crypto.sealing import seal
from crypto.seed import expand, public_bytes
from crypto.tokens import TokenVerifier, message, owner_hash, prepared, seal_commitment
from crypto.withdrawal import Withdrawal, owner_secret, withdrawn_row_key
from crypto.word_codes import LISTS, CodeWordsError, read_words, words, write_words

FOLDER = Path(__file__).parent.parent / "tests" / "vectors"
SLUG, OTHER, WIDTH = "market", "harvest", 256
CODES = ((0, 2047, 1, 1024, 2, 3, 4, 5), (1234, 567, 89, 2000, 999, 1, 300, 1717), (7,) * 8)
# What a person may type for the second code besides its words, and what none reads as a code.
TYPED = ("  {en}  ", "{EN}", "{en,}", "{zh-Hans}", "{zh-Hans、}", "{zh-Hant}", "{mixed}")
BAD = (
    "",
    "able",
    "{en} able",
    "{en-1}",
    "abandn able about above absent absorb abstract absurd",
    "able about xyzzyx",
    "能 之 able 丆 了",
    "1 2 3 4 5 6 7 8",
)


def main() -> None:
    """Write both files."""
    _write("token.json", _tokens())
    _write("withdrawal.json", _withdrawals())


def _write(name: str, values: dict[str, Any]) -> None:
    text = json.dumps(values, indent=1, ensure_ascii=False)
    (FOLDER / name).write_text(text + "\n", encoding="utf-8")


def _drawn(what: str, size: int) -> bytes:
    """Return bytes that are fixed, so that another run changes only what must change."""
    return hashlib.shake_256(b"sotto vectors token " + what.encode()).digest(size)


def _issuers() -> list[Issuer]:
    """Return the issuers of the file that is there, else two new ones."""
    path = FOLDER / "token.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["issuers"] if path.exists() else []
    return [Issuer.of(one["pem"].encode()) for one in kept] or [Issuer.new() for _ in range(2)]


def _tokens() -> dict[str, Any]:
    issuers = _issuers()
    seed, manifest_hash = _drawn("seed", 32), _drawn("manifest", 32)
    public = public_bytes(expand(seed))
    context = Context(study_id(SLUG), manifest_hash, key_id(public))
    made = [_made(number, context, public, issuers[0]) for number in range(3)]
    return {
        "format": "sotto-token-vectors-2",
        "slug": SLUG,
        "seed": seed.hex(),
        "public_key": public.hex(),
        "key_id": context.key_id.hex(),
        "manifest_hash": manifest_hash.hex(),
        "plaintext_size": WIDTH,
        "issuers": [{"issuer_key": issuer.public, "pem": issuer.pem.decode()} for issuer in issuers],
        "made": made,
        "refused": list(_refused(made, context, public, issuers)),
        "unreadable": list(_unreadable(made, context, public)),
        "not_signed": list(_not_signed(issuers[0])),
        "not_unblinded": list(_not_unblinded(made, issuers)),
    }


def _made(
    number: int, context: Context, public: bytes, issuer: Issuer, sealed_for: Context | None = None
) -> dict[str, Any]:
    """Return one token from its secrets to the body, with everything that a phone draws; sealed for its own context."""
    sizes = {"w": 32, "u": 32, "prefix": 32, "salt": 48}
    w, u, prefix, salt = (_drawn(f"{what} {number}", size) for what, size in sizes.items())
    factor = int.from_bytes(b"\x00" + _drawn(f"factor {number}", 255), "big")
    t, c, payload = owner_hash(w), seal_commitment(u), b"answers of %d" % number
    signed = message(context.study_id, context.key_id, t, c)
    blinded = blind(_modulus(issuer), prepared(prefix, signed), lambda _: salt, factor)
    answered = issuer.sign(blinded.message)
    signature = blinded.finalize(answered, TokenVerifier.of(issuer.public))
    envelope = seal(payload, public, sealed_for or context, WIDTH, row_key=row_key_of(t), u=u)
    record = Record(t, c, prefix, signature, envelope)
    values = {
        "w": w, "u": u, "t": t, "c": c, "payload": payload, "envelope": envelope, "message": signed, "prefix": prefix,
        "prepared": prepared(prefix, signed), "salt": salt, "factor": factor.to_bytes(256, "big"),
        "blinded": blinded.message, "blind_signature": answered, "signature": signature, "record": record.to_bytes(),
        "row_key": record.row_key, "body_sha256": hashlib.sha256(body(record)).digest(),
    }  # fmt: skip
    return {name: value.hex() for name, value in values.items()}


def _modulus(issuer: Issuer) -> int:
    return int.from_bytes(from_base64url(issuer.public), "big")


def _refused(
    made: list[dict[str, Any]], context: Context, public: bytes, issuers: list[Issuer]
) -> Iterator[dict[str, Any]]:
    """Yield records that a door of `slug` with the named issuer must refuse, whatever else is right about them."""
    mine, other = (_parts(one) for one in made[:2])
    third = _made(9, Context(study_id(OTHER), context.manifest_hash, context.key_id), public, issuers[0])
    elsewhere = _made(7, Context(context.study_id, context.manifest_hash, bytes(8)), public, issuers[0], context)
    late = _made(8, context, public, issuers[1])
    cases = {
        "another t": mine | {"t": other["t"]},
        "another c": mine | {"c": other["c"]},
        "t and c exchanged": mine | {"t": mine["c"], "c": mine["t"]},
        "one bit of t": mine | {"t": _bit(mine["t"], 0)},
        "one bit of c": mine | {"c": _bit(mine["c"], 31)},
        "another prefix": mine | {"prefix": other["prefix"]},
        "another signature": mine | {"signature": other["signature"]},
        "one bit of the signature": mine | {"signature": _bit(mine["signature"], 255)},
        "the blind signature": mine | {"signature": bytes.fromhex(made[0]["blind_signature"])},
        "a signature not below the modulus": mine | {"signature": b"\xff" * 256},
        "a token of another study": _parts(third),
        "a token of another key": _parts(elsewhere),
        "a token of another wave's issuer": _parts(late),
    }
    for name, parts in cases.items():
        yield {"name": name, "issuer": 0, "slug": SLUG, "record": Record(**parts).to_bytes().hex()}
    yield {"name": "shown at another study", "issuer": 0, "slug": OTHER, "record": made[0]["record"]}
    yield {"name": "shown at another wave", "issuer": 1, "slug": SLUG, "record": made[0]["record"]}


def _unreadable(made: list[dict[str, Any]], context: Context, public: bytes) -> Iterator[dict[str, str]]:
    """Yield records whose token holds and whose envelope its owner did not seal: a door lets them pass, no opener."""
    mine, other = (_parts(one) for one in made[:2])
    row_key = row_key_of(mine["t"])

    def own(secret: bytes) -> dict[str, bytes]:
        return mine | {"envelope": seal(b"the host's own", public, context, WIDTH, row_key=row_key, u=secret)}

    cases = {
        "another phone's envelope": mine | {"envelope": other["envelope"]},
        "the host's own envelope": own(bytes(32)),
        "c in the place of u": own(mine["c"]),
        "w in the place of u": own(bytes.fromhex(made[0]["w"])),
        "another token's u": own(bytes.fromhex(made[1]["u"])),
        "an open link's envelope": mine | {"envelope": seal(b"the host's own", public, context, WIDTH)},
        "one bit of the envelope": mine | {"envelope": _bit(mine["envelope"], 700)},
    }
    for name, parts in cases.items():
        yield {"name": name, "record": Record(**parts).to_bytes().hex()}


def _parts(one: dict[str, Any]) -> dict[str, bytes]:
    return {name: bytes.fromhex(one[name]) for name in ("t", "c", "prefix", "signature", "envelope")}


def _bit(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _not_signed(issuer: Issuer) -> Iterator[dict[str, str]]:
    """Yield what is no blinded message under the first issuer's key."""
    n = _modulus(issuer)
    numbers = {"0": 0, "1": 1, "the modulus less 1": n - 1, "the modulus": n, "beyond it": 2**2048 - 1}
    for name, number in numbers.items():
        yield {"name": name, "blinded": number.to_bytes(256, "big").hex()}
    yield {"name": "too short", "blinded": bytes(255).hex()}
    yield {"name": "too long", "blinded": bytes(257).hex()}


def _not_unblinded(made: list[dict[str, Any]], issuers: list[Issuer]) -> Iterator[dict[str, str]]:
    """Yield answers to the first made blinded message that are no signature of it."""
    answered = bytes.fromhex(made[0]["blind_signature"])
    wrong = {
        "one bit": _bit(answered, 100),
        "that of another message": bytes.fromhex(made[1]["blind_signature"]),
        "that of another issuer": issuers[1].sign(bytes.fromhex(made[0]["blinded"])),
        "what was sent": bytes.fromhex(made[0]["blinded"]),
        "zeros": bytes(256),
        "too short": answered[:-1],
        "too long": answered + b"\x00",
        "nothing": b"",
    }
    for name, value in wrong.items():
        yield {"name": name, "blind_signature": value.hex()}


def _withdrawals() -> dict[str, Any]:
    study, key = study_id(SLUG), _drawn("key id", 8)
    typed = {locale: write_words(CODES[1], locale) for locale in LISTS}
    first, rest = typed["zh-Hant"].split()[0], typed["en"].split()[1:]
    forms = typed | {
        "EN": typed["en"].upper(), "en,": typed["en"].replace(" ", ", "),
        "zh-Hans、": typed["zh-Hans"].replace(" ", "、"),
        "mixed": " ".join([first, *rest]), "en-1": " ".join(rest),
    }  # fmt: skip
    return {
        "format": "sotto-withdrawal-vectors-2",
        "lists": {locale: _list_hash(locale) for locale in LISTS},
        "codes": [_code(places, study, key) for places in CODES],
        "typed": [{"typed": _filled(form, forms), "places": list(CODES[1])} for form in TYPED],
        "bad": [_fault(_filled(form, forms)) for form in BAD],
        "bad_bodies": [bytes(size).hex() for size in (0, 40, 41, 42)]
        + [(b"\x02" + bytes(39)).hex(), (b"\x01" + bytes(40)).hex()],
    }


def _filled(form: str, forms: dict[str, str]) -> str:
    for name, value in forms.items():
        form = form.replace("{" + name + "}", value)
    return form


def _list_hash(locale: str) -> str:
    return hashlib.sha256("\n".join(words(locale)).encode()).hexdigest()


def _code(places: tuple[int, ...], study: bytes, key: bytes) -> dict[str, Any]:
    w = owner_secret(places, study, key)
    values = {"study_id": study, "key_id": key, "w": w, "t": owner_hash(w), "row_key": withdrawn_row_key(w)}
    sent = {"body": Withdrawal(key, w).to_bytes()}
    spellings = {locale: write_words(places, locale) for locale in LISTS}
    named = {name: value.hex() for name, value in (values | sent).items()}
    return {"places": list(places), "words": spellings, "slug": SLUG, **named}


def _fault(typed: str) -> dict[str, Any]:
    try:
        read_words(typed)
    except CodeWordsError as error:
        if error.unknown is None:
            return {"typed": typed, "fault": {"count": error.count}}
        near = [words("en")[place] for place in error.near]
        return {"typed": typed, "fault": {"unknown": error.unknown, "near": near}}
    raise AssertionError(f"{typed!r} is a code")


if __name__ == "__main__":
    main()
