"""Compares published splits of a wave's key, and its destruction, with the log's entries, drill, manifest and releases.

`sotto publish` asks before it logs a statement, `sotto log verify` afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from survey.document import Document
from survey.public_log.log_entry import Kind, LogEntry
from survey.release.release import Release
from survey.wave.custody import Custody, CustodyStatement, Destruction, Drill, Split, is_majority
from survey.wave.manifest import Manifest

Documents = Mapping[str, object]
D = TypeVar("D", bound=Document)
ENDED_BY_DESTRUCTION: frozenset[Kind] = frozenset({"custody", "intent", "release", "destruction"})
AS_WRITTEN = "give the file as its command wrote it"


class StatementFault(NamedTuple):
    """What the log contradicts in a statement, and what whoever would publish it has to do."""

    said: str
    remedy: str


@dataclass(frozen=True)
class LoggedWave:
    """A wave as the log shows it: `before` are the wave's entries so far, `every` all entries of the log.

    `documents` are those that were read, by place; one with a fault, which `DocumentCheck` names, is passed over.
    """

    documents: Documents
    study: str
    every: Sequence[LogEntry]
    before: Sequence[LogEntry]

    @classmethod
    def of(
        cls, documents: Documents, every: Sequence[LogEntry], about: LogEntry | CustodyStatement | Release
    ) -> "LoggedWave":
        """Return the wave of an entry as it was logged before that, or that of a document which is not logged yet."""
        before = every[: every.index(about)] if isinstance(about, LogEntry) else every
        own = [one for one in before if (one.study, one.wave) == (about.study, about.wave)]
        return cls(documents, about.study, every, own)

    def hashes(self, kind: Kind) -> list[str]:
        """Return the wave's documents of a kind, the oldest first."""
        return [one.hash for one in self.before if one.kind == kind]

    def _read(self, model: type[D], places: Sequence[str]) -> list[D]:
        documents = (self.documents.get(place) for place in places)
        return [one for one in documents if isinstance(one, model)]

    @property
    def demo(self) -> bool:
        """Whether the wave's key is a demonstration's, which one card may open."""
        return any(
            one.demo for one in self._read(Manifest, [f"manifests/{name}.json" for name in self.hashes("manifest")])
        )

    def splits(self) -> list[Custody]:
        """Return the splits that were logged, the newest first."""
        return self._read(Custody, [f"custodies/{name}.json" for name in reversed(self.hashes("custody"))])

    def drills(self) -> list[Drill]:
        """Return the drill with which the wave opened."""
        return self._read(Drill, [f"drills/{one.drill}.json" for one in self.before if one.kind == "manifest"])

    def releases(self) -> dict[str, Release]:
        """Return every release of the study in the whole log, by its hash."""
        own = [one for one in self.every if (one.kind, one.study) == ("release", self.study)]
        return {one.digest: one for one in self._read(Release, [place for entry in own for place in entry.documents])}


def key_faults(documents: Documents, entries: Sequence[LogEntry]) -> Iterator[str]:
    """Yield a sentence for each split and destruction that the log contradicts, and all that a destruction forbids."""
    for entry in entries:
        if entry.kind in ENDED_BY_DESTRUCTION:
            (place,) = entry.documents
            wave, document = LoggedWave.of(documents, entries, entry), documents.get(place)
            yield from (f"{place}: {fault.said}" for fault in statement_faults(wave, document))


def statement_faults(wave: LoggedWave, document: object) -> Iterator[StatementFault]:
    """Yield what is wrong with a split, intent, release or destruction after what its wave has in the log."""
    if wave.hashes("destruction"):
        yield StatementFault(
            "it comes after the destruction of the wave's key, which the log has",
            "nothing more is split, announced, released or destroyed of that wave; open a new one",
        )
    if isinstance(document, Custody):
        yield from split_faults(wave, document)
    if isinstance(document, Destruction):
        yield from destruction_faults(wave, document)


# Decision 66.
def split_faults(wave: LoggedWave, split: Custody) -> Iterator[StatementFault]:
    """Yield what is wrong with a split: no majority opens, or it does not follow the newest or the drilled one."""
    if not is_majority(split.threshold, split.custodians, demo=wave.demo):
        yield StatementFault(
            f"{split.threshold} of {split.custodians} cards open, which is no majority or one card alone",
            "deal the key out with `sotto key reshare`, so that more than half of the cards, and two at least, open",
        )
    logged = wave.hashes("custody")
    if not (split.supersedes == logged[-1] if logged else any(_same_cards(split, one) for one in wave.drills())):
        before = f"superseded/{split.supersedes}.json" if split.supersedes else "the one that was drilled"
        yield StatementFault(
            "this split of the key does not follow the one that the public log knows",
            f"publish the one before it first, {before} in the wave's folder (the first is that of the drill with "
            "which the wave opened)",
        )


def _same_cards(split: Custody, drill: Drill) -> bool:
    return all(getattr(split, name) == getattr(drill, name) for name in ("threshold", "custodians", "commitments"))


# Decision 59.
def destruction_faults(wave: LoggedWave, destroyed: Destruction) -> Iterator[StatementFault]:
    """Yield what is wrong with a destruction: its results, its splits, their cards, or the ledger's head."""
    yield from _result_faults(wave, destroyed)
    logged = wave.splits()
    if not _every_split(logged, [one.custody for one in destroyed.splits]):
        yield StatementFault(
            "the statement leaves out a split of the key that the public log knows, or names one that it does not know",
            "publish every split of the wave first, the oldest before the others: superseded/*.json and custody.json "
            "in its folder (`sotto publish`)",
        )
    known = {one.digest: one for one in logged}
    yield from _card_faults(destroyed.splits, known, demo=wave.demo)
    yield from _head_faults(wave.releases(), destroyed)


def _result_faults(wave: LoggedWave, destroyed: Destruction) -> Iterator[StatementFault]:
    logged, stated = {*wave.hashes("release")}, {*destroyed.releases}
    if stated - logged:
        yield StatementFault(
            f"it counts the result {min(stated - logged)}, which the log does not have",
            "publish that release first, `sotto publish release.json`",
        )
    if logged - stated:
        yield StatementFault(
            f"it leaves out the result {min(logged - stated)}, which was published before it",
            "give the statement of the study folder that has all releases of the wave",
        )


def _every_split(logged: Sequence[Custody], stated: Sequence[str]) -> bool:
    """Say whether these are all splits, the newest first.

    Of cards that were replaced before the drill the log has no more than what the oldest logged split names.
    """
    due = [one.digest for one in logged]
    if not due or logged[-1].supersedes is None:
        return bool(due) and [*stated] == due
    due.append(logged[-1].supersedes)
    return [*stated[: len(due)]] == due


def _card_faults(stated: Sequence[Split], published: dict[str, Custody], *, demo: bool) -> Iterator[StatementFault]:
    """Yield where a split is stated with other numbers than were published; by its own numbers too few are left."""
    for one in stated:
        split = published.get(one.custody, one)
        if (one.threshold, one.custodians) != (split.threshold, split.custodians):
            yield StatementFault(
                f"of split {one.custody[:8]} it states {one.threshold} of {one.custodians} cards, where the published "
                f"one has {split.threshold} of {split.custodians}",
                AS_WRITTEN,
            )
        elif not is_majority(one.threshold, one.custodians, demo=demo):
            yield StatementFault(f"of split {one.custody[:8]} a quorum is no majority of the cards", AS_WRITTEN)


def _head_faults(releases: Mapping[str, Release], destroyed: Destruction) -> Iterator[StatementFault]:
    """Yield a fault where a result of the wave was paid after the head, or one of a later day does not build on it.

    A head that no release shows may be right: something may have been paid for and not published.
    """
    for name, one in releases.items():
        built_on = destroyed.head in one.ledger.history
        if built_on if name in destroyed.releases else one.day > destroyed.day and not built_on:
            yield StatementFault("it is on a head that the ledger did not have on that day", AS_WRITTEN)
            return
