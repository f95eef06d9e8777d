"""The phone page in Chromium: everything that engine_proof asks of every engine."""

import pytest
from engines.chromium import Chromium
from engines.plain_form_proof import PlainFormProof
from engines.proof import Proof, evil  # noqa: F401 - fixture
from phone.site import chromium


@pytest.fixture(scope="module")
def engine():
    with chromium() as browser:
        engine = Chromium(browser)
        yield engine
        engine.finish()


class TestChromium(Proof):
    """A journey, the policy and the way back, in Chromium."""


class TestPlainFormInChromium(PlainFormProof):
    """The form without JavaScript, in Chromium."""
