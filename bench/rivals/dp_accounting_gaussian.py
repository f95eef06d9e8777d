"""Google's dp-accounting: epsilon of composed discrete Gaussians by privacy loss distributions (connect the dots)."""

import json
import sys
import time
from functools import reduce
from importlib.metadata import version

from dp_accounting.pld import privacy_loss_distribution as pld


def main() -> None:
    """Read ledgers as JSON, [[sigma, cells], ...] each, and deltas and the step of the losses; print epsilons."""
    ledgers, deltas, step = json.loads(sys.argv[1])
    began = time.process_time()
    results = [epsilons(ledger, deltas, step) for ledger in ledgers]
    taken = (time.process_time() - began) / len(ledgers)
    print(json.dumps({"version": version("dp-accounting"), "epsilons": results, "cpu": taken}))


def epsilons(ledger: list[tuple[float, int]], deltas: list[float], step: float) -> list[float]:
    """Return epsilon at each delta of every cell shifted by one."""
    parts = [
        pld.from_discrete_gaussian_mechanism(sigma, value_discretization_interval=step).self_compose(cells)
        for sigma, cells in ledger
    ]
    whole = reduce(lambda one, other: one.compose(other), parts)
    return [whole.get_epsilon_for_delta(delta) for delta in deltas]


if __name__ == "__main__":
    main()
