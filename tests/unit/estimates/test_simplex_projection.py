"""Counts fit for a picture: analysis/estimates/simplex_projection.py."""

import numpy as np
import pytest
from scipy.optimize import minimize

from analysis.estimates.simplex_projection import on_simplex, whole_numbers


def test_a_table_without_negative_cells_stays_as_it_is():
    """Projection moves nothing that is already fit to be shown."""
    assert np.allclose([3, 0, 7], on_simplex(np.array([3.0, 0, 7])))


def test_the_projection_is_the_nearest_table():
    """It equals what a general optimiser finds, in two dimensions and with a total of its own."""
    cells = np.array([[9.0, -4.0], [1.0, 2.0]])
    for total in (None, 10.0):
        projected = on_simplex(cells, total)
        due = cells.sum() if total is None else total
        constraint = {"type": "eq", "fun": lambda x, due=due: x.sum() - due}
        best = minimize(
            lambda x: ((x - cells.ravel()) ** 2).sum(),
            np.full(4, due / 4),
            bounds=[(0, None)] * 4,
            constraints=constraint,
        )
        assert projected.sum() == pytest.approx(due)
        assert np.allclose(best.x, projected.ravel(), atol=1e-4)


def test_a_total_lost_in_noise_shows_nothing():
    """A table whose total is not positive is shown as zeros, and nothing divides by it."""
    assert [0, 0] == on_simplex(np.array([-5.0, 2.0])).tolist()


def test_whole_numbers_sum_to_the_total():
    """Largest remainders: 3.5, 3.4, 3.1 of ten are 4, 3, 3."""
    assert [4, 3, 3] == whole_numbers(np.array([3.5, 3.4, 3.1]), 10).tolist()


@pytest.mark.parametrize("cells", [[-1.0, 2.0], [1.0, 2.0]])
def test_cells_that_were_not_projected_are_not_rounded(cells):
    """Negative cells and another total are refused."""
    with pytest.raises(ValueError, match="project them first"):
        whole_numbers(np.array(cells), 1)
