"""Publishes corrections of wording that the analysis host signed; an open wave's new links lead to the new words."""

from sqlmodel import Session

from survey.document import dated_ahead
from survey.errors import OfficeError
from survey.office_db.acts import Act
from survey.office_db.tables import StoredDocument, Wave, document, store_document
from survey.operations.checks import documents
from survey.operations.study_state import publish_state, study_corrections, unlogged_corrections
from survey.operations.transaction import note_act, office_session, publishing, study_of, waves_of
from survey.operations.waves import note_frontend, publish_bundles
from survey.public_log.log_events import statement_published
from survey.settings import Settings
from survey.wave.correction import Correction, CorrectionError
from survey.wave.custody import StatementError
from survey.wave.manifest import Manifest


class CorrectionRefusedError(OfficeError):
    """A correction that is not of this host's study, wave and words, or that the study's key did not sign."""


def publish_correction(settings: Settings, content: bytes) -> tuple[str, str]:
    """
    Publish and log a correction; return its hash and, while a wave is open, the new link's path and pin, else "".

    Publishing it again is harmless, and logs first, in their order, corrections that an earlier call took and did not
    come to log. Links to an open wave from before stay good and keep the old words; where the newest wave has a box,
    the words are those of the next one. Raises CorrectionRefusedError unless the study's key signed it, for the newest
    wave's manifest, after the study's correction before it and no later than today, and what it changes are words of
    the study as they are; and in a closed wave without a box, whatever the log lacks.
    """
    correction = Correction.from_bytes(content)
    if ahead := dated_ahead(correction.day):
        raise CorrectionRefusedError(f"the correction is not published: {ahead} (nothing was published)")
    with office_session(settings) as session:
        newest = _newest_wave(session, correction)
        is_open = newest.state == "open"
        if session.get(StoredDocument, correction.digest) is None:
            _keep(session, correction, newest)
        unlogged = unlogged_corrections(settings, session, correction.study)
        if unlogged and newest.state == "closed":
            raise CorrectionRefusedError(
                f"wave {newest.number} is closed and has no box yet: make its box first (`sotto box`), then publish "
                "the correction, which the next wave will have (nothing was published)"
            )
    with publishing():
        # Logged before a phone gets it: nobody reads words that the log does not have.
        for one in unlogged or (correction,):
            statement_published(settings, "correction", one.study, one.wave, one.to_bytes())
        if is_open:
            publish_bundles(settings, correction.study)
        publish_state(settings, correction.study)
        note_frontend(settings)
    return correction.digest, f"/s/{correction.study}#k={correction.wording.pin}" if is_open else ""


def _newest_wave(session: Session, correction: Correction) -> Wave:
    waves = waves_of(session, study_of(session, correction.study).slug)
    if not waves or waves[-1].manifest != correction.manifest or waves[-1].number != correction.wave:
        raise CorrectionRefusedError(
            f"the correction is of wave {correction.wave} of {correction.study}, which is not the newest here: give "
            "the correction as `sotto study correct` wrote it, while or after that wave was open (nothing was "
            "published)"
        )
    return waves[-1]


def _keep(session: Session, correction: Correction, newest: Wave) -> None:
    _check(session, correction, newest)
    study = study_of(session, correction.study)
    questionnaire, texts = documents(session, study)
    if questionnaire.digest != Manifest.from_bytes(document(session, newest.manifest)).questionnaire:
        raise CorrectionRefusedError(
            f"the next wave of {study.slug} asks a new version of the questionnaire, and the words of wave "
            f"{newest.number} are no more asked: correct the new version once its wave was opened (nothing was "
            "published)"
        )
    try:
        corrected = correction.corrected(texts)
    except CorrectionError as error:
        raise CorrectionRefusedError(f"{error} (nothing was published)") from None
    study.texts = {locale: store_document(session, "texts", text.to_bytes()) for locale, text in corrected.items()}
    session.add(study)
    name = store_document(session, "correction", correction.to_bytes())
    note_act(session, Act.CORRECTION_PUBLISHED, f"{correction.study} {correction.wave} {name}")


def _check(session: Session, correction: Correction, newest: Wave) -> None:
    try:
        signer = correction.check().fingerprint
    except StatementError as error:
        raise CorrectionRefusedError(f"{error} (nothing was published)") from None
    if signer != Manifest.from_bytes(document(session, newest.manifest)).signer:
        raise CorrectionRefusedError(
            "the correction is signed by another key than the one that the manifest names (nothing was published)"
        )
    last = study_corrections(session, correction.study)[-1:]
    if correction.previous != (last[0].digest if last else None):
        raise CorrectionRefusedError(
            "the correction does not follow the newest one that is published here: publish those before it first, in "
            "their order (corrections/1.json, 2.json … in the study folder; nothing was published)"
        )
