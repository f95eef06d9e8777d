"""Makes a correction of what differs between a study's texts and an edited questionnaire, or says why it is none."""

from collections.abc import Iterator, Mapping

from analysis.study.folder import StudyError, StudyFolder, hashes_of
from crypto.durable import write_file
from survey.authoring.editing.study_diff import study_changes
from survey.authoring.reading_time import without_minutes
from survey.document import today
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.signed import SchemePair
from survey.wave.correction import Correction, CorrectionError, TextChange, changed_texts
from survey.wave.text_places import is_correctable, words_by_place

AllTexts = Mapping[str, Texts]
_NONE = "nothing differs from the words that the study has now: edit the questionnaire's file first"
_OTHER = "A correction changes words alone: leave the rest as it is (nothing was written)"
_SHOWN = 5


def new_correction(folder: StudyFolder, questionnaire: Questionnaire, texts: AllTexts, reason: str) -> Correction:
    """Return what would correct the study's words into those of an edited questionnaire, not signed and not kept.

    Raises StudyError where something else than wording differs, naming each thing; where words differ that are not
    corrected, or on which something else depends; and where nothing differs.
    """
    wave = folder.newest_wave
    if not wave:
        raise StudyError(f"{folder.root} has had no key ceremony: until then the questionnaire's file is all there is")
    manifest, before = folder.manifest(wave), folder.texts()
    _refuse(other_changes(folder, questionnaire, texts))
    changes = tuple(corrected_words(before, texts))
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


def other_changes(folder: StudyFolder, questionnaire: Questionnaire, texts: AllTexts) -> Iterator[str]:
    """Yield, in words, all that an edited questionnaire changes and a correction does not.

    The interface's words are the program's: another version of it may have others, and the study keeps its own.
    """
    kept, before = folder.questionnaire(), folder.texts()
    if _unversioned(kept) != _unversioned(questionnaire):
        said = [
            f"{change.where} ({change.kind}): {change.words}"
            for change in study_changes(kept, questionnaire, before, texts)
            if change.kind != "wording"
        ]
        yield from said or ["the questionnaire itself"]
    for locale in before.keys() & texts.keys():
        for place, old, new in _differing(before[locale], texts[locale]):
            if not is_correctable(place) or old is None or new is None:
                yield f"{place} in {locale}: {_quoted(old)} became {_quoted(new)}"


def corrected_words(before: AllTexts, after: AllTexts) -> Iterator[TextChange]:
    """Yield each correctable text that differs, in the order of locale and place."""
    for locale in sorted(before.keys() & after.keys()):
        for place, old, new in _differing(before[locale], after[locale]):
            if is_correctable(place) and old is not None and new is not None:
                yield TextChange(locale=locale, place=place, old=old, new=new)


def _differing(before: Texts, after: Texts) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield place, old and new words in the order of places; minutes alone, which the compiler reckons, are none."""
    old, new = words_by_place(before), words_by_place(after)
    for place in sorted(old.keys() | new.keys()):
        one, other = old.get(place), new.get(place)
        if one != other and (one is None or other is None or without_minutes(one) != without_minutes(other)):
            yield place, one, other


def _unversioned(questionnaire: Questionnaire) -> dict[str, object]:
    return {name: value for name, value in questionnaire.to_json().items() if name != "version"}


def _quoted(words: str | None) -> str:
    return "nothing" if words is None else f"“{words}”"


def _refuse(faults: Iterator[str]) -> None:
    found = [*faults]
    if found:
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise StudyError(f"this is no correction of wording: {'; '.join(found[:_SHOWN])}{more}. {_OTHER}")
