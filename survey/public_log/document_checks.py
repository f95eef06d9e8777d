"""What the documents that a log names must be: there, unchanged, of their format, and manifests as they are derived.

`verifier/verify.py` checks the same with code of its own.
"""

from collections.abc import Callable, Iterator, Mapping

from crypto.box import BoxHeader
from crypto.canonical import digest
from crypto.envelope import record_size
from crypto.errors import ContentError
from survey.document import DocumentError
from survey.page_identity.pages_document import PagesDocument
from survey.plan.plan import Plan
from survey.plan.registration import Registration
from survey.public_log.log_entry import LogEntry
from survey.public_log.published_source import PublishedSource
from survey.publication.frontend_hashes import FrontendDocument
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.release.release import Release
from survey.wave.correction import Correction
from survey.wave.custody import Custody, Destruction, Drill, Intent
from survey.wave.manifest import Manifest

READERS: Mapping[str, Callable[[bytes], object]] = {
    "manifests": Manifest.from_bytes,
    "questionnaires": Questionnaire.from_bytes,
    "texts": Texts.from_bytes,
    "drills": Drill.from_bytes,
    "frontends": FrontendDocument.from_bytes,
    "pages": PagesDocument.from_bytes,
    "custodies": Custody.from_bytes,
    "corrections": Correction.from_bytes,
    "plans": Plan.from_bytes,
    "registrations": Registration.from_bytes,
    "boxes": BoxHeader.from_bytes,
    "intents": Intent.from_bytes,
    "results": Release.from_bytes,
    "destructions": Destruction.from_bytes,
}
"""How the documents of each folder are read: strictly, so that a member that is not known is refused."""


class DocumentCheck:
    """The check of one log's documents; `read` has what was read by its place, None where there is a fault."""

    def __init__(self, source: PublishedSource) -> None:
        self.source, self.read = source, dict[str, object]()

    def faults(self, entries: tuple[LogEntry, ...]) -> Iterator[str]:
        """Yield a sentence for each document that is not as it must be."""
        for entry in entries:
            for place, name in entry.documents.items():
                yield from self._fault(place, name)
            document = self.read[next(iter(entry.documents))]
            if isinstance(document, Manifest):
                yield from self._of_manifest(entry, document)
            if isinstance(document, Correction):
                for name in document.texts.values():
                    yield from self._fault(f"texts/{name}.json", name)
            if isinstance(document, BoxHeader):
                yield from self._of_box(entry, document)

    def _fault(self, place: str, name: str) -> Iterator[str]:
        """Read a document; yield what is wrong with it."""
        content = self.source.read(place)
        self.read[place] = None
        if content is None:
            yield f"{place}, which the log names, is missing: ask the host for it"
        elif digest(content) != name:
            yield f"{place} was changed: it is not the document that the log names"
        else:
            try:
                self.read[place] = READERS[place.partition("/")[0]](content)
            except ContentError as error:
                yield (
                    f"{place} is not what this version reads there: {error}. Ask the host which version wrote it: "
                    "nothing that it says was checked"
                )

    def _of_manifest(self, entry: LogEntry, manifest: Manifest) -> Iterator[str]:
        """Yield where a manifest is not derived from its questionnaire, texts and key, or is of another wave."""
        place, names = f"manifests/{entry.hash}.json", {f"texts/{name}.json": name for name in manifest.texts.values()}
        asked = f"questionnaires/{manifest.questionnaire}.json"
        for pinned, name in {asked: manifest.questionnaire, **names}.items():
            yield from self._fault(pinned, name)
        if (manifest.study, manifest.wave) != (entry.study, entry.wave):
            yield f"{place} is of another study or wave than its entry in the log"
        questionnaire = self.read[asked]
        texts = {locale: self.read[f"texts/{name}.json"] for locale, name in manifest.texts.items()}
        whole = {locale: text for locale, text in texts.items() if isinstance(text, Texts)}
        if isinstance(questionnaire, Questionnaire) and texts.keys() == whole.keys():
            try:
                manifest.check(questionnaire, whole)
            except DocumentError as error:
                yield f"{place} does not follow from its questionnaire, texts and key: {error}"

    def _of_box(self, entry: LogEntry, box: BoxHeader) -> Iterator[str]:
        """Yield where a box is not of its wave's manifest: key, mode, and the size of its records."""
        manifest = self.read.get(f"manifests/{box.manifest}.json")
        if isinstance(manifest, Manifest):
            due = (manifest.key_id, manifest.mode, record_size(manifest.plaintext_size))
            if (box.key_id, box.mode, box.record_size) != due:
                yield f"boxes/{entry.hash}.json has another key, mode or size of records than its manifest implies"
