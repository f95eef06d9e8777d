"""What browsers are served for each wave without a box, compared with the newest entries of the log."""

from dataclasses import dataclass

from crypto.canonical import digest
from survey.document import DocumentError
from survey.page_identity.page_comparison import PageComparison, still_asking
from survey.page_identity.pages_document import PagesDocument
from survey.public_log.log_entry import Kind, LogEntry
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog
from survey.publication.frontend_hashes import FrontendDocument

ADVICE = (
    "Answer nothing there before this is explained: keep what was sent, look again in a minute (a command may be at "
    "work), and ask the host (after an upgrade: `sotto migrate`, and start the applications again)"
)


@dataclass(frozen=True)
class PageReport:
    """What is wrong with the pages of the waves without a box, each in a sentence; `remark` says what was compared."""

    faults: tuple[str, ...]
    remark: str


# Decision 111.
def page_report(log: PublishedLog, *, mirror: bool = False) -> PageReport:
    """
    Compare what a host sends to phones with its log; of a copy, only whether the log names the pages it must.

    An address is a host's unless the caller says that it is a `mirror` of its files: a host that hid its pages from
    this program would else pass for one.
    """
    has_pages = log.source.remote and not mirror
    boxed = {(entry.study, entry.wave) for entry in log.entries if entry.kind == "box"}
    opened = {(entry.study, entry.wave) for entry in log.entries if entry.kind == "manifest"}
    faults, compared = list[str](), list[str]()
    for study, wave in sorted(opened - boxed):
        about = f"{study}, wave {wave}"
        try:
            pages, files = _logged(log, study, wave)
        except DocumentError as error:
            faults.append(f"{about}: {error}")
            continue
        comparison = PageComparison(log.source.location, pages, files.files)
        found = comparison.faults() if has_pages else comparison.document_faults()
        faults += [f"{about}: {fault}" for fault in found]
        compared += [about] * has_pages
    if has_pages:
        newest = dict(sorted(opened))
        for study, wave in sorted(newest.items() & boxed):
            faults += [f"{study}, {fault}" for fault in still_asking(log.source.location, study, wave)]
    return PageReport((*faults, *([ADVICE] if faults else [])), _remark(log.source, compared, mirror=mirror))


def _remark(source: PublishedSource, compared: list[str], *, mirror: bool) -> str:
    if compared:
        return f"Pages, headers and files were compared as phones get them: {'; '.join(compared)}"
    if not source.remote:
        return "No page was compared: only an address, `sotto log verify https://HOST`, shows what phones are sent"
    if mirror:
        return "No page was compared: you said that this address is a mirror of the published files, which has none"
    return "No page was compared: no wave is without a box"


def _logged(log: PublishedLog, study: str, wave: int) -> tuple[PagesDocument, FrontendDocument]:
    """Return the newest pages and front end of a wave in the log; raise DocumentError where they do not fit."""
    files_entry, pages_entry = _newest(log, "frontend", study, wave), _newest(log, "pages", study, wave)
    files = FrontendDocument.from_bytes(_document(log, files_entry))
    pages = PagesDocument.from_bytes(_document(log, pages_entry))
    if (pages.study, pages.wave, pages.frontend) != (study, wave, files_entry.hash):
        raise DocumentError(f"pages/{pages_entry.hash}.json is of another study, wave or front end than its entry")
    return pages, files


def _newest(log: PublishedLog, kind: Kind, study: str, wave: int) -> LogEntry:
    found = [entry for entry in log.entries if (entry.kind, entry.study, entry.wave) == (kind, study, wave)]
    if not found:
        raise DocumentError(f"the log has no entry of kind {kind}, so nobody can tell what respondents should be sent")
    return found[-1]


def _document(log: PublishedLog, entry: LogEntry) -> bytes:
    (place,) = entry.documents
    content = log.source.read(place)
    if content is None or digest(content) != entry.hash:
        raise DocumentError(f"{place} is missing or changed, so its pages were not compared")
    return content
