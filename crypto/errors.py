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
    The base class. A class derived from it alone is reported by its name, as an unexpected stop.

    `exit_code`: the command's exit code. `text_is_public`: whether `str(error)` may be shown and logged; not where it
    could repeat an answer, a code, a share, a key, a token, or bytes that a stranger sent. Both are set by the classes
    of this module alone: any other class chooses one of them as its base.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.STOPPED
    text_is_public: ClassVar[bool] = False


class PublicTextError(SottoError):
    """An error over public data, perhaps after something was changed; the text holds public data only."""

    text_is_public = True


class RefusedError(PublicTextError):
    """An error that a user can correct; nothing was changed. The text says how."""

    exit_code = ExitCode.REFUSED


class BudgetError(PublicTextError):
    """The privacy budget or its record does not allow what was asked; the text says why."""

    exit_code = ExitCode.BUDGET


class MissingExtraError(RefusedError):
    """A part of the package that a command needs is not installed; the message says what to install."""


def has_public_text(error: BaseException) -> bool:
    """Say whether an error's text may be shown: only where it is a SottoError whose class allows it."""
    return isinstance(error, SottoError) and error.text_is_public


def public_text(error: BaseException) -> str:
    """Return the text of an error if it may be shown, else the name of its class."""
    return str(error) if has_public_text(error) else type(error).__name__
