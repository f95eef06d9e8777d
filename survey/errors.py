"""The base class of errors whose text staff read. No database, no web."""

from crypto.errors import RefusedError


class OfficeError(RefusedError):
    """A request of staff cannot be carried out; the message says why and what to do."""
