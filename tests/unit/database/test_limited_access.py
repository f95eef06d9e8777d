"""A pool's stale connection costs one more try, and nothing else does."""

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from survey.database.limited_access import once_more


def failing(times: int, *, stale: bool):
    """Return work that fails so many times before it succeeds, and the list of its tries."""
    tries = []

    def work() -> str:
        tries.append(len(tries))
        if len(tries) <= times:
            raise OperationalError("x", {}, Exception("away"), connection_invalidated=stale)
        return "done"

    return work, tries


@pytest.mark.parametrize(("times", "stale", "tries"), [(0, True, 1), (1, True, 2)])
def test_a_closed_connection_is_tried_once_more(times, stale, tries):
    """What succeeds is not repeated; where the database had closed the connection the second try counts."""
    work, made = failing(times, stale=stale)
    assert ("done", tries) == (once_more(work), len(made))


@pytest.mark.parametrize(("times", "stale", "tries"), [(2, True, 2), (1, False, 1)])
def test_no_other_failure_is_repeated(times, stale, tries):
    """A second closed connection and an error of another kind reach the caller, with no error chained before them."""
    work, made = failing(times, stale=stale)
    with pytest.raises(DBAPIError) as raised:
        once_more(work)
    assert (tries, None) == (len(made), raised.value.__context__)
