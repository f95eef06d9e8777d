"""Requests at the desk: a form, a row, the operator's words; nothing without a token, a session or the typed name."""

import io
from datetime import timedelta

import pytest
from hosts.collection import PASSWORD, STUDY
from hosts.desk_client import HTTPS, get, post, sign_in, token_in
from hosts.host_acts import opening, outcome, worker
from hosts.published_life import planned

from survey.desk_app.request_views import UPLOAD_SIZE
from survey.document import today
from survey.office_db.people.role import Role
from survey.office_db.people.sessions import end_sessions
from survey.office_db.requests import DeskRequest, requests
from survey.operations import waves
from survey.operations.staff import add_user, give_role
from survey.operations.transaction import office_session

CLOSE = f"/studies/{STUDY}/waves/1/close-wave"
OPEN = f"/studies/{STUDY}/waves/1/open-wave"
BATCH = f"/studies/{STUDY}/waves/1/close-batch"


@pytest.fixture
def staff(desk, open_collection):
    """Return a client that is signed in to the desk of a host with an open wave."""
    return desk(open_collection)


@pytest.fixture
def inviting_desk(desk, invited):
    """Return a client that is signed in to the desk of a study by invitation, and its host."""
    add_user(invited.settings, "li", PASSWORD)
    return desk(invited), invited


def asked(client, path: str, **data: object):
    """Send a form with the token of its page."""
    return post(client, path, {"csrf_token": token_in(get(client, path)), **data}, f"{HTTPS}{path}")


def rows(collection) -> list:
    with office_session(collection.settings) as session:
        return requests(session)


def test_a_wave_is_closed_from_its_page(open_collection, staff):
    """The study's page leads to the form, the form to the request, and each says how it stands; then it is over."""
    assert CLOSE in get(staff, f"/studies/{STUDY}").text
    answer = asked(staff, CLOSE, typed=STUDY)
    assert (303, "/requests/1") == (answer.status_code, answer.headers["Location"])
    page = get(staff, "/requests/1")
    assert "The operator has not seen it yet." in page.text
    assert "5" == page.headers["Refresh"]
    worker(open_collection).work()
    page = get(staff, "/requests/1")
    assert "It is done." in page.text
    assert "Refresh" not in page.headers
    study = get(staff, f"/studies/{STUDY}").text
    assert CLOSE not in study
    assert f"/studies/{STUDY}/waves/2/open-wave" in study
    assert 404 == get(staff, CLOSE).status_code
    assert "li@desk" in get(staff, "/audit").text


def test_a_wave_is_opened_with_the_files_of_the_offline_machine(desk, collection):
    """Manifest and drill are uploaded as they are; the request names the link, and the wave is open."""
    client = desk(collection)
    _, files = opening(collection)
    sent = {name: (io.BytesIO(content), f"{name}.json") for name, content in files.items()}
    assert 303 == asked(client, OPEN, typed=STUDY, **sent).status_code
    worker(collection).work()
    assert collection.manifests[1].pin in get(client, "/requests/1").text
    assert CLOSE in get(client, f"/studies/{STUDY}").text


FAULTS = {
    "nothing typed": ({"typed": ""}, "What was typed is not"),
    "another study typed": ({"typed": "q27"}, "What was typed is not"),
    "a day that was": ({"typed": STUDY, "on": str(today() - timedelta(1))}, "The day is no day to come"),
    "no day": ({"typed": STUDY, "on": "tomorrow"}, "The day is no day to come"),
    "no token": ({"typed": STUDY, "csrf_token": ""}, ""),
    "a token of somebody else": ({"typed": STUDY, "csrf_token": "x" * 90}, ""),
}


@pytest.mark.parametrize(("data", "words"), FAULTS.values(), ids=FAULTS)
def test_a_form_that_is_wrong_asks_for_nothing(open_collection, staff, data, words):
    """Each fault is said, and no row is added; the same form without it is the control."""
    answer = asked(staff, CLOSE, **data)
    assert 400 == answer.status_code
    assert words in answer.text
    assert [] == rows(open_collection)
    assert 303 == asked(staff, CLOSE, typed=STUDY).status_code
    assert 1 == len(rows(open_collection))


@pytest.mark.parametrize("path", [CLOSE, "/requests/1/back"])
def test_a_form_from_another_site_asks_for_nothing(open_collection, staff, path):
    """With a good token and a Referer of another name, or with none, the desk refuses."""
    asked(staff, CLOSE, typed=STUDY, on=str(today() + timedelta(1)))
    token = token_in(get(staff, CLOSE))
    for referer in ("https://evil.example/", None):
        assert 400 == post(staff, path, {"csrf_token": token, "typed": STUDY}, referer).status_code
    assert 1 == len(rows(open_collection))


def test_who_is_not_signed_in_asks_for_nothing_and_sends_little(open_collection, staff):
    """Pages lead to the sign-in; a form of more than 16 kB is refused unread; who is signed in may send documents."""
    stranger = staff.application.test_client()
    for path in (CLOSE, "/requests", "/requests/1"):
        assert "/login" in get(stranger, path).headers["Location"]
    large = {"typed": STUDY, "manifest": (io.BytesIO(b"x" * 100_000), "manifest.json")}
    token = token_in(get(stranger, "/login"))
    assert 413 == post(stranger, CLOSE, {"csrf_token": token} | large, f"{HTTPS}{CLOSE}").status_code
    large["manifest"] = (io.BytesIO(b"x" * 100_000), "manifest.json")
    assert 303 == asked(staff, CLOSE, **large).status_code
    # In one piece: the client would leave a file open for the larger form.
    bomb, kind = b"--x\r\n" + b"x" * UPLOAD_SIZE, "multipart/form-data; boundary=x"
    headers = {"Referer": f"{HTTPS}{CLOSE}"}
    assert 413 == staff.post(CLOSE, base_url=HTTPS, data=bomb, content_type=kind, headers=headers).status_code
    assert 1 == len(rows(open_collection))


def test_whose_session_ended_or_who_may_not_ask_sends_little(open_collection, staff):
    """An old cookie, and a role that asks for nothing, make no larger form be read; the control is the test above."""
    headers = {"Referer": f"{HTTPS}{CLOSE}", "Content-Type": "multipart/form-data; boundary=x"}

    def large() -> int:
        data = b"--x\r\n" + b"x" * 100_000
        return staff.post(CLOSE, base_url=HTTPS, data=data, headers=headers).status_code

    assert 400 == large(), "the control: it is read, and has no token"
    give_role(open_collection.settings, "li", Role.AUDITOR)
    assert 413 == large()
    give_role(open_collection.settings, "li", Role.OWNER)
    assert 400 == large()
    with office_session(open_collection.settings) as session:
        end_sessions(session, "li")
    assert 413 == large()


@pytest.mark.parametrize(
    "path",
    ["/requests/99999999999999999999", "/requests/2147483648", "/studies/q%0026", "/studies/q%00/waves/1/publish"],
)
def test_an_address_that_no_database_holds_is_none(open_collection, staff, path):
    """A number beyond the column's, and a zero byte in a study's name, are 404 as what is not there."""
    asked(staff, CLOSE, typed=STUDY)
    assert (200, 404) == (get(staff, "/requests/1").status_code, get(staff, path).status_code)


def test_a_form_that_was_left_open_does_not_act_on_another_state(open_collection, staff):
    """Somebody closed the wave by a command meanwhile: the form says so, and asks for nothing."""
    token = token_in(get(staff, CLOSE))
    waves.close_wave(open_collection.settings, STUDY)
    answer = post(staff, CLOSE, {"csrf_token": token, "typed": STUDY}, f"{HTTPS}{CLOSE}")
    assert 400 == answer.status_code
    assert "has changed meanwhile" in answer.text
    assert [] == rows(open_collection)


def test_who_finds_no_place_among_others_is_told_so(open_collection, staff, monkeypatch):
    """Where others got every number that was tried, the form says so instead of failing; sent again it is asked."""
    with monkeypatch.context() as crowd:
        crowd.setattr("survey.office_db.requests.TRIES", 0)
        answer = asked(staff, CLOSE, typed=STUDY)
        assert (400, True) == (answer.status_code, "Others asked at the same moment" in answer.text)
    assert [] == rows(open_collection)
    assert 303 == asked(staff, CLOSE, typed=STUDY).status_code


def test_two_people_see_one_state(open_collection, staff):
    """What one asked the other sees; of two closings that both asked for, the second is told that it was done."""
    other = staff.application.test_client()
    sign_in(other)
    asked(staff, CLOSE, typed=STUDY)
    assert "/requests/1" in get(other, f"/studies/{STUDY}").text
    asked(other, CLOSE, typed=STUDY)
    worker(open_collection).work()
    assert ["done", "refused"] == [outcome(open_collection, number)[0] for number in (1, 2)]
    assert "is closed already" in get(other, "/requests/2").text


def test_a_request_for_a_day_is_taken_back(open_collection, staff):
    """Until its day it can be taken back with one press; both pages say what became of it."""
    asked(staff, CLOSE, typed=STUDY, on=str(today() + timedelta(2)))
    worker(open_collection).work()
    page = get(staff, "/requests/1")
    assert "It waits for its day." in page.text
    back = post(staff, "/requests/1/back", {"csrf_token": token_in(page)}, f"{HTTPS}/requests/1")
    assert "/requests/2" == back.headers["Location"]
    worker(open_collection).work()
    assert "li took it back" in get(staff, "/requests/1").text
    assert "It is done." in get(staff, "/requests/2").text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a" * 65, "", "x\ny"])
def test_a_hostile_name_of_a_batch_is_no_request(inviting_desk, name):
    """What cannot be a batch's name is refused, and stands nowhere on the page as it was sent."""
    client, collection = inviting_desk
    answer = asked(client, BATCH, typed=STUDY, batch=name)
    assert 400 == answer.status_code
    assert "<script>alert" not in answer.text
    assert [] == rows(collection)


def test_a_batch_is_closed_where_there_are_invitations_alone(inviting_desk, staff):
    """The page of a study by invitation offers it, that of an open link does not, and knows no such form."""
    client, collection = inviting_desk
    collection.codes("may")
    assert BATCH in get(client, f"/studies/{STUDY}").text
    asked(client, BATCH, typed=STUDY, batch="may")
    worker(collection).work()
    assert "the batch may of wave 1 of q26 is closed" in get(client, "/requests/1").text
    assert BATCH not in get(staff, f"/studies/{STUDY}").text
    assert 404 == get(staff, BATCH).status_code


def test_a_file_that_is_no_document_is_refused_on_arrival(desk, collection):
    """Another file, an empty one and none are said at once, before anything is asked."""
    client = desk(collection)
    _, files = opening(collection)
    for drill, words in ((b"not json", "is no document"), (b"", "is missing"), (None, "is missing")):
        sent = {"manifest": (io.BytesIO(files["manifest"]), "manifest.json")}
        sent |= {"drill": (io.BytesIO(drill), "drill.json")} if drill is not None else {}
        answer = asked(client, OPEN, typed=STUDY, **sent)
        assert (400, True) == (answer.status_code, words in answer.text)
    assert [] == rows(collection)


def test_a_plan_is_published_from_the_page_of_its_wave(open_collection, staff):
    """The wave's page leads to the form; plan and registration exchanged are told apart, and so is another document."""
    folder = open_collection.registered(planned(open_collection, 1, None))
    files = {name: (folder / f"{name}.json").read_bytes() for name in ("plan", "registration")}
    where = f"/studies/{STUDY}/waves/1/register-plan"
    assert where in get(staff, f"/studies/{STUDY}/waves/1").text
    for wrong in ({"plan": files["registration"]}, {"registration": files["plan"]}, {"plan": b"{}"}):
        sent = {name: (io.BytesIO(data), f"{name}.json") for name, data in (files | wrong).items()}
        answer = asked(staff, where, typed=STUDY, **sent)
        assert (400, True) == (answer.status_code, "A file is another document" in answer.text)
    assert [] == rows(open_collection)
    sent = {name: (io.BytesIO(data), f"{name}.json") for name, data in files.items()}
    assert 303 == asked(staff, where, typed=STUDY, **sent).status_code
    worker(open_collection).work()
    assert "the plan is published as" in get(staff, "/requests/1").text
    assert "li@desk" in get(staff, f"/studies/{STUDY}/waves/1").text


def test_a_row_that_nobody_here_wrote_is_shown_as_that(open_collection, staff):
    """A forged row breaks no page: list and page say that it is no request, and it cannot be taken back."""
    with office_session(open_collection.settings) as session:
        session.add(DeskRequest(number=1, hash="<b>", content=b"\xff<script>"))
    for path in ("/requests", "/requests/1"):
        page = get(staff, path)
        assert 200 == page.status_code
        assert "A row that is no request" in page.text
        assert "<script>" not in page.text
    assert 400 == post(staff, "/requests/1/back", {"csrf_token": token_in(get(staff, CLOSE))}).status_code


@pytest.mark.parametrize(("lang", "words"), [("zh-Hans", "已完成。"), ("zh-Hant", "已完成。"), ("en", "It is done.")])
def test_pages_speak_three_languages(open_collection, staff, lang, words):
    """Every page of requests is whole in each language."""
    assert 303 == asked(staff, CLOSE, typed=STUDY).status_code
    worker(open_collection).work()
    assert words in get(staff, f"/requests/1?lang={lang}").text
    for path in ("/requests", f"/studies/{STUDY}", f"/studies/{STUDY}/waves/2/open-wave"):
        assert 200 == get(staff, f"{path}?lang={lang}").status_code


def days_pass(monkeypatch, days: int) -> None:
    """Let days pass for the desk, in which neither the operator nor a command ran."""
    then = today() + timedelta(days)
    for module in ("request_forms", "request_views"):
        monkeypatch.setattr(f"survey.desk_app.{module}.today", lambda: then)


def test_where_no_operator_ran_for_days_nothing_can_be_asked_for(open_collection, staff, monkeypatch):
    """There is no form, and what is sent all the same asks for nothing; after three days, the control, there is one."""
    token = token_in(get(staff, CLOSE))
    days_pass(monkeypatch, 4)
    page = get(staff, f"{CLOSE}?lang=en").text
    assert ("The operator has not run for three days" in page, 'name="typed"' in page) == (True, False)
    answer = post(staff, f"{CLOSE}?lang=en", {"csrf_token": token, "typed": STUDY}, f"{HTTPS}{CLOSE}")
    assert (400, True) == (answer.status_code, "The operator has not run for three days" in answer.text)
    assert [] == rows(open_collection)
    days_pass(monkeypatch, 3)
    assert 303 == asked(staff, CLOSE, typed=STUDY).status_code
