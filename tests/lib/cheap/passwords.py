"""Passwords that cost next to nothing, for tests that say nothing of their cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from argon2 import PasswordHasher

from survey.office_db.people import passwords

CHEAP = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """
    Hash with one pass over 8 KiB until the block ends; a hash says its own cost, so that it stays cheap to check.

    What a hash costs on a host, a tenth of a second of a core and 64 MiB, is proved in tests/unit/office_db.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "PasswordHasher", CHEAP)
        yield
