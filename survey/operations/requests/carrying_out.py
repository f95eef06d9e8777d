"""Carries out an accepted request with the operations of the commands; doing it again is harmless and ends the same."""

from sqlmodel import Session, select

from crypto.canonical import digest
from survey.office_db.invitations import Batch
from survey.office_db.request_document import (
    BatchClosing,
    Cancellation,
    NewStudy,
    PlanRegistering,
    Publication,
    WaveClosing,
    WaveOpening,
)
from survey.office_db.tables import RegisteredPlan, StoredDocument, Study, Wave
from survey.operations.invitations import close_batch, require_issuer_made
from survey.operations.plans import register_plan
from survey.operations.requests.acceptance import Accepted
from survey.operations.requests.uploads import keep_study, publish
from survey.operations.waves import end_wave, open_wave, takes_answers
from survey.plan.plan import Plan
from survey.plan.registration import Registration
from survey.settings import Settings
from survey.wave.manifest import Manifest


def carry_out(settings: Settings, accepted: Accepted, *, demo: bool) -> str:
    """
    Do what a request asks; return what was done, in words.

    `settings` name who asks. Raises what the operations raise: a RefusedError where nothing was changed, and
    UnfinishedError where doing it again completes it. `demo` lets keys of demonstrations open a wave.
    """
    asked, files = accepted.asked, accepted.files
    where = f"wave {asked.wave} of {asked.study}"
    match asked.asks:
        case WaveOpening():
            require_issuer_made(settings, files["manifest"])
            pin = open_wave(settings, asked.study, files["manifest"], files["drill"], demo=demo, issuer_elsewhere=True)
            return f"{where} is open; the links of its respondents end in #k={pin}"
        case WaveClosing():
            end_wave(settings, asked.study, asked.wave)
            return f"{where} is closed"
        case BatchClosing(batch=name):
            close_batch(settings, asked.study, name, asked.wave)
            return f"the batch {name} of {where} is closed"
        case Cancellation():
            return "taken back"
        case _:
            return _taken_in(settings, accepted)


def _taken_in(settings: Settings, accepted: Accepted) -> str:
    """Do what a request asks that is about an uploaded document alone."""
    asked, files = accepted.asked, accepted.files
    match asked.asks:
        case Publication():
            return f"published as {publish(settings, files['document'])}"
        case PlanRegistering():
            plan, registration = Plan.from_bytes(files["plan"]), Registration.from_bytes(files["registration"])
            return f"the plan is published as {register_plan(settings, plan, registration)}"
        case NewStudy():
            slug = keep_study(settings, asked.study, files["questionnaire"])
            return f"{slug} is kept as a study; its key is made next, on the offline machine: sotto key ceremony"
    raise TypeError(asked.asks.kind)


def was_done(session: Session, accepted: Accepted) -> bool:
    """Say whether the office has what a request asks: an error that came after that left it unfinished."""
    asked = accepted.asked
    wave = session.get(Wave, (asked.study, asked.wave))
    match asked.asks:
        case WaveOpening(manifest=name):
            # One that was closed meanwhile is opened by nothing any more.
            return wave is not None and wave.manifest == name and wave.state == "open"
        case WaveClosing():
            return wave is not None and wave.state != "open"
        case BatchClosing(batch=name):
            batch = session.exec(select(Batch).filter_by(study=asked.study, wave=asked.wave, name=name)).one_or_none()
            return batch is not None and not batch.open
        case Cancellation():
            return True
        case _:
            return _is_taken_in(session, accepted)


def _is_taken_in(session: Session, accepted: Accepted) -> bool:
    asked = accepted.asked
    match asked.asks:
        case Publication():
            return session.get(StoredDocument, digest(accepted.files["document"])) is not None
        case PlanRegistering(plan=name):
            return session.get(RegisteredPlan, name) is not None
        case NewStudy(questionnaire=name):
            study = session.get(Study, asked.study)
            return study is not None and study.source == name
    raise TypeError(asked.asks.kind)


def is_half_done(settings: Settings, session: Session, accepted: Accepted) -> bool:
    """Say whether the answers have what the office has not: an opening or a close broke off between the two."""
    asked = accepted.asked
    wave = session.get(Wave, (asked.study, asked.wave))
    match asked.asks:
        case WaveOpening():
            manifest = Manifest.from_bytes(accepted.files["manifest"])
            return wave is None and takes_answers(settings, bytes.fromhex(manifest.key_id))
        case WaveClosing():
            return wave is not None and not takes_answers(settings, wave.epoch)
        case _:
            return False
