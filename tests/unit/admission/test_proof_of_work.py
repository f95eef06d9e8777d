"""Proof of work: what was done once counts for one row, in one study, for an hour; nothing else does."""

import json
import time

import pytest
from altcha import Challenge, Payload, Solution, solve_challenge
from paths import vectors

from survey.admission.proof_of_work import COST, LIFETIME, TRIES, ProofOfWork, WorkError
from survey.answers_db.spent_work import DAY

DESK = ProofOfWork(bytes(range(32)))
ROW, OTHER = bytes(32), bytes([1]) * 32
VECTORS = vectors("work")
SHARED = ProofOfWork(bytes.fromhex(VECTORS["secret"]))


def worked(desk: ProofOfWork = DESK, study: str = "q26") -> str:
    """Return what a phone sends: a challenge of this desk with its solution."""
    challenge = Challenge.from_dict(json.loads(desk.challenge(study)))
    return Payload(challenge, solve_challenge(challenge)).to_base64()


@pytest.fixture(scope="module")
def done() -> str:
    return worked()


def test_work_that_was_done_is_taken_and_the_same_again(done):
    """Checked twice for the same row it is the same ticket, so that a retry is no second use."""
    assert DESK.spent(done, "q26", ROW) == DESK.spent(done, "q26", ROW)


def test_one_challenge_for_two_rows_shows_and_tells_neither(done):
    """For another row the ticket has the same id and another proof, and neither holds the row's key."""
    first, second = DESK.spent(done, "q26", ROW), DESK.spent(done, "q26", OTHER)
    assert (first.id, first.day) == (second.id, second.day)
    assert first.proof != second.proof
    assert ROW not in (first.id, first.proof)


def test_the_day_is_all_that_is_kept_of_the_time(done):
    """A ticket's only number is the day on which its challenge ends."""
    assert int((time.time() + LIFETIME) // DAY) - DESK.spent(done, "q26", ROW).day in (0, 1)


def edited(done: str, **changes: object) -> str:
    payload = Payload.from_base64(done).to_dict()
    payload["challenge"]["parameters"] |= changes
    return Payload.from_dict(payload).to_base64()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "x",
        "e30=",
        "A" * 3000,
        lambda done: edited(done, cost=1),
        lambda done: edited(done, expiresAt=int(time.time()) + 10 * LIFETIME),
        lambda done: edited(done, expiresAt=None),
        lambda done: edited(done, nonce="00" * 16),
        lambda done: edited(done, data={"study": "other"}),
        lambda done: Payload(Payload.from_base64(done).challenge, Solution(40, "00" * 32)).to_base64(),
        lambda _: worked(ProofOfWork(bytes(32))),
        lambda _: worked(study="other"),
        lambda _: worked(ProofOfWork(DESK.secret, clock=lambda: time.time() - LIFETIME - 10)),
    ],
)
def test_anything_else_is_refused(done, header):
    """No work, wrong work, an edited challenge, another host's, another study's and an old one are one refusal."""
    with pytest.raises(WorkError):
        DESK.spent(header(done) if callable(header) else header, "q26", ROW)


def test_the_secret_is_not_shown():
    """The representation of what checks work holds nothing of its secret."""
    assert "secret" not in repr(DESK)


def test_the_number_of_tries_is_bounded():
    """Every challenge is solved by one of the tries that are announced, each at the cost that is announced."""
    for _ in range(3):
        challenge = Challenge.from_dict(json.loads(DESK.challenge("q26")))
        assert challenge.parameters.cost == COST
        assert solve_challenge(challenge).counter in TRIES


@pytest.mark.parametrize("vector", VECTORS["solved"], ids=["first", "second"])
def test_what_a_phone_makes_of_a_challenge_is_taken(vector):
    """The header that the phone's own tests make of the same challenge, byte for byte, is good here."""
    parameters = vector["challenge"]["parameters"]
    ticket = SHARED.spent(vector["header"], VECTORS["study"], ROW)
    assert (parameters["expiresAt"] // DAY, 32, 32) == (ticket.day, len(ticket.id), len(ticket.proof))
    assert vector["counter"] == solve_challenge(Challenge.from_dict(vector["challenge"])).counter


@pytest.mark.parametrize("name", VECTORS["refused_by_host"])
def test_what_the_shared_vectors_call_wrong_is_refused(name):
    """Each faulty header of the vectors is refused; the good ones beside them are the control."""
    with pytest.raises(WorkError):
        SHARED.spent(VECTORS["refused_by_host"][name], VECTORS["study"], ROW)
