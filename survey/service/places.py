"""Where everything of a collection host lies, and which parts of Debian it stands on."""

import os
from pathlib import Path

PROGRAM = Path("/opt/sotto")
SHIPPED = Path(__file__).parents[2] / "deploy"
"""The files that units, settings and configurations are copied from."""
SETTINGS = Path("/etc/sotto")
ANSWERS = SETTINGS / "host.toml"
TLS = SETTINGS / "tls"
DATA = Path("/var/lib/sotto")
SOCKETS = Path("/run/sotto")
UNITS = Path("/etc/systemd/system")
NGINX = Path("/etc/nginx")
POSTGRESQL = Path("/etc/postgresql")
WRAPPER = Path("/usr/local/bin/sotto")
APPLICATIONS = {
    "respond": "survey.respond_app.app",
    "desk": "survey.desk_process.app",
    "issuer": "survey.issuer_app.app",
}
"""The module of each process that serves, as its command line names it."""
PROCESSES = tuple(APPLICATIONS)
STAFF_ACCOUNT = "sotto-owner"
OLDEST_POSTGRESQL = 15


def cluster() -> Path | None:
    """Return the configuration folder of Debian's newest PostgreSQL cluster called main, None where there is none."""
    found = [path for path in POSTGRESQL.glob("*/main") if path.parent.name.isdecimal()]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def booted_by_systemd() -> bool:
    """Say whether systemd runs this machine (sd_booted(3)); a container may have none."""
    return Path("/run/systemd/system").is_dir()


def is_root() -> bool:
    """Say whether this process may change the host."""
    return os.geteuid() == 0
