"""Settings of the respond app: where answers go, what is published, the secret of the proofs of work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from survey.environment import ProcessVariables, require_own

NAMES = frozenset({"SOTTO_HOME", "SOTTO_ANSWERS_URL", "SOTTO_PUBLIC", "SOTTO_WORK_KEY", "SOTTO_HOSTS"})


@dataclass(frozen=True)
class RespondSettings:
    """No staff, no codes, no keys. The database's address may contain a password: repr omits it."""

    answers_url: str = field(repr=False)
    public: Path
    work_key: Path
    hosts: tuple[str, ...]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "RespondSettings":
        """Read NAMES; raise SettingsError for a wrong variable, or one that only other processes may have."""
        variables = ProcessVariables.of(environ, NAMES)
        require_own(environ, NAMES, "the respond app")
        return cls(
            answers_url=variables.database("SOTTO_ANSWERS_URL"),
            public=variables.path("SOTTO_PUBLIC"),
            work_key=variables.path("SOTTO_WORK_KEY"),
            hosts=variables.hosts(),
        )
