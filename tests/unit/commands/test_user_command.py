"""The commands of people: what they print is what their person needs, once, and what they refuse has a remedy."""

import json
import re

from click.testing import CliRunner
from hosts.collection import STUDY

from survey.commands.main import main


def sotto(host, *arguments: str, given: str = ""):
    """Run a command on a host; return its result."""
    home = {"SOTTO_HOME": str(host.settings.public.parent)}
    return CliRunner().invoke(main, ["user", *arguments], env=home, input=given)


def listed(host) -> dict[str, dict]:
    return {one["name"]: one for one in json.loads(sotto(host, "list", "--json").output)["people"]}


def test_a_person_is_added_changed_reset_disabled_and_enabled(collection):
    """Each command does what it says, and the list tells it; a link is printed whole, and is another after a reset."""
    added = sotto(collection, "add", "mei", "--role", "researcher", "--study", STUDY, "--desk", "https://desk.example/")
    link = re.search(r"^https://desk.example/welcome/[\w-]{43}$", added.output, re.MULTILINE)
    assert (0, True) == (added.exit_code, bool(link))
    mei = listed(collection)["mei"]
    assert ({STUDY: "researcher"}, ["link for the first sign-in"], True) == (mei["roles"], mei["means"], mei["active"])
    assert 0 == sotto(collection, "role", "mei", "auditor").exit_code
    assert {"": "auditor"} == listed(collection)["mei"]["roles"]
    again = sotto(collection, "reset", "mei", "--desk", "https://desk.example")
    assert link[0] not in again.output
    assert "https://desk.example/welcome/" in again.output
    for command, active in (("disable", False), ("enable", True)):
        assert 0 == sotto(collection, command, "mei").exit_code
        assert active == listed(collection)["mei"]["active"]
    assert "mei: auditor of every study; link for the first sign-in" in sotto(collection, "list").output


def test_a_password_may_come_by_standard_input(collection):
    """As `sotto install` gives it; then no link is printed, and the account has a password alone."""
    done = sotto(collection, "add", "bo", "--password-stdin", given="four words nobody says\n")
    assert (0, False) == (done.exit_code, "/welcome/" in done.output)
    assert ["password"] == listed(collection)["bo"]["means"]


def test_what_is_refused_is_refused_with_a_remedy(collection):
    """A taken name, a role that is none for one study, an unknown study, person or passkey, a common password."""
    refused = {
        ("add", "li"): "already",
        ("add", "Li"): "a staff name has",
        ("add", "mei", "--role", "auditor", "--study", STUDY): "leave the studies away",
        ("add", "mei", "--role", "researcher", "--study", "none"): "sotto study list",
        ("add", "mei", "--password", "password123456"): "several words",
        ("reset", "mei"): "sotto user list",
        ("confirm", "li", "aaaa"): "My account",
    }
    results = {arguments: sotto(collection, *arguments) for arguments in refused}
    wrong = [one for one, words in refused.items() if words not in results[one].output or not results[one].exit_code]
    assert [] == wrong
    assert {"li"} == listed(collection).keys()
