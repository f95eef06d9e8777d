"""A host from one version of this program to the next: what can fail comes first, and people see that it is away."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from survey.service.answers import read_answers
from survey.service.changes import Change, HostError, HostRefusedError, Run, output
from survey.service.installation import shipped_units, started_units
from survey.service.places import ANSWERS, DATA, PROGRAM, SETTINGS, UNITS, WRAPPER, booted_by_systemd

RECIPIENTS = SETTINGS / "backup.txt"
PIP = PROGRAM / "bin" / "pip"
WHEELS = PROGRAM / "wheels"
"""What is downloaded while the old version serves; the last upgrade's stay until the next, for who wants to go back."""
NOT_REPLACED = "The new version is not in place, and the old one was started again: sudo sotto doctor"
NOT_INSTALLED = (
    "The new version is in place and does not serve yet: people see the page that says when to come again, and nothing "
    "is lost. Mend this, then sudo sotto install; or go back, as docs/deployment.md says under Upgrades"
)


def require_upgradable(*, while_open: bool) -> None:
    """Raise HostRefusedError, with nothing changed, where an upgrade cannot end well or would meet respondents."""
    if not booted_by_systemd():
        raise HostRefusedError(
            "systemd does not run this machine: do by hand what `sotto upgrade --dry-run` prints (nothing was changed)"
        )
    if not ANSWERS.exists():
        raise HostRefusedError(f"there is no {ANSWERS}, which sotto install writes: run that first (nothing changed)")
    if not RECIPIENTS.exists():
        raise HostRefusedError(
            f"there is no {RECIPIENTS}, so no copy can be made to go back to: docs/deployment.md, Backups, says how "
            "(nothing was changed)"
        )
    if not while_open and (names := _open_waves()):
        raise HostRefusedError(
            f"{', '.join(names)}: a wave is open, and a new version may not know its pages' words. Wait for its end; "
            "--while-open upgrades all the same, for a fault that endangers people (nothing was changed)"
        )


def upgrade(package: str) -> Iterator[Change]:
    """Yield the changes, in order; a failure before the stop changes nothing that serves."""
    offline = ("--disable-pip-version-check", "--no-index", "--find-links", WHEELS)
    yield Run(["rm", "-rf", "--one-file-system", WHEELS])
    yield Run([PIP, "download", "-q", "--disable-pip-version-check", "-d", WHEELS, package])
    yield Run([WRAPPER, "backup", "--to", DATA / "backup", "--recipients", RECIPIENTS])
    # Sockets too: nginx then has nobody to ask, and shows its page that says when to come again.
    yield Run(["systemctl", "stop", *_installed_units()])
    yield Guarded(Run([PIP, "install", "-q", "--upgrade", *offline, package]), NOT_REPLACED, _start())
    # The new version's own: its files, its migrations, and then everything is started.
    yield Guarded(Run([PROGRAM / "bin" / "sotto", "install", "--answers", ANSWERS]), NOT_INSTALLED)


@dataclass(frozen=True)
class Guarded:
    """A change while people see that the host is away; where it fails, `stands` says how the host is left."""

    change: Change
    stands: str
    otherwise: Change | None = None
    """What is done first where it fails."""

    def described(self) -> str:
        """Return what the change says."""
        return self.change.described()

    def done(self) -> bool:
        """Return whether there is nothing to do."""
        return self.change.done()

    def make(self) -> None:
        """Make the change; raise HostError with how the host is left where that fails."""
        try:
            self.change.make()
        except HostError as error:
            if self.otherwise is not None:
                self.otherwise.make()
            raise HostError(f"{error}. {self.stands}") from None


def _installed_units() -> list[str]:
    """Return every unit of ours that this host has: all that serves, and all that a timer starts."""
    return [name for name in shipped_units() if (UNITS / name).exists()]


def _start() -> Run:
    metrics = ANSWERS.exists() and bool(read_answers(ANSWERS).metrics)
    return Run(["systemctl", "start", *started_units(metrics=metrics)])


def _open_waves() -> list[str]:
    waves = json.loads(output([WRAPPER, "status", "--json"]))["waves"]
    return [f"{wave['study']}/{wave['wave']}" for wave in waves if wave["state"] == "open"]
