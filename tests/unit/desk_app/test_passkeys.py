"""Passkeys: they sign in and are added as they should, and what was stolen, replayed or made elsewhere does nothing."""

import json
import re
from dataclasses import replace

import pytest
from devices.authenticator import Authenticator, b64, offered
from hosts.applications import desk_app
from hosts.collection import PASSWORD, STUDY
from hosts.desk_client import HTTPS, Clock, get, post, sign_in, token_in
from hosts.host_acts import a_request, outcome, worker
from sqlmodel import Session, select

from survey.office_db.people import accounts
from survey.office_db.people.passkeys import CHALLENGE_SECONDS, Site, drop_orphans, is_signed
from survey.office_db.people.passwords import AccountError
from survey.office_db.people.role import Role
from survey.office_db.people.sign_in import FREE_GUESSES
from survey.office_db.people.tables import ConfirmedPasskey, Passkey, StaffSession
from survey.office_db.requests import add_request
from survey.operations.staff import confirm_passkey, disable_user, enable_user, give_role, invite_user, reset_user
from survey.operations.transaction import office_session

LABEL = "my <b>phone</b>"


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("time.time", clock)
    return clock


@pytest.fixture
def app(collection, clock):
    app = desk_app(collection.settings, clock)
    yield app
    app.extensions["sotto"].engine.dispose()


@pytest.fixture
def device():
    return Authenticator()


@pytest.fixture
def mei(app, collection, clock, device):
    """A client that signed in for the first time as mei, by a passkey on `device`."""
    client, link = app.test_client(), invite_user(collection.settings, "mei", Role.RESEARCHER)
    page = get(client, f"/welcome/{link}")
    form = {"csrf_token": token_in(page), "label": LABEL, "credential": device.created(offered(page))}
    assert 303 == post(client, f"/welcome/{link}/passkey", form).status_code
    client.link = link
    return client


def login(client, device):
    """Load the sign-in page and answer it by a passkey."""
    page = get(client, "/login?lang=en")
    form = {"csrf_token": token_in(page), "credential": device.got(offered(page))}
    return post(client, "/login/passkey", form)


def add(client, device, present: str = "", label: str = "key"):
    page = get(client, "/account")
    form = {"csrf_token": token_in(page), "present": present, "label": label}
    return post(client, "/account/passkey", form | {"credential": device.created(offered(page))})


def test_a_passkey_signs_in_without_a_name_or_a_password(app, mei, device):
    """The first sign-in by link and passkey uses the link up; afterwards the passkey alone signs in, each time anew."""
    assert 200 == get(mei, "/account").status_code
    assert 404 == get(app.test_client(), f"/welcome/{mei.link}").status_code
    for _ in range(2):
        client = app.test_client()
        assert 303 == login(client, device).status_code
        assert "mei" in get(client, "/account").text
    page = get(mei, "/account?lang=en").text
    assert "my &lt;b&gt;phone&lt;/b&gt;" in page
    assert ">passkey<" in page


def test_a_password_beside_a_passkey_is_warned_of(app, mei, collection):
    """Whoever has a passkey and sets a password is told on every page that it opens the account alone."""
    warning = "A password alone opens your account."
    assert warning not in get(mei, "/?lang=en").text
    with office_session(collection.settings) as session:
        accounts.set_password(session, "mei", "correct horse battery staple")
    assert (True, True) == (warning in get(mei, "/?lang=en").text, warning in get(mei, "/account?lang=en").text)


def test_controls_in_a_label_are_left_out(mei):
    """PostgreSQL takes no zero byte in a text, and nobody sees one in a list."""
    assert 303 == add(mei, Authenticator(), label="my\0 key\x1b").status_code
    page = get(mei, "/account").text
    assert (True, False) == ("my key" in page, "\x1b" in page)


def test_an_answer_counts_once(app, mei, device):
    """Sent again with the same cookie, or with a fresh page's, what a passkey signed signs nobody in."""
    device.counts = False  # as most passkeys: what refuses a second time is not the counter
    client = app.test_client()
    page = get(client, "/login")
    form = {"csrf_token": token_in(page), "credential": device.got(offered(page))}
    cookie = client.get_cookie("__Host-sotto", domain="localhost").value
    assert 303 == post(client, "/login/passkey", form).status_code
    thief = app.test_client()
    thief.set_cookie("__Host-sotto", cookie, domain="localhost", secure=True)
    assert 401 == post(thief, "/login/passkey", form).status_code
    fresh = app.test_client()
    token = token_in(get(fresh, "/login"))
    assert 401 == post(fresh, "/login/passkey", form | {"csrf_token": token}).status_code
    assert 303 == login(fresh, device).status_code


def test_a_challenge_has_its_time(app, mei, device, clock):
    """Ten minutes after the page was loaded its challenge is worth nothing; a second before, it is."""
    for seconds, status in ((CHALLENGE_SECONDS, 303), (CHALLENGE_SECONDS + 1, 401)):
        client = app.test_client()
        page = get(client, "/login")
        clock.now += seconds
        form = {"csrf_token": token_in(page), "credential": device.got(offered(page))}
        assert status == post(client, "/login/passkey", form).status_code


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost"},
        {"verifies": False},
        {"id": b"unknown"},
    ],
)
def test_what_was_signed_elsewhere_or_by_nobody_is_refused(app, mei, device, changes):
    """On a false page, over plain http, without a finger or PIN, by an unknown passkey; the control signs in."""
    assert 401 == login(app.test_client(), replace(device, **changes)).status_code
    assert 303 == login(app.test_client(), device).status_code


def test_a_key_under_anothers_name_is_refused(app, mei, device):
    """Who knows the name of a passkey, and signs with a key of their own, is not its person."""
    assert 401 == login(app.test_client(), Authenticator(id=device.id)).status_code


def test_a_copied_device_is_noticed(app, mei, device):
    """A counter that does not move on, as that of a copy, is refused (WebAuthn, section 6.1.1)."""
    assert 303 == login(app.test_client(), device).status_code
    device.count -= 1
    assert 401 == login(app.test_client(), device).status_code


@pytest.mark.parametrize(
    "sent", ["", "{}", "[]", "null", '{"rawId": 5}', '{"rawId": "*"}', "[" * 5000, "x" * 9000, "\x00"]
)
def test_what_is_no_answer_is_refused(app, mei, sent):
    """With a page and a word, never with a failure."""
    page = get(client := app.test_client(), "/login")
    assert 401 == post(client, "/login/passkey", {"csrf_token": token_in(page), "credential": sent}).status_code


@pytest.mark.slow
def test_guesses_of_others_keep_nobody_with_a_passkey_out(app, mei, device):
    """While the account is locked after wrong passwords, the passkey signs in."""
    assert 303 == change_password(mei, "").status_code
    for _ in range(FREE_GUESSES + 2):
        assert 401 == sign_in(app.test_client(), "mei", "wrong password 1").status_code
    assert 401 == sign_in(app.test_client(), "mei", PASSWORD).status_code
    assert 303 == login(app.test_client(), device).status_code


def change_password(client, present: str):
    form = {"csrf_token": token_in(get(client, "/account")), "present": present}
    return post(client, "/account/password", form | {"password": PASSWORD, "again": PASSWORD})


def test_a_disabled_person_has_no_passkey(app, collection, mei, device):
    """Until they are enabled again; a reset takes it for good."""
    disable_user(collection.settings, "mei")
    assert 401 == login(app.test_client(), device).status_code
    enable_user(collection.settings, "mei")
    assert 303 == login(app.test_client(), device).status_code
    reset_user(collection.settings, "mei")
    assert 401 == login(app.test_client(), device).status_code


def test_who_took_a_session_over_adds_and_removes_no_passkey(app, mei, clock, device):
    """Once there is a password it is asked for; without one, a passkey's session does it for ten minutes alone."""
    clock.now += 11 * 60
    assert 422 == add(mei, Authenticator()).status_code
    assert 303 == login(mei, device).status_code
    assert 303 == change_password(mei, "").status_code
    assert 422 == add(mei, Authenticator(), "not this one").status_code
    assert 303 == add(mei, Authenticator(), PASSWORD).status_code
    form = {"csrf_token": token_in(get(mei, "/account")), "passkey": b64(device.id)}
    assert 422 == post(mei, "/account/passkey/remove", form | {"present": "not this one"}).status_code
    assert 303 == login(app.test_client(), device).status_code
    assert 303 == post(mei, "/account/passkey/remove", form | {"present": PASSWORD}).status_code
    assert 401 == login(app.test_client(), device).status_code


def test_nobody_takes_anothers_passkey(app, collection, mei, device):
    """Not by adding it as one's own, nor by removing it."""
    li = app.test_client()
    assert 303 == sign_in(li).status_code
    assert 422 == add(li, device, PASSWORD).status_code
    form = {"csrf_token": token_in(get(li, "/account")), "present": PASSWORD, "passkey": b64(device.id)}
    assert 404 == post(li, "/account/passkey/remove", form).status_code
    assert 303 == login(app.test_client(), device).status_code


@pytest.mark.parametrize("path", ["/login/passkey", "/account/passkey", "/account/passkey/remove"])
def test_forms_of_other_sites_do_nothing(app, mei, device, path):
    """Without the token or from elsewhere: 400."""
    page = get(mei, "/account" if "account" in path else "/login")
    form = {"credential": "{}", "passkey": b64(device.id), "label": "x"}
    assert 400 == post(mei, path, form).status_code
    assert 400 == post(mei, path, form | {"csrf_token": token_in(page)}, referer="https://evil.example/").status_code


def test_a_passkey_signs_requests_once_it_is_confirmed(app, collection, mei, device):
    """Only by its code, only for its person, only what it signed; and no more once its person removed it."""
    code = re.search(r"sotto user confirm mei ([a-z2-7-]{19})", get(mei, "/account").text)[1]
    challenge = b"the hash of a request, 32 bytes."
    signed = device.got({"rpId": "localhost", "challenge": b64(challenge)})
    with office_session(collection.settings) as session:
        assert not is_signed(session, "mei", challenge, signed)
    for name, wrong in (("mei", "aaaa-aaaa-aaaa-aaaa"), ("li", code)):
        with pytest.raises(AccountError, match="no passkey"):
            confirm_passkey(collection.settings, name, wrong)
    confirm_passkey(collection.settings, "mei", code.upper())
    with office_session(collection.settings) as session:
        assert is_signed(session, "mei", challenge, signed)
        assert not is_signed(session, "li", challenge, signed)
        assert not is_signed(session, "mei", challenge[::-1], signed)
        assert not is_signed(session, "mei", challenge, "{}")
        forged = json.loads(signed) | {"rawId": b64(b"another"), "id": b64(b"another")}
        assert not is_signed(session, "mei", challenge, json.dumps(forged))
    assert "confirmed" in get(mei, "/account?lang=en").text
    with Session(app.extensions["sotto"].engine) as desk:
        desk.delete(desk.exec(select(Passkey)).one())
        desk.commit()
    with office_session(collection.settings) as session:
        drop_orphans(session)
        assert [] == session.exec(select(ConfirmedPasskey)).all()
        assert not is_signed(session, "mei", challenge, signed)


@pytest.mark.parametrize(
    ("origin", "offered_there"),
    [("https://desk.example", True), ("http://localhost:8001", True), ("http://127.0.0.1:8001", False),
     ("https://192.0.2.1", False), ("https://[2001:db8::1]", False), ("http://desk.example", False),
     ("https://desk.onion", False)],
)  # fmt: skip
def test_passkeys_are_offered_where_browsers_have_them(origin, offered_there):
    """Over HTTPS or on localhost, by a name and not at an address."""
    assert offered_there == Site(origin).has_passkeys


def test_no_session_is_left_of_before(app, mei, device):
    """Signing in by a passkey ends the session that the browser had: nothing that was planted is signed in."""
    planted = app.test_client()
    assert 303 == sign_in(planted).status_code
    thief = app.test_client()
    cookie = planted.get_cookie("__Host-sotto", domain="localhost").value
    thief.set_cookie("__Host-sotto", cookie, domain="localhost", secure=True)
    assert 303 == login(planted, device).status_code
    assert [200, 303] == [client.get("/account", base_url=HTTPS).status_code for client in (planted, thief)]
    with Session(app.extensions["sotto"].engine) as session:
        assert ["passkey", "passkey"] == [one.way for one in session.exec(select(StaffSession))]


def test_the_operator_takes_what_a_confirmed_passkey_signed(app, collection, mei, device):
    """Unsigned, unconfirmed, by a fieldworker or over another request it is refused; then it closes the wave."""
    collection.open_wave()
    code = re.search(r"sotto user confirm mei ([a-z2-7-]{19})", get(mei, "/account").text)[1]
    assert "no passkey signed it" in closing(collection, None)
    assert "by no confirmed passkey of mei" in closing(collection, device)
    confirm_passkey(collection.settings, "mei", code)
    assert "by no confirmed passkey of mei" in closing(collection, device, over=b"the hash of another request here")
    give_role(collection.settings, "mei", Role.FIELDWORKER)
    assert "neither an owner nor a researcher" in closing(collection, device)
    give_role(collection.settings, "mei", Role.RESEARCHER, (STUDY,))
    assert "wave 1 of q26 is closed" == closing(collection, device)


def closing(collection, device, over: bytes = b"") -> str:
    """Ask as mei for the wave's closing, signed by a device; return what the operator says, which takes signed ones."""
    asked = a_request(collection, {"kind": "close-wave", "typed": STUDY, "on": None}, asked_by="mei")
    options = {"rpId": "localhost", "challenge": b64(over or bytes.fromhex(asked.digest))}
    with office_session(collection.settings) as session:
        number = add_request(session, asked, {}, device.got(options) if device else None)
    worker(collection, unsigned=False).work()
    return outcome(collection, number)[1]
