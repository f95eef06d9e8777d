"""What tests of staff's acts do to a collection host and ask of it."""

from sqlmodel import Session

from crypto.envelope import Record
from hosts.collection import Collection, made_body
from survey.answers_db import owner_access
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.study_status import StudyStatus
from survey.office_db.tables import check_audit
from survey.operations import studies


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
