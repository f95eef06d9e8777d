"""A release as a reader sees it: words, percentages and the geometry of bars with their margins. Pure, no Flask."""

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from survey.languages import Language
from survey.results import DELTAS, Budget, Delta, Dimension, Estimate, Mean, Release, Share, Table, group_codes
from survey.sheets import row_label

NANO = 1_000_000_000
FINE_MARGIN = 0.02
ONE_IN: dict[Delta, int] = {"1e-5": 100_000, "1e-6": 1_000_000, "1e-9": 1_000_000_000}
PLAIN_DELTA: Delta = "1e-6"


@dataclass(frozen=True)
class Bar:
    """One share: its label, its words, and where bar and margin begin and end, in percent of the whole width."""

    label: str
    share: str
    margin: str
    width: float
    low: float
    high: float
    reliable: bool


@dataclass(frozen=True)
class Average:
    """One mean: its words, and where it and its margin stand between the lowest and the highest score, in percent."""

    value: str
    margin: str
    lowest: str
    highest: str
    at: float
    low: float
    high: float


@dataclass(frozen=True)
class Group:
    """What one group answered; `bars` is empty where too few answered to say anything."""

    name: str
    total: str
    margin: str
    abstained: bool
    mean: Average | None
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Section:
    """Groups side by side, under the level of a third dimension where there is one; `silent` are names alone."""

    name: str
    groups: tuple[Group, ...]
    silent: tuple[str, ...]


@dataclass(frozen=True)
class TableView:
    """One table: what was asked, of whom, what came out, what it cost."""

    id: str
    title: str
    by: tuple[str, ...]
    filtered: bool
    everyone: Group | None
    sections: tuple[Section, ...]
    reason: str
    sigma: str
    rho: str
    cap: int
    unreliable: bool


@dataclass(frozen=True)
class BudgetView:
    """The price in plain words: rho as decimals, how much of the life's budget is gone, what that means for odds."""

    cost: str
    spent: str
    total: str
    percent: int
    part: str
    odds: str
    one_in: str
    epsilons: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReleaseView:
    """A release in one language."""

    hash: str
    study: str
    title: str
    wave: int
    day: str
    demo: bool
    envelopes: bool
    duplicates: bool
    late: bool
    count: str
    tables: tuple[TableView, ...]
    budget: BudgetView
    mechanism: str
    plan: str
    manifest: str
    root: str
    signer: str


def show(name: str, release: Release, language: Language) -> ReleaseView:
    """Return the release named `name` (its hash) in a language; the study's own words fall back to its first locale."""
    locale = language.locale if language.locale in release.labels else next(iter(release.labels))
    reader = _Reader(release, locale, language)
    return ReleaseView(
        hash=name,
        study=release.study,
        title=release.title[locale],
        wave=release.wave,
        day=format_date(date.fromisoformat(release.day), "long", locale=language.babel),
        demo=release.demo,
        envelopes=release.unit == "envelope",
        duplicates="duplicates-possible" in release.notes,
        late="registered-late" in release.notes,
        count=reader.number(release.box.count),
        tables=tuple(reader.table(table) for table in release.tables),
        budget=reader.budget(release.budget),
        mechanism=f"{release.mechanism.name} ({release.mechanism.library} {release.mechanism.version})",
        plan=release.plan,
        manifest=release.manifest,
        root=release.box.root,
        signer=release.signer.ed25519,
    )


@dataclass(frozen=True)
class _Reader:
    release: Release
    locale: str
    language: Language

    def number(self, value: float, digits: int = 0) -> str:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(round(value, digits), pattern, locale=self.language.babel))

    def percent(self, value: float, digits: int) -> str:
        return str(format_percent(value, "#,##0" + ("." + "0" * digits if digits else "") + "%", self.language.babel))

    def label(self, dimension: Dimension, code: int) -> str:
        return self.release.labels[self.locale][dimension.id].levels.get(str(code), str(code))

    def table(self, table: Table) -> TableView:
        first, *others = table.dimensions
        labels = self.release.labels[self.locale]
        everyone = next((e for e in table.estimates if e.group is None and e.row is None), None)
        return TableView(
            id=table.id,
            title=labels[first.id].text,
            by=tuple(labels[d.id].text for d in others),
            filtered=table.population is not None,
            everyone=self.group(table, everyone) if everyone else None,
            sections=self.sections(table),
            reason=table.reason,
            sigma=self.number(table.sigma, 1),
            rho=self.number(table.nano_rho / NANO, 5),
            cap=table.l2_squared if first.multi else 0,
            unreliable=any(not share.reliable for estimate in table.estimates for share in estimate.shares),
        )

    def sections(self, table: Table) -> tuple[Section, ...]:
        """Return groups of the second dimension: alone, or within each level of the third; of a grid row by row."""
        rows = dict.fromkeys(estimate.row for estimate in table.estimates if estimate.row is not None)
        if rows:
            return tuple(self.row(table, row) for row in rows)
        groups = [estimate for estimate in table.estimates if estimate.group is not None]
        alone = [self.group(table, e) for e in groups if len(group_codes(e)) == 1]
        found = [_section("", alone)] if alone else []
        if len(table.dimensions) > 2:  # noqa: PLR2004 - a third dimension
            third = table.dimensions[2]
            for code in third.substantive:
                within = [self.group(table, e) for e in groups if group_codes(e)[1:] == (code,)]
                found += [_section(self.label(third, code), within)] if within else []
        return tuple(found)

    def row(self, table: Table, row: str) -> Section:
        """Return one row of a grid: everyone first, then the groups of the second dimension."""
        told = [e for e in table.estimates if e.row == row and len(group_codes(e)) < 2]  # noqa: PLR2004 - no pairs
        return _section(row_label(self.release, row, self.locale), [self.group(table, e) for e in told])

    def group(self, table: Table, estimate: Estimate) -> Group:
        first = table.dimensions[0]
        codes = group_codes(estimate)
        return Group(
            name=self.label(table.dimensions[1], codes[0]) if codes else "",
            total=self.number(max(estimate.total, 0)),
            margin=self.number(estimate.total_margin),
            abstained=estimate.abstained is not None,
            mean=self.average(first, estimate.mean) if estimate.mean else None,
            bars=tuple(self.bar(first, share) for share in estimate.shares),
        )

    def bar(self, dimension: Dimension, share: Share) -> Bar:
        digits = 1 if share.margin < FINE_MARGIN else 0
        return Bar(
            label=self.label(dimension, share.code),
            share=self.percent(min(max(share.share, 0.0), 1.0), digits),
            margin=self.number(100 * share.margin, digits),
            width=_within(share.share),
            low=_within(share.bayes[0] if share.bayes else share.share - share.margin),
            high=_within(share.bayes[1] if share.bayes else share.share + share.margin),
            reliable=share.reliable,
        )

    def average(self, dimension: Dimension, mean: Mean) -> Average:
        lowest, highest = min(dimension.substantive), max(dimension.substantive)
        span = max(highest - lowest, 1)
        return Average(
            value=self.number(mean.value, 2),
            margin=self.number(mean.margin, 2),
            lowest=self.number(lowest),
            highest=self.number(highest),
            at=_within((mean.value - lowest) / span),
            low=_within((mean.value - mean.margin - lowest) / span),
            high=_within((mean.value + mean.margin - lowest) / span),
        )

    def budget(self, budget: Budget) -> BudgetView:
        part = budget.spent / budget.total
        epsilon = budget.epsilon[PLAIN_DELTA]
        return BudgetView(
            cost=self.number(budget.cost / NANO, 3),
            spent=self.number(budget.spent / NANO, 3),
            total=self.number(budget.total / NANO, 3),
            percent=round(100 * part),
            part=self.percent(part, 0),
            odds=self.number(2.718281828459045**epsilon, 1),
            one_in=self.number(ONE_IN[PLAIN_DELTA]),
            epsilons=tuple((self.number(ONE_IN[delta]), self.number(budget.epsilon[delta], 2)) for delta in DELTAS),
        )


def _section(name: str, groups: list[Group]) -> Section:
    """Part the groups that can be described from those of which nothing can be said."""
    silent = tuple(group.name for group in groups if group.abstained)
    return Section(name, tuple(group for group in groups if not group.abstained), silent)


def _within(part: float) -> float:
    """Return a part of one as percent with one decimal, never outside the picture."""
    return round(100 * min(max(part, 0.0), 1.0), 1)
