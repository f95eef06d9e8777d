"""What every rival does alike: reads the columns, answers pairs until its time is over, prints one JSON object."""

import json
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

warnings.simplefilter("ignore")


@dataclass
class Tables:
    """Columns of level indexes, how many levels each has, and the pairs to count."""

    columns: dict[str, Any]
    levels: dict[str, int]
    pairs: list[tuple[str, str]]

    @property
    def rows(self) -> int:
        """How many people there are."""
        return len(next(iter(self.columns.values())))


Answer = Callable[[str, str], None]
"""Answers one table of two columns."""


def main(prepare: Callable[[Tables], Answer], package: str) -> None:
    """Time one rival; argv: the file of columns, the seconds that it may take."""
    held = np.load(sys.argv[1], allow_pickle=False)
    facts = json.loads(str(held["facts"]))
    columns = {name: held[name] for name in facts["levels"]}
    tables = Tables(columns, facts["levels"], [tuple(pair) for pair in facts["pairs"]])
    limit, done = float(sys.argv[2]), 0
    one = prepare(tables)
    one(*tables.pairs[-1])  # what is loaded at the first question is not timed
    start, cpu = time.perf_counter(), time.process_time()
    for first, second in tables.pairs:
        one(first, second)
        done += 1
        if time.perf_counter() - start > limit:
            break
    taken = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    print(json.dumps({"version": version(package), "tables": done, **taken}))
