"""Fixtures of the tests of the desk."""

from collections.abc import Iterator

import pytest
from cheap.passwords import cheap_passwords


@pytest.fixture(autouse=True)
def _cheap() -> Iterator[None]:
    """Sign in at next to no cost: a tenth of a second each would be a quarter of what these tests take."""
    with cheap_passwords():
        yield
