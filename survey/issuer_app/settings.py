"""Settings of the issuer: the database of invitations, what is published, and the keys that sign tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from survey.environment import ProcessVariables, require_own

NAMES = frozenset({"SOTTO_HOME", "SOTTO_OFFICE_URL", "SOTTO_PUBLIC", "SOTTO_ISSUER_KEYS", "SOTTO_HOSTS"})


@dataclass(frozen=True)
class IssuerSettings:
    """No answers and no secret of the desk. The database's address may contain a password: repr omits it."""

    office_url: str = field(repr=False)
    public: Path
    issuer_keys: Path
    hosts: tuple[str, ...]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "IssuerSettings":
        """Read NAMES; raise SettingsError for a wrong variable, or one that only other processes may have."""
        variables = ProcessVariables.of(environ, NAMES)
        require_own(environ, NAMES, "the issuer")
        return cls(
            office_url=variables.database("SOTTO_OFFICE_URL"),
            public=variables.path("SOTTO_PUBLIC"),
            issuer_keys=variables.path("SOTTO_ISSUER_KEYS"),
            hosts=variables.hosts(),
        )
