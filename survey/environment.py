"""Readers of environment variables for the settings of each process, which reads the variables it declares alone.

Decision 97.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from crypto.errors import RefusedError
from survey.loopback import LOOPBACK_HOSTS

PREFIX = "SOTTO_"
DEFAULT_HOME = "sotto-data"
SCHEMES = ("sqlite:///", "postgresql+psycopg://")
FILES: Mapping[str, str] = MappingProxyType(
    {
        "SOTTO_ANSWERS_URL": "answers.sqlite",
        "SOTTO_OFFICE_URL": "office.sqlite",
        "SOTTO_PUBLIC": "public",
        "SOTTO_ISSUER_KEYS": "issuer",
        "SOTTO_LOG_KEY": "log.key",
        "SOTTO_WORK_KEY": "work.key",
    }
)
"""What lies in SOTTO_HOME where the variable is unset."""
NAMES = frozenset(
    {*FILES, "SOTTO_HOME", "SOTTO_HOSTS", "SOTTO_SECRET_KEY", "SOTTO_SECRET_KEY_FILE", "SOTTO_INSECURE_COOKIES"}
    | {"SOTTO_UNSIGNED_REQUESTS", "SOTTO_SECOND_PERSON"}
)
"""The variables of all processes: any other that begins like them is misspelt."""


class SettingsError(RefusedError):
    """A setting is missing or wrong; the message names the variable and what to do, never its value."""


@dataclass(frozen=True)
class ProcessVariables:
    """The variables that one process declares; reading another is a fault of the program (LookupError)."""

    names: frozenset[str]
    values: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str], names: frozenset[str]) -> "ProcessVariables":
        """Return the declared part of `environ`; raise SettingsError for a variable that no process has."""
        unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in NAMES)
        if unknown:
            raise SettingsError(f"unknown setting {', '.join(unknown)}: docs/settings.md lists those there are")
        return cls(names, {name: environ[name] for name in names & environ.keys()})

    def text(self, name: str) -> str:
        """Return a variable as it is, "" for an unset one."""
        if name not in self.names:
            raise LookupError(f"{name} is not declared by this process")
        return self.values.get(name, "")

    def path(self, name: str) -> Path:
        """Return the absolute path of a file or folder, by default in SOTTO_HOME."""
        home = Path(self.text("SOTTO_HOME") or DEFAULT_HOME)
        return Path(self.text(name) or home / FILES[name]).absolute()

    def database(self, name: str) -> str:
        """Return a database's address, by default of a file in SOTTO_HOME."""
        value = self.text(name) or f"sqlite:///{self.path(name)}"
        if not value.startswith(SCHEMES):
            raise SettingsError(f"{name} must begin with one of {', '.join(SCHEMES)}")
        return value

    def hosts(self) -> tuple[str, ...]:
        """Return the names of SOTTO_HOSTS, by default those of this machine."""
        names = tuple(name.strip() for name in self.text("SOTTO_HOSTS").split(",") if name.strip())
        if any("/" in name or "*" in name for name in names):
            raise SettingsError("SOTTO_HOSTS is a comma list of host names, without scheme, path or wildcard")
        return names or LOOPBACK_HOSTS

    def flag(self, name: str) -> bool:
        """Return whether a variable is 1; unset or 0 it is not."""
        value = self.text(name)
        if value not in {"", "0", "1"}:
            raise SettingsError(f"{name} is 1 or 0")
        return value == "1"


def of_process(environ: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    """Return `environ` without the variables of other processes."""
    return {name: value for name, value in environ.items() if name in names or name not in NAMES}


def require_own(environ: Mapping[str, str], names: frozenset[str], process: str) -> None:
    """Raise SettingsError where the environment of a process that serves holds what only others may know."""
    foreign = sorted(name for name in NAMES - names if environ.get(name))
    if foreign:
        raise SettingsError(
            f"{', '.join(foreign)} must not be in the environment of {process}: an address, key or secret of another "
            "process is set for that process alone (docs/settings.md)"
        )
