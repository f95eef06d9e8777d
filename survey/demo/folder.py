"""The demo's one folder: where each half of the path keeps its files, and how it is made anew without harm."""

import fcntl
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from crypto.errors import RefusedError
from survey.demo.servers import Certificate

MARKER = ".sotto-demo"


class DemoError(RefusedError):
    """The demo cannot go on; the message says what to do."""


@dataclass(frozen=True)
class Wishes:
    """What the person asked for on the command line."""

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
    """The demo's files; everything it makes lies in one folder that it may empty again."""

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
    def log(self) -> Path:
        """What the two applications say."""
        return self.root / "servers.log"

    def wave(self, wave: int) -> Path:
        """The ceremony's files of a wave."""
        return self.study / "waves" / str(wave)

    def shares(self, wave: int) -> Path:
        """The folder of a wave's shares; in life they are with several people and never beside the rest."""
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
        """Let another demo have the folder."""
        if self.lock:
            self.lock.close()

    def environ(self, hosts: str, *, https: bool) -> dict[str, str]:
        """Return the settings of the demo's own collection host."""
        settings = {"SOTTO_HOME": self.collection, "SOTTO_HOSTS": hosts, "SOTTO_SECRET_KEY_FILE": self.secret}
        insecure = {} if https else {"SOTTO_INSECURE_COOKIES": "1"}
        return {name: str(value) for name, value in settings.items()} | insecure


def make_anew(root: Path) -> Folder:
    """Return an empty demo folder; empties only one that an earlier demo marked as its own, and that none runs in."""
    marker = root / MARKER
    if root.exists() and any(root.iterdir()) and not marker.exists():
        raise DemoError(f"{root} holds files that are not a demo's: name another folder with --dir")
    if marker.exists():
        _locked(marker).close()
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True, mode=0o700)
    folder = Folder(root, _locked(marker))
    folder.secret.touch(mode=0o600)
    folder.secret.write_text(secrets.token_hex(32), encoding="ascii")
    return folder


def _locked(marker: Path) -> IO[str]:
    """Hold the folder for as long as the file is open: another demo must not empty it under this one's feet."""
    file = marker.open("a", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise DemoError(f"a demo is running in {marker.parent}: end it, or name another folder with --dir") from None
    return file
