"""Counts fit for a picture: no negative number, the right total; never data, because what is drawn this way is biased.

Everything that is computed further (shares, margins, tests, weights) starts from the unbiased consistent tables.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NOTE = "displayed"
"""The note of numbers that went through here: not for inference."""


def on_simplex(cells: Array, total: float | None = None) -> Array:
    """Return the non-negative cells that are nearest to `cells` and sum to `total` (by default what `cells` sum to).

    Euclidean projection: one threshold is taken from every cell and negative ones become 0 (Duchi, Shalev-Shwartz,
    Singer & Chandra 2008, ICML, figure 1); as a display of noisy tables Hay, Rastogi, Miklau & Suciu 2010 (VLDB 3).
    A total that is not positive gives zeros.
    """
    total = float(cells.sum()) if total is None else total
    if total <= 0:
        return np.zeros_like(cells)
    falling = np.sort(cells.ravel())[::-1]
    excess = (np.cumsum(falling) - total) / np.arange(1, falling.size + 1)
    threshold = excess[np.flatnonzero(falling > excess)[-1]]
    projected: Array = np.maximum(cells - threshold, 0.0)
    return projected


def whole_numbers(cells: Array, total: int) -> NDArray[np.int64]:
    """Return integers that sum to `total`, each within one of its cell: largest remainders (Hamilton's method).

    Raises ValueError where `cells` are negative or do not sum to `total` within half a record.
    """
    if (cells < 0).any() or abs(float(cells.sum()) - total) > 0.5:  # noqa: PLR2004 - half a record
        raise ValueError("cells to be rounded are not negative and sum to the total: project them first")
    down = np.floor(cells)
    missing = total - int(down.sum())
    order = np.argsort(-(cells - down).ravel(), kind="stable")
    rounded = down.ravel()
    rounded[order[: max(missing, 0)]] += 1
    return rounded.reshape(cells.shape).astype(np.int64)
