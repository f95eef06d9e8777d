"""The grammar of pipes: `{ITEM|words}` in a text stands for the answer to ITEM, and for the words where it has none.

The phone has the same grammar (survey/browser/answers/piping.ts); the words hold no bar and no brace.
"""

import re

PIPE = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")
"""A pipe: the item whose answer is inserted, as it is written, and the fallback text where there is no answer."""


def unpiped(text: str) -> str:
    """Return a text with every pipe replaced by its fallback text."""
    return PIPE.sub(lambda match: match[2], text)
