"""Weighted estimates: noisy tables brought to public margins after the noise, with the error of the whole pipeline.

No weight ever touches a record, so the sensitivity stays what it was. Method: Lin, Bun, Gaboardi, Kolaczyk & Smith 2024
(EJS, arXiv 2301.08324) for stratified shares under zCDP; weighting before the noise would multiply it by the largest
weight (Drechsler & Bailie 2024, arXiv 2408.07006). Weights correct who answered by the margins and by nothing else.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from analysis.consistency.groups import Reading
from analysis.estimates.raking import HEAVIEST, Classes, RakingError, UnmetMarginsError, Weights, class_weights
from analysis.estimates.rounding import rounded
from analysis.estimates.simplex_projection import on_simplex
from analysis.estimates.weight_classes import Classed, classify, margin_of
from survey.plan.dimension import Dimension
from survey.plan.margins import Margin
from survey.questionnaire.bases import OF_SCORES
from survey.release.estimate import Mean, Share, Weighted
from survey.release.note_codes import CLASS_LOST, MARGINS_UNMET, WeightingAbstention
from survey.release.reliability import Z95, coarse, too_few, widening

Array = NDArray[np.float64]

DRAWS = 500
"""Draws of the bootstrap."""
SEED = 20201101
"""Census day. The draws are a fixed sequence, so that anybody gets the same margins from the same release."""
FAILING = 0.05
"""From this part of draws on that cannot be weighted the estimate abstains: the rest spread too little."""
Figure = Callable[[Array], Array]
"""A number of each of many sets of shares: (n, levels) -> (n,)."""


@dataclass(frozen=True)
class Bootstrap:
    """The shares (levels,) by one set of weights, what redrawn tables give (draws, levels), and the weights."""

    shares: Array
    drawn: Array
    wider: float
    weights: Weights

    def value(self, figure: Figure) -> float:
        """Return a number of the shares."""
        return float(figure(self.shares[None, :])[0])

    def margin(self, figure: Figure) -> float:
        """Return the 95 % half-width of a number: of its own values in the draws, so that levels move together."""
        return self.wider * float(_reach(figure(self.drawn)[:, None], figure(self.shares[None, :]))[0])


# Decision 100.
@dataclass(frozen=True)
class WeightedShares:
    """A table's shares for everyone, weighted; `fine` by the margins' own levels where classes had to be joined."""

    axis: Dimension
    classed: Classed
    coarse: Bootstrap
    fine: Bootstrap | None

    @property
    def covers_population(self) -> bool:
        """Whether margins hold what the margins' own levels would give; not where weights were cut or a level lost."""
        used = [self.coarse] if self.fine is None else [self.coarse, self.fine]
        lost = self.classed.joined and self.fine is None
        return not lost and not any(one.weights.trimmed for one in used)

    def figure(self, figure: Figure) -> tuple[float, float]:
        """Return a number of the shares with its 95 % half-width.

        Joined classes bias it by what their levels differ in. Where every level can stand alone the half-width reaches
        to the ends of the unbiased interval as well, so it covers the population at least as often.
        """
        value, margin = self.coarse.value(figure), self.coarse.margin(figure)
        if self.fine is not None:
            margin = max(margin, abs(self.fine.value(figure) - value) + self.fine.margin(figure))
        return value, margin

    def together(self, codes: Sequence[int]) -> Share:
        """Return the share of several levels together as a share of the first of them: value, margin, reliable."""
        places = [self.classed.levels.index(code) for code in codes]
        share, margin = self.figure(lambda shares: shares[:, places].sum(axis=1))
        reliable = not coarse(share, margin)
        return Share(
            code=codes[0], base=self.axis.base, share=rounded(share), margin=rounded(margin), reliable=reliable
        )

    def mean(self) -> Mean | None:
        """Return the weighted mean of those who have a score, by the weights of all whose shares are given.

        None where those with a score are lost in noise.
        """
        scores = np.array(self.axis.levels(OF_SCORES), dtype=np.float64)
        places = [self.classed.levels.index(int(score)) for score in scores]
        scored = np.zeros(self.classed.cells.shape)
        scored[places] = 1.0
        doubt = math.sqrt(max(float(scored.ravel() @ self.classed.noise @ scored.ravel()), 0.0))
        if too_few(float(self.classed.cells[places].sum()), doubt):
            return None
        mean, margin = self.figure(lambda shares: shares[:, places] @ scores / shares[:, places].sum(axis=1))
        return Mean(value=rounded(mean), margin=rounded(margin))


def weighted(reading: Reading, by: Sequence[str], margins: Mapping[str, Margin], size: int) -> Weighted:
    """Return the first dimension's shares weighted to `margins` of the dimensions `by`; `size`: the known records.

    Classes are joined by the registered rule: `size` times a class's public share must be 8.5 standard deviations of
    the noise of one level, whatever the base leaves out and however many levels a class has. Where one is lost in noise
    all the same, none is left to weight by, or raking does not meet the margins, the estimate abstains. Raises
    WeightError where the table and the margins do not fit.
    """
    classed = classify(reading, [margin_of(reading, name, margins) for name in by], size)
    facts = {
        "by": tuple(by),
        "base": reading.axes[0].base,
        "method": "post-stratified" if len(by) == 1 else "raked",
        "classes": tuple(_codes(margins[name], one) for name, one in zip(by, classed.classes, strict=True)),
    }
    result = weighted_shares(reading, by, margins, size)
    if not isinstance(result, WeightedShares):
        nothing = {"abstained": result, "kish": None, "trimmed": False, "covers_population": False}
        return Weighted.model_validate(facts | nothing | {"mean": None, "shares": ()})
    weights = result.coarse.weights
    facts_of_weights = {"kish": rounded(weights.kish(classed.totals)), "trimmed": weights.trimmed}
    return Weighted.model_validate(
        facts | facts_of_weights | {"abstained": None, "covers_population": result.covers_population, **_values(result)}
    )


def weighted_shares(
    reading: Reading, by: Sequence[str], margins: Mapping[str, Margin], size: int
) -> WeightedShares | WeightingAbstention:
    """Return what `weighted` describes with its draws, so that any number of the shares has its margin; or why not."""
    pairs = [margin_of(reading, name, margins) for name in by]
    classed = classify(reading, pairs, size)
    resampled = _bootstrapped(classed)
    if not isinstance(resampled, Bootstrap):
        return resampled
    fine = _bootstrapped(classify(reading, pairs, size, join=False)) if classed.joined else None
    return WeightedShares(reading.axes[0], classed, resampled, fine if isinstance(fine, Bootstrap) else None)


def _bootstrapped(classed: Classed) -> Bootstrap | WeightingAbstention:
    """Return the shares by one set of classes with their draws; or why there are none."""
    weakest = float(classed.strengths().min())
    if too_few(weakest, 1.0) or min(map(len, classed.classes)) == 1:
        return CLASS_LOST
    try:
        weights = _weights(classed.totals, classed.targets)
    except UnmetMarginsError:
        return MARGINS_UNMET
    except RakingError:
        return CLASS_LOST
    drawn = bootstrap(classed)
    if len(drawn) <= (1 - FAILING) * DRAWS:
        return CLASS_LOST
    summed = (classed.cells * weights.values).reshape(len(classed.levels), -1).sum(axis=1)
    return Bootstrap(summed / summed.sum(), drawn, widening(weakest), weights)


def _weights(totals: Array, targets: Sequence[Array]) -> Weights:
    """Return the weights of a noisy seed: raked from its nearest table without negative cells."""
    if (totals <= 0).any():
        totals = on_simplex(totals)
    return class_weights(totals, targets)


def _estimates(tables: Array, targets: Sequence[Array]) -> Array:
    """Return the weighted shares of each of `tables` (n, levels, *classes), without those that cannot be weighted."""
    plain, weights = _ratios(tables, targets)
    summed = np.einsum("nkg,ng->nk", tables[plain], weights[plain]) if plain.any() else np.empty((0, tables.shape[1]))
    estimates = [summed / summed.sum(axis=1, keepdims=True)]
    for table in tables[~plain]:
        try:
            one = (table * _weights(table.sum(axis=0), targets).values).reshape(len(table), -1).sum(axis=1)
        except RakingError:
            continue
        estimates.append((one / one.sum())[None, :])
    return np.concatenate(estimates)


def _ratios(tables: Array, targets: Sequence[Array]) -> tuple[NDArray[np.bool_], Array]:
    """Return for which tables the weights of one margin are its ratios, and these: nothing to project, rake or cut."""
    totals = tables.sum(axis=1)
    if len(targets) > 1:
        return np.zeros(len(tables), dtype=np.bool_), totals
    positive = np.where(totals > 0, totals, 1.0)
    weights = targets[0] * totals.sum(axis=1, keepdims=True) / positive
    return ((totals > 0) & (weights <= HEAVIEST)).all(axis=1), weights


def _values(weighted_shares: WeightedShares) -> dict[str, object]:
    """Return shares and mean with the margins of the whole pipeline."""
    shares = tuple(weighted_shares.together((code,)) for code in weighted_shares.classed.levels)
    return {"mean": weighted_shares.mean() if weighted_shares.axis.score else None, "shares": shares}


def bootstrap(classed: Classed, draws: int = DRAWS) -> Array:
    """Return the estimates (draws, levels) of redrawn tables: sampling and noise, from the unprojected cells.

    Parametric: each cell has its count as sampling variance, and the exact covariance of its noise; the whole pipeline
    (projection, raking, trimming) runs again on every draw. Ferrando, Wang & Sheldon 2022 (AISTATS, arXiv 2006.07749).
    """
    cells = classed.cells.ravel()
    covariance = np.array(classed.noise + np.diag(np.maximum(cells, 0.0)), dtype=np.float64)
    covariance += 1e-9 * max(float(np.trace(covariance)), 1.0) * np.eye(len(cells))
    factor = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    drawn = cells + normals(draws, len(cells)) @ factor.T
    return _estimates(drawn.reshape(draws, *classed.cells.shape), classed.targets)


# Decision 46.
def normals(draws: int, number: int) -> Array:
    """Return (draws, number) standard normal deviates, the same on every machine: raw bits through the inverse CDF.

    NumPy promises its bit generators' streams for good, but not those of its distributions.
    """
    bits = np.random.PCG64(SEED).random_raw(draws * number)  # noqa: TID251 - draws from a release, seeded
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) / 2**53
    deviates: Array = ndtri(uniform).reshape(draws, number)
    return deviates


def _reach(drawn: Array, values: Array) -> Array:
    """Return half-widths: 1.96 standard deviations of the draws, or how far their 95 % reach where that is more."""
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    reach: Array = np.maximum(Z95 * drawn.std(axis=0), (high - low) / 2)
    return np.broadcast_to(reach, values.shape)


def _codes(margin: Margin, classes: Classes) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(margin.codes[place] for place in one) for one in classes)
