"""A study that never asked anybody can go; one that did stays, and is written into one file without an answer."""

import io
import zipfile

import pytest
from hosts.collection import QUESTIONNAIRE, STUDY
from sqlmodel import Session, select

from survey.office_db.owner_access import connect_staff_database
from survey.office_db.tables import AuditEntry, StoredDocument, Study, check_audit
from survey.operations import studies
from survey.operations.study_end import archive_study, delete_study
from survey.operations.transaction import OperationError
from survey.operations.waves import close_wave
from survey.publication.folder import Published

pytestmark = pytest.mark.slow


def rows(collection) -> tuple[int, int, str]:
    """Return how many studies and documents the office has, and the last act; the audit chain holds."""
    engine = connect_staff_database(collection.settings.office_url)
    with Session(engine) as session:
        check_audit(session)
        acts = session.exec(select(AuditEntry).order_by(AuditEntry.sequence)).all()
        found = len(session.exec(select(Study)).all()), len(session.exec(select(StoredDocument)).all()), acts[-1].action
    engine.dispose()
    return found


def test_a_study_without_a_wave_goes_whole_and_can_come_back(collection):
    """No row, document or public state is left, the act is in the chain, and the same study may be kept anew."""
    public = Published(collection.settings.public)
    assert public.study(STUDY) is not None
    delete_study(collection.settings, STUDY)
    assert rows(collection) == (0, 0, "study deleted")
    assert Published(collection.settings.public).study(STUDY) is None
    with pytest.raises(OperationError, match="there is no study"):
        delete_study(collection.settings, STUDY)
    assert studies.new_study(collection.settings, QUESTIONNAIRE) == STUDY
    assert rows(collection)[0] == 1


def test_a_study_that_asked_people_stays_and_is_archived_once_closed(collection, tmp_path):
    """Delete is refused with nothing changed; archive waits for the close, holds no answers, and is the same twice."""
    collection.open_wave()
    before = rows(collection)
    with pytest.raises(OperationError, match=r"has had 1 wave, .*nothing was changed"):
        delete_study(collection.settings, STUDY)
    with pytest.raises(OperationError, match="close it first"):
        archive_study(collection.settings, STUDY, tmp_path / "early.zip")
    assert rows(collection) == before
    assert not (tmp_path / "early.zip").exists()

    close_wave(collection.settings, STUDY)
    number = archive_study(collection.settings, STUDY, tmp_path / "one.zip")
    archive_study(collection.settings, STUDY, tmp_path / "two.zip")
    content = (tmp_path / "one.zip").read_bytes()
    assert content == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        assert archive.read(f"{STUDY}/questionnaire.yaml") == QUESTIONNAIRE.read_bytes()
    assert len(names) == number
    assert {f"{STUDY}/waves/1/manifest.json", f"{STUDY}/acts.json", f"{STUDY}/texts/en.json"} <= names
    assert not [name for name in names if "box" in name or "code" in name]
