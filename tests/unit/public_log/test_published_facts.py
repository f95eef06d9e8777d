"""A release says of its wave's days and people what the log says: survey/public_log/published_facts.py."""

import json
import shutil

import pytest
from hosts.published_life import relog

from crypto.canonical import digest
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog

pytestmark = pytest.mark.slow


@pytest.fixture
def site(life, tmp_path):
    """A copy of the published folder, to spoil."""
    shutil.copytree(life[0].settings.public, tmp_path / "site")
    return tmp_path / "site"


def faults(site):
    return list(PublishedLog.read(PublishedSource(str(site))).faults())


def edited(life, site, change) -> None:
    """Let the study's own key sign another first release in place of the published one, and the host log it."""
    path = next(one for one in (site / "results/q26").glob("*.json") if json.loads(one.read_bytes()).get("wave") == 1)
    document = json.loads(path.read_bytes())
    document.pop("signature")
    change(document)
    content = life[0].signed(document, "release")
    (path.parent / f"{digest(content)}.json").write_bytes(content)
    old = path.stem
    relog(
        life[0],
        site,
        lambda entries: [one | {"hash": digest(content)} if one["hash"] == old else one for one in entries],
    )


def test_an_honest_life_has_no_fault(life, site):
    """Control: the releases of two waves, signed again without a change, say what the log says."""
    assert [] == faults(site)
    edited(life, site, lambda document: document)
    assert [] == faults(site)


@pytest.mark.parametrize(
    ("kind", "changes", "fields"),
    [
        ("box", {"count": 31}, {"box.count", "fieldwork.answered"}),
        ("box", {"root": "0" * 64}, {"box.root", "fieldwork.root"}),
        ("box", {"invited": 90, "issued": 40}, {"fieldwork.invited", "fieldwork.issued"}),
        ("box", {"day": "2000-01-01"}, {"fieldwork.closed"}),
        ("manifest", {"day": "2000-01-01"}, {"fieldwork.opened"}),
        ("release", {"ledger": "0" * 64}, {"ledger.entry"}),
    ],
)
def test_each_field_that_the_log_has_otherwise_is_named(life, site, kind, changes, fields):
    """A log that differs from the wave's first release is told field by field, and no other field is."""
    relog(
        life[0],
        site,
        lambda entries: [one | changes if (one["kind"], one["wave"]) == (kind, 1) else one for one in entries],
    )
    found = [fault.partition(" and the log differ: ")[2] for fault in faults(site)]
    assert fields == {fault.split(" is ")[0] for fault in found if fault}


def test_a_release_of_another_budget_than_was_announced_is_named(life, site):
    """Totals of rho and delta that no manifest announced are told, both of them."""
    edited(life, site, lambda said: (said["budget"].update(total=10**9), said["budget"]["atto_delta"].update(total=7)))
    fields = [fault.partition(" and the log differ: ")[2].partition(" is ")[0] for fault in faults(site)]
    assert ["budget.total", "budget.atto_delta.total"] == fields


def test_a_release_of_another_manifest_is_named(life, site):
    """A release that the study's key signed under another manifest is told, with both hashes."""
    edited(life, site, lambda said: said.update(manifest="0" * 64))
    (found,) = faults(site)
    assert f": manifest is {'0' * 64} in the release and {life[0].manifests[1].digest} in what the log lists" in found
