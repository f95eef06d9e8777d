"""The phone page in Firefox ESR: everything that engine_proof asks of every engine."""

import pytest
from engine_firefox import firefox
from engine_proof import Proof, evil, sesame  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def engine():
    with firefox() as engine:
        yield engine


class TestFirefox(Proof):
    """The same journeys, in Firefox ESR."""
