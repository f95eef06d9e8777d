"""What staff do to the collection host: accounts, studies, waves, boxes, plans, releases; each act is audited."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from crypto.box import BoxHeader, write_box
from crypto.envelope import record_size
from crypto.merkle import MerkleTree
from survey.answers_db import sealed_rows
from survey.answers_db.compaction import compact
from survey.authoring.compiler import compile_whole, missing_for_opening
from survey.office_db import study_status as status
from survey.office_db.accounts import AccountError, end_sessions, make_account
from survey.office_db.tables import (
    BOX_MADE,
    PublishedRelease,
    Staff,
    Study,
    Wave,
    check_audit,
    document,
    keep_document,
    plans_before_box,
)
from survey.operations.checks import WaveRefusedError, check_manifest, check_new_wave, check_release, documents
from survey.operations.invitations import forget_codes, require_issuer_key, retire_issuer_key, totals
from survey.operations.study_state import prepare_work, publish_state
from survey.operations.transaction import (
    OperationError,
    answers_store,
    compact_office,
    note_act,
    office_session,
    study_of,
    today,
    waves_of,
)
from survey.public_log import log_events
from survey.publication.folder import Published
from survey.publication.media import publish_media
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.settings import Settings
from survey.wave.manifest import Manifest

# When fieldwork is called enough, and when it has met its aim: public numbers, in envelopes.
ENOUGH, TARGET = 500, 2000


def add_user(settings: Settings, name: str, password: str) -> None:
    """Make a staff account of the desk; raise AccountError for a name that is taken or a password that is too short."""
    with office_session(settings) as session:
        if session.get(Staff, name):
            raise AccountError("there is an account of this name already")
        session.add(make_account(name, password, today()))
        note_act(session, "user added", name)


def disable_user(settings: Settings, name: str) -> None:
    """Close a staff account and end its sessions; raise AccountError where there is none."""
    with office_session(settings) as session:
        staff = session.get(Staff, name) or _no_account()
        staff.active = False
        session.add(staff)
        end_sessions(session, name)
        note_act(session, "user disabled", name)


def new_study(settings: Settings, path: Path) -> str:
    """
    Compile an authored study and keep it; return its slug.

    Raises AuthoringError with every problem, and OperationError where the study has had a wave: what was asked then,
    in whatever words and languages, can not change under the answers.
    """
    compiled = compile_whole(path)
    questionnaire, texts = compiled.questionnaire, compiled.texts
    slug = questionnaire.study
    with office_session(settings) as session:
        known = session.get(Study, slug)
        if known and waves_of(session, slug):
            _require_same(known, questionnaire, texts)
        study = known or Study(slug=slug, source="", questionnaire="", texts={}, lacking=[], since=today())
        study.source = keep_document(session, "source", path.read_bytes())
        study.questionnaire = keep_document(session, "questionnaire", questionnaire.to_bytes())
        study.texts = {locale: keep_document(session, "texts", text.to_bytes()) for locale, text in texts.items()}
        study.lacking = list(missing_for_opening(compiled.authored))
        session.add(study)
        publish_media(settings.public, compiled.media)
        note_act(session, "study compiled", f"{slug} {study.questionnaire}")
        publish_state(settings, session, study)
    return slug


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
    unless `demo` says so for the key of a demo; and IssuerKeyError where the key that signs tokens is not on this host,
    unless `issuer_elsewhere` says so.
    """
    with office_session(settings) as session, answers_store(settings) as answers:
        found = study_of(session, study)
        checked = check_manifest(session, found, manifest, demo=demo)
        known = session.get(Wave, (study, checked.wave))
        if known and (known.manifest, known.state) != (checked.digest, "open"):
            raise WaveRefusedError(f"wave {checked.wave} of {study} was opened with another manifest, or is closed")
        if known is None:
            check_new_wave(session, found, checked, drill)
            if not issuer_elsewhere:
                require_issuer_key(settings, checked)
            prepare_work(settings, session, found)
            wave = _new_wave(session, checked, enough, target)
            sealed_rows.open_epoch(answers, wave.epoch, wave.record_size)
            note_act(session, "wave opened", f"{study} {checked.wave} {checked.digest}")
        questionnaire, texts = documents(session, found)
        contents = {locale: text.to_bytes() for locale, text in texts.items()}
        Published(settings.public).write_bundles(checked.pin, manifest, questionnaire.to_bytes(), contents)
        publish_state(settings, session, found)
    log_events.wave_opened(settings, checked, drill)
    note_frontend(settings)
    return checked.pin


def close_wave(settings: Settings, study: str) -> int:
    """Close the open wave for ever; hand-ins in flight are stored or refused before this returns. Return its number."""
    with office_session(settings) as session, answers_store(settings) as answers:
        found = study_of(session, study)
        wave = next((w for w in waves_of(session, study) if w.state == "open"), None)
        if wave is None:
            raise OperationError(f"{study} has no open wave")
        _close(settings, session, answers, found, wave)
        number = wave.number
    retire_issuer_key(settings, study, number)
    return number


def make_box(settings: Settings, study: str, wave: int, path: Path) -> BoxHeader:
    """
    Close the wave where it is open, compact the store, write the box to `path`; return its header.

    Asked again it writes the identical box; a box that would differ from the first is never written (OperationError).
    """
    with office_session(settings) as session, answers_store(settings) as answers:
        found = session.get(Wave, (study, wave))
        if found is None:
            raise OperationError(f"{study} has had no wave {wave}")
        if found.state == "open":
            _close(settings, session, answers, study_of(session, study), found)
        compact(answers)
        found.fieldwork = sealed_rows.fieldwork(answers, found.epoch, found.enough, found.target)
        header = _write_box(session, answers, found, path)
        if found.state != "boxed":
            found.state, found.box_root, found.box_count = "boxed", header.root, header.count
            note_act(session, BOX_MADE, f"{study} {wave} {header.root}")
        session.add(found)
        tokens = _tokens(session, header)
    retire_issuer_key(settings, study, wave)
    compact_office(settings)
    log_events.box_made(settings, header, path, **tokens)
    return header


def _tokens(session: Session, header: BoxHeader) -> dict[str, int]:
    """Return how many were invited to a wave and how many tokens were issued; nothing of an open link."""
    if header.mode == "open":
        return {}
    counted = totals(session, header.study, header.wave)
    return {"invited": counted.invited, "issued": counted.issued or 0}


def compact_answers(settings: Settings) -> dict[str, str]:
    """Compact both databases and write the fieldwork levels, as a timer does daily; return each level by study/wave."""
    levels = {}
    with office_session(settings) as session, answers_store(settings) as answers:
        compact(answers)
        for wave in session.exec(select(Wave).where(Wave.state == "open")):
            wave.fieldwork = sealed_rows.fieldwork(answers, wave.epoch, wave.enough, wave.target)
            session.add(wave)
            levels[f"{wave.study}/{wave.number}"] = wave.fieldwork
    compact_office(settings)
    note_frontend(settings)
    return levels


def note_frontend(settings: Settings) -> None:
    """Log what this installation serves to browsers, for each wave without a box whose newest entry says another."""
    with office_session(settings) as session:
        waves = [(wave.study, wave.number) for wave in session.exec(select(Wave).where(Wave.state != "boxed"))]
    for study, number in sorted(waves):
        log_events.frontend_served(settings, study, number)


def publish_release(settings: Settings, content: bytes) -> str:
    """
    Publish a release on the public page; return its hash. Publishing it again is harmless.

    Raises ReleaseRefusedError unless the signature is of the key that the wave's manifest names, and plan, manifest,
    box and tables are those that this host knows.
    """
    with office_session(settings) as session:
        release = check_release(session, content)
        name = keep_document(session, "release", content)
        if session.get(PublishedRelease, name) is None:
            published = PublishedRelease(
                hash=name,
                study=release.study,
                wave=release.wave,
                plan=release.plan,
                sequence=release.ledger.sequence,
                since=today(),
            )
            session.add(published)
            note_act(session, "release published", f"{release.study} {release.wave} {name}")
        Published(settings.public).write_release(release.study, content)
    log_events.release_published(settings, release)
    return name


def study_status(settings: Settings) -> tuple[status.StudyStatus, ...]:
    """Return how every study stands; raise AuditError where somebody changed the record of what staff did."""
    with office_session(settings) as session:
        check_audit(session)
        return status.studies(session)


def _require_same(known: Study, questionnaire: Questionnaire, texts: Mapping[str, Texts]) -> None:
    if known.questionnaire != questionnaire.digest:
        raise OperationError(f"{known.slug} has had a wave with another questionnaire: give the changed one a new name")
    asked, given = known.texts, {locale: text.digest for locale, text in texts.items()}
    changed = sorted(locale for locale in asked.keys() | given.keys() if asked.get(locale) != given.get(locale))
    if changed:
        raise OperationError(
            f"{known.slug} has had a wave with other wording in {', '.join(changed)}: give the changed one a new name"
        )


def _new_wave(session: Session, manifest: Manifest, enough: int, target: int) -> Wave:
    if not 0 < enough <= target:
        raise OperationError("fieldwork is enough before it meets its target: 0 < enough <= target")
    wave = Wave(
        study=manifest.study,
        number=manifest.wave,
        state="open",
        manifest=keep_document(session, "manifest", manifest.to_bytes()),
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


def _close(settings: Settings, session: Session, answers: Engine, study: Study, wave: Wave) -> None:
    sealed_rows.close_epoch(answers, wave.epoch)
    wave.state, wave.closed = "closed", today()
    session.add(wave)
    forget_codes(session, study.slug, wave.number)
    note_act(session, "wave closed", f"{study.slug} {wave.number}")
    Published(settings.public).remove_bundles(Manifest.from_bytes(document(session, wave.manifest)).pin)
    publish_state(settings, session, study)


def _write_box(session: Session, answers: Engine, wave: Wave, path: Path) -> BoxHeader:
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    if wave.state == "boxed":
        _require_same_records(answers, wave)
    return write_box(
        path,
        study=manifest.study,
        wave=manifest.wave,
        mode=manifest.mode,
        manifest=manifest.digest,
        key_id=manifest.key_id,
        record_size=wave.record_size,
        records=sealed_rows.records(answers, wave.epoch),
        plans=plans_before_box(session, wave.study, wave.number),
    )


def _require_same_records(answers: Engine, wave: Wave) -> None:
    tree = MerkleTree()
    for record in sealed_rows.records(answers, wave.epoch):
        tree.add(record)
    if (tree.root().hex(), len(tree)) != (wave.box_root, wave.box_count):
        raise OperationError("the store no longer holds what the first box of this wave held: restore it from its copy")


def _no_account() -> Staff:
    raise AccountError("there is no account of this name")
