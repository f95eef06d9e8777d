"""A wave with invitations on one host, all its real parts: codes, issuer, door, a tablet's file, withdrawal, box."""

import secrets
from dataclasses import dataclass, field, replace

import pytest
from hosts.applications import respond_app
from hosts.collection import close_and_box, copied
from hosts.invited import OCTETS, STUDY, Inviting, issue
from hosts.queue_files import queue_file
from paths import STUDIES

from analysis.opening.answers import Answers
from analysis.verification.tokens import without_token
from crypto.box import BoxFile
from crypto.canonical import canonical, to_base64url
from crypto.envelope import Record, body, key_id, study_id
from crypto.seed import expand, public_bytes
from crypto.tokens import TokenError
from crypto.withdrawal import Withdrawal, owner_secret
from survey.answers_db import owner_access
from survey.authoring.compiler import compile_study
from survey.operations import boxes
from survey.operations.kit_import import TakeInError, TakenIn, take_in
from survey.public_log.log_events import host_log
from survey.questionnaire.payload import encode
from survey.questionnaire.study_metadata import Fieldwork
from survey.simulation.respondents import Priors, respondents
from survey.simulation.tokens import InvitedPhone, Sign
from survey.wave.manifest import Manifest

PRIORS = STUDIES / "sesame_credit" / "priors.yaml"
PLACES = (11, 22, 33, 44, 55, 66, 77, 88)


@dataclass
class Wave(Inviting):
    """The host with a key that envelopes can be sealed to, which only this test holds."""

    seed: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def manifest(self, wave: int = 1, **changes: object) -> Manifest:
        """Return the manifest of a wave, with its issuer's key and ours."""
        public = public_bytes(expand(self.seed))
        own = {"key": to_base64url(public), "key_id": key_id(public).hex()}
        return Manifest.from_bytes(canonical(super().manifest(wave).to_json() | own | changes))

    def buy(self, code: str) -> Sign:
        """Return the issuer as the phone with this code sees it."""
        client = self.issuer()

        def sign(blinded: bytes) -> bytes:
            answer = issue(client, code, blinded)
            if answer.status_code != 200:
                raise TokenError(f"the issuer answered {answer.status_code}")
            return answer.data

        return sign

    def people(self, codes: list[str], seed: int = 1) -> list[Record]:
        """Return one invented respondent's record for each code."""
        signers = map(self.buy, codes)
        asked = compile_study(self.file)[0]
        priors = Priors.read(PRIORS)
        priors = priors.model_copy(update={"strata": dict.fromkeys(asked.strata, 1)})
        invited, drawn = InvitedPhone.of(self.manifests[1]), respondents(asked, priors, seed)
        return [invited.record(encode(asked, next(drawn)), sign) for sign in signers]


@pytest.fixture
def host(settings, inviting) -> Wave:
    host = Wave(copied(inviting, settings).settings, file=inviting.file)
    host.open_wave()
    return host


@pytest.fixture
def phone(host):
    app = respond_app(host.settings)
    yield app.test_client()
    app.extensions["sotto"].engine.dispose()


def hand_in(phone, record: Record) -> int:
    return phone.post(f"/s/{STUDY}", data=body(record), headers=OCTETS).status_code


@pytest.mark.slow
def test_a_wave_from_codes_to_the_box(host, phone, tmp_path):
    """Six codes buy six tokens: five answers stay, one is taken back; the box holds five that open and verify."""
    codes = host.codes()
    people = host.people(codes[:5])
    secret = owner_secret(PLACES, study_id(STUDY), bytes.fromhex(host.manifests[1].key_id))
    mine = InvitedPhone.of(host.manifests[1]).record(b"mine", host.buy(codes[5]), secret)
    assert [201] * 6 == [hand_in(phone, record) for record in (*people, mine)]
    spent = host.buy(codes[0])
    with pytest.raises(TokenError, match="409"):
        InvitedPhone.of(host.manifests[1]).record(b"again", spent)
    taken = Withdrawal(bytes.fromhex(host.manifests[1].key_id), secret).to_bytes()
    assert 202 == phone.post(f"/w/{STUDY}", data=taken, headers=OCTETS).status_code
    header = close_and_box(host.settings, tmp_path / "wave.box")
    assert ("invitation", 5) == (header.mode, header.count)
    with BoxFile.open(tmp_path / "wave.box") as box:
        box.verify()
        assert [] == list(without_token(box, host.manifests[1]))
    assert mine.signature not in (tmp_path / "wave.box").read_bytes()
    asked = compile_study(host.file)[0]
    columns, _ = Answers.of(host.seed, host.manifests[1], asked).open_shard(tmp_path / "wave.box", 0, 5)
    assert columns.readable.all()
    assert header == close_and_box(host.settings, tmp_path / "again.box")
    beside = Fieldwork.from_bytes((tmp_path / "wave.box.fieldwork.json").read_bytes())
    assert 5 == beside.answered <= beside.issued <= beside.invited
    assert [201, 410] == [
        hand_in(phone, people[0]),
        phone.post(f"/w/{STUDY}", data=made_up(host), headers=OCTETS).status_code,
    ]


def test_a_row_that_was_put_past_the_door_is_in_no_box_and_in_the_logs_count(host, phone, tmp_path):
    """A forged row in the store leaves the box as it is without it, and the log's entry says that there was one."""
    people = host.people(host.codes()[:3])
    for record in people[:2]:
        hand_in(phone, record)
    engine = owner_access.connect_owner(host.settings.answers_url)
    forged = replace(people[2], signature=bytes(255) + b"\x01")
    owner_access.insert_records(engine, bytes.fromhex(host.manifests[1].key_id), [(forged.row_key, forged.to_bytes())])
    engine.dispose()
    header = close_and_box(host.settings, tmp_path / "wave.box")
    (entry,) = (entry for entry in host_log(host.settings).entries() if entry.kind == "box")
    assert (2, 2, 1) == (header.count, entry.count, entry.refused)
    assert header == close_and_box(host.settings, tmp_path / "again.box")


def made_up(host: Wave) -> bytes:
    return Withdrawal(bytes.fromhex(host.manifests[1].key_id), bytes(32)).to_bytes()


def test_compaction_by_the_timer_applies_withdrawals(host, phone):
    """What the timer runs deletes a withdrawn row while the wave is open, and its invitation stays used."""
    secret = owner_secret(PLACES, study_id(STUDY), bytes.fromhex(host.manifests[1].key_id))
    codes = host.codes()
    mine = InvitedPhone.of(host.manifests[1]).record(b"mine", host.buy(codes[0]), secret)
    hand_in(phone, mine)
    epoch = bytes.fromhex(host.manifests[1].key_id)
    phone.post(f"/w/{STUDY}", data=Withdrawal(epoch, secret).to_bytes(), headers=OCTETS)
    boxes.compact_answers(host.settings)
    engine = owner_access.connect_owner(host.settings.answers_url)
    assert [] == list(owner_access.iter_records(engine, epoch))
    engine.dispose()
    assert 400 == hand_in(phone, mine)
    with pytest.raises(TokenError, match="409"):
        InvitedPhone.of(host.manifests[1]).record(b"again", host.buy(codes[0]))


def test_a_tablets_file_comes_in_with_its_tokens(host, phone, tmp_path):
    """A file of records with tokens is taken in; one with a forged token is refused whole, one taken back is said."""
    secret = owner_secret(PLACES, study_id(STUDY), bytes.fromhex(host.manifests[1].key_id))
    codes = host.codes()
    mine = InvitedPhone.of(host.manifests[1]).record(b"mine", host.buy(codes[0]), secret)
    people = host.people(codes[1:3])
    path = tmp_path / "tablet.sotto-queue"
    path.write_bytes(queue_file(STUDY, [mine, *people]))
    assert TakenIn(1, 3) == take_in(host.settings, STUDY, path)
    forged = replace(people[0], prefix=bytes(31) + b"\x01")
    path.write_bytes(queue_file(STUDY, [forged]))
    with pytest.raises(TakeInError, match="do not fit wave 1"):
        take_in(host.settings, STUDY, path)
    phone.post(
        f"/w/{STUDY}", data=Withdrawal(bytes.fromhex(host.manifests[1].key_id), secret).to_bytes(), headers=OCTETS
    )
    boxes.compact_answers(host.settings)
    path.write_bytes(queue_file(STUDY, [mine, *people]))
    with pytest.raises(TakeInError, match=r"1 of 3 envelopes were not stored: .* taken back"):
        take_in(host.settings, STUDY, path)
