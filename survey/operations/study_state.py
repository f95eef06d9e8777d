"""Writes the public state of a study (`study.json`) from the staff database; the web processes read it."""

from sqlmodel import Session

from survey.admission import work_secret
from survey.office_db.tables import Study, Wave, document, documents_of_kind
from survey.operations.checks import documents, wave_texts
from survey.operations.transaction import office_session, study_of, waves_of
from survey.public_log.log_events import corrections_of_wave, host_log
from survey.publication.folder import EarlierWave, Published, Randomised, StudyState
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.questionnaire.randomised_response import item_epsilons, person_epsilon
from survey.settings import Settings
from survey.wave.correction import Correction
from survey.wave.manifest import Manifest


def publish_state(settings: Settings, slug: str) -> None:
    """Write the state of a study as the staff database has committed it: its newest wave and the earlier ones."""
    with office_session(settings) as session:
        Published(settings.public).write_study(_state(settings, session, study_of(session, slug)))


def wave_corrections(settings: Settings, session: Session, study: str, wave: int) -> tuple[Correction, ...]:
    """Return the corrections that were published while a wave was without a box, the oldest first."""
    logged = corrections_of_wave(settings, study, wave)
    return tuple(Correction.from_bytes(document(session, entry.hash)) for entry in logged)


def study_corrections(session: Session, study: str) -> tuple[Correction, ...]:
    """Return the corrections of a study that this host has taken, each behind the one that it follows."""
    every = [Correction.from_bytes(one) for one in documents_of_kind(session, "correction")]
    following = {one.previous: one for one in every if one.study == study}
    ordered: list[Correction] = []
    while next_one := following.get(ordered[-1].digest if ordered else None):
        ordered.append(next_one)
    return tuple(ordered)


def unlogged_corrections(settings: Settings, session: Session, study: str) -> tuple[Correction, ...]:
    """Return the corrections that were taken and not logged, because a step broke off between, the oldest first."""
    logged = {entry.hash for entry in host_log(settings).entries() if entry.kind == "correction"}
    return tuple(one for one in study_corrections(session, study) if one.digest not in logged)


# Decision 157.
def asked_documents(session: Session, study: Study) -> tuple[Questionnaire, dict[str, Texts]]:
    """Return what the newest wave asked, with the words as they are after all corrections since.

    A study without a wave has its own documents, and so has one whose next wave asks the same; where a new version is
    kept for the next wave, these are the documents of the version before it.
    """
    waves = waves_of(session, study.slug)
    manifest = Manifest.from_bytes(document(session, waves[-1].manifest)) if waves else None
    if manifest is None or manifest.questionnaire == study.questionnaire:
        return documents(session, study)
    questionnaire = Questionnaire.from_bytes(document(session, manifest.questionnaire))
    texts = wave_texts(session, manifest)
    for correction in study_corrections(session, study.slug):
        if correction.manifest == manifest.digest:
            texts = correction.corrected(texts)
    return questionnaire, {locale: texts[locale] for locale in questionnaire.locales}


def _state(settings: Settings, session: Session, study: Study) -> StudyState:
    questionnaire, texts = asked_documents(session, study)
    waves = waves_of(session, study.slug)
    last = waves[-1] if waves else None
    manifests = [Manifest.from_bytes(document(session, wave.manifest)) for wave in waves]
    manifest = manifests[-1] if manifests else None
    pins = [manifest.pin] if manifest else []
    if last:
        pins += [one.wording.pin for one in wave_corrections(settings, session, study.slug, last.number)]
    return StudyState(
        study=study.slug,
        state="new" if last is None else "open" if last.state == "open" else "closed",
        wave=last.number if last else None,
        mode=manifest.mode if manifest else "open",
        sealing=manifest.sealing if manifest else "phone",
        randomised=_randomised(questionnaire),
        work=bool(questionnaire.work),
        long_lists=bool(questionnaire.long_lists),
        pin=pins[-1] if pins else None,
        earlier_pins=tuple(pins[:-1]),
        epoch=last.epoch.hex() if last else None,
        record_size=last.record_size if last else None,
        issuer=manifest.issuer_key if manifest else None,
        earlier=tuple(_earlier(wave, old) for wave, old in zip(waves[:-1], manifests[:-1], strict=True)),
        locales=tuple(texts),
        names={locale: text.name for locale, text in texts.items()},
        directions={locale: text.dir for locale, text in texts.items()},
        titles={locale: text.title for locale, text in texts.items()},
    )


def prepare_work(settings: Settings, session: Session, study: Study) -> None:
    """Create the secret of work challenges where a study asks for them; raise WorkKeyError for a damaged one."""
    questionnaire, _ = documents(session, study)
    if questionnaire.work:
        work_secret.create_secret(settings.work_key)


def _earlier(wave: Wave, manifest: Manifest) -> EarlierWave:
    return EarlierWave(epoch=wave.epoch.hex(), record_size=wave.record_size, issuer=manifest.issuer_key)


def _randomised(questionnaire: Questionnaire) -> Randomised:
    items = item_epsilons(questionnaire)
    return Randomised(items=items, person=person_epsilon(questionnaire)) if items else Randomised()
