"""`sotto log verify` names each document that it cannot read, and each manifest or box that is not derived."""

import pytest
from click.testing import CliRunner
from forged.forgery import cosigned, gone, inside, named_witnesses, sets
from forged.open_wave import WITNESSES
from forged.site import WrittenSite

from survey.commands.main import main
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog

UNKNOWN = "is not what this version reads there"
DERIVED = "does not follow from its questionnaire, texts and key"


def written(folder, **edits):
    """Write a folder with these edits, by the document's name with _ for a space; receipts are read by none of this."""
    named = {name.replace("_", " "): edit for name, edit in edits.items()}
    return WrittenSite(folder / "site", named, receipts=folder).write()


def faults(site) -> list[str]:
    return [*PublishedLog.read(PublishedSource(str(site.folder))).faults()]


def test_a_folder_that_nobody_edited_has_no_fault(tmp_path):
    """The control of all: every document of two released waves and an open one is read and derived."""
    assert [] == faults(written(tmp_path))


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        ("manifest_3", sets(more=1), f"{UNKNOWN}: no valid manifest document: more"),
        ("manifest_3", sets(plaintext_size=257), UNKNOWN),
        ("manifest_3", sets(issuer_key=None), UNKNOWN),
        ("manifest_3", inside("witnesses", more=1), UNKNOWN),
        ("manifest_3", inside("budget", more=1), UNKNOWN),
        ("manifest_3", sets(key_id="0" * 16), f"{DERIVED}: the manifest is of other documents: key_id"),
        ("manifest_3", sets(plaintext_size=2048), f"{DERIVED}: the manifest is of other documents: plaintext_size"),
        ("manifest_3", sets(thresholds={}), f"{DERIVED}: the manifest is of other documents: thresholds"),
        ("manifest_3", sets(wave=4), "is of another study or wave than its entry"),
        ("box_1", lambda box: box.update(record_size=box["record_size"] + 256), "another key, mode or size of records"),
        ("box_1", sets(key_id="0" * 16), "another key, mode or size of records"),
        ("box_1", sets(more=1), UNKNOWN),
        ("plan_1", inside("tables", 0, more=1), UNKNOWN),
        ("custody_1", sets(more=1), UNKNOWN),
        ("destruction_1", inside("splits", 0, more=1), UNKNOWN),
        ("pages_3", inside("pages", "/s/s1", more=1), UNKNOWN),
        ("release_1", inside("fieldwork", more=1), UNKNOWN),
    ],
)
def test_a_document_that_is_not_as_it_must_be_is_named(tmp_path, name, edit, said):
    """One member that is unknown, or other than what it is derived from, is a fault with the document's place."""
    site = written(tmp_path, **{name: edit})
    place = site.place(name.replace("_", " "))
    assert [] != [fault for fault in faults(site) if fault.startswith(place) and said in fault], faults(site)


def test_what_a_manifest_pins_is_asked_for(tmp_path):
    """Without its questionnaire a manifest is told, by the place of what is missing alone."""
    site = written(tmp_path)
    gone("questionnaire")(site)
    (told,) = set(faults(site))
    assert f"{site.place('questionnaire')}, which the log names, is missing" in told


def test_an_unreadable_manifest_does_not_take_the_quorum_away(tmp_path):
    """Nobody cosigned: the manifest before it, which can be read, still asks for its witnesses, and the log fails."""
    site = written(tmp_path, manifest_2=named_witnesses(*WITNESSES), manifest_3=sets(more=1))
    cosigned()(site)
    told = CliRunner().invoke(main, ["log", "verify", str(site.folder)])
    assert 5 == told.exit_code
    assert "has 0 of the 2 cosignatures that the manifest of s1, wave 2, asks for" in told.output
    assert f"{site.place('manifest 3')} {UNKNOWN}" in told.output
