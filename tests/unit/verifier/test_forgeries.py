"""Every forged folder of the corpus is named by the independent verifier, each by the one fault that it holds."""

import importlib.util
from pathlib import Path

import pytest
from forged.corpus import FORGERIES
from forged.forgery import Forgery
from forged.site import WrittenSite, is_a_release
from paths import ROOT

SCRIPT = ROOT / "verifier" / "verify.py"


def verifier_of():
    spec = importlib.util.spec_from_file_location("independent_verifier", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFY = verifier_of()


def faults(folder: Path) -> list[str]:
    """Return what the verifier finds wrong, each sentence once."""
    verifier = VERIFY.Verifier(str(folder))
    verifier.run()
    return list(dict.fromkeys(seen for _, held, seen in verifier.rows if held is False))


@pytest.fixture(scope="module")
def receipts(tmp_path_factory):
    """The lists of receipts that all these folders share."""
    return WrittenSite(tmp_path_factory.mktemp("written")).write().folder / "receipts"


def forged(forgery: Forgery, folder: Path, receipts: Path) -> Path:
    site = WrittenSite(folder, forgery.edits, receipts=receipts).write()
    if forgery.after:
        forgery.after(site)
    return folder


def test_the_folder_that_is_forged_holds_before(tmp_path):
    """Written without an edit the folder holds, with both releases as their format reads them."""
    site = WrittenSite(tmp_path).write()
    assert [] == faults(tmp_path)
    assert [1, 2] == [is_a_release(site, wave).wave for wave in (1, 2)]


@pytest.mark.slow
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_a_forged_folder_is_named(forgery, receipts, tmp_path):
    """What was changed is told; where the forgery is named as one that a single check sees, nothing else is."""
    told = faults(forged(forgery, tmp_path, receipts))
    assert [] != [one for one in told if forgery.said in one], told
    assert forgery.also or len(told) == 1, told
