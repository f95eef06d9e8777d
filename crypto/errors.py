"""The base of Sotto's exceptions: a class sets a command's exit code and whether its text may be shown."""

import errno
import re
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import ClassVar

HIDDEN = "stopped unexpectedly; nothing more is shown, for it could hold an answer"
"""The message for an error whose text may not be shown; the name of its class follows in brackets."""
_FILE_FAULTS = {
    errno.ENOENT: "there is no such file or folder; compare the path",
    errno.ENOTDIR: "a part of this path is a file and no folder; give another path",
    errno.EISDIR: "this is a folder and no file; give a file",
    errno.EEXIST: "there is such a file already; give another name",
    errno.EACCES: "this account may not read or write it; change its permissions, or give another path",
    errno.EPERM: "this account may not change it; change its permissions, or give another path",
    errno.EROFS: "nothing can be written here; give a path on another disk",
    errno.ENOSPC: "the disk is full; make room, then run this again",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""The control characters of Unicode (Cc), with which escape sequences begin, but for line ends and tabs."""


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


class ContentError(RefusedError):
    """Bytes that are not the file or document that was asked for; a command names the file where the text does not."""


class MissingExtraError(RefusedError):
    """A part of the package that a command needs is not installed; the message says what to install."""


def has_public_text(error: BaseException) -> bool:
    """Say whether an error's text may be shown: only where it is a SottoError whose class allows it."""
    return isinstance(error, SottoError) and error.text_is_public


def public_text(error: BaseException) -> str:
    """Return the text of an error if it may be shown, else the name of its class."""
    return str(error) if has_public_text(error) else type(error).__name__


def file_fault(error: OSError) -> str:
    """Return in plain words why a file could not be read or written, and what to do; without its path."""
    return _FILE_FAULTS.get(error.errno or 0, error.strerror or "it cannot be read or written; try it again")


def without_controls(text: str) -> str:
    """Return a text as a terminal may get it: controls but line ends and tabs written out, as JSON has them."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def printable(text: str) -> str:
    """Return a stranger's text as one line of a terminal: as `without_controls`, and no line end or other direction."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def error_report(error: Exception, arguments: Sequence[str] = ()) -> tuple[str, ExitCode]:
    """Return what a command prints of `error`, and its exit code; `arguments` are those of its command line.

    Names the path of a file error, and for a ContentError the files that were given where its text names none of them.
    The text of an error that is not ours, or that may not be shown, is replaced by the name of its class. Control
    characters are written out: a text can quote what a stranger sent.
    """
    text, code = _report(error, arguments)
    return without_controls(text), code


def _report(error: Exception, arguments: Sequence[str]) -> tuple[str, ExitCode]:
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {file_fault(error)}", ExitCode.REFUSED
    if not has_public_text(error):
        code = error.exit_code if isinstance(error, SottoError) else ExitCode.STOPPED
        return f"{HIDDEN} ({type(error).__name__})", code
    return _with_files(error, arguments), getattr(error, "exit_code", ExitCode.STOPPED)


def _with_files(error: Exception, arguments: Sequence[str]) -> str:
    """Return an error's text, behind the given files' paths where it is about a file's content and names none."""
    text = str(error)
    files = [part for part in (one.rpartition("=")[2] for one in arguments) if Path(part).is_file()]
    if not isinstance(error, ContentError) or not files or any(file in text for file in files):
        return text
    return f"{' or '.join(files)}: {text}"
