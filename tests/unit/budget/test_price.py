"""The price of noise in exact fractions: analysis/budget/price.py and survey/plan/noise_price.py."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from analysis.budget.price import delta_text
from survey.plan.noise_price import exact_nano_rho, sigma_for
from survey.plan.privacy_units import NANO_RHO


@given(sigma=st.floats(0.01, 1e6), sensitivity_squared=st.integers(1, 500))
def test_a_price_is_never_under_the_exact_one(sigma, sensitivity_squared):
    """For any sigma the price in billionths is at least sensitivity squared / 2 sigma squared, and under one more."""
    due = Fraction(sensitivity_squared) / (2 * Fraction(sigma) ** 2) * NANO_RHO
    assert 0 <= exact_nano_rho(sigma, sensitivity_squared) - due < 1


def test_a_price_that_is_no_whole_number_is_the_next_one():
    """Sigma 3 and two cells: rho = 1/9, which is 111,111,111.1 billionths; a whole price stays as it is."""
    assert 111_111_112 == exact_nano_rho(3.0, 2)
    assert 250_000_000 == exact_nano_rho(2.0, 2)


@given(nano_rho=st.integers(1, NANO_RHO), sensitivity_squared=st.integers(1, 500))
def test_what_a_price_buys_costs_that_price(nano_rho, sensitivity_squared):
    """The sigma of a price costs it, to a billionth of itself or one unit: only the float is in between."""
    price = exact_nano_rho(sigma_for(nano_rho, sensitivity_squared), sensitivity_squared)
    assert abs(price - nano_rho) <= 1 + nano_rho * 1e-9


def test_a_delta_is_written_exactly():
    """Integers of 10^-18 become powers of ten without a rounding."""
    assert ["0", "1e-18", "1e-10", "4.612977e-12"] == [delta_text(n) for n in (0, 1, 10**8, 4_612_977)]
