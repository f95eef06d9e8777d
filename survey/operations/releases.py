"""Checks releases against plan, manifest and box, and publishes them."""

import logging

from survey.document import today
from survey.office_db.acts import Act
from survey.office_db.tables import (
    PublishedRelease,
    store_document,
)
from survey.operations.checks import check_release
from survey.operations.statements import require_alive, require_announced
from survey.operations.transaction import (
    note_act,
    office_session,
    publishing,
)
from survey.public_log import log_events
from survey.publication.folder import Published
from survey.release.release import Release
from survey.settings import Settings
from survey.workbook.xlsx import SheetError, xlsx_files


def publish_release(settings: Settings, content: bytes) -> str:
    """
    Publish a release on the public page; return its hash. Publishing it again is harmless.

    Raises ReleaseRefusedError unless the signature is of the key that the wave's manifest names, plan, manifest, box
    and tables are those that this host knows, its intent stands in the log and no destruction of the wave's key does.
    A workbook that cannot be made is named in a warning.
    """
    with office_session(settings) as session:
        release = check_release(settings, session, content)
        require_announced(settings, release)
        require_alive(settings, release)
        # Before the commit: what cannot be made is seen while nothing is published yet.
        workbooks = _workbooks(release)
        name = store_document(session, "release", content)
        if session.get(PublishedRelease, name) is None:
            published = PublishedRelease(
                hash=name,
                study=release.study,
                wave=release.wave,
                plan=release.plan,
                sequence=release.ledger.sequence,
                since=today(),
            )
            session.add(published)
            note_act(session, Act.RELEASE_PUBLISHED, f"{release.study} {release.wave} {name}")
    with publishing():
        folder = Published(settings.public)
        folder.write_workbooks(release.study, name, workbooks)
        folder.write_release(release.study, content)
        log_events.release_published(settings, release)
    return name


def _workbooks(release: Release) -> dict[str, bytes]:
    """Return the release as a workbook in each of its locales; one that Excel could not read is left out, and named."""
    # Made once and here: a process that takes answers has no seconds to spare for whoever asks for a workbook.
    workbooks = {}
    for locale in release.labels:
        try:
            ((_, workbooks[locale]),) = xlsx_files(release, locale)
        except SheetError as error:
            # Where nobody set up logging Python writes this to stderr.
            logging.getLogger(__name__).warning(
                "the release has no workbook in %s: %s. Its page offers every table as CSV, and `sotto export` other "
                "formats",
                locale,
                error,
            )
    return workbooks
