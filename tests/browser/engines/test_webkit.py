"""The phone page in WebKit: everything that engine_proof asks of every engine."""

import pytest
from engines.plain_form_proof import PlainFormProof
from engines.proof import Proof, WholeProof, evil, sesame  # noqa: F401 - fixtures
from engines.webkit import webkit


@pytest.fixture(scope="module")
def engine():
    with webkit() as engine:
        yield engine


class TestWebKit(Proof):
    """A journey, the policy and the way back, in WebKit."""


class TestPlainFormInWebKit(PlainFormProof):
    """The form without JavaScript, in WebKit."""


@pytest.mark.long
class TestAllOfWebKit(WholeProof):
    """The long ways and the rest, in WebKit."""
