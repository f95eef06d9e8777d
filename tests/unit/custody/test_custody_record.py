"""A key's later life: signed custody, intents, new cards, destruction. keeping.py, intent.py, reshare.py, destroy."""

import itertools
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from studies import small_study as small

from analysis.__main__ import main
from analysis.custody.ceremony import CeremonyRequest, drill, hold_ceremony
from analysis.custody.custody_record import (
    WaveDestroyedError,
    card_record,
    destroyed_waves,
    read_custody,
    refuse_destroyed,
    splits,
)
from analysis.custody.destroy import StillOpensError, destroy
from analysis.custody.intent import read_intent
from analysis.custody.reshare import reshare
from analysis.custody.share_distribution import SplitRequest
from analysis.custody.share_files import combine, combine_share_files, read_share
from analysis.releasing.run import Request, announce, make_release
from analysis.study.folder import StudyError
from crypto import custody
from crypto.canonical import canonical, parse
from crypto.custody import CustodyError
from crypto.errors import ExitCode
from survey.document import DocumentError
from survey.release.release import Release
from survey.wave.custody import Custody, Destruction, Intent, StatementError

made, world = small.fixtures(number=20)


def cards(world) -> list[str]:
    return [read_share(path) for path in world.ceremony.shares]


def intended(world, plan=None) -> Intent:
    """Declare the intent to release `plan` as `sotto key intent` does."""
    return announce(world.unannounced(plan or small.plan()))


def reshared(world, tmp_path, threshold=3, custodians=4):
    wanted = SplitRequest(1, threshold, custodians, tmp_path / "new")
    made = reshare(world.folder, wanted, cards(world)[:2])
    return [read_share(path) for path in made.shares]


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_split_is_signed_and_public(world):
    """custody.json names the manifest, the key's fingerprint and each card's commitment under the study's signature."""
    split = read_custody(world.folder, world.manifest)
    assert [custody.commitment(words) for words in cards(world)] == list(split.commitments)
    assert world.ceremony.fingerprint.replace(" ", "") == split.fingerprint
    assert world.manifest.signer == split.check().fingerprint
    held = (world.folder.wave(1) / "custody.json").read_text()
    assert not any(words.split()[5] in json.loads(held).values() for words in cards(world))


@pytest.mark.parametrize("change", [{"threshold": 1}, {"commitments": ["0" * 64, "1" * 64, "2" * 64]}, {"wave": 2}])
def test_an_edited_split_is_refused(world, change):
    """A lower threshold, other commitments or another wave break the signature."""
    path = world.folder.wave(1) / "custody.json"
    path.write_bytes(canonical(parse(path.read_bytes()) | change))
    with pytest.raises(StudyError, match="signature does not hold"):
        combine_share_files(world.folder, world.manifest, world.shares)


def test_the_split_of_another_study_is_refused(world, tmp_path):
    """A custody.json that another study signed is no split of this wave, whoever put it there."""
    other = small.build(tmp_path / "other", number=5)
    path = world.folder.wave(1) / "custody.json"
    path.write_bytes((other.folder.wave(1) / "custody.json").read_bytes())
    with pytest.raises(StudyError, match="another wave, or signed by another key"):
        card_record(world.folder, world.manifest)


def test_a_split_with_two_equal_commitments_is_no_document():
    """One card counted twice would make a quorum of fewer people."""
    members = {"format": "sotto-custody-2", "study": "s", "wave": 1, "manifest": "0" * 64, "day": "2026-01-01"}
    members |= {"fingerprint": "0" * 64, "threshold": 2, "custodians": 2, "supersedes": None}
    members |= {"signer": {"ed25519": "", "ml-dsa-65": ""}, "signature": None}
    for commitments in (["1" * 64] * 2, ["1" * 64]):
        with pytest.raises(DocumentError, match="one commitment a custodian"):
            Custody.from_bytes(canonical(members | {"commitments": commitments}))
    with pytest.raises(StatementError, match="does not hold"):
        Custody.from_bytes(canonical(members | {"commitments": ["1" * 64, "2" * 64]})).check()


def test_every_quorum_opens_and_nothing_less_does(world):
    """Each pair of three cards gives the seed; each single one is refused, and all three in any order give it too."""
    held = card_record(world.folder, world.manifest)
    for number in (2, 3):
        for quorum in itertools.permutations(cards(world), number):
            assert world.seed == combine(held, quorum)
    for one in cards(world):
        with pytest.raises(CustodyError, match="1 shares were given, 2 are needed"):
            combine(held, [one])


def test_a_file_is_named_when_its_words_are_not_of_this_wave(world, tmp_path):
    """A card of wave 2 is called that; of another study, one of another ceremony; a slip is named by file and word."""
    later = hold_ceremony(
        world.folder, small.QUESTIONNAIRE, small.TEXTS, CeremonyRequest(2, 2, 3, tmp_path / "two")
    ).shares[1]
    with pytest.raises(CustodyError, match=r"share-2-of-3\.txt is card 2 of wave 2"):
        combine_share_files(world.folder, world.manifest, (world.shares[0], later))
    other = small.build(tmp_path / "other", number=5)
    with pytest.raises(CustodyError, match="is card 3 of another ceremony"):
        combine_share_files(world.folder, world.manifest, (world.shares[0], other.ceremony.shares[2]))
    slip = tmp_path / "slip.txt"
    words = cards(world)[1].split()
    slip.write_text(" ".join([*words[:8], words[8] + "q", *words[9:]]))
    with pytest.raises(CustodyError, match=r"slip\.txt has a wrong or missing word.*word 9;") as caught:
        combine_share_files(world.folder, world.manifest, (world.shares[0], slip))
    assert words[8] not in str(caught.value).split()
    with pytest.raises(CustodyError, match="card 1 was given twice"):
        combine_share_files(world.folder, world.manifest, (world.shares[0], world.shares[0]))


def test_an_intent_says_what_will_be_opened(world):
    """Plan, box, its count and the ledger's head stand in it, signed; asked again it is the same document."""
    intent = intended(world)
    with world.folder.open_ledger() as ledger:
        assert (small.plan().digest, ledger.head, 20) == (intent.plan, intent.head, intent.count)
        assert 0 == ledger.spent
    assert world.manifest.signer == intent.check().fingerprint
    assert intent == intended(world) == read_intent(world.folder, small.plan(), world.manifest)


def test_what_was_not_announced_is_not_opened(world, tmp_path):
    """Without an intent, and after one for another box, it is refused before shares; the announced one is released."""
    unread = replace(world.unannounced(small.plan()), shares=(tmp_path / "no shares",))
    with pytest.raises(StudyError, match=r"no intent .* was declared.*`sotto key intent`.*nothing was opened"):
        make_release(unread)
    intent = intended(world)
    other = tmp_path / "other.box"
    small.write(other, world.manifest, small.payloads(21))
    with pytest.raises(StudyError, match="names another box"):
        make_release(replace(unread, box_path=other))
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent
    released = make_release(world.unannounced(small.plan())).release
    assert (intent.box, intent.head) == (released.box.root, released.ledger.previous)
    assert intent.digest == released.intent


def test_an_intent_on_an_older_head_opens_nothing(world):
    """Two plans announced on one head: when the first is released the second must be announced anew, and is then."""
    later = small.plan(title="later", parent=small.plan().digest)
    intended(world)
    stale = intended(world, later)
    first = make_release(world.unannounced(small.plan())).release
    with pytest.raises(StudyError, match="an older head of the ledger"):
        make_release(world.unannounced(later))
    renewed = intended(world, later)
    assert (stale.head, renewed.head) == (first.ledger.previous, first.ledger.entry)
    assert renewed.digest == make_release(world.unannounced(later)).release.intent


def test_a_released_plan_is_not_announced_again(world):
    """After its release the same intent is shown again, and where it was lost nothing is signed in its place."""
    intent = intended(world)
    make_release(world.unannounced(small.plan()))
    assert intent == intended(world)
    (world.folder.plan_folder(small.plan().digest) / "intent.json").unlink()
    with pytest.raises(StudyError, match="paid for already"):
        intended(world)


def test_a_demonstration_needs_no_intent(tmp_path):
    """The key of a demo opens without one, and its release says so; of any other key the format refuses that."""
    world = small.build(tmp_path, number=5, demo=True)
    release = make_release(world.unannounced(small.plan())).release
    assert (None, True) == (release.intent, release.demo)
    with pytest.raises(DocumentError, match="only a demonstration is released without an intent"):
        Release.from_bytes(canonical(release.to_json() | {"demo": False}))


def test_an_edited_intent_is_refused(world):
    """A box changed in intent.json breaks its signature; an intent for another plan is not this plan's."""
    intended(world)
    path = world.folder.plan_folder(small.plan().digest) / "intent.json"
    whole = path.read_bytes()
    path.write_bytes(canonical(parse(path.read_bytes()) | {"box": "0" * 64}))
    with pytest.raises(StudyError, match="signature does not hold"):
        make_release(world.request(small.plan()))
    path.write_bytes(whole)
    amended = small.plan(parent=small.plan().digest)
    place = world.folder.plan_folder(amended.digest) / "intent.json"
    place.parent.mkdir()
    place.write_bytes(whole)
    with pytest.raises(StudyError, match="of another plan"):
        read_intent(world.folder, amended, world.manifest)


def test_new_cards_open_and_never_mix_with_old_ones(world, tmp_path):
    """Three of four new cards give the same seed; old ones alone or beside new ones are named and refused."""
    seed, old = world.seed, cards(world)
    drill(world.folder, 1, old)
    new = reshared(world, tmp_path)
    held = card_record(world.folder, world.manifest)
    for quorum in itertools.combinations(new, 3):
        assert seed == combine(held, quorum)
    for mixed in ([*new[:2], old[0]], [new[0], *old[:2]], old[:2]):
        with pytest.raises(CustodyError):
            combine(held, mixed)
    with pytest.raises(CustodyError, match="is card 1 of a split of wave 1 that was replaced"):
        held.card(old[0], "this")
    assert seed == custody.combine(old[:2])  # on paper they open until they are destroyed: docs/custody.md says so
    for mixed in ([*new[:2], old[0]], [new[0], *old[:2]]):
        with pytest.raises(CustodyError, match="not of one ceremony"):
            custody.combine(mixed)


def test_new_cards_need_a_drill_and_the_old_split_is_kept(world, tmp_path):
    """After a reshare the wave has no drill until all new cards are tried; custody.json names what it replaced."""
    before = read_custody(world.folder, world.manifest)
    drill(world.folder, 1, cards(world))
    new = reshared(world, tmp_path)
    after = read_custody(world.folder, world.manifest)
    assert (before.digest, 3, 4) == (after.supersedes, after.threshold, after.custodians)
    assert [after, before] == splits(world.folder, world.manifest)
    assert not (world.folder.wave(1) / "drill.json").exists()
    assert 4 == drill(world.folder, 1, new).subsets
    (world.folder.wave(1) / "superseded" / f"{before.digest}.json").unlink()
    with pytest.raises(StudyError, match="there is no such file"):
        splits(world.folder, world.manifest)


@pytest.mark.parametrize(("threshold", "custodians"), [(1, 1), (2, 4), (5, 4), (2, 17)])
def test_a_reshare_that_protects_nothing_changes_nothing(world, tmp_path, threshold, custodians):
    """The rules of a ceremony hold for new cards too; the old split stays."""
    before = read_custody(world.folder, world.manifest)
    with pytest.raises(CustodyError):
        reshared(world, tmp_path, threshold, custodians)
    assert before == read_custody(world.folder, world.manifest)
    assert not (tmp_path / "new").exists()


def confirmed(world, *numbers: int):
    return {split.digest: numbers for split in splits(world.folder, world.manifest)}


def test_a_destroyed_wave_is_refused_before_anything_is_opened(world, tmp_path):
    """Release, drill, intent and reshare refuse, with a box that is not even there and shares that are no words."""
    make_release(world.request(small.plan()))
    statement = destroy(world.folder, 1, confirmed(world, 1, 3))
    assert world.manifest.signer == statement.check().fingerprint
    assert 1 == len(statement.releases)
    absent = Request(world.folder, small.plan(), tmp_path / "no.box", (tmp_path / "no.txt",))
    calls = (
        lambda: make_release(absent),
        lambda: make_release(world.request(small.plan())),
        lambda: drill(world.folder, 1, ["no words"] * 3),
        lambda: combine_share_files(world.folder, world.manifest, world.shares),
        lambda: intended(world),
        lambda: reshared(world, tmp_path),
        lambda: destroy(world.folder, 1, confirmed(world, 1, 2, 3)),
    )
    for call in calls:
        with pytest.raises(WaveDestroyedError, match="destroyed"):
            call()


def test_the_anchor_remembers_a_statement_that_was_taken_away(world):
    """Without destruction.json the wave stays closed, and a restored one is read again; the ledger still opens."""
    destroy(world.folder, 1, confirmed(world, 2, 3))
    path = world.folder.wave(1) / "destruction.json"
    whole = path.read_bytes()
    path.unlink()
    with pytest.raises(WaveDestroyedError, match="is missing"):
        refuse_destroyed(world.folder, world.manifest)
    path.write_bytes(whole)
    with pytest.raises(WaveDestroyedError, match="no card is taken"):
        refuse_destroyed(world.folder, world.manifest)
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent


def test_a_destruction_that_broke_off_is_finished(world, monkeypatch):
    """With the statement written and the anchor's line not, the same call again writes the line, and nothing else."""
    with monkeypatch.context() as cut:
        cut.setattr("analysis.custody.destroy._remember", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            destroy(world.folder, 1, confirmed(world, 1, 2))
    written = (world.folder.wave(1) / "destruction.json").read_bytes()
    assert set() == destroyed_waves(world.folder.anchor_path)
    assert written == destroy(world.folder, 1, confirmed(world, 1, 2)).to_bytes()
    assert {1} == destroyed_waves(world.folder.anchor_path)


@pytest.mark.parametrize("numbers", [(), (1,), (1, 1)])
def test_too_few_destroyed_cards_are_no_destruction(world, numbers):
    """While two of three cards are left the wave opens, and nobody may state otherwise; nothing is written."""
    with pytest.raises(StillOpensError, match=r"split [0-9a-f]{8}.* not confirmed as destroyed"):
        destroy(world.folder, 1, confirmed(world, *numbers))
    assert not (world.folder.wave(1) / "destruction.json").exists()
    refuse_destroyed(world.folder, world.manifest)


def test_a_statement_that_leaves_a_quorum_is_no_document(world):
    """The same rule stands in the document, for whoever reads it: no program can sign its way past it."""
    held = destroy(world.folder, 1, confirmed(world, 1, 2)).to_json()
    for numbers in ([1], [1, 1], [1, 4]):
        members = held | {"splits": [held["splits"][0] | {"confirmed": numbers}]}
        with pytest.raises(DocumentError, match="enough cards are left"):
            Destruction.from_bytes(canonical(members))


def test_old_cards_must_be_destroyed_too(world, tmp_path):
    """After a reshare both splits are asked for: the newest alone leaves the old quorum."""
    reshared(world, tmp_path)
    newest, oldest = splits(world.folder, world.manifest)
    with pytest.raises(StillOpensError):
        destroy(world.folder, 1, {newest.digest: (1, 2, 3, 4)})
    statement = destroy(world.folder, 1, {newest.digest: (1, 2), oldest.digest: (2, 3)})
    assert [newest.digest, oldest.digest] == [split.custody for split in statement.splits]


def test_another_wave_outlives_the_destruction(world, tmp_path):
    """Each wave has a seed of its own: wave 2 opens when wave 1 is gone, and its cards are no cards of wave 1."""
    made = hold_ceremony(world.folder, small.QUESTIONNAIRE, small.TEXTS, CeremonyRequest(2, 2, 3, tmp_path / "two"))
    destroy(world.folder, 1, confirmed(world, 1, 2, 3))
    assert made.manifest.public_key == custody.public_key(
        combine_share_files(world.folder, made.manifest, made.shares[1:])
    )


def test_the_commands_of_a_keys_later_life(world, tmp_path):
    """intent, reshare, drill and destroy in commands, JSON on stdout; then a release ends with 3 and says for ever."""
    plan = world.plan_file(small.plan())
    where = ("--box", world.box, "--study", world.folder.root)
    done = run("key", "intent", plan, *where, "-o", tmp_path / "i", "--json", "--yes")
    assert Intent.from_bytes((tmp_path / "i").read_bytes()).digest == json.loads(done.stdout)["digest"]
    old = world.ceremony.shares
    split = ("--threshold", 2, "--custodians", 3, "--to", tmp_path / "new", "--shares", *old[:2])
    done = run("key", "reshare", world.folder.root, *split, "--json")
    new = json.loads(done.stdout)["shares"]
    assert ExitCode.REFUSED == run("key", "drill", world.folder.root, "--shares", *old).exit_code
    assert 0 == run("key", "drill", world.folder.root, "--shares", *new).exit_code
    oldest = splits(world.folder, world.manifest)[1].digest[:8]
    options = [option for card in ("1", "2", f"{oldest}:1", f"{oldest}:3") for option in ("--confirmed", card)]
    done = run("key", "destroy", world.folder.root, *options)
    assert (ExitCode.REFUSED, True) == (done.exit_code, "nothing was ever released of wave 1" in done.output)
    assert f"the registered plan {small.plan().digest[:8]} (A plan) was never released" in done.output
    assert "are not confirmed as destroyed" in run("key", "destroy", world.folder.root, *options[:4], "--yes").output
    assert ExitCode.USAGE == run("key", "destroy", world.folder.root, "--confirmed", "00:1").exit_code
    assert 0 == run("key", "destroy", world.folder.root, *options, "--yes").exit_code
    done = run("release", plan, "--box", world.box, "--study", world.folder.root, "--shares", *new)
    assert (ExitCode.REFUSED, True) == (done.exit_code, "destroyed" in done.output)


def test_the_keyboard_is_needed_where_no_files_are_given(world):
    """Without --shares and without a terminal a command ends with what to do, before the box is read."""
    done = run("release", world.plan_file(small.plan()), "--box", world.box, "--study", world.folder.root)
    assert (ExitCode.REFUSED, True) == (done.exit_code, "give their files with --shares" in done.output)
