"""A throwaway PostgreSQL server for tests: its own folder, its own socket, gone afterwards."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paths import ROOT

SHIPPED = ROOT / "deploy" / "postgres"
ROLES = SHIPPED / "roles.sql"


@dataclass(frozen=True)
class Server:
    """Where the server's socket is."""

    socket: Path
    tools: Path
    data: Path

    def url(self, database: str, role: str = "postgres") -> str:
        """The address of a database as a role."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.socket}"

    def control(self, *arguments: str) -> None:
        """Run pg_ctl and wait. The log file also keeps the server from holding on to our pipes."""
        options = f"-k {self.socket} -c listen_addresses='' -c max_connections=40 -c shared_buffers=16MB"
        as_postgres(self.tools / "pg_ctl", "-D", self.data, "-l", self.socket / "log", "-w", "-o", options, *arguments)

    def psql(self, *arguments: str) -> str:
        """Run psql as the superuser; return what it prints."""
        command = [
            self.tools / "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.socket,
            "-U",
            "postgres",
            *arguments,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def as_postgres(*command: str | Path) -> None:
    """Run a command as an account that PostgreSQL accepts: it refuses root."""
    prefix = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run([*prefix, *command], check=False, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")


def find_tools() -> Path:
    """Return the folder of initdb; say what to install where there is none."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    initdb = shutil.which("initdb", path=os.pathsep.join([*map(str, places), os.environ.get("PATH", "")]))
    if initdb is None:
        raise RuntimeError("initdb not found: install PostgreSQL (apt-get install postgresql), as scripts/setup does")
    return Path(initdb).parent


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Start a server with checksums and the settings and roles that we ship; stop and remove it afterwards."""
    tools = find_tools()
    # A short path: the name of a Unix socket has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="sotto-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(home, account.pw_uid, account.pw_gid)
        data = home / "data"
        as_postgres(
            tools / "initdb", "-D", data, "-k", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "-N"
        )
        with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write((SHIPPED / "sotto.conf").read_text(encoding="utf-8"))
        server = Server(home, tools, data)
        server.control("start")
        try:
            server.psql("-f", str(ROLES))
            yield server
        finally:
            server.control("-m", "immediate", "stop")
