"""Whether a release was announced before it was opened: the intent that it names, against the study folder's."""

from collections.abc import Iterator

from analysis.study.folder import StudyError, StudyFolder, WaveDocuments, read_document
from analysis.verification.tokens import Check
from survey.release.release import Release
from survey.wave.custody import Intent, StatementError


def intent_checks(
    release: Release, folder: StudyFolder | None, documents: WaveDocuments | StudyError | None
) -> Iterator[Check]:
    """Yield the checks of a release's intent; `documents` of its wave that are missing are told elsewhere."""
    if release.intent is None:
        yield "intent", release.demo, "only a demonstration is opened without being announced"
        return
    if isinstance(documents, StudyError):
        return
    if folder is None:
        yield "intent", None, "give --study to read the intent that the release names"
        return
    try:
        intent = read_document(folder.plan_folder(release.plan) / "intent.json", Intent)
        intent.check()
    except (StudyError, StatementError) as error:
        yield "intent", False, str(error)
        return
    named = release.intent, release.plan, release.manifest, release.box.root, release.box.count
    announced = intent.digest, intent.plan, intent.manifest, intent.box, intent.count
    yield "intent", named == announced, "the signed intent to open this box for this plan"
    built_on = (intent.head, intent.signer) == (release.ledger.previous, release.signer)
    yield "intent", built_on, "signed by the study, on top of the same head of the ledger"
    yield "intent", intent.day <= release.day, "announced no later than it was released"
