"""A release as a reader sees it: words, percentages and the geometry of bars with their margins. Pure, no Flask."""

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from survey.plan.dimension import Dimension
from survey.questionnaire.items import LIST_BASES
from survey.release.level_labels import dimension_text, label, row_label
from survey.release.page_view import (
    Average,
    Bar,
    BudgetView,
    Figure,
    Group,
    MarginView,
    ReleaseView,
    Section,
    TableView,
    WeightedView,
    WordBar,
    WordsView,
)
from survey.release.release import (
    DELTAS,
    Budget,
    Delta,
    Estimate,
    Mean,
    Median,
    Release,
    Share,
    Table,
    Weighted,
    Words,
    group_codes,
)
from survey.wording.page_languages import Language

NANO = 1_000_000_000
ATTO = 18
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
FINE_MARGIN = 0.02
ONE_IN: dict[Delta, int] = {"1e-5": 100_000, "1e-6": 1_000_000, "1e-9": 1_000_000_000}
PLAIN_DELTA: Delta = "1e-6"


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
        words=tuple(reader.words(words) for words in release.words or ()),
        margins=tuple(MarginView(reader.text(m.dimension), m.of, m.source) for m in release.margins or ()),
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
        return label(self.release, dimension.id, code, self.locale)

    def text(self, name: str) -> str:
        return dimension_text(self.release, name, self.locale)

    def table(self, table: Table) -> TableView:
        first, *others = table.dimensions
        everyone = next((e for e in table.estimates if e.group is None and e.row is None), None)
        return TableView(
            id=table.id,
            title=self.text(first.id),
            by=tuple(self.text(d.id) for d in others),
            filtered=table.population is not None,
            everyone=self.group(table, everyone) if everyone else None,
            weighted=self.weighted(first, table.weighted) if table.weighted else None,
            debiased="debiased" in table.notes,
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
            median=self.middle(first, estimate.median) if estimate.median else None,
            top=self.part(estimate.top.share, estimate.top.margin) if estimate.top else None,
            difference=self.apart(first, estimate.difference) if estimate.difference else None,
            bars=tuple(self.bar(first, share) for share in estimate.shares),
        )

    def weighted(self, first: Dimension, weighted: Weighted) -> WeightedView:
        """Return the weighted shares and what they are weighted by."""
        return WeightedView(
            by=tuple(self.text(name) for name in weighted.by),
            kish=self.number(weighted.kish or 0, 2),
            trimmed=weighted.trimmed,
            joined=any(len(codes) > 1 for classes in weighted.classes for codes in classes),
            mean=self.average(first, weighted.mean) if weighted.mean else None,
            bars=tuple(self.bar(first, share) for share in weighted.shares),
        )

    def words(self, words: Words) -> WordsView:
        """Return a list of open words, each phrase beside a bar of its number."""
        largest = max((one.count for one in words.phrases), default=1)
        bars = (WordBar(one.phrase, self.number(one.count), _within(one.count / largest)) for one in words.phrases)
        return WordsView(
            id=words.id,
            title=self.text(words.item),
            reason=words.reason,
            phrases=tuple(bars),
            margin=self.number(words.margin),
            threshold=self.number(words.threshold),
            most=words.most,
            sigma=self.number(words.sigma, 1),
            rho=self.number(words.nano_rho / NANO, 5),
            delta=_power(words.atto_delta),
        )

    def part(self, value: float, margin: float) -> Figure:
        digits = 1 if margin < FINE_MARGIN else 0
        return Figure(self.percent(min(max(value, 0.0), 1.0), digits), self.number(100 * margin, digits))

    def apart(self, first: Dimension, difference: Mean) -> Figure:
        """Return a list experiment's difference: a share of people where one line was added, else a mean number."""
        base, other = LIST_BASES
        shorter = max(code for code in first.substantive if code < other) - base
        if max(first.substantive) - other - shorter == 1:
            return self.part(difference.value, difference.margin)
        return Figure(self.number(difference.value, 2), self.number(difference.margin, 2))

    def middle(self, first: Dimension, median: Median) -> Figure:
        value, low, high = (self.label(first, code) for code in (median.value, median.low, median.high))
        return Figure(value, low=low if low != high else "", high=high if low != high else "")

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


def _power(atto: int) -> str:
    """Return a number of units of 10^-18 as people write it: 10⁻¹¹, or 2.5 × 10⁻¹¹."""
    digits, exponent = f"{atto:e}".split("e")
    factor = f"{float(digits):g}"
    power = "10" + str(int(exponent) - ATTO).translate(RAISED)
    return power if factor == "1" else f"{factor} × {power}"


def _within(part: float) -> float:
    """Return a part of one as percent with one decimal, never outside the picture."""
    return round(100 * min(max(part, 0.0), 1.0), 1)
