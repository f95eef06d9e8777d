"""Numbers and bands of numbers in digits, for every language: 18–29, and with minus signs below zero."""

MINUS = "\u2212"


def number_words(number: int) -> str:
    """Return a number in digits, with a minus sign and no hyphen."""
    return str(number).replace("-", MINUS)


def band_words(low: int, high: int) -> str:
    """Return a band by its bounds; the dash between them stands apart where a minus sign could be read as one."""
    dash = "–" if low >= 0 else " – "
    return number_words(low) if low == high else f"{number_words(low)}{dash}{number_words(high)}"
