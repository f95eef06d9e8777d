"""The parts of a report in one language, as frozen data for a template: words, strips, pictures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Strip:
    """Two ranges on one scale from 0 to 100: of a few people then, and of the survey; in tenths of a percent."""

    pilot: tuple[float, float, float] | None
    survey: tuple[float, float, float]


@dataclass(frozen=True)
class MeasureView:
    """One number with its words; `value_text` is empty where the release does not say it, and `verdicts` say why."""

    words: str
    value_text: str
    of: tuple[str, ...]
    verdicts: tuple[str, ...]
    pilot: str
    strip: Strip | None
    faint: bool


@dataclass(frozen=True)
class ComparisonView:
    """One difference of two groups in words; `chance`: that it would stand by itself, and not among all."""

    words: str
    pair: str
    verdict: str
    chance: str = ""


@dataclass(frozen=True)
class PictureView:
    """A table's picture as SVG, what it shows, and the same numbers as rows."""

    table: str
    title: str
    svg: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class HypothesisView:
    """One hypothesis: what was said before beside what the survey found; `nothing` says why it found nothing, if so."""

    id: str
    claim: str
    before: str
    now: str
    measures: tuple[MeasureView, ...]
    comparisons: tuple[ComparisonView, ...]
    pictures: tuple[PictureView, ...]
    elsewhere: tuple[str, ...]
    nothing: str

    @property
    def answered(self) -> bool:
        """Whether the release says anything of it."""
        return bool(self.comparisons or self.pictures or self.elsewhere or any(one.value_text for one in self.measures))


@dataclass(frozen=True)
class FindingView:
    """A finding of the time before, and the first numbers that answer it."""

    title: str
    before: str
    measures: tuple[MeasureView, ...]
    hypotheses: tuple[str, ...]


@dataclass(frozen=True)
class ReportView:
    """A whole report; without findings it is the tables and the method."""

    title: str
    before: str
    people: str
    findings: tuple[FindingView, ...]
    hypotheses: tuple[HypothesisView, ...]
    others: tuple[PictureView, ...]
    sources: tuple[tuple[str, str], ...]
