"""Which signs of a text are not of the script that it should be written in."""

CHINESE = {"zh-Hans": "gb2312", "zh-Hant": "big5"}
# Signs that belong to no script of Chinese: of numbers, of Greek letters, of presses and of time.
MARKS = dict.fromkeys(map(ord, "±·ερδ“”‘’—–…「」−✓⋯◐○●◧−×≤≥²√–•→←↑↓✕▶■０１２３４５６７８９"))  # noqa: RUF001


def foreign(text: str, locale: str) -> str:
    """Return the signs of `text` that the script of `locale` does not have (GB 2312, Big5)."""
    return "".join(sign for sign in text.translate(MARKS) if not _is_in(sign, CHINESE[locale]))


def _is_in(sign: str, charset: str) -> bool:
    try:
        return bool(sign.encode(charset))
    except UnicodeEncodeError:
        return False
