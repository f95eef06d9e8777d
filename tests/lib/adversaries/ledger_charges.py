"""A small budget and the charges that ledger tests make on it, from this process and from others."""

import multiprocessing

from analysis.budget.entries import Charge, DeclaredBudget
from analysis.budget.ledger import Ledger

TOTAL = 1000
DELTA = 50
BUDGET = DeclaredBudget("study", "f" * 64, TOTAL, DELTA)
SPAWN = multiprocessing.get_context("spawn")


def charge(plan="a", wave=1, cost=100, box="b", delta=0):
    return Charge(
        "study", wave, manifest=f"m{wave}", plan=plan, box=f"{box}{wave}", count=7, nano_rho=cost, atto_delta=delta
    )


def spend(paths, *charges):
    """Return the entries of charges that a ledger pays for, one after another."""
    with Ledger.open(*paths) as ledger:
        return [ledger.debit(one) for one in charges]
