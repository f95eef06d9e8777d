"""Taking an answer back: told to nobody, gone from every byte after compaction, its key spent; not after the close."""

import random
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from hosts.store_rows import SIZE, row, secret
from hosts.tokened import InvitedStudy
from sqlalchemy.exc import DBAPIError
from studies.market import STUDY, Study

from crypto.box import write_box
from crypto.envelope import Record, body
from crypto.withdrawal import Withdrawal
from survey.admission.respond_resources import RespondResources
from survey.answers_db import insert_only, owner_access
from survey.answers_db.compaction import compact
from survey.answers_db.insert_only import connect_respond
from survey.database.engine import connect
from survey.publication.folder import Published
from survey.respond_app import withdraw as withdrawing
from survey.respond_app.hand_in import bp as respond_bp
from survey.settings import Settings
from survey.web.factory import NoSessions, bare_app
from survey.web.headers import install_headers

URL = f"/w/{STUDY}"
OCTETS = {"Content-Type": "application/octet-stream"}
SECRET = bytes(range(32))


@pytest.fixture
def host(settings) -> InvitedStudy:
    return InvitedStudy(settings).publish()


def door_app(settings: Settings) -> Flask:
    """Return the respond app without its pages: what this is about needs none of their files."""
    app = bare_app(settings.hosts)
    engine = connect_respond(settings.answers_url)
    app.extensions["sotto"] = RespondResources(engine, Published(settings.public))
    app.session_interface = NoSessions()
    app.register_blueprint(respond_bp)
    app.register_blueprint(withdrawing.bp)
    install_headers(app, referrer_policy="no-referrer")
    return app


@pytest.fixture
def client(host):
    app = door_app(host.settings)
    yield app.test_client()
    app.extensions["sotto"].engine.dispose()


def hand_in(client, record: Record) -> int:
    return client.post(f"/s/{STUDY}", data=body(record), headers=OCTETS).status_code


def withdraw(client, host: InvitedStudy, secret: bytes = SECRET, key_id: bytes | None = None, **headers: str):
    data = Withdrawal(key_id or host.epoch, secret).to_bytes()
    return client.post(URL, data=data, headers=OCTETS | headers)


def compacted(host: InvitedStudy) -> None:
    owner = owner_access.connect_owner(host.settings.answers_url)
    compact(owner, {})
    owner.dispose()


def on_disk(host: InvitedStudy) -> bytes:
    """Return every byte of the answers database and what stands beside it."""
    home = host.settings.public.parent
    return b"".join(path.read_bytes() for path in sorted(home.glob("answers.sqlite*")))


def tombstones(host: InvitedStudy, table: str = "withdrawn") -> int:
    with closing(connect(host.settings.answers_url, guard=None).raw_connection()) as raw:
        return raw.cursor().execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def parts(record: Record) -> list[bytes]:
    """Return pieces of a record that stand nowhere else: t and signature whole, the envelope every 64 bytes."""
    envelope = record.envelope
    return [record.t, record.prefix, record.signature, *(envelope[at : at + 64] for at in range(10, 1200, 64))]


def test_a_withdrawn_answer_is_gone_from_every_byte(client, host, tmp_path):
    """After compaction nothing of the record is in file or log, the box is without it, and the others are in it."""
    mine, other = host.record(secret=SECRET), host.record()
    assert [201, 201] == [hand_in(client, record) for record in (mine, other)]
    assert 202 == withdraw(client, host).status_code
    before = on_disk(host)
    assert all(part in before for part in parts(mine)), "the control: before compaction it is there"
    compacted(host)
    after = on_disk(host)
    assert [] == [part for part in parts(mine) if part in after]
    assert all(part in after for part in parts(other))
    host.state("closed")
    header = write_box(
        tmp_path / "box", study=STUDY, wave=1, mode="invitation", manifest="0" * 64, key_id=host.manifest.key_id,
        record_size=len(other.to_bytes()), records=iter(host.stored()),
    )  # fmt: skip
    assert 1 == header.count
    assert mine.signature not in (tmp_path / "box").read_bytes()


def test_a_withdrawn_key_stays_spent(client, host):
    """Neither the withdrawn record nor another of its owner gets in again; a replay before compaction is harmless."""
    mine, again = host.record(secret=SECRET), host.record(b"other", secret=SECRET)
    hand_in(client, mine)
    withdraw(client, host)
    assert [201, 400] == [hand_in(client, record) for record in (mine, again)]
    compacted(host)
    assert [400, 400] == [hand_in(client, record) for record in (mine, again)]
    assert [] == host.stored()
    assert (0, 1) == (tombstones(host), tombstones(host, "spent_key"))


def test_nobody_is_told_whether_there_was_an_answer(client, host):
    """A code with an answer, one without and one used twice are answered alike, and inventions leave no row."""
    hand_in(client, host.record(secret=SECRET))
    replies = [withdraw(client, host, secret) for secret in (SECRET, SECRET, b"\x07" * 32)]
    assert 1 == len({(answer.status_code, answer.text, str(sorted(answer.headers))) for answer in replies})
    assert 202 == replies[0].status_code
    assert [] == [answer for answer in replies if "Set-Cookie" in answer.headers]
    assert 1 == tombstones(host)


def test_too_late_is_said(client, host):
    """After the close 410 for whoever did not withdraw before, and 202 for a repeated one; the answer stays."""
    hand_in(client, host.record(secret=SECRET))
    hand_in(client, host.record(secret=b"\x01" * 32))
    withdraw(client, host, b"\x01" * 32)
    host.state("closed")
    assert [410, 202] == [withdraw(client, host, secret).status_code for secret in (SECRET, b"\x01" * 32)]
    assert "no longer" in withdraw(client, host).text
    compacted(host)
    assert 1 == len(host.stored())


def test_a_wave_that_is_over_keeps_its_answers(client, host):
    """With wave 2 open, what was handed in to wave 1 can no longer be taken back, under either wave's name."""
    first = host.epoch
    hand_in(client, host.record(secret=SECRET))
    host.next_wave()
    assert [410, 202] == [withdraw(client, host, key_id=epoch).status_code for epoch in (first, host.epoch)]
    assert 0 == tombstones(host)


def test_what_is_no_withdrawal_is_refused(client, host):
    """Another size, version, wave or study, another origin and other types of content are refused by their status."""
    good = Withdrawal(host.epoch, SECRET).to_bytes()
    for wrong in (b"", good[:-1], good + b"\x00", b"\x01" + good[1:], Withdrawal(bytes(8), SECRET).to_bytes()):
        assert 400 == client.post(URL, data=wrong, headers=OCTETS).status_code
    assert 404 == client.post("/w/nothing", data=good, headers=OCTETS).status_code
    assert 415 == client.post(URL, data=good, headers={"Content-Type": "text/plain"}).status_code
    assert 403 == withdraw(client, host, **{"Sec-Fetch-Site": "cross-site"}).status_code


def test_an_open_link_has_nothing_to_withdraw(client, host):
    """Where answers came without invitations, 400: no answer could be told from another."""
    manifest = Study().manifest
    host.state("open", mode="open", issuer=None, epoch=manifest.key_id, earlier=())
    assert 400 == withdraw(client, host, key_id=bytes.fromhex(manifest.key_id)).status_code


FORBIDDEN = [
    "SELECT * FROM withdrawn",
    "DELETE FROM withdrawn",
    "UPDATE withdrawn SET epoch = x'00'",
    "INSERT INTO withdrawn SELECT row_key, row_key, epoch FROM sealed",
    "INSERT INTO withdrawn VALUES (x'00', x'00', x'00') RETURNING row_key",
    "DROP TRIGGER withdrawn_admits",
    "SELECT * FROM spent_key",
    "INSERT INTO spent_key VALUES (zeroblob(32), zeroblob(8))",
    "SELECT * FROM refused",
    "INSERT INTO refused VALUES (zeroblob(32), zeroblob(32), zeroblob(8), x'00')",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_respond_connection_only_adds_tombstones(host, statement):
    """It reads, changes and removes no tombstone."""
    engine = connect_respond(host.settings.answers_url)
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"not authorized|prohibited"):
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize("statement", ["DELETE FROM spent_key", "UPDATE spent_key SET epoch = x'00'"])
def test_even_the_owner_keeps_spent_keys(client, host, statement):
    """A spent key is neither changed nor removed by any connection; nor is a row whose key is not spent."""
    hand_in(client, host.record(secret=SECRET))
    kept = host.record()
    hand_in(client, kept)
    withdraw(client, host)
    compacted(host)
    owner = owner_access.connect_owner(host.settings.answers_url)
    for refused in (statement, f"DELETE FROM sealed WHERE row_key = x'{kept.row_key.hex()}'"):
        with owner.connect() as connection, pytest.raises(DBAPIError, match="sotto: "):
            connection.exec_driver_sql(refused)
    owner.dispose()


EPOCH = b"\x01" * 8


def filled(home: Path, order: list[int], withdrawn: list[int]) -> bytes:
    """Return the bytes of a compacted file that received rows and withdrawals in an order of its own."""
    from cheap.databases import migrated

    settings = Settings.from_environ({"SOTTO_HOME": str(home)})
    migrated(settings)
    owner = owner_access.connect_owner(settings.answers_url)
    owner_access.start_accepting(owner, EPOCH, SIZE)
    for number in order:
        insert_only.insert_record(owner, EPOCH, *row(number))
    for number in withdrawn:
        insert_only.insert_withdrawal(owner, EPOCH, secret(number))
    compact(owner, {})
    owner.dispose()
    return (home / "answers.sqlite").read_bytes()


def test_compaction_forgets_the_order_of_withdrawals(tmp_path):
    """Two files with the same answers and tombstones, in different orders, have the same bytes once compacted."""
    order, taken = list(range(120)), list(range(0, 120, 5))
    first = filled(tmp_path / "a", order, taken)
    random.Random(7).shuffle(order)
    random.Random(8).shuffle(taken)
    assert first == filled(tmp_path / "b", order, taken)
    assert first != filled(tmp_path / "c", order, taken[1:]), "the control: one withdrawal less shows"
