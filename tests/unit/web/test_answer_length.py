"""What a phone is answered has one length, type and set of headers: the network sees no refusal by its size."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from hosts.applications import respond_app
from hosts.invited import OCTETS as HEADERS
from hosts.invited import STUDY, Inviting, issue, message
from paths import ROOT
from werkzeug.test import TestResponse

from crypto.envelope import body
from crypto.invitation_codes import new_code
from crypto.withdrawal import Withdrawal
from survey.admission import respond_resources
from survey.answers_db import insert_only, store_errors
from survey.issuer_app import views as issuer
from survey.office_db import invitations
from survey.operations import waves
from survey.respond_app import hand_in, withdraw
from survey.web.answer_length import answer_in_one_length
from survey.web.headers import PLAIN_TEXT, plain_text
from survey.web.request_checks import OCTETS

Answers = dict[int, TestResponse]
FAILURES = (*respond_resources.REFUSALS, RuntimeError)


@pytest.fixture
def phone(invited: Inviting) -> Iterator[FlaskClient]:
    app = respond_app(invited.settings)
    yield app.test_client()
    app.extensions["sotto"].engine.dispose()


def refused(client: FlaskClient, path: str) -> Answers:
    """Return what is answered to requests that no page of ours makes, by status."""
    answers = [
        client.post(path, data=b"x", headers=HEADERS),
        client.post(path, data=b"x", headers=HEADERS | {"Sec-Fetch-Site": "cross-site"}),
        client.post(f"{path}x", data=b"x", headers=HEADERS),
        client.post(path, data=b"x" * 90_000, headers=HEADERS),
        client.post(path, data=b"x", headers={"Content-Type": "text/plain"}),
    ]
    return {answer.status_code: answer for answer in answers}


def failing(patch: pytest.MonkeyPatch, name: str, ask: Callable[[], TestResponse]) -> Answers:
    """Return what is answered where the store refuses or fails in each way, by status."""
    answers = {}
    for failure in FAILURES:

        def fail(*_: object, failure: type[Exception] = failure) -> None:
            raise failure

        with patch.context() as patched:
            patched.setattr(insert_only, name, fail)
            answers |= {(answer := ask()).status_code: answer}
    return answers


def check(answers: Answers, size: int, kind: str = PLAIN_TEXT) -> None:
    """Assert that all answers have `size` bytes, one type and the same headers, and still say what they are."""
    assert {kind} == {answer.content_type for answer in answers.values()}
    assert {size} == {len(answer.data) for answer in answers.values()}
    assert 1 == len({str(sorted(answer.headers)) for answer in answers.values()})
    said = [answer.data.rstrip() for answer in answers.values()]
    assert len(said) == len({*said}), "the control: each says something else"
    assert len({*map(len, said)}) > 3, "the control: without spaces the lengths differ"


def test_answers_to_a_hand_in_have_one_length(phone, invited, monkeypatch):
    """Stored, refused, closed, full, spent, failed: 64 bytes of one type under the same headers."""
    sent, late = (body(record) for record in invited.issued(2))

    def ask(data: bytes = sent) -> TestResponse:
        return phone.post(f"/s/{STUDY}", data=data, headers=HEADERS)

    answers = refused(phone, f"/s/{STUDY}") | failing(monkeypatch, "insert_record", ask) | {201: ask()}
    waves.close_wave(invited.settings, STUDY)
    assert 410 == ask(late).status_code
    assert {201, 400, 403, 404, 410, 413, 415, 428, 500, 503, 507} == {*answers}
    assert 201 == answers[201].status_code
    check(answers, hand_in.ANSWER_SIZE)


def test_answers_to_a_redemption_have_one_length(invited, monkeypatch):
    """Signed, unknown, used, closed, failed: 256 bytes of one type under the same headers."""
    client, codes = invited.issuer(), invited.codes()
    answers = refused(client, f"/t/{STUDY}")
    asked = [(codes[0], 1), (codes[0], 2), (new_code(), 1)]
    answers |= {(answer := issue(client, code, message(number))).status_code: answer for code, number in asked}
    with monkeypatch.context() as patched:
        patched.setattr(issuer, "redeem", _unavailable)
        answers |= {503: issue(client, codes[1], message(1))}
    waves.close_wave(invited.settings, STUDY)
    answers |= {410: issue(client, codes[1], message(1))}
    # A code that is not known and a study that is not are both 404, and say so in their words.
    assert {200, 400, 403, 404, 409, 410, 413, 415, 503} == {*answers}
    assert all(status == answer.status_code for status, answer in answers.items())
    check(answers, issuer.ANSWER_SIZE, OCTETS)


def _unavailable(*_: object) -> None:
    raise invitations.OfficeUnavailableError


def test_answers_to_a_withdrawal_have_one_length(phone, invited, monkeypatch):
    """Taken, refused, closed, failed: 128 bytes of one type under the same headers; the page itself stays as it is."""
    key_id = bytes.fromhex(invited.manifests[1].key_id)

    def ask() -> TestResponse:
        return phone.post(f"/w/{STUDY}", data=Withdrawal(key_id, b"w" * 32).to_bytes(), headers=HEADERS)

    answers = refused(phone, f"/w/{STUDY}") | failing(monkeypatch, "insert_withdrawal", ask) | {202: ask()}
    assert {202, 403, 404, 410, 413, 415, 500, 503, 507} <= {*answers}
    assert 202 == answers[202].status_code
    check(answers, withdraw.ANSWER_SIZE)
    assert len(phone.get(f"/w/{STUDY}").data) > withdraw.ANSWER_SIZE


def test_no_sentence_is_longer_than_its_answer():
    """Whatever hand-in, issuer and withdrawal say fits in their answers: a longer sentence would stand out."""
    stores = [text for _, text in respond_resources.REFUSALS.values()]
    assert max(map(len, stores)) <= hand_in.ANSWER_SIZE < withdraw.ANSWER_SIZE
    assert max(len(text) for _, text in issuer.REFUSALS.values()) <= issuer.ANSWER_SIZE
    assert max(len(withdraw.ACCEPTED), len(withdraw.TOO_LATE)) <= withdraw.ANSWER_SIZE
    assert {*respond_resources.REFUSALS} == {*store_errors.StoreError.__subclasses__()}


REPLIES = json.loads((ROOT / "tests/vectors/replies.json").read_bytes())
OWN_FORM = re.compile(rb"[ -;=-~]+\n *")
"""The form by which a phone knows the survey's own word (survey/browser/documents/requests.ts)."""


@pytest.mark.parametrize("reply", REPLIES["own"], ids=lambda reply: reply["says"].strip())
def test_an_answer_in_one_length_is_what_phones_recognise(reply: dict[str, str | int]):
    """What a route says becomes, byte for byte, the body that the phone's tests take for the survey's own."""
    app, routes = Flask("one"), Blueprint("one", "one")
    answer_in_one_length(routes, reply["size"], PLAIN_TEXT)
    routes.post("/")(lambda: plain_text(400, reply["says"]))
    app.register_blueprint(routes)
    body = app.test_client().post("/").data
    assert reply["body"].encode() == body
    assert OWN_FORM.fullmatch(body)


def test_every_refusal_has_the_form_that_phones_recognise_and_no_foreign_body_has(phone, invited, monkeypatch):
    """Each refusal of hand-in, issuer and withdrawal is one line and spaces; what proxies send is not."""
    client, codes = invited.issuer(), invited.codes()
    asked = [refused(phone, f"/s/{STUDY}"), refused(client, f"/t/{STUDY}"), refused(phone, f"/w/{STUDY}")]
    first = issue(client, codes[0], message(1))
    asked += [{409: issue(client, codes[0], message(2)), 404: issue(client, new_code(), message(1))}]
    sent = body(invited.issued(1)[0])
    asked += [
        failing(monkeypatch, "insert_record", lambda: phone.post(f"/s/{STUDY}", data=sent, headers=HEADERS)),
    ]
    refusals = [answer.data for answers in asked for answer in answers.values()]
    assert len(refusals) > 20
    assert all(OWN_FORM.fullmatch(said) for said in refusals)
    # The controls: what is no refusal has another form, and so has what comes from elsewhere.
    assert not OWN_FORM.fullmatch(first.data)
    for foreign in REPLIES["foreign"]:
        said = foreign["body"].encode()
        assert not (OWN_FORM.fullmatch(said) and len(said) == foreign["size"]), foreign["why"]
