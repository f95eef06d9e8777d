"""Settings of staff commands, which alone know both databases and the keys; processes that serve have their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from survey.environment import FILES, ProcessVariables, SettingsError
from survey.loopback import LOOPBACK_HOSTS

NAMES = frozenset({*FILES, "SOTTO_HOME", "SOTTO_HOSTS", "SOTTO_UNSIGNED_REQUESTS", "SOTTO_SECOND_PERSON"})


@dataclass(frozen=True)
class Settings:
    """
    The settings of staff commands. Database addresses may contain passwords: repr omits them.

    `actor` is no variable: whom the audit names, where the operator acts for a person; else whoever runs the command.
    """

    answers_url: str = field(repr=False)
    office_url: str = field(repr=False)
    public: Path
    issuer_keys: Path
    hosts: tuple[str, ...] = LOOPBACK_HOSTS
    log_key: Path = Path("log.key")
    work_key: Path = Path("work.key")
    unsigned_requests: bool = False
    second_person: bool = False
    actor: str = ""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables that docs/settings.md lists; raise SettingsError for an unknown or wrong one."""
        variables = ProcessVariables.of(environ, NAMES)
        settings = cls(
            answers_url=variables.database("SOTTO_ANSWERS_URL"),
            office_url=variables.database("SOTTO_OFFICE_URL"),
            public=variables.path("SOTTO_PUBLIC"),
            issuer_keys=variables.path("SOTTO_ISSUER_KEYS"),
            hosts=variables.hosts(),
            log_key=variables.path("SOTTO_LOG_KEY"),
            work_key=variables.path("SOTTO_WORK_KEY"),
            unsigned_requests=variables.flag("SOTTO_UNSIGNED_REQUESTS"),
            second_person=variables.flag("SOTTO_SECOND_PERSON"),
        )
        if settings.answers_url == settings.office_url:
            raise SettingsError("SOTTO_ANSWERS_URL and SOTTO_OFFICE_URL must name two different databases")
        return settings
