"""The services of compose.yaml, started from an image that buildah built from the shipped Containerfile.

No engine that runs compose files works on every machine of tests; systemd-nspawn starts each service here as the file
says it: account, command, read-only root, volumes, secrets, no capability, no new privileges, no network but the web's.
"""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whole_host.compose_file import COMPOSE, compose
from whole_host.debian_root import done

NSPAWN = (
    "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--settings=no", "--link-journal=no",
    "--resolv-conf=off", "--timezone=off", "--as-pid2", "--console=pipe",
)  # fmt: skip
NETWORK = "ip link set lo up; echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start; exec sleep infinity"
SECONDS = 120


@dataclass
class Image:
    """An image that was built, unpacked in `root`; `folder` is where volumes, secrets and files lie."""

    root: Path
    folder: Path
    document: dict[str, Any] = field(default_factory=compose)

    def volume(self, source: str, target: str) -> Path:
        """Return the folder of a volume or of ./NAME; a volume begins with what the image has there, owners too."""
        if source.startswith("./"):
            return self.folder / source
        made = self.folder / "volumes" / source
        if not made.exists():
            made.parent.mkdir(exist_ok=True)
            done("cp", "-a", f"{self.root}{target}", made)
        return made

    def options(self, service: dict[str, Any], network: str) -> Iterator[str]:
        """Yield what systemd-nspawn must be told of a service."""
        yield f"--user={service['user']}"
        if service.get("read_only"):
            yield "--read-only"
        if "ALL" in service["cap_drop"]:
            yield "--drop-capability=all"
        if "no-new-privileges:true" in service["security_opt"]:
            yield "--no-new-privileges=yes"
        yield "--private-network" if service["network_mode"] == "none" else f"--network-namespace-path={network}"
        for volume in service.get("volumes", []):
            source, target, *rights = volume.split(":")
            yield f"--bind{'-ro' if rights == ['ro'] else ''}={self.volume(source, target)}:{target}"
        for place in service.get("tmpfs", []):
            path, _, options = place.partition(":")
            yield f"--tmpfs={path}:{options or 'mode=1777'}"
        for secret in service.get("secrets", []):
            name, target = (secret, f"/run/secrets/{secret}") if isinstance(secret, str) else secret.values()
            yield f"--bind-ro={self.folder / self.document['secrets'][name]['file']}:{target}"
        for name, value in service.get("environment", {}).items():
            yield f"--setenv={name}={value}"


@dataclass
class ContainerHost:
    """The services of an image, some of them running; `holder` is a process in the web server's network."""

    image: Image
    holder: subprocess.Popen[bytes] = field(repr=False)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, repr=False)

    def command(self, name: str, *command: str) -> list[str]:
        """Return what starts a service, with its own command or another."""
        service = self.image.document["services"][name]
        options = [*self.image.options(service, f"/proc/{self.holder.pid}/ns/net")]
        machine = (f"--machine=sotto-{name}", f"--directory={self.image.root}")
        return [*NSPAWN, *machine, *options, *(command or map(str, service["command"]))]

    def run(self, name: str, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a service to its end."""
        ended = subprocess.run(
            self.command(name, *command), capture_output=True, text=True, check=False, timeout=300,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert not check or ended.returncode == 0, (name, command, ended.stdout[-2000:], ended.stderr[-2000:])
        return ended

    def start(self, name: str) -> None:
        """Start a service that stays."""
        with (self.image.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(self.command(name), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start_all(self) -> None:
        """Start what `compose up` starts, in the order of what depends on what."""
        self.start("database")
        check = self.image.document["services"]["database"]["healthcheck"]["test"][1:]
        wait_until(lambda: self.run("roles", *check, check=False).returncode == 0, "the database does not answer")
        self.run("roles")
        self.run("migrations")
        for name in ("respond", "desk", "issuer", "web"):
            self.start(name)
        wait_until(
            lambda: (
                self.status("https://survey.example/healthz") == self.status("https://desk.example/healthz") == "200"
            ),
            "the web server does not answer",
        )

    def status(self, url: str, *options: str) -> str:
        """Return the status of a request by TLS, with the host's certificate."""
        names = [word for name in ("survey", "desk") for word in ("--resolve", f"{name}.example:443:127.0.0.1")]
        trusted = ("--cacert", str(self.image.folder / "secrets" / "fullchain.pem"))
        entered = ("nsenter", "-t", str(self.holder.pid), "--net", "curl", "-s", "-o", "/dev/null")
        command = [*entered, "-w", "%{http_code}", *names, *trusted, *options, url]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout

    def processes(self, name: str) -> Iterator[dict[str, str]]:
        """Yield what the kernel says of each process of a running service but nspawn's own first one."""
        waiting = children(self.running[name].pid)
        first = set(waiting)
        while waiting:
            pid = waiting.pop()
            waiting += children(pid)
            if pid not in first:
                lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
                yield {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}

    def stop(self) -> None:
        """End every service, the last one first."""
        for process in reversed(self.running.values()):
            for pid in children(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    subprocess.run(["kill", "-KILL", str(pid)], check=False)
            process.wait(30)


def children(pid: int) -> list[int]:
    """Return the children of a process."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def wait_until(true: Any, otherwise: str) -> None:
    """Ask again and again; raise AssertionError after a while."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.3)


@contextlib.contextmanager
def container_host(image: Image) -> Iterator[ContainerHost]:
    """Give the services of an image; all that were started end with the block."""
    holder = subprocess.Popen(["unshare", "--net", "sh", "-ec", NETWORK])
    host = ContainerHost(image, holder)
    try:
        yield host
    finally:
        host.stop()
        holder.kill()
        holder.wait()


@contextlib.contextmanager
def built_image(base: Path, wheels: Path, folder: Path) -> Iterator[Image]:
    """Build the shipped Containerfile on a root of Debian with buildah; give the image, unpacked."""
    store = ("buildah", "--storage-driver", "vfs", "--root", folder / "store", "--runroot", folder / "run")
    context = folder / "context"
    context.mkdir()
    shutil.copytree(wheels, context / "wheels")
    try:
        empty = done(*store, "from", "scratch").strip()
        done("cp", "-a", f"{base}/.", done(*store, "mount", empty).strip())
        done(*store, "commit", "--rm", empty, "localhost/debian")
        names = {"HOST": "survey.example", "DESK_HOST": "desk.example"}
        arguments = {"BASE": "localhost/debian", "PIP_NO_INDEX": "1", **names}
        given = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        file = COMPOSE.with_name("Containerfile")
        how = ("--isolation", "chroot", "--network", "host")
        done(*store, "bud", *how, *given, "-t", "localhost/sotto", "-f", file, context)
        made = done(*store, "from", "localhost/sotto").strip()
        yield Image(Path(done(*store, "mount", made).strip()), folder)
    finally:
        done(*store, "umount", "--all")
        done("rm", "-rf", "--one-file-system", folder / "store", folder / "run")
