"""What a page has people type and write: every command is run as printed, every file is written as shown.

A block of `console` has commands behind `$ ` and what each prints; a line of dots stands for lines that are left out.
A block with `title="FILE"` is that file: whole where it has the key `study`, else the members that take the place of
those of the same names.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from paths import ROOT

BLOCK = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
LEFT_OUT = re.compile(r"^\.{3,}$")
# What chance, the day or the machine decides: hashes and keys, noisy shares with their margins, intervals, days.
CHANCE = re.compile(
    r"\b[\w-]*[0-9a-f]{8,}\b|sotto/local\+\S+|(?<=[#]k=)\S+|(?<=links: )\S+|(?:[0-9a-f]{4} ){2,}[0-9a-f]{4}"
    r"|\d{4}-\d\d-\d\d|http://\S+"
)
NOISE = re.compile(r"[(<+−]?\d+(?:\.\d+)?(?: ±\d+(?:\.\d+)?)?(?:–\d+)?\)?|uncertain|too uncertain|unsure")
NOISY = ("sotto release", "sotto compare")
LASTING = ("sotto study preview", "sotto serve")
STARTED = 60.0


@dataclass(frozen=True)
class Typed:
    """One command as a page has it, and the lines that the page shows below it."""

    command: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """One file that a page has its reader write, or whose members it has them change."""

    path: str
    text: str


def steps(page: str) -> Iterator[Typed | Written]:
    """Yield what a page has its reader do, in order."""
    for block in BLOCK.finditer(page):
        if block["title"]:
            yield Written(block["title"], block["text"])
        elif block["kind"] == "console":
            yield from _typed(block["text"])


def _typed(text: str) -> Iterator[Typed]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        last = next(at for at, line in enumerate(lines) if not line.endswith("\\"))
        yield Typed("\n".join(lines[: last + 1]), tuple(lines[last + 1 :]))


@dataclass
class Terminal:
    """A reader's terminal: a folder that looks like a clone, and what was exported so far."""

    folder: Path
    exported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the folder look like a clone with its environment active."""
        for name in ("analysis", "crypto", "deploy", "survey", "templates", "verifier"):
            (self.folder / name).symlink_to(ROOT / name)
        bin_folder = self.folder / ".bin"
        bin_folder.mkdir()
        sotto = bin_folder / "sotto"
        program = "from survey.commands.main import main; main(prog_name='sotto')"
        sotto.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{program}" "$@"\n')
        sotto.chmod(0o755)
        (bin_folder / "python").symlink_to(sys.executable)

    def environ(self) -> dict[str, str]:
        """Return the environment of a command."""
        path = f"{self.folder / '.bin'}:{Path(sys.executable).parent}:/usr/bin:/bin"
        fixed = {"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(self.folder), "COLUMNS": "80", "BROWSER": "true"}
        return {**fixed, "TMPDIR": os.environ.get("TMPDIR", "/tmp"), **self.exported}

    def run(self, command: str) -> str:
        """Run a command as it is typed; return what it prints. Raises AssertionError where it ends with a failure."""
        if command.startswith("export "):
            self.exported |= dict(pair.split("=", 1) for pair in command.split()[1:])
            return ""
        if command.startswith(LASTING):
            return self._until_it_says_something(command)
        done = subprocess.run(
            ["bash", "-c", f"umask 077; {command}"], cwd=self.folder, env=self.environ(), text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
        )  # fmt: skip
        assert 0 == done.returncode, f"{command}\n{done.stdout}"
        return done.stdout

    def _until_it_says_something(self, command: str) -> str:
        """Run a command that lasts until Ctrl-C, and press that once it has said where it is."""
        # Whoever started the tests in the background of a shell has them ignore Ctrl-C, and a child inherits that.
        heed = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
        child = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=self.folder, env=self.environ(), text=True,
            preexec_fn=heed,  # noqa: PLW1509 - no threads here
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        signal.alarm(int(STARTED))
        try:
            said = child.stdout.readline()
        finally:
            signal.alarm(0)
            child.send_signal(signal.SIGINT)
            rest = child.communicate(timeout=30)[0]
        return said + rest

    def write(self, step: Written) -> None:
        """Write a file as the page shows it, or put the members that it shows in their places."""
        path = self.folder / step.path
        if re.search(r"^study:", step.text, re.MULTILINE):
            path.write_text(step.text, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        for member in re.split(r"^(?=\w)", step.text, flags=re.MULTILINE)[1:]:
            name = member.partition(":")[0]
            text, changed = re.subn(
                rf"^{name}:.*?(?=^\w)", lambda _, new=member: new, text, flags=re.MULTILINE | re.DOTALL
            )
            assert 1 == changed, f"{step.path} has no member {name}"
        path.write_text(text, encoding="utf-8")


def differs(step: Typed, printed: str) -> str:
    """Return the first lines of the page that were not printed, in order and together; nothing where all were."""
    said, at = _plain(printed.splitlines(), step.command), 0
    for part in _parts(step.shown):
        wanted = _plain(part, step.command)
        found = next((i for i in range(at, len(said) + 1) if said[i : i + len(wanted)] == wanted), None)
        if found is None:
            return "\n".join([step.command, "the page says:", *wanted, "it printed:", *said])
        at = found + len(wanted)
    return ""


def _parts(lines: tuple[str, ...]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if LEFT_OUT.fullmatch(line):
            parts.append([])
        else:
            parts[-1].append(line)
    return [part for part in parts if part]


def _plain(lines: list[str] | tuple[str, ...], command: str) -> list[str]:
    """Return lines without what chance decides, runs of spaces as one, and no empty lines."""
    plain = [CHANCE.sub("*", line) for line in lines]
    if command.startswith(NOISY):
        plain = [NOISE.sub("#", line) for line in plain]
    return [line for line in (" ".join(line.split()) for line in plain) if line]
