"""The first sign-in by a link, and my account: what a person changes, and what nobody changes in their place."""

import re
from datetime import date

import pytest
from hosts.applications import desk_app
from hosts.collection import PASSWORD
from hosts.desk_client import Clock, first_sign_in, get, post, shown_secret, sign_in, token_in
from sqlmodel import Session, select

from crypto.one_time_codes import STEP_SECONDS, code_at
from survey.office_db.acts import Act
from survey.office_db.people.role import Role
from survey.office_db.people.tables import DeskAct, SignInSecret, StaffRole, StaffSession
from survey.operations.staff import invite_user, reset_user
from survey.operations.transaction import office_session

ANOTHER = "four words nobody says"
EVIL = "<img src=x onerror=alert(1)>\"'{{7*7}}"


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("time.time", clock)  # links are made by commands, which take the time of the machine
    return clock


@pytest.fixture
def app(collection, clock):
    app = desk_app(collection.settings, clock)
    yield app
    app.extensions["sotto"].engine.dispose()


@pytest.fixture
def mei(app, collection, clock):
    """A client signed in for the first time as mei, with the secret of her app and her recovery codes."""
    client = app.test_client()
    token = invite_user(collection.settings, "mei", Role.RESEARCHER)
    client.secret, answer = first_sign_in(client, token, clock.now)
    client.recovery, client.token = re.findall(r"<li><code>([a-z2-7-]{29})</code>", answer.text), token
    return client


def copied(app, client):
    """Another browser with the same cookie: a session that was stolen."""
    other = app.test_client()
    cookie = client.get_cookie("__Host-sotto", domain="localhost").value
    other.set_cookie("__Host-sotto", cookie, domain="localhost", secure=True)
    return other


def next_code(client, clock) -> str:
    clock.now += STEP_SECONDS
    return code_at(client.secret, clock.now)


def test_a_person_signs_in_first_by_a_link_and_then_by_password_and_app(app, mei, clock):
    """The link shows ten codes once and signs in; afterwards password and app do, and the link does nothing."""
    assert 10 == len(mei.recovery)
    assert 200 == get(mei, "/").status_code
    assert 404 == get(app.test_client(), f"/welcome/{mei.token}").status_code
    assert 303 == sign_in(app.test_client(), "mei", PASSWORD, next_code(mei, clock)).status_code
    assert 401 == sign_in(app.test_client(), "mei", PASSWORD).status_code
    assert 303 == sign_in(app.test_client(), "mei", PASSWORD, mei.recovery[0]).status_code
    assert 401 == sign_in(app.test_client(), "mei", PASSWORD, mei.recovery[0]).status_code


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": "password123456", "again": "password123456"}, "guessed early"),
        ({"again": PASSWORD}, "not the same"),
        ({"code": "000000"}, "not the one that the app shows"),
        ({"code": ""}, "Fill in every field"),
        ({"password": EVIL * 10, "again": EVIL * 10}, "Fill in every field"),
    ],
)
def test_what_is_wrong_at_the_first_sign_in_is_said_and_changes_nothing(app, collection, clock, changes, says):
    """The page says it, shows the same secret again, and repeats no password; the control: what is right signs in."""
    client, token = app.test_client(), invite_user(collection.settings, "mei", Role.RESEARCHER)
    page = get(client, f"/welcome/{token}?lang=en")
    secret = shown_secret(page)
    form = {"csrf_token": token_in(page), "password": ANOTHER, "again": ANOTHER, "code": code_at(secret, clock.now)}
    answer = post(client, f"/welcome/{token}?lang=en", form | changes)
    assert 422 == answer.status_code
    assert says in answer.text
    assert secret == shown_secret(answer)
    assert changes.get("password", ANOTHER) not in answer.text
    assert "<li><code>" not in answer.text
    assert 200 == post(client, f"/welcome/{token}", form).status_code


def test_no_cookie_from_before_is_signed_in(app, collection, clock):
    """A cookie that somebody planted before the first sign-in has no session after it, nor that of another person."""
    planted = app.test_client()
    assert 303 == sign_in(planted).status_code
    thief = copied(app, planted)
    token = invite_user(collection.settings, "mei", Role.RESEARCHER)
    first_sign_in(planted, token, clock.now)
    assert [200, 303] == [get(client, "/").status_code for client in (planted, thief)]


def test_a_password_is_changed_with_the_present_one(app, mei, clock):
    """Without it, 422 and nothing; with it the other sessions end, and the new password alone signs in."""
    other = app.test_client()
    assert 303 == sign_in(other, "mei", PASSWORD, next_code(mei, clock)).status_code
    form = {"csrf_token": token_in(get(mei, "/account")), "password": ANOTHER, "again": ANOTHER}
    assert 422 == post(mei, "/account/password", form | {"present": "not this one"}).status_code
    assert 200 == get(other, "/account").status_code
    assert 303 == post(mei, "/account/password", form | {"present": PASSWORD}).status_code
    assert [200, 303] == [get(client, "/account").status_code for client in (mei, other)]
    assert 401 == sign_in(app.test_client(), "mei", PASSWORD, next_code(mei, clock)).status_code
    assert 303 == sign_in(app.test_client(), "mei", ANOTHER, code_at(mei.secret, clock.now)).status_code


def test_another_app_takes_the_place_of_the_first(app, mei, clock):
    """It needs the present password and a code of the new secret; then the old app and old recovery codes are out."""
    page = get(mei, "/account/app")
    secret = shown_secret(page)
    clock.now += STEP_SECONDS
    form = {"csrf_token": token_in(page), "code": code_at(secret, clock.now), "present": PASSWORD}
    assert 422 == post(mei, "/account/app", form | {"present": "not this one"}).status_code
    assert 422 == post(mei, "/account/app", form | {"code": code_at(mei.secret, clock.now)}).status_code
    answer = post(mei, "/account/app", form)
    codes = re.findall(r"<li><code>([a-z2-7-]{29})</code>", answer.text)
    assert 10 == len({*codes} - {*mei.recovery})
    assert 401 == sign_in(app.test_client(), "mei", PASSWORD, next_code(mei, clock)).status_code
    assert 401 == sign_in(app.test_client(), "mei", PASSWORD, mei.recovery[0]).status_code
    assert 303 == sign_in(app.test_client(), "mei", PASSWORD, code_at(secret, clock.now)).status_code
    assert 303 == sign_in(app.test_client(), "mei", PASSWORD, codes[0]).status_code


def test_new_recovery_codes_need_the_present_password(mei):
    """Without it the page says so and shows none."""
    form = {"csrf_token": token_in(get(mei, "/account")), "present": "not this one"}
    answer = post(mei, "/account/recovery", form)
    assert (422, 0) == (answer.status_code, answer.text.count("<li><code>"))
    answer = post(mei, "/account/recovery", form | {"present": PASSWORD})
    assert (200, 10) == (answer.status_code, answer.text.count("<li><code>"))


def test_a_stolen_session_ends_with_all_others(app, mei, clock):
    """The list shows two sessions; ending the others leaves this browser and ends the other at once."""
    thief = app.test_client()
    assert 303 == sign_in(thief, "mei", PASSWORD, next_code(mei, clock)).status_code
    page = get(mei, "/account?lang=en")
    assert 2 == page.text.count("just now</td>")
    assert 1 == page.text.count("this browser")
    assert 200 == get(thief, "/account").status_code
    assert 303 == post(mei, "/account/sessions", {"csrf_token": token_in(page)}).status_code
    assert [200, 303] == [get(client, "/account").status_code for client in (mei, thief)]
    assert "End all others" not in get(mei, "/account?lang=en").text


@pytest.mark.parametrize("path", ["password", "app", "recovery", "sessions"])
def test_forms_of_other_sites_change_nothing(app, mei, path):
    """Without the token, with another session's, or from another site: 400; the secrets stay as they are."""
    before = secrets_of(app)
    other = token_in(get(app.test_client(), "/login"))
    own = token_in(get(mei, "/account"))
    form = {"present": PASSWORD, "password": ANOTHER, "again": ANOTHER, "code": "000000"}
    assert 400 == post(mei, f"/account/{path}", form).status_code
    assert 400 == post(mei, f"/account/{path}", form | {"csrf_token": other}).status_code
    foreign = post(mei, f"/account/{path}", form | {"csrf_token": own}, referer="https://evil.example/")
    assert 400 == foreign.status_code
    assert before == secrets_of(app)


def secrets_of(app) -> list[str]:
    with Session(app.extensions["sotto"].engine) as session:
        rows = [row for table in (SignInSecret, StaffRole, StaffSession) for row in session.exec(select(table))]
        return sorted(str(row.model_dump(exclude={"seen"})) for row in rows)


def test_fields_that_no_form_has_change_nothing(app, collection, clock):
    """A role, a name, an account's state or a secret of one's own in a form is passed over."""
    client, token = app.test_client(), invite_user(collection.settings, "mei", Role.FIELDWORKER)
    page = get(client, f"/welcome/{token}")
    more = {
        "role": "owner",
        "name": "li",
        "staff": "li",
        "active": "1",
        "study": "",
        "code_secret": "AAAA",
        "way": "passkey",
    }
    form = {"csrf_token": token_in(page), "password": ANOTHER, "again": ANOTHER} | more
    assert 200 == post(client, f"/welcome/{token}", form | {"code": code_at(shown_secret(page), clock.now)}).status_code
    with Session(app.extensions["sotto"].engine) as session:
        assert ["fieldworker"] == [row.role for row in session.exec(select(StaffRole).filter_by(staff="mei"))]
        assert ["link"] == [row.way for row in session.exec(select(StaffSession))]
        assert session.get(SignInSecret, "li").code_secret is None


def test_hostile_words_are_neither_shown_as_markup_nor_the_end_of_a_page(app, mei):
    """In name, password, code and link: refused with a page, and no element of theirs in it."""
    for name, password, code in (
        (EVIL, EVIL, EVIL),
        ("mei", "\x00" * 20, "\ud83d"),
        ("\u202emei", PASSWORD, "\uff11\uff12\uff13456"),
    ):
        answer = sign_in(app.test_client(), name[:32], password, code[:40].encode("utf-8", "replace").decode())
        assert 401 == answer.status_code
        assert "<img" not in answer.text
    for link in ("x", "%3Cimg%3E", "a" * 500, "%00", "..%2f"):
        assert get(app.test_client(), f"/welcome/{link}").status_code in {404, 308}


def test_a_reset_ends_what_was_open(app, collection, mei, clock):
    """Sessions, password, app and codes are worth nothing at once; the new link begins anew."""
    token = reset_user(collection.settings, "mei")
    assert 303 == get(mei, "/account").status_code
    assert 401 == sign_in(app.test_client(), "mei", PASSWORD, next_code(mei, clock)).status_code
    assert 200 == first_sign_in(app.test_client(), token, clock.now)[1].status_code


def test_the_audit_shows_who_signed_in_and_who_failed(app, collection, mei, monkeypatch):
    """What the desk told is in the chain after the next command, the person's name and all."""
    monkeypatch.setattr("survey.operations.transaction.today", lambda: date(2027, 1, 15))  # the day of the desk's clock
    sign_in(app.test_client(), "mei", "not this one at all")
    with office_session(collection.settings) as session:
        assert [] == session.exec(select(DeskAct)).all()
    li = app.test_client()
    assert 303 == sign_in(li).status_code
    page = get(li, "/audit?words=mei&lang=en").text
    assert [act for act in (Act.FIRST_SIGN_IN, Act.SIGN_IN_FAILED) if f">{act}<" in page] == [
        Act.FIRST_SIGN_IN,
        Act.SIGN_IN_FAILED,
    ]


def test_who_has_a_password_alone_is_told_to_set_up_an_app(app, mei):
    """On every page, until they have one."""
    li = app.test_client()
    assert 303 == sign_in(li).status_code
    assert "A password alone opens your account." in get(li, "/?lang=en").text
    assert "A password alone opens your account." not in get(mei, "/?lang=en").text
