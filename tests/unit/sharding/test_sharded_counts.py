"""A box opened in shards gives the counts of one machine, and nothing but them: analysis/sharding, in threads."""

import copy
import pickle
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from shards.meeting import Meeting, emptied, job_of, key_of, refused, same
from studies import phrase_lists
from studies import small_study as small

from analysis.counting.count_box import BoxChangedError, count_box, count_part
from analysis.custody.share_files import combine_share_files
from analysis.releasing.run import make_release
from analysis.sharding.messages import SealedCounts, SealedSeed, ShardError, name_of, to_text
from analysis.sharding.packing import NonsenseError, pack, unpack
from analysis.sharding.worker import open_shard
from crypto.canonical import from_base64url
from crypto.durable import write_file
from crypto.keys import EphemeralKey, LetterError, RunSecret, fingerprint
from crypto.merkle import TreeSpan
from crypto.sealing import seal_letter

pytestmark = pytest.mark.slow

PLAN = small.plan()


@pytest.mark.parametrize("shards", [1, 3, 41])
def test_shards_give_the_counts_of_one_machine(meeting, shards):
    """Whatever their number, the sums are those of one machine, and the folder is empty afterwards."""
    cut = replace(meeting, shards=shards)
    with cut.running() as run:
        opened = [open_shard(cut.request(shard)) for shard in range(shards)]
        assert same(count_box(meeting.job, workers=1), run.result())
    assert 40 == sum(opened)
    assert [] == [*meeting.folder.iterdir()]


def test_lists_of_words_are_summed_over_shards(tmp_path):
    """Phrases that people of both shards wrote are counted together, exactly as on one machine."""
    world = phrase_lists.build(tmp_path)
    seed = combine_share_files(world.folder, world.ceremony.manifest, world.ceremony.shares[:1])
    job = job_of(world, phrase_lists.plan(), phrase_lists.QUESTIONNAIRE, seed)
    whole = count_box(job, workers=1)
    gathered = Meeting(tmp_path / "run", job, RunSecret.new()).gathered(0, 1)
    assert whole["W1"] == gathered["W1"]
    assert same({"T1": whole["T1"]}, {"T1": gathered["T1"]})
    assert whole["W1"].total() > 100


def test_counts_as_bytes_are_read_as_they_were_and_their_length_tells_nothing(tmp_path, made):
    """What is packed is unpacked; a shard in which nobody wrote a word takes as many bytes as one full of words."""
    world = phrase_lists.build(tmp_path)
    job = replace(job_of(made, PLAN), plan=phrase_lists.plan(), questionnaire=phrase_lists.QUESTIONNAIRE)
    cells = job.counter().tables.tables[0].shape.cells
    table = {"T1": np.array([400] + [0] * (cells - 1), dtype=np.int64)}
    full = table | {"W1": Counter({f"wort {number} é": number + 1 for number in range(20)})}
    span = TreeSpan(0, 400, [(8, 0, b"\1" * 32), (7, 2, b"\2" * 32), (4, 24, b"\0" * 32)])
    packed, empty = (pack(job, (0, 400), sums, span) for sums in (full, table | {"W1": Counter()}))
    assert len(packed) == len(empty)
    read, nodes = unpack(job, (0, 400), packed)
    assert (full["W1"], span) == (read["W1"], nodes)
    assert same(table, {"T1": read["T1"]})
    assert Counter() == unpack(job, (0, 400), empty)[0]["W1"]
    assert world.box.exists()


def test_bytes_that_are_no_counts_are_refused(meeting):
    """Cut short, longer, or with cells that 20 people cannot make: NonsenseError, and no other error.

    So are a negative cell, nobody at all, one person more or fewer than there are records, more people in a cell than
    records, and cells whose sum is more than 64 bits hold. T7 has a question of several answers, in up to `most` cells
    of which a person stands: its bound is that many times the records.
    """
    sums, span = count_part(meeting.job, (0, 20), workers=1)
    good = pack(meeting.job, (0, 20), sums, span)
    changed = [
        pack(meeting.job, (0, 20), sums | {name: cells}, span)
        for name, counted in sums.items()
        for cells in impossible(counted, most(meeting, name))
    ]
    cut = [b"", good[:1], good[:-1], good + b"\0", b"\xff\xff" + good[2:], bytes(len(good))]
    for wrong in (*cut, *changed):
        with pytest.raises(NonsenseError):
            unpack(meeting.job, (0, 20), wrong)
    assert same(sums, unpack(meeting.job, (0, 20), good)[0])


def most(meeting: Meeting, name: str) -> int:
    """Return in how many cells of a table one person stands at most."""
    return next(one.shape.most for one in meeting.job.counter().tables.tables if one.id == name)


def impossible(counted, most: int):
    """Yield tables that 20 people cannot make, from one that they made."""
    first = np.arange(len(counted)) == 0
    yield counted - 25
    yield counted * 0
    yield np.where(first, 21 + 0 * counted, counted)
    yield first * 2**62 + 0 * counted
    yield np.full(len(counted), 2**62)
    if most == 1:
        yield counted + (np.arange(len(counted)) == counted.argmin())
        yield counted - (np.arange(len(counted)) == counted.argmax())
    elif most < len(counted):
        yield np.where(np.arange(len(counted)) <= most, 20, 0)


def test_a_person_in_several_cells_is_possible(meeting):
    """Control of the bounds: the plan has tables in which a person stands in several cells, and their counts pass."""
    sums, span = count_part(meeting.job, (0, 20), workers=1)
    several = [name for name in sums if most(meeting, name) > 1]
    assert any(sums[name].sum() > 20 for name in several), several
    assert same(sums, unpack(meeting.job, (0, 20), pack(meeting.job, (0, 20), sums, span))[0])


def test_who_lacks_the_secret_gets_no_seed(meeting):
    """S176: a key put into the folder without the run's secret ends the run, and no letter is sealed to it.

    Control: the same key under the run's secret gets a letter that opens to the seed, and its fingerprint is told.
    """
    key = EphemeralKey()
    letters = []

    def steal():
        stranger = meeting.introduce(key, RunSecret.new())
        letter = meeting.folder / name_of(stranger, "seed")
        meeting.until(lambda: letter.exists() or not (meeting.folder / "run.json").exists())
        letters.extend(path for path in [letter] if path.exists())

    refused(replace(meeting, patience=5), "was not written with this run's secret", steal)
    assert ([], []) == (letters, meeting.told)
    emptied(meeting)
    with meeting.running():
        known = meeting.introduce(key)
        path = meeting.folder / name_of(known, "seed")
        meeting.until(path.exists)
        letter = SealedSeed.from_bytes(path.read_bytes())
        assert meeting.job.seed == key.open(from_base64url(letter.sealed), known.seed_info)
        assert [f"The seed is sealed to the key of shard 0: {fingerprint(key.public)}"] == meeting.told
        meeting.introduce(key, RunSecret.new())


def test_a_worker_seals_its_counts_to_nobody_else(meeting, tmp_path):
    """S176: where somebody puts an invitation with a key of their own into the folder, a worker does nothing for it."""
    with meeting.running() as run:
        honest = meeting.invitation
        elsewhere = replace(meeting, folder=tmp_path / "copy")
        elsewhere.folder.mkdir()
        stranger = honest.model_copy(update={"key": to_text(EphemeralKey().public)})
        elsewhere.leave("run.json", stranger, RunSecret.new())
        with pytest.raises(ShardError, match="not written with this run's secret"):
            open_shard(elsewhere.request(0))
        assert ["run.json"] == [path.name for path in elsewhere.folder.iterdir()]
        open_shard(meeting.request(0))
        open_shard(meeting.request(1))
        assert run.result()


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ({"version": "0" * 64}, "runs other software .*install the same"),
        ({"root": "0" * 64}, "has another box than the run"),
        ({"shards": 3}, "is none of the run's, which has 2"),
        ({"shard": 2}, "is none of the run's, which has 2"),
        ({"key": "AAAA"}, "holds no public key"),
        ({"key": "*"}, "no base64url"),
    ],
)
def test_a_worker_that_does_not_fit_ends_the_run(meeting, told, match):
    """Other software, another box, other numbers and no key are each told, and no seed is given."""
    refused(meeting, match, lambda: meeting.introduce(EphemeralKey(), **told))


def test_a_worker_sees_itself_that_it_does_not_fit(meeting, made, tmp_path, monkeypatch):
    """A worker with another box, number or software stops with the reason before it has the seed."""
    small.write(tmp_path / "other.box", made.manifest, small.payloads(40, seed=2))
    for changes, match in (({"box": tmp_path / "other.box"}, "another box"), ({"shards": 5}, "which has 2")):
        with meeting.running() as run, pytest.raises(ShardError, match=match):
            open_shard(meeting.request(1, **changes))
        with pytest.raises(ShardError, match=match):
            run.result()
    monkeypatch.setattr("analysis.sharding.worker.version", lambda: "0" * 64)
    with meeting.running(), pytest.raises(ShardError, match="other software"):
        open_shard(meeting.request(0))


def test_counts_of_nobody_or_for_another_key_end_the_run(meeting):
    """Counts under a name that is not their worker's, sealed to another key, or that are none, are refused."""
    key = EphemeralKey()
    refused(meeting, "what are no counts", lambda: meeting.answer(meeting.introduce(key), b"nonsense"))
    emptied(meeting)
    refused(
        meeting,
        "does not open with the run's key",
        lambda: meeting.answer(meeting.introduce(key), b"", run_key=EphemeralKey().public),
    )

    def moved():
        first = meeting.introduce(key)
        name = name_of(first, "counts").replace("shard-00000", "shard-00001")
        meeting.answer(first, good(meeting, 0), name)

    emptied(meeting)
    refused(meeting, "counts.* lies under another worker's name", moved)

    def another_key():
        worker = meeting.introduction(key).tagged(meeting.secret)
        write_file(meeting.folder / name_of(worker, "worker").replace("shard-00000", "shard-00001"), worker.to_bytes())

    emptied(meeting)
    refused(meeting, "worker.* lies under another worker's name", another_key)


def good(meeting: Meeting, shard: int, *, moved: int = 0) -> bytes:
    """Return the counts of a shard as its worker packs them, `moved` people from the fullest cell in another one."""
    part = meeting.invitation.part(shard)
    sums, span = count_part(meeting.job, part, workers=1)
    cells = sums["T1"]
    cells[cells.argmax()], cells[cells.argmin()] = cells.max() - moved, cells.min() + moved
    return pack(meeting.job, part, sums, span)


def test_a_shard_that_is_answered_twice_counts_once(meeting):
    """A worker that was started twice answers twice: the same counts count once, others end the run."""

    def twice(moved: int) -> None:
        workers = [meeting.introduce(EphemeralKey()) for _ in range(2)]
        for worker, other in zip(workers, (0, moved), strict=True):
            meeting.answer(worker, good(meeting, 0, moved=other))

    with meeting.running() as run:
        twice(0)
        open_shard(meeting.request(1))
        assert same(count_box(meeting.job, workers=1), run.result())
    assert 1 == len([line for line in meeting.told if "key 2 of shard 0, whose worker was started again" in line])
    assert "The seed was sealed to 3 keys for 2 shards." == meeting.told[-1]
    refused(meeting, "two workers counted shard 0 and do not agree", lambda: twice(1))


def test_counts_of_other_records_are_not_charged_for(meeting):
    """A shard that hashed other records than lie in the box is refused, whatever its counts look like."""
    with meeting.running() as run:
        part = meeting.invitation.part(0)
        sums, _ = count_part(meeting.job, part, workers=1)
        worker = meeting.introduce(EphemeralKey())
        meeting.answer(worker, pack(meeting.job, part, sums, count_part(meeting.job, (20, 40), workers=1)[1]))
        open_shard(meeting.request(1))
        with pytest.raises(BoxChangedError):
            run.result()


def test_a_worker_takes_no_documents_but_the_run_s(meeting, made):
    """What was exchanged in the folder is refused by its hash, before any parser sees it."""
    kept = {
        "plan.json": meeting.job.plan.to_bytes(),
        "questionnaire.json": meeting.job.questionnaire.to_bytes(),
        "manifest.json": meeting.job.manifest.to_bytes(),
    }
    with meeting.running():
        for name, data in (
            ("plan.json", small.plan(2_000_000).to_bytes()),
            ("questionnaire.json", b"nonsense"),
            ("manifest.json", b"nonsense"),
        ):

            def exchange(_key: bytes, name=name, data=data) -> None:
                meeting.until((meeting.folder / "plan.json").exists)
                write_file(meeting.folder / name, data)

            with pytest.raises(ShardError, match=f"{name} is not the run's: it was changed"):
                open_shard(meeting.request(0), on_key=exchange)
            (meeting.folder / name).write_bytes(kept[name])
        meeting.introduce(EphemeralKey(), RunSecret.new())


def test_words_of_too_many_records_ask_for_more_shards(meeting):
    """The least number of shards that is named is enough, and one fewer is not."""
    words, count = phrase_lists.plan(), 10**6
    with pytest.raises(ShardError, match=r"give --of (\d+) or more") as error:
        meeting.run.require_ready(words, phrase_lists.QUESTIONNAIRE, count)
    least = int(str(error.value).split("--of ")[1].split()[0])
    replace(meeting, shards=least).run.require_ready(words, phrase_lists.QUESTIONNAIRE, count)
    with pytest.raises(ShardError):
        replace(meeting, shards=least - 1).run.require_ready(words, phrase_lists.QUESTIONNAIRE, count)


def test_a_release_pays_when_all_shards_are_in_and_not_before(world, tmp_path):
    """With a shard missing nothing is debited and no file appears; control: with both the release is made and paid."""
    meeting = Meeting(tmp_path / "run", job_of(world, PLAN), RunSecret.new(), patience=0.5)
    request = replace(world.request(PLAN), shards=meeting.run)
    with pytest.raises(ShardError, match="no worker came for shards 0, 1"):
        make_release(request)
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent
    assert not world.folder.release_folder(PLAN.digest).exists()
    patient = replace(meeting, patience=20)
    with ThreadPoolExecutor() as pool:
        workers = [pool.submit(open_shard, patient.request(shard)) for shard in range(2)]
        release = make_release(replace(request, shards=patient.run)).release
        assert [20, 20] == [worker.result() for worker in workers]
    assert 7_000_000 == release.budget.spent


def test_a_letter_opens_with_its_own_key_for_its_own_purpose_alone():
    """Another key, another purpose, a changed or an empty letter: LetterError; keys and secrets are not copied."""
    key = EphemeralKey()
    letter = seal_letter(b"content", key.public, b"purpose")
    assert b"content" == key.open(letter, b"purpose")
    for other, wrong, info in (
        (EphemeralKey(), letter, b"purpose"),
        (key, letter, b"another"),
        (key, letter[:-1] + bytes([letter[-1] ^ 1]), b"purpose"),
        (key, b"", b"purpose"),
    ):
        with pytest.raises(LetterError):
            other.open(wrong, info)
    for secret in (key, RunSecret.new()):
        for duplicate in (pickle.dumps, copy.copy):
            with pytest.raises(TypeError, match="never pickled or copied"):
                duplicate(secret)
        assert type(secret).__name__ + "()" == repr(secret)


def test_the_messages_of_a_run_are_bound_to_each_other(meeting):
    """The invitation's hash changes with box, plan, number of shards and software; a worker's with run and shard."""
    with meeting.running():
        one = meeting.invitation
        changed = {"root": "1" * 64, "count": 41, "plan": "1" * 64, "shards": 3, "version": "1" * 64}
        digests = {one.model_copy(update={name: value}).digest for name, value in changed.items()}
        worker = meeting.introduction(EphemeralKey())
        others = {
            worker.model_copy(update={name: value}).seed_info
            for name, value in {"run": "1" * 64, "shard": 1, "shards": 3}.items()
        }
        meeting.introduce(EphemeralKey(), RunSecret.new())
    assert 6 == len({*digests, one.digest})
    assert 5 == len({*others, worker.seed_info, worker.counts_info})
    assert 1216 == len(key_of(one))
    assert SealedCounts.model_fields.keys() == SealedSeed.model_fields.keys()
