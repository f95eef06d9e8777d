"""Proof of work: what was done once counts for one row, in one study, for an hour; nothing else does."""

import json
import time
from fractions import Fraction
from unittest.mock import patch

import pytest
from altcha import Challenge, Payload, Solution, solve_challenge
from paths import vectors

from survey.admission.proof_of_work import COST, COUNTERS, LIFETIME, ProofOfWork, WorkError
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
        assert solve_challenge(challenge).counter in COUNTERS


def cheapest_mean(counters: range) -> Fraction:
    """Return the least average of tries for each proof, over how many of the counters a sender tries before it drops.

    The counter is uniform on `counters`, so their order is no matter, and only counters that were drawn are tried.
    """
    n = len(counters)
    solved = (Fraction(tries * (tries + 1), 2 * n) + tries * (1 - Fraction(tries, n)) for tries in range(1, n + 1))
    return min(total / Fraction(tries, n) for tries, total in enumerate(solved, start=1))


def test_the_cheapest_sender_makes_128_tries_on_average():
    """Dropping challenges early or beginning elsewhere never costs less than 128.5; the range 96 to 160 costs 33."""
    assert cheapest_mean(COUNTERS) == Fraction(257, 2)
    assert cheapest_mean(range(96, 161)) == 33


def test_a_counter_is_drawn_from_all_of_them_and_a_phone_begins_at_the_first():
    """The draw's ends are the range's ends, and the host takes each where the phone's first try is the first."""
    for drawn in (0, len(COUNTERS) - 1):
        with patch("survey.admission.proof_of_work.secrets.randbelow", side_effect=[drawn]) as draw:
            challenge = Challenge.from_dict(json.loads(DESK.challenge("q26")))
        assert [call.args for call in draw.call_args_list] == [(len(COUNTERS),)]
        solution = solve_challenge(challenge)
        assert solution.counter == drawn == COUNTERS[drawn]
        assert DESK.spent(Payload(challenge, solution).to_base64(), "q26", ROW).day


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
