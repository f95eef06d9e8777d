"""A whole collection host on this machine, apart from it: `sotto install` run for real, with accounts, peers and TLS.

In namespaces of its own (unshare(1)) with what it writes laid over /etc, /var, /opt, /run and /usr/local, so that
shipped files work under their own paths, on ports 80 and 443, and nothing of the machine is changed. There is no
systemd in it: a few lines start what the shipped units say.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
import pytest
from paths import ROOT

from whole_host.entered_host import EnteredHost

TREE = Path("/opt/sotto/tree")
"""Where the tested tree lies in the host for every account; the folders above its own place may be closed to them."""
LAID_OVER = ("etc", "var", "opt", "run", "root", "usr/local")
PREPARE = """
set -e
mount -t tmpfs -o mode=755 tmpfs {above}
for folder in {folders}; do
  mkdir -p {above}/$folder.changed {above}/$folder.work
  mount -t overlay overlay -o lowerdir=/$folder,upperdir={above}/$folder.changed,workdir={above}/$folder.work /$folder
done
chmod 711 /root
ip link set lo up
mkdir -p /opt/sotto/bin /opt/sotto/tree /root/tls {above}/tree.changed {above}/tree.work
# The tree that is tested, which every account may read here; an installation that is editable would name another one.
mount -t overlay -o lowerdir={tree},upperdir={above}/tree.changed,workdir={above}/tree.work overlay /opt/sotto/tree
chmod 755 /opt/sotto/tree
for program in sotto gunicorn; do
  file=/opt/sotto/bin/$program
  printf '#!/bin/sh\\nPYTHONPATH=/opt/sotto/tree exec {python} {programs}/%s "$@"\\n' "$program" > $file
  chmod 755 $file
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 90 -subj /CN=survey.example \\
  -addext subjectAltName=DNS:survey.example,DNS:desk.example \\
  -keyout /root/tls/privkey.pem -out /root/tls/fullchain.pem 2>/dev/null
echo '127.0.0.1 survey.example desk.example' >> /etc/hosts
"""
ANSWERS = """
host = "survey.example"
desk_host = "desk.example"
certificates = "/root/tls"
alarm = ""
staff = "mei"
"""


@dataclass
class InstalledHost(EnteredHost):
    """A host that was installed."""

    above: str
    """Where what the host changes is laid over the machine's folders: NAME.changed for each."""
    said: str = ""
    identity: pyrage.x25519.Identity = field(default_factory=pyrage.x25519.Identity.generate)

    def install(self, umask: str = "022") -> str:
        """Run `sotto install` as the documentation has it, under root's umask; return what it says."""
        self.shell("cat > /root/host.toml", given=ANSWERS)
        return self.shell(f"umask {umask}; exec /opt/sotto/bin/sotto install --answers /root/host.toml")

    def start(self) -> None:
        """Start what systemd would: sockets and processes of the shipped units, and nginx with its lines."""
        self.run(sys.executable, "-P", STARTER)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if "200" == self.status("https://survey.example/healthz") == self.status("https://desk.example/healthz"):
                return
            time.sleep(0.2)
        raise AssertionError(self.shell("tail -n 30 /var/log/sotto/*.log /run/starter.log"))

    def compact(self) -> None:
        """Do what sotto-compact.service and, behind it, sotto-backup.service do; its copies are for `identity`."""
        self.shell("cat > /etc/sotto/backup.txt", given=f"{self.identity.to_public()}\n")
        for name in ("compact", "backup"):
            unit = self.shell(f"cat /etc/systemd/system/sotto-{name}.service")
            command, *after = re.findall("^ExecStart(?:Post)?=/(?:opt/sotto|usr)/bin/(.*)$", unit, re.MULTILINE)
            self.run(*command.split())
            for one in after:
                self.run(*one.split(), account="sotto-owner")


STARTER = Path(__file__).with_name("unit_starter.py")


@contextlib.contextmanager
def empty_host() -> Iterator[InstalledHost]:
    """Give a host on which nothing was installed yet; everything in it ends with the block."""
    if os.geteuid() != 0:
        pytest.skip("accounts and namespaces of a host of its own need root")
    with tempfile.TemporaryDirectory(prefix="sotto-host-", dir="/tmp") as above:
        own = ["--mount", "--net", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"]
        process = subprocess.Popen(["unshare", *own, "sleep", "infinity"])
        try:
            host = InstalledHost(_child(process.pid), above)
            host.shell(
                PREPARE.format(
                    above=above,
                    folders=" ".join(LAID_OVER),
                    python=sys.executable,
                    tree=ROOT,
                    programs=Path(sys.executable).parent,
                )
            )
            yield host
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def installed_host() -> Iterator[InstalledHost]:
    """Give a host that was installed and serves."""
    with empty_host() as host:
        host.said = host.install()
        host.start()
        yield host


def _child(pid: int) -> int:
    """Return the first process of the new namespaces."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        if children:
            return int(children[0])
        time.sleep(0.02)
    raise AssertionError("unshare started nothing")
