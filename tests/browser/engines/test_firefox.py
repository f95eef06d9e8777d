"""The phone page in Firefox ESR: everything that engine_proof asks of every engine."""

import pytest
from engines.firefox import firefox
from engines.plain_form_proof import PlainFormProof
from engines.proof import Proof, WholeProof, evil, sesame  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def engine():
    with firefox() as engine:
        yield engine


class TestFirefox(Proof):
    """A journey, the policy and the way back, in Firefox ESR."""


class TestPlainFormInFirefox(PlainFormProof):
    """The form without JavaScript, in Firefox ESR."""


@pytest.mark.long
class TestAllOfFirefox(WholeProof):
    """The long ways and the rest, in Firefox ESR."""
