"""A custodian at a real keyboard: runs a command under a pseudo-terminal, waits for what it asks, types."""

import os
import pty
import select
import sys
import time
from pathlib import Path

from paths import ROOT

PATIENCE = 90


class Keyboard:
    """One command under a pseudo-terminal; `seen` is everything that the screen showed."""

    def __init__(self, *arguments: object, module: str = "analysis") -> None:
        self.seen = ""
        self._read = 0
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            command = [sys.executable, "-m", module, *map(str, arguments)]
            os.execve(sys.executable, command, os.environ | {"COLUMNS": "200", "NO_COLOR": "1"})

    def expect(self, text: str) -> str:
        """Wait until `text` appears on the screen after the text waited for before; return the output up to it."""
        deadline = time.monotonic() + PATIENCE
        while (place := self.seen.find(text, self._read)) < 0:
            if time.monotonic() > deadline or not self._more():
                raise AssertionError(f"{text!r} was never asked; the screen showed: {self.seen[self._read :]!r}")
        shown = self.seen[self._read : place]
        self._read = place + len(text)
        return shown

    def type(self, line: str) -> None:
        """Type a line and Enter; the program is waiting for it, with its echo set."""
        os.write(self._terminal, f"{line}\n".encode())

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        while self._more():
            pass
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def arguments_of_all(self) -> str:
        """Return the arguments and the environment of the command and its children, as root or its owner can see."""
        contents: list[bytes] = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                if str(self.pid) in {process.name, parent}:
                    contents += [(process / name).read_bytes() for name in ("cmdline", "environ")]
            except OSError:
                continue
        return b"\n".join(contents).replace(b"\0", b" ").decode("utf-8", "replace")

    def _more(self) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], PATIENCE)
        try:
            data = os.read(self._terminal, 65536) if ready else b""
        except OSError:  # the other end was closed
            return False
        self.seen += data.decode("utf-8", "replace")
        return bool(data)


def types_card(keyboard: Keyboard, number: int, words: str, digits: str | None) -> None:
    """Give a card as its holder does: its number, the head's digits where they are asked for, the words, Enter."""
    keyboard.expect("Number of your card")
    keyboard.type(str(number))
    if digits is not None:
        keyboard.expect("on your card")
        keyboard.expect(": ")
        keyboard.type(digits)
    keyboard.expect("Word 1 of 33: ")
    keyboard.type(words)
    keyboard.expect(f"Card {number} is right")
    keyboard.expect("cleared.: ")
    keyboard.type("")
