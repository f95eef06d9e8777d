"""`sotto log verify` (survey.public_log) names what was forged in a published log and in documents that it lists."""

import json

import pytest
from click.testing import CliRunner
from forged.corpus import FORGERIES
from forged.forgery import sets
from forged.of_corrections import LAST
from forged.site import WrittenSite

from crypto.errors import ExitCode
from survey.commands.main import main

SAID = {
    "a wiped log": "the log is empty: it was wiped",
    "no log at all": "has no log/key",
    "an older head taken away": "log/heads/5 is missing",
    "an older head of a fork": "the log forked",
    "an entry of an unknown kind": "is no entry",
    "an entry with a member too many": "is no entry",
    "an entry of another format": "is no entry",
    "a document taken away": "is missing",
    "a document with a space more": "was changed",
    "a text taken away": "is missing",
    "a text with a space more": "was changed",
}
"""The forgeries of the corpus that a check of the log alone can see."""


def checked(folder, *options):
    result = CliRunner().invoke(main, ["log", "verify", str(folder), *options])
    return result.exit_code, result.output


def test_the_folder_that_is_forged_holds_before(tmp_path):
    """The control: nothing is said of the folder without a forgery."""
    site = WrittenSite(tmp_path).write()
    code, said = checked(site.folder)
    assert (0, True) == (code, said.startswith(f"The log holds: {len(site.entries)} entries")), said


@pytest.mark.slow
def test_nothing_from_outside_reaches_the_terminal_as_it_is(tmp_path):
    """A reason that clears the screen, begins a line of its own or turns it round is written out, also in a fault."""
    reason = "\x1b[2J\x9b2J\u202e\nThe log holds: it says"
    site = WrittenSite(tmp_path, {LAST: sets(reason=reason)}).write()
    code, said = checked(site.folder)
    assert (0, True) == (code, r"Reason: \u001b[2J\u009b2J\u202e\u000aThe log holds: it says" in said), said
    assert [] == [one for one in said if not one.isprintable() and one != "\n"]
    code, facts = checked(site.folder, "--json")
    assert (0, True) == (code, reason in json.loads(facts)["corrections"][-1])
    assert not {"\x1b", "\x9b"} & {*facts}
    (site.folder / site.place(LAST)).unlink()
    (site.folder / "log/key").write_text("\x1b[2J+00000000+AAAA\n")
    code, said = checked(site.folder)
    assert (ExitCode.UNVERIFIED, "") == (code, "".join({"\x1b"} & {*said})), said


@pytest.mark.slow
@pytest.mark.parametrize("forgery", [one for one in FORGERIES if one.name in SAID], ids=lambda one: one.name)
def test_a_forged_log_is_named(forgery, tmp_path):
    """Each of them is told in words, and the command ends as for what does not hold."""
    site = WrittenSite(tmp_path, forgery.edits).write()
    if forgery.after:
        forgery.after(site)
    code, said = checked(site.folder)
    assert (True, True) == (code != 0, SAID[forgery.name] in said), said


def test_every_forgery_of_the_list_is_in_the_corpus():
    """No name of the list is misspelt."""
    assert {*SAID} <= {forgery.name for forgery in FORGERIES}
