"""A respondent's link: what the server must not see is in the fragment, which browsers do not send."""

import re

from survey.addresses import split_address
from survey.document import DocumentError
from survey.loopback import LOOPBACK

HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
"""A host's name, or a number of one, as it stands in an address; no sign of markup or of a shell."""


class LinkError(DocumentError):
    """A link that no phone could use; the message says what to change."""


def respondent_link(origin: str, study: str, pin: str, stratum: str, code: str | None = None) -> str:
    """
    Return `https://HOST/s/STUDY#k=PIN&s=STRATUM`, with `&c=CODE` last on a slip.

    Raises LinkError unless `origin` is `https://HOST`, with a port or without (http for this machine alone).
    """
    fragment = f"k={pin}&s={stratum}" + (f"&c={code}" if code else "")
    return f"{checked_origin(origin)}/s/{study}#{fragment}"


def checked_origin(origin: str) -> str:
    """Return an origin without a slash at its end; raise LinkError for anything else."""
    parts = split_address(origin)
    host = parts.hostname if parts else None
    if (
        parts is None
        or not host
        or not HOST.fullmatch(host)
        or any((parts.username, parts.query, parts.fragment, parts.path.rstrip("/")))
    ):
        raise LinkError("--url is the host that phones reach, such as https://survey.example: no path, no # or ?")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise LinkError("--url begins with https://: over http a phone cannot seal what it sends")
    return f"{parts.scheme}://{parts.netloc}"
