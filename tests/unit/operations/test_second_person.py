"""Where a host wants a second person, what cannot be undone waits until somebody else has signed an approval of it."""

import os
from datetime import date, timedelta

import pytest
from devices.authenticator import Authenticator, b64
from devices.staff_passkeys import signer
from hosts.collection import STUDY, Collection
from hosts.host_acts import a_request, acts_done, opening, outcome, study_status, worker
from sqlmodel import select

from survey.document import today
from survey.office_db.people.role import Role
from survey.office_db.people.tables import ConfirmedPasskey
from survey.office_db.request_document import RequestDocument
from survey.office_db.requests import add_request, request
from survey.operations.requests.approval import LONGEST_WAIT
from survey.operations.staff import disable_user, give_role
from survey.operations.transaction import office_session

CLOSE = {"kind": "close-wave", "typed": STUDY, "on": None}


class Two:
    """Two researchers of a host, each with a confirmed passkey; what they ask for is signed."""

    def __init__(self, host: Collection) -> None:
        self.host = host
        self.keys = {name: signer(host, name) for name in ("mei", "zoe")}

    def asks(self, by: str, asks: dict, signed_by: Authenticator | None = None, **more: object) -> int:
        """Add a request of one of them; return its number."""
        asked = a_request(self.host, asks, asked_by=by, **more)
        return self.adds(asked, signed_by or self.keys[by])

    def adds(self, asked: RequestDocument, key: Authenticator, files: dict[str, bytes] | None = None) -> int:
        assertion = key.got({"rpId": "localhost", "challenge": b64(asked.challenge)})
        with office_session(self.host.settings) as session:
            return add_request(session, asked, files or {}, assertion)

    def approves(self, by: str, name: str, **more: object) -> int:
        """Add an approval of the request of this hash."""
        return self.asks(by, {"kind": "approve", "request": name}, **more)


@pytest.fixture
def two(open_collection) -> Two:
    return Two(open_collection)


def works(host: Collection, **rules: object) -> None:
    assert worker(host, unsigned=False, second_person=True, **rules).work()


def closing(two: Two, **more: object) -> tuple[int, str]:
    """Have mei ask that the wave be closed; return the number and the hash of that."""
    asked = a_request(two.host, CLOSE | more, asked_by="mei")
    return two.adds(asked, two.keys["mei"]), asked.digest


def test_what_cannot_be_undone_waits_for_somebody_else(two):
    """Asked by one it waits; approved by the other it is done, under the name of who asked; the audit has both."""
    number, name = closing(two)
    works(two.host)
    assert ("waiting", f"it waits for a second person: an owner or a researcher of {STUDY} other than mei") == outcome(
        two.host, number
    )
    assert "open" == study_status(two.host).state
    approval = two.approves("zoe", name)
    works(two.host)
    assert ("done", f"request {number} is approved") == outcome(two.host, approval)
    assert ("done", f"wave 1 of {STUDY} is closed") == outcome(two.host, number)
    acts = acts_done(two.host)
    assert acts.index(("zoe@desk", "request approved")) < acts.index(("mei@desk", "wave closed"))


def test_a_host_that_wants_no_second_person_does_not_wait(two):
    """The control: the same request is carried out at once."""
    number, _ = closing(two)
    assert worker(two.host, unsigned=False).work()
    assert "done" == outcome(two.host, number)[0]


def test_an_approval_that_comes_with_the_request_is_looked_at_first(two):
    """Both are new to the operator, in one round: the wave is closed."""
    number, name = closing(two)
    two.approves("zoe", name)
    works(two.host)
    assert "done" == outcome(two.host, number)[0]


def test_nobody_approves_what_they_asked_for_and_no_other_key_does(two):
    """By who asked, by another's key, of another wave, of nothing, of what can be undone: refused."""
    number, name = closing(two)
    back = two.asks("zoe", {"kind": "cancel", "request": "0" * 64})
    with office_session(two.host.settings) as session:
        undone = request(session, back).hash
    refused = [
        two.approves("mei", name),
        two.approves("zoe", name, signed_by=two.keys["mei"]),
        two.approves("zoe", name, wave=2),
        two.approves("zoe", "0" * 64),
        two.approves("zoe", undone),
    ]
    works(two.host)
    assert ["refused"] * 5 == [outcome(two.host, one)[0] for one in refused]
    assert "waiting" == outcome(two.host, number)[0]
    assert "open" == study_status(two.host).state


def test_an_approval_is_of_one_request_alone(two):
    """Of two requests the one that was approved ends; the other, alike but for its random bytes, waits on."""
    day = (today() + timedelta(3)).isoformat()
    (first, _), (second, name) = closing(two, on=day), closing(two, on=day)
    two.approves("zoe", name)
    works(two.host)
    assert "second person" in outcome(two.host, first)[1]
    assert "waits for 20" in outcome(two.host, second)[1]


def test_an_approval_that_was_refused_counts_for_nothing(two):
    """Given before its person may ask for anything, it does not count once they may."""
    number, name = closing(two)
    give_role(two.host.settings, "zoe", Role.AUDITOR)
    approval = two.approves("zoe", name)
    works(two.host)
    assert "refused" == outcome(two.host, approval)[0]
    give_role(two.host.settings, "zoe", Role.RESEARCHER)
    works(two.host)
    assert "waiting" == outcome(two.host, number)[0]


def test_an_approval_holds_as_long_as_its_person_could_give_it(two):
    """On the day for which a request waits, one whose approver is disabled or whose key is gone waits on."""
    day = today() + timedelta(3)
    number, name = closing(two, on=day.isoformat())
    works(two.host)
    two.approves("zoe", name)
    works(two.host)
    assert ("waiting", f"zoe approved it; it waits for {day}") == outcome(two.host, number)
    with office_session(two.host.settings) as session:
        key = session.exec(select(ConfirmedPasskey).where(ConfirmedPasskey.staff == "zoe")).one()
        kept = key.model_dump()
        session.delete(key)
    later(two.host, day)
    assert "waiting" == outcome(two.host, number)[0]
    assert "second person" in outcome(two.host, number)[1]
    with office_session(two.host.settings) as session:
        session.add(ConfirmedPasskey(**kept))
    later(two.host, day)
    assert "done" == outcome(two.host, number)[0]


def test_an_approval_of_who_was_disabled_meanwhile_is_none(two):
    """What waits for its day waits on for a second person."""
    day = today() + timedelta(3)
    number, name = closing(two, on=day.isoformat())
    two.approves("zoe", name)
    works(two.host)
    disable_user(two.host.settings, "zoe")
    later(two.host, day)
    assert "second person" in outcome(two.host, number)[1]
    assert "open" == study_status(two.host).state


def test_what_was_begun_and_broke_off_needs_its_approval_still(two, monkeypatch):
    """Of who was disabled before it was done it is none any more: it ends refused, and the wave stays open."""
    number, name = closing(two)
    two.approves("zoe", name)
    with monkeypatch.context() as patched:
        patched.setattr("survey.operations.waves._end", lambda *_: os.fstat(-1))
        assert not worker(two.host, unsigned=False, second_person=True).work()
    assert "running" == outcome(two.host, number)[0]
    disable_user(two.host.settings, "zoe")
    works(two.host)
    state, words = outcome(two.host, number)
    assert ("refused", True, "open") == (state, "second person" in words, study_status(two.host).state)


def test_what_nobody_approves_ends(two):
    """After two weeks it is refused, in words, and no approval revives it."""
    number, name = closing(two)
    works(two.host)
    later(two.host, today() + LONGEST_WAIT)
    assert "waiting" == outcome(two.host, number)[0]
    later(two.host, today() + LONGEST_WAIT + timedelta(1))
    assert ("refused", "nobody else approved it within 14 days: ask again") == outcome(two.host, number)
    late = two.approves("zoe", name)
    works(two.host)
    assert "refused" == outcome(two.host, late)[0]


def test_documents_that_were_approved_open_the_wave(collection):
    """The manifest and the drill of whoever asked are what is opened."""
    two = Two(collection)
    asks, files = opening(collection)
    asked = a_request(collection, asks, asked_by="mei")
    number = two.adds(asked, two.keys["mei"], files)
    works(collection)
    two.approves("zoe", asked.digest)
    works(collection)
    assert "done" == outcome(collection, number)[0]


def later(host: Collection, day: date) -> None:
    """Let the operator work on another day."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("survey.operations.requests.operator.today", lambda: day)
        patched.setattr("survey.operations.transaction.today", lambda: day)
        works(host)
