"""What distributions install at the top of site-packages, and who installs one of our names in whatever case."""

import re
from importlib.metadata import distributions

OURS = frozenset({"survey", "crypto", "analysis", "templates", "deploy", "verifier"})
"""The top-level names of our wheel: on a file system that ignores case, `Crypto` is the same folder as `crypto`."""


def normalised(name: str) -> str:
    """The name of a distribution as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def claims(folder: str) -> set[tuple[str, str]]:
    """Return each name of ours, as it is spelt there, with the distribution in `folder` that installs it."""
    return {
        (file.parts[0], normalised(one.name))
        for one in distributions(path=[folder])
        for file in one.files or ()
        if file.parts[0].removesuffix(".py").casefold() in OURS
    }
