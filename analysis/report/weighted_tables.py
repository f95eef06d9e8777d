"""The weighted numbers of a release's tables, each table's draws made once for all that a report asks of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.estimates.inference import ReleaseModel
from analysis.estimates.saddlepoint import SampledNumber
from analysis.estimates.sampled_numbers import sampled_weighted
from analysis.estimates.weights import WeightedShares, weighted_shares
from survey.questionnaire.bases import OF_SCORES
from survey.release.estimate import Share, Weighted
from survey.release.note_codes import WeightingAbstention
from survey.release.reader import Amount
from survey.release.release import Release, Table


@dataclass(eq=False)
class WeightedTables:
    """The weighted shares of a release with their draws, kept by table from the first time that one is asked for.

    It lives as long as the report that asks it, and keeps at most the release's tables.
    """

    release: Release
    numbers: ReleaseModel
    _drawn: dict[str, WeightedShares | WeightingAbstention] = field(default_factory=dict, repr=False)

    def together(self, table: str, weighted: Weighted, codes: Sequence[int]) -> Share | None:
        """Return several levels together, their margin by the draws of all of them: levels move against each other."""
        if table not in self._drawn:
            margins = {margin.dimension: margin for margin in self.release.margins or ()}
            reading = self.numbers.reading(table)
            self._drawn[table] = weighted_shares(reading, weighted.by, margins, self.release.box.count)
        weighted_or_reason = self._drawn[table]
        return weighted_or_reason.together(codes) if isinstance(weighted_or_reason, WeightedShares) else None


def sampled_of(table: Table, weighted: Weighted, amount: Amount, people: float, *, mean: bool) -> SampledNumber:
    """Return a weighted share or mean of a table as what was sampled and what is noise; `people`: of its base."""
    people /= weighted.kish or 1.0
    if not mean:
        return sampled_weighted((1.0, 0.0), (amount.value, 1 - amount.value), people, amount.margin)
    shares = {share.code: share.share for share in weighted.shares}
    levels = [code for code in table.dimensions[0].levels(OF_SCORES) if code in shares]
    return sampled_weighted(levels, [shares[code] for code in levels], people, amount.margin)
