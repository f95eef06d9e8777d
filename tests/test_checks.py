"""What opens a wave and what is published: each is held against what this host knows before anything is changed."""

import pytest
from collection import STUDY

from survey import operations
from survey.checks import WaveRefusedError


def test_the_key_of_a_demo_opens_nothing_unasked(collection):
    """A manifest of a demo is refused unless asked for; the control, the same without the mark, opens."""
    demo, real = collection.manifest(), collection.manifest(demo=False)
    with pytest.raises(WaveRefusedError, match="key of a demo"):
        operations.open_wave(collection.settings, STUDY, demo.to_bytes(), collection.drill(demo))
    assert () == operations.study_status(collection.settings)[0].waves
    assert real.pin == operations.open_wave(collection.settings, STUDY, real.to_bytes(), collection.drill(real))
