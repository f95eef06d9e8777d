"""A host as checks see it: its files, what programs and the database say of it, and its answers; nothing is changed."""

import fnmatch
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crypto.errors import ExitCode, RefusedError
from survey.service.answers import AnswersError, HostAnswers, read_answers
from survey.service.changes import HostError, ProgramError, as_account, output
from survey.service.places import ANSWERS, NGINX, SETTINGS, cluster

TOKEN = re.compile(r'#[^\n]*|"[^"]*"|[{};]|[^\s{};"#]+')
DATABASES = ("sotto_answers", "sotto_office")


class CannotLookError(RefusedError):
    """A check could not look; the message says why."""


@dataclass(frozen=True)
class Directive:
    """A directive of nginx: the blocks around it, from the outside, its name and its words."""

    blocks: tuple[str, ...]
    name: str
    words: tuple[str, ...]
    server: int
    """Which server block it stands in, counted over the whole configuration; 0 outside of any."""


class HostView:
    """This host; what costs a program's run is asked once."""

    def say(self, *command: str | Path, account: str = "root") -> str:
        """Return what a program prints; raise CannotLookError where it fails."""
        try:
            return output([*as_account(account), *command])
        except HostError as error:
            raise CannotLookError(str(error)) from None

    def succeeds(self, *command: str | Path, account: str = "root") -> bool:
        """Return whether a program ends well."""
        try:
            self.say(*command, account=account)
        except CannotLookError:
            return False
        return True

    def finds(self, *command: str | Path) -> bool:
        """Return whether a command of ours that checks something finds it wrong; raise CannotLookError if it fails."""
        try:
            output(command)
        except HostError as error:
            if isinstance(error, ProgramError) and error.code == ExitCode.UNVERIFIED:
                return True
            raise CannotLookError(str(error)) from None
        return False

    def rows(self, database: str, query: str) -> list[list[str]]:
        """Return what the superuser reads in a database; raise CannotLookError where it does not answer."""
        printed = self.say("psql", "-XAtq", "-F", "\t", "-d", database, "-c", query, account="postgres")
        return [line.split("\t") for line in printed.splitlines()]

    @cached_property
    def answers(self) -> HostAnswers:
        """What was answered at the installation; raise CannotLookError where that is not kept."""
        try:
            return read_answers(ANSWERS)
        except (OSError, AnswersError):
            raise CannotLookError(f"{ANSWERS} is not there or cannot be read: sudo sotto install writes it") from None

    @cached_property
    def database_settings(self) -> dict[str, str]:
        """The settings of the PostgreSQL server by their names, as SHOW has them."""
        listed = self.rows("postgres", "SELECT json_object_agg(name, current_setting(name)) FROM pg_settings")
        return dict(json.loads(listed[0][0]))

    @cached_property
    def nginx(self) -> list[Directive]:
        """Every directive of the web server's configuration as it reads it; raise CannotLookError for a faulty one."""
        return [*directives(whole_configuration(self.say("nginx", "-T", "-q")))]

    def environment(self, name: str) -> dict[str, str]:
        """Return a file of settings."""
        text = (SETTINGS / f"{name}.env").read_text(encoding="utf-8")
        lines = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
        return {name: value for name, equals, value in lines if equals}

    @property
    def cluster(self) -> Path:
        """The folder of PostgreSQL's configuration; raise CannotLookError where there is none."""
        found = cluster()
        if found is None:
            raise CannotLookError("there is no cluster main of PostgreSQL: apt-get install postgresql")
        return found


def whole_configuration(printed: str) -> str:
    """Return nginx's configuration with what it includes in its place; `nginx -T` prints one file after another."""
    parts = re.split(r"^# configuration file (\S+):$", printed, flags=re.MULTILINE)
    files = dict(zip(parts[1::2], parts[2::2], strict=True))

    def included(match: re.Match[str]) -> str:
        pattern = str(NGINX / match[1])
        return "\n".join(expanded(files[path]) for path in sorted(files) if fnmatch.fnmatchcase(path, pattern))

    def expanded(text: str) -> str:
        return re.sub(r"(?:^|(?<=[{;]))\s*include\s+([^;\s]+)\s*;", included, text, flags=re.MULTILINE)

    return expanded(next(iter(files.values()), ""))


def directives(text: str) -> Iterator[Directive]:
    """Yield each directive of nginx's configuration, written as one file."""
    blocks: list[str] = []
    words: list[str] = []
    server, servers = 0, 0
    for token in TOKEN.findall(text):
        if token == "{":  # noqa: S105 - no password
            if words == ["server"]:
                servers += 1
                server = servers
            blocks.append(" ".join(words))
        elif token == "}":  # noqa: S105 - no password
            server = 0 if blocks.pop() == "server" else server
        elif token == ";" and words:  # noqa: S105 - no password
            yield Directive(tuple(blocks), words[0], tuple(words[1:]), server)
        elif not token.startswith("#"):
            words.append(token.strip('"'))
        if token in {"{", "}", ";"}:
            words = []


def grouped(found: Sequence[str]) -> str | None:
    """Return faults as one sentence, or None where there is none."""
    return "; ".join(found) or None
