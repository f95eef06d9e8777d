"""What tests of staff's acts do to a collection host and ask of it."""

import secrets

from sqlmodel import Session

from crypto.canonical import canonical, digest
from crypto.envelope import Record
from hosts.collection import Collection, made_body
from survey.answers_db import owner_access
from survey.document import today
from survey.office_db.audit_search import ActSearch, acts
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.request_days import newest_value
from survey.office_db.request_document import FORMAT, RequestDocument
from survey.office_db.requests import add_request, request
from survey.office_db.study_status import StudyStatus
from survey.office_db.tables import check_audit
from survey.operations import studies
from survey.operations.requests.acceptance import Rules
from survey.operations.requests.operator import Operator
from survey.operations.transaction import office_session


def store_records(collection: Collection, number: int, wave: int = 1) -> list[bytes]:
    """Store records of a wave and return them."""
    manifest = collection.manifests[wave]
    records = [made_body(manifest)[1:] for _ in range(number)]
    engine = owner_access.connect_owner(collection.settings.answers_url)
    keys = [Record.from_bytes(record, manifest.plaintext_size).row_key for record in records]
    owner_access.insert_records(engine, bytes.fromhex(manifest.key_id), zip(keys, records, strict=True))
    engine.dispose()
    return records


def audit_head(collection: Collection) -> str:
    """Return the head of the audit chain, which is checked."""
    engine = connect_staff_database(collection.settings.office_url)
    with Session(engine) as session:
        head = check_audit(session)
    engine.dispose()
    return head


def study_status(collection: Collection) -> StudyStatus:
    """Return the status of the only study of a host."""
    return studies.study_status(collection.settings)[0]


def asks(collection: Collection, asked: dict, files: dict[str, bytes] | None = None, **changes: object) -> int:
    """Add a request to the office as the desk does; `changes` replace members of it. Return its number."""
    request = a_request(collection, asked, **changes)
    with office_session(collection.settings) as session:
        return add_request(session, request, files or {})


def a_request(collection: Collection, asked: dict, **changes: object) -> RequestDocument:
    """Return a request of li's of today, with the day's value; `changes` replace members of it."""
    with office_session(collection.settings) as session:
        fresh = newest_value(session, today())
    request = {
        "format": FORMAT, "study": "q26", "wave": 1, "asks": asked, "asked_by": "li",
        "day": today().isoformat(), "fresh": fresh, "nonce": secrets.token_hex(16),
    } | changes  # fmt: skip
    return RequestDocument.from_bytes(canonical(request))


def opening(collection: Collection, wave: int = 1, **changes: object) -> tuple[dict, dict[str, bytes]]:
    """Return what is asked to open a wave, and its files; the manifest is kept as the host's."""
    manifest = collection.manifests[wave] = collection.manifest(wave)
    files = {"manifest": manifest.to_bytes(), "drill": collection.drill(manifest)}
    hashes = {name: digest(content) for name, content in files.items()}
    return {"kind": "open-wave", "typed": "q26", "on": None, **hashes} | changes, files


def worker(collection: Collection, **rules: object) -> Operator:
    """Return the operator of a host, which takes what nobody signed and keys of demos."""
    return Operator(collection.settings, Rules(**({"unsigned": True} | rules)), demo=True)


def outcome(collection: Collection, number: int) -> tuple[str, str]:
    """Return the state of a request and the operator's words."""
    with office_session(collection.settings) as session:
        found = request(session, number)
        return found.state.value, found.words


def acts_done(collection: Collection) -> list[tuple[str, str]]:
    """Return who did what, in order, after checking the chain."""
    with office_session(collection.settings) as session:
        check_audit(session)
        return [(act.actor, act.action) for act in reversed(acts(session, ActSearch()))]
