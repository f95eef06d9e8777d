"""Runs every benchmark, one after the other, and prints their figures: `make bench`."""

import argparse
import subprocess
import sys
from pathlib import Path

SCRIPTS = (
    "opening.py",
    "tables.py",
    "rivals.py",
    "epsilon.py",
    "suggest.py",
    "consistency.py",
    "coverage.py",
    "handin.py",
    "page.py",
    "seal_phone.py",
    "commits/repeats.py",
    "commits/commands.py",
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*SCRIPTS, []], help="Which to run; all by default.")
    for name in parser.parse_args().only or SCRIPTS:
        print(f"== {name} ==", flush=True)
        subprocess.run([sys.executable, str(Path(__file__).parent / name)], check=True)
