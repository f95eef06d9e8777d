"""Corrections on the collection host: what is published, what phones and later releases then get, what is refused."""

import errno
import json
import re
import shutil

import pytest
from hosts.applications import respond_app
from hosts.collection import QUESTIONNAIRE, STUDY, Collection, compiled, copied
from sqlmodel import select

from crypto.canonical import canonical, digest, parse
from crypto.signing import SigningKey
from survey.authoring.compiler import compile_study
from survey.document import DocumentError
from survey.office_db.tables import Study, documents_of_kind
from survey.operations import corrections, releases
from survey.operations.checks import ReleaseRefusedError, WaveRefusedError
from survey.operations.corrections import CorrectionRefusedError, publish_correction
from survey.operations.studies import new_study, study_status
from survey.operations.transaction import OperationError, UnfinishedError, office_session
from survey.operations.waves import close_wave, open_wave
from survey.plan.plan import Plan
from survey.public_log.log_events import host_log
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog
from survey.publication.bundles import bundle_name
from survey.publication.folder import Published
from survey.publication.pinned_bundle import read_bundle
from survey.release.corrections import ReleasedCorrection
from survey.settings import Settings
from survey.wave.correction import Correction, TextChange, changed_texts
from survey.wave.manifest import Manifest
from survey.wording.phone_catalogue import read_interface
from survey.wording.po_files import FOLDER

pytestmark = pytest.mark.slow
PLACE = "items.AGE.text"
ONWARD = "往前"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A host with an open wave, made once."""
    home = tmp_path_factory.mktemp("host")
    collection = Collection(Settings.from_environ({"SOTTO_HOME": str(home)}))
    collection.begin()
    collection.open_wave()
    return collection


@pytest.fixture
def host(opened, tmp_path):

    return copied(opened, Settings.from_environ({"SOTTO_HOME": str(tmp_path / "copy")}))


def texts_now(host):
    """Return the study's texts as the last correction left them."""
    return getattr(host, "texts", None) or compiled()[1]


def correction(host, new="How old are you now?", wave=1, key=None, place=PLACE, **changes):
    """Return a signed correction of one English text; `changes` replace members before it is signed."""
    texts = texts_now(host)
    old = texts["en"].items["AGE"].text
    change = TextChange(locale="en", place=place, old=old, new=new)
    after = changed_texts(texts, (change,))
    key = key or host.key
    said = {
        "format": "sotto-correction-1", "study": STUDY, "wave": wave, "manifest": host.manifests[wave].digest,
        "day": "2026-11-25", "previous": getattr(host, "last", None), "reason": "a typing error", "meaning": "same",
        "changes": [change.to_json()], "texts": {locale: text.digest for locale, text in after.items()},
        "signer": key.verifying_key.to_json(),
    } | changes  # fmt: skip
    return canonical(said | {"signature": key.sign(canonical(said), "correction").to_json()}), after


def publish(host, **given):
    content, after = correction(host, **given)
    name, link = publish_correction(host.settings, content)
    host.texts, host.last = after, name
    return Correction.from_bytes(content), link


def asked(host, pin):
    """Return the English question that a link with this pin leads to."""
    published = Published(host.settings.public)
    content = published.bundle(pin, bundle_name(0))
    return content and read_bundle(content, pin, STUDY, "en").texts.items["AGE"].text


def faults(host):
    return [*PublishedLog.read(PublishedSource(str(host.settings.public))).faults()]


def test_new_links_have_the_new_words_and_old_links_the_old_ones(host):
    """Both are there until the wave closes, in bundles of one length; then neither is."""
    first = host.manifests[1].pin
    before = asked(host, first)
    said, link = publish(host)
    again, later = publish(host, new="Your age?")
    pins = [first, said.wording.pin, again.wording.pin]
    assert [f"/s/{STUDY}#k={pin}" for pin in pins[1:]] == [link, later]
    assert [before, "How old are you now?", "Your age?"] == [asked(host, pin) for pin in pins]
    state = Published(host.settings.public).study(STUDY)
    assert (pins[2], tuple(pins[:2])) == (state.pin, state.earlier_pins)
    assert pins[2] == study_status(host.settings)[0].waves[0].pin
    for ending in ("json", "json.gz", "json.br"):
        assert 1 == len({path.stat().st_size for path in (host.settings.public / "b").glob(f"*/??.{ending}")})
    client = respond_app(host.settings).test_client()
    assert 200 == client.get(f"/corrections/{said.digest}.json").status_code
    assert [] == faults(host)
    close_wave(host.settings, STUDY)
    assert [None, None, None] == [asked(host, pin) for pin in pins]


def test_publishing_again_and_opening_again_change_nothing(host):
    """Each step may be repeated after a crash: one entry in the log, and the same documents under both links."""
    content, _ = correction(host)
    first = publish_correction(host.settings, content)
    files = {path: path.read_bytes() for path in (host.settings.public / "b").rglob("*.json")}
    assert first == publish_correction(host.settings, content)
    manifest = host.manifests[1]
    open_wave(host.settings, STUDY, manifest.to_bytes(), host.drill(manifest), demo=True)
    assert files == {path: path.read_bytes() for path in (host.settings.public / "b").rglob("*.json")}
    assert 1 == [entry.kind for entry in host_log(host.settings).entries()].count("correction")


def test_what_the_study_did_not_sign_for_these_words_is_refused(host):
    """A stranger's, an edited, an older, another study's, a hidden change: nothing is published and nothing changes."""
    good, _ = correction(host)
    stranger, _ = correction(host, key=SigningKey.generate())
    edited = canonical(parse(good) | {"reason": "another"})
    hidden = correction(host, texts={"en": "0" * 64})[0]
    ahead = correction(host, day="2099-01-01")[0]
    elsewhere = correction(host, manifest="0" * 64)[0]
    unfollowed = correction(host, previous="0" * 64)[0]
    files = {path: path.read_bytes() for path in host.settings.public.rglob("*") if path.is_file()}
    for content, said in (
        (stranger, "signed by another key"),
        (edited, "signature does not hold"),
        (hidden, "its hashes differ"),
        (ahead, "dated after today"),
        (elsewhere, "not the newest here"),
        (correction(host, study="other")[0], "there is no study other"),
        (unfollowed, "does not follow the newest one"),
    ):
        with pytest.raises((CorrectionRefusedError, OperationError), match=said):
            publish_correction(host.settings, content)
    with pytest.raises(DocumentError):
        publish_correction(host.settings, correction(host, changes=[])[0])
    assert files == {path: path.read_bytes() for path in host.settings.public.rglob("*") if path.is_file()}
    publish_correction(host.settings, good)  # the control
    replayed = publish_correction(host.settings, good)
    assert digest(good) == replayed[0]


def test_an_older_correction_never_comes_back(host):
    """Publishing the first again after the second leaves the newest words in new links, and the log's order."""
    rival, _ = correction(host)
    first, _ = publish(host)
    newest, _ = publish(host, new="Your age?")
    publish_correction(host.settings, first.to_bytes())
    with pytest.raises(CorrectionRefusedError, match="does not follow the newest one"):
        publish_correction(host.settings, rival)
    assert newest.wording.pin == Published(host.settings.public).study(STUDY).pin
    assert "Your age?" == asked(host, newest.wording.pin)
    assert [] == faults(host)


def test_a_correction_between_waves_is_the_next_waves_wording(host, tmp_path):
    """Closed and without a box the wave takes none; with one, the words are those of the next wave's manifest alone."""
    close_wave(host.settings, STUDY)
    content, after = correction(host)
    with pytest.raises(CorrectionRefusedError, match="make its box first"):
        publish_correction(host.settings, content)
    header = host.box(tmp_path / "1.box")
    name, link = publish_correction(host.settings, content)
    assert ("", ()) == (link, header.corrections)
    assert header == host.box(tmp_path / "again.box")
    with pytest.raises(WaveRefusedError, match="publish the corrections first"):
        host.open_wave(2)
    entry = host_log(host.settings).entries()[-1]
    assert name in {one.hash for one in host_log(host.settings).entries() if one.kind == "correction"}
    assert entry.kind in {"correction", "pages"}
    made = host.manifest(2, texts={locale: text.digest for locale, text in after.items()})
    host.manifests[2] = Manifest.from_bytes(made.to_bytes())
    open_wave(host.settings, STUDY, made.to_bytes(), host.drill(made), demo=True)
    assert "How old are you now?" == asked(host, made.pin)
    assert [] == faults(host)


def test_what_broke_off_before_the_log_is_logged_in_its_order(host, tmp_path, monkeypatch):
    """A full disk between database and log: the next correction brings the first along, in order."""
    first = broken_off(host, monkeypatch)
    newest, _ = publish(host, new="Your age?")
    header = host.box(tmp_path / "1.box")
    assert [first.digest, newest.digest] == [name for name, _ in header.corrections]
    assert [] == faults(host)


def test_what_a_closed_wave_never_had_its_box_does_not_name(host, tmp_path, monkeypatch):
    """Closed before it was logged, no phone had it: it waits for the box, and is logged before the next wave opens."""
    said = broken_off(host, monkeypatch)
    close_wave(host.settings, STUDY)
    with pytest.raises(CorrectionRefusedError, match="make its box first"):
        publish_correction(host.settings, said.to_bytes())
    header = host.box(tmp_path / "1.box")
    made = host.manifest(2, texts=said.texts)
    with pytest.raises(WaveRefusedError, match="publish the study's newest correction again"):
        open_wave(host.settings, STUDY, made.to_bytes(), host.drill(made), demo=True)
    assert ((), "") == (header.corrections, publish_correction(host.settings, said.to_bytes())[1])
    open_wave(host.settings, STUDY, made.to_bytes(), host.drill(made), demo=True)
    assert [] == faults(host)


def broken_off(host, monkeypatch):
    """Take a correction on a disk that is full when the log is written; return it."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(corrections, "statement_published", full)
        with pytest.raises(UnfinishedError, match="run the same command again"):
            publish(host)
    (said,) = stored(host)
    host.texts, host.last = said.corrected(texts_now(host)), said.digest
    return said


def stored(host):
    with office_session(host.settings) as session:
        return [Correction.from_bytes(one) for one in documents_of_kind(session, "correction")]


def test_every_release_names_the_corrections_of_its_wave_and_since_when(host, tmp_path):
    """One that leaves the correction out, dates it otherwise, or keeps the old labels is not published."""
    plan = host.register_plan()
    said, _ = publish(host)
    header = host.box(tmp_path / "1.box")
    day = next(entry.day for entry in host_log(host.settings).entries() if entry.kind == "correction")
    assert ((said.digest, day),) == header.corrections
    named = ReleasedCorrection.of(said, day).to_json()
    planned = Plan.from_bytes((host.settings.public / f"plans/{plan}.json").read_bytes())
    document = host.unsigned(planned, header)
    labels = json.loads(json.dumps(document["labels"]))
    if "AGE" in labels["en"]:
        labels["en"]["AGE"]["text"] = "How old are you now?"

    def release(corrections, words=labels):
        more = {} if corrections is None else {"corrections": corrections}
        return host.signed(document | {"labels": words} | more, "release")

    for wrong in (None, [named | {"since": "2026-11-02"}], [named | {"reason": "none"}], [named, named]):
        with pytest.raises(ReleaseRefusedError, match="does not name the corrections"):
            releases.publish_release(host.settings, release(wrong))
    if "AGE" in labels["en"]:
        with pytest.raises(ReleaseRefusedError, match="title or labels"):
            releases.publish_release(host.settings, release([named], document["labels"]))
    releases.publish_release(host.settings, release([named]))
    assert not [fault for fault in faults(host) if "correct" in fault]


def test_a_changed_file_is_told_of_corrections(host, tmp_path):
    """`sotto study new` with other words after a wave says that words are corrected, with other codes what changed."""
    with pytest.raises(OperationError, match=r"items\.AGE\.text in en: .*How old are you now.*sotto study correct"):
        new_study(host.settings, edited(tmp_path / "words", asked_of(host), "How old are you now?"))
    with pytest.raises(OperationError, match=r"another questionnaire: .*overview.*--new-version"):
        new_study(host.settings, edited(tmp_path / "more", "\ntitle:", "\noverview: false\ntitle:"))
    assert compiled()[0].digest == kept(host)[0]


def test_a_newer_programs_words_of_the_page_change_no_wave(host, tmp_path):
    """After an upgrade `sotto study new` keeps the words of the first ceremony, also after a correction, and opens."""
    old = asked_of(host)
    said, _ = publish(host)
    host.box(tmp_path / "1.box")
    newer = upgraded(edited(tmp_path / "newer", old, "How old are you now?"))
    shown = compile_study(newer)[1]["zh-Hans"].interface
    assert (ONWARD, "9") == (shown["next"], compile_study(newer)[0].version)
    assert STUDY == new_study(host.settings, newer)
    assert (compiled()[0].digest, said.texts) == kept(host)
    made = host.manifest(2, texts=said.texts)
    open_wave(host.settings, STUDY, made.to_bytes(), host.drill(made), demo=True)
    assert [] == faults(host)


def test_a_study_without_a_wave_takes_the_installed_programs_words(tmp_path):
    """The control: until a wave was opened nobody read any words, and the file's are compiled anew."""
    host = Collection(Settings.from_environ({"SOTTO_HOME": str(tmp_path / "host")}))
    host.begin()
    newer = upgraded(edited(tmp_path / "newer", "\ntitle:", "\ntitle:"))
    new_study(host.settings, newer)
    taken = compile_study(newer)[1]["zh-Hans"].digest
    assert taken == kept(host)[1]["zh-Hans"] != compiled()[1]["zh-Hans"].digest


def asked_of(host):
    return compiled()[1]["en"].items["AGE"].text


def kept(host):
    """Return the hash of the questionnaire that the office keeps, and those of its texts."""
    with office_session(host.settings) as session:
        study = session.exec(select(Study)).one()
        return study.questionnaire, dict(study.texts)


def edited(folder, old, new):
    """Return a copy of the study's file with other words in it."""
    shutil.copytree(QUESTIONNAIRE.parent, folder)
    path = folder / QUESTIONNAIRE.name
    source = path.read_text()
    assert old in source
    path.write_text(source.replace(old, new, 1))
    return path


def upgraded(path):
    """Return a study's file as a newer program compiles it: with another word of its own, and under another version."""
    own = path.parent / "interface/zh-Hans/phone.po"
    own.parent.mkdir(parents=True)
    words = (FOLDER / "zh-Hans/phone.po").read_text()
    before = read_interface(["zh-Hans"]).texts["zh-Hans"]["next"]
    own.write_text(words.replace(f'msgstr "{before}"', f'msgstr "{ONWARD}"'))
    path.write_text(re.sub(r"^version: .*$", 'version: "9"', path.read_text(), count=1, flags=re.MULTILINE))
    return path
