"""Publishing of staff's decisions: first the documents that a log entry names, then the entry.

Every function is called after the staff database has committed, and is idempotent: an interrupted command can be run
again.
"""

from itertools import takewhile
from pathlib import Path
from typing import Any

from crypto.box import BoxError, BoxFile, BoxHeader
from crypto.canonical import canonical, digest
from crypto.durable import write_file
from survey.document import today
from survey.loopback import LOOPBACK_HOSTS
from survey.plan.plan import Plan
from survey.plan.registration import Registration
from survey.public_log.log import Log
from survey.public_log.log_entry import Kind, LogEntry
from survey.public_log.receipts import ReceiptBuckets
from survey.publication.frontend_hashes import frontend
from survey.release.release import Release
from survey.settings import Settings
from survey.wave.manifest import Manifest

STATEMENTS = {"custody": "custodies", "intent": "intents", "destruction": "destructions", "correction": "corrections"}


def host_log(settings: Settings) -> Log:
    """Return the log of this host; a new one is named after the first host name that is not a local one."""
    names = [name for name in settings.hosts if name not in LOOPBACK_HOSTS]
    return Log(settings.public, settings.log_key, f"sotto/{names[0] if names else 'local'}")


def wave_opened(settings: Settings, manifest: Manifest, drill: bytes) -> None:
    """Log that a wave opened with this manifest and this signed record of its drill."""
    logged = _logged(settings, "manifest", manifest.study, manifest.wave)
    if logged is None:
        write_file(settings.public / f"drills/{digest(drill)}.json", drill)
        _log(settings, "manifest", manifest.study, manifest.wave, manifest.digest, drill=digest(drill))


def day_of_opening(settings: Settings, study: str, wave: int) -> str | None:
    """Return the day on which the log says that a wave opened, None where it does not say so."""
    logged = _logged(settings, "manifest", study, wave)
    return logged.day if logged else None


def frontend_served(settings: Settings, study: str, wave: int) -> str:
    """Publish the hashes of the front end; log them for a wave unless they are the wave's newest. Return their hash."""
    content = frontend()
    write_file(settings.public / f"frontends/{digest(content)}.json", content)
    _log(settings, "frontend", study, wave, digest(content))
    return digest(content)


def pages_served(settings: Settings, study: str, wave: int, content: bytes) -> None:
    """Publish the pages of a study (`sotto-pages-1`); log them for a wave unless they are the wave's newest."""
    write_file(settings.public / f"pages/{digest(content)}.json", content)
    _log(settings, "pages", study, wave, digest(content))


def plan_published(settings: Settings, plan: Plan, registration: Registration) -> None:
    """Log that a plan was published, with its registration, which has the day of the decision."""
    _log(settings, "plan", plan.study, plan.wave, plan.digest, registration=registration.digest)


def box_made(settings: Settings, header: BoxHeader, path: Path, *, refused: int, **tokens: int) -> None:
    """Publish and log the box's header and its receipts.

    `refused` is the number of rows that were set aside; `tokens`: `invited` and `issued` for invitation waves.
    """
    receipts = _receipts(header, path)
    folder = settings.public / "receipts" / header.study / str(header.wave)
    for name, content in receipts.documents(header.study, header.wave):
        write_file(folder / f"{name}.json", canonical(content))
    write_file(settings.public / f"boxes/{header.digest}.json", header.to_bytes())
    about = {"root": header.root, "count": header.count, "receipts": receipts.root, "refused": refused}
    _log(settings, "box", header.study, header.wave, header.digest, **about, **tokens)


def _receipts(header: BoxHeader, path: Path) -> ReceiptBuckets:
    """Return the receipts of a box that was just written; raise BoxError where another lies at its path by now."""
    with BoxFile.open(path) as box:
        receipts = ReceiptBuckets.of(box.verified_records())
        if box.header != header:
            raise BoxError(
                f"{path} is not the box that was made: another file was put in its place, so nothing was logged. See "
                "who can write there, then ask for the box again"
            )
    return receipts


def release_published(settings: Settings, release: Release) -> None:
    """Log that a release was published, with the ledger entry that paid for it."""
    _log(settings, "release", release.study, release.wave, release.digest, ledger=release.ledger.entry)


def statement_published(settings: Settings, kind: Kind, study: str, wave: int, content: bytes) -> str:
    """Publish and log a signed statement; return its hash."""
    name = digest(content)
    write_file(settings.public / STATEMENTS[kind] / f"{name}.json", content)
    _log(settings, kind, study, wave, name)
    return name


def corrections_of_wave(settings: Settings, study: str, wave: int) -> tuple[LogEntry, ...]:
    """Return the entries of the corrections that were logged while a wave was without a box, the oldest first."""
    own = [entry for entry in host_log(settings).entries() if (entry.study, entry.wave) == (study, wave)]
    before_box = [*takewhile(lambda entry: entry.kind != "box", own)]
    return tuple(entry for entry in before_box if entry.kind == "correction")


def _logged(settings: Settings, kind: Kind, study: str, wave: int) -> LogEntry | None:
    about = (kind, study, wave)
    return next((e for e in host_log(settings).entries() if (e.kind, e.study, e.wave) == about), None)


def _log(settings: Settings, kind: Kind, study: str, wave: int, name: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
    about = {"kind": kind, "study": study, "wave": wave, "day": today().isoformat(), "hash": name}
    host_log(settings).append(LogEntry.model_validate({"format": "sotto-log-entry-1"} | about | fields))
