"""The grammar of names and texts in documents and addresses: regular expressions, and types of members that match.

A study's name is narrower here than in sealed files (crypto/canonical.py). Decision 75.
"""

import re
from typing import Annotated

from pydantic import Field

from crypto import canonical

_SLUG = r"[a-z][a-z0-9-]{0,47}"
_LOCALE = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_PIN = r"[A-Za-z0-9_-]{32}"
_ID = r"[A-Z][A-Z0-9_]{0,31}"

ID, SLUG, LOCALE, PIN, HASH = map(re.compile, (_ID, _SLUG, _LOCALE, _PIN, canonical.HASH))

CONTROL = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x1_0000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
"""No character of a text: controls but tab, line feed and return, surrogates, noncharacters (Unicode 16, 23.7)."""

Id = Annotated[str, Field(pattern=f"^{_ID}$")]
"""An item, indicator, group, table, hypothesis or finding."""
Name = Annotated[str, Field(pattern=f"^(@[a-z]{{1,16}}|{_ID})$")]
"""A dimension of a table: an item, indicator or group, or a part of the payload's header, which begins with @."""
Slug = Annotated[str, Field(pattern=f"^{_SLUG}$")]
"""A study, form, block, module or stratum."""
Locale = Annotated[str, Field(pattern=f"^{_LOCALE}$")]
Sha256 = Annotated[str, Field(pattern=f"^{canonical.HASH}$")]
KeyId = Annotated[str, Field(pattern=f"^{canonical.KEY_ID}$")]
"""The first 8 bytes of the SHA-256 of a wave's public key, in hex."""
Pin = Annotated[str, Field(pattern=f"^{_PIN}$")]
"""The hash of a manifest as it stands in respondents' links: 24 bytes in base64url."""
CodeText = Annotated[str, Field(pattern=r"^(0|-?[1-9][0-9]*)$")]
"""A response code as the key of a JSON object."""
