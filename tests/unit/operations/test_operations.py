"""What staff do to the host: refused by name where something does not hold, harmless when done twice, audited."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from hosts import published_life
from hosts.collection import PASSWORD, QUESTIONNAIRE, STUDY, Collection, compiled, published
from hosts.host_acts import audit_head, store_records, study_status
from sqlmodel import Session

from crypto.box import BoxFile
from crypto.canonical import canonical, parse
from crypto.signing import SigningKey
from crypto.tokens import issuer_key_text
from survey.answers_db import store_errors
from survey.document import DocumentError, today
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.people.passwords import AccountError
from survey.office_db.tables import Study, document
from survey.operations import boxes, releases, staff, studies, waves
from survey.operations.checks import WaveRefusedError
from survey.operations.transaction import OperationError, office_session
from survey.publication.folder import Published
from survey.questionnaire.study_metadata import Fieldwork, fieldwork_path

pytestmark = pytest.mark.slow


@pytest.mark.slow
def test_the_whole_way(collection, tmp_path):
    """From a compiled study to a published release; every act moves the audit chain's head."""
    heads = [audit_head(collection)]
    collection.open_wave()
    heads.append(audit_head(collection))
    records = store_records(collection, 7)
    header = collection.box(tmp_path / "wave.box")
    heads.append(audit_head(collection))
    plan = collection.register_plan()
    name = releases.publish_release(collection.settings, collection.release(plan, header))
    heads.append(audit_head(collection))
    with BoxFile.open(tmp_path / "wave.box") as box:
        box.verify()
        assert set(records) == set(box.records())
    wave = study_status(collection).waves[0]
    assert ("boxed", "target", 7, header.root) == (wave.state, wave.fieldwork, wave.box_count, wave.box_root)
    assert ((plan,), (name,)) == (study_status(collection).plans, study_status(collection).releases)
    assert 4 == len(set(heads))


def test_accounts_are_made_once(collection):
    """A name is taken once, and unknown accounts can not be closed."""
    with pytest.raises(AccountError, match="already"):
        staff.add_user(collection.settings, "li", PASSWORD)
    with pytest.raises(AccountError, match="no account"):
        staff.disable_user(collection.settings, "wang")


def test_opening_twice_is_harmless(collection):
    """The same manifest opens the wave once and gives the same pin; the published state is written again."""
    manifest = collection.open_wave()
    folder = Published(collection.settings.public)
    folder.remove_bundles(manifest.pin)
    drill = collection.drill(manifest)
    assert manifest.pin == waves.open_wave(collection.settings, STUDY, manifest.to_bytes(), drill, demo=True)
    assert folder.bundle(manifest.pin, "00")
    assert 1 == len(study_status(collection).waves)


def test_a_study_that_lacks_something_does_not_open(collection):
    """Without ethics, permit or contact no wave opens, and the message names what is missing."""
    engine = connect_staff_database(collection.settings.office_url)
    with Session(engine) as session:
        session.get(Study, STUDY).lacking = ["the ethics review and its number (`facts.ethics`)"]
        session.commit()
    engine.dispose()
    with pytest.raises(WaveRefusedError, match=r"facts\.ethics"):
        collection.open_wave()
    assert () == study_status(collection).waves
    assert "new" == Published(collection.settings.public).study(STUDY).state


@pytest.mark.parametrize(
    "changes",
    [
        {"questionnaire": "0" * 64},
        {"texts": {"en": "0" * 64}},
        {"plaintext_size": 512},
        {"key_id": "0" * 16},
        {"study": "other"},
        {"mode": "invitation", "issuer_key": issuer_key_text(2**2047 + 1)},
        {"sealing": "phone-or-server"},
        {"wave": 2},
    ],
)
def test_a_manifest_of_something_else_does_not_open(collection, changes):
    """A manifest whose documents, size, key, study or turn are not right is refused; no epoch is opened."""
    manifest = collection.manifest(**changes)
    with pytest.raises(WaveRefusedError):
        waves.open_wave(collection.settings, STUDY, manifest.to_bytes(), collection.drill(manifest), demo=True)
    assert () == study_status(collection).waves


def test_a_manifest_that_is_none_does_not_open(collection):
    """Truncated, spaced or empty bytes are no manifest."""
    manifest = collection.manifest()
    for content in (b"", b"{}", manifest.to_bytes()[:-1], manifest.to_bytes() + b"\n"):
        with pytest.raises(DocumentError, match="no valid manifest document"):
            waves.open_wave(collection.settings, STUDY, content, collection.drill(manifest), demo=True)


def test_a_key_that_was_not_drilled_does_not_open(collection):
    """No record, one of another wave, one of not every quorum, a changed one, one signed by another key: refused."""
    manifest, other = collection.manifest(), collection.manifest()
    stranger = Collection(collection.settings, SigningKey.generate())
    drills = [
        b"",
        b"{}",
        collection.drill(other),
        collection.drill(manifest, subsets=2),
        collection.drill(manifest, subsets=0, threshold=4),
        collection.drill(manifest, custodians="3"),
        collection.drill(manifest, extra=1),
        stranger.drill(manifest),
        canonical(parse(collection.drill(manifest)) | {"custodians": 2, "subsets": 1}),
    ]
    for drill in drills:
        with pytest.raises(WaveRefusedError, match="drill"):
            waves.open_wave(collection.settings, STUDY, manifest.to_bytes(), drill, demo=True)
    waves.open_wave(collection.settings, STUDY, manifest.to_bytes(), collection.drill(manifest), demo=True)


def test_waves_come_in_turn_with_keys_of_their_own(collection):
    """No second wave while one is open, none with a used key, none skipped; then the second opens."""
    first = collection.open_wave()
    with pytest.raises(WaveRefusedError, match="close it first"):
        collection.open_wave(2)
    waves.close_wave(collection.settings, STUDY)
    with pytest.raises(WaveRefusedError, match="next wave"):
        collection.open_wave(3)
    again = collection.manifest(2, key=first.key, key_id=first.key_id)
    with pytest.raises(WaveRefusedError, match="another wave"):
        waves.open_wave(collection.settings, STUDY, again.to_bytes(), collection.drill(again), demo=True)
    with pytest.raises(WaveRefusedError, match="closed"):
        waves.open_wave(collection.settings, STUDY, first.to_bytes(), collection.drill(first), demo=True)
    collection.open_wave(2)
    assert ["closed", "open"] == [wave.state for wave in study_status(collection).waves]


def test_what_is_not_open_is_not_closed(collection):
    """Closing needs an open wave, and a known study."""
    for study in (STUDY, "nope"):
        with pytest.raises(OperationError):
            waves.close_wave(collection.settings, study)


def test_a_box_is_made_once_and_again_the_same(collection, tmp_path):
    """Asking again writes the identical file; what arrives later never counts."""
    collection.open_wave()
    store_records(collection, 4)
    collection.box(tmp_path / "one")
    with pytest.raises(store_errors.WaveClosedError):
        store_records(collection, 1)
    collection.box(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_second_box_that_differs_is_refused(open_collection, tmp_path):
    """If the store no longer holds what the first box held, no other box is written, and no draft stays."""
    store_records(open_collection, 4)
    first = open_collection.box(tmp_path / "box")
    with sqlite3.connect(open_collection.settings.answers_url.removeprefix("sqlite:///")) as raw:
        raw.executescript(
            "DROP TRIGGER sealed_remains; DELETE FROM sealed WHERE row_key = (SELECT min(row_key) FROM sealed);"
        )
    kept = (tmp_path / "box").read_bytes()
    with pytest.raises(OperationError, match="first box"):
        open_collection.box(tmp_path / "box")
    assert kept == (tmp_path / "box").read_bytes()
    assert {"box", "box.fieldwork.json"} == {path.name for path in tmp_path.iterdir() if "box" in path.name}
    assert first.count == study_status(open_collection).waves[0].box_count


def test_the_days_and_numbers_of_the_fieldwork_lie_beside_the_box(open_collection, tmp_path):
    """The file names the box's root, the days and the number of answers; an open link has no invitations."""
    store_records(open_collection, 4)
    header = open_collection.box(tmp_path / "wave-1.box")
    written = Fieldwork.from_bytes((tmp_path / "wave-1.box.fieldwork.json").read_bytes())
    assert (header.root, 4, None, None) == (written.root, written.answered, written.invited, written.participation)
    assert written.opened <= written.closed == today().isoformat()


def test_a_box_whose_fieldwork_file_cannot_be_written_is_not_begun(open_collection, tmp_path):
    """Both files are tried before anything is written: with a folder in the second one's path there is no box."""
    waves.close_wave(open_collection.settings, STUDY)
    beside = tmp_path / "wave.1.fieldwork.json"
    beside.mkdir()
    with pytest.raises(OperationError, match=r"wave\.1\.fieldwork\.json.*nothing was changed"):
        open_collection.box(tmp_path / "wave.1")
    assert ("closed", False) == (study_status(open_collection).waves[0].state, (tmp_path / "wave.1").exists())
    beside.rmdir()
    open_collection.box(tmp_path / "wave.1")
    assert beside.is_file()


def test_boxes_with_a_number_for_an_ending_have_a_fieldwork_file_each(collection, tmp_path):
    """The file of wave.2 does not take the place of that of wave.1."""
    for wave in (1, 2):
        collection.open_wave(wave)
        collection.box(tmp_path / f"wave.{wave}", wave)
    files = [fieldwork_path(tmp_path / f"wave.{wave}") for wave in (1, 2)]
    assert [1, 2] == [Fieldwork.from_bytes(file.read_bytes()).wave for file in files]


def test_numbers_that_contradict_each_other_lose_no_box(invited, tmp_path, caplog):
    """More records than used codes, as after an older office database: the box is made, its file is not, and why."""
    published_life.wave_by_invitation(invited, tmp_path / "box", (50, 2, 3))
    assert (True, False) == ((tmp_path / "box").is_file(), fieldwork_path(tmp_path / "box").exists())
    assert "more answers than used codes" in caplog.text


def test_an_empty_wave_makes_an_empty_box(collection, tmp_path):
    """A wave that nobody answered closes and gives a box of nothing."""
    collection.open_wave()
    assert 0 == collection.box(tmp_path / "box").count


def test_no_box_of_a_wave_that_never_was(collection, tmp_path):
    """A box of an unknown wave is refused, and no file is made."""
    with pytest.raises(OperationError, match="no wave 3"):
        collection.box(tmp_path / "box", 3)
    assert not (tmp_path / "box").exists()


def test_compaction_writes_fieldwork_in_words(collection):
    """The daily compaction turns the count of an open wave into one of three words."""
    collection.open_wave()
    store_records(collection, 2)
    assert {f"{STUDY}/1": "few"} == boxes.compact_answers(collection.settings)
    store_records(collection, 2)
    boxes.compact_answers(collection.settings)
    assert "enough" == study_status(collection).waves[0].fieldwork


def test_the_source_that_is_kept_is_the_one_that_was_compiled(collection, tmp_path, monkeypatch):
    """A file that is exchanged after it was compiled is not kept as the source of what it did not make."""
    copy = tmp_path / "questionnaire.yaml"
    shutil.copytree(QUESTIONNAIRE.parent, tmp_path, dirs_exist_ok=True)
    compile_with_media = studies.compile_with_media

    def exchanged(path):
        whole = compile_with_media(path)
        copy.write_text("something: else\n", encoding="utf-8")
        return whole

    monkeypatch.setattr(studies, "compile_with_media", exchanged)
    studies.new_study(collection.settings, copy)
    with office_session(collection.settings) as session:
        assert QUESTIONNAIRE.read_bytes() == document(session, session.get(Study, STUDY).source)


def test_a_changed_study_is_a_new_version(collection, tmp_path):
    """After a wave no question is added unsaid, nor in an open wave at all; the same file may be compiled again."""
    collection.open_wave()
    assert STUDY == studies.new_study(collection.settings, QUESTIONNAIRE)
    changed = tmp_path / "questionnaire.yaml"
    text = QUESTIONNAIRE.read_text(encoding="utf-8")
    assert 1 == text.count("low-friends: false")
    changed.write_text(text.replace("low-friends: false", "low-friends: true"), encoding="utf-8")
    with pytest.raises(OperationError, match=r"a new version in the same study \(--new-version\)"):
        studies.new_study(collection.settings, changed)
    with pytest.raises(OperationError, match=r"wave 1 of q26 is open, .* Close it first"):
        studies.new_study(collection.settings, changed, new_version=True)


def test_wording_stays_as_it_was_asked(collection, tmp_path):
    """Until the first wave wording may change; after it one changed word is refused, naming the locale."""
    text = QUESTIONNAIRE.read_text(encoding="utf-8")
    title = compiled()[1]["en"].title
    reworded = tmp_path / "questionnaire.yaml"
    reworded.write_text(text.replace(title, f"{title}!", 1), encoding="utf-8")
    assert STUDY == studies.new_study(collection.settings, reworded)
    studies.new_study(collection.settings, QUESTIONNAIRE)
    collection.open_wave()
    with pytest.raises(OperationError, match="other wording: title in en:"):
        studies.new_study(collection.settings, reworded)


def test_the_published_folder_holds_only_what_it_should(collection, tmp_path):
    """Every published file is one that the contract names, readable by other processes."""
    published(collection, tmp_path / "box")
    root = collection.settings.public
    files = {path.relative_to(root).parts[0] for path in root.rglob("*") if path.is_file()}
    documents = {
        "manifests",
        "questionnaires",
        "texts",
        "drills",
        "frontends",
        "pages",
        "plans",
        "registrations",
        "boxes",
        "receipts",
        "results",
    }
    assert {"studies", "log"} | documents == files
    assert {0o644} == {path.stat().st_mode & 0o777 for path in root.rglob("*") if path.is_file()}
    assert all(json.loads(Path(path).read_bytes()) for path in root.rglob("*.json"))
