"""`python -m mutations.named REPORT`: fails for tests that the table names and that a whole run of vitest had not.

A row names a test of the phone by the beginning of its title, which only vitest knows where one title stands for many
cases. Without this a renamed test would be missed by `make long` alone. (Tests of Python are held to exist by
tests/unit/docs/test_mutations_of_properties.py.)
"""

import json
import sys
from pathlib import Path

from mutations.table import mutations, named_tests


def missing(report: Path, root: Path = Path()) -> list[str]:
    """Return the named tests that no test of vitest's JSON report begins with."""
    suites = json.loads(report.read_text(encoding="utf-8"))["testResults"]
    ran = {
        f"{Path(suite['name']).relative_to(root.resolve())}::{one['fullName']}"
        for suite in suites
        for one in suite["assertionResults"]
    }
    wanted = [test for test in named_tests(mutations()) if ".test.ts" in test]
    return [test for test in wanted if not any(one.startswith(test) for one in ran)]


if __name__ == "__main__":
    for name in (faults := missing(Path(sys.argv[1]))):
        print(f"tests/data/mutations names {name}, and no test is called so: write the row anew", file=sys.stderr)
    sys.exit(bool(faults))
