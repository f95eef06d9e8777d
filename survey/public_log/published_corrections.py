"""Compares published corrections of wording with the log: who signed them, what they change, and who must name them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crypto.box import BoxHeader
from survey.public_log.log_entry import LogEntry
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.release.corrections import ReleasedCorrection, ReleasedVersion
from survey.release.release import Release
from survey.wave.correction import Correction, CorrectionError
from survey.wave.custody import StatementError
from survey.wave.manifest import Manifest

Documents = Mapping[str, object]


@dataclass
class StudyWording:
    """A study's wording as far as its log was read: its newest manifest, its texts, and its corrections.

    `served` are hash and day of the corrections that were logged while each wave was without a box; `asked` are the
    hashes of what the waves asked, and `versions` the questionnaires' own names of their versions.
    """

    manifest: Manifest | None = None
    texts: Mapping[str, str] | None = None
    last: str | None = None
    served: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)


def correction_faults(documents: Documents, entries: Sequence[LogEntry]) -> Iterator[str]:
    """Yield a sentence for each correction, manifest, box and release that the log's corrections contradict.

    `documents` are those that were read, by place; one with a fault, which `DocumentCheck` names, is passed over.
    """
    studies: dict[str, StudyWording] = {}
    boxed: set[tuple[str, int]] = set()
    for entry in entries:
        place = next(iter(entry.documents))
        document, known = documents.get(place), studies.setdefault(entry.study, StudyWording())
        yield from (f"{place}: {fault}" for fault in entry_faults(documents, entry, document, known))
        if isinstance(document, Manifest):
            known.manifest, known.texts = document, document.texts
            known.asked.append(document.questionnaire)
            known.versions |= {one.version for one in [_asked(documents, document)] if one}
        if isinstance(document, Correction):
            known.texts, known.last = document.texts, document.digest
            if (entry.study, entry.wave) not in boxed:
                known.served.setdefault(entry.wave, []).append((entry.hash, entry.day))
        boxed |= {(entry.study, entry.wave)} if entry.kind == "box" else set()


def entry_faults(documents: Documents, entry: LogEntry, document: object, known: StudyWording) -> Iterator[str]:
    """Yield what is wrong with one document after what the log had before it."""
    served = known.served.get(entry.wave, [])
    if isinstance(document, Manifest):
        yield from manifest_faults(documents, document, known)
    if isinstance(document, Correction):
        yield from statement_faults(documents, document, known)
    if isinstance(document, BoxHeader) and [*document.corrections] != served:
        yield "it does not name the corrections that were published while its wave was open, each with its day"
    if isinstance(document, Release):
        due = tuple(_released(documents, name, day) for name, day in served)
        if None not in due and (document.corrections or ()) != due:
            yield "it does not name the corrections of its wave as they were published, each with its day"
        asked = known.asked[: document.wave]
        if len(asked) == document.wave and document.version != ReleasedVersion.of(asked):
            yield "it says another version of the questionnaire, or another first wave of it, than the log"


# Decision 157.
def manifest_faults(documents: Documents, manifest: Manifest, known: StudyWording) -> Iterator[str]:
    """Yield what is wrong with a wave's documents after those of the wave before: no change goes untold."""
    if known.manifest is None:
        return
    if manifest.questionnaire == known.manifest.questionnaire:
        if known.texts != manifest.texts:
            yield "its texts are not those of the wave before with the corrections that were published since"
        return
    asked = _asked(documents, manifest)
    if asked and asked.version in known.versions:
        yield "its questionnaire is another than that of the wave before, and has the name of an earlier version"
    if manifest.mode != known.manifest.mode:
        yield "its questionnaire is a new version, and answered in another way than the version before"


def version_lines(documents: Documents, entries: Sequence[LogEntry]) -> Iterator[str]:
    """Yield, for people, each new version of a study's questionnaire: since when, and since which wave."""
    asked: dict[str, list[str]] = {}
    for entry in entries:
        document = documents.get(f"manifests/{entry.hash}.json")
        if isinstance(document, Manifest):
            questionnaires = asked.setdefault(entry.study, [])
            questionnaires.append(document.questionnaire)
            version, named = ReleasedVersion.of(questionnaires), _asked(documents, document)
            if version and named and version.since == len(questionnaires):
                yield (
                    f"New version of the questionnaire since {entry.day}: {entry.study}, wave {entry.wave} asks "
                    f"version {version.number} (named “{named.version}”, {document.questionnaire}), same budget"
                )


def _asked(documents: Documents, manifest: Manifest) -> Questionnaire | None:
    document = documents.get(f"questionnaires/{manifest.questionnaire}.json")
    return document if isinstance(document, Questionnaire) else None


def statement_faults(documents: Documents, said: Correction, known: StudyWording) -> Iterator[str]:
    """Yield what is wrong with a correction: who signed it, what it follows, and what it changes."""
    if known.manifest is None:
        yield "no wave was opened before it"
        return
    try:
        signer = said.check().fingerprint
    except StatementError as error:
        yield str(error)
        return
    due = (known.manifest.signer, known.manifest.study, known.manifest.wave, known.manifest.digest, known.last)
    if (signer, said.study, said.wave, said.manifest, said.previous) != due:
        yield "it is not of the study's key and newest wave, or does not follow the correction before it"
        return
    before = {locale: documents.get(f"texts/{name}.json") for locale, name in (known.texts or {}).items()}
    texts = {locale: one for locale, one in before.items() if isinstance(one, Texts)}
    if texts.keys() == before.keys():
        try:
            said.corrected(texts)
        except CorrectionError as error:
            yield str(error)


def correction_lines(documents: Documents, entries: Sequence[LogEntry]) -> Iterator[str]:
    """Yield, for people, each published correction: since when, for which link, what words became what, and why."""
    for entry in entries:
        document = documents.get(f"corrections/{entry.hash}.json") if entry.kind == "correction" else None
        if isinstance(document, Correction):
            changes = "; ".join(map(str, document.changes))
            yield (
                f"Corrected since {entry.day}: {entry.study}, wave {entry.wave}, links with k={document.wording.pin}: "
                f"{changes}. Reason: {document.reason}"
            )


def _released(documents: Documents, name: str, day: str) -> ReleasedCorrection | None:
    document = documents.get(f"corrections/{name}.json")
    return ReleasedCorrection.of(document, day) if isinstance(document, Correction) else None
