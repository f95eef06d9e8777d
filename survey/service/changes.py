"""One change of a host at a time: each says what it would do, whether that is done, and does it (decision 126)."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crypto.durable import write_file
from crypto.errors import PublicTextError, RefusedError

BEGIN, END = "# Begin of what sotto install wrote; changes in here are lost.", "# End of what sotto install wrote."
SECONDS = 900


class HostError(PublicTextError):
    """A host cannot be set up further; the message says what failed and what to do. Doing it again goes on there."""


class ProgramError(HostError):
    """A program ended with an error, with `code`."""

    def __init__(self, text: str, code: int) -> None:
        """Keep the code that it ended with."""
        super().__init__(text)
        self.code = code


class HostRefusedError(RefusedError):
    """This host cannot be set up as it is; nothing was changed, and the message says what is missing."""


class Change(Protocol):
    """A change of the host that may be made any number of times."""

    def described(self) -> str:
        """Return everything that it does, for a person to read; no secret."""

    def done(self) -> bool:
        """Return whether there is nothing to do."""

    def make(self) -> None:
        """Make it; raise HostError where that fails."""


@dataclass(frozen=True)
class WriteFile:
    """A file with this content, these rights and this owner. `secret`: its content is not shown."""

    path: Path
    content: str
    mode: int = 0o644
    owner: str = "root:root"
    secret: bool = False

    def described(self) -> str:
        """Return the path, the rights and the content."""
        shown = "    (a secret)" if self.secret else "".join(f"    {line}\n" for line in self.content.splitlines())
        return f"write {self.path} ({self.mode:04o} {self.owner}):\n{shown.rstrip()}"

    def done(self) -> bool:
        """Return whether the file has this content, these rights and this owner."""
        try:
            same = self.path.read_text(encoding="utf-8") == self.content
            return same and self.path.stat().st_mode & 0o7777 == self.mode and _owner(self.path) == self.owner
        except OSError:
            return False

    def make(self) -> None:
        """Write it."""
        write_file(self.path, self.content.encode(), self.mode)
        shutil.chown(self.path, *self.owner.split(":"))


@dataclass(frozen=True)
class KeepSecret:
    """A secret file that is made once and stays; `new` makes its content."""

    path: Path
    new: Callable[[], str] = field(repr=False)

    def described(self) -> str:
        """Return the path."""
        return f"write {self.path} (0600 root:root):\n    (a secret, drawn once)"

    def done(self) -> bool:
        """Return whether there is one."""
        return self.path.exists()

    def make(self) -> None:
        """Draw it."""
        write_file(self.path, self.new().encode(), 0o600)


@dataclass(frozen=True)
class LinesBefore:
    """Lines at the beginning of a file that is somebody else's, between two marks; an older block gives way."""

    path: Path
    content: str

    def described(self) -> str:
        """Return the path and the lines."""
        lines = "".join(f"    {line}\n" for line in self.content.splitlines())
        return f"put at the beginning of {self.path}:\n{lines.rstrip()}"

    def done(self) -> bool:
        """Return whether exactly this block stands there."""
        try:
            return self.path.read_text(encoding="utf-8").startswith(self._block())
        except OSError:
            return False

    def make(self) -> None:
        """Put it there; the file keeps its owner and rights."""
        before = without_block(self.path.read_text(encoding="utf-8"))
        _replace(self.path, self._block() + before)

    def _block(self) -> str:
        return f"{BEGIN}\n{self.content.rstrip()}\n{END}\n"


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    path: Path
    target: Path

    def described(self) -> str:
        """Return both ends."""
        return f"link {self.path} to {self.target}"

    def done(self) -> bool:
        """Return whether it leads there."""
        return self.path.is_symlink() and self.path.readlink() == self.target

    def make(self) -> None:
        """Make it, in place of one that leads elsewhere."""
        if self.path.is_symlink():
            self.path.unlink()
        self.path.symlink_to(self.target)


@dataclass(frozen=True)
class Remove:
    """A file that goes."""

    path: Path

    def described(self) -> str:
        """Return the path."""
        return f"remove {self.path}"

    def done(self) -> bool:
        """Return whether it is gone."""
        return not self.path.exists() and not self.path.is_symlink()

    def make(self) -> None:
        """Remove it."""
        self.path.unlink()


@dataclass(frozen=True)
class TakeOutLines:
    """A block that LinesBefore wrote and that goes."""

    path: Path

    def described(self) -> str:
        """Return the path."""
        return f"take out of {self.path} what sotto install wrote"

    def done(self) -> bool:
        """Return whether there is none."""
        return not self.path.exists() or BEGIN not in self.path.read_text(encoding="utf-8")

    def make(self) -> None:
        """Take it out; the file keeps its owner and rights."""
        _replace(self.path, without_block(self.path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Run:
    """A program, run as an account. `unless`: whether there is nothing to do; `given`: its input, not shown."""

    command: Sequence[str | Path]
    account: str = "root"
    unless: Callable[[], bool] = field(default=lambda: False, repr=False)
    given: str = field(default="", repr=False)

    def described(self) -> str:
        """Return the command as a person would type it."""
        return shlex.join(["run:", *map(str, self._command())]).replace("run: ", "run: ", 1)

    def done(self) -> bool:
        """Return whether it need not run."""
        return self.unless()

    def make(self) -> None:
        """Run it; raise HostError with what it said where it fails."""
        output(self._command(), given=self.given)

    def _command(self) -> list[str | Path]:
        return [*as_account(self.account), *self.command]


def as_account(account: str) -> list[str]:
    """Return what stands before a command to run it as an account of the host."""
    return [] if account == "root" else ["runuser", "-u", account, "--"]


def output(command: Sequence[str | Path], *, given: str = "") -> str:
    """Return what a program prints; raise HostError, with the last of what it said, where it fails or is missing."""
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, timeout=SECONDS, cwd="/"
        )
    except FileNotFoundError:
        raise HostError(f"{command[0]} is not installed on this host: install it, then run this again") from None
    except subprocess.TimeoutExpired:
        raise HostError(f"{shlex.join(map(str, command))} did not end within {SECONDS} seconds") from None
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split()[-60:])
        raise ProgramError(f"{shlex.join(map(str, command))} failed ({done.returncode}): {said}", done.returncode)
    return done.stdout


def without_block(text: str) -> str:
    """Return a file's text without the block that `LinesBefore` wrote."""
    before, mark, rest = text.partition(f"{BEGIN}\n")
    return before + rest.partition(f"{END}\n")[2] if mark else text


def _owner(path: Path) -> str:
    return f"{path.owner()}:{path.group()}"


def _replace(path: Path, text: str) -> None:
    status = path.stat()
    write_file(path, text.encode(), status.st_mode & 0o7777)
    os.chown(path, status.st_uid, status.st_gid)
