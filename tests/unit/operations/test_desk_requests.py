"""What staff ask at the desk is carried out once, under their name; what is forged, stale or wrong changes nothing."""

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hosts.collection import STUDY, Collection
from hosts.host_acts import (
    a_request,
    acts_done,
    asks,
    audit_head,
    opening,
    outcome,
    store_records,
    study_status,
    worker,
)
from hosts.published_life import planned

from crypto.canonical import digest
from crypto.signing import SigningKey
from survey.answers_db.store_errors import WaveClosedError
from survey.document import today
from survey.office_db.requests import DeskRequest, RequestExistsError, add_request, next_number, request
from survey.operations import staff, waves
from survey.operations.boxes import compact_answers
from survey.operations.requests.operator import OperatorBusyError
from survey.operations.transaction import office_session
from survey.publication.folder import Published

CLOSE = {"kind": "close-wave", "typed": STUDY, "on": None}


def later(days: int) -> str:
    return (today() + timedelta(days)).isoformat()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_wave_is_opened_and_closed_as_asked_and_the_audit_names_who_asked(collection):
    """The same ends as by commands: published, logged, accepting and then not; acts are li's, by way of the desk."""
    before = len(acts_done(collection))
    asked, files = opening(collection)
    first = asks(collection, asked, files)
    assert worker(collection).work()
    assert "done" == outcome(collection, first)[0]
    assert collection.manifests[1].pin in outcome(collection, first)[1]
    assert "open" == Published(collection.settings.public).study(STUDY).state
    store_records(collection, 1)
    second = asks(collection, CLOSE)
    worker(collection).work()
    assert ("done", "wave 1 of q26 is closed") == outcome(collection, second)
    assert "closed" == Published(collection.settings.public).study(STUDY).state
    with pytest.raises(WaveClosedError):
        store_records(collection, 1)
    done = [("li@desk", act) for act in ("request accepted", "wave opened", "request accepted", "wave closed")]
    assert done == acts_done(collection)[before:]


def test_what_is_done_is_not_done_again(open_collection):
    """A request that came to its end is never taken up again, however often the operator looks."""
    number = asks(open_collection, CLOSE)
    worker(open_collection).work()
    head = audit_head(open_collection)
    asked, files = opening(open_collection, 2)
    asks(open_collection, asked, files, wave=2)
    worker(open_collection).work()
    assert "open" == study_status(open_collection).state, "the control: a new request is taken up"
    assert head != audit_head(open_collection)
    worker(open_collection).work()
    assert "done" == outcome(open_collection, number)[0]
    assert "open" == study_status(open_collection).state


def test_a_request_waits_for_its_day_and_can_be_taken_back_until_then(open_collection, monkeypatch):
    """Due tomorrow it waits; taken back it never comes; one that was left is carried out when its day is there."""
    taken, left = (asks(open_collection, CLOSE | {"on": later(1)}) for _ in range(2))
    worker(open_collection).work()
    assert ("waiting", f"it waits for {later(1)}") == outcome(open_collection, taken)
    with office_session(open_collection.settings) as session:
        name = request(session, taken).hash
    back = asks(open_collection, {"kind": "cancel", "request": name})
    worker(open_collection).work()
    assert ("refused", "li took it back") == outcome(open_collection, taken)
    assert "done" == outcome(open_collection, back)[0]
    assert "open" == study_status(open_collection).state
    tomorrow = today() + timedelta(1)
    for module in ("operations.requests.operator", "operations.waves", "operations.transaction"):
        monkeypatch.setattr(f"survey.{module}.today", lambda: tomorrow)
    worker(open_collection).work()
    assert ("refused", "done", "closed") == (
        outcome(open_collection, taken)[0], outcome(open_collection, left)[0], study_status(open_collection).state
    )  # fmt: skip
    again = asks(open_collection, {"kind": "cancel", "request": name})
    worker(open_collection).work()
    assert "cannot be taken back" in outcome(open_collection, again)[1]


def test_what_is_taken_back_at_once_is_not_begun(open_collection):
    """A cancellation that stands behind a request that is due goes before it."""
    number = asks(open_collection, CLOSE)
    with office_session(open_collection.settings) as session:
        name = request(session, number).hash
    asks(open_collection, {"kind": "cancel", "request": name})
    worker(open_collection).work()
    assert ("refused", "open") == (outcome(open_collection, number)[0], study_status(open_collection).state)


def registering(folder: Path) -> tuple[dict, dict[str, bytes]]:
    """Return what is asked to publish the plan of a registered folder, and its files."""
    files = {name: (folder / f"{name}.json").read_bytes() for name in ("plan", "registration")}
    return {"kind": "register-plan", "typed": STUDY} | {name: digest(data) for name, data in files.items()}, files


def test_a_plan_is_published_as_asked(open_collection):
    """Plan and registration are as the offline machine wrote them; asked for once more nothing changes."""
    plan = planned(open_collection, 1, None)
    asked, files = registering(open_collection.registered(plan))
    number = asks(open_collection, asked, files)
    worker(open_collection).work()
    assert ("done", f"the plan is published as {plan.digest}") == outcome(open_collection, number)
    assert (plan.digest,) == study_status(open_collection).plans
    assert plan.to_bytes() == (open_collection.settings.public / f"plans/{plan.digest}.json").read_bytes()
    assert ("li@desk", "plan published") == acts_done(open_collection)[-1]
    before = contents(open_collection.settings.public)
    again = asks(open_collection, asked, files)
    worker(open_collection).work()
    assert "done" == outcome(open_collection, again)[0]
    assert before == contents(open_collection.settings.public)


def test_a_plan_that_its_study_did_not_register_so_is_published_nowhere(open_collection):
    """Of another wave, with another registration, an edited one, another key's: refused in words; then the right."""
    right = planned(open_collection, 1, None)
    second = planned(open_collection, 2, None)
    asked, files = registering(open_collection.registered(right))
    _, of_second = registering(open_collection.registered(second))
    stranger = replace(open_collection, key=SigningKey.generate())
    _, of_stranger = registering(stranger.registered(right))
    edited = files["registration"].replace(b'"day":"2026-11-21"', b'"day":"2026-11-20"')
    before = contents(open_collection.settings.public)
    for changes, said in (
        ({"plan": of_second["plan"]}, "the plan is of wave 2 of q26, not of wave 1"),
        ({"registration": of_second["registration"]}, "the registration is of another plan"),
        ({"registration": edited}, "signature does not hold"),
        ({"registration": of_stranger["registration"]}, "registered with another key"),
        ({"registration": files["plan"]}, "no valid registration document"),
    ):
        sent = files | changes
        named = asked | {name: digest(data) for name, data in sent.items()}
        number = asks(open_collection, named, sent)
        worker(open_collection).work()
        state, words = outcome(open_collection, number)
        assert "refused" == state
        assert said in words
        assert before == contents(open_collection.settings.public)
    number = asks(open_collection, asked, files)
    worker(open_collection).work()
    assert "done" == outcome(open_collection, number)[0]


REFUSED = {
    "another study": ({"study": "other", "asks": CLOSE | {"typed": "other"}}, "there is no study other"),
    "a wave that never was": ({"wave": 7}, "has had no wave 7"),
    "another study typed": ({"asks": CLOSE | {"typed": "q27"}}, "what was typed is not the study's name"),
    "nobody's name": ({"asked_by": "nobody"}, "has no open account"),
    "a disabled account": ({"asked_by": "gone"}, "has no open account"),
    "asked long ago": ({"day": later(-4)}, "no day of the last 3"),
    "asked in days to come": ({"day": later(2)}, "no day of the last 3"),
    "no day": ({"day": "2026-02-31"}, "there is no day 2026-02-31"),
    "years ahead": ({"asks": CLOSE | {"on": later(400)}}, "more than a year ahead"),
    "no batch": ({"asks": {"kind": "close-batch", "typed": STUDY, "batch": "none"}}, "has no batch none"),
    "nothing to take back": ({"asks": {"kind": "cancel", "request": "0" * 64}}, "no such request"),
}


@pytest.mark.parametrize(("changes", "words"), REFUSED.values(), ids=REFUSED)
def test_a_forged_or_stale_request_is_refused_in_words_and_changes_nothing(open_collection, changes, words):
    """Whoever took the desk writes such rows; the control is the test below."""
    staff.add_user(open_collection.settings, "gone", "correct horse battery staple")
    staff.disable_user(open_collection.settings, "gone")
    before, public = audit_head(open_collection), contents(open_collection.settings.public)
    number = asks(open_collection, changes.get("asks", CLOSE), **changes)
    assert worker(open_collection).work()
    state, said = outcome(open_collection, number)
    assert "refused" == state
    assert words in said
    assert (before, public) == (audit_head(open_collection), contents(open_collection.settings.public))


def test_the_control_the_same_row_unchanged_is_carried_out(open_collection):
    """What the rows above are changes of is done, so that each of them is refused for its change."""
    number = asks(open_collection, CLOSE)
    worker(open_collection).work()
    assert "done" == outcome(open_collection, number)[0]


def forged(collection: Collection, name: str, content: bytes, assertion: str | None = None) -> int:
    with office_session(collection.settings) as session:
        number = next_number(session)
        session.add(DeskRequest(number=number, hash=name, content=content, assertion=assertion))
    return number


def test_rows_that_no_desk_of_ours_wrote_are_refused(open_collection):
    """Bytes that are no request, another's hash, files that did not come: nothing changes, and the audit has each."""
    before = acts_done(open_collection)
    with office_session(open_collection.settings) as session:
        true = session.get(DeskRequest, asks(open_collection, CLOSE | {"on": later(3)})).content
    numbers = [
        forged(open_collection, digest(b"{}"), b"{}"),
        forged(open_collection, "0" * 64, true),
        forged(open_collection, digest(true + b" "), true + b" "),
        forged(open_collection, "1" * 64, b"\xff\x00"),
    ]
    bare = asks(open_collection, {"kind": "publish", "typed": STUDY, "document": "0" * 64})
    worker(open_collection).work()
    assert {("refused", True)} == {
        (state, "no desk of ours wrote it" in words) for state, words in (outcome(open_collection, n) for n in numbers)
    }
    assert "are not those that it names" in outcome(open_collection, bare)[1]
    assert ["unproven request refused"] * 5 == [act for _, act in acts_done(open_collection)[len(before) :]]


def test_what_was_asked_before_an_upgrade_is_refused_and_alarms_nobody(open_collection):
    """A request of the older format ends in words that help; one of a format to come is unproven, the control."""
    before = acts_done(open_collection)
    with office_session(open_collection.settings) as session:
        true = session.get(DeskRequest, asks(open_collection, CLOSE | {"on": later(3)})).content
    older, unknown = (true.replace(b"sotto-request-2", b"sotto-request-%d" % number) for number in (1, 3))
    numbers = [forged(open_collection, digest(content), content) for content in (older, unknown)]
    worker(open_collection).work()
    assert [("refused", True), ("refused", False)] == [
        (state, "before an upgrade" in words) for state, words in (outcome(open_collection, n) for n in numbers)
    ]
    assert ["unproven request refused"] == [act for _, act in acts_done(open_collection)[len(before) :]]


@pytest.mark.parametrize("made", [10**18, 10**12, -(10**15)])
def test_no_row_of_the_desk_stops_the_commands(open_collection, made):
    """What the desk tells without a day is dropped by the next command, be that a list, the operator or compaction."""
    staff.add_user(open_collection.settings, "mei", "correct horse battery staple")
    path = open_collection.settings.office_url.removeprefix("sqlite:///")
    for command in (staff.list_users, lambda _: worker(open_collection).work(), compact_answers):
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA ignore_check_constraints = 1")
            database.execute("INSERT INTO desk_act VALUES (x'00', ?, 'mei', 'signed in')", (made,))
        command(open_collection.settings)
        with closing(sqlite3.connect(path)) as database:
            assert [(0,)] == database.execute("SELECT count(*) FROM desk_act").fetchall()
        assert audit_head(open_collection)


def test_a_request_is_never_there_twice(open_collection):
    """The database takes no second row of the same hash: a recorded request, signed or not, cannot be replayed."""
    number = asks(open_collection, CLOSE)
    with office_session(open_collection.settings) as session:
        asked = request(session, number).asked
    with pytest.raises(RequestExistsError, match="as request 1"), office_session(open_collection.settings) as session:
        add_request(session, asked, {})
    with pytest.raises(Exception, match=r"UNIQUE"):
        forged(open_collection, asked.digest, asked.to_bytes())


@pytest.mark.parametrize("table", ["request", "request_file", "request_result"])
def test_no_request_and_no_end_of_one_is_changed(collection, table):
    """Whoever owns the file of the database changes and deletes none of them without taking the triggers away."""
    asked, files = opening(collection)
    asks(collection, asked, files)
    worker(collection).work()
    path = collection.settings.office_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database:
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid + 1"):
            with pytest.raises(sqlite3.IntegrityError, match="stay"):
                database.execute(statement)


def test_what_cannot_be_undone_needs_a_signature_unless_the_setting_says_no(open_collection):
    """Off by default: unsigned it is refused, with a false signature too, and with a true one it is done."""
    numbers = []
    for assertion in (None, "false", "true"):
        document = a_request(open_collection, CLOSE).to_bytes()
        numbers.append(forged(open_collection, digest(document), document, assertion))
    strict = worker(open_collection, unsigned=False, signed=lambda _session, _asked, assertion: assertion == "true")
    strict.work()
    states, words = zip(*(outcome(open_collection, number) for number in numbers), strict=True)
    assert ("refused", "refused", "done") == states
    assert "no passkey signed it" in words[0]
    assert "by no confirmed passkey of li" in words[1]


def test_a_false_signature_is_refused_where_none_is_needed(open_collection):
    """Where unsigned requests are taken, one that says it is signed must be."""
    document = a_request(open_collection, CLOSE).to_bytes()
    number = forged(open_collection, digest(document), document, "x")
    worker(open_collection).work()
    assert ("refused", "open") == (outcome(open_collection, number)[0], study_status(open_collection).state)


def test_commands_and_the_desk_side_by_side(open_collection):
    """A wave that a command closed is not closed again: the request says since when; the audit has one closing."""
    number = asks(open_collection, CLOSE)
    waves.close_wave(open_collection.settings, STUDY)
    worker(open_collection).work()
    assert ("refused", f"wave 1 of q26 is closed already, since {today()}") == outcome(open_collection, number)
    assert 1 == [act for _, act in acts_done(open_collection)].count("wave closed")


def test_two_people_who_ask_for_the_same(collection):
    """Of two openings of one wave the first is carried out, and the second is told that it is open already."""
    asked, files = opening(collection)
    numbers = [asks(collection, asked, files) for _ in range(2)]
    worker(collection).work()
    assert ["done", "refused"] == [outcome(collection, number)[0] for number in numbers]
    assert "was opened already" in outcome(collection, numbers[1])[1]


def test_one_operator_at_a_time(collection):
    """While one works another does not begin, and says who to end; afterwards it does."""
    first, second = worker(collection), worker(collection)
    with first.beside(), pytest.raises(OperatorBusyError, match="another operator works"), second.alone():
        pass
    with second.alone():
        pass


def test_beside_other_work_it_carries_out_what_is_asked(open_collection):
    """As `sotto serve` and `sotto demo` have it: in a thread of its own, until the block ends."""
    number, patience = asks(open_collection, CLOSE), time.monotonic() + 300
    with worker(open_collection).beside():
        while outcome(open_collection, number)[0] in {"waiting", "running"} and time.monotonic() < patience:
            time.sleep(0.05)
    assert ("done", "closed") == (outcome(open_collection, number)[0], study_status(open_collection).state)


def test_a_batch_is_closed(invited):
    """Closing a batch makes its unused codes worthless, once; the second request is told so."""
    staff.add_user(invited.settings, "li", "correct horse battery staple")
    invited.codes("may")
    asked = {"kind": "close-batch", "typed": STUDY, "batch": "may"}
    numbers = [asks(invited, asked), asks(invited, asked)]
    worker(invited).work()
    assert ["done", "refused"] == [outcome(invited, number)[0] for number in numbers]


def test_a_release_is_published_on_the_page_of_its_wave(collection, tmp_path, tiny_workbooks):
    """A release that holds is published; asked for another wave, or with a byte changed, it is not."""
    collection.open_wave()
    store_records(collection, 3)
    release = collection.release(collection.register_plan(), collection.box(tmp_path / "box"))
    asked = {"kind": "publish", "typed": STUDY, "document": digest(release)}
    wrong = asks(collection, asked, {"document": release}, wave=2)
    edited = release.replace(b'"day":"2026-11-22"', b'"day":"2026-11-23"')
    changed = asks(collection, asked | {"document": digest(edited)}, {"document": edited})
    right = asks(collection, asked, {"document": release})
    worker(collection).work()
    states = [outcome(collection, number)[0] for number in (wrong, changed, right)]
    assert ["refused", "refused", "done"] == states
    assert [digest(release)] == [one.hash for one in Published(collection.settings.public).releases(STUDY)]
