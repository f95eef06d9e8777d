"""Makes the showcase study's pictures and recordings: flat shapes as PNG and short tones as WAV, under 3 kB each."""

import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "survey" / "studies" / "showcase"
SIDE = 96
RATE, SECONDS, TOP = 8000, 0.25, 90
PAPER = (250, 246, 238)
# ruff: noqa: PLR2004 - a shape is nothing but numbers


def fruit(x: float, y: float) -> bool:
    """Say whether a point (0 to 1, from the upper left) lies within the shape; so for all shapes."""
    return math.hypot(x - 0.5, y - 0.55) < 0.32 or (abs(x - 0.5) < 0.03 and y < 0.3)


def fish(x: float, y: float) -> bool:
    return math.hypot((x - 0.42) / 1.5, y - 0.5) < 0.2 or (x > 0.7 and abs(y - 0.5) < x - 0.68)


def cloth(x: float, y: float) -> bool:
    return 0.15 < x < 0.85 and 0.2 < y < 0.8 and (int(x * 12) + int(y * 12)) % 2 == 0


def tea(x: float, y: float) -> bool:
    return (0.25 < x < 0.65 and 0.4 < y < 0.75) or 0.1 < math.hypot(x - 0.68, y - 0.56) < 0.15


Shape = Callable[[float, float], bool]
SHAPES: dict[str, tuple[tuple[int, int, int], Shape]] = {
    "fruit": ((200, 60, 40), fruit),
    "fish": ((50, 110, 170), fish),
    "cloth": ((120, 80, 150), cloth),
    "tea": ((60, 130, 70), tea),
}
CONSENT = ("consent-1", "consent-2", "consent-3", "consent-4", "consent-question", "consent-agree", "consent-decline")
OPTIONS = ("READER-1", "READER-2", "STALL-1", "STALL-2", "STALL-3", "STALL-4", "VIEWS-1", "VIEWS-2", "VIEWS-3")
ITEMS = (
    "AGE",
    "READER",
    "STALL",
    "VIEWS",
    "KIND",
    "TOP",
    "WELCOME",
    *OPTIONS,
    "missing-90",
    "missing-98",
    "missing-99",
    "AGE-hint",
    "VIEWS-hint",
)
RECORDINGS = {"en": (*CONSENT, *ITEMS), "zh-Hans": (*CONSENT, *ITEMS), "zh-Hant": ITEMS[:3]}


def png(colour: tuple[int, int, int], inside: Shape) -> bytes:
    """Return a picture of one shape on paper, with a palette of two colours and a bit a pixel."""
    rows = []
    for y in range(SIDE):
        bits = [bool(inside((x + 0.5) / SIDE, (y + 0.5) / SIDE)) for x in range(SIDE)]
        rows.append(
            b"\0" + bytes(sum(bit << 7 - k for k, bit in enumerate(bits[n : n + 8])) for n in range(0, SIDE, 8))
        )
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 1, 3, 0, 0, 0)
    parts = (
        (b"IHDR", header),
        (b"PLTE", bytes((*PAPER, *colour))),
        (b"IDAT", zlib.compress(b"".join(rows), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def wav(pitch: float) -> bytes:
    """Return a fading tone, mono, 8 bits, 8 kHz."""
    number = int(RATE * SECONDS)
    samples = bytes(
        128 + round(TOP * (1 - n / number) * math.sin(2 * math.pi * pitch * n / RATE)) for n in range(number)
    )
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE, 1, 8)
    body = b"WAVE" + _riff(b"fmt ", form) + _riff(b"data", samples)
    return _riff(b"RIFF", body)


def _riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data


def main() -> None:
    """Write every file."""
    for name, (colour, inside) in SHAPES.items():
        path = FOLDER / "pictures" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(colour, inside))
    for place, (locale, names) in enumerate(RECORDINGS.items()):
        for step, name in enumerate(names):
            path = FOLDER / "audio" / locale / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wav(220 * 2 ** ((step + place / 3) / 12)))


if __name__ == "__main__":
    main()
