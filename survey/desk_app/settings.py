"""Settings of the desk: the staff's database, the secret of their sessions, cookies over http, who must ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from survey.environment import ProcessVariables, SettingsError, require_own
from survey.loopback import LOOPBACK_HOSTS

NAMES = frozenset(
    {
        "SOTTO_HOME",
        "SOTTO_OFFICE_URL",
        "SOTTO_HOSTS",
        "SOTTO_SECRET_KEY",
        "SOTTO_SECRET_KEY_FILE",
        "SOTTO_INSECURE_COOKIES",
        "SOTTO_UNSIGNED_REQUESTS",
        "SOTTO_SECOND_PERSON",
    }
)
SECRET_LENGTH = 32


@dataclass(frozen=True)
class DeskSettings:
    """No answers and no keys. The database's address may contain a password: repr omits it and the secret."""

    office_url: str = field(repr=False)
    hosts: tuple[str, ...]
    secret_key: str = field(repr=False)
    insecure_cookies: bool
    unsigned_requests: bool = False
    second_person: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "DeskSettings":
        """Read NAMES; raise SettingsError for a wrong variable, or one that only other processes may have."""
        variables = ProcessVariables.of(environ, NAMES)
        require_own(environ, NAMES, "the desk")
        settings = cls(
            office_url=variables.database("SOTTO_OFFICE_URL"),
            hosts=variables.hosts(),
            secret_key=_secret(variables),
            insecure_cookies=variables.flag("SOTTO_INSECURE_COOKIES"),
            unsigned_requests=variables.flag("SOTTO_UNSIGNED_REQUESTS"),
            second_person=variables.flag("SOTTO_SECOND_PERSON"),
        )
        if settings.insecure_cookies and not set(settings.hosts) <= set(LOOPBACK_HOSTS):
            raise SettingsError(
                "SOTTO_INSECURE_COOKIES=1 is for this machine only: SOTTO_HOSTS must name loopback hosts"
            )
        return settings


def _secret(variables: ProcessVariables) -> str:
    text, path = variables.text("SOTTO_SECRET_KEY"), variables.text("SOTTO_SECRET_KEY_FILE")
    if text and path:
        raise SettingsError("set SOTTO_SECRET_KEY or SOTTO_SECRET_KEY_FILE, not both")
    if not text and not path:
        raise SettingsError("SOTTO_SECRET_KEY or SOTTO_SECRET_KEY_FILE is needed to run the desk: it has no default")
    if path:
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsError("the file named by SOTTO_SECRET_KEY_FILE cannot be read as text") from None
    if len(text) < SECRET_LENGTH:
        name = "SOTTO_SECRET_KEY_FILE" if path else "SOTTO_SECRET_KEY"
        raise SettingsError(f"{name} must hold at least {SECRET_LENGTH} characters, from a random source")
    return text
