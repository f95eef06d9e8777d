"""Prints how many files of code each folder holds, tests included, and fails where one holds too many for one look.

Decision 71.
"""

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("survey", "analysis", "crypto", "tests", "bench", "scripts")
SUFFIXES = {".py", ".ts", ".mjs"}
MOST = 20
# crypto stays flat, so that one look shows every primitive; the phone's screens are one file for each kind of control.
ALLOWED = {"crypto": 26, "survey/browser/screen": 22}
LEFT_OUT = {"node_modules", "static", "__pycache__"}


def files_per_folder(root: Path) -> Counter[str]:
    """Return how many files of Python, TypeScript and JavaScript each folder of `root` holds, subfolders apart."""
    paths = (path.relative_to(root) for part in CODE for path in (root / part).rglob("*.*") if path.suffix in SUFFIXES)
    return Counter(path.parent.as_posix() for path in paths if not LEFT_OUT.intersection(path.parts))


def too_full(counts: Counter[str]) -> list[str]:
    """Return a line for each folder that holds more files than it may."""
    return [
        f"{folder} holds {count} files, at most {ALLOWED.get(folder, MOST)}: split it by what its files are for"
        for folder, count in sorted(counts.items())
        if count > ALLOWED.get(folder, MOST)
    ]


def main() -> int:
    """Print the counts; return 1 where a folder is too full."""
    counts = files_per_folder(ROOT)
    for folder, count in counts.most_common():
        print(f"{count:4} {folder}")
    faults = too_full(counts)
    for fault in faults:
        print(fault, file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
