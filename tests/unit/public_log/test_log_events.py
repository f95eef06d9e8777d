"""Staff commands leave the log that the contract says, with every document it names, and finish what broke off."""

import json
from dataclasses import replace

import pytest
from hosts.collection import STUDY, Collection, close_and_box, edited
from hosts.published_life import destruction, entry_of, hand_in, intent, live, planned, split, statement

from crypto.box import BoxError, BoxFile
from crypto.canonical import canonical, digest, parse
from crypto.merkle import leaf_hash
from crypto.proofs import check_inclusion
from crypto.signing import SigningKey
from survey.document import DocumentError, today
from survey.operations import boxes, waves
from survey.operations.plans import publish_plan
from survey.operations.statements import StatementRefusedError, kind_of, publish_statement
from survey.public_log import log_events
from survey.public_log.log import LogError
from survey.public_log.receipts import ReceiptBuckets

pytestmark = [pytest.mark.usefixtures("tiny_workbooks"), pytest.mark.slow]
LIFE = [
    ("plan", 1), ("manifest", 1), ("frontend", 1), ("pages", 1), ("custody", 1), ("custody", 1), ("pages", 1),
    ("box", 1), ("intent", 1), ("release", 1), ("plan", 2), ("manifest", 2), ("frontend", 2), ("pages", 2),
    ("custody", 2), ("pages", 2), ("box", 2), ("intent", 2), ("release", 2), ("destruction", 1),
]  # fmt: skip


def entries(collection):
    return log_events.host_log(collection.settings).entries()


@pytest.mark.slow
def test_a_life_is_logged_in_its_order_with_every_document(collection, tmp_path):
    """Each decision is one entry, in order, and each document that an entry names is published with that very hash."""
    live(collection, tmp_path)
    assert LIFE == [(entry.kind, entry.wave) for entry in entries(collection)]
    named = {place: name for entry in entries(collection) for place, name in entry.documents.items()}
    public = collection.settings.public
    assert named == {place: digest((public / place).read_bytes()) for place in named}


@pytest.mark.parametrize("count", [0, 1, 40])
def test_the_receipts_are_those_of_the_box(collection, tmp_path, count):
    """256 lists hold every receipt once, and each is in the logged root by its proof; so for an empty box, and one."""
    collection.open_wave()
    receipts = hand_in(collection, 1, count)
    collection.box(tmp_path / "wave.box")
    entry = entries(collection)[-1]
    lists = [
        json.loads(path.read_bytes()) for path in sorted((collection.settings.public / "receipts").rglob("*.json"))
    ]
    assert [f"{place:02x}" for place in range(256)] == [one["bucket"] for one in lists]
    assert sorted(receipts) == [receipt for one in lists for receipt in one["receipts"]]
    assert all(receipt.startswith(one["bucket"]) for one in lists for receipt in one["receipts"])
    for place, one in enumerate(lists):
        proof = [bytes.fromhex(node) for node in one["proof"]]
        check_inclusion(leaf_hash(canonical(one["receipts"])), place, 256, bytes.fromhex(entry.receipts), proof)
    with BoxFile.open(tmp_path / "wave.box") as box:
        assert entry.receipts == ReceiptBuckets.of(box.records()).root


def test_receipts_are_never_those_of_another_box(open_collection, tmp_path, monkeypatch):
    """A file put into the box's place before its receipts are read is refused and not logged; asked again it is."""
    hand_in(open_collection, 1, 4)
    path, compacted = tmp_path / "wave.box", boxes.compact_office

    def exchange(settings):
        compacted(settings)
        header, _, records = path.read_bytes().partition(b"\n")
        path.write_bytes(header + b"\n" + records[: len(records) // 4] * 4)

    monkeypatch.setattr(boxes, "compact_office", exchange)
    with pytest.raises(BoxError):
        open_collection.box(path)
    assert "box" not in {entry.kind for entry in entries(open_collection)}
    monkeypatch.undo()
    open_collection.box(path)
    assert "box" == entries(open_collection)[-1].kind


def test_receipts_are_never_those_of_a_whole_other_box(collection, tmp_path):
    """A box that is sound in itself, but is not the one that was made, is refused too."""
    collection.open_wave()
    header = collection.box(tmp_path / "wave.box")
    other = replace(header, plans=("1" * 64,))
    with pytest.raises(BoxError, match="another file was put in its place"):
        log_events.box_made(collection.settings, other, tmp_path / "wave.box", refused=0)


def test_a_split_is_held_against_the_drill_that_the_log_names(open_collection):
    """A drill that was edited in the published folder vouches for no cards; control: as logged it does."""
    first = split(open_collection, 1, "abc")
    (path,) = (open_collection.settings.public / "drills").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"a" * 64, b"d" * 64))
    with pytest.raises(StatementRefusedError, match="not the document that the log names"):
        publish_statement(open_collection.settings, split(open_collection, 1, "dbc"))
    path.write_bytes(whole)
    assert publish_statement(open_collection.settings, first)


@pytest.mark.slow
def test_a_command_that_broke_off_before_the_log_is_run_again(collection, tmp_path, monkeypatch):
    """Where the log could not be written, opening, plan, box and release are logged by the next run, once."""
    plan, broken = planned(collection, 1, None), LogError("the disk is full")

    def refuse(*_: object) -> None:
        raise broken

    folder = collection.registered(plan)
    manifest = collection.manifests[1] = collection.manifest()
    drill = collection.drill(manifest)
    steps = [
        lambda: publish_plan(collection.settings, folder),
        lambda: waves.open_wave(collection.settings, STUDY, manifest.to_bytes(), drill, demo=True),
        lambda: close_and_box(collection.settings, tmp_path / "wave.box"),
    ]
    for step in steps:
        with monkeypatch.context() as patched:
            patched.setattr(log_events.Log, "append", refuse)
            with pytest.raises(LogError):
                step()
        step()
        step()
    assert ["plan", "manifest", "frontend", "pages", "pages", "box"] == [entry.kind for entry in entries(collection)]


def test_opening_again_with_another_drill_logs_no_second_opening(collection):
    """A wave opens once in the log, with the drill it was opened with."""
    manifest = collection.open_wave()
    other = collection.drill(manifest, subsets=3)
    waves.open_wave(collection.settings, STUDY, manifest.to_bytes(), other, demo=True)
    assert ["manifest", "frontend", "pages"] == [entry.kind for entry in entries(collection)]
    assert 1 == len([*(collection.settings.public / "drills").iterdir()])


@pytest.mark.parametrize("kind", ["intent", "destruction", "custody"])
def test_a_statement_dated_after_today_is_refused(collection, tmp_path, kind):
    """Of a machine whose clock is years ahead none is published, so the log's days stay right; that of today is."""
    plan = planned(collection, 1, None)
    publish_plan(collection.settings, collection.registered(plan))
    collection.open_wave()
    header = collection.box(tmp_path / "wave.box")
    if kind == "destruction":
        publish_statement(collection.settings, split(collection, 1, "abc"))
    splits = [entry.hash for entry in entries(collection) if entry.kind == "custody"]
    good = {
        "intent": intent(collection, plan, header, entry_of(collection, plan, header, [])),
        "destruction": destruction(collection, 1, [], "0" * 64, splits),
        "custody": split(collection, 1, "abc"),
    }[kind]
    said = {name: value for name, value in parse(good).items() if name != "signature"}
    dated = {
        day: canonical(one | {"signature": collection.key.sign(canonical(one), kind).to_json()})
        for day in (today().isoformat(), "2031-01-01")
        for one in [said | {"day": day}]
    }
    with pytest.raises(StatementRefusedError, match=r"dated after today: it says 2031-01-01.*Set the clock"):
        publish_statement(collection.settings, dated["2031-01-01"])
    assert kind not in [entry.kind for entry in entries(collection)]
    assert publish_statement(collection.settings, dated[today().isoformat()])


def test_statements_of_something_else_are_refused(collection, tmp_path):
    """An intent or a destruction edited, of another key, wave, box or plan is not published; the right one is."""
    plan = planned(collection, 1, None)
    publish_plan(collection.settings, collection.registered(plan))
    collection.open_wave()
    header = collection.box(tmp_path / "wave.box")
    good = intent(collection, plan, header, entry_of(collection, plan, header, []))
    stranger = Collection(collection.settings, SigningKey.generate(), collection.manifests)
    members = {name: parse(good)[name] for name in ("plan", "box", "count", "head")}
    wrong = [
        edited(good, day="2026-11-23"),
        intent(stranger, plan, header, entry_of(stranger, plan, header, [])),
        statement(collection, "intent", 1, members | {"box": "0" * 64}),
        statement(collection, "intent", 1, members | {"count": 5}),
        statement(collection, "intent", 1, members | {"plan": "0" * 64}),
        statement(collection, "intent", 1, members | {"extra": 1}),
        destruction(stranger, 1, [], "0" * 64),
        edited(destruction(collection, 1, [], "0" * 64), wave=2),
        b"{}",
        b"",
    ]
    for content in wrong:
        with pytest.raises((StatementRefusedError, DocumentError)):
            publish_statement(collection.settings, content)
    with pytest.raises(StatementRefusedError, match="none of the formats sotto-custody-2, "):
        publish_statement(collection.settings, b"{}")
    assert "intent" not in [entry.kind for entry in entries(collection)]
    assert digest(good) == publish_statement(collection.settings, good)
    assert ("intent", "destruction", "release") == (
        kind_of(good), kind_of(destruction(collection, 1, [], "0" * 64)), kind_of(b"{}")
    )  # fmt: skip


def test_new_cards_are_logged_in_the_order_in_which_they_were_made(collection):
    """The first split is the drilled one, each later one names the one before; a destruction names every one."""
    collection.open_wave()
    first = split(collection, 1, "abc")
    second = split(collection, 1, "def", digest(first))
    third = split(collection, 1, "123", digest(second))
    stranger = Collection(collection.settings, SigningKey.generate(), collection.manifests)
    key = parse(first) | {"fingerprint": "0" * 64}
    members = {name: key[name] for name in ("fingerprint", "threshold", "custodians", "supersedes", "commitments")}
    other_key = statement(collection, "custody", 1, members, "sotto-custody-2")
    for wrong in (
        second,
        split(collection, 1, "abd"),
        split(stranger, 1, "abc"),
        edited(first, threshold=1),
        other_key,
    ):
        with pytest.raises((StatementRefusedError, DocumentError)):
            publish_statement(collection.settings, wrong)
    publish_statement(collection.settings, first)
    for wrong in (third, split(collection, 1, "456")):
        with pytest.raises(StatementRefusedError, match="publish the one before it first"):
            publish_statement(collection.settings, wrong)
    for right in (second, second, first, third):
        publish_statement(collection.settings, right)
    assert [*map(digest, (first, second, third))] == [e.hash for e in entries(collection) if e.kind == "custody"]
    with pytest.raises(StatementRefusedError, match="leaves out a split"):
        publish_statement(collection.settings, destruction(collection, 1, [], "0" * 64, [digest(third)]))
