"""English sentences with numbers in them, read back: shares with margins, numbers of people, and what they are of."""

import re
from dataclasses import dataclass

BASES = {
    "of those asked": "asked",
    "of those asked and answering, “don’t know” included": "answered",
    "of those with an opinion": "substantive",
    "of those who gave a number, within each list": "substantive",
    "of all readable records": "asked",
}
"""What the words of a base mean, written here a second time."""
UNSAID = "too uncertain to say"
"""What stands where a margin leaves nothing worth a number."""
_NUMBER = re.compile(r"^\(?(?P<value>-?[\d,.]+)(?P<percent>%?) ± (?P<margin>[\d,.]+)\)?$")


@dataclass(frozen=True)
class ParsedNumber:
    """A number as it is written, with its margin; `slack`: how far rounding of both moves the ends."""

    value: float
    margin: float
    slack: float

    @property
    def ends(self) -> tuple[float, float, float]:
        """The number, and both ends of its interval."""
        return self.value, self.value - self.margin, self.value + self.margin


def parse_number(text: str) -> ParsedNumber | None:
    """Read a share or mean, such as 57% ± 4, (0% ± 3) or 1.23 ± 0.10; None where the text is no number."""
    if text.strip("()") == UNSAID:
        return None
    match = _NUMBER.match(text)
    if match is None:
        raise AssertionError(f"no number with a margin: {text}")
    unit = 100 if match["percent"] else 1
    slack = (_half(match["value"]) + _half(match["margin"])) / unit
    return ParsedNumber(people(match["value"]) / unit, people(match["margin"]) / unit, slack)


def people(text: str) -> float:
    """Read a plain number, such as 1,234."""
    return float(text.replace(",", ""))


def _half(text: str) -> float:
    """Return half a unit of the last digit."""
    return 0.5 * 10.0 ** -len(text.partition(".")[2])
