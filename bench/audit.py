"""Audits of the noise at nightly size: how far apart releases of two neighbours are, certified, beside what they claim.

Example: python bench/audit.py --draws 400000

Prints one line per mechanism, or one JSON array with --json; ends with 1 where an honest mechanism is over its claim,
or one with a tenth too little noise is not flagged. The chance of a false alarm is 1e-7 a line.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/lib"))
from adversaries.release_attacks import certified_mu, claimed_mu

from analysis.noise.noise import Noise, gaussian_for

ALARM = 1e-7
PRICES = (100_000_000, 500_000_000)
WEAKER = {"as paid": 1.0, "sigma 5 % too small": 0.95, "sigma 10 % too small": 0.9, "sigma 30 % too small": 0.7}
CHUNK = 50_000


def main() -> None:
    """Audit each price and each fault; print what was certified."""
    arguments = parser().parse_args()
    results = [line(price, name, arguments.draws) for price in PRICES for name in WEAKER]
    if arguments.json:
        print(json.dumps(results))
    else:
        for one in results:
            print("{rho:5} {mechanism:22} claimed {claimed:.4f} certified {certified:.4f} {verdict}".format(**one))
    sys.exit(any(one["wrong"] for one in results))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--draws", type=int, default=400_000, help="releases drawn under each of two neighbours")
    made.add_argument("--json", action="store_true", help="print one JSON array")
    return made


def line(nano_rho: int, mechanism: str, draws: int) -> dict[str, Any]:
    """Audit noise of which a factor is missing, at the price of the whole."""
    start = time.perf_counter()
    noise = gaussian_for(round(nano_rho / WEAKER[mechanism] ** 2), 2)
    certified = certified_mu(scores(noise, (7, 3), draws), scores(noise, (6, 4), draws), ALARM)
    claimed, honest = claimed_mu(nano_rho), WEAKER[mechanism] == 1.0
    over = certified > claimed
    # A fault this small is only seen with enough draws: it is required from a tenth on.
    wrong = over if honest else WEAKER[mechanism] <= 0.9 and not over and draws >= 300_000
    verdict = "over the claim" if over else "within the claim"
    facts = {"rho": nano_rho / 1e9, "mechanism": mechanism, "claimed": claimed, "certified": certified}
    return facts | {"verdict": verdict, "wrong": wrong, "seconds": round(time.perf_counter() - start, 1)}


def scores(noise: Noise, counts: tuple[int, int], draws: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the best score of two cells, one of which lost a record to the other, in `draws` releases."""
    parts = []
    for start in range(0, draws, CHUNK):
        size = min(CHUNK, draws - start)
        drawn = np.array(noise.add(np.tile(np.array(counts, dtype=np.int64), size)), dtype=float).reshape(size, 2)
        parts.append(drawn[:, 1] - drawn[:, 0])
    return np.concatenate(parts)


if __name__ == "__main__":
    main()
