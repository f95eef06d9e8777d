"""The phone page in WebKit: everything that engine_proof asks of every engine."""

import pytest
from engines.proof import Proof, WholeProof, evil, sesame  # noqa: F401 - fixtures
from engines.webkit import webkit


@pytest.fixture(scope="module")
def engine():
    with webkit() as engine:
        yield engine


class TestWebKit(Proof):
    """The same journeys, in WebKit."""


@pytest.mark.long
class TestAllOfWebKit(WholeProof):
    """The long ways, in WebKit."""
