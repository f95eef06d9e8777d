"""Checks that each record of a box has a token that its wave's issuer signed for it."""

from collections.abc import Iterator
from pathlib import Path

from analysis.study.folder import StudyError, WaveDocuments
from crypto.box import BoxError, BoxFile
from crypto.envelope import EnvelopeError, Record
from crypto.errors import public_text
from crypto.tokens import TokenError
from survey.release.release import Release
from survey.wave.manifest import Manifest

FIELD = "box.tokens"
MAX_NAMED = 5

Check = tuple[str, bool | None, str]
"""The field of a release, whether the check passed (None: not checked), and a statement of what was checked."""


def token_checks(release: Release, documents: WaveDocuments | StudyError | None, path: Path | None) -> Iterator[Check]:
    """Yield the check of all tokens of a release's box; nothing on an open link, which has none.

    `documents` are those of the release's wave, or the error of reading them; None where no study was given.
    """
    if release.mode == "open":
        return
    if documents is None or path is None:
        yield FIELD, None, "give --study and --box to check the token of every record"
        return
    if isinstance(documents, StudyError):
        yield FIELD, False, str(documents)
        return
    try:
        yield _checked(path, documents.manifest, release.box.root)
    except (BoxError, OSError) as error:
        yield FIELD, False, public_text(error)


def without_token(box: BoxFile, manifest: Manifest) -> Iterator[bytes]:
    """Yield the row key (32 bytes) of each record with an invalid token; the opening counts it as unreadable.

    Raises BoxError, at the end, where the records are not those that the box's header names.
    """
    rules = manifest.record_rules
    for record in box.verified_records():
        try:
            rules.read(record)
        except (EnvelopeError, TokenError):
            yield Record.split(record).row_key


def _checked(path: Path, manifest: Manifest, root: str) -> Check:
    with BoxFile.open(path) as box:
        if box.header.root != root:
            return FIELD, False, "the box is not the one of the release: give the box that it names"
        bad = [key.hex() for key in without_token(box, manifest)]
        statement = f"each of {len(box)} records has a token that the issuer signed for it"
    if not bad:
        return FIELD, True, statement
    more = f" and {len(bad) - MAX_NAMED} more" if len(bad) > MAX_NAMED else ""
    return FIELD, False, f"{len(bad)} records have no token that holds: {', '.join(bad[:MAX_NAMED])}{more}"
