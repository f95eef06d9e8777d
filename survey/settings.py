"""Settings from environment variables, read here alone: databases, the published folder, keys and secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crypto.errors import RefusedError
from survey.names import LOOPBACK

DEFAULT_HOME = "sotto-data"
LOOPBACK_HOSTS = tuple(f"[{name}]" if ":" in name else name for name in LOOPBACK)
"""As written in a request's Host header."""
SCHEMES = ("sqlite:///", "postgresql+psycopg://")
NAMES = frozenset(
    {
        "SOTTO_HOME",
        "SOTTO_ANSWERS_URL",
        "SOTTO_OFFICE_URL",
        "SOTTO_PUBLIC",
        "SOTTO_ISSUER_KEYS",
        "SOTTO_LOG_KEY",
        "SOTTO_WORK_KEY",
        "SOTTO_HOSTS",
        "SOTTO_SECRET_KEY",
        "SOTTO_SECRET_KEY_FILE",
        "SOTTO_INSECURE_COOKIES",
    }
)
SECRET_LENGTH = 32


class SettingsError(RefusedError):
    """A setting is missing or wrong; the message names the variable and what to do, never its value."""


@dataclass(frozen=True)
class Settings:
    """The settings of all processes. Database addresses may contain passwords: repr omits them and the secret."""

    answers_url: str = field(repr=False)
    office_url: str = field(repr=False)
    public: Path
    issuer_keys: Path
    hosts: tuple[str, ...] = LOOPBACK_HOSTS
    secret_key: str | None = field(default=None, repr=False)
    insecure_cookies: bool = False
    log_key: Path = Path("log.key")
    work_key: Path = Path("work.key")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables that docs/settings.md lists; raise SettingsError for an unknown or wrong one."""
        unknown = sorted(name for name in environ if name.startswith("SOTTO_") and name not in NAMES)
        if unknown:
            raise SettingsError(f"unknown setting {', '.join(unknown)}: docs/settings.md lists those there are")
        home = Path(environ.get("SOTTO_HOME") or DEFAULT_HOME).absolute()
        settings = cls(
            answers_url=_url(environ, "SOTTO_ANSWERS_URL", home / "answers.sqlite"),
            office_url=_url(environ, "SOTTO_OFFICE_URL", home / "office.sqlite"),
            public=Path(environ.get("SOTTO_PUBLIC") or home / "public").absolute(),
            issuer_keys=Path(environ.get("SOTTO_ISSUER_KEYS") or home / "issuer").absolute(),
            hosts=_hosts(environ),
            secret_key=_secret(environ),
            insecure_cookies=_flag(environ, "SOTTO_INSECURE_COOKIES"),
            log_key=Path(environ.get("SOTTO_LOG_KEY") or home / "log.key").absolute(),
            work_key=Path(environ.get("SOTTO_WORK_KEY") or home / "work.key").absolute(),
        )
        if settings.answers_url == settings.office_url:
            raise SettingsError("SOTTO_ANSWERS_URL and SOTTO_OFFICE_URL must name two different databases")
        if settings.insecure_cookies and not set(settings.hosts) <= set(LOOPBACK_HOSTS):
            raise SettingsError(
                "SOTTO_INSECURE_COOKIES=1 is for this machine only: SOTTO_HOSTS must name loopback hosts"
            )
        return settings

    @property
    def required_secret_key(self) -> str:
        """The desk's secret; raise SettingsError where there is none."""
        if self.secret_key is None:
            raise SettingsError(
                "SOTTO_SECRET_KEY or SOTTO_SECRET_KEY_FILE is needed to run the desk: it has no default"
            )
        return self.secret_key


def _url(environ: Mapping[str, str], name: str, default: Path) -> str:
    value = environ.get(name) or f"sqlite:///{default}"
    if not value.startswith(SCHEMES):
        raise SettingsError(f"{name} must begin with one of {', '.join(SCHEMES)}")
    return value


def _hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in environ.get("SOTTO_HOSTS", "").split(",") if name.strip())
    if any("/" in name or "*" in name for name in names):
        raise SettingsError("SOTTO_HOSTS is a comma list of host names, without scheme, path or wildcard")
    return names or LOOPBACK_HOSTS


def _secret(environ: Mapping[str, str]) -> str | None:
    text, path = environ.get("SOTTO_SECRET_KEY"), environ.get("SOTTO_SECRET_KEY_FILE")
    if text and path:
        raise SettingsError("set SOTTO_SECRET_KEY or SOTTO_SECRET_KEY_FILE, not both")
    if path:
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsError("the file named by SOTTO_SECRET_KEY_FILE cannot be read as text") from None
    if text is not None and len(text) < SECRET_LENGTH:
        name = "SOTTO_SECRET_KEY_FILE" if path else "SOTTO_SECRET_KEY"
        raise SettingsError(f"{name} must hold at least {SECRET_LENGTH} characters, from a random source")
    return text


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "")
    if value not in {"", "0", "1"}:
        raise SettingsError(f"{name} is 1 or 0")
    return value == "1"
