"""What the operator makes of signatures: whatever is written into the desk's tables, only a person's own key counts."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta

import cbor2
import pytest
from devices.authenticator import Authenticator, b64
from devices.staff_passkeys import passkey_of, signer
from hosts.collection import STUDY, Collection
from hosts.host_acts import a_request, opening, outcome, study_status, worker
from hosts.published_life import planned
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from webauthn.helpers import base64url_to_bytes

from crypto.canonical import digest
from survey.document import today
from survey.office_db.audit_search import ActSearch, acts
from survey.office_db.desk_access import connect_desk
from survey.office_db.people.tables import ConfirmedPasskey, Passkey
from survey.office_db.request_document import RequestDocument
from survey.office_db.requests import DeskRequest, DeskRequestFile, next_number
from survey.operations.staff import disable_user, enable_user
from survey.operations.transaction import office_session

CLOSE = {"kind": "close-wave", "typed": STUDY, "on": None}


def asked(host: Collection, by: str, asks: dict = CLOSE, wave: int = 1) -> RequestDocument:
    return a_request(host, asks, asked_by=by, wave=wave)


def signature(device: Authenticator, over: RequestDocument) -> str:
    """Return what a browser sends once a device has signed the hash of a request."""
    return device.got({"rpId": "localhost", "challenge": b64(over.challenge)})


def written(
    collection: Collection,
    content: bytes,
    assertion: str | None,
    name: str = "",
    files: dict[str, bytes] | None = None,
) -> int:
    """Write a row with the rights of the desk's role alone, past every page of ours; return its number."""
    desk = connect_desk(collection.settings.office_url)
    with Session(desk) as session:
        number = next_number(session)
        session.add(DeskRequest(number=number, hash=name or digest(content), content=content, assertion=assertion))
        session.flush()
        session.add_all(DeskRequestFile(request=number, name=one, content=data) for one, data in (files or {}).items())
        session.commit()
    desk.dispose()
    return number


def worked(collection: Collection, number: int) -> tuple[str, str]:
    """Let an operator work that takes nothing unsigned; return how the request stands, and why."""
    assert worker(collection, unsigned=False).work()
    return outcome(collection, number)


def refusals(collection: Collection) -> list[tuple[str, str]]:
    """Return what the audit has of unproven requests: by whom, and which."""
    with office_session(collection.settings) as session:
        found = [act for act in acts(session, ActSearch()) if act.action == "unproven request refused"]
        return [(act.actor, act.subject) for act in reversed(found)]


@dataclass
class Signers:
    """Two researchers of a host by their confirmed passkeys, and one of mei's that nobody confirmed."""

    host: Collection
    mei: Authenticator
    zoe: Authenticator
    unconfirmed: Authenticator


@pytest.fixture
def signers(open_collection) -> Signers:
    """Return the researchers of a host with an open wave."""
    mei, zoe = signer(open_collection, "mei"), signer(open_collection, "zoe")
    return Signers(open_collection, mei, zoe, passkey_of(open_collection, "mei", confirmed=False))


def dated(true: RequestDocument) -> RequestDocument:
    """Return a request that was changed after it was signed: it waits for a day."""
    return RequestDocument.from_bytes(
        true.to_bytes().replace(b'"on":null', b'"on":"%s"' % today().isoformat().encode())
    )


# By what is false: the bytes of the row, the signature with it, and the hash under which it stands ("": its own).
FORGED: dict[str, Callable[[Signers, RequestDocument], tuple[RequestDocument, str | None, str]]] = {
    "nobody signed it": lambda _, true: (true, None, ""),
    "by a key that nobody confirmed": lambda who, true: (true, signature(who.unconfirmed, true), ""),
    "by another person": lambda who, true: (true, signature(who.zoe, true), ""),
    "by another person, as if by her key": lambda who, true: (
        true,
        signature(replace(who.zoe, id=who.mei.id), true),
        "",
    ),
    "replayed from another request of hers": lambda who, true: (true, signature(who.mei, asked(who.host, "mei")), ""),
    "her signature under another name": lambda who, _: (it := asked(who.host, "zoe"), signature(who.mei, it), ""),
    "changed after it was signed": lambda who, true: (dated(true), signature(who.mei, true), ""),
    "changed, under the old hash": lambda who, true: (dated(true), signature(who.mei, true), true.digest),
    "on a false page": lambda who, true: (true, signature(replace(who.mei, origin="https://evil.example"), true), ""),
    "without a finger or PIN": lambda who, true: (true, signature(replace(who.mei, verifies=False), true), ""),
    "over nothing": lambda who, true: (true, who.mei.got({"rpId": "localhost", "challenge": ""}), ""),
    "the making of a key": lambda who, true: (
        true,
        who.mei.created({"rp": {"id": "localhost"}, "challenge": b64(true.challenge)}),
        "",
    ),
}


def test_what_the_person_did_not_sign_is_refused_and_the_audit_says_so(open_collection, signers):
    """Rows of whoever took the desk: each closes nothing and is told in the audit; then mei's own is carried out."""
    for what, forge in FORGED.items():
        request, assertion, name = forge(signers, asked(open_collection, "mei"))
        number = written(open_collection, request.to_bytes(), assertion, name)
        assert "refused" == worked(open_collection, number)[0], what
        actor, subject = refusals(open_collection)[-1]
        assert (f"{number} {digest(request.to_bytes())}", False) == (subject, "@desk" in actor), what
    assert "open" == study_status(open_collection).state
    assert len(FORGED) == len(refusals(open_collection))
    true = asked(open_collection, "mei")
    number = written(open_collection, true.to_bytes(), signature(signers.mei, true))
    assert ("done", "wave 1 of q26 is closed") == worked(open_collection, number)
    assert len(FORGED) == len(refusals(open_collection))


NO_ANSWERS = ["", "{}", "[]", "null", "5", '"x"', '{"rawId": 5}', '{"rawId": "*"}', "[" * 5000, "\x00", "x" * 9000]


def test_what_is_no_signature_never_stops_the_operator(open_collection, signers):
    """Whatever stands in the row, and in each part of a signature, it is refused; the operator goes on to the next."""
    whole = json.loads(signature(signers.mei, asked(open_collection, "mei")))
    bads = (None, 5, [], {}, "", "*", b64(b"[]"), b64(b"null"), b64(b"\xff" * 40), b64(bytes(37)))
    given = whole["response"]
    parts = [json.dumps(whole | {"response": given | {part: bad}}) for part in given for bad in bads]
    parts += [json.dumps(whole | {name: bad}) for name in whole for bad in (None, 5, [], {}, "", "*")]
    numbers = [written(open_collection, asked(open_collection, "mei").to_bytes(), one) for one in NO_ANSWERS + parts]
    true = asked(open_collection, "mei")
    last = written(open_collection, true.to_bytes(), signature(signers.mei, true))
    assert ("done", "wave 1 of q26 is closed") == worked(open_collection, last)
    assert {"refused"} == {outcome(open_collection, number)[0] for number in numbers}
    assert len(numbers) == len(refusals(open_collection))


def nested(whole: str, depth: int) -> str:
    """Return a signature with a member that is so many lists deep."""
    return f"""{whole[:-1]}, "x": {"[" * depth}{"]" * depth}}}"""


def test_what_is_nested_as_deep_as_a_reader_goes_ends_no_operator(open_collection, signers):
    """Around the depth at which the reader of one call gives up and that of another does not, each row is refused."""
    whole = signature(signers.mei, asked(open_collection, "mei"))
    numbers = [
        written(open_collection, asked(open_collection, "mei").to_bytes(), nested(whole, n))
        for n in range(900, 1001, 4)
    ]
    true = asked(open_collection, "mei")
    last = written(open_collection, true.to_bytes(), signature(signers.mei, true))
    assert ("done", "wave 1 of q26 is closed") == worked(open_collection, last)
    assert {"refused"} == {outcome(open_collection, number)[0] for number in numbers}
    assert len(numbers) == len(refusals(open_collection))


# By what is false: a row of the request, past the types that its columns have.
MISTYPED: dict[str, Callable[[RequestDocument, str], tuple[object, object]]] = {
    "bytes for a signature": lambda asked, by: (asked.to_bytes(), by.encode()),
    "text for the document": lambda asked, by: (asked.to_bytes().decode(), by),
}


def past_the_types(collection: Collection, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Write what the database would refuse if its checks were on."""
    with closing(sqlite3.connect(collection.settings.office_url.removeprefix("sqlite:///"))) as database, database:
        database.execute("PRAGMA ignore_check_constraints = 1")
        for statement, values in statements:
            database.execute(statement, values)


@pytest.mark.parametrize("mistyped", MISTYPED.values(), ids=MISTYPED)
def test_a_row_that_cannot_be_read_is_refused_and_ends_no_operator(open_collection, signers, mistyped):
    """SQLite takes text for bytes and bytes for text; the request behind such a row is carried out."""
    bad, good = asked(open_collection, "mei"), asked(open_collection, "mei")
    content, assertion = mistyped(bad, signature(signers.mei, bad))
    row = (1, bad.digest, content, assertion)
    past_the_types(open_collection, ("INSERT INTO request VALUES (?, ?, ?, ?)", row))
    last = written(open_collection, good.to_bytes(), signature(signers.mei, good))
    assert ("done", "wave 1 of q26 is closed") == worked(open_collection, last)
    with closing(sqlite3.connect(open_collection.settings.office_url.removeprefix("sqlite:///"))) as database:
        assert [("refused",)] == database.execute("SELECT state FROM request_result WHERE request = 1").fetchall()
    assert 1 == len(refusals(open_collection))


def test_what_was_begun_is_not_called_refused(open_collection, signers):
    """A request that was accepted before may have been carried out in part: it stays as it is, to be done again."""
    request = asked(open_collection, "mei")
    number = written(open_collection, request.to_bytes(), signature(signers.mei, request))
    running = (number, today().isoformat())
    past_the_types(open_collection, ("INSERT INTO request_result VALUES (?, 'running', '', ?)", running))
    with pytest.MonkeyPatch.context() as broken:
        broken.delattr("survey.operations.requests.operator.files_of")
        assert not worker(open_collection, unsigned=False).work()
    assert ("running", []) == (outcome(open_collection, number)[0], refusals(open_collection))
    assert "done" == worked(open_collection, number)[0]


def test_documents_that_were_exchanged_under_a_signature_are_refused(collection):
    """The signature is over the hashes of the documents: with another drill nothing is opened, with its own it is."""
    mei = signer(collection, "mei")
    asks, files = opening(collection)
    for drill, state in ((files["drill"] + b" ", "refused"), (files["drill"], "done")):
        request = asked(collection, "mei", asks)
        brought = files | {"drill": drill}
        number = written(collection, request.to_bytes(), signature(mei, request), files=brought)
        assert state == worked(collection, number)[0]
    assert 1 == len(refusals(collection))


def test_what_was_signed_is_taken_back_by_a_signature_alone(open_collection, signers):
    """Rows of whoever took the desk take back nothing that somebody signed; who has a passkey does, and so is named."""
    tomorrow = (today() + timedelta(1)).isoformat()
    request = asked(open_collection, "mei", CLOSE | {"on": tomorrow})
    number = written(open_collection, request.to_bytes(), signature(signers.mei, request))
    assert "waiting" == worked(open_collection, number)[0]
    back = {"kind": "cancel", "request": request.digest}
    true = asked(open_collection, "mei", back)
    for forged in (None, signature(signers.zoe, true), signature(signers.mei, request)):
        one = asked(open_collection, "mei", back)
        assert "refused" == worked(open_collection, written(open_collection, one.to_bytes(), forged))[0]
        assert "waiting" == outcome(open_collection, number)[0]
    assert 3 == len(refusals(open_collection))
    assert "done" == worked(open_collection, written(open_collection, true.to_bytes(), signature(signers.mei, true)))[0]
    assert ("refused", "mei took it back") == outcome(open_collection, number)


def test_the_desk_cannot_make_its_own_key_a_persons(open_collection, signers):
    """It may write what signs in at the desk: a thief's key under mei's name, or in place of hers, signs no request."""
    thief, mei = Authenticator(), signers.mei
    desk = connect_desk(open_collection.settings.office_url)
    with Session(desk) as session:
        hers = session.get_one(Passkey, mei.id)
        session.add(Passkey(**hers.model_dump() | {"credential": thief.id, "public_key": public_key(thief)}))
        hers.public_key = public_key(thief)
        session.commit()
        session.add(
            ConfirmedPasskey(**hers.model_dump(include={*ConfirmedPasskey.model_fields}) | {"credential": thief.id})
        )
        with pytest.raises(DBAPIError, match=r"not authorized|prohibited"):
            session.flush()
    desk.dispose()
    for device in (thief, replace(thief, id=mei.id)):
        request = asked(open_collection, "mei")
        number = written(open_collection, request.to_bytes(), signature(device, request))
        assert "by no confirmed passkey of mei" in worked(open_collection, number)[1]
    request = asked(open_collection, "mei")
    number = written(open_collection, request.to_bytes(), signature(mei, request))
    assert "done" == worked(open_collection, number)[0], "the control: her own key, which only the desk's table lost"


def test_a_signature_counts_while_its_person_and_key_do(open_collection, signers):
    """Of who is disabled, or removed the key before its day came, it is worth nothing; enabled again, it is."""
    disable_user(open_collection.settings, "mei")
    request = asked(open_collection, "mei")
    number = written(open_collection, request.to_bytes(), signature(signers.mei, request))
    assert "no open account" in worked(open_collection, number)[1]
    enable_user(open_collection.settings, "mei")
    tomorrow = today() + timedelta(1)
    request = asked(open_collection, "mei", CLOSE | {"on": tomorrow.isoformat()})
    late = written(open_collection, request.to_bytes(), signature(signers.mei, request))
    assert "waiting" == worked(open_collection, late)[0]
    request = asked(open_collection, "zoe", CLOSE | {"on": tomorrow.isoformat()})
    kept = written(open_collection, request.to_bytes(), signature(signers.zoe, request))
    assert "waiting" == worked(open_collection, kept)[0]
    with office_session(open_collection.settings) as session:
        session.delete(session.get_one(Passkey, signers.mei.id))
    with pytest.MonkeyPatch.context() as days:
        pass_to(days, tomorrow)
        assert "refused" == worked(open_collection, late)[0]
        assert "done" == outcome(open_collection, kept)[0]


def public_key(device: Authenticator) -> bytes:
    """Return the key of a device as the database has it (COSE)."""
    made = json.loads(device.created({"rp": {"id": "localhost"}, "challenge": ""}))
    data = cbor2.loads(base64url_to_bytes(made["response"]["attestationObject"]))["authData"]
    return bytes(data[55 + len(device.id) :])


def test_a_signature_of_one_day_is_worth_nothing_four_days_later(open_collection, signers, monkeypatch):
    """Whoever held the desk has one and writes any day beside it; its value is of the day that it was signed on."""
    kept = asked(open_collection, "mei")
    late = today() + timedelta(4)
    ahead = a_request(open_collection, CLOSE, asked_by="mei", day=late.isoformat())
    with monkeypatch.context() as days:
        pass_to(days, late)
        for request in (kept, ahead):
            number = written(open_collection, request.to_bytes(), signature(signers.mei, request))
            assert "refused" == worked(open_collection, number)[0]
        assert "names no value that this host gave out" in outcome(open_collection, number)[1]
        assert 1 == len(refusals(open_collection))
        assert "open" == study_status(open_collection).state


def test_no_value_of_a_day_to_come_is_there_to_be_signed(open_collection, signers, monkeypatch):
    """A value that nobody gave out is refused; within its three days one that was given out is carried out."""
    invented = a_request(open_collection, CLOSE, asked_by="mei", fresh="0" * 32)
    number = written(open_collection, invented.to_bytes(), signature(signers.mei, invented))
    assert "refused" == worked(open_collection, number)[0]
    assert 1 == len(refusals(open_collection))
    request = asked(open_collection, "mei")
    pass_to(monkeypatch, today() + timedelta(3))
    number = written(open_collection, request.to_bytes(), signature(signers.mei, request))
    assert ("done", "wave 1 of q26 is closed") == worked(open_collection, number)


def pass_to(patched: pytest.MonkeyPatch, day: date) -> None:
    """Let a day be today for the operator and what it does."""
    for module in ("operations.requests.operator", "operations.waves", "operations.transaction"):
        patched.setattr(f"survey.{module}.today", lambda: day)


def test_a_plan_is_published_over_a_signature_alone(signers):
    """What the study's key registered and nobody asked for by a passkey is refused; signed it is published."""
    host = signers.host
    plan = planned(host, 1, None)
    folder = host.registered(plan)
    files = {name: (folder / f"{name}.json").read_bytes() for name in ("plan", "registration")}
    members = {"kind": "register-plan", "typed": STUDY} | {name: digest(data) for name, data in files.items()}
    wanted = asked(host, "mei", members)
    assert "no passkey signed it" in worked(host, written(host, wanted.to_bytes(), None, files=files))[1]
    assert () == study_status(host).plans
    wanted = asked(host, "mei", members)
    number = written(host, wanted.to_bytes(), signature(signers.mei, wanted), files=files)
    assert "done" == worked(host, number)[0]
    assert (plan.digest,) == study_status(host).plans
