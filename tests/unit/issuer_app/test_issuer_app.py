"""The issuer (survey.issuer_app): a code buys one blind signature, whoever races; nothing else is kept or logged."""

import hashlib
import logging
import re
import shutil
import sqlite3
import threading
from contextlib import closing

import pytest
from hosts.invited import STUDY, issue, message
from sqlalchemy.exc import DBAPIError

from crypto.blinding import blind
from crypto.canonical import from_base64url
from crypto.invitation_codes import code_hash, new_code
from crypto.tokens import TokenVerifier, prepared
from survey.database.engine import connect
from survey.office_db import invitations
from survey.office_db.invitations import Claim
from survey.operations import invitations as inviting
from survey.operations import waves


@pytest.fixture
def host(invited):
    """Return a host with an open wave."""
    return invited


def test_a_token_is_issued_that_verifies_under_the_manifests_key(host):
    """What the issuer signs blind becomes, unblinded, a signature that the wave's public key accepts."""
    client, manifest = host.issuer(), host.manifests[1]
    verifier, modulus = (
        TokenVerifier.of(manifest.issuer_key),
        int.from_bytes(from_base64url(manifest.issuer_key), "big"),
    )
    blinded = blind(modulus, prepared(b"p" * 32, b"m" * 103))
    answer = issue(client, host.codes()[0], blinded.message)
    assert (200, "application/octet-stream", 256) == (answer.status_code, answer.content_type, len(answer.data))
    verifier.check_signature(prepared(b"p" * 32, b"m" * 103), blinded.finalize(answer.data, verifier))


def test_the_same_message_gets_the_same_answer_and_another_none(host):
    """A retry costs no slip: identical bytes get identical bytes; a second message for the code is refused."""
    client, code = host.issuer(), host.codes()[0]
    first = issue(client, code, message(1))
    assert (200, first.data) == ((again := issue(client, code, message(1))).status_code, again.data)
    assert 409 == issue(client, code, message(2)).status_code
    assert (200, first.data) == ((again := issue(client, code, message(1))).status_code, again.data)


def asked(client, code: str, blinded: bytes) -> tuple[int, bytes]:
    answer = issue(client, code, blinded)
    return answer.status_code, answer.data


def test_a_code_is_judged_in_this_order(host):
    """The signed message is answered again, then a closed batch is said, then a used code; a closed wave before all."""
    client, codes = host.issuer(), host.codes()
    first = asked(client, codes[0], message(1))
    assert (409, 404) == (
        issue(client, codes[0], message(2)).status_code,
        issue(client, new_code(), message(2)).status_code,
    )
    inviting.close_batch(host.settings, STUDY, "may")
    assert first == asked(client, codes[0], message(1))
    waves.close_wave(host.settings, STUDY)
    assert [410] * 3 == [issue(client, code, message(1)).status_code for code in (codes[0], codes[1], new_code())]


def test_a_closed_batch_tells_nobody_whether_a_code_was_used(host):
    """Once its batch is closed a used and an unused code are answered alike, byte for byte; before, they were not."""
    client, codes = host.issuer(), host.codes()
    issue(client, codes[0], message(1))
    open_answers = {asked(client, codes[0], message(2))}
    inviting.close_batch(host.settings, STUDY, "may")
    assert [410, 410] == [issue(client, code, message(2)).status_code for code in codes[:2]]
    assert 1 == len({asked(client, code, message(2)) for code in codes[:2]})
    assert {409} == {status for status, _ in open_answers}, "the control: an open batch says that a code was used"


@pytest.mark.parametrize("number", ["zero", "one", "the modulus less one", "the modulus", "beyond"])
def test_a_message_of_no_phone_tells_nothing_of_a_code(host, number):
    """0, 1, N - 1 and more are 400 for used, unused and unknown codes alike, and cost none; 2 and N - 2 are signed."""
    client, codes = host.issuer(), host.codes()
    n = int.from_bytes(from_base64url(host.manifests[1].issuer_key), "big")
    numbers = {"zero": 0, "one": 1, "the modulus less one": n - 1, "the modulus": n, "beyond": 2**2048 - 1}
    issue(client, codes[0], message(1))
    bad = numbers[number].to_bytes(256, "big")
    assert 1 == len({asked(client, code, bad) for code in (codes[0], codes[1], new_code())})
    assert 400 == issue(client, codes[1], bad).status_code
    good = [edge.to_bytes(256, "big") for edge in (2, n - 2)]
    assert [200, 200] == [issue(client, code, edge).status_code for code, edge in zip(codes[1:3], good, strict=True)]


def test_a_message_of_no_phone_is_refused_in_a_closed_wave_too(host):
    """400 goes before 410 and 503: the order of the issuer's checks does not depend on the state of the wave."""
    client, bad = host.issuer(), bytes(256)
    waves.close_wave(host.settings, STUDY)
    assert (400, 410) == (issue(client, new_code(), bad).status_code, issue(client, new_code(), message(1)).status_code)


def test_nobody_can_ask_whether_a_code_is_good(host):
    """There is no such route any more: every body is 404, and a code's first redemption still succeeds."""
    client, code = host.issuer(), host.codes()[0]
    headers = {"Content-Type": "application/octet-stream"}
    for body in (b"\x01" + code.encode(), b"\x02" + code.encode(), b"\x02" + code.encode() + message(1)):
        assert 404 == client.post(f"/t/{STUDY}/check", data=body, headers=headers).status_code
    assert 200 == issue(client, code, message(1)).status_code


@pytest.mark.parametrize("typed", ["", "0" * 17, "é" * 8 + "0", "' OR 1=1 --      ", "\0" * 17])
def test_what_is_no_code_is_unknown_or_refused(host, typed):
    """A body of another size is 400; seventeen bytes of anything else are simply no invitation."""
    client, size = host.issuer(), len(typed.encode())
    assert (404 if size == 17 else 400) == issue(client, typed, message(1)).status_code


def test_what_no_page_of_ours_sends_is_refused(host):
    """Another origin, type, encoding, version, a long body and another study each get their answer."""
    client, path = host.issuer(), f"/t/{STUDY}"
    body, octets = b"\x02" + new_code().encode() + message(1), {"Content-Type": "application/octet-stream"}
    asked = [
        (path, body, octets | {"Sec-Fetch-Site": "cross-site"}),
        (path, body, {"Content-Type": "text/plain"}),
        (path, body, octets | {"Content-Encoding": "gzip"}),
        (path, b"\x01" + body[1:], octets),
        (path, body * 99, octets),
        ("/t/none", body, octets),
        ("/t/../check", body, octets),
    ]
    assert [403, 415, 415, 400, 413, 404, 404] == [
        client.post(where, data=data, headers=headers).status_code for where, data, headers in asked
    ]


def race(claim, engine, tries):
    """Let threads redeem one code at one moment; return what each got."""
    start, got = threading.Barrier(len(tries)), []

    def run(blinded: bytes) -> None:
        start.wait()
        try:
            got.append(invitations.redeem(engine, claim, hashlib.sha256(blinded).digest(), lambda: blinded))
        except invitations.CodeUsedError:
            got.append(None)

    threads = [threading.Thread(target=run, args=(blinded,)) for blinded in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return got


def test_of_two_messages_that_race_for_a_code_one_wins(host):
    """In each of twelve races eight threads with four messages want one code: exactly one message is signed."""
    engine = invitations.connect_issuer(host.settings.office_url)
    for code in host.codes()[:12]:
        got = race(Claim(STUDY, 1, code_hash(code)), engine, [message(1 + number % 4) for number in range(8)])
        signed = [one for one in got if one]
        assert (8, 1, 2) == (len(got), len(set(signed)), len(signed))
    engine.dispose()


def test_a_signature_that_fails_leaves_the_code_good(host):
    """Where the process dies while it signs nothing was marked; where it dies after, the answer is given again."""
    engine = invitations.connect_issuer(host.settings.office_url)
    claim = Claim(STUDY, 1, code_hash(host.codes()[0]))

    def dies() -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invitations.redeem(engine, claim, b"h" * 32, dies)
    assert [b"answer"] * 2 == [invitations.redeem(engine, claim, b"i" * 32, lambda: b"answer") for _ in range(2)]
    engine.dispose()


FORBIDDEN = [
    "SELECT * FROM staff", "SELECT * FROM wave", "SELECT * FROM document", "SELECT * FROM audit",
    "INSERT INTO invitation VALUES (zeroblob(32), zeroblob(8), NULL)", "DELETE FROM invitation", "DELETE FROM batch",
    "UPDATE invitation SET code_hash = zeroblob(32)", "UPDATE batch SET open = 1", "DROP TABLE invitation",
    "PRAGMA journal_mode = delete", "ATTACH ':memory:' AS other", "SELECT load_extension('x')",
]  # fmt: skip


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_issuer_can_do_nothing_else_on_sqlite(host, statement):
    """Every other statement on the issuer's connection is refused by the authorizer."""
    host.codes()
    engine = invitations.connect_issuer(host.settings.office_url)
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"not authorized|prohibited"):
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_used_code_is_never_made_good_again(host):
    """A trigger refuses a second mark and the taking away of one, even from the owner."""
    code = host.codes()[0]
    issue(host.issuer(), code, message(1))
    owner = connect(host.settings.office_url, guard=None)
    for value in ("NULL", "zeroblob(32)"):
        with owner.begin() as connection, pytest.raises(DBAPIError, match="used once"):
            connection.exec_driver_sql(f"UPDATE invitation SET blinded_hash = {value} WHERE blinded_hash IS NOT NULL")
    owner.dispose()


def settings_of(engine, *pragmas: str) -> None:
    """Set pragmas on the one connection that the engine's pool holds."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        raw.set_authorizer(None)
        for pragma in pragmas:
            raw.execute(f"PRAGMA {pragma}")


def test_where_the_database_is_locked_the_phone_is_asked_to_try_again(host):
    """While another process holds the database the answer is 503 and no signature; afterwards the code is good."""
    code, client = host.codes()[0], host.issuer()
    settings_of(client.application.extensions["issuer"].engine, "busy_timeout = 50")
    with closing(sqlite3.connect(host.settings.office_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert 503 == issue(client, code, message(1)).status_code
    assert 200 == issue(client, code, message(2)).status_code


def test_on_a_full_disk_nothing_is_signed_and_nothing_spent(host):
    """Where a mark finds no room the answer is 503; with room again the same message gets its signature."""
    codes, client = host.codes(count=800), host.issuer()
    engine = client.application.extensions["issuer"].engine
    settings_of(engine, "wal_checkpoint(TRUNCATE)", "max_page_count = 1")
    answers = ((code, issue(client, code, message(1)).status_code) for code in codes)
    refused, status = next((code, status) for code, status in answers if status != 200)
    assert 503 == status
    settings_of(engine, "max_page_count = 1000000")
    assert 200 == issue(client, refused, message(2)).status_code


def test_without_the_waves_key_nothing_is_marked(host):
    """Where the private key is not in its folder the answer is 503, in the log stands only the kind of fault."""
    code = host.codes()[0]
    for path in host.settings.issuer_keys.glob("*.pem"):
        path.rename(path.with_suffix(".away"))
    client = host.issuer()
    assert 503 == issue(client, code, message(1)).status_code
    for path in host.settings.issuer_keys.glob("*.away"):
        path.rename(path.with_suffix(".pem"))
    assert 200 == issue(client, code, message(2)).status_code


def test_no_answer_sets_a_cookie_and_no_log_holds_a_code(host, caplog):
    """In all answers and log lines of a whole exchange, faults included, there is no cookie, code or hash of one."""
    caplog.set_level(logging.DEBUG)
    client, codes = host.issuer(), host.codes()
    answers = [issue(client, codes[0], message(number)) for number in (1, 1, 2)]
    shutil.move(host.settings.issuer_keys, host.settings.issuer_keys.with_name("away"))
    other = host.issuer()
    answers += [issue(other, code, message(1)) for code in (codes[1], new_code())]
    assert [] == [one for one in answers if "Set-Cookie" in one.headers]
    assert {"no-store"} == {one.headers["Cache-Control"] for one in answers}
    assert "IssuerKeyError at /t/<study>" in caplog.text
    leaked = [text for code in codes for text in (code, code_hash(code).hex(), code[:8]) if text in caplog.text]
    assert [] == leaked
    assert not re.search(r"127\.0\.0\.1|\d\d:\d\d:\d\d", caplog.text)
