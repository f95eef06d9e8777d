"""Two boxes that differ in one respondent: what may differ in everything that leaves the analysis host."""

import json
import re

import pytest
from adversaries.neighbours import PLAN, public_part, released
from click.testing import CliRunner
from studies import small_study as small

from analysis.__main__ import main

SWAPS = {
    "another answer": small.payloads(2, seed=99)[1],
    "unreadable": b"no payload at all",
    "another form": next(payload for payload in small.payloads(100, seed=5) if payload[3] == 0),
}


def shape(value):
    """Return a document with every number and hash replaced by what kind it is; sizes and keys stay."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return type(value).__name__ if isinstance(value, int | float) and not isinstance(value, bool) else value


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("swap"), number=10)


@pytest.mark.parametrize("swap", SWAPS)
def test_neighbouring_boxes_give_releases_alike_but_for_noisy_integers_and_hashes(world, tmp_path, swap):
    """One of 200 answers swapped, unreadable for readable included: every other byte of the documents is the same."""
    contents = small.payloads(200)
    one, *_ = released(tmp_path, world, contents, "one")
    two, *_ = released(tmp_path, world, [SWAPS[swap], *contents[1:]], "two")
    assert public_part(one) == public_part(two)
    assert one["box"]["root"] != two["box"]["root"]


def test_with_the_same_noise_the_whole_shape_is_the_same(world, tmp_path, monkeypatch):
    """With large and fixed noise, two neighbours' releases have the same keys, lengths and kinds of numbers."""
    from analysis.noise.noise import Noise

    monkeypatch.setattr(Noise, "add", lambda _, counts: [int(count) + 500 for count in counts])
    contents = small.payloads(200)
    one, *_ = released(tmp_path, world, contents, "one")
    two, *_ = released(tmp_path, world, [SWAPS["unreadable"], *contents[1:]], "two")
    for document in (one, two):
        del document["signature"], document["box"]["root"], document["day"], document["intent"]
        del document["ledger"]["entry"], document["ledger"]["nonce"]
    assert shape(one) == shape(two)


def test_files_sizes_and_exit_codes_are_alike(world, tmp_path):
    """The same files with the same modes are left; the ledgers differ in hashes alone."""
    contents = small.payloads(200)
    _, one, _ = released(tmp_path, world, contents, "one")
    _, two, _ = released(tmp_path, world, [SWAPS["unreadable"], *contents[1:]], "two")
    kept = [sorted(str(path.relative_to(w.folder.root)) for path in w.folder.root.rglob("*")) for w in (one, two)]
    assert kept[0] == kept[1]
    anchors = [re.sub(r"[0-9a-f]{32,64}", "", w.folder.anchor_path.read_text()) for w in (one, two)]
    assert anchors[0] == anchors[1]


NEIGHBOURS = {
    "all readable": small.payloads(60),
    "one unreadable": [SWAPS["unreadable"], *small.payloads(60)[1:]],
    "none readable": [b"broken"] * 60,
    "one answer sixty times": small.payloads(1) * 60,
}


def release_output(root, world, contents, name):
    """Run the command as a person does; return its exit code, how much it said where, and the files of an export."""
    other = world.copy(root / name)
    box = root / f"{name}.box"
    small.write(box, world.manifest, contents)
    other.announce(PLAN, box)
    shares = [part for path in world.shares for part in ("--shares", path)]
    asked = ["release", other.plan_file(PLAN), "--box", box, *shares, "--study", other.folder.root, "--few"]
    asked += ["--workers", 1, "--yes"]
    done = CliRunner().invoke(main, [*map(str, asked), "-o", str(root / name / "out")], env={"COLUMNS": "200"})
    exported = CliRunner().invoke(main, ["export", str(root / name / "out"), "--to", str(root / name / "files")])
    files = {path.name: len(path.read_text().splitlines()) for path in (root / name / "files").iterdir()}
    errors = re.sub(r"[0-9a-f]{4}( [0-9a-f]{4})*", "", done.stderr)
    lines = [line.split("  ")[0] for line in done.stdout.splitlines() if "Written to" not in line]
    return done.exit_code, errors, lines, exported.exit_code, files


def test_commands_say_as_much_and_end_alike_whatever_was_answered(world, tmp_path, monkeypatch):
    """Exit codes, stderr, the rows on the terminal and the lines of every exported file are those of any other box."""
    from analysis.noise.noise import Noise

    # The same large noise for all: what differs then comes from the answers and not from the draw.
    monkeypatch.setattr(Noise, "add", lambda _, counts: [int(count) + 5000 for count in counts])
    outputs = {
        name: release_output(tmp_path, world, contents, name.replace(" ", "-")) for name, contents in NEIGHBOURS.items()
    }
    assert 0 == outputs["all readable"][0] == outputs["all readable"][3]
    assert all(one == outputs["all readable"] for one in outputs.values())


def test_the_exact_readable_count_is_in_no_release(world, tmp_path):
    """The exact number of readable records, 123, is no number of the release outside its noisy tables."""
    contents = [*small.payloads(123), *[b"broken"] * 77]
    document, *_ = released(tmp_path, world, contents, "one")
    fixed = json.dumps({key: value for key, value in document.items() if key != "tables"})
    assert "123" not in re.findall(r"(?<![0-9a-zA-Z_.-])[0-9]+(?![0-9a-zA-Z_.-])", fixed)


def test_a_release_that_carried_the_exact_count_would_be_caught(world, tmp_path, monkeypatch):
    """Control: with a note that depends on the answers the swap is seen."""
    from analysis.releasing import signed_release

    contents = small.payloads(50)
    one, *_ = released(tmp_path, world, contents, "one")
    monkeypatch.setattr(signed_release, "DUPLICATES_POSSIBLE", "readable-forty-nine")
    two, *_ = released(tmp_path, world, [SWAPS["unreadable"], *contents[1:]], "two")
    assert public_part(one) != public_part(two)
