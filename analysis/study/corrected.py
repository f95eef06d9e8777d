"""The words that a wave's people read at its end: those of its manifest with the corrections that its box names."""

from collections.abc import Sequence

from analysis.study.folder import StudyError, StudyFolder, WaveDocuments
from survey.questionnaire.questionnaire import Texts
from survey.release.corrections import ReleasedCorrection
from survey.wave.correction import CorrectionError


def corrected_in(
    folder: StudyFolder, documents: WaveDocuments, served: Sequence[tuple[str, str]]
) -> tuple[dict[str, Texts], tuple[ReleasedCorrection, ...]]:
    """Return a wave's texts after the corrections that its box names, and these as a release names them.

    `served` are hash and day of each. Raises StudyError where the study folder does not have one of them, or where
    they do not follow the words of the wave's manifest.
    """
    texts, named = documents.texts, list[ReleasedCorrection]()
    kept = {one.digest: one for one in folder.corrections()} if served else {}
    for name, day in served:
        if name not in kept:
            raise StudyError(
                f"the box names the correction {name[:8]}, which is not in {folder.root / 'corrections'}: bring it "
                "there from the published folder (corrections/), so that the release can name it (nothing was spent)"
            )
        try:
            texts = kept[name].corrected(texts)
        except CorrectionError as error:
            raise StudyError(
                f"correction {name[:8]} is not of this wave's words: {error} (nothing was spent)"
            ) from None
        named.append(ReleasedCorrection.of(kept[name], day))
    return texts, tuple(named)
