"""A release as a page shows it: words, percentages and the geometry of bars with their margins. Pure, no Flask."""

from survey.plan.dimension import Dimension
from survey.plan.privacy_units import ATTO_DELTA_DIGITS, NANO_RHO
from survey.questionnaire.bases import OF_SCORES
from survey.release.budget import DELTAS, Budget
from survey.release.corrections import ReleasedCorrection
from survey.release.estimate import Median, Weighted
from survey.release.level_labels import spoken_locale
from survey.release.note_codes import DEBIASED, DUPLICATES_POSSIBLE, MARGINS_UNMET, REGISTERED_LATE
from survey.release.page_view import (
    Average,
    Bar,
    BudgetView,
    CorrectionView,
    MarginView,
    PageFigure,
    PageGroup,
    PageSection,
    ReleaseView,
    Scored,
    TableView,
    WeightedView,
    WordBar,
    WordsView,
)
from survey.release.phrase_lists import Words
from survey.release.reader import ONE_IN, Amount, Cell, GroupCells, ReleaseReader, hidden_lines, percent_of_width
from survey.release.release import Release, Table
from survey.wording.page_languages import Language

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def show(name: str, release: Release, language: Language) -> ReleaseView:
    """Return the release named `name` (its hash) in a language; the study's own words fall back to its first locale."""
    reader = ReleaseReader(release, spoken_locale(release, language.locale), language.locale)
    return ReleaseView(
        hash=name,
        study=release.study,
        title=release.title[reader.locale],
        wave=release.wave,
        day=reader.day(release.day),
        demo=release.demo,
        envelopes=release.unit == "envelope",
        duplicates=DUPLICATES_POSSIBLE in release.notes,
        late=REGISTERED_LATE in release.notes,
        version=release.version,
        corrections=tuple(_correction(reader, one) for one in release.corrections or ()),
        count=reader.number(release.box.count),
        tables=tuple(_table(reader, table) for table in release.tables),
        words=tuple(_words(reader, words) for words in release.words or ()),
        margins=tuple(MarginView(reader.question(m.dimension), m.of, m.source) for m in release.margins or ()),
        budget=_budget(reader, release.budget),
        mechanism=f"{release.mechanism.name} ({release.mechanism.library} {release.mechanism.version})",
        plan=release.plan,
        manifest=release.manifest,
        root=release.box.root,
        signer=release.signer.ed25519,
    )


def _correction(reader: ReleaseReader, correction: ReleasedCorrection) -> CorrectionView:
    changes = tuple((one.place, one.locale, one.old, one.new) for one in correction.changes)
    return CorrectionView(reader.day(correction.since), correction.reason, changes)


def _table(reader: ReleaseReader, table: Table) -> TableView:
    first, *others = table.dimensions
    groups = reader.groups(table)
    everyone = next((one for one in groups if not one.codes and not one.row), None)
    return TableView(
        id=table.id,
        title=reader.question(first.id),
        by=tuple(reader.question(axis.id) for axis in others),
        population=reader.population_sentence(table),
        everyone=_group(reader, first, everyone) if everyone else None,
        weighted=_weighted(reader, table, table.weighted) if table.weighted else None,
        debiased=DEBIASED in table.notes,
        sections=_sections(reader, table, groups),
        reason=table.reason,
        sigma=reader.number(table.sigma, 1),
        rho=reader.number(table.nano_rho / NANO_RHO, 5),
        cap=table.l2_squared if first.multi else 0,
        unreliable=any(not cell.share.reliable for group in groups for cell in group.cells),
    )


def _sections(reader: ReleaseReader, table: Table, groups: tuple[GroupCells, ...]) -> tuple[PageSection, ...]:
    """Return groups of the second dimension: alone, or within each level of the third; of a grid row by row."""
    first = table.dimensions[0]
    rows = {one.row: one.row_name for one in groups if one.row}
    if rows:
        # Everyone comes first in a row; its pairs of groups are left out.
        single = [one for one in groups if len(one.codes) < 2]  # noqa: PLR2004 - no pairs
        return tuple(_section(reader, first, name, [g for g in single if g.row == row]) for row, name in rows.items())
    alone = [one for one in groups if len(one.codes) == 1]
    third = table.dimensions[2].substantive if len(table.dimensions) > 2 else ()  # noqa: PLR2004 - a third dimension
    within = [[one for one in groups if one.codes[1:] == (code,)] for code in third]
    parts = [("", alone), *((part[0].names[1], part) for part in within if part)]
    return tuple(_section(reader, first, name, part) for name, part in parts if part)


def _section(reader: ReleaseReader, first: Dimension, name: str, groups: list[GroupCells]) -> PageSection:
    """Part the groups that can be described from those of which nothing can be said."""
    silent = tuple(_name(group) for group in groups if group.silence)
    return PageSection(name, tuple(_group(reader, first, group) for group in groups if not group.silence), silent)


def _name(group: GroupCells) -> str:
    return group.names[0] if group.names else ""


def _group(reader: ReleaseReader, first: Dimension, group: GroupCells) -> PageGroup:
    return PageGroup(
        name=_name(group),
        base=reader.base(first, group.base),
        total=reader.number(group.count()),
        margin=reader.number(group.total.margin if group.total else 0),
        scored=_scored(reader, first, group) if group.mean else None,
        abstained=group.silence is not None,
        mean=_average(reader, first, group.mean) if group.mean else None,
        median=_middle(reader, first, group.median) if group.median else None,
        top=PageFigure(*reader.share(group.top)) if group.top and not group.top.vague else None,
        difference=_difference(reader, first, group.difference) if group.difference else None,
        bars=tuple(_bar(reader, cell) for cell in group.cells),
        mean_lost=group.mean_lost,
    )


def _scored(reader: ReleaseReader, first: Dimension, group: GroupCells) -> Scored:
    size, left = group.count(OF_SCORES), group.left_out(OF_SCORES)
    return Scored(reader.base(first, OF_SCORES), reader.number(size), reader.number(left) if round(left) > 0 else "")


def _weighted(reader: ReleaseReader, table: Table, weighted: Weighted) -> WeightedView:
    """Return the weighted shares and what they are weighted by."""
    first, group = table.dimensions[0], reader.weighted(table, weighted)
    effect = reader.design_effect(table, weighted)
    return WeightedView(
        by=tuple(reader.question(name) for name in weighted.by),
        design_effect="" if effect is None else reader.number(effect, 1),
        trimmed=weighted.trimmed,
        joined=reader.joined_classes(weighted),
        covers_population=weighted.covers_population,
        unmet=weighted.abstained == MARGINS_UNMET,
        mean=_average(reader, first, group.mean) if group.mean else None,
        bars=tuple(_bar(reader, cell) for cell in group.cells),
        mean_lost=group.mean_lost,
    )


def _words(reader: ReleaseReader, words: Words) -> WordsView:
    """Return a list of open words, each phrase beside a bar of its number."""
    largest = max((one.count for one in words.phrases), default=1)
    bars = (
        WordBar(one.phrase, reader.number(one.count), percent_of_width(one.count / largest)) for one in words.phrases
    )
    return WordsView(
        id=words.id,
        title=reader.question(words.item),
        reason=words.reason,
        phrases=tuple(bars),
        margin=reader.number(words.margin),
        threshold=reader.number(words.threshold),
        most=words.most,
        sigma=reader.number(words.sigma, 1),
        rho=reader.number(words.nano_rho / NANO_RHO, 5),
        delta=_power(words.atto_delta),
    )


def _difference(reader: ReleaseReader, first: Dimension, difference: Amount) -> PageFigure:
    """Return a list experiment's difference: a share of people where one line was added, else a mean number."""
    value, margin = reader.share(difference) if hidden_lines(first) == 1 else reader.mean(difference)
    return PageFigure(value, margin, vague=difference.vague)


def _middle(reader: ReleaseReader, first: Dimension, median: Median) -> PageFigure:
    value, low, high = (reader.level(first.id, code) for code in (median.value, median.low, median.high))
    return PageFigure(value, low=low if low != high else "", high=high if low != high else "")


def _bar(reader: ReleaseReader, cell: Cell) -> Bar:
    share, margin = reader.share(cell.share)
    width, low, high = (percent_of_width(one) for one in cell.share.shown)
    return Bar(cell.label, share, margin, width, low, high, cell.share.reliable, cell.other, cell.share.vague)


def _average(reader: ReleaseReader, dimension: Dimension, mean: Amount) -> Average:
    lowest, highest = min(dimension.options), max(dimension.options)
    span = max(highest - lowest, 1)
    at, low, high = (percent_of_width((one - lowest) / span) for one in (mean.value, mean.low, mean.high))
    value, margin = reader.mean(mean)
    return Average(value, margin, reader.number(lowest), reader.number(highest), at, low, high, mean.vague)


def _budget(reader: ReleaseReader, budget: Budget) -> BudgetView:
    part = budget.spent / budget.total
    odds, one_in = reader.odds()
    tighter, looser = budget.epsilons
    return BudgetView(
        cost=reader.number(budget.cost / NANO_RHO, 3),
        spent=reader.number(budget.spent / NANO_RHO, 3),
        total=reader.number(budget.total / NANO_RHO, 3),
        percent=round(100 * part),
        part=reader.percent(part),
        odds=odds,
        one_in=one_in,
        epsilons=tuple((reader.number(ONE_IN[delta]), reader.bound(tighter[delta], 2)) for delta in DELTAS),
        converted=tuple(reader.bound(looser[delta], 2) for delta in DELTAS),
    )


def _power(atto: int) -> str:
    """Return a number of units of 10^-18 as people write it: 10⁻¹¹, or 2.5 × 10⁻¹¹."""
    digits, exponent = f"{atto:e}".split("e")
    factor = f"{float(digits):g}"
    power = "10" + str(int(exponent) - ATTO_DELTA_DIGITS).translate(RAISED)
    return power if factor == "1" else f"{factor} × {power}"
