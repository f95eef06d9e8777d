"""What an import did with a form: each remark with its sheet, row, reason and remedy, and the questions counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crypto.errors import RefusedError
from survey.faults import SENTENCES, Say, ToldError, said, told

Kind = Literal["mapped", "dropped", "changed", "proposed", "refused"]
"""From the least to the most: what stands as was, lost an appearance, was changed, is to be confirmed, is missing."""
Status = Literal["mapped", "changed", "proposed", "refused"]
KINDS: tuple[Kind, ...] = ("mapped", "dropped", "changed", "proposed", "refused")
_STATUS: Mapping[Kind, Status] = {
    "mapped": "mapped",
    "dropped": "mapped",
    "changed": "changed",
    "proposed": "proposed",
    "refused": "refused",
}
_ONE = (
    "{questions} question: {mapped} mapped, {changed} changed, {proposed} with a proposal to confirm, {refused} refused"
)

_SEVERAL = (
    "{questions} questions: {mapped} mapped, {changed} changed, {proposed} with a proposal to confirm, "
    "{refused} refused"
)


class FormError(ToldError):
    """A workbook that is no form that can be read."""


class ConstructError(RefusedError):
    """A construct of a form that the questionnaire cannot say; `remedy` is what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{reason}; {remedy}")


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a sheet; `name` is what the row names there, such as a question."""

    sheet: str
    row: int
    name: str = ""

    def __str__(self) -> str:
        return f"{self.sheet}!{self.row}{f' {self.name}' if self.name else ''}"


@dataclass(frozen=True, slots=True)
class Remark:
    """What was done at one place, why, and what the author can do; each in one sentence without its full stop."""

    kind: Kind
    place: Place
    reason: str
    remedy: str

    def at(self, places: Iterable[Place], say: Say) -> str:
        """Return what was done alike at several places, in one line of the language of `say`."""
        stop = "。" if say(SENTENCES) != SENTENCES else ". "
        remedy = told(self.remedy, say)
        sentences = (told(self.reason, say), f"{remedy[:1].upper()}{remedy[1:]}")
        words = "".join(f"{sentence}{stop}" for sentence in sentences if sentence)
        return f"{say(self.kind):8} {', '.join(map(str, places))}: {words}".rstrip(" ")


@dataclass
class ImportReport:
    """The questions of a form and the remarks on them, in the order in which they were met."""

    questions: list[Place] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add(self, kind: Kind, place: Place, reason: str, remedy: str = "") -> None:
        """Record a remark, once."""
        remark = Remark(kind, place, reason, remedy)
        if remark not in self.remarks:
            self.remarks.append(remark)

    def refuse(self, place: Place, error: ConstructError) -> None:
        """Record that something is not imported."""
        self.add("refused", place, error.reason, error.remedy)

    @property
    def refused(self) -> tuple[Remark, ...]:
        return tuple(remark for remark in self.remarks if remark.kind == "refused")

    @property
    def proposed(self) -> tuple[Remark, ...]:
        return tuple(remark for remark in self.remarks if remark.kind == "proposed")

    def statuses(self) -> dict[Place, Status]:
        """Return of each question the weightiest thing that was done to it."""
        kinds: dict[tuple[str, int], Kind] = {}
        for remark in self.remarks:
            key = (remark.place.sheet, remark.place.row)
            kinds[key] = max(kinds.get(key, "mapped"), remark.kind, key=KINDS.index)
        return {place: _STATUS[kinds.get((place.sheet, place.row), "mapped")] for place in self.questions}

    def counts(self) -> dict[str, int]:
        """Return how many questions there are, and how many of each status."""
        counted = Counter(self.statuses().values())
        statuses: tuple[Status, ...] = ("mapped", "changed", "proposed", "refused")
        return {"questions": len(self.questions), **{status: counted[status] for status in statuses}}

    def to_json(self, say: Say = str) -> dict[str, Any]:
        """Return the report as plain JSON values, reasons and remedies in the language of `say`."""
        remarks = [
            {
                "kind": remark.kind,
                "sheet": remark.place.sheet,
                "row": remark.place.row,
                "name": remark.place.name,
                "reason": str(told(remark.reason, say)),
                "remedy": str(told(remark.remedy, say)),
            }
            for remark in self.remarks
        ]
        return {"counts": self.counts(), "remarks": remarks}

    def text(self, say: Say = str) -> str:
        """Return the report for a person in the language of `say`: what is refused first, the counts at the end.

        What was done alike in several rows stands in one line, with every row.
        """
        alike: dict[tuple[Kind, str, str], list[Remark]] = {}
        for remark in sorted(self.remarks, key=lambda remark: -KINDS.index(remark.kind)):
            alike.setdefault((remark.kind, remark.reason, remark.remedy), []).append(remark)
        lines = [remarks[0].at((remark.place for remark in remarks), say) for remarks in alike.values()]
        counts = self.counts()
        return "\n".join([*lines, told(said(_ONE if counts["questions"] == 1 else _SEVERAL, **counts), say)])
