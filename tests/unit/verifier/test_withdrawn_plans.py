"""The independent verifier names what came of a plan after another was registered instead of it."""

import json
import re
import runpy
import shutil

import pytest
from hosts.published_life import relog
from paths import ROOT

from crypto.canonical import digest

VERIFIER = runpy.run_path(str(ROOT / "verifier" / "verify.py"))["Verifier"]


@pytest.fixture
def site(life, tmp_path):
    """A copy of an honest host's published folder, to spoil."""
    shutil.copytree(life[0].settings.public, tmp_path / "site")
    return tmp_path / "site"


def faults(site):
    """Return what the verifier finds wrong."""
    verifier = VERIFIER(str(site))
    verifier.run()
    return "\n".join(seen for _, held, seen in verifier.rows if held is False)


def withdrawing(host, site, name, *, early):
    """Return an edit of the log: the second wave's plan is registered instead of `name`; `early`: after the first."""

    def edit(entries):
        plans = [place for place, one in enumerate(entries) if one["kind"] == "plan"]
        beside = site / f"registrations/{entries[plans[1]]['hash']}.json"
        said = {member: value for member, value in json.loads(beside.read_bytes()).items() if member != "signature"}
        content = host.signed(said | {"instead": [name or entries[plans[0]]["hash"]]}, "plan")
        beside.write_bytes(content)
        entry = entries[plans[1]] | {"registration": digest(content)}
        rest = [one for place, one in enumerate(entries) if place != plans[1]]
        rest.insert(plans[0] + 1 if early else plans[1], entry)
        return rest

    return edit


@pytest.mark.parametrize("early", [True, False])
def test_what_a_withdrawn_plan_came_to_is_named(life, site, early):
    """Withdrawn before its intent and release were logged, both are named; withdrawn after them, neither (control)."""
    relog(life[0], site, withdrawing(life[0], site, None, early=early))
    named = re.findall(r"(intents|results)/\S+ is of a plan that was withdrawn", faults(site))
    assert (["intents", "results"] if early else []) == named


def test_a_plan_withdraws_only_what_was_there_before_it(life, site):
    """A registration that withdraws a plan which nobody published is named."""
    relog(life[0], site, withdrawing(life[0], site, "0" * 64, early=False))
    assert "withdraws a plan that was not there before it" in faults(site)
