"""Makes a correction of what differs between a study's texts and an edited questionnaire, or says why it is none."""

from collections.abc import Iterator

from analysis.study.folder import StudyError, StudyFolder, hashes_of
from crypto.durable import write_file
from survey.authoring.editing.wording_changes import AllTexts, TimedPlaces, corrected_words, other_changes
from survey.document import today
from survey.questionnaire.questionnaire import Questionnaire
from survey.signed import SchemePair
from survey.wave.correction import Correction, CorrectionError, changed_texts

_NONE = "nothing differs from the words that the study has now: edit the questionnaire's file first"
_OTHER = "A correction changes words alone: leave the rest as it is (nothing was written)"
_SHOWN = 5


def new_correction(
    folder: StudyFolder, questionnaire: Questionnaire, texts: AllTexts, reason: str, timed: TimedPlaces | None = None
) -> Correction:
    """Return what would correct the study's words into those of an edited questionnaire, not signed and not kept.

    `timed` are the places into which minutes were filled (`Compiled.timed`): other minutes alone are no change there.
    Raises StudyError where something else than wording differs, naming each thing; where words differ that are not
    corrected, or on which something else depends; and where nothing differs.
    """
    wave = folder.newest_wave
    if not wave:
        raise StudyError(f"{folder.root} has had no key ceremony: until then the questionnaire's file is all there is")
    manifest, before = folder.manifest(wave), folder.texts()
    _refuse_earlier(folder, questionnaire)
    _refuse(other_changes(folder.questionnaire(), before, questionnaire, texts, timed or {}))
    changes = tuple(corrected_words(before, texts, timed or {}))
    if not changes:
        raise StudyError(_NONE)
    try:
        after = changed_texts(before, changes)
    except CorrectionError as error:
        raise StudyError(f"{error}: this cannot be corrected (nothing was written)") from None
    earlier = folder.corrections()
    return Correction(
        format="sotto-correction-1",
        study=manifest.study,
        wave=wave,
        manifest=manifest.digest,
        day=today().isoformat(),
        previous=earlier[-1].digest if earlier else None,
        reason=reason,
        meaning="same",
        changes=changes,
        texts=hashes_of(after),
        signer=SchemePair.of(folder.signing_key_of(manifest).verifying_key),
    )


def keep_correction(folder: StudyFolder, correction: Correction) -> Correction:
    """Sign a correction, write it into the study folder and return it; its texts are the study's from then on."""
    signed = correction.signed(folder.signing_key())
    write_file(folder.correction_path(len(folder.corrections()) + 1), signed.to_bytes())
    return signed


def _refuse_earlier(folder: StudyFolder, questionnaire: Questionnaire) -> None:
    """Refuse the file of an earlier version, which no coming wave asks."""
    names = [folder.questionnaire(wave).version for wave in range(1, folder.newest_wave + 1)]
    if questionnaire.version in names and questionnaire.version != names[-1]:
        raise StudyError(
            f"the file is of version “{questionnaire.version}”, which version “{names[-1]}” replaced: its words are no "
            "more asked, and only the newest version's can be corrected (nothing was written)"
        )


def _refuse(faults: Iterator[str]) -> None:
    found = [*faults]
    if found:
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise StudyError(f"this is no correction of wording: {'; '.join(found[:_SHOWN])}{more}. {_OTHER}")
