"""The door with invitations: one token, one envelope, one study, one wave, one row; and nothing else gets in."""

import hashlib
import threading
from dataclasses import replace

import pytest
from hosts.applications import respond_app
from hosts.tokened import InvitedStudy, issuers, manifest_of, seed_of
from sqlalchemy import event
from studies.market import STUDY

from crypto.envelope import Record, body
from crypto.opening import Opener
from survey.admission.admission import Admission, NotOfThisStudyError
from survey.publication.folder import Published
from survey.simulation.tokens import InvitedPhone

URL = f"/s/{STUDY}"
OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def host(settings) -> InvitedStudy:
    return InvitedStudy(settings).publish()


@pytest.fixture
def app(host):
    app = respond_app(host.settings)
    yield app
    app.extensions["sotto"].engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


def post(client, data: bytes):
    return client.post(URL, data=data, headers=OCTETS)


@pytest.fixture
def asked(app):
    """Collect the statements that reach the database."""
    statements: list[str] = []
    event.listen(
        app.extensions["sotto"].engine, "before_cursor_execute", lambda *event_args: statements.append(event_args[2])
    )
    return statements


def test_a_token_is_let_in_and_its_replays_are_acknowledged(client, host):
    """201 with the envelope's hash, the first time and again, and one row under its key, which opens."""
    record = host.record()
    replies = {(answer.status_code, answer.text) for answer in (post(client, body(record)) for _ in range(3))}
    assert {(201, hashlib.sha256(record.envelope).hexdigest())} == replies
    assert [record.to_bytes()] == host.stored()
    opener = Opener(seed_of(1), host.manifest.context, host.manifest.plaintext_size)
    assert b"answers" == opener.open_record(host.stored()[0])


def forgeries(host: InvitedStudy) -> dict[str, bytes]:
    """Return bodies that look right and whose token does not hold."""
    mine, other, manifest = host.record(), host.record(), host.manifest
    wrong_issuer = InvitedPhone.of(manifest.model_copy(update={"issuer_key": issuers()[1].public}))
    elsewhere = InvitedPhone.of(manifest_of(1, "harvest")).record(b"answers", issuers()[0].sign)
    records = {
        "another t": replace(mine, t=other.t),
        "another c": replace(mine, c=other.c),
        "another prefix": replace(mine, prefix=other.prefix),
        "another signature": replace(mine, signature=other.signature),
        "invented": replace(mine, signature=b"\x01" * 256),
        "no token": Record.open_link(mine.envelope),
        "signed by the next wave's issuer": wrong_issuer.record(b"answers", issuers()[1].sign),
        "of another study": elsewhere,
    }
    return {name: body(record) for name, record in records.items()}


def test_what_was_not_issued_is_refused_before_the_database(client, host, asked):
    """Forged, tampered, moved and missing tokens get 400; not one statement reaches the database."""
    for name, data in forgeries(host).items():
        assert (name, 400) == (name, post(client, data).status_code)
    assert [] == asked
    post(client, host.body())
    assert 1 == len(asked), "the control: a good one reaches it"
    assert 1 == len(host.stored())


def test_a_token_is_good_for_its_wave_alone(client, host):
    """In wave 2 what was issued for wave 1 does not open wave 2, and a late retry of wave 1 is checked by its key."""
    kept, late = host.record(), host.record()
    post(client, body(kept))
    host.next_wave()
    moved = InvitedPhone.of(host.manifest)
    stolen = replace(moved.record(b"answers", issuers()[1].sign), **{name: getattr(kept, name) for name in TOKEN})
    statuses = [post(client, data).status_code for data in (body(kept), body(late), body(stolen), host.body())]
    assert [201, 410, 400, 201] == statuses
    forged = replace(late, signature=kept.signature)
    assert 400 == post(client, body(forged)).status_code
    assert 1 == len(host.stored())


TOKEN = ("t", "c", "prefix", "signature")


def test_a_second_answer_of_one_owner_is_refused(client, host):
    """Another record with the same t, its own good token included, is refused, and the first stays."""
    secret = bytes(32)
    first, second = (host.record(payload, secret=secret) for payload in (b"first", b"second"))
    assert first.row_key == second.row_key
    assert [201, 400, 201] == [post(client, body(one)).status_code for one in (first, second, first)]
    assert [first.to_bytes()] == host.stored()


@pytest.mark.slow
def test_a_thousand_replays_at_once_store_one(app, host):
    """A thousand requests with one record, eight at a time, are all acknowledged and are one row."""
    data, statuses = host.body(), []

    def phone() -> None:
        client = app.test_client()
        statuses.extend(post(client, data).status_code for _ in range(125))

    threads = [threading.Thread(target=phone) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [201] * 1000 == statuses
    assert 1 == len(host.stored())


def test_an_issuer_key_is_read_again_with_the_state(app, client, host):
    """The door keeps the keys of a state and takes those of the next as soon as it is published."""
    doors = app.extensions["sotto"]
    published = Published(host.settings.public)
    first = doors.admission(doors.published.study(STUDY))
    assert first is doors.admission(doors.published.study(STUDY))
    host.next_wave()
    second = doors.admission(doors.published.study(STUDY))
    assert 2 == len(second.rules)
    assert Admission.of(published.study(STUDY)).rules.keys() == second.rules.keys()


def test_errors_hold_nothing_of_the_record(host):
    """What the door raises says nothing of the body and has no cause that would."""
    door, data = Admission.of(Published(host.settings.public).study(STUDY)), host.body()
    for wrong in (data[:-1], b"", data[:300] + b"\x00" + data[301:]):
        with pytest.raises(NotOfThisStudyError) as caught:
            door.checked(wrong)
        assert caught.value.__cause__ is None
        assert data[1:20].hex() not in repr(caught.value)
    epoch, record = door.checked(data)
    assert (host.epoch, data) == (epoch, body(record))


def test_an_open_link_takes_no_tokens(host):
    """Where there are no invitations a record with a token is refused, good as it may be."""
    state = Published(host.settings.public).study(STUDY)
    opened = Admission.of(state.model_copy(update={"mode": "open", "issuer": None}))
    plain = Record.open_link(host.record().envelope)
    assert plain == opened.checked(body(plain))[1]
    with pytest.raises(NotOfThisStudyError):
        opened.checked(host.body())
