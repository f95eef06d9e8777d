"""How many tokens are issued, redeemed and verified per second of one core, beside the bare RSA operations.

Example: python bench/tokens.py --number 400

Each is measured in turn in the same run, in CPU time, and the best of the rounds counts: compare ratios. Issuing is the
blind signature with its check, then the whole of it with the mark in the office database; redeeming is the door's check
with the durable insert into the answers database, beside the bare verification and the same insert; verifying is what
the opening does with every record.
"""

import argparse
import hashlib
import json
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlmodel import Session

from crypto.canonical import from_base64url
from crypto.envelope import Context, Record, body, key_id, record_size, study_id
from crypto.invitation_codes import code_hash, new_code
from crypto.issuing import Issuer
from crypto.record_rules import RecordRules
from crypto.sealing import Sealer
from crypto.seed import expand, public_bytes
from crypto.tokens import EXPONENT, PSS, TokenVerifier, message, prepared
from survey.admission.admission import Admission
from survey.answers_db import insert_only, owner_access
from survey.database.migration import migrate
from survey.office_db.invitations import Batch, Claim, Invitation, connect_issuer, redeem
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.tables import Study, store_document
from survey.publication.folder import StudyState
from survey.settings import Settings
from survey.simulation.tokens import InvitedPhone

STUDY, WIDTH, BATCH = "bench", 256, b"\x01" * 8
HEADINGS = ("what", "per second of one core", "bare", "ratio")


Work = Callable[[int], object]


@dataclass(frozen=True)
class World:
    """One wave with its issuer, and records that were issued for it."""

    issuer: Issuer
    records: list[Record]
    epoch: bytes

    @classmethod
    def make(cls, number: int) -> "World":
        """Make a key, an issuer and `number` whole records, which takes a few milliseconds each."""
        public, issuer = public_bytes(expand(secrets.token_bytes(32))), Issuer.new()
        epoch, modulus = key_id(public), int.from_bytes(from_base64url(issuer.public), "big")
        sealer = Sealer.of(public, Context(study_id(STUDY), bytes(32), epoch), WIDTH)
        invited = InvitedPhone(sealer, TokenVerifier.of(issuer.public), modulus)
        return cls(issuer, [invited.record(b"bench", issuer.sign) for _ in range(number)], epoch)

    @property
    def state(self) -> StudyState:
        """What the door would read in the published folder."""
        return StudyState(
            study=STUDY, state="open", wave=1, mode="invitation", pin="a" * 32, epoch=self.epoch.hex(),
            record_size=record_size(WIDTH), issuer=self.issuer.public, locales=(), names={}, directions={}, titles={},
        )  # fmt: skip


def measure(number: int, rounds: int) -> list[dict[str, Any]]:
    """Return one row an operation: its rate, that of the bare operation, and their ratio."""
    world = World.make(number)
    best: dict[str, float] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            # A host of its own each round: who hands in twice is answered without an insert.
            settings = Settings.from_environ({"SOTTO_HOME": folder})
            migrate(settings)
            for name, work in operations(world, settings):
                best[name] = min(best.get(name, float("inf")), seconds(work, number))
    pairs = (("sign", "bare sign"), ("issue", "bare sign"), ("verify", "bare verify"), ("redeem", "bare redeem"))
    return [_row(ours, 1 / best[ours], 1 / best[bare]) for ours, bare in pairs]


def _row(name: str, rate: float, bare: float) -> dict[str, Any]:
    return dict(zip(HEADINGS, (name, round(rate), round(bare), round(rate / bare, 2)), strict=True))


def seconds(work: Work, number: int) -> float:
    """Return the CPU seconds of one call."""
    start = time.process_time()
    for place in range(number):
        work(place)
    return (time.process_time() - start) / number


def operations(world: World, settings: Settings) -> Iterator[tuple[str, Work]]:
    """Yield what is measured; ours and the bare operation stand next to each other."""
    yield from _signing(world, settings)
    yield from _verifying(world)
    yield from _redeeming(world, settings)


def _signing(world: World, settings: Settings) -> Iterator[tuple[str, Work]]:
    number, key = len(world.records), load_pem_private_key(world.issuer.pem, password=None)
    modulus = int.from_bytes(from_base64url(world.issuer.public), "big")
    sent = [(secrets.randbelow(modulus - 4) + 2).to_bytes(256, "big") for _ in range(number)]
    # OpenSSL's private operation, which Python reaches only behind a padding: hashing and padding are microseconds.
    yield "bare sign", lambda place: key.sign(sent[place], PSS, hashes.SHA384())
    yield "sign", lambda place: world.issuer.sign(sent[place])
    codes, engine = _invited(settings, number), connect_issuer(settings.office_url)

    def issue(place: int) -> None:
        seen = hashlib.sha256(sent[place]).digest()
        redeem(engine, Claim(STUDY, 1, codes[place]), seen, lambda: world.issuer.sign(sent[place]))

    yield "issue", issue
    engine.dispose()


def _invited(settings: Settings, number: int) -> list[bytes]:
    """Keep fresh invitations in the office database; return their hashes."""
    made = [code_hash(new_code()) for _ in range(number)]
    engine = connect_staff_database(settings.office_url)
    with Session(engine) as session:
        name = store_document(session, "source", b"{}")
        since = date(2026, 11, 22)
        session.add(Study(slug=STUDY, source=name, questionnaire=name, texts={}, lacking=[], since=since))
        session.flush()
        session.add(Batch(id=BATCH, study=STUDY, wave=1, name="b", stratum="s", open=True, invited=number))
        session.flush()
        session.add_all(Invitation(code_hash=one, batch=BATCH) for one in made)
        session.commit()
    engine.dispose()
    return made


def _verifying(world: World) -> Iterator[tuple[str, Work]]:
    entrance = RecordRules.of(study_id(STUDY), world.epoch, WIDTH, world.issuer.public)
    data = [record.to_bytes() for record in world.records]
    yield "bare verify", _bare_verifier(world)
    yield "verify", lambda place: entrance.read(data[place])


def _bare_verifier(world: World) -> Work:
    modulus = int.from_bytes(from_base64url(world.issuer.public), "big")
    key = rsa.RSAPublicNumbers(EXPONENT, modulus).public_key()
    signed = [prepared(one.prefix, message(study_id(STUDY), world.epoch, one.t, one.c)) for one in world.records]
    return lambda place: key.verify(world.records[place].signature, signed[place], PSS, hashes.SHA384())


def _redeeming(world: World, settings: Settings) -> Iterator[tuple[str, Work]]:
    other = secrets.token_bytes(8)
    owner = owner_access.connect_owner(settings.answers_url)
    for epoch in (other, world.epoch):
        owner_access.start_accepting(owner, epoch, record_size(WIDTH))
    owner.dispose()
    engine = insert_only.connect_respond(settings.answers_url)
    verify, door = _bare_verifier(world), Admission.of(world.state)
    data, bodies = [one.to_bytes() for one in world.records], [body(one) for one in world.records]
    keys = [secrets.token_bytes(32) for _ in data]

    def bare(place: int) -> None:
        verify(place)
        insert_only.insert_record(engine, other, keys[place], data[place])

    def ours(place: int) -> None:
        epoch, record = door.checked(bodies[place])
        insert_only.insert_record(engine, epoch, record.row_key, bodies[place][1:])

    yield "bare redeem", bare
    yield "redeem", ours
    engine.dispose()


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows in Markdown."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(tuple(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    measured = measure(arguments.number, arguments.rounds)
    print(json.dumps(measured) if arguments.json else table(measured))
