"""`sotto log verify` names what is wrong with a published split or destruction, as published_splits.py says."""

import pytest
from forged.corpus import FORGERIES
from forged.site import WrittenSite

from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog

pytestmark = pytest.mark.slow
SAID = {
    "a split that one card opens": "1 of 3 cards open, which is no majority",
    "a split that follows no split": "does not follow the one that the public log knows",
    "a first split that nobody drilled": "does not follow the one that the public log knows",
    "a first split that was drilled with fewer cards": "does not follow the one that the public log knows",
    "a split after the key's destruction": "comes after the destruction of the wave's key",
    "an intent after the key's destruction": "comes after the destruction of the wave's key",
    "a second destruction": "comes after the destruction of the wave's key",
    "a destruction that hides a result": "leaves out the result",
    "a destruction that forgets a split": "leaves out a split",
    "a destruction that leaves a quorum": "enough cards are left to open the wave",
    "a destruction of cards that do not exist": "no valid destruction document",
    "a destruction by another threshold": "it states 3 of 3 cards, where the published one has 2 of 3",
    "a destruction by a threshold of too many cards": "it states 255 of 3 cards",
    "a destruction of fewer cards than were made": "it states 2 of 2 cards, where the published one has 2 of 3",
    "a destruction of an invented split": "or names one that it does not know",
    "a destruction of a key whose splits nobody published": "or names one that it does not know",
    "a member too many in destructions.splits[]": "no valid destruction document",
    "a destruction on a head from before its release": "on a head that the ledger did not have",
    "a destruction on a head that no later release builds on": "on a head that the ledger did not have",
}
"""Forged folders by their names, and what is said of them."""


def faults(site: WrittenSite) -> list[str]:
    return list(PublishedLog.read(PublishedSource(str(site.folder))).faults())


def test_an_honest_folder_has_no_fault(tmp_path):
    """Control: the folder that is forged below, before it is."""
    assert [] == faults(WrittenSite(tmp_path).write())


@pytest.mark.parametrize("name", SAID)
def test_a_forged_split_or_destruction_is_named(name, tmp_path):
    """Each by one sentence, and by no other."""
    (forgery,) = [one for one in FORGERIES if one.name == name]
    site = WrittenSite(tmp_path, forgery.edits).write()
    if forgery.after:
        forgery.after(site)
    (told,) = faults(site)
    assert SAID[name] in told
