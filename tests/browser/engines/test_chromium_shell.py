"""The phone page's long ways in Chromium's engine, without its window: test_chromium asks the rest of the whole."""

import pytest
from engines.chromium import Chromium
from engines.proof import WholeProof, evil, sesame  # noqa: F401 - fixtures
from phone.site import headless_shell


@pytest.fixture(scope="module")
def engine():
    with headless_shell() as browser:
        engine = Chromium(browser)
        yield engine
        engine.finish()


class TestAllOfChromium(WholeProof):
    """The long ways and the rest, in Chromium's engine."""
