"""The demo's folder: the paths of its files, and how an earlier demo's folder is replaced safely."""

import fcntl
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from crypto.errors import RefusedError
from survey.serving.servers import Certificate

MARKER = ".sotto-demo"


class DemoError(RefusedError):
    """The demo cannot go on; the message says what to do."""


@dataclass(frozen=True)
class DemoOptions:
    """The options of the command line; ports are TCP ports, `seed` is that of the invented answers."""

    directory: Path
    responses: int
    once: bool
    as_json: bool
    host: str
    port: int
    desk_port: int
    tls: Certificate | None
    seed: int
    issuer_port: int = 0
    custodians: int = 0
    threshold: int = 0


@dataclass(frozen=True)
class Folder:
    """The demo's files, all within one folder that the next demo may replace."""

    root: Path
    lock: IO[str] | None = field(default=None, repr=False, compare=False)

    @property
    def collection(self) -> Path:
        """The collection host's home: two databases and the published folder."""
        return self.root / "collection"

    @property
    def secret(self) -> Path:
        """The desk's secret."""
        return self.root / "desk.secret"

    @property
    def study(self) -> Path:
        """The analysis host's study folder."""
        return self.root / "study"

    @property
    def witnesses(self) -> Path:
        """The keys and memories of the witnesses; in production each is on a laptop of its own."""
        return self.root / "witnesses"

    @property
    def log(self) -> Path:
        """The log of the applications."""
        return self.root / "servers.log"

    def wave(self, wave: int) -> Path:
        """The ceremony's files of a wave."""
        return self.study / "waves" / str(wave)

    def shares(self, wave: int) -> Path:
        """The folder of a wave's shares; in production they are with several people, never in one place."""
        return self.root / "shares" / f"wave-{wave}"

    def share_files(self, wave: int) -> list[Path]:
        """The share files of a wave."""
        return sorted(self.shares(wave).glob("*.txt"))

    def box(self, wave: int) -> Path:
        """The box of a wave."""
        return self.root / f"wave-{wave}.box"

    def plan(self, wave: int) -> Path:
        """The plan of a wave."""
        return self.root / f"plan-{wave}.yaml"

    def release(self, wave: int) -> Path:
        """The folder of a wave's release."""
        return self.root / f"release-{wave}"

    def close(self) -> None:
        """Release the lock of the folder."""
        if self.lock:
            self.lock.close()

    def environ(self, hosts: str, *, https: bool) -> dict[str, str]:
        """Return the settings of the demo's own collection host."""
        settings = {"SOTTO_HOME": self.collection, "SOTTO_HOSTS": hosts, "SOTTO_SECRET_KEY_FILE": self.secret}
        insecure = {} if https else {"SOTTO_INSECURE_COOKIES": "1"}
        return {name: str(value) for name, value in settings.items()} | insecure | {"SOTTO_UNSIGNED_REQUESTS": "1"}


def create_folder(root: Path) -> Folder:
    """Return a new demo folder, in place of an earlier demo's; raise DemoError for other files or a running demo."""
    marker = root / MARKER
    if root.exists() and any(root.iterdir()) and not marker.exists():
        raise DemoError(f"{root} holds files that are not a demo's: name another folder with --dir")
    if marker.exists():
        _lock(marker).close()
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True, mode=0o700)
    folder = Folder(root, _lock(marker))
    folder.secret.touch(mode=0o600)
    folder.secret.write_text(secrets.token_hex(32), encoding="ascii")
    return folder


def _lock(marker: Path) -> IO[str]:
    """Lock the folder for as long as the file is open, so that no other demo deletes it meanwhile."""
    file = marker.open("a", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise DemoError(f"a demo is running in {marker.parent}: end it, or name another folder with --dir") from None
    return file
