"""Releases of two boxes that differ in one respondent, and what of them must be the same."""

import json

from studies import small_study as small

from analysis.releasing.run import make_release

PLAN = small.plan()
FREE = {"day"}
"""Not hashed from answers, and may differ between two runs over midnight."""


def released(root, world, contents, name):
    """Make a release of `contents` in a copy of `world`; return its parsed document."""
    other = world.copy(root / name)
    box = root / f"{name}.box"
    small.write(box, world.manifest, contents)
    return json.loads(make_release(other.request(PLAN, box)).path.read_bytes()), other, box


def public_part(document):
    """Return what must be the same: all but the box's root, what names it, the nonce, noisy numbers, signatures."""
    kept = json.loads(json.dumps(document))
    del kept["signature"], kept["box"]["root"], kept["intent"], kept["ledger"]["entry"], kept["ledger"]["nonce"]
    for name in FREE:
        del kept[name]
    for table in kept["tables"]:
        # The noise of all tables makes them consistent: what is computed from noisy integers is noisy itself.
        table["counts"], table["consistent"] = len(table["counts"]), len(table["consistent"])
        del table["estimates"]
    return kept
