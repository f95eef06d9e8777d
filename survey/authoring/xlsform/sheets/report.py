"""What an import did with a form: each remark with its sheet, row, reason and remedy, and the questions counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crypto.errors import RefusedError

Kind = Literal["mapped", "dropped", "changed", "proposed", "refused"]
"""From the least to the most: what stands as was, lost an appearance, was changed, is to be confirmed, is missing."""
Status = Literal["mapped", "changed", "proposed", "refused"]
_ORDER: tuple[Kind, ...] = ("mapped", "dropped", "changed", "proposed", "refused")
_STATUS: Mapping[Kind, Status] = {
    "mapped": "mapped",
    "dropped": "mapped",
    "changed": "changed",
    "proposed": "proposed",
    "refused": "refused",
}


class FormError(RefusedError):
    """A workbook that is no form that can be read; the message says why and what to do."""


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

    def at(self, places: Iterable[Place]) -> str:
        """Return what was done alike at several places, in one line."""
        remedy = f". {self.remedy[:1].upper()}{self.remedy[1:]}" if self.remedy else ""
        return f"{self.kind:8} {', '.join(map(str, places))}: {self.reason}{remedy}."


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
            kinds[key] = max(kinds.get(key, "mapped"), remark.kind, key=_ORDER.index)
        return {place: _STATUS[kinds.get((place.sheet, place.row), "mapped")] for place in self.questions}

    def counts(self) -> dict[str, int]:
        """Return how many questions there are, and how many of each status."""
        counted = Counter(self.statuses().values())
        statuses: tuple[Status, ...] = ("mapped", "changed", "proposed", "refused")
        return {"questions": len(self.questions), **{status: counted[status] for status in statuses}}

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        remarks = [
            {
                "kind": remark.kind,
                "sheet": remark.place.sheet,
                "row": remark.place.row,
                "name": remark.place.name,
                "reason": remark.reason,
                "remedy": remark.remedy,
            }
            for remark in self.remarks
        ]
        return {"counts": self.counts(), "remarks": remarks}

    def text(self) -> str:
        """Return the report for a person: what is refused first, the counts at the end.

        What was done alike in several rows stands in one line, with every row.
        """
        alike: dict[tuple[Kind, str, str], list[Remark]] = {}
        for remark in sorted(self.remarks, key=lambda remark: -_ORDER.index(remark.kind)):
            alike.setdefault((remark.kind, remark.reason, remark.remedy), []).append(remark)
        lines = [remarks[0].at(remark.place for remark in remarks) for remarks in alike.values()]
        counts = self.counts()
        noun = "question" if counts["questions"] == 1 else "questions"
        summary = (
            f"{counts['questions']} {noun}: {counts['mapped']} mapped, {counts['changed']} changed, "
            f"{counts['proposed']} with a proposal to confirm, {counts['refused']} refused"
        )
        return "\n".join([*lines, summary])
