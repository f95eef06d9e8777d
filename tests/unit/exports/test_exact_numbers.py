"""Hazard 8 names all that is published without noise: lives that differ in who took part alone show what there is."""

import json
from pathlib import Path

import pytest
from hosts.collection import copied
from hosts.published_life import live, live_by_invitation

from analysis.exports.exact_numbers import exact_numbers
from survey.settings import Settings

NO_NUMBERS = {"log manifest:day", "log box:day", "receipts:receipts[]", "receipts:proof[]"}
NO_NUMBERS |= {"release:fieldwork.opened", "release:fieldwork.closed"}
"""Places of days and hashes, which are other in any two lives."""


def host_in(folder: Path, host):
    """Return a copy of a host in a folder of its own."""
    return copied(host, Settings.from_environ({"SOTTO_HOME": str(folder / "home")}))


def numbers(value, member=""):
    """Return every number and every list's length in a JSON value, with the members that lead to it."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from numbers(part, f"{member}.{name}" if member else name)
    elif isinstance(value, list):
        yield f"{member}#", len(value)
        for part in value:
            yield from numbers(part, f"{member}[]")
    elif isinstance(value, int | float):
        yield member, value


def documents(public: Path):
    """Return every published JSON document after its kind; an entry of the log has the log's kind and its own."""
    for path in public.rglob("*.json*"):
        kind = path.relative_to(public).parts[0]
        if kind == "log":
            yield from ((f"log {entry['kind']}", entry) for entry in map(json.loads, path.read_bytes().splitlines()))
        elif path.name.endswith(".workbooks.json"):
            yield "workbooks", json.loads(path.read_bytes())
        elif kind != "b" and path.suffix == ".json":
            yield {"results": "release"}.get(kind, kind), json.loads(path.read_bytes())


def published_numbers(public: Path) -> dict[str, list[float]]:
    """Return the sorted numbers of each member of each kind of document; without tables, whose numbers are noisy."""
    numbers_by_place: dict[str, list[float]] = {}
    for kind, document in documents(public):
        if kind == "release":
            document.pop("tables")
        for member, number in numbers(document):
            numbers_by_place.setdefault(f"{kind}:{member}", []).append(number)
    return {place: sorted(values) for place, values in numbers_by_place.items()}


def moved(one: Path, other: Path) -> set[str]:
    """Return the members whose numbers differ between two published folders."""
    first, second = published_numbers(one), published_numbers(other)
    assert first.keys() == second.keys()
    return {place for place in first if first[place] != second[place]}


def named(mode):
    """Return the members that hazard 8 names in this mode, as far as numbers stand in them."""
    places = {place for number in exact_numbers(mode) for place in number.places}
    return {place for place in places if ":" in place} - NO_NUMBERS


@pytest.mark.slow
def test_on_an_open_link_nothing_moves_but_what_is_named(begun, tmp_path):
    """Two whole lives, of 7 and of 9 records: only the named members differ, and each of them does."""
    hosts = [host_in(tmp_path / str(count), begun) for count in (7, 9)]
    for count, host in zip((7, 9), hosts, strict=True):
        live(host, tmp_path / str(count) / "home", (count,))
    assert named("open") == moved(*(host.settings.public for host in hosts))


@pytest.mark.slow
def test_by_invitation_codes_made_and_used_move_too_and_nothing_else(inviting_opened, tmp_path):
    """Two lives of 50 and 60 codes, 8 and 9 used, 7 and 5 records: the same, and the two numbers of codes."""
    lives = {"one": (50, 8, 7), "other": (60, 9, 5)}
    hosts = [host_in(tmp_path / name, inviting_opened) for name in lives]
    for (name, counts), host in zip(lives.items(), hosts, strict=True):
        live_by_invitation(host, tmp_path / name, counts)
    assert named("invitation") == moved(*(host.settings.public for host in hosts))


@pytest.mark.parametrize("mode", ["open", "invitation"])
def test_every_place_is_one_that_the_lives_above_compare(mode):
    """A place without a document is a request; any other would be left out of the comparison unseen."""
    places = {place for number in exact_numbers(mode) for place in number.places}
    assert set() == {place for place in places if ":" not in place and not place.startswith("POST ")}
    members = {place.removeprefix("release:fieldwork.") for place in places if place.startswith("release:fieldwork.")}
    people = {"invited", "issued"} if mode == "invitation" else set()
    assert {"opened", "closed", "answered"} | people == members


def test_another_number_would_be_seen(begun, tmp_path):
    """Control: with a tally in the study's published state the same comparison names it."""
    folders = []
    for count in (1, 2):
        public = host_in(tmp_path / str(count), begun).settings.public
        (state,) = (public / "studies").iterdir()
        state.write_text(json.dumps(json.loads(state.read_bytes()) | {"arrived": count}))
        folders.append(public)
    assert {"studies:arrived"} == moved(*folders)


def test_an_open_link_has_no_numbers_of_invitations():
    """What is named of invitations is not named of an open link."""
    assert {"invited", "issued"} <= {number.name for number in exact_numbers("invitation")}
    assert not {"invited", "issued"} & {number.name for number in exact_numbers("open")}
