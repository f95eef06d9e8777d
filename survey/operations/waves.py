"""Opens and closes waves; each act is checked, audited and logged."""

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from crypto.envelope import record_size
from survey.answers_db import owner_access
from survey.document import today
from survey.office_db.acts import Act
from survey.office_db.tables import (
    Wave,
    document,
    store_document,
)
from survey.operations.checks import WaveRefusedError, check_manifest, check_new_wave, wave_texts
from survey.operations.invitations import forget_codes, require_issuer_key, retire_issuer_key
from survey.operations.study_state import prepare_work, publish_state, unlogged_corrections, wave_corrections
from survey.operations.transaction import (
    OperationError,
    answers_store,
    note_act,
    office_session,
    publishing,
    study_of,
    wave_of,
    waves_of,
)
from survey.public_log import log_events
from survey.publication.folder import CorrectedTexts, Published
from survey.publication.frontend_files import served_paths
from survey.questionnaire.questionnaire import Questionnaire
from survey.respond_app.served_pages import StudyPages
from survey.respond_app.settings import RespondSettings
from survey.settings import Settings
from survey.wave.manifest import Manifest

# When fieldwork is called enough, and when it has met its aim: public numbers, in envelopes.
ENOUGH, TARGET = 500, 2000


def open_wave(
    settings: Settings,
    study: str,
    manifest: bytes,
    drill: bytes,
    *,
    enough: int = ENOUGH,
    target: int = TARGET,
    demo: bool = False,
    issuer_elsewhere: bool = False,
) -> str:
    """
    Open a wave with the manifest and the drill's record from the analysis host; return the pin of its link.

    Opening it again with the same manifest publishes it again. Raises WaveRefusedError for a manifest of other
    documents, a key that was not drilled, a study that lacks what respondents must be told, a wave out of turn, and
    unless `demo` says so for the key of a demo; AssetError where the front end is not built; and IssuerKeyError where
    the key that signs tokens is not on this host, unless `issuer_elsewhere` says so.
    """
    served_paths()  # a front end that is not built is refused before anything is opened
    with office_session(settings) as session, answers_store(settings) as answers:
        row = study_of(session, study)
        checked = check_manifest(session, row, manifest, demo=demo)
        existing = session.get(Wave, (study, checked.wave))
        if existing and (existing.manifest, existing.state) != (checked.digest, "open"):
            raise WaveRefusedError(f"wave {checked.wave} of {study} was opened with another manifest, or is closed")
        if existing is None:
            check_new_wave(session, row, checked, drill)
            _require_logged_words(settings, session, study)
            if not issuer_elsewhere:
                require_issuer_key(settings, checked)
            prepare_work(settings, session, row)
            wave = _new_wave(session, checked, enough, target)
            owner_access.start_accepting(answers, wave.epoch, wave.record_size)
            note_act(session, Act.WAVE_OPENED, f"{study} {checked.wave} {checked.digest}")
    with publishing():
        publish_bundles(settings, study)
        publish_state(settings, study)
        log_events.wave_opened(settings, checked, drill)
        note_frontend(settings)
    return checked.pin


def publish_bundles(settings: Settings, study: str) -> None:
    """Publish the pinned documents of a study's newest wave, for its first links and those since each correction."""
    with office_session(settings) as session:
        wave = waves_of(session, study)[-1]
        manifest = Manifest.from_bytes(document(session, wave.manifest))
        questionnaire = Questionnaire.from_bytes(document(session, manifest.questionnaire))
        named = wave_texts(session, manifest)
        texts = {locale: named[locale] for locale in questionnaire.locales}
        corrected = []
        for correction in wave_corrections(settings, session, study, wave.number):
            texts = correction.corrected(texts)
            contents = {locale: text.to_bytes() for locale, text in texts.items()}
            corrected.append(CorrectedTexts(correction.wording.pin, correction.wording.to_bytes(), contents))
    first = {locale: named[locale].to_bytes() for locale in questionnaire.locales}
    Published(settings.public).write_bundles(
        manifest.pin, manifest.to_bytes(), questionnaire.to_bytes(), first, tuple(corrected)
    )


def close_wave(settings: Settings, study: str) -> int:
    """
    Close the newest wave irreversibly; submissions in progress are stored or refused first. Return its number.

    Closing it again, until it has a box, publishes it again. Raises OperationError where there is none to close.
    """
    number, _ = wave_to_close(settings, study)
    end_wave(settings, study, number)
    return number


def wave_to_close(settings: Settings, study: str) -> tuple[int, str]:
    """Return the number and state of the wave that a close would end; raise OperationError where there is none."""
    with office_session(settings) as session:
        waves = waves_of(session, study_of(session, study).slug)
        if not waves or waves[-1].state == "boxed":
            raise OperationError(f"{study} has no open wave")
        return waves[-1].number, waves[-1].state


# Decision 96.
def end_wave(settings: Settings, study: str, number: int) -> None:
    """
    Close a wave irreversibly where it is open, delete its codes and its issuer key, and publish it as closed.

    Every step is harmless when it is done again: a close that broke off is completed by the next one, or by the box.
    """
    with office_session(settings) as session, answers_store(settings) as answers:
        wave = wave_of(session, study, number)
        if wave.state == "open":
            _end(session, answers, wave)
        pins = [Manifest.from_bytes(document(session, wave.manifest)).pin]
        pins += [one.wording.pin for one in wave_corrections(settings, session, study, number)]
    with publishing():
        for pin in pins:
            Published(settings.public).remove_bundles(pin)
        publish_state(settings, study)
        note_frontend(settings)
    retire_issuer_key(settings, study, number)


def takes_answers(settings: Settings, epoch: bytes) -> bool:
    """Say whether records of a wave's key are taken, which begins and ends before the office knows of it."""
    with answers_store(settings) as answers:
        return owner_access.is_accepting(answers, epoch)


def _end(session: Session, answers: Engine, wave: Wave) -> None:
    wave.state, wave.closed = "closed", today()
    session.add(wave)
    forget_codes(session, wave.study, wave.number)
    note_act(session, Act.WAVE_CLOSED, f"{wave.study} {wave.number}")
    session.flush()
    # Last, for it stays even where the office is rolled back: nothing but the office's commit can fail after it.
    owner_access.stop_accepting(answers, wave.epoch)


# Decisions 65 and 111.
def note_frontend(settings: Settings) -> None:
    """
    Log what this installation serves to browsers, for each wave without a box whose newest entries say another.

    That is the files that pages load, and the pages themselves with their headers. Raises AssetError where the front
    end is not built, and PageError where a page cannot be shown.
    """
    with office_session(settings) as session:
        waves = [(wave.study, wave.number) for wave in session.exec(select(Wave).where(Wave.state != "boxed"))]
    pages = StudyPages(_as_served(settings)) if waves else None
    for study, number in sorted(waves):
        files = log_events.frontend_served(settings, study, number)
        if pages:
            log_events.pages_served(settings, study, number, pages.document(study, number, files).to_bytes())


def _as_served(settings: Settings) -> RespondSettings:
    """Return what the respond app knows of these settings."""
    return RespondSettings(settings.answers_url, settings.public, settings.work_key, settings.hosts)


def _require_logged_words(settings: Settings, session: Session, study: str) -> None:
    """Refuse a new wave whose words the log does not explain: behind its manifest no earlier correction holds."""
    if unlogged_corrections(settings, session, study):
        raise WaveRefusedError(
            f"a correction of {study} was taken and did not come into the log: publish the study's newest correction "
            "again first (`sotto publish`), which logs it (no wave was opened)"
        )


def _new_wave(session: Session, manifest: Manifest, enough: int, target: int) -> Wave:
    if not 0 < enough <= target:
        raise OperationError("fieldwork is enough before it meets its target: 0 < enough <= target")
    wave = Wave(
        study=manifest.study,
        number=manifest.wave,
        state="open",
        manifest=store_document(session, "manifest", manifest.to_bytes()),
        # The store knows a wave by its key, as every envelope does.
        epoch=bytes.fromhex(manifest.key_id),
        record_size=record_size(manifest.plaintext_size),
        enough=enough,
        target=target,
        fieldwork="few",
        opened=today(),
    )
    session.add(wave)
    session.flush()
    return wave
