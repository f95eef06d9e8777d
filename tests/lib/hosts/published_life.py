"""A collection host after a whole life: two waves, their plans, boxes, intents, releases, and one key destroyed."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import update

from analysis.budget.entries import Charge, DeclaredBudget, Entry
from crypto.box import BoxHeader
from crypto.canonical import canonical, digest
from crypto.checkpoints import LogSigner
from crypto.envelope import Record
from crypto.merkle import leaf_hash
from crypto.proofs import root_of
from hosts.collection import PLAN, STUDY, Collection, made_body
from hosts.invited import Inviting
from survey.answers_db import owner_access
from survey.authoring.plan_compiler import compile_plan
from survey.document import today
from survey.office_db.invitations import INVITATION
from survey.operations import releases
from survey.operations.plans import publish_plan
from survey.operations.statements import publish_statement
from survey.operations.transaction import office_session
from survey.plan.plan import Plan
from survey.public_log.log_events import host_log
from survey.questionnaire.study_metadata import Fieldwork, fieldwork_path
from survey.release.release import Release


def budget(collection: Collection) -> DeclaredBudget:
    """Return what a ceremony with the study's signing key declared."""
    return DeclaredBudget(STUDY, collection.key.verifying_key.fingerprint, 100_000_000, 100_000_000)


def live(collection: Collection, folder: Path, counts: tuple[int, ...] = (30, 1)) -> list[str]:
    """Take the host through one wave a count of envelopes, then destroy the first wave's key; return the receipts."""
    receipts, plan, releases = [], None, []
    for wave, count in enumerate(counts, start=1):
        plan = planned(collection, wave, plan)
        publish_plan(collection.settings, collection.registered(plan))
        collection.open_wave(wave)
        first = publish_statement(collection.settings, split(collection, wave, "abc"))
        if wave == 1:
            publish_statement(collection.settings, split(collection, wave, "def", first))
        receipts += hand_in(collection, wave, count)
        box = folder / f"wave-{wave}.box"
        header = collection.box(box, wave)
        entry = entry_of(collection, plan, header, releases)
        announced = publish_statement(collection.settings, intent(collection, plan, header, entry))
        said = {"fieldwork": fieldwork_of(box), "intent": announced}
        releases.append(released(collection, plan, header, entry, releases, said=said))
    last = Release.from_bytes(releases[0])
    splits = [entry.hash for entry in host_log(collection.settings).entries() if entry.kind == "custody"][1::-1]
    publish_statement(collection.settings, destruction(collection, 1, [releases[0]], last.ledger.entry, splits))
    return receipts


def split(collection: Collection, wave: int, letters: str, before: str | None = None) -> bytes:
    """Return the signed record of a split of the wave's key: its commitments are made of letters."""
    commitments = [letter * 64 for letter in letters]
    fingerprint = hashlib.sha256(collection.manifests[wave].public_key).hexdigest()
    members = {"fingerprint": fingerprint, "threshold": 2, "custodians": len(letters), "supersedes": before}
    return statement(collection, "custody", wave, members | {"commitments": commitments}, "sotto-custody-2")


def planned(collection: Collection, wave: int, parent: Plan | None) -> Plan:
    """Return the study's plan for a wave, as an amendment of the one before."""
    plan = compile_plan(PLAN, collection.documents[0])
    changes = {"wave": wave, "parent": parent.digest if parent else None}
    return Plan.from_bytes(canonical(plan.to_json() | changes))


def hand_in(collection: Collection, wave: int, count: int) -> list[str]:
    """Store so many envelopes of a wave; return their receipts."""
    manifest = collection.manifests[wave]
    records = [made_body(manifest)[1:] for _ in range(count)]
    parsed = [Record.from_bytes(record, manifest.plaintext_size) for record in records]
    owner = owner_access.connect_owner(collection.settings.answers_url)
    rows = [(one.row_key, record) for one, record in zip(parsed, records, strict=True)]
    owner_access.insert_records(owner, bytes.fromhex(manifest.key_id), rows)
    owner.dispose()
    return [digest(one.envelope) for one in parsed]


def entry_of(collection: Collection, plan: Plan, header: BoxHeader, before: list[bytes]) -> Entry:
    """Return the ledger entry that pays for a plan over a box, after the releases before it."""
    earlier, declared = [Release.from_bytes(one) for one in before], budget(collection)
    previous = earlier[-1].ledger.entry if earlier else declared.genesis
    charge = Charge(STUDY, plan.wave, header.manifest, plan.digest, header.root, header.count, plan.nano_rho)
    spent = plan.nano_rho + sum(one.budget.cost for one in earlier)
    totals = declared.total, 0, declared.total_delta
    return Entry(len(before) + 1, previous, f"{len(before):032x}", charge, spent, *totals)


def fieldwork_of(box: Path) -> dict[str, object]:
    """Return what the host wrote beside a box."""
    return Fieldwork.from_bytes(fieldwork_path(box).read_bytes()).to_json()


def day_of(fieldwork: dict[str, object]) -> str:
    """Return a day on which a wave had closed and its plan was registered."""
    return max(str(fieldwork["closed"]), today().isoformat(), "2026-11-22")


def live_by_invitation(host: Inviting, folder: Path, numbers: tuple[int, int, int]) -> None:
    """Take a host with an open wave by invitation through plan, box, intent and release; numbers as below."""
    plan = planned(host, 1, None)
    publish_plan(host.settings, host.registered(plan))
    box = folder / "wave-1.box"
    header = wave_by_invitation(host, box, numbers)
    entry = entry_of(host, plan, header, [])
    announced = publish_statement(host.settings, intent(host, plan, header, entry))
    released(host, plan, header, entry, [], said={"fieldwork": fieldwork_of(box), "intent": announced})


def wave_by_invitation(host: Inviting, box: Path, numbers: tuple[int, int, int]) -> BoxHeader:
    """Make so many codes, use some of them, hand in so many records, and make the box; return its header."""
    invited, issued, count = numbers
    host.codes(count=invited)
    with office_session(host.settings) as session:
        for row in session.connection().execute(INVITATION.select().limit(issued)).all():
            changed = update(INVITATION).where(INVITATION.c.code_hash == row.code_hash)
            session.connection().execute(changed.values(blinded_hash=bytes(32)))
    take_in(host, count)
    return host.box(box)


def take_in(host: Inviting, count: int) -> None:
    """Store so many records as they come by invitation."""
    manifest = host.manifests[1]
    records = host.issued(count)
    owner = owner_access.connect_owner(host.settings.answers_url)
    rows = [(record.row_key, record.to_bytes()) for record in records]
    owner_access.insert_records(owner, bytes.fromhex(manifest.key_id), rows)
    owner.dispose()


def released(
    collection: Collection,
    plan: Plan,
    header: BoxHeader,
    entry: Entry,
    before: list[bytes],
    *,
    said: dict[str, Any],
) -> bytes:
    """Sign and publish the release that an entry paid for, with its intent and its wave's fieldwork; return it."""
    history = [budget(collection).genesis, *(Release.from_bytes(one).ledger.entry for one in before)]
    ledger = {
        "sequence": entry.sequence, "entry": entry.hash, "previous": entry.previous, "nonce": entry.nonce,
        "history": history,
    }  # fmt: skip
    unsigned = collection.unsigned(plan, header)
    paid = unsigned["budget"] | {"spent": entry.spent}
    about = {"day": day_of(said["fieldwork"])}
    content = collection.signed(unsigned | said | about | {"ledger": ledger, "budget": paid}, "release")
    releases.publish_release(collection.settings, content)
    return content


def intent(collection: Collection, plan: Plan, header: BoxHeader, entry: Entry) -> bytes:
    """Return the signed intent to open a box for a plan."""
    members = {"plan": plan.digest, "box": header.root, "count": header.count, "head": entry.previous}
    return statement(collection, "intent", plan.wave, members)


def destruction(
    collection: Collection, wave: int, releases: list[bytes], head: str, splits: Sequence[str] = ("0" * 64,)
) -> bytes:
    """Return the signed statement that a wave's key is destroyed."""
    cards = {"threshold": 2, "custodians": 3, "confirmed": [1, 2, 3]}
    members = {
        "splits": [{"custody": one, **cards} for one in splits],
        "releases": sorted(map(digest, releases)),
        "head": head,
    }
    return statement(collection, "destruction", wave, members)


def statement(collection: Collection, kind: str, wave: int, members: dict[str, object], name: str = "") -> bytes:
    """Sign what is said of a wave, for its kind."""
    common = {"format": name or f"sotto-{kind}-1", "study": STUDY, "wave": wave, "day": "2026-11-22"}
    about = {"manifest": collection.manifests[wave].digest, "signer": collection.key.verifying_key.to_json()}
    unsigned = common | about | members
    return canonical(unsigned | {"signature": collection.key.sign(canonical(unsigned), kind).to_json()})


def relog(life: Collection, site: Path, edit) -> None:
    """Rewrite the log with the host's key: `edit` changes the list of entries, and every head is signed again."""
    lines = (site / "log/entries.jsonl").read_bytes().splitlines()
    entries = [canonical(one) for one in edit([json.loads(line) for line in lines])]
    signer = LogSigner.from_text(life.settings.log_key.read_text())
    (site / "log/entries.jsonl").write_bytes(b"".join(entry + b"\n" for entry in entries))
    shutil.rmtree(site / "log/heads")
    (site / "log/heads").mkdir()
    leaves = [leaf_hash(entry) for entry in entries]
    for size in range(1, len(leaves) + 1):
        note = signer.sign(size, root_of(leaves[:size]))
        (site / f"log/heads/{size}").write_bytes(note)
        (site / "log/checkpoint").write_bytes(note)
