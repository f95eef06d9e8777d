"""Where the files of the repository lie that tests read, so that no test counts the folders above itself."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
STUDIES = ROOT / "survey" / "studies"


def vectors(name: str) -> Any:
    """Return what the JSON file of this name among the shared test vectors says."""
    return json.loads((VECTORS / f"{name}.json").read_bytes())
