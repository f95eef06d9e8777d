"""The desk: only staff get in, slowly when guessing, and a session ends when it should."""

import dataclasses
import hashlib
import re
import sqlite3
import time
from contextlib import closing

import pytest
from hosts.applications import desk_app
from hosts.collection import PASSWORD, STUDY, Collection
from hosts.desk_client import FOR_STRANGERS, Clock, get, post, sign_in, token_in
from sqlalchemy import text
from sqlmodel import Session, select

from survey.desk_app import account, entry, people_views, views
from survey.desk_app.signed_in import TOKEN, Frame
from survey.document import today
from survey.office_db.people import sign_in as signing_in
from survey.office_db.people.sessions import ABSOLUTE_SECONDS, IDLE_SECONDS
from survey.office_db.people.sign_in import FREE_GUESSES, LONGEST_WAIT, seconds_to_wait
from survey.office_db.people.tables import SignInSecret, StaffSession
from survey.operations import boxes
from survey.operations.staff import add_user, disable_user
from survey.operations.transaction import office_session
from survey.release.release import Release

COOKIE = "__Host-sotto"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(collection, clock):
    app = desk_app(collection.settings, clock)
    yield app
    app.extensions["sotto"].engine.dispose()


@pytest.fixture
def staff(app):
    """Return a client that is signed in."""
    client = app.test_client()
    assert 303 == sign_in(client).status_code
    return client


@pytest.fixture
def staff_with_a_release(released_collection, desk):
    """Return a host with a published release, the release's hash, and a client that is signed in there."""
    collection, name = released_collection
    return collection, name, desk(collection)


def test_staff_sign_in_over_https(app):
    """The honest form works over HTTPS, and leads to the list of studies."""
    client = app.test_client()
    answer = sign_in(client)
    assert (303, "/") == (answer.status_code, answer.headers["Location"])
    assert STUDY in get(client, "/").text


def test_a_long_password_is_masked_and_pasted(app, collection):
    """Its field is masked and known to password managers, and 256 characters, as many as it takes, sign in."""
    page = get(app.test_client(), "/login").text
    field = re.search(r'<input[^>]*name="password"[^>]*>', page)[0]
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert 'maxlength="256"' in field
    password = "长 long and easy " * 16
    assert 256 == len(password)
    add_user(collection.settings, "bo", password)
    assert 303 == sign_in(app.test_client(), "bo", password).status_code
    assert 401 == sign_in(app.test_client(), "bo", password[:-1]).status_code


def test_the_list_tells_the_day_of_the_last_compaction_and_a_missed_one(collection, app, clock, staff):
    """Staff read the day and no alarm; two days later, with a wave open, the alarm; with its box made, none again."""
    collection.open_wave()
    assert "There was no compaction yet" in get(staff, "/").text
    boxes.compact_answers(collection.settings)
    clock.now = int(time.time())
    assert f"Last compaction: {today()}." in get(sign_in_again(app), "/").text
    assert "missed" not in get(sign_in_again(app), "/").text
    clock.now += 2 * 86_400
    assert "A daily compaction was missed." in get(sign_in_again(app), "/").text
    with office_session(collection.settings) as session:
        session.connection().execute(text("UPDATE wave SET state = 'boxed'"))
    assert "missed" not in get(sign_in_again(app), "/").text


def sign_in_again(app):
    client = app.test_client()
    assert 303 == sign_in(client).status_code
    return client


def test_the_cookie_is_as_closed_as_cookies_get(app):
    """__Host- name, Secure, HttpOnly, SameSite=Strict, Path=/, no Domain, no lifetime."""
    cookie = sign_in(app.test_client()).headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} == set(cookie.split("; ")[1:])
    assert len(cookie) < 4096


def test_the_database_holds_no_token(app, staff):
    """What the cookie holds, taken out of its signed wrapping, is in the database as a hash only."""
    cookie = staff.get_cookie(COOKIE, domain="localhost").value
    token = app.session_interface.get_signing_serializer(app).loads(cookie)[TOKEN]
    with Session(app.extensions["sotto"].engine) as session:
        held = session.exec(select(StaffSession)).one()
    assert hashlib.sha256(token.encode()).digest() == held.token_hash
    columns = [value if isinstance(value, bytes) else str(value).encode() for value in held.model_dump().values()]
    assert not any(part in column for column in columns for part in (token[:16].encode(), token[-16:].encode()))


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/audit",
        "/audit.csv",
        "/server",
        "/requests",
        "/requests/1",
        f"/studies/{STUDY}/waves/1",
        f"/studies/{STUDY}/waves/1/documents/manifest.json",
        f"/studies/{STUDY}/waves/1/fieldwork",
        f"/studies/{STUDY}/waves/1/close-wave",
        "/account",
        "/people",
        "/account/app",
        f"/studies/{STUDY}",
        f"/releases/{'0' * 64}",
        f"/releases/{'0' * 64}/release.json",
        "/releases/x/T02.csv",
    ],
)
def test_strangers_are_sent_to_the_door(app, path):
    """Without a session every staff page leads to the sign-in and shows nothing."""
    answer = get(app.test_client(), path)
    assert (303, "/login") == (answer.status_code, answer.headers["Location"])
    assert STUDY not in answer.text


def test_every_route_is_either_listed_here_or_for_staff(app):
    """A new route without a guard fails here."""
    guarded = {name for name, view in app.view_functions.items() if hasattr(view, "__wrapped__")}
    assert set(app.view_functions) == FOR_STRANGERS | guarded


@pytest.mark.slow
@pytest.mark.parametrize(("name", "password"), [("li", "wrong password 1"), ("nobody", PASSWORD), ("li", "x" * 300)])
def test_wrong_is_wrong_whoever_asks(app, name, password):
    """A wrong password, an unknown name and an impossible one get the same page and the same status."""
    client = app.test_client()
    answer = sign_in(client, name, password)
    expected = sign_in(app.test_client(), "li", "another wrong one")
    clean = lambda page: re.sub(r'(value|data-options)="[^"]*"', "", page.text)  # noqa: E731 - twice in one line
    assert (401, clean(expected)) == (answer.status_code, clean(answer))
    assert 303 == get(client, "/").status_code


@pytest.mark.slow
def test_a_password_in_another_unicode_form_signs_in(app, collection):
    """Set decomposed, as macOS types it, and given composed, with the wide space of an input method."""
    add_user(collection.settings, "ana", "cafe\u0301 solo y leche")
    assert 303 == sign_in(app.test_client(), "ana", "caf\u00e9\u3000solo y leche").status_code
    assert 401 == sign_in(app.test_client(), "ana", "cafe solo y leche").status_code


@pytest.mark.slow
def test_guessing_is_slowed_down_and_owners_are_let_in_again(app, clock):
    """After the free guesses even the right password waits; later it works, and the count starts anew."""
    client = app.test_client()
    for _ in range(FREE_GUESSES + 1):
        assert 401 == sign_in(client, password="wrong password 1").status_code
    assert 401 == sign_in(client).status_code
    clock.now += LONGEST_WAIT
    assert 303 == sign_in(client).status_code
    with Session(app.extensions["sotto"].engine) as session:
        staff = session.get(SignInSecret, "li")
        assert (0, 0) == (staff.failures, staff.locked_until)


def test_guesses_an_hour_are_few(app, clock):
    """A guesser that tries every second gets at most 14 real tries in the first hour."""
    tries, waiting = 0, 0
    for second in range(3600):
        if second >= waiting:
            tries += 1
            waiting = second + max(seconds_to_wait(tries), 1)
    assert 5 < tries <= 14


def test_a_session_ends_by_itself(staff, clock):
    """Half an hour without use ends it, one second less does not; use keeps it no longer than twelve hours."""
    clock.now += IDLE_SECONDS
    assert 200 == get(staff, "/").status_code
    clock.now += IDLE_SECONDS + 1
    assert 303 == get(staff, "/").status_code


def test_a_session_lasts_no_longer_than_a_day_at_work(staff, clock):
    """However busy, a session ends twelve hours after signing in."""
    for _ in range(ABSOLUTE_SECONDS // IDLE_SECONDS):
        clock.now += IDLE_SECONDS
        assert 200 == get(staff, "/").status_code
    clock.now += 1
    assert 303 == get(staff, "/").status_code


def test_signing_out_ends_the_session_for_every_copy(app, staff):
    """A copied cookie is worth nothing after signing out, and the database holds no session."""
    copy = app.test_client()
    copy.set_cookie(COOKIE, staff.get_cookie(COOKIE, domain="localhost").value, domain="localhost", secure=True)
    assert 200 == get(copy, "/").status_code
    assert 303 == post(staff, "/logout", {"csrf_token": token_in(get(staff, "/"))}).status_code
    assert 303 == get(copy, "/").status_code
    with Session(app.extensions["sotto"].engine) as session:
        assert [] == session.exec(select(StaffSession)).all()


def test_signing_in_makes_a_new_session(app, staff):
    """Signing in again ends the old session: no fixation, no leftovers."""
    before = staff.get_cookie(COOKIE, domain="localhost").value
    assert 303 == sign_in(staff).status_code
    assert before != staff.get_cookie(COOKIE, domain="localhost").value
    copy = app.test_client()
    copy.set_cookie(COOKIE, before, domain="localhost", secure=True)
    assert 303 == get(copy, "/").status_code


def test_a_disabled_account_is_out_at_once(collection, staff):
    """Disabling an account ends its sessions and its password."""
    disable_user(collection.settings, "li")
    assert 303 == get(staff, "/").status_code
    assert 401 == sign_in(staff).status_code


def test_forms_of_other_sites_are_refused(app, staff):
    """Without the token, with another session's, without or with a foreign referer: 400, and nothing happens."""
    own, other = token_in(get(staff, "/")), token_in(get(app.test_client(), "/login"))
    assert 400 == post(staff, "/logout", {}).status_code
    assert 400 == post(staff, "/logout", {"csrf_token": other}).status_code
    assert 400 == post(staff, "/logout", {"csrf_token": own}, referer=None).status_code
    assert 400 == post(staff, "/logout", {"csrf_token": own}, referer="https://evil.example/").status_code
    assert 200 == get(staff, "/").status_code


def test_a_form_left_open_still_works(staff, clock, monkeypatch):
    """The token has no lifetime of its own: it outlives Flask-WTF's hour."""
    token = token_in(get(staff, "/"))
    clock.now += 25 * 60
    later = time.time() + 10 * 3600
    monkeypatch.setattr("time.time", lambda: later)
    assert 303 == post(staff, "/logout", {"csrf_token": token}).status_code


def test_checking_a_password_blocks_nobody(app, collection, monkeypatch):
    """While a password is checked another process can write to the office; a lock set meanwhile counts."""
    verify = signing_in.verifies

    def meanwhile(held: str, password: str) -> bool:
        with closing(sqlite3.connect(collection.settings.office_url.removeprefix("sqlite:///"), timeout=0)) as other:
            other.execute("UPDATE sign_in_secret SET locked_until = 1900000000")
            other.commit()
        return verify(held, password)

    monkeypatch.setattr(signing_in, "verifies", meanwhile)
    assert 303 != sign_in(app.test_client()).status_code
    monkeypatch.setattr(signing_in, "verifies", verify)
    with closing(sqlite3.connect(collection.settings.office_url.removeprefix("sqlite:///"))) as other:
        other.execute("UPDATE sign_in_secret SET locked_until = 0")
        other.commit()
    assert 303 == sign_in(app.test_client()).status_code


def test_a_study_shows_no_count_while_it_is_open(collection: Collection, staff):
    """An open wave shows a word for its fieldwork and no number of envelopes; the box's count is shown."""
    collection.open_wave()
    text = get(staff, f"/studies/{STUDY}?lang=en").text
    assert "few" in text
    assert re.search(r'data-label="Envelopes in the box">–<', text)


@pytest.mark.parametrize(("locale", "kiosk"), [("en", "one after another"), ("zh-Hans", "轮流"), ("zh-Hant", "輪流")])
def test_a_study_names_the_ways_to_answer(staff, locale, kiosk):
    """Its page gives the address of each mode and of the field kit, so that nobody needs a document to find them."""
    text = get(staff, f"/studies/{STUDY}?lang={locale}").text
    ways = [f"/s/{STUDY}#k=…{mode}</code>" for mode in ("", "&amp;m=kiosk", "&amp;m=assisted")]
    assert all(way in text for way in (*ways, f"/k/{STUDY}#k=…&amp;m=assisted</code>"))
    assert kiosk in text


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_staff_read_releases_with_margins(staff_with_a_release, locale):
    """The study's page leads to the release, which shows every table and gives both kinds of files."""
    collection, name, staff = staff_with_a_release
    assert f"/releases/{name}" in get(staff, f"/studies/{STUDY}?lang={locale}").text
    page = get(staff, f"/releases/{name}?lang={locale}")
    assert 200 == page.status_code
    assert page.text.count('class="card result"') == 12
    assert "±" in page.text
    stored = (collection.settings.public / "results" / STUDY / f"{name}.json").read_bytes()
    assert stored == get(staff, f"/releases/{name}/release.json").data
    assert get(staff, f"/releases/{name}/T02.csv").text.startswith("\ufeffstudy,wave,table,")
    assert 404 == get(staff, f"/releases/{name}/T99.csv").status_code
    assert 404 == get(staff, f"/releases/{'0' * 64}").status_code


def test_a_release_is_parsed_once_however_often_it_is_shown(staff_with_a_release, monkeypatch):
    """The study's list, a release's page and its tables take what was parsed for the first visit."""
    _, name, staff = staff_with_a_release
    addresses = (f"/studies/{STUDY}", f"/releases/{name}", f"/releases/{name}/T02.csv")
    parsed, parse = [], Release.model_validate_json

    def counted(content: bytes) -> Release:
        parsed.append(len(content))
        return parse(content)

    monkeypatch.setattr(Release, "model_validate_json", counted)
    first = [get(staff, address).data for address in addresses]
    assert 1 == len(parsed)
    csrf = rb'value="[\w.-]+"'
    assert [re.sub(csrf, b"", one) for one in first] == [
        re.sub(csrf, b"", get(staff, address).data) for address in addresses
    ]
    assert 1 == len(parsed)


def test_a_chosen_language_stays(staff):
    """Links on a page keep the language that was chosen."""
    assert f'href="/studies/{STUDY}?lang=zh-Hant"' in get(staff, "/?lang=zh-Hant").text


PAGES = (
    *(views.HomePage, views.StudyPage, views.ReleasePage, views.StudyRow, Frame),
    *(
        people_views.PeoplePage,
        entry.SignInPage,
        entry.FirstSignInPage,
        entry.CodesPage,
        account.AccountPage,
        account.AppPage,
    ),
)


def test_templates_get_one_frozen_dataclass():
    """Every page of the desk has its own frozen dataclass."""
    for kind in PAGES:
        assert dataclasses.fields(kind)
        assert kind.__dataclass_params__.frozen


def test_plain_http_is_said_loudly(collection):
    """With SOTTO_INSECURE_COOKIES the desk works over http, and says so on the door and inside."""
    client = desk_app(collection.settings, insecure_cookies=True).test_client()
    page = client.get("/login?lang=en")
    assert "Never run a real study this way" in page.text
    data = {"csrf_token": token_in(page), "name": "li", "password": PASSWORD}
    answer = client.post("/login", data=data, headers={"Origin": "http://localhost"})
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert "Never run a real study this way" in client.get("/?lang=en").text


def test_the_desk_does_not_know_where_the_answers_are(app, collection):
    """Nothing that the desk app holds contains the address of the answers database."""
    held = repr(app.config) + repr(app.extensions) + repr(vars(app.extensions["sotto"]))
    assert "answers.sqlite" not in held
    assert "answers.sqlite" in collection.settings.answers_url
