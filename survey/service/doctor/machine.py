"""Checks of the machine: its clock, disks, swap, cores, versions, timers, and when the last jobs succeeded."""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from survey.service.alarm import SENDMAIL
from survey.service.doctor.check import Check, NotHereError
from survey.service.doctor.host_view import CannotLookError, HostView, grouped
from survey.service.installation import started_units
from survey.service.metrics import METRICS
from survey.service.places import APPLICATIONS, DATA, PROCESSES, SETTINGS, SHIPPED, SOCKETS, booted_by_systemd

LEAST_FREE = 0.15
"""The part of a disk that must be free: compaction writes a second copy of the answers."""
SINCE_SUCCESS = dt.timedelta(hours=26)
BACKED_UP = DATA / "owner" / "backed-up"
"""Touched by sotto-backup.service after each success."""
RECIPIENTS = SETTINGS / "backup.txt"
OLDEST_COPY = dt.timedelta(days=8)
"""A withdrawn answer is in every copy from before: this long after its withdrawal none may be left on the host."""
OLDEST_METRICS = dt.timedelta(minutes=20)
DEBIANS = ("12", "13")


def machine_checks() -> Iterator[Check]:
    """Yield the checks of this module."""
    yield Check("debian", "nothing else was tried", "install on Debian 12 or 13", _debian)
    yield Check("clock", "days stand in statements, and certificates end by them", "timedatectl set-ntp true", _clock)
    for path in (Path("/var/lib/postgresql"), DATA, Path("/var/log")):
        yield Check(f"room {path}", "a full disk refuses answers, and compaction needs room for a second copy",
                    "make room, or give it a larger disk", partial(_room, path=path))  # fmt: skip
    yield Check("swap", "memory with answers and keys would be written to the disk",
                "swapoff -a, and take swap out of /etc/fstab", _swap)  # fmt: skip
    yield Check("core-dumps", "a crash would write memory to the disk",
          "echo 'kernel.core_pattern=|/bin/false' >/etc/sysctl.d/60-sotto.conf; sysctl --system", _cores)  # fmt: skip
    yield Check("migrated", "another schema than the program's refuses to serve", "sudo sotto migrate", _migrated)
    yield Check("log-and-head", "without them the public log does not go on",
                "put both back from their copy (docs/deployment.md)", _log_and_head)  # fmt: skip
    yield Check(
        "log-verified", "whoever checks the log would find a fault", "sotto log verify /var/lib/sotto/public", _log
    )
    yield Check("compaction", "until then the disk tells in which order answers came, and keeps withdrawn ones",
                "systemctl start sotto-compact.service; journalctl -u sotto-compact", _compaction)  # fmt: skip
    yield Check("backup", "a broken disk would take every answer with it",
                f"age-keygen elsewhere; age1… into {RECIPIENTS}; systemctl start sotto-compact", _backup)  # fmt: skip
    yield Check("backup-copies", "withdrawn answers are in every copy from before, longer than pages let expect",
                f"delete old copies from {DATA}/backup", _copies)  # fmt: skip
    yield Check("metrics", "whoever watches sees an old state, and no alarm",
                "systemctl restart sotto-metrics.timer; journalctl -u sotto-metrics", _metrics)  # fmt: skip
    for name in PROCESSES:
        yield Check(f"process {name}", "it serves, and can work", f"systemctl restart sotto-{name}.service",
                    partial(_ready, name=name))  # fmt: skip
        yield Check(f"account of {name}", "as another account it could read what is not its own",
                    f"systemctl restart sotto-{name}.service", partial(_account_of, name=name))  # fmt: skip
    yield Check("units-enabled", "after a start of the machine nothing would serve", "sudo sotto install", _enabled)
    yield Check("alarm", "nobody is told of what fails",
                "apt-get install msmtp-mta and set it up; sudo sotto alarm test says one", _alarm)  # fmt: skip
    yield Check("units-failed", "something of the host does not run", "systemctl status; sudo sotto install", _failed)


def _debian(_host: HostView) -> str | None:
    text = Path("/etc/os-release").read_text(encoding="utf-8")
    values = dict(line.partition("=")[::2] for line in text.splitlines())
    name, version = values.get("ID", ""), values.get("VERSION_ID", "").strip('"')
    return None if (name, version in DEBIANS) == ("debian", True) else f"this is {name} {version}"


def _clock(_host: HostView) -> str | None:
    now, built = dt.datetime.now(tz=dt.UTC), (SHIPPED / "gunicorn.conf.py").stat().st_mtime
    if now.timestamp() < built - 86_400:
        return f"the clock says {now:%Y-%m-%d}, which is before this program was installed"
    newest = max((path.stat().st_mtime for path in (DATA / "public").rglob("*")), default=0.0)
    if newest > now.timestamp() + 86_400:
        return "a published file is from the future: the clock is wrong now, or was when it was written"
    return None


def _room(_host: HostView, *, path: Path) -> str | None:
    usage = shutil.disk_usage(path)
    free = usage.free / usage.total
    # Without the number: answers fill the disk, and what is found stands at the desk (decision 154).
    return None if free >= LEAST_FREE else f"of the disk of {path} less than {LEAST_FREE:.0%} is free (df -h {path})"


def _swap(_host: HostView) -> str | None:
    devices = [line.split()[0] for line in Path("/proc/swaps").read_text(encoding="utf-8").splitlines()[1:]]
    plain = [name for name in devices if not name.startswith("/dev/zram")]
    return grouped([f"{name} is swap" for name in plain])


def _cores(_host: HostView) -> str | None:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text(encoding="utf-8").strip()
    if pattern.startswith("|") and pattern[1:].split()[0] not in {"/bin/false", "/usr/bin/false", "/bin/true"}:
        return f"cores go to {pattern[1:].split()[0]}, which may keep them"
    limits = Path("/etc/security/limits.conf")
    raised = [
        line for line in (limits.read_text(encoding="utf-8").splitlines() if limits.exists() else [])
        if line.split()[2:3] == ["core"] and line.split()[-1] != "0" and not line.startswith("#")
    ]  # fmt: skip
    return f"{limits} lets programs write cores" if raised else None


def _migrated(host: HostView) -> str | None:
    from survey.database.schema_version import REVISIONS  # noqa: PLC0415 - the [web] part, which this command needs

    found = []
    for branch, revisions in REVISIONS.items():
        rows = host.rows(f"sotto_{branch}", "SELECT version_num FROM alembic_version")
        if rows != [[revisions[-1]]]:
            found.append(f"{branch} is at {rows[0][0] if rows else 'no revision'}, this program at {revisions[-1]}")
    return grouped(found)


def _log_and_head(_host: HostView) -> str | None:
    key = DATA / "owner" / "log.key"
    names = (key, *key.parent.glob("*.head"))
    return grouped([f"{path} is empty" for path in names if not path.stat().st_size])


def _log(host: HostView) -> str | None:
    if not (DATA / "public" / "log" / "checkpoint").exists():
        raise NotHereError("nothing is in the public log yet")
    fine = host.succeeds("/usr/local/bin/sotto", "log", "verify", DATA / "public")
    return None if fine else "the published log is not verified"


def _compaction(host: HostView) -> str | None:
    missed = host.finds("/usr/local/bin/sotto", "compact", "--check")
    return "more than a day was left out, and a wave is without a box" if missed else None


def _backup(_host: HostView) -> str | None:
    if not RECIPIENTS.exists():
        return f"there is no {RECIPIENTS}, which names who may read copies, so none is made"
    if not BACKED_UP.exists():
        return "it has never succeeded here"
    # The desk keeps what is found: days are the finest time in it.
    day = dt.datetime.fromtimestamp(BACKED_UP.stat().st_mtime, tz=dt.UTC).date()
    return None if _age(BACKED_UP) <= SINCE_SUCCESS else f"the last success was on {day}, and one a day is due"


def _age(path: Path) -> dt.timedelta:
    return dt.datetime.now(tz=dt.UTC) - dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC)


def _copies(_host: HostView) -> str | None:
    old = [path for path in (DATA / "backup").glob("*.age") if _age(path) > OLDEST_COPY]
    return grouped([f"{path} is older than {OLDEST_COPY.days} days" for path in old])


def _metrics(host: HostView) -> str | None:
    if not host.answers.metrics:
        raise NotHereError("the answers ask for no metrics")
    if not METRICS.exists():
        return f"there is no {METRICS}"
    most = OLDEST_METRICS.total_seconds() / 60
    return None if _age(METRICS) <= OLDEST_METRICS else f"{METRICS} is older than {most:.0f} minutes"


def _ready(host: HostView, *, name: str) -> str | None:
    at = host.answers.desk_host if name == "desk" else host.answers.host
    command = ("curl", "-sf", "-m", "10", "--unix-socket", SOCKETS / f"{name}.sock", f"http://{at}/readyz")
    return (
        None if host.succeeds(*command) else f"sotto-{name} does not answer, or cannot work: /var/log/sotto/{name}.log"
    )


def _account_of(host: HostView, *, name: str) -> str | None:
    listed = host.say("ps", "-eo", "user:32,args").splitlines()
    users = {line.split()[0] for line in listed if f"{APPLICATIONS[name]}:" in line and "gunicorn" in line}
    if not users:
        raise CannotLookError(f"sotto-{name} does not run")
    return None if users == {f"sotto-{name}"} else f"sotto-{name} runs as {', '.join(sorted(users))}"


def _enabled(host: HostView) -> str | None:
    if not booted_by_systemd():
        raise NotHereError("systemd does not run this machine")
    needed = ["nginx.service", "postgresql.service", *started_units(metrics=bool(host.answers.metrics))]
    return grouped(
        [f"{name} is not enabled" for name in needed if not host.succeeds("systemctl", "is-enabled", "-q", name)]
    )


def _failed(host: HostView) -> str | None:
    if not booted_by_systemd():
        raise NotHereError("systemd does not run this machine")
    listed = host.say(
        "systemctl", "list-units", "--failed", "--plain", "--no-legend", "sotto-*", "nginx*", "postgresql*"
    )
    failed = [line.split()[0] for line in listed.splitlines() if line.split()]
    # The check's own failure is yesterday's finding, or today's. A failed alarm was told to nobody.
    return grouped([f"{name} has failed" for name in failed if name != "sotto-check.service"])


def _alarm(host: HostView) -> str | None:
    if not host.answers.alarm:
        raise NotHereError("the answers name no address for alarms")
    lost = host.answers.alarm.startswith("mailto:") and not os.access(SENDMAIL, os.X_OK)
    return f"alarms go by mail, and there is no {SENDMAIL} that sends it" if lost else None
