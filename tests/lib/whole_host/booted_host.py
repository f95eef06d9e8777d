"""A collection host that systemd boots: a root of Debian under systemd-nspawn(1), without a network but its own.

Nothing of the machine is changed: the host has namespaces, a name and a loopback of its own, and its root is a folder.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from engines.chromium_command import WHOLE, chromium_path
from phone.site import ARGUMENTS
from playwright.sync_api import Browser, sync_playwright

from whole_host.entered_host import EnteredHost

NSPAWN = (
    "systemd-nspawn", "--quiet", "--boot", "--private-network", "--register=no", "--keep-unit", "--settings=no",
    "--link-journal=no", "--resolv-conf=off", "--timezone=off", "--console=read-only",
)  # fmt: skip
REBOOTS = 133
"""How systemd-nspawn ends where the host wants to be booted again."""
BOOT_SECONDS = 120
KEY_HASH = (
    "openssl x509 -in /root/tls/fullchain.pem -pubkey -noout | openssl pkey -pubin -outform der | "
    "openssl dgst -sha256 -binary | base64"
)


@dataclass
class BootedHost(EnteredHost):
    """A host that runs under systemd; after a reboot `inside` is another process."""

    root: Path
    container: subprocess.Popen[bytes] = field(repr=False)
    namespaces: ClassVar[tuple[str, ...]] = (*EnteredHost.namespaces, "--uts", "--cgroup")

    @classmethod
    def boot(cls, root: Path) -> Self:
        """Boot a root; return its host when all that is started at boot stands, nothing of it failed."""
        with (root.parent / "console.log").open("ab") as console:
            container = subprocess.Popen(
                [*NSPAWN, "--directory", root, f"--machine=sotto-{os.getpid()}"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
            )  # fmt: skip
        host = cls(0, root, container)
        try:
            host.wait_until_up()
        except BaseException:
            host.power_off()
            raise
        return host

    def wait_until_up(self) -> None:
        """Wait until systemd has started everything; raise AssertionError where something of it failed."""
        deadline = time.monotonic() + BOOT_SECONDS
        while not self._systemd_listens():
            assert self.container.poll() is None, (self.root.parent / "console.log").read_text("utf-8")[-2000:]
            assert time.monotonic() < deadline, "systemd did not start"
            time.sleep(0.1)
        state = self.run("systemctl", "is-system-running", "--wait", check=False).stdout
        assert "running\n" == state, self.run("systemctl", "--failed", check=False).stdout

    def reboot(self) -> None:
        """Restart the host as its administrator does, and wait until it stands again."""
        self.run("systemctl", "reboot", check=False)
        assert REBOOTS == self.container.wait(BOOT_SECONDS)
        again = self.boot(self.root)
        self.inside, self.container = again.inside, again.container

    def power_off(self) -> None:
        """Power the host off."""
        if self.container.poll() is None:
            self.container.terminate()  # systemd-nspawn asks the host to power off
        try:
            self.container.wait(30)
        except subprocess.TimeoutExpired:
            self.container.kill()
            self.container.wait()

    @contextlib.contextmanager
    def browser(self) -> Iterator[Browser]:
        """Run this machine's Chromium in the host's network; of certificates that nobody signed it takes this one."""
        program = self.root.parent / "chromium"
        entered = f"nsenter -t {self.inside} --net {chromium_path(WHOLE)}"
        program.write_text(f'#!/bin/sh\nexec {entered} "$@"\n', encoding="ascii")
        program.chmod(0o755)
        names = "--host-resolver-rules=MAP survey.example 127.0.0.1,MAP desk.example 127.0.0.1"
        trusted = f"--ignore-certificate-errors-spki-list={self.shell(KEY_HASH).strip()}"
        with sync_playwright() as playwright:
            yield playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, names, trusted])

    def _systemd_listens(self) -> bool:
        """Say whether systemctl can ask; find the host's first process before."""
        children = Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children")
        with contextlib.suppress(OSError, ValueError):
            self.inside = int(children.read_text(encoding="ascii"))
        return self.inside != 0 and not self.run("test", "-S", "/run/systemd/private", check=False).returncode


@contextlib.contextmanager
def booted_host(root: Path) -> Iterator[BootedHost]:
    """Boot a root; it is powered off at the end of the block."""
    host = BootedHost.boot(root)
    try:
        yield host
    finally:
        host.power_off()
