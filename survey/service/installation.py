"""What `sotto install` changes on a host of Debian, in order, and what `sotto uninstall` takes away again."""

import secrets
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from survey.service.answers import HostAnswers
from survey.service.certificates import certificate_changes
from survey.service.changes import (
    Change,
    HostError,
    HostRefusedError,
    KeepSecret,
    LinesBefore,
    Link,
    Remove,
    Run,
    TakeOutLines,
    WriteFile,
    output,
)
from survey.service.metrics import METRICS
from survey.service.places import (
    ANSWERS,
    NGINX,
    OLDEST_POSTGRESQL,
    PROCESSES,
    PROGRAM,
    SETTINGS,
    SHIPPED,
    STAFF_ACCOUNT,
    UNITS,
    WRAPPER,
    booted_by_systemd,
    cluster,
    is_root,
)

PACKAGES = {
    "nginx": Path("/usr/sbin/nginx"),
    "postgresql": Path("/usr/bin/pg_ctlcluster"),
    "openssl": Path("/usr/bin/openssl"),
    "curl": Path("/usr/bin/curl"),
    "procps": Path("/usr/bin/pgrep"),
    "logrotate": Path("/usr/sbin/logrotate"),
}
"""Debian's packages with a program of each: what the service stands on, and what `sotto doctor` looks with."""
EXAMPLES = ("survey.example", "desk.example", "survey.onion", "desk.onion")
"""The names in shipped files that give way to the host's own."""
ONION_SITE = NGINX / "conf.d" / "sotto-onion.conf"
OPERATOR = "sotto-operator.service"
ENABLED = (*(f"sotto-{name}.socket" for name in PROCESSES), "sotto-respond.service", "sotto-desk.service", OPERATOR)
TIMERS = ("sotto-check.timer", "sotto-compact.timer")
READABLE = (
    "find", PROGRAM, "-xdev", "(", "-type", "d", "!", "-perm", "-055", "-o", "-type", "f", "!", "-perm", "-044", ")",
    "-exec", "chmod", "go+rX", "{}", "+",
)  # fmt: skip
"""Opens the program to its accounts where root's umask closed it; it holds no secret."""
METRICS_TIMER = "sotto-metrics.timer"
"""Only where the answers ask for metrics."""


def require_host() -> None:
    """Raise HostRefusedError where this is not root of a Debian with the program in its place."""
    if not is_root():
        raise HostRefusedError("this sets up the whole host: run it as root (sudo sotto install)")
    release = Path("/etc/os-release")
    if not release.exists() or "ID=debian" not in release.read_text(encoding="utf-8").splitlines():
        raise HostRefusedError(
            "this host is no Debian: docs/deployment.md says what to set up by hand (nothing was changed)"
        )
    if not (PROGRAM / "bin" / "gunicorn").exists():
        raise HostRefusedError(
            f"there is no {PROGRAM}/bin/gunicorn: units start the program there. python3 -m venv {PROGRAM} && "
            f"{PROGRAM}/bin/pip install 'sotto-survey[web]', then {PROGRAM}/bin/sotto install (nothing was changed)"
        )


def installation(answers: HostAnswers) -> Iterator[Change]:
    """Yield the changes that make a host serve, each of which may be made again; some depend on those before."""
    missing = [name for name, program in PACKAGES.items() if not program.exists()]
    if missing:
        yield Run(["apt-get", "install", "-y", *missing])
    certificates = [*certificate_changes(answers)]  # whether they fit is known before anything else is changed
    yield from _accounts()
    yield Run(READABLE)
    yield from _settings(answers)
    yield from _postgresql()
    yield from _program()
    yield Run([WRAPPER, "migrate"])
    yield from certificates
    yield from _nginx(answers)
    yield from _units(answers)
    yield WriteFile(ANSWERS, answers.to_toml())


def uninstallation() -> Iterator[Change]:
    """Yield the changes that take the service away: what stays is data, settings with secrets, and accounts."""
    if booted_by_systemd():
        yield Run(["systemctl", "disable", "--now", *shipped_units()])
    for path in shipped_files("systemd"):
        yield Remove(UNITS / path)
    yield Remove(METRICS)
    yield Remove(NGINX / "conf.d" / "sotto.conf")
    yield Remove(ONION_SITE)
    for path in (Path("/etc/logrotate.d/sotto"), Path("/etc/letsencrypt/renewal-hooks/deploy/sotto"), WRAPPER):
        yield Remove(path)
    if folder := cluster():
        yield TakeOutLines(folder / "pg_hba.conf")
        yield TakeOutLines(folder / "pg_ident.conf")
    yield from _restarted("nginx")
    if booted_by_systemd():
        yield Run(["systemctl", "reset-failed", "sotto-*"])


def shipped_units() -> list[str]:
    """Return the names of all units that are shipped but templates, which systemd starts by name of another unit."""
    return sorted(path.name for path in (SHIPPED / "systemd").glob("sotto-*") if "@" not in path.name)


def started_units(*, metrics: bool) -> list[str]:
    """Return the units that are started at boot, and that start all others."""
    return [*ENABLED, *TIMERS, *([METRICS_TIMER] if metrics else [])]


def with_names(text: str, answers: HostAnswers) -> str:
    """Return a shipped text with the host's names in place of the examples."""
    names = (answers.host, answers.desk_host, answers.onion, answers.desk_onion)
    for example, name in zip(EXAMPLES, names, strict=True):
        text = text.replace(example, name)
    return text


def settings_text(name: str, answers: HostAnswers) -> str:
    """Return the shipped file of settings of a process, or of staff commands, with every name that it answers to."""
    host, onion = (answers.desk_host, answers.desk_onion) if name == "desk" else (answers.host, answers.onion)
    text = with_names(shipped(f"env/{name}.env"), answers)
    return text.replace(f"SOTTO_HOSTS={host}", f"SOTTO_HOSTS={host},{onion}") if onion else text


def shipped(name: str) -> str:
    """Return a file of `deploy`."""
    return (SHIPPED / name).read_text(encoding="utf-8")


def shipped_files(folder: str) -> list[Path]:
    """Return every file below a folder of `deploy`, by its path from there."""
    return sorted(path.relative_to(SHIPPED / folder) for path in (SHIPPED / folder).rglob("*") if path.is_file())


def add_first_account(name: str, desk_host: str) -> str | None:
    """Make the desk's first account; return what says how it signs in. None where there is an account of that name."""
    try:
        return output([WRAPPER, "user", "add", name, "--desk", f"https://{desk_host}"])
    except HostError as error:
        if "account of this name already" in str(error):
            return None
        raise


def _accounts() -> Iterator[Change]:
    for kind, tool in (("sysusers.d", ["systemd-sysusers"]), ("tmpfiles.d", ["systemd-tmpfiles", "--create"])):
        path = Path("/etc") / kind / "sotto.conf"
        yield WriteFile(path, shipped(f"{kind}/sotto.conf"))
        yield Run([*tool, path])


def _settings(answers: HostAnswers) -> Iterator[Change]:
    for name in PROCESSES:
        yield WriteFile(SETTINGS / f"{name}.env", settings_text(name, answers), 0o600)
    owner = f"root:{STAFF_ACCOUNT}"
    yield WriteFile(SETTINGS / "owner.env", settings_text("owner", answers), 0o640, owner)
    yield KeepSecret(SETTINGS / "desk.secret", partial(secrets.token_urlsafe, 48))


def _postgresql() -> Iterator[Change]:
    folder = cluster()
    if folder is None or int(folder.parent.name) < OLDEST_POSTGRESQL:
        raise HostError(
            f"there is no cluster main of PostgreSQL {OLDEST_POSTGRESQL} or later: apt-get install postgresql"
        )
    files: Sequence[Change] = (
        WriteFile(folder / "conf.d" / "sotto.conf", shipped("postgres/sotto.conf")),
        LinesBefore(folder / "pg_hba.conf", shipped("postgres/pg_hba.conf")),
        LinesBefore(folder / "pg_ident.conf", shipped("postgres/pg_ident.conf")),
    )
    changed = not all(one.done() for one in files)
    yield from files
    version = folder.parent.name
    if booted_by_systemd():
        yield Run(["systemctl", "restart" if changed else "start", f"postgresql@{version}-main"])
    else:
        running = partial(_succeeds, ["pg_ctlcluster", version, "main", "status"])
        yield Run(["pg_ctlcluster", version, "main", "restart"], unless=lambda: not changed and running())
    roles: list[str | Path] = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", SHIPPED / "postgres" / "roles.sql"]
    yield Run(roles, account="postgres")


def _program() -> Iterator[Change]:
    yield Link(PROGRAM / "deploy", SHIPPED)
    yield WriteFile(WRAPPER, shipped("bin/sotto"), 0o755)


def _nginx(answers: HostAnswers) -> Iterator[Change]:
    for path in sorted((SHIPPED / "nginx").glob("*.inc")):
        yield WriteFile(NGINX / "sotto" / path.name, path.read_text(encoding="utf-8"))
    yield WriteFile(NGINX / "conf.d" / "sotto.conf", with_names(shipped("nginx/sotto.conf"), answers))
    if answers.onion:
        yield WriteFile(ONION_SITE, with_names(shipped("nginx/onion.conf"), answers))
    else:
        yield Remove(ONION_SITE)
    yield Remove(NGINX / "sites-enabled" / "default")
    yield Run(["nginx", "-t", "-q"])


def _units(answers: HostAnswers) -> Iterator[Change]:
    for path in shipped_files("systemd"):
        yield WriteFile(UNITS / path, shipped(f"systemd/{path}"))
    yield WriteFile(Path("/etc/logrotate.d/sotto"), shipped("logrotate.d/sotto"))
    if booted_by_systemd():
        yield Run(["systemctl", "daemon-reload"])
        # What failed too often is not started any more; what made it fail may be mended now.
        yield Run(["systemctl", "reset-failed", "sotto-*", "nginx*"])
        yield Run(["systemctl", "enable", "--now", *started_units(metrics=bool(answers.metrics))])
        if not answers.metrics:
            yield Run(["systemctl", "disable", "--now", METRICS_TIMER])
        yield Run(["systemctl", "restart", "sotto-respond.service", "sotto-desk.service", OPERATOR])
        yield Run(["systemctl", "try-restart", "sotto-issuer.service"])
    if not answers.metrics:
        yield Remove(METRICS)
    yield from _restarted("nginx")


def _restarted(unit: str) -> Iterator[Change]:
    if booted_by_systemd():
        yield Run(["systemctl", "daemon-reload"])
        yield Run(["systemctl", "restart", unit])


def _succeeds(command: Sequence[str]) -> bool:
    try:
        output(command)
    except HostError:
        return False
    return True
