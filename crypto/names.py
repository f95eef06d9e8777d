"""The grammar of study names, document hashes and key ids in sealed and signed files, and the check of a header.

Source: crypto/ENVELOPE.md. Authored files allow fewer names: survey/names.py. Decision 75.
"""

import re
from collections.abc import Mapping

STUDY = r"[a-z0-9][a-z0-9-]{0,62}"
HASH = r"[0-9a-f]{64}"
KEY_ID = r"[0-9a-f]{16}"


def impossible_member(header: object, texts: Mapping[str, str], least: Mapping[str, int]) -> str | None:
    """Return the first attribute of `header` that is not of its type and grammar, or None.

    `texts` are regular expressions that whole strings match, `least` the lowest values of integers.
    """
    for name, grammar in texts.items():
        value = getattr(header, name)
        if not (isinstance(value, str) and re.fullmatch(grammar, value)):
            return name
    for name, low in least.items():
        value = getattr(header, name)
        if type(value) is not int or value < low:
            return name
    return None
