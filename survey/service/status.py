"""How a host does, for who watches it: the day of the last backup and states of its units; no count of anything."""

import datetime as dt
import subprocess

from survey.service.places import PROCESSES, booted_by_systemd
from survey.settings import Settings

BACKED_UP = "backed-up"
"""The file beside the log's key that sotto-backup.service touches after each success."""
UNITS = (
    *(f"sotto-{name}.service" for name in PROCESSES),
    "sotto-operator.service",
    "nginx.service",
    "postgresql.service",
)


def last_backup(settings: Settings) -> dt.date | None:
    """Return the day of the last backup, None where there was none."""
    path = settings.log_key.parent / BACKED_UP
    return dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC).date() if path.exists() else None


def unit_states() -> dict[str, str]:
    """Return the state of each unit as systemd has it; nothing where systemd does not run the machine."""
    if not booted_by_systemd():
        return {}
    done = subprocess.run(["systemctl", "is-active", *UNITS], capture_output=True, text=True, check=False)
    return dict(zip(UNITS, done.stdout.split(), strict=False))
