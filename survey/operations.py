"""What staff do to the collection host: accounts, studies, waves, boxes, plans, releases; each act is audited."""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from crypto.box import BoxHeader, write_box
from crypto.envelope import record_size
from crypto.transparency import MerkleTree
from survey import status, store
from survey.authoring import compile_whole, missing_for_opening
from survey.checks import WaveRefusedError, check_manifest, check_new_wave, check_release, documents
from survey.compaction import compact
from survey.manifest import Manifest
from survey.media import publish_media
from survey.office import (
    BOX_MADE,
    OfficeError,
    PublishedRelease,
    Staff,
    Study,
    Wave,
    check_audit,
    connect_office,
    document,
    keep_document,
    plans_before_box,
    record_act,
)
from survey.published import EarlierWave, Published, Randomised, StudyState
from survey.questionnaire import Questionnaire, Texts
from survey.randomise import item_epsilons, person_epsilon
from survey.sessions import AccountError, end_sessions, make_account
from survey.settings import Settings

# When fieldwork is called enough, and when it has met its aim: public numbers, in envelopes.
ENOUGH, TARGET = 500, 2000


class OperationError(OfficeError):
    """What was asked for cannot be done; nothing was changed, and the message says what to do."""


def add_user(settings: Settings, name: str, password: str) -> None:
    """Make a staff account of the desk; raise AccountError for a name that is taken or a password that is too short."""
    with _office(settings) as session:
        if session.get(Staff, name):
            raise AccountError("there is an account of this name already")
        session.add(make_account(name, password, _today()))
        _record(session, "user added", name)


def disable_user(settings: Settings, name: str) -> None:
    """Close a staff account and end its sessions; raise AccountError where there is none."""
    with _office(settings) as session:
        staff = session.get(Staff, name) or _no_account()
        staff.active = False
        session.add(staff)
        end_sessions(session, name)
        _record(session, "user disabled", name)


def new_study(settings: Settings, path: Path) -> str:
    """
    Compile an authored study and keep it; return its slug.

    Raises AuthoringError with every problem, and OperationError where the study has had a wave: what was asked then,
    in whatever words and languages, can not change under the answers.
    """
    compiled = compile_whole(path)
    questionnaire, texts = compiled.questionnaire, compiled.texts
    slug = questionnaire.study
    with _office(settings) as session:
        known = session.get(Study, slug)
        if known and _waves(session, slug):
            _require_same(known, questionnaire, texts)
        study = known or Study(slug=slug, source="", questionnaire="", texts={}, lacking=[], since=_today())
        study.source = keep_document(session, "source", path.read_bytes())
        study.questionnaire = keep_document(session, "questionnaire", questionnaire.to_bytes())
        study.texts = {locale: keep_document(session, "texts", text.to_bytes()) for locale, text in texts.items()}
        study.lacking = list(missing_for_opening(path))
        session.add(study)
        publish_media(settings.public, compiled.media)
        _record(session, "study compiled", f"{slug} {study.questionnaire}")
        _publish_state(settings, session, study)
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
) -> str:
    """
    Open a wave with the manifest and the drill's record from the analysis host; return the pin of its link.

    Opening it again with the same manifest publishes it again. Raises WaveRefusedError for a manifest of other
    documents, a key that was not drilled, a study that lacks what respondents must be told, a wave out of turn, and
    unless `demo` says so for the key of a demo.
    """
    with _office(settings) as session, _answers(settings) as answers:
        found = _study(session, study)
        checked = check_manifest(session, found, manifest, demo=demo)
        known = session.get(Wave, (study, checked.wave))
        if known and (known.manifest, known.state) != (checked.digest, "open"):
            raise WaveRefusedError(f"wave {checked.wave} of {study} was opened with another manifest, or is closed")
        if known is None:
            check_new_wave(session, found, checked, drill)
            wave = _new_wave(session, checked, enough, target)
            store.open_epoch(answers, wave.epoch, wave.record_size)
            _record(session, "wave opened", f"{study} {checked.wave} {checked.digest}")
        questionnaire, texts = documents(session, found)
        contents = {locale: text.to_bytes() for locale, text in texts.items()}
        Published(settings.public).write_bundles(checked.pin, manifest, questionnaire.to_bytes(), contents)
        _publish_state(settings, session, found)
    return checked.pin


def close_wave(settings: Settings, study: str) -> int:
    """Close the open wave for ever; hand-ins in flight are stored or refused before this returns. Return its number."""
    with _office(settings) as session, _answers(settings) as answers:
        found = _study(session, study)
        wave = next((w for w in _waves(session, study) if w.state == "open"), None)
        if wave is None:
            raise OperationError(f"{study} has no open wave")
        _close(settings, session, answers, found, wave)
        return wave.number


def make_box(settings: Settings, study: str, wave: int, path: Path) -> BoxHeader:
    """
    Close the wave where it is open, compact the store, write the box to `path`; return its header.

    Asked again it writes the identical box; a box that would differ from the first is never written (OperationError).
    """
    with _office(settings) as session, _answers(settings) as answers:
        found = session.get(Wave, (study, wave))
        if found is None:
            raise OperationError(f"{study} has had no wave {wave}")
        if found.state == "open":
            _close(settings, session, answers, _study(session, study), found)
        compact(answers)
        found.fieldwork = store.fieldwork(answers, found.epoch, found.enough, found.target)
        header = _write_box(session, answers, found, path)
        if found.state != "boxed":
            found.state, found.box_root, found.box_count = "boxed", header.root, header.count
            _record(session, BOX_MADE, f"{study} {wave} {header.root}")
        session.add(found)
    return header


def compact_answers(settings: Settings) -> dict[str, str]:
    """Compact the store and write the fieldwork levels, as a timer does daily; return the level by study and wave."""
    levels = {}
    with _office(settings) as session, _answers(settings) as answers:
        compact(answers)
        for wave in session.exec(select(Wave).where(Wave.state == "open")):
            wave.fieldwork = store.fieldwork(answers, wave.epoch, wave.enough, wave.target)
            session.add(wave)
            levels[f"{wave.study}/{wave.number}"] = wave.fieldwork
    return levels


def publish_release(settings: Settings, content: bytes) -> str:
    """
    Publish a release on the public page; return its hash. Publishing it again is harmless.

    Raises ReleaseRefusedError unless the signature is of the key that the wave's manifest names, and plan, manifest,
    box and tables are those that this host knows.
    """
    with _office(settings) as session:
        release = check_release(session, content)
        name = keep_document(session, "release", content)
        if session.get(PublishedRelease, name) is None:
            published = PublishedRelease(
                hash=name,
                study=release.study,
                wave=release.wave,
                plan=release.plan,
                sequence=release.ledger.sequence,
                since=_today(),
            )
            session.add(published)
            _record(session, "release published", f"{release.study} {release.wave} {name}")
        Published(settings.public).write_release(release.study, content)
    return name


def study_status(settings: Settings) -> tuple[status.StudyStatus, ...]:
    """Return how every study stands; raise AuditError where somebody changed the record of what staff did."""
    with _office(settings) as session:
        check_audit(session)
        return status.studies(session)


@contextmanager
def _office(settings: Settings) -> Iterator[Session]:
    """Give a session that commits where the block ends well and changes nothing where it does not."""
    engine = connect_office(settings.office_url)
    try:
        with Session(engine) as session:
            yield session
            session.commit()
    finally:
        engine.dispose()


@contextmanager
def _answers(settings: Settings) -> Iterator[Engine]:
    engine = store.connect_owner(settings.answers_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _study(session: Session, slug: str) -> Study:
    found = session.get(Study, slug)
    if found is None:
        raise OperationError(f"there is no study {slug}: compile it first (`sotto study new`)")
    return found


def _waves(session: Session, study: str) -> list[Wave]:
    return list(session.exec(select(Wave).where(Wave.study == study).order_by(col(Wave.number))))


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
        opened=_today(),
    )
    session.add(wave)
    session.flush()
    return wave


def _close(settings: Settings, session: Session, answers: Engine, study: Study, wave: Wave) -> None:
    store.close_epoch(answers, wave.epoch)
    wave.state, wave.closed = "closed", _today()
    session.add(wave)
    _record(session, "wave closed", f"{study.slug} {wave.number}")
    Published(settings.public).remove_bundles(Manifest.from_bytes(document(session, wave.manifest)).pin)
    _publish_state(settings, session, study)


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
        records=store.records(answers, wave.epoch),
        plans=plans_before_box(session, wave.study, wave.number),
    )


def _require_same_records(answers: Engine, wave: Wave) -> None:
    tree = MerkleTree()
    for record in store.records(answers, wave.epoch):
        tree.add(record)
    if (tree.root().hex(), len(tree)) != (wave.box_root, wave.box_count):
        raise OperationError("the store no longer holds what the first box of this wave held: restore it from its copy")


def _publish_state(settings: Settings, session: Session, study: Study) -> None:
    questionnaire, texts = documents(session, study)
    waves = _waves(session, study.slug)
    last = waves[-1] if waves else None
    manifests = [Manifest.from_bytes(document(session, wave.manifest)) for wave in waves]
    manifest = manifests[-1] if manifests else None
    state = StudyState(
        study=study.slug,
        state="new" if last is None else "open" if last.state == "open" else "closed",
        wave=last.number if last else None,
        mode=manifest.mode if manifest else "open",
        sealing=manifest.sealing if manifest else "phone",
        randomised=_randomised(questionnaire),
        pin=manifest.pin if manifest else None,
        epoch=last.epoch.hex() if last else None,
        record_size=last.record_size if last else None,
        issuer=manifest.issuer_key if manifest else None,
        earlier=tuple(_earlier(wave, old) for wave, old in zip(waves[:-1], manifests[:-1], strict=True)),
        locales=tuple(texts),
        names={locale: text.name for locale, text in texts.items()},
        directions={locale: text.dir for locale, text in texts.items()},
        titles={locale: text.title for locale, text in texts.items()},
    )
    Published(settings.public).write_study(state)


def _earlier(wave: Wave, manifest: Manifest) -> EarlierWave:
    return EarlierWave(epoch=wave.epoch.hex(), record_size=wave.record_size, issuer=manifest.issuer_key)


def _randomised(questionnaire: Questionnaire) -> Randomised:
    items = item_epsilons(questionnaire)
    return Randomised(items=items, person=person_epsilon(questionnaire)) if items else Randomised()


def _record(session: Session, action: str, subject: str) -> None:
    record_act(session, _today(), getpass.getuser(), action, subject)


def _today() -> date:
    return datetime.now(UTC).date()


def _no_account() -> Staff:
    raise AccountError("there is no account of this name")
