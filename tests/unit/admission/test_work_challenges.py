"""An open link that asks for work: no answer without it, one answer a proof, a retry for nothing, no trace of whose."""

import json
import sqlite3
import time
from contextlib import closing

import pytest
from altcha import Challenge, Payload, solve_challenge
from cheap.databases import migrated
from hosts.applications import respond_app
from hosts.collection import QUESTIONNAIRE, STUDY, Collection
from hosts.invited import Inviting

from survey.admission import proof_of_work
from survey.admission.proof_of_work import HEADER, LIFETIME
from survey.answers_db.spent_work import DAY
from survey.operations import boxes, studies, waves
from survey.settings import Settings

OCTETS = {"Content-Type": "application/octet-stream"}


class Working(Collection):
    """A host whose study asks for work; like an inviting one it has its own authored file."""

    documents = Inviting.documents


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    folder = tmp_path_factory.mktemp("working")
    text = QUESTIONNAIRE.read_text(encoding="utf-8").replace("\nmode: open\n", "\nmode: open\nwork: true\n")
    (folder / "questionnaire.yaml").write_text(text, encoding="utf-8")
    host = Working(Settings.from_environ({"SOTTO_HOME": str(folder / "home")}))
    host.file = folder / "questionnaire.yaml"
    migrated(host.settings)
    studies.new_study(host.settings, host.file)
    host.open_wave()
    return host


@pytest.fixture(scope="module")
def client(host):
    app = respond_app(host.settings)
    yield app.test_client()
    app.extensions["sotto"].engine.dispose()


def proof(client) -> str:
    """Return the header of work that was done as a phone does it."""
    challenge = Challenge.from_dict(json.loads(client.get(f"/s/{STUDY}/work").data))
    return Payload(challenge, solve_challenge(challenge)).to_base64()


def post(client, body: bytes, header: str | None = None) -> int:
    sent = OCTETS if header is None else OCTETS | {HEADER: header}
    return client.post(f"/s/{STUDY}", data=body, headers=sent).status_code


def rows(host, table: str) -> list[tuple]:
    with closing(sqlite3.connect(host.settings.public.parent / "answers.sqlite")) as raw:
        return raw.execute(f"SELECT * FROM {table}").fetchall()


def test_nothing_is_stored_without_work(host, client):
    """No proof, a wrong one and one of another study are answered 428, and no row is stored."""
    before = rows(host, "sealed")
    assert [428, 428, 428] == [post(client, host.body(), header) for header in (None, "", "e30=")]
    assert before == rows(host, "sealed")


def test_one_proof_is_one_answer_and_a_retry_is_free(host, client):
    """The same bytes pass again with the same proof; other bytes do not; with a proof of their own they do."""
    done, first, second = proof(client), host.body(), host.body()
    assert [201, 201, 428] == [post(client, body, done) for body in (first, first, second)]
    assert 201 == post(client, second, proof(client))


def test_nothing_kept_of_work_tells_whose_or_when(host, client):
    """A ticket holds neither the row's key nor the challenge, and no time but a day."""
    done, body = proof(client), host.body()
    nonce = bytes.fromhex(Payload.from_base64(done).challenge.parameters.nonce)
    assert 201 == post(client, body, done)
    keys = b"".join(row[0] for row in rows(host, "sealed"))
    for name, stored_hash, day in rows(host, "spent_work"):
        assert name not in keys
        assert stored_hash not in keys
        assert nonce not in name + stored_hash
        # Before and after this moment, so that a midnight in between turns nothing red.
        assert int(time.time() - LIFETIME) // DAY <= day <= int(time.time() + LIFETIME) // DAY


def test_compaction_forgets_work_that_can_be_used_no_more(host, client, monkeypatch):
    """Tickets of today stay, so that nothing is used twice; two days later they are gone."""
    post(client, host.body(), proof(client))
    boxes.compact_answers(host.settings)
    assert rows(host, "spent_work")
    now = proof_of_work.time.time()
    monkeypatch.setattr("survey.answers_db.compaction.time.time", lambda: now + 2 * DAY)
    boxes.compact_answers(host.settings)
    assert [] == rows(host, "spent_work")


def test_a_study_that_asks_for_no_work_gives_none(collection):
    """Without `work: true` there is no challenge, and hand-ins need no proof."""
    collection.open_wave()
    app = respond_app(collection.settings)
    assert 404 == app.test_client().get(f"/s/{STUDY}/work").status_code
    assert 201 == post(app.test_client(), collection.body())
    app.extensions["sotto"].engine.dispose()


def test_without_its_secret_the_host_says_so_and_stores_nothing(host, caplog):
    """A web host to which the secret was not copied answers 503 to either request, and logs the setting for each."""
    secret = host.settings.work_key
    secret.rename(secret.with_name("away"))
    app = respond_app(host.settings)
    asked = app.test_client().get(f"/s/{STUDY}/work").status_code
    sent = post(app.test_client(), host.body(), "e30=")
    secret.with_name("away").rename(secret)
    app.extensions["sotto"].engine.dispose()
    assert (503, 503) == (asked, sent)
    assert [True, True] == ["SOTTO_WORK_KEY" in record.message for record in caplog.records]


def test_the_secret_is_made_once_for_its_owner_alone(host):
    """It is 32 bytes that only the account can read, and opening the wave again leaves it as it is."""
    path = host.settings.work_key
    before = path.read_bytes()
    manifest = host.manifests[1]
    waves.open_wave(host.settings, STUDY, manifest.to_bytes(), host.drill(manifest), enough=3, target=6, demo=True)
    assert (64, 0o600, before) == (len(before), path.stat().st_mode & 0o777, path.read_bytes())
