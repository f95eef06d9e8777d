"""`sotto verify` names the field of a release that was forged and signed by the study's own key."""

import pytest
from forged.corpus import FORGERIES
from forged.site import WrittenSite

from analysis.verification.verify import verify

FIELDS = {
    "hardly any noise": "tables.T1.sigma",
    "a little less noise": "tables.T1.sigma",
    "more noise than was paid for": "tables.T1.sigma",
    "noise of another kind": "mechanism",
    "epsilon of stronger noise": "budget.curve",
    "a lower threshold of a list of words": "words.W1.threshold",
    "a phrase under the threshold": "words.W1.phrases",
    "a release that protects envelopes": "unit",
    "a release that warns of duplicates": "notes",
    "a release with half a signature": "signature",
    "a release with the other half": "signature",
    "a release with a member too many": "release",
    "a cell left out": "release",
    "no cell that a record may stand in": "release",
}
"""The forgeries of the corpus that a release shows by itself, and the field that is named."""


def failed(folder, forgery=None):
    """Return the fields that fail of the first release, as it is written or forged."""
    site = WrittenSite(folder, forgery.edits if forgery else {}).write()
    return {*verify((site.folder / site.place("release 1")).read_bytes()).failed}


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """What fails without a forgery: what the library of noise writes is not made up in these folders."""
    return failed(tmp_path_factory.mktemp("honest"))


@pytest.mark.slow
@pytest.mark.parametrize("forgery", [one for one in FORGERIES if one.name in FIELDS], ids=lambda one: one.name)
def test_a_forged_release_is_named_by_its_field(forgery, before, tmp_path):
    """The field is among those that fail, and was not before it was forged."""
    assert FIELDS[forgery.name] in failed(tmp_path, forgery) - before


def test_every_forgery_of_the_list_is_in_the_corpus():
    """No name of the list is misspelt."""
    assert {*FIELDS} <= {forgery.name for forgery in FORGERIES}
