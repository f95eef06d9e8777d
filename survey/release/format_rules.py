"""What file formats can hold, each rule once: names, texts and their lengths; read by writers and by checks. Pure.

Sources: OpenXML (ECMA-376 part 1, 18.2.19 and 18.3.1.96) and Excel's limits, XML 1.0 section 2.2, Stata's manual [D]
data types and [U] 11.3, IBM SPSS Statistics' "Variable names", Microsoft's "Naming files, paths, and namespaces".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from survey.names import CONTROL
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS
from survey.release.long_columns import LONG

REPLACEMENT = "�"
ELLIPSIS = "…"
HASH_LETTERS = 10


# Decision 89.
@dataclass(frozen=True)
class NameRule:
    """The names that a format can hold; `reserved`, in capitals, are taken, in either case."""

    formats: str
    kind: str
    longest: int
    reserved: frozenset[str]
    bad_end: str = ""

    def holds(self, name: str) -> bool:
        """Say whether the format can hold `name` as it is."""
        return (
            len(name) <= self.longest
            and name.upper() not in self.reserved
            and not (self.bad_end and name.endswith(self.bad_end))
        )

    def name(self, name: str) -> str:
        """Return `name`, or its beginning and the first hex digits of its SHA-256: the same in every release."""
        if self.holds(name):
            return name
        beginning = name[: self.longest - HASH_LETTERS - 1].rstrip("_")
        return f"{beginning}_{sha256(name.encode()).hexdigest()[:HASH_LETTERS]}"


def _capitals(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.upper() for name in names)


HEADER_VARIABLES = {name: name.replace("@", "at_") for name in HEADER_DIMENSIONS}
SPSS_WORDS = ("ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH")
VARIABLE = NameRule(
    "Stata and SPSS", "variable", 31, _capitals((*LONG, *SPSS_WORDS, *HEADER_VARIABLES.values())), bad_end="_"
)
"""Both tell no case apart here: SPSS does not. 31, for the library's names of value labels hold no 32nd letter."""
SHEET = NameRule("xlsx", "sheet", 31, frozenset({"HISTORY"}))
FILE = NameRule(
    "csv, json and ddi",
    "file",
    200,
    frozenset({"CON", "PRN", "AUX", "NUL", "RELEASE", "STATEMENT"})
    | {f"{device}{number}" for device in ("COM", "LPT") for number in "0123456789"},
)
"""Windows' devices, and files of ours that a disk without cases would take for a table's."""


@dataclass(frozen=True)
class TextRule:
    """The characters that a format can hold, others become U+FFFD; `most` are the longest texts, see the writers."""

    formats: str
    unwritable: re.Pattern[str]

    def text(self, text: str) -> str:
        """Return a text that the format can hold."""
        return self.unwritable.sub(REPLACEMENT, text)


XML = TextRule("xlsx and ddi", re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"))
STATISTICAL = TextRule("Stata and SPSS", re.compile("[\0\ud800-\udfff]"))
"""Their libraries end a text at NUL."""
CSV = TextRule("csv, R, SDMX and the deposit", CONTROL)
"""RFC 4180's TEXTDATA holds no controls; R ends a text at NUL, and UTF-8 holds no surrogates."""

XLSX_CELL, XLSX_ROWS = 32_767, 1_048_576
"""Letters of a cell, rows of a sheet."""
STATA_LABEL, SPSS_LABEL, SPSS_VALUE = 80, 250, 120
"""The longest label of a variable in Stata (characters) and SPSS (bytes), and of a value in SPSS (bytes)."""


def variable_name(dimension: str) -> str:
    """Return what the variable of a dimension is called in Stata and SPSS."""
    return HEADER_VARIABLES.get(dimension) or VARIABLE.name(dimension)


def cut(text: str, most: int) -> str:
    """Return at most `most` characters, with an ellipsis where something is missing."""
    return text if len(text) <= most else text[: most - 1] + ELLIPSIS


def cut_bytes(text: str, most: int) -> str:
    """Return at most `most` bytes of UTF-8, whole characters, with an ellipsis where something is missing."""
    content = text.encode()
    if len(content) <= most:
        return text
    return content[: most - len(ELLIPSIS.encode())].decode(errors="ignore") + ELLIPSIS
