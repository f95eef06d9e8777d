"""A new ledger for each test of this room."""

import pytest
from adversaries.ledger_charges import BUDGET

from analysis.budget.ledger import Ledger


@pytest.fixture
def paths(tmp_path):
    """Return the database and the anchor of a ledger that has paid for nothing."""
    made = tmp_path / "ledger.sqlite", tmp_path / "ledger.anchor"
    Ledger.create(*made, BUDGET)
    return made
