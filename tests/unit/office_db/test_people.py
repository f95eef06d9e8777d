"""People: their names and passwords, and the means by which they sign in, each of which works as often as it should."""

from datetime import date

import pytest
from cheap.databases import migrated
from cheap.passwords import CHEAP
from sqlmodel import Session, select

from crypto.one_time_codes import STEP_SECONDS, code_at, matching_step, new_secret
from survey.office_db.acts import Act
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.people import accounts, desk_acts, own_account, passwords, roles, second_factor, sign_in, tokens
from survey.office_db.people.accounts import LINK_SECONDS, NewMeans, WrongCodeError
from survey.office_db.people.desk_acts import MOST_AT_ONCE
from survey.office_db.people.passwords import AccountError, CommonPasswordError, prepared
from survey.office_db.people.role import Role
from survey.office_db.people.sessions import FRESH_SECONDS, MOST_SESSIONS, SignInWay, begin_session, current
from survey.office_db.people.sign_in import FREE_GUESSES, LONGEST_WAIT, Attempt, SignInError
from survey.office_db.people.tables import DeskAct, RecoveryCode, SignInLink, SignInSecret, Staff, StaffSession
from survey.office_db.tables import AuditEntry, check_audit

DAY = date(2026, 11, 22)
NOW = 1_800_000_000
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def cheap(monkeypatch, request):
    """Hashes of one pass over 8 KiB: what these tests say does not depend on the cost, but for the one about it."""
    if request.function is not test_passwords_cost_what_they_should:
        monkeypatch.setattr(passwords, "PasswordHasher", CHEAP)


@pytest.fixture
def session(settings):
    """A session of an office with one person who has no means of signing in."""
    migrated(settings)
    engine = connect_staff_database(settings.office_url)
    with Session(engine) as session:
        accounts.add_account(session, "li", DAY)
        session.commit()
        yield session
    engine.dispose()


@pytest.fixture
def li(session):
    """The secret of li's app: li signed in for the first time, with password and app."""
    secret = new_secret()
    token = accounts.make_link(session, "li", NOW)
    session.info["codes"] = accounts.first_sign_in(
        session, token, NewMeans(PASSWORD, secret, code_at(secret, NOW)), NOW
    )
    session.commit()
    return secret


def way_in(session, password: str, code: str, now: int) -> str | None:
    """Return the way by which li got in, None where it was refused."""
    try:
        token = sign_in.sign_in(session, Attempt("li", password, code), now)
    except SignInError:
        return None
    way = current(session, token, now).way
    session.commit()
    return way


def lock(session) -> None:
    """Guess until the account is locked for a minute: the first lock, of half of one, ends before the next code."""
    for now in [NOW - STEP_SECONDS] * (FREE_GUESSES + 1) + [NOW]:
        assert way_in(session, "wrong password 1", "000000", now) is None


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Li", "long enough password"),
        ("l", "long enough password"),
        ("a b", "x" * 20),
        ("li", "short"),
        ("li", "x" * 257),
    ],
)
def test_poor_accounts_are_refused(session, name, password):
    """Names and passwords that will not do are refused without repeating them."""
    act, *given = (accounts.set_password, name, password) if name == "li" else (accounts.add_account, name, DAY)
    with pytest.raises(AccountError) as caught:
        act(session, *given)
    assert password not in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("caf\u00e9 caf\u00e9 caf\u00e9", True),
        ("cafe\u0301 cafe\u0301 cafe\u0301", True),
        ("caf\u00e9\u3000caf\u00e9\u00a0caf\u00e9", True),
        ("cafe cafe cafe", False),
        ("caf\u00e9\u200bcaf\u00e9\u200bcaf\u00e9", False),
    ],
)
def test_a_password_is_compared_in_one_form(typed, same):
    """Composed or decomposed, with the wide space of an input method: one password; other letters are another."""
    assert same == (prepared(typed) == prepared("caf\u00e9 caf\u00e9 caf\u00e9"))


def test_passwords_cost_what_they_should(session):
    """Passwords are argon2id with at least 64 MiB and three passes."""
    accounts.set_password(session, "li", "long enough password")
    kept = session.get(SignInSecret, "li").password_hash
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,")


@pytest.mark.parametrize(
    "password",
    [
        "password123456",
        "passwordpassword",
        "qwertyuiop12",
        "123456789012",
        "li-li-li-li-li",
        "sotto-sotto-so",
        "aaaaaaaaaaaa",
    ],
)
def test_what_is_guessed_first_is_refused(session, password):
    """Stolen passwords, repetitions, keys in a row, and the person's or our own name are refused; words are taken."""
    with pytest.raises(CommonPasswordError) as caught:
        accounts.set_password(session, "li", password)
    assert password not in str(caught.value)
    accounts.set_password(session, "li", PASSWORD)


def test_a_link_works_once_and_for_three_days(session):
    """It ends with its last second, a newer one replaces it, its token is not stored, and using it ends it."""
    old = accounts.make_link(session, "li", NOW)
    token = accounts.make_link(session, "li", NOW)
    assert (None, "li") == (accounts.invited(session, old, NOW), accounts.invited(session, token, NOW))
    assert "li" == accounts.invited(session, token, NOW + LINK_SECONDS - 1)
    assert accounts.invited(session, token, NOW + LINK_SECONDS) is None
    assert token.encode() not in session.exec(select(SignInLink)).one().token_hash
    secret = new_secret()
    means = NewMeans(PASSWORD, secret, code_at(secret, NOW))
    assert 10 == len(accounts.first_sign_in(session, token, means, NOW).recovery_codes)
    assert accounts.first_sign_in(session, token, means, NOW) is None


def test_a_link_of_somebody_disabled_is_worth_nothing(session):
    """Until they are enabled again."""
    token = accounts.make_link(session, "li", NOW)
    session.get(Staff, "li").active = False
    assert accounts.invited(session, token, NOW) is None
    session.get(Staff, "li").active = True
    assert "li" == accounts.invited(session, token, NOW)


def test_a_wrong_code_at_the_first_sign_in_leaves_the_link(session):
    """Nothing is set, and the same link still works."""
    token, secret = accounts.make_link(session, "li", NOW), new_secret()
    session.commit()
    with pytest.raises(WrongCodeError):
        accounts.first_sign_in(session, token, NewMeans(PASSWORD, secret, code_at(new_secret(), NOW)), NOW)
    session.rollback()
    assert session.get(SignInSecret, "li").password_hash is None
    assert "li" == accounts.invited(session, token, NOW)


def test_a_code_is_taken_once(session, li):
    """The code of the first sign-in is used up; the next one works, not twice, and no older one after it."""
    later = NOW + STEP_SECONDS
    assert way_in(session, PASSWORD, code_at(li, NOW), NOW) is None
    assert SignInWay.CODE == way_in(session, PASSWORD, code_at(li, later), later)
    assert way_in(session, PASSWORD, code_at(li, later), later) is None
    assert way_in(session, PASSWORD, code_at(li, NOW), later) is None
    assert SignInWay.CODE == way_in(session, PASSWORD, code_at(li, later + STEP_SECONDS), later)


def test_codes_are_those_of_rfc_6238():
    """Appendix B's secret and times, with the last six digits of its codes; a clock may be one step off, not two."""
    secret = b"12345678901234567890"
    for now, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert code == code_at(secret, now)
        assert [True, True, False] == [
            matching_step(secret, code, now + steps * STEP_SECONDS, 0) is not None for steps in (-1, 1, 2)
        ]
    for typed in ("", "28708", "2870821", "28708\uff12", "abcdef"):
        assert matching_step(secret, typed, 59, 0) is None


def test_without_its_code_a_password_opens_nothing(session, li):
    """Nor does a code without the password, nor another person's recovery code."""
    later = NOW + STEP_SECONDS
    accounts.add_account(session, "bo", DAY)
    session.add(RecoveryCode(code_hash=tokens.token_hash("theirs"), staff="bo"))
    session.commit()
    for password, code in ((PASSWORD, ""), ("another long one", code_at(li, later)), (PASSWORD, "theirs")):
        assert way_in(session, password, code, later) is None
    assert SignInWay.CODE == way_in(session, PASSWORD, code_at(li, later), later)


def test_a_recovery_code_works_once(session, li):
    """However it is typed; the database has its hash alone; new ones make those of before worthless."""
    first, second, *_ = session.info["codes"].recovery_codes
    assert SignInWay.RECOVERY == way_in(session, PASSWORD, first.upper().replace("-", " "), NOW)
    assert way_in(session, PASSWORD, first, NOW) is None
    stored = b"".join(one.code_hash for one in session.exec(select(RecoveryCode)))
    assert second.replace("-", "").encode() not in stored
    assert 9 * 32 == len(stored)
    second_factor.renew_recovery_codes(session, "li")
    session.commit()
    assert way_in(session, PASSWORD, second, NOW) is None


def test_guesses_of_others_do_not_lock_out_who_has_both(session, li):
    """While strangers' guesses lock the account, password and code still open it; without an app they would not."""
    lock(session)
    later = NOW + STEP_SECONDS
    assert later < session.get(SignInSecret, "li").locked_until
    assert SignInWay.CODE == way_in(session, PASSWORD, code_at(li, later), later)
    accounts.add_account(session, "bo", DAY)
    accounts.set_password(session, "bo", PASSWORD)
    session.commit()
    for _ in range(FREE_GUESSES + 1):
        with pytest.raises(SignInError):
            sign_in.sign_in(session, Attempt("bo", "wrong password 1"), NOW)
    with pytest.raises(SignInError):
        sign_in.sign_in(session, Attempt("bo", PASSWORD), NOW)
    assert sign_in.sign_in(session, Attempt("bo", PASSWORD), NOW + LONGEST_WAIT)


def test_a_code_that_was_seen_is_worth_one_guess_of_a_locked_account(session, li):
    """A wrong password beside the right code uses it up while the account is locked."""
    lock(session)
    later = NOW + STEP_SECONDS
    assert way_in(session, "wrong password 2", code_at(li, later), later) is None
    assert way_in(session, PASSWORD, code_at(li, later), later) is None


def test_guessing_codes_is_slowed_down_for_who_knows_the_password(session, li):
    """After the free guesses even the right code waits, and so does a recovery code; later it works."""
    for _ in range(FREE_GUESSES + 1):
        assert way_in(session, PASSWORD, "no code", NOW) is None
    later = NOW + STEP_SECONDS - 1
    assert way_in(session, PASSWORD, code_at(li, later + 1), later) is None
    assert way_in(session, PASSWORD, session.info["codes"].recovery_codes[0], later) is None
    later = NOW + LONGEST_WAIT
    assert SignInWay.CODE == way_in(session, PASSWORD, code_at(li, later), later)


def test_who_took_a_session_over_cannot_guess_the_password_in_it(session, li):
    """Nothing changes without the present password; the fifth wrong one ends the session, and no other."""
    stolen, other = (begin_session(session, "li", SignInWay.CODE, NOW) for _ in range(2))
    session.commit()
    for number in range(FREE_GUESSES + 1):
        with pytest.raises(own_account.OtherPersonError):
            own_account.change_password(
                session, own_account.AccountOwner(stolen, f"wrong {number}", NOW), "new words for it"
            )
    with pytest.raises(own_account.OtherPersonError):
        own_account.change_password(session, own_account.AccountOwner(stolen, PASSWORD, NOW), "new words for it")
    assert (None, "li") == (current(session, stolen, NOW), current(session, other, NOW).staff)
    own_account.change_password(session, own_account.AccountOwner(other, PASSWORD, NOW), "new words for it")


def test_a_person_has_ten_sessions_and_one_more_ends_the_one_used_least_lately(session):
    """The eleventh sign-in leaves the ten used last, and everybody else's."""
    accounts.add_account(session, "mei", DAY)
    others = begin_session(session, "mei", SignInWay.CODE, NOW - 1)
    tokens_of_li = [begin_session(session, "li", SignInWay.CODE, NOW + second) for second in range(MOST_SESSIONS)]
    assert current(session, tokens_of_li[0], NOW + 60)
    last = begin_session(session, "li", SignInWay.CODE, NOW + 61)
    worth = {token for token in (others, *tokens_of_li, last) if current(session, token, NOW + 62)}
    assert {others, *tokens_of_li, last} - {tokens_of_li[1]} == worth


def test_a_passkey_stands_for_a_password_a_little_while(session):
    """Who has no password changes nothing by any session but one that a passkey began a few minutes ago."""
    by_passkey, by_link = (begin_session(session, "li", way, NOW) for way in (SignInWay.PASSKEY, SignInWay.LINK))
    for token, now in ((by_link, NOW), (by_passkey, NOW + FRESH_SECONDS)):
        with pytest.raises(own_account.OtherPersonError):
            own_account.change_password(session, own_account.AccountOwner(token, "", now), PASSWORD)
    own_account.change_password(session, own_account.AccountOwner(by_passkey, "", NOW + FRESH_SECONDS - 1), PASSWORD)


def test_a_reset_takes_everything(session, li):
    """Password, app, recovery codes and sessions are gone; a new link alone is there."""
    token = accounts.reset(session, "li", NOW)
    session.commit()
    later = NOW + STEP_SECONDS
    assert way_in(session, PASSWORD, code_at(li, later), later) is None
    assert [] == [*session.exec(select(RecoveryCode)), *session.exec(select(StaffSession))]
    assert "li" == accounts.invited(session, token, NOW)
    assert ["link for the first sign-in"] == accounts.person(session, "li", NOW).means


def test_what_the_desk_tells_comes_into_the_chain(session, li):
    """In order, with its day and marked as told; an act that is not the desk's to tell is dropped; the chain holds."""
    way_in(session, "wrong password 1", "", NOW + 1)
    session.add(DeskAct(id=b"x", made=NOW + 2, actor="li", action=Act.WAVE_OPENED))
    desk_acts.take_into_chain(session, date(2027, 1, 15))
    entries = session.exec(select(AuditEntry).order_by(AuditEntry.sequence)).all()
    assert [(Act.FIRST_SIGN_IN, "li"), (Act.SIGN_IN_FAILED, "li")] == [(one.action, one.actor) for one in entries]
    assert {(date(2027, 1, 15), desk_acts.SUBJECT)} == {(one.day, one.subject) for one in entries}
    assert [] == desk_acts.told(session)
    assert entries[-1].entry == check_audit(session)


def test_no_row_of_the_desk_stops_a_command(session, li):
    """A day that is none, or is to come, is dropped with its row, whatever the database let through."""
    desk_acts.take_into_chain(session, DAY)
    before = check_audit(session)
    session.connection().exec_driver_sql("PRAGMA ignore_check_constraints = 1")
    for number, made in enumerate((10**18, 10**12, -(10**15), NOW, "x", 1.5e300)):
        row = (bytes([number]), made, "li", Act.SIGNED_IN.value)
        session.connection().exec_driver_sql("INSERT INTO desk_act VALUES (?, ?, ?, ?)", row)
    desk_acts.take_into_chain(session, DAY)
    assert ([], before) == (desk_acts.told(session), check_audit(session))


def test_a_command_takes_a_thousand_acts_and_leaves_the_rest(session, li):
    """A desk that tells acts without end holds no command up: the oldest come first, and the next command goes on."""
    session.add_all(DeskAct(id=b"%06d" % n, made=NOW + n, actor="li", action=Act.SIGNED_IN) for n in range(1100))
    day = date(2027, 1, 15)
    before = session.exec(select(AuditEntry)).all()
    desk_acts.take_into_chain(session, day)
    # The first sign-in of li is the oldest.
    assert MOST_AT_ONCE == len(session.exec(select(AuditEntry)).all()) - len(before)
    assert 101 == len(desk_acts.told(session))
    desk_acts.take_into_chain(session, day)
    assert ([], True) == (desk_acts.told(session), bool(check_audit(session)))


def test_roles_are_of_a_study_or_of_the_host(session):
    """A new role replaces those of before; owners and auditors are none for one study."""
    roles.set_role(session, "li", Role.RESEARCHER, ("a", "b", "a"))
    held = roles.roles_of(session, "li")
    assert [True, True, False] == [held.sees(study) for study in ("a", "b", "c")]
    assert held.has(Role.RESEARCHER, study="b")
    assert not held.has(Role.RESEARCHER)
    roles.set_role(session, "li", Role.AUDITOR, ())
    assert roles.roles_of(session, "li").has(Role.AUDITOR, study="c")
    for role in (Role.OWNER, Role.AUDITOR):
        with pytest.raises(AccountError, match="whole host"):
            roles.set_role(session, "li", role, ("a",))
