"""`sotto log verify` tells published corrections, and names those that the log contradicts and who leaves one out."""

import pytest
from forged.of_corrections import OF_CORRECTIONS
from forged.site import WrittenSite

from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def receipts(tmp_path_factory):
    """The lists of receipts that all these folders share."""
    return WrittenSite(tmp_path_factory.mktemp("written")).write().folder / "receipts"


@pytest.mark.parametrize("forgery", OF_CORRECTIONS, ids=lambda forgery: forgery.name)
def test_what_the_log_contradicts_is_named(forgery, receipts, tmp_path):
    """Each forged folder of the corpus of corrections, which `verify.py` names too, is at fault here."""
    site = WrittenSite(tmp_path, forgery.edits, receipts=receipts).write()
    if forgery.after:
        forgery.after(site)
    assert [*PublishedLog.read(PublishedSource(str(site.folder))).faults()]


def test_each_correction_is_told_with_its_words_day_and_link(receipts, tmp_path):
    """The folder without a forgery holds, and people read old and new words, since when, and under which pin."""
    site = WrittenSite(tmp_path, receipts=receipts).write()
    log = PublishedLog.read(PublishedSource(str(site.folder)))
    assert [] == [*log.faults()]
    first, second = log.corrections()
    assert first.startswith("Corrected since 2026-04-06: s1, wave 2, links with k=")
    assert "“Vegetables” became “Vegetables and herbs”" in first
    assert second.startswith("Corrected since 2026-06-06: s1, wave 3")
    assert "“Fruit” became “Fruit and berries”" in second
