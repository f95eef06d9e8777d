"""The root of all our exceptions: a class says with what a command ends, and whether its text may be shown."""

from enum import IntEnum
from typing import ClassVar

HIDDEN = "stopped unexpectedly; nothing more is shown, for it could hold an answer"
"""What is said of an error whose text may not be shown, behind the name of its class."""


class ExitCode(IntEnum):
    """What a command ends with, as docs/commands.md lists them."""

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
    The root. A class that says no more is reported by its name alone, as what stopped a command unexpectedly.

    `exit_code`: what a command ends with. `shown`: whether `str(error)` may be shown and logged. It may not where it
    could repeat an answer, a code, a share, a key, a token, or bytes that a stranger sent.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.STOPPED
    shown: ClassVar[bool] = False


class RefusedError(SottoError):
    """Something that a person can mend, and nothing was changed: the text says what, and holds public things only."""

    exit_code = ExitCode.REFUSED
    shown = True


def is_shown(error: BaseException) -> bool:
    """Say whether an error's text may be shown: that of ours where its class says so, no other's."""
    return isinstance(error, SottoError) and error.shown


def public_text(error: BaseException) -> str:
    """Return what may be said of any error: its text where that may be shown, else the name of its class."""
    return str(error) if is_shown(error) else type(error).__name__
