"""Weighted estimates: noisy tables brought to public margins after the noise, with the error of the whole pipeline.

No weight ever touches a record, so the sensitivity stays what it was. Method: Lin, Bun, Gaboardi, Kolaczyk & Smith 2024
(EJS, arXiv 2301.08324) for stratified shares under zCDP; weighting before the noise would multiply it by the largest
weight (Drechsler & Bailie 2024, arXiv 2408.07006). Weights correct who answered by the margins and by nothing else.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from analysis.consistency.groups import Reading
from analysis.estimates.raking import Classes, RakingError, Weights, class_weights, collapsed
from analysis.estimates.simplex_projection import on_simplex
from crypto.errors import SottoError
from survey.plan.dimension import Dimension
from survey.plan.margins import Margin
from survey.questionnaire.bases import OF_SCORES
from survey.release.estimate import Mean, Share, Weighted
from survey.release.reliability import WEAK, Z95, coarse, too_few, widening

Array = NDArray[np.float64]

DRAWS = 500
"""Draws of the bootstrap."""
SEED = 20201101
"""Census day. The draws are a fixed sequence, so that anybody gets the same margins from the same release."""
DIGITS = 6
LOST = "class-lost"


class WeightError(SottoError):
    """Margins that do not fit a table; the message names the table, the dimension and what to do."""

    text_is_public = True


@dataclass(frozen=True)
class Classed:
    """A table's cells by class: (levels, *classes of each margin), their covariance, and the targets."""

    levels: tuple[int, ...]
    cells: Array
    noise: Array
    classes: tuple[Classes, ...]
    targets: tuple[Array, ...]

    @property
    def totals(self) -> Array:
        """The noisy size of each cell of the classes."""
        sizes: Array = self.cells.sum(axis=0)
        return sizes

    def strengths(self) -> Array:
        """Return by how many of its standard deviations each class of each margin is above zero."""
        number = len(self.levels)
        size = self.totals.size
        rows = np.tile(np.eye(size), (1, number))
        noise = rows @ self.noise @ rows.T
        found = []
        for place in range(self.totals.ndim):
            others = tuple(axis for axis in range(self.totals.ndim) if axis != place)
            sums = self.totals.sum(axis=others)
            for chosen in range(len(sums)):
                flags = np.zeros(self.totals.shape)
                flags[(slice(None),) * place + (chosen,)] = 1.0
                found.append(float(sums[chosen]) / math.sqrt(max(float(flags.ravel() @ noise @ flags.ravel()), 1e-12)))
        return np.array(found)


def weighted(reading: Reading, by: Sequence[str], margins: Mapping[str, Margin], size: int) -> Weighted:
    """Return the first dimension's shares weighted to `margins` of the dimensions `by`; `size`: the known records.

    Classes are joined by the registered rule: a class must expect 8.5 standard deviations of its noisy size. Where one
    is lost in noise all the same, or none is left to weight by, the estimate abstains. Raises WeightError where the
    table and the margins do not fit.
    """
    classed = classify(reading, [margin_of(reading, name, margins) for name in by], size)
    facts = {
        "by": tuple(by),
        "base": reading.axes[0].base,
        "method": "post-stratified" if len(by) == 1 else "raked",
        "classes": tuple(_codes(margins[name], one) for name, one in zip(by, classed.classes, strict=True)),
    }
    weakest = float(classed.strengths().min())
    weights = _fitted(classed) if not too_few(weakest, 1.0) else None
    if weights is None:
        nothing = {"abstained": LOST, "kish": None, "trimmed": False, "mean": None, "shares": ()}
        return Weighted.model_validate(facts | nothing)
    kish = _rounded(weights.kish(classed.totals))
    values = _values(reading.axes[0], classed, weights, weakest)
    return Weighted.model_validate(facts | {"abstained": None, "kish": kish, "trimmed": weights.trimmed, **values})


def _fitted(classed: Classed) -> Weights | None:
    """Return the weights, or None where nothing is left to weight by or a class is empty."""
    if min(map(len, classed.classes)) == 1:
        return None
    try:
        return _weights(classed.totals, classed.targets)
    except RakingError:
        return None


def margin_of(reading: Reading, name: str, margins: Mapping[str, Margin]) -> tuple[Dimension, Margin]:
    """Return the dimension `name` of the table and its margin; raise WeightError where either does not fit."""
    table = reading.table.id
    axis = next((axis for axis in reading.axes[1:] if axis.id == name), None)
    if axis is None or name not in margins:
        raise WeightError(
            f"table {table} cannot be weighted by {name}: it needs it as a later dimension, with a margin"
        )
    if any(one.multi or one.rows or one.threshold or one.list for one in reading.axes):
        raise WeightError(f"table {table} cannot be weighted: only dimensions of one plain answer each can")
    mismatch = margins[name].mismatch(axis.options)
    if mismatch:
        raise WeightError(f"the margin of {name} does not match its levels: {mismatch}")
    return axis, margins[name]


def classify(reading: Reading, levels_and_margins: Sequence[tuple[Dimension, Margin]], size: int) -> Classed:
    """Take the cells that margins speak of off a table and join their classes by the public rule."""
    first = reading.axes[0]
    spread = [axis for axis in reading.axes if axis is first or axis in [one for one, _ in levels_and_margins]]
    # Who has no level in the public figures cannot be weighted to them.
    kept = {axis.id: axis.options for axis in spread} | {first.id: first.levels(first.base)}
    sums = reading.sums(kept, {})
    noise_of_total = math.sqrt(reading.block.variance * reading.block.readable.size)
    cells = sums.values.reshape([len(kept[axis.id]) for axis in spread])
    rules = []
    for axis, margin in levels_and_margins:
        shares = [margin.shares[str(code)] for code in margin.codes]
        least = WEAK * noise_of_total / math.sqrt(len(axis.codes) - 1)
        rules.append((collapsed(shares, size, least), axis, margin))
    return _joined(kept[first.id], cells, sums.noise, spread, rules)


# Decision 45.
def _joined(
    levels: tuple[int, ...],
    cells: Array,
    noise: Array,
    spread: Sequence[Dimension],
    rules: Sequence[tuple[Classes, Dimension, Margin]],
) -> Classed:
    """Sum levels into classes: a linear map of the cells, so covariances follow exactly."""
    mapping: Array = np.eye(len(levels))
    for axis in spread[1:]:
        classes, _, margin = next(rule for rule in rules if rule[1] is axis)
        rows = np.zeros((len(classes), len(axis.options)))
        for index, one in enumerate(classes):
            rows[index, [axis.options.index(margin.codes[code]) for code in one]] = 1.0
        mapping = np.asarray(np.kron(mapping, rows), dtype=np.float64)
    order = [next(index for index, rule in enumerate(rules) if rule[1] is axis) for axis in spread[1:]]
    shape = (len(levels), *(len(rules[index][0]) for index in order))
    turned = [1 + order.index(index) for index in range(len(rules))]
    summed = (mapping @ cells.ravel()).reshape(shape).transpose(0, *turned)
    places = np.arange(summed.size).reshape(shape).transpose(0, *turned).ravel()
    joint = (mapping @ noise @ mapping.T)[np.ix_(places, places)]
    targets = tuple(_target(classes, margin) for classes, _, margin in rules)
    return Classed(levels, summed, joint, tuple(classes for classes, _, _ in rules), targets)


def _target(classes: Classes, margin: Margin) -> Array:
    shares = [margin.shares[str(code)] for code in margin.codes]
    return np.array([sum(shares[place] for place in one) for one in classes], dtype=np.float64) / sum(shares)


def _weights(totals: Array, targets: Sequence[Array]) -> Weights:
    """Return the weights of a noisy seed: raked from its nearest table without negative cells."""
    if (totals <= 0).any():
        totals = on_simplex(totals)
    return class_weights(totals, targets)


def _estimate(cells: Array, targets: Sequence[Array]) -> Array:
    weights = _weights(cells.sum(axis=0), targets).values
    summed = (cells * weights).reshape(len(cells), -1).sum(axis=1)
    shares: Array = summed / summed.sum()
    return shares


def _values(axis: Dimension, classed: Classed, weights: Weights, weakest: float) -> dict[str, object]:
    """Return shares and mean with the margins of the whole pipeline."""
    summed = (classed.cells * weights.values).reshape(len(classed.levels), -1).sum(axis=1)
    shares = summed / summed.sum()
    drawn = bootstrap(classed)
    wider = widening(weakest)
    margins = wider * _reach(drawn, shares)
    released = tuple(
        Share(
            code=code,
            base=axis.base,
            share=_rounded(share),
            margin=_rounded(margin),
            reliable=not coarse(share, margin),
        )
        for code, share, margin in zip(classed.levels, shares.tolist(), margins.tolist(), strict=True)
    )
    mean = _mean(axis, classed, (shares, drawn), wider) if axis.score else None
    return {"mean": mean, "shares": released}


def _mean(axis: Dimension, classed: Classed, weighted_shares: tuple[Array, Array], wider: float) -> Mean | None:
    """Return the weighted mean of those who have a score, by the weights of all whose shares are given.

    `weighted_shares`: of each level (J,), and redrawn (draws, J). None where those with a score are lost in noise.
    """
    scores = np.array(axis.levels(OF_SCORES), dtype=np.float64)
    places = [classed.levels.index(int(score)) for score in scores]
    shares, drawn = weighted_shares
    scored = np.zeros(classed.cells.shape)
    scored[places] = 1.0
    doubt = math.sqrt(max(float(scored.ravel() @ classed.noise @ scored.ravel()), 0.0))
    if too_few(float(classed.cells[places].sum()), doubt):
        return None
    means = drawn[:, places] @ scores / drawn[:, places].sum(axis=1)
    mean = float(shares[places] @ scores / shares[places].sum())
    reach = wider * float(_reach(means[:, None], np.array([mean]))[0])
    return Mean(value=_rounded(mean), margin=_rounded(reach))


def bootstrap(classed: Classed, draws: int = DRAWS) -> Array:
    """Return the estimates (draws, levels) of redrawn tables: sampling and noise, from the unprojected cells.

    Parametric: each cell has its count as sampling variance, and the exact covariance of its noise; the whole pipeline
    (projection, raking, trimming) runs again on every draw. Ferrando, Wang & Sheldon 2022 (AISTATS, arXiv 2006.07749).
    """
    cells = classed.cells.ravel()
    covariance = np.array(classed.noise + np.diag(np.maximum(cells, 0.0)), dtype=np.float64)
    covariance += 1e-9 * max(float(np.trace(covariance)), 1.0) * np.eye(len(cells))
    factor = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    found = []
    for normal in normals(draws, len(cells)):
        try:
            found.append(_estimate((cells + factor @ normal).reshape(classed.cells.shape), classed.targets))
        except RakingError:
            continue
    return np.array(found).reshape(-1, len(classed.levels))


# Decision 46.
def normals(draws: int, number: int) -> Array:
    """Return (draws, number) standard normal deviates, the same on every machine: raw bits through the inverse CDF.

    NumPy promises its bit generators' streams for good, but not those of its distributions.
    """
    bits = np.random.PCG64(SEED).random_raw(draws * number)
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) / 2**53
    deviates: Array = ndtri(uniform).reshape(draws, number)
    return deviates


def _reach(drawn: Array, values: Array) -> Array:
    """Return half-widths: 1.96 standard deviations of the draws, or how far their 95 % reach where that is more."""
    if len(drawn) < DRAWS // 2:
        return np.full(len(values), 1.0)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    reach: Array = np.maximum(Z95 * drawn.std(axis=0), (high - low) / 2)
    return reach


def _codes(margin: Margin, classes: Classes) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(margin.codes[place] for place in one) for one in classes)


def _rounded(value: float) -> float:
    return round(float(value), DIGITS) + 0.0
