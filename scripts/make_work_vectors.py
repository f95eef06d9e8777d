"""Writes tests/vectors/work.json (see the README beside it); run `python -m scripts.make_work_vectors`."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from altcha import Challenge, solve_challenge

from survey.admission.proof_of_work import LIFETIME, ProofOfWork

TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "work.json"
STUDY = "market"
SECRET = hashlib.sha256(b"sotto vectors work").digest()
FAR = 4_102_444_800  # the year 2100: these challenges do not run out
PAST = 1_600_000_000


def main() -> None:
    """Write two challenges with their headers, what a host must refuse and what a phone must not solve."""
    made = [solved(made_of(number)) for number in range(2)]
    values = {
        "secret": SECRET.hex(),
        "study": STUDY,
        "solved": made,
        "refused_by_host": dict(wrong(made)),
        "refused_by_phone": dict(unreasonable(made[0]["challenge"])),
    }
    TARGET.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def made_of(number: int, secret: bytes = SECRET, study: str = STUDY, until: int = FAR) -> dict[str, Any]:
    """Return a challenge whose nonce, salt and number of tries are not drawn."""
    fixed = iter(hashlib.sha256(b"sotto vectors work %d %d" % (number, part)).digest() for part in range(2))
    with (
        patch("altcha.v2.secrets.token_bytes", lambda size: next(fixed)[:size]),
        patch("survey.admission.proof_of_work.secrets.randbelow", lambda _: 5 + number),
    ):
        challenge: dict[str, Any] = json.loads(ProofOfWork(secret, clock=lambda: until - LIFETIME).challenge(study))
    return challenge


def solved(challenge: dict[str, Any]) -> dict[str, Any]:
    """Return the challenge, the try that solves it and what a phone sends."""
    solved_challenge = solve_challenge(Challenge.from_dict(challenge))
    if solved_challenge is None:
        raise RuntimeError("the challenge was not solved in time")
    solution = {"counter": solved_challenge.counter, "derivedKey": solved_challenge.derived_key}
    return {"challenge": challenge, "counter": solved_challenge.counter, "header": header(challenge, solution)}


def header(challenge: dict[str, Any], solution: dict[str, Any]) -> str:
    """Return a header as JavaScript spells it."""
    text = json.dumps({"challenge": challenge, "solution": solution}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def changed(challenge: dict[str, Any], **parameters: object) -> dict[str, Any]:
    """Return the challenge with other parameters under the old signature."""
    return challenge | {"parameters": challenge["parameters"] | parameters}


def wrong(made: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield headers that no host may take."""
    challenge, other = made[0]["challenge"], made[1]["challenge"]
    solution = json.loads(base64.b64decode(made[0]["header"]))["solution"]
    yield "another challenge's answer", header(other, solution)
    yield "no answer", header(challenge, {"counter": 0, "derivedKey": "00" * 32})
    yield "an easier challenge", header(changed(challenge, cost=1), solution)
    yield "a longer life", header(changed(challenge, expiresAt=FAR + 1), solution)
    yield "too late", solved(made_of(2, until=PAST))["header"]
    yield "another study", solved(made_of(3, study="other"))["header"]
    yield "another host", solved(made_of(4, secret=bytes(32)))["header"]
    yield "cut short", made[0]["header"][:-8]


def unreasonable(challenge: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield challenges that no phone should work on."""
    yield "another algorithm", changed(challenge, algorithm="PBKDF2/SHA-512")
    yield "an hour for each try", changed(challenge, cost=1_000_000_000)
    yield "cost is no number", changed(challenge, cost="many")
    yield "a long key", changed(challenge, keyLength=1_000_000)
    yield "every key will do", changed(challenge, keyPrefix="")
    yield "no key will do", changed(challenge, keyPrefix="xyz")
    yield "no parameters", {"signature": challenge["signature"]}
    yield "no challenge", None


if __name__ == "__main__":
    main()
