"""The commands of invitations: what they print holds no code, and what they refuse they refuse with a remedy."""

import json

from click.testing import CliRunner
from hosts.invited import STUDY, issue, message

from survey.commands.main import main


def sotto(host, *arguments: object):
    """Run a command on a host; return its result."""
    home = {"SOTTO_HOME": str(host.settings.public.parent)}
    return CliRunner().invoke(main, [str(one) for one in arguments], env=home)


def test_from_the_key_to_the_close(invited, tmp_path):
    """Key, batch, list and close work as documented; the output of no command has a code."""
    codes = tmp_path / "codes.json"
    wanted = ("--stratum", "city", "--count", 60, "--codes", codes)
    results = [
        sotto(invited, "issuer", "new", STUDY, "--wave", 2, "-o", tmp_path / "issuer.json", "--json"),
        sotto(invited, "invite", STUDY, "--batch", "library", *wanted),
        sotto(invited, "batch", "list", STUDY),
        sotto(invited, "batch", "close", STUDY, "library"),
        sotto(invited, "batch", "list", STUDY, "--json"),
    ]
    assert [0] * 5 == [one.exit_code for one in results]
    assert {"format", "key", "study", "wave"} == {*json.loads((tmp_path / "issuer.json").read_bytes())}
    assert "wave 1  library: 60 invited to city, open" == results[2].output.strip()
    (batch,) = json.loads(results[4].output)["batches"]
    assert (False, None, 60) == (batch["open"], batch["issued"], batch["invited"])
    made = json.loads(codes.read_bytes())["codes"]
    assert [] == [code for code in made if any(code[:6] in one.output for one in results)]


def test_the_list_counts_after_the_close_alone(invited):
    """`sotto batch list` says `open` while tokens are issued and how many were used when the wave has closed."""
    codes = invited.codes()
    for code in codes[:3]:
        issue(invited.issuer(), code, message(1))
    assert "open" in sotto(invited, "batch", "list", STUDY).output
    assert 0 == sotto(invited, "study", "close", STUDY, "--yes").exit_code
    assert "wave 1  may: 50 invited to city, 3 used" == sotto(invited, "batch", "list", STUDY).output.strip()


def test_what_is_refused_is_refused_with_a_remedy(invited, tmp_path):
    """Too few codes, a file that exists and a batch that does not end with exit code 3 and say what to do."""
    taken = tmp_path / "taken.json"
    taken.write_text("mine")
    invite = ("invite", STUDY, "--batch", "b", "--stratum", "city")
    refused = {
        "50 to 100,000": sotto(invited, *invite, "--count", 49, "--codes", tmp_path / "codes.json"),
        "give another name": sotto(invited, *invite, "--count", 50, "--codes", taken),
        "sotto batch list": sotto(invited, "batch", "close", STUDY, "none"),
        "was opened": sotto(invited, "issuer", "new", STUDY, "--wave", 1, "-o", tmp_path / "issuer.json"),
    }
    assert dict.fromkeys(refused, (3, True)) == {
        says: (one.exit_code, says in one.output) for says, one in refused.items()
    }
    assert ["taken.json"] == [path.name for path in tmp_path.iterdir() if path.is_file()]
