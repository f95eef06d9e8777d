"""A release says of its wave's days and people what the log says: survey/public_log/published_facts.py."""

import json
import shutil

import pytest
from hosts.published_life import relog, statement

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
    """Let the study's own key sign another first release in place of the published one, and the host log it.

    The destruction, which counts the published one, leaves the log.
    """
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
        lambda entries: [
            one | {"hash": digest(content)} if one["hash"] == old else one
            for one in entries
            if one["kind"] != "destruction"
        ],
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
    assert ["budget.total", "budget.atto_delta.total"] == found_in(site)


def found_in(site) -> list[str]:
    """Return the fields that are named of the releases."""
    return [fault.partition(" and the log differ: ")[2].partition(" is ")[0] for fault in faults(site)]


def test_a_release_that_was_not_announced_before_is_named(life, site):
    """An intent that is not logged, one that comes after the release, or one of a later day than the release's."""
    edited(life, site, lambda said: said.update(intent="0" * 64))
    assert ["intent"] == found_in(site)


def test_a_release_that_was_announced_after_it_is_named(life, site):
    """Of the same entries in another order the release is named; its day where the intent has a later one."""
    first = [("intent", 1), ("release", 1)]

    def late(entries):
        other = [one for one in entries if (one["kind"], one["wave"]) not in [*first, ("destruction", 1)]]
        announced, released = [one for one in entries if (one["kind"], one["wave"]) in first]
        return [*other, released, announced]

    relog(life[0], site, late)
    assert ["intent"] == found_in(site)
    relog(life[0], site, lambda entries: [*entries[:-2], entries[-1] | {"day": "2999-01-01"}, entries[-2]])
    assert ["day"] == found_in(site)


def test_a_release_on_another_head_than_was_announced_is_named(life, site):
    """An intent of the study's own that names another head of the ledger is compared with the release."""
    (place,) = [path for path in (site / "intents").iterdir() if json.loads(path.read_bytes())["wave"] == 1]
    said = json.loads(place.read_bytes())
    other = statement(
        life[0], "intent", 1, {name: said[name] for name in ("plan", "box", "count")} | {"head": "0" * 64}
    )
    (site / f"intents/{digest(other)}.json").write_bytes(other)
    renamed = {place.stem: digest(other)}
    relog(life[0], site, lambda entries: [one | {"hash": renamed.get(one["hash"], one["hash"])} for one in entries])
    edited(life, site, lambda said: said.update(intent=digest(other)))
    assert ["ledger.previous"] == found_in(site)


def test_a_release_of_another_manifest_is_named(life, site):
    """A release that the study's key signed under another manifest is told, with both hashes."""
    edited(life, site, lambda said: said.update(manifest="0" * 64))
    (found,) = faults(site)
    assert f": manifest is {'0' * 64} in the release and {life[0].manifests[1].digest} in what the log lists" in found
