"""Signing at the desk: a confirmed passkey signs what was filled in, and each way in which it did not is said."""

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from devices.authenticator import Authenticator, b64, offered
from devices.staff_passkeys import passkey_of, signer
from hosts.applications import desk_app
from hosts.collection import PASSWORD, STUDY
from hosts.desk_client import HTTPS, Clock, get, post, token_in
from hosts.host_acts import opening, outcome, worker

from survey.desk_app.request_views import SIGNED_SIZE
from survey.document import today
from survey.office_db.people import accounts
from survey.office_db.people.passkeys import Site
from survey.office_db.requests import DeskRequest, requests
from survey.operations.transaction import office_session

CLOSE = f"/studies/{STUDY}/waves/1/close-wave"
OPEN = f"/studies/{STUDY}/waves/1/open-wave"
FIELDS = ("request", "manifest", "drill", "document")


@pytest.fixture
def strict(open_collection):
    """Yield the desk of a host that takes nothing unsigned."""
    app = desk_app(open_collection.settings, Clock(), unsigned=False)
    yield app
    app.extensions["sotto"].engine.dispose()


def client_of(app, collection, name: str = "mei", host: str = HTTPS):
    """Return a client that is signed in."""
    with office_session(collection.settings) as session:
        accounts.set_password(session, name, PASSWORD)
    client = app.test_client()
    token = token_in(client.get("/login", base_url=host))
    form = {"csrf_token": token, "name": name, "password": PASSWORD}
    assert 303 == client.post("/login", base_url=host, data=form, headers={"Referer": f"{host}/login"}).status_code
    return client


def filled(client, path: str = CLOSE, **data: object):
    """Fill in the form of a request; return the page that has it signed."""
    form = {"csrf_token": token_in(get(client, f"{path}?lang=en")), "typed": STUDY, **data}
    return post(client, f"{path}?lang=en", form, f"{HTTPS}{path}")


def carried(page) -> dict[str, str]:
    """Return what the page sends back beside the signature."""
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text) for name in FIELDS}
    return {"csrf_token": token_in(page)} | {name: match[1] for name, match in found.items() if match}


def signed(client, page, device: Authenticator, path: str = CLOSE, **changes: str):
    """Answer a page by a passkey and send its form; `changes` replace parts of it."""
    form = carried(page) | {"credential": device.got(offered(page))} | changes
    return post(client, f"{path}/signed?lang=en", form, f"{HTTPS}{path}")


def rows(collection) -> list:
    with office_session(collection.settings) as session:
        return requests(session)


def test_a_wave_is_closed_by_a_signature(open_collection, strict):
    """What is filled in is shown and not asked yet; signed it is asked, and an operator that takes only such closes."""
    mei = signer(open_collection, "mei")
    client = client_of(strict, open_collection)
    page = filled(client)
    assert "Nothing has been asked for yet." in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert [b64(mei.id)] == [one["id"] for one in offered(page)["allowCredentials"]]
    assert [] == rows(open_collection)
    answer = signed(client, page, mei)
    assert (303, "/requests/1?lang=en") == (answer.status_code, answer.headers["Location"])
    worker(open_collection, unsigned=False).work()
    assert ("done", "wave 1 of q26 is closed") == outcome(open_collection, 1)
    with office_session(open_collection.settings) as session:
        assert b64(mei.id) in session.get_one(DeskRequest, 1).assertion
    assert (400, 1) == (signed(client, page, mei).status_code, len(rows(open_collection))), "the wave is closed"


def test_documents_wait_in_the_browser_until_they_are_signed(collection):
    """Manifest and drill come with the signature as they were uploaded, and open the wave."""
    app = desk_app(collection.settings, Clock(), unsigned=False)
    mei = signer(collection, "mei")
    client = client_of(app, collection)
    _, files = opening(collection)
    page = filled(client, OPEN, **{name: (io.BytesIO(data), f"{name}.json") for name, data in files.items()})
    assert 303 == signed(client, page, mei, OPEN).status_code
    worker(collection, unsigned=False).work()
    assert "done" == outcome(collection, 1)[0]
    app.extensions["sotto"].engine.dispose()


def test_what_was_signed_is_taken_back_by_a_signature(open_collection, strict):
    """One press leads to the page that has it signed; without a signature, or by another's, nothing is asked."""
    mei, zoe = signer(open_collection, "mei"), signer(open_collection, "zoe")
    client = client_of(strict, open_collection)
    assert 303 == signed(client, filled(client, on=str(today() + timedelta(2))), mei).status_code
    worker(open_collection, unsigned=False).work()
    where, back = f"{HTTPS}/requests/1", "/requests/1/back"
    page = post(client, f"{back}?lang=en", {"csrf_token": token_in(get(client, "/requests/1"))}, where)
    assert "Nothing has been asked for yet." in page.text
    assert "303 /requests/1" == "{0.status_code} {0.headers[Location]}".format(get(client, back))
    form = carried(page)
    for changes in ({}, {"credential": zoe.got(offered(page))}, {"request": b64(b"{}")}):
        assert 400 == post(client, back, form | changes, where).status_code
    assert 1 == len(rows(open_collection))
    assert 303 == post(client, back, form | {"credential": mei.got(offered(page))}, where).status_code
    worker(open_collection, unsigned=False).work()
    assert ("refused", "mei took it back") == outcome(open_collection, 1)


def test_somebody_else_approves_what_was_asked_by_a_signature(open_collection):
    """Who asked is told for whom it waits; the other sees what is asked, signs it, and it is done."""
    app = desk_app(open_collection.settings, Clock(), unsigned=False, second_person=True)
    mei, zoe = signer(open_collection, "mei"), signer(open_collection, "zoe")
    asker, other = client_of(app, open_collection), client_of(app, open_collection, "zoe")
    operator = worker(open_collection, unsigned=False, second_person=True)
    assert 303 == signed(asker, filled(asker), mei).status_code
    operator.work()
    where, path = f"{HTTPS}/requests/1", "/requests/1/approval"
    own = get(asker, "/requests/1?lang=en")
    assert ("It waits for a second person." in own.text, path in own.text) == (True, False)
    assert 400 == post(asker, path, {"csrf_token": token_in(own)}, where).status_code
    page = post(other, f"{path}?lang=en", {"csrf_token": token_in(get(other, "/requests/1"))}, where)
    assert "Close wave 1 · mei" in page.text
    answer = {credential: key.got(offered(page)) for credential, key in (("mei", mei), ("zoe", zoe))}
    assert 400 == post(other, path, carried(page) | {"credential": answer["mei"]}, where).status_code
    assert 1 == len(rows(open_collection))
    assert 303 == post(other, path, carried(page) | {"credential": answer["zoe"]}, where).status_code
    operator.work()
    assert ("done", "wave 1 of q26 is closed") == outcome(open_collection, 1)
    assert "<dt>Approved by</dt><dd>zoe</dd>" in get(asker, "/requests/1?lang=en").text
    assert "303 /requests/1" == "{0.status_code} {0.headers[Location]}".format(get(other, path))
    app.extensions["sotto"].engine.dispose()


def test_who_cannot_sign_is_told_so_where_a_signed_request_is_taken_back(open_collection, strict):
    """The page of a signed request has no button for who has no confirmed passkey, and says what to do."""
    mei = signer(open_collection, "mei")
    client = client_of(strict, open_collection)
    assert 303 == signed(client, filled(client), mei).status_code
    other = client_of(strict, open_collection, "li")
    page = get(other, "/requests/1?lang=en")
    assert ("You have none. Add one in My account" in page.text, "/requests/1/back" in page.text) == (True, False)
    assert 400 == post(other, "/requests/1/back", {"csrf_token": token_in(page)}, f"{HTTPS}/requests/1").status_code
    assert "/requests/1/back" in get(client, "/requests/1").text


def test_a_large_form_is_taken_of_who_is_signed_in_alone(open_collection, strict):
    """Documents as text may be large, up to their limit; of strangers nothing large is read."""
    signer(open_collection, "mei")
    client, kind = client_of(strict, open_collection), "application/x-www-form-urlencoded"
    for one, size, status in ((client, 1_000_000, 400), (client, SIGNED_SIZE, 413), (strict.test_client(), 10**5, 413)):
        token = token_in(get(client if one is client else one, CLOSE if one is client else "/login"))
        sent = f"csrf_token={token}&request=".encode() + b"x" * size
        headers = {"Referer": f"{HTTPS}{CLOSE}"}
        answer = one.post(f"{CLOSE}/signed", base_url=HTTPS, data=sent, content_type=kind, headers=headers)
        assert status == answer.status_code


def test_what_was_not_signed_so_is_asked_for_nowhere(open_collection, strict):
    """By another key, person, page or request, or changed on the way: 400 and no row; then the same page signs."""
    mei, zoe = signer(open_collection, "mei"), signer(open_collection, "zoe")
    unconfirmed = passkey_of(open_collection, "mei", confirmed=False)
    client = client_of(strict, open_collection)
    page, other = filled(client), filled(client, on=str(today()))
    for device in (zoe, unconfirmed, replace(zoe, id=mei.id), replace(mei, origin="https://evil.example"),
                   replace(mei, verifies=False)):  # fmt: skip
        answer = signed(client, page, device)
        assert (400, True) == (answer.status_code, "What came back is no signature" in answer.text)
    changed = {
        "unsigned": {"credential": ""},
        "of another request": {"credential": mei.got(offered(other))},
        "another request under it": {"request": carried(other)["request"]},
        "no request": {"request": b64(b"{}")},
        "no text": {"request": "*"},
        "nothing": {"request": ""},
        "too long": {"credential": "x" * 9000},
    }
    for what, changes in changed.items():
        assert 400 == signed(client, page, mei, **changes).status_code, what
    zoes = client_of(strict, open_collection, "zoe")
    token = token_in(get(zoes, CLOSE))
    assert 400 == signed(zoes, page, mei, csrf_token=token).status_code, "in another person's session"
    assert [] == rows(open_collection)
    assert 303 == signed(client, page, mei).status_code


def test_a_signature_is_good_for_its_own_page_alone(invited):
    """A closing that was signed is not asked for on the page of another kind or wave, nor by a form from elsewhere."""
    app = desk_app(invited.settings, Clock(), unsigned=False)
    mei = signer(invited, "mei")
    client = client_of(app, invited)
    page = filled(client)
    for path in ("1/close-batch", "1/publish", "2/close-wave"):
        assert 400 == signed(client, page, mei, f"/studies/{STUDY}/waves/{path}").status_code
    form = carried(page) | {"credential": mei.got(offered(page))}
    for referer in ("https://evil.example/", None):
        assert 400 == post(client, f"{CLOSE}/signed", form, referer).status_code
    assert 400 == post(client, f"{CLOSE}/signed", form | {"csrf_token": ""}, f"{HTTPS}{CLOSE}").status_code
    assert 404 == signed(client, page, mei, f"/studies/{STUDY}/waves/1/delete").status_code
    assert [] == rows(invited)
    assert 303 == signed(client, page, mei).status_code
    app.extensions["sotto"].engine.dispose()


def test_a_form_that_is_sent_twice_is_one_request(open_collection, strict):
    """The second press leads to the first one's request; a recorded form asks for nothing new."""
    mei = signer(open_collection, "mei")
    client = client_of(strict, open_collection)
    page = filled(client)
    answers = [signed(client, page, mei).headers["Location"] for _ in range(2)]
    assert ["/requests/1?lang=en"] * 2 == answers
    assert 1 == len(rows(open_collection))


def test_whoever_has_no_confirmed_passkey_is_told_what_to_do(open_collection, strict):
    """Without one, with one that is not confirmed, and at an address of numbers the form stands nowhere, and why."""
    client = client_of(strict, open_collection, "li")
    assert_missing(client, "You have none.")
    passkey_of(open_collection, "li", confirmed=False)
    assert_missing(client, "none that was made at this address is confirmed")
    device = passkey_of(open_collection, "li")
    host = "https://127.0.0.1"
    numbers = client_of(strict, open_collection, "li", host).get(f"{CLOSE}?lang=en", base_url=host)
    assert "at no address of numbers" in numbers.text
    assert [] == rows(open_collection)
    assert "You cannot ask for this here yet." not in get(client, f"{CLOSE}?lang=en").text
    assert 303 == signed(client, filled(client), device).status_code


def assert_missing(client, words: str) -> None:
    """Say on the page why there is no form, and what to do; a form from before asks for nothing either."""
    page = get(client, f"{CLOSE}?lang=en")
    assert "You cannot ask for this here yet." in page.text
    assert words in page.text
    assert f"sotto study close {STUDY}" in page.text
    assert 'name="typed"' not in page.text
    token = token_in(page)
    answer = post(client, f"{CLOSE}?lang=en", {"csrf_token": token, "typed": STUDY}, f"{HTTPS}{CLOSE}")
    assert (400, True) == (answer.status_code, words in answer.text)


def test_a_passkey_of_another_address_of_the_desk_does_not_sign_here(open_collection, strict):
    """A key that was confirmed for another name of the desk is not asked for here: it would not be believed."""
    signer(open_collection, "mei", Site("https://desk.example"))
    assert_missing(client_of(strict, open_collection), "none that was made at this address is confirmed")


def test_where_unsigned_requests_are_taken_a_browser_without_script_sends_one(open_collection):
    """Who has a passkey is asked to sign; without script the same form asks without, and says that it does."""
    app = desk_app(open_collection.settings, Clock())
    mei = signer(open_collection, "mei")
    client = client_of(app, open_collection)
    page = filled(client)
    assert "Ask without a signature" in page.text
    assert 400 == signed(client, page, mei, credential="{}").status_code, "a false signature is none"
    answer = post(client, f"{CLOSE}/signed", carried(page) | {"credential": ""}, f"{HTTPS}{CLOSE}")
    assert 303 == answer.status_code
    worker(open_collection).work()
    assert "done" == outcome(open_collection, 1)[0]
    app.extensions["sotto"].engine.dispose()


@pytest.mark.parametrize(
    ("lang", "words"), [("zh-Hans", "尚未提出任何请求"), ("zh-Hant", "尚未提出任何請求"), ("en", "Nothing has been")]
)
def test_the_page_speaks_three_languages(open_collection, strict, lang, words):
    """What is signed, and that nothing has been asked, stands in each language; a change of language asks anew."""
    signer(open_collection, "mei")
    client = client_of(strict, open_collection)
    form = {"csrf_token": token_in(get(client, CLOSE)), "typed": STUDY}
    assert words in post(client, f"{CLOSE}?lang={lang}", form, f"{HTTPS}{CLOSE}").text
    assert f"{CLOSE}?lang={lang}" == get(client, f"{CLOSE}/signed?lang={lang}").headers["Location"]


def test_a_page_that_was_left_open_for_days_asks_for_nothing(open_collection, strict, monkeypatch):
    """The operator would take its signature for one of another day; filled in once more it is asked."""
    mei = signer(open_collection, "mei")
    client = client_of(strict, open_collection)
    page = filled(client)
    late = today() + timedelta(4)
    with monkeypatch.context() as days:
        for module in ("desk_app.request_forms", "operations.transaction"):
            days.setattr(f"survey.{module}.today", lambda: late)
        answer = signed(client, page, mei)
        assert (400, True) == (answer.status_code, "fill it in once more" in answer.text)
    assert [] == rows(open_collection)
    assert 303 == signed(client, filled(client), mei).status_code
