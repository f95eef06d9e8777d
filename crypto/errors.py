"""The base of Sotto's exceptions: a class sets a command's exit code and whether its text may be shown."""

from enum import IntEnum
from typing import ClassVar

HIDDEN = "stopped unexpectedly; nothing more is shown, for it could hold an answer"
"""The message for an error whose text may not be shown; it follows the name of the class."""


class ExitCode(IntEnum):
    """A command's exit code, as docs/commands.md lists them."""

    DONE = 0
    STOPPED = 1
    USAGE = 2
    REFUSED = 3
    BUDGET = 4
    UNVERIFIED = 5
    INTERRUPTED = 130


# Decision 72.
class SottoError(Exception):
    """
    The base class. A subclass that sets neither attribute is reported by its class name alone, as an unexpected stop.

    `exit_code`: the command's exit code. `text_is_public`: whether `str(error)` may be shown and logged; not where it
    could repeat an answer, a code, a share, a key, a token, or bytes that a stranger sent.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.STOPPED
    text_is_public: ClassVar[bool] = False


class RefusedError(SottoError):
    """An error that a user can correct; nothing was changed. The text says how and holds public data only."""

    exit_code = ExitCode.REFUSED
    text_is_public = True


class MissingExtraError(RefusedError):
    """A part of the package that a command needs is not installed; the message says what to install."""


def has_public_text(error: BaseException) -> bool:
    """Say whether an error's text may be shown: only where it is a SottoError whose class allows it."""
    return isinstance(error, SottoError) and error.text_is_public


def public_text(error: BaseException) -> str:
    """Return the text of an error if it may be shown, else the name of its class."""
    return str(error) if has_public_text(error) else type(error).__name__
