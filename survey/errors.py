"""What staff are told: the errors whose text is for a person to read. No database, no web."""

from crypto.errors import RefusedError


class OfficeError(RefusedError):
    """Something that staff asked for cannot be done; the message says why and what to do."""
