"""Addresses that people type or hosts name, taken apart once for every check of them."""

from urllib.parse import SplitResult, urlsplit


def split_address(address: str) -> SplitResult | None:
    """Return the parts of an address with a host and, where it names one, a port from 1 to 65535; else None."""
    try:
        parts = urlsplit(address)
        # urlsplit reports a port that is no number only when `port` is read.
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None
