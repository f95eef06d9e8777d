"""How long a preview takes to be there, and a saved change to be compiled and published: wall-clock seconds.

Example: python bench/preview.py survey/studies/sesame_credit/questionnaire.yaml --repeat 5

The start is that of a process of its own, until its address answers with the phone's page; the change is from the save
until the state that the author's page waits for is there. Prints the median of each, or one JSON object with --json,
beside the same of Python alone, which is what this machine takes for nothing; ends with 1 where a start takes over 2
seconds or a change over 1, the control left out.
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SOTTO = "from survey.commands.main import main; main(prog_name='sotto')"
MOST = {"start": 2.0, "change": 1.0}


def main() -> None:
    """Measure each and print the medians."""
    arguments = parser().parse_args()
    runs = [measured(arguments.file) for _ in range(arguments.repeat)]
    result = {name: round(statistics.median(run[name] for run in runs), 3) for name in runs[0]}
    print(json.dumps(result) if arguments.json else "  ".join(f"{name} {value} s" for name, value in result.items()))
    sys.exit(any(result[name] - result["python"] > most for name, most in MOST.items()))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("file", type=Path, help="a questionnaire or a workbook")
    made.add_argument("--repeat", type=int, default=3, help="runs, of which the median is told")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    return made


def measured(file: Path) -> dict[str, float]:
    """Return the seconds of a start, of a change, and of a Python that does nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "study"
        shutil.copytree(file.parent, folder)
        copy = folder / file.name
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", ""], check=True)
        python = time.perf_counter() - begun
        begun = time.perf_counter()
        command = [sys.executable, "-u", "-c", SOTTO, "study", "preview", str(copy), "--no-open"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            address = str(re.search(r"http://\S+", child.stdout.readline())[0])
            state = asked(f"{address}/state?after=0")
            token = address.rpartition("/")[2]
            page(f"{address.split('/preview/', maxsplit=1)[0]}/s/{state['page']['study']}?t={token}")
            start = time.perf_counter() - begun
            begun = time.perf_counter()
            content = copy.read_bytes()
            copy.write_bytes(content + b"\n# changed\n" if file.suffix == ".yaml" else content)
            asked(f"{address}/state?after={state['version']}")
            change = time.perf_counter() - begun
            child.terminate()
            child.communicate(timeout=30)
    return {"start": start, "change": change, "python": python}


def asked(address: str) -> dict[str, object]:
    """Return the JSON at an address."""
    return dict(json.loads(page(address)))


def page(address: str) -> bytes:
    """Return what is at an address of this machine."""
    with urllib.request.urlopen(address, timeout=30) as reply:
        return bytes(reply.read())


if __name__ == "__main__":
    main()
