"""How staff commands refuse: what a database says is told by its kind alone, and faults of ours stay faults."""

import pytest
from sqlalchemy import text

from survey.console import REFUSED, Refused, refusing
from survey.database import connect

CANARY = "canary-7731"


def test_a_database_error_is_a_refusal_without_its_words(collection):
    """The refusal names the driver's error type and what to do, and nothing of the statement or its values."""
    engine = connect(collection.settings.office_url)
    with pytest.raises(Refused, match=r"OperationalError.*run this again") as caught, refusing():
        engine.connect().execute(text(f"SELECT '{CANARY}' FROM nowhere"))
    engine.dispose()
    assert REFUSED == caught.value.exit_code
    assert CANARY not in str(caught.value.message)


def test_a_fault_of_ours_stays_a_fault():
    """The control: an error that is no answer is not turned into one."""
    with pytest.raises(KeyError), refusing():
        raise KeyError(CANARY)
