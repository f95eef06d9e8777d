"""A new version of the questionnaire on the collection host: kept between waves, taken back, and what stays."""

import shutil
import zipfile

import pytest
from hosts.collection import QUESTIONNAIRE, STUDY, Collection, copied
from sqlmodel import select

from survey.office_db.invitations import Batch
from survey.office_db.tables import Study
from survey.operations.corrections import CorrectionRefusedError, publish_correction
from survey.operations.studies import new_study
from survey.operations.study_end import archive_study
from survey.operations.study_state import study_corrections
from survey.operations.transaction import OperationError, office_session
from survey.publication.folder import Published
from survey.settings import Settings
from survey.signed import SchemePair
from survey.wave.correction import Correction, TextChange, changed_texts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def boxed(tmp_path_factory):
    """A host whose first wave has a box and then a correction for the next one."""
    home = tmp_path_factory.mktemp("host")
    collection = Collection(Settings.from_environ({"SOTTO_HOME": str(home)}))
    collection.begin()
    collection.open_wave()
    collection.box(home / "1.box")
    publish_correction(collection.settings, correction(collection, "How old are you now?", None).to_bytes())
    return collection


@pytest.fixture
def host(boxed, tmp_path):
    return copied(boxed, Settings.from_environ({"SOTTO_HOME": str(tmp_path / "copy")}))


def correction(host, new, previous):
    """Return a signed correction of one English text of the first wave."""
    texts = host.documents[1]
    change = TextChange(locale="en", place="items.AGE.text", old=texts["en"].items["AGE"].text, new=new)
    after = changed_texts(texts, (change,))
    key = host.key
    return Correction(
        format="sotto-correction-1", study=STUDY, wave=1, manifest=host.manifests[1].digest, day="2026-11-25",
        previous=previous, reason="a typing error", meaning="same", changes=(change,),
        texts={locale: text.digest for locale, text in after.items()}, signer=SchemePair.of(key.verifying_key),
    ).signed(key)  # fmt: skip


def file_of(folder, *changes):
    """Return a copy of the study's file with other words in it."""
    shutil.copytree(QUESTIONNAIRE.parent, folder)
    path = folder / QUESTIONNAIRE.name
    source = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    path.write_text(source, encoding="utf-8")
    return path


VERSION = ('version: "0.4"', 'version: "0.5"'), ("low-friends: false", "low-friends: true")


def row(host):
    """Return the documents that the office keeps of the study."""
    with office_session(host.settings) as session:
        study = session.exec(select(Study)).one()
        return study.questionnaire, dict(study.texts)


def test_until_its_wave_opens_a_version_changes_no_page_and_can_be_taken_back(host, tmp_path):
    """The public state is of the wave that was; the earlier file, corrected as published, brings its documents back."""
    before, state = row(host), Published(host.settings.public).study(STUDY)
    new_study(host.settings, file_of(tmp_path / "next", *VERSION), new_version=True)
    assert before[0] != row(host)[0]
    assert state == Published(host.settings.public).study(STUDY)
    words = host.documents[1]["en"].items["AGE"].text
    new_study(host.settings, file_of(tmp_path / "back", (words, "How old are you now?")))
    assert before == row(host)


def test_words_of_a_version_that_was_replaced_are_not_corrected(host, tmp_path):
    """Under a correction of the earlier words the next wave's would be others than its file's."""
    new_study(host.settings, file_of(tmp_path / "next", *VERSION), new_version=True)
    kept = row(host)
    with office_session(host.settings) as session:
        (last,) = study_corrections(session, STUDY)
    said = correction(host, "Your age?", last.digest)
    with pytest.raises(CorrectionRefusedError, match="the words of wave 1 are no more asked"):
        publish_correction(host.settings, said.to_bytes())
    assert kept == row(host)


def test_a_version_without_a_stratum_that_codes_were_made_for_is_refused(host, tmp_path):
    """Slips of the next wave that are printed would lead to a place that its questionnaire does not have."""
    with office_session(host.settings) as session:
        session.add(Batch(id=bytes(8), study=STUDY, wave=2, name="b1", stratum="north", open=True, invited=50))
    kept = row(host)
    with pytest.raises(OperationError, match="batch b1 of wave 2 is for the stratum north, which it does not have"):
        new_study(host.settings, file_of(tmp_path / "next", *VERSION), new_version=True)
    assert kept == row(host)


def test_an_archive_holds_what_each_wave_asked(host, tmp_path):
    """After a new version the first wave's questionnaire and texts stand beside its manifest."""
    new_study(host.settings, file_of(tmp_path / "next", *VERSION), new_version=True)
    archive_study(host.settings, STUDY, tmp_path / "archive.zip")
    with zipfile.ZipFile(tmp_path / "archive.zip") as archive:
        asked = archive.read(f"{STUDY}/waves/1/questionnaire.json")
        assert host.documents[0].to_bytes() == asked
        assert asked != archive.read(f"{STUDY}/questionnaire.json")
        assert host.documents[1]["en"].to_bytes() == archive.read(f"{STUDY}/waves/1/texts/en.json")
