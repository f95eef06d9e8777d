"""What is published about a wave without noise: who took part and how many, never what anybody answered.

The collection host publishes it beside the releases (docs/architecture.md, "The published folder" and "Transparency");
a test takes hosts through lives that differ in nothing but who took part, and finds no other number that moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Mode = Literal["open", "invitation"]


@dataclass(frozen=True)
class ExactNumber:
    """One number, or one yes or no, that is public without noise.

    `places`: the members of published documents that hold it, as `document:member` (`#` is the length of a list), or
    the request that answers it; empty where it follows from others. `statement` completes "Exact and public:".
    """

    name: str
    places: tuple[str, ...]
    statement: str


OF_EVERY_WAVE = (
    ExactNumber(
        "records",
        ("release:box.count", "boxes:count", "log box:count", "intents:count"),
        "how many records the box holds, and so the size of its file",
    ),
    ExactNumber(
        "receipts",
        ("receipts:receipts#", "receipts:receipts[]", "receipts:proof[]"),
        "the receipt of every record, in 256 lists whose lengths add up to the records: whoever has seen one knows "
        "whether that answer is counted",
    ),
    ExactNumber(
        "field days",
        ("log manifest:day", "log box:day"),
        "the days on which the wave opened and on which its box was made: every answer came between them",
    ),
    ExactNumber(
        "fieldwork",
        ("release:fieldwork.answered", "release:fieldwork.opened", "release:fieldwork.closed"),
        "in a release whose box came with its fieldwork file: the days of opening and closing, the records, and by "
        "invitation the codes made, the codes used and their ratio",
    ),
)
BY_INVITATION = (
    ExactNumber("invited", ("log box:invited", "release:fieldwork.invited"), "how many codes were made for the wave"),
    ExactNumber("issued", ("log box:issued", "release:fieldwork.issued"), "how many of them were used"),
    ExactNumber("unused codes", (), "so how many were not used"),
    ExactNumber(
        "tokens without a record",
        (),
        "and how many used codes have no record: taken back with the eight words and never handed in, together",
    ),
)
ON_REQUEST = (
    ExactNumber(
        "a record that is sent again",
        ("POST /s/<study>",),
        "to whoever has a sealed record and sends it again, whether it is stored",
    ),
)
ON_REQUEST_BY_INVITATION = (
    ExactNumber(
        "a code's standing",
        ("POST /t/<study>",),
        "until its batch or the wave closes, to whoever has a code and uses it up if it was not used, whether it was",
    ),
)


def exact_numbers(mode: Mode) -> Sequence[ExactNumber]:
    """Return all numbers that are public without noise in a wave of this mode; those given only on request last."""
    if mode == "open":
        return OF_EVERY_WAVE + ON_REQUEST
    return OF_EVERY_WAVE + BY_INVITATION + ON_REQUEST + ON_REQUEST_BY_INVITATION
