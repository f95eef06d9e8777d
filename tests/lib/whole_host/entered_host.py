"""A collection host in namespaces of its own, entered with nsenter(1): commands, requests and questions to it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass
class EnteredHost:
    """A host; `inside` is the process whose namespaces it has."""

    inside: int
    namespaces: ClassVar[tuple[str, ...]] = ("--mount", "--net", "--pid", "--ipc")

    @property
    def entered(self) -> list[str]:
        """What stands before a command to run it as root in the host."""
        return ["nsenter", "-t", str(self.inside), *self.namespaces]

    def run(
        self,
        *command: str | Path,
        account: str = "root",
        check: bool = True,
        given: str = "",
        env: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the host as an account."""
        as_account = [] if account == "root" else ["runuser", "-u", account, "--"]
        done = subprocess.run(
            [*self.entered, *as_account, *map(str, command)],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
            env=env or {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"},
        )
        assert not check or done.returncode == 0, (command, done.returncode, done.stdout, done.stderr)
        return done

    def shell(self, text: str, **options: str) -> str:
        """Run lines of a shell as root; return what they print."""
        return self.run("sh", "-ec", text, **options).stdout

    def ask(self, url: str, *options: str) -> str:
        """Return what curl gets, by TLS with the host's certificate."""
        return self.run("curl", "-s", "--cacert", "/root/tls/fullchain.pem", *options, url, check=False).stdout

    def status(self, url: str, *options: str) -> str:
        """Return the status of a request."""
        return self.ask(url, "-o", "/dev/null", "-w", "%{http_code}", *options)

    def psql(self, database: str, query: str, account: str, role: str) -> subprocess.CompletedProcess[str]:
        """Ask a database over its socket as an account that says that it is a role."""
        return self.run("psql", "-XAtq", "-d", database, "-U", role, "-c", query, account=account, check=False)

    def doctor(self, *options: str, trusting: str = "/root/tls/fullchain.pem") -> dict[str, str]:
        """Return what `sotto doctor` finds: the state of each check, by its name; whom it trusts is a file."""
        command = ("env", f"SSL_CERT_FILE={trusting}", "/usr/local/bin/sotto", "doctor", "--json", *options)
        done = self.run(*command, check=False)
        assert done.returncode in {0, 5}, done.stderr
        found = json.loads(done.stdout)
        assert (done.returncode == 5) == bool(found["wrong"])
        return {one["name"]: one["state"] for one in found["checks"]}
