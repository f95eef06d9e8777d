"""Compares what published releases say of their wave's fieldwork with the log's own entries and the wave's manifest."""

from collections.abc import Iterator, Mapping

from survey.public_log.log_entry import Kind, LogEntry
from survey.release.release import Release
from survey.wave.custody import Intent
from survey.wave.manifest import Manifest

Facts = Mapping[str, object]
Documents = Mapping[str, object]


def release_faults(documents: Documents, entries: tuple[LogEntry, ...]) -> Iterator[str]:
    """Yield a sentence for each field of a release that the log or the manifest contradicts.

    `documents` are those that were read, by place; one with a fault, which `DocumentCheck` names, is passed over.
    """
    for entry in entries:
        (name, *_) = entry.documents
        release = documents.get(name)
        if isinstance(release, Release):
            yield from (f"{name} and the log differ: {fault}" for fault in _faults(documents, entries, entry, release))


def _faults(documents: Documents, entries: tuple[LogEntry, ...], entry: LogEntry, release: Release) -> Iterator[str]:
    opened, boxed = _entry(entries, "manifest", entry), _entry(entries, "box", entry)
    if opened is None or boxed is None:
        yield f"no {'wave' if opened is None else 'box'} of wave {entry.wave} is logged"
        return
    due: dict[str, object] = {"study": entry.study, "wave": entry.wave, "ledger.entry": entry.ledger}
    due |= {"manifest": opened.hash, "box.root": boxed.root, "box.count": boxed.count}
    yield from _different(_stated(release, fieldwork=False), due)
    announced = documents.get(f"manifests/{opened.hash}.json")
    if isinstance(announced, Manifest):
        stated = {"mode": release.mode, "demo": release.demo, "budget.total": release.budget.total}
        due = {"mode": announced.mode, "demo": announced.demo, "budget.total": announced.budget.nano_rho}
        stated |= {"budget.atto_delta.total": release.budget.atto_delta.total}
        yield from _different(stated, due | {"budget.atto_delta.total": announced.budget.atto_delta})
    yield from _intent_faults(documents, entries, entry, release)
    yield from _fieldwork_faults(release, opened, boxed)


def _intent_faults(
    documents: Documents, entries: tuple[LogEntry, ...], entry: LogEntry, release: Release
) -> Iterator[str]:
    """Yield where a release was not announced before it: an earlier entry, of the same plan, box and head."""
    if release.intent is None:
        return  # The format allows that to demonstrations alone.
    earlier = [one for one in entries[: entries.index(entry)] if (one.kind, one.hash) == ("intent", release.intent)]
    if not earlier:
        yield f"intent is {release.intent} in the release, and no entry before it announced that"
        return
    if earlier[0].day > release.day:
        yield f"day is {release.day} in the release, and it was announced on {earlier[0].day}, after that"
    intent = documents.get(f"intents/{release.intent}.json")
    if isinstance(intent, Intent):
        stated: Facts = {"plan": release.plan, "ledger.previous": release.ledger.previous, "box.root": release.box.root}
        due: Facts = {"plan": intent.plan, "ledger.previous": intent.head, "box.root": intent.box}
        yield from _different(stated, due)


def _fieldwork_faults(release: Release, opened: LogEntry, boxed: LogEntry) -> Iterator[str]:
    """Yield what a release says of days and people that its wave's two entries contradict.

    The box's day is that of publication, which a command that was run again may have brought a day later.
    """
    if release.fieldwork is None:
        return
    numbers = {"fieldwork.root": boxed.root, "fieldwork.answered": boxed.count}
    numbers |= {"fieldwork.invited": boxed.invited, "fieldwork.issued": boxed.issued, "fieldwork.opened": opened.day}
    yield from _different(_stated(release, fieldwork=True), numbers)
    if release.fieldwork.closed > boxed.day:
        closed = release.fieldwork.closed
        yield f"fieldwork.closed is {closed} in the release, and the log has it done by {boxed.day}"


def _stated(release: Release, *, fieldwork: bool) -> Facts:
    if fieldwork and release.fieldwork:
        names = ("root", "answered", "invited", "issued", "opened")
        return {f"fieldwork.{name}": getattr(release.fieldwork, name) for name in names}
    facts = {"study": release.study, "wave": release.wave, "manifest": release.manifest}
    return facts | {
        "ledger.entry": release.ledger.entry,
        "box.root": release.box.root,
        "box.count": release.box.count,
    }


def _different(stated: Facts, due: Facts) -> Iterator[str]:
    for field, value in due.items():
        if stated[field] != value:
            yield f"{field} is {_shown(stated[field])} in the release and {_shown(value)} in what the log lists"


def _shown(value: object) -> str:
    return "absent" if value is None else str(value)


def _entry(entries: tuple[LogEntry, ...], kind: Kind, release: LogEntry) -> LogEntry | None:
    """Return the wave's entry of a kind."""
    about = kind, release.study, release.wave
    return next((one for one in entries if (one.kind, one.study, one.wave) == about), None)
