"""Opening with invitations: a record without its token is never opened, counts as one unreadable, and is named."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hosts.tokened import issuers
from studies import small_study as small

from analysis.custody.ceremony import CeremonyRequest, hold_ceremony
from analysis.custody.share_files import combine_share_files
from analysis.opening.answers import Answers
from analysis.study.folder import StudyError, StudyFolder
from analysis.verification.tokens import FIELD, token_checks, without_token
from crypto.box import BoxFile
from crypto.canonical import canonical, from_base64url
from crypto.envelope import Record, row_key_of
from crypto.sealing import Sealer, seal
from crypto.tokens import TokenVerifier, seal_commitment
from survey.questionnaire.questionnaire import Questionnaire
from survey.simulation.tokens import InvitedPhone
from survey.wave.issuer_key import IssuerDocument

QUESTIONNAIRE = Questionnaire.from_bytes(
    canonical(small.QUESTIONNAIRE.to_json() | {"mode": "invitation", "sealing": "phone"})
)
PEOPLE = small.payloads(6)
WAVES = SimpleNamespace(mode="invitation", wave=1, box=SimpleNamespace(root="0" * 64))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A study folder whose manifest names the first issuer of the shared vectors."""
    root = tmp_path_factory.mktemp("opening")
    issuer = IssuerDocument.of(QUESTIONNAIRE.study, 1, issuers()[0].public)
    wishes = CeremonyRequest(wave=1, threshold=2, custodians=3, shares=root / "shares", issuer=issuer)
    folder = StudyFolder(root / "study")
    made = hold_ceremony(folder, QUESTIONNAIRE, small.TEXTS, wishes)
    seed = combine_share_files(folder, made.manifest, made.shares[:2])
    return SimpleNamespace(folder=folder, manifest=made.manifest, seed=seed)


@pytest.fixture(scope="module")
def honest(world):
    """Records as phones make them."""
    return [InvitedPhone.of(world.manifest).record(payload, issuers()[0].sign) for payload in PEOPLE]


def release_over(path) -> SimpleNamespace:
    """Return what the check of tokens reads of a release over the box at `path`."""
    with BoxFile.open(path) as box:
        return SimpleNamespace(**vars(WAVES) | {"box": SimpleNamespace(root=box.header.root)})


def stuffed(world, honest) -> list[Record]:
    """Records that a host could put into a box past its door; each payload is valid."""
    mine, manifest = honest[0], world.manifest
    sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
    other = issuers()[1].public
    foreign = InvitedPhone(sealer, TokenVerifier.of(other), int.from_bytes(from_base64url(other), "big"))
    t, u = b"\x05" * 32, b"\x06" * 32
    own = Record(t, seal_commitment(u), mine.prefix, mine.signature, sealer.seal(PEOPLE[1], row_key_of(t), u))
    return [
        own,
        replace(honest[1], signature=b"\x01" * 256),
        foreign.record(PEOPLE[2], issuers()[1].sign),
    ]


def test_only_records_with_their_token_are_opened(world, honest):
    """Envelopes that would open, and hold valid answers, are unreadable where the token is not theirs."""
    answers = Answers.of(world.seed, world.manifest, QUESTIONNAIRE)
    bad = stuffed(world, honest)
    opener = answers._opener
    assert all(opener.open_record(record.to_bytes()) for record in bad), "the control: every one of them opens"
    columns = answers.open_records([record.to_bytes() for record in [*honest, *bad]])
    assert [True] * len(honest) + [False] * len(bad) == columns.readable.tolist()


def test_an_envelope_that_its_tokens_owner_did_not_seal_is_not_opened(world, honest):
    """A stored token with the host's own envelope, or with another phone's, is one unreadable row; its own opens."""
    manifest, mine = world.manifest, honest[0]
    sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
    bad = [
        replace(mine, envelope=sealer.seal(PEOPLE[1], mine.row_key, guess)) for guess in (bytes(32), mine.c, mine.t)
    ] + [replace(mine, envelope=honest[1].envelope)]
    answers = Answers.of(world.seed, manifest, QUESTIONNAIRE)
    assert all(manifest.record_rules.read(record.to_bytes()) for record in bad), "the control: the door lets them in"
    columns = answers.open_records([record.to_bytes() for record in [mine, *bad]])
    assert [True] + [False] * len(bad) == columns.readable.tolist()


def test_a_record_without_any_token_is_not_opened(world):
    """An envelope sealed as on an open link counts as unreadable in a study with invitations."""
    manifest = world.manifest
    plain = Record.open_link(seal(PEOPLE[0], manifest.public_key, manifest.context, manifest.plaintext_size))
    columns = Answers.of(world.seed, manifest, QUESTIONNAIRE).open_records([plain.to_bytes(), b"", bytes(2000)])
    assert [False, False, False] == columns.readable.tolist()


def test_the_box_names_the_records_whose_token_does_not_hold(world, honest, tmp_path):
    """Without any key, whoever has the box and the manifest counts and names what the host put in."""
    bad = stuffed(world, honest)[1:]
    path = tmp_path / "wave.box"
    small.write_records(path, world.manifest, small.ordered([honest[0], honest[2], *bad]))
    with BoxFile.open(path) as box:
        assert sorted(record.row_key for record in bad) == list(without_token(box, world.manifest))
    ((field, ok, detail),) = token_checks(release_over(path), world.folder.wave_documents(WAVES.wave), path)
    assert (FIELD, False) == (field, ok)
    assert detail.startswith("2 records have no token that holds: ")
    assert all(record.row_key.hex() in detail for record in bad)


def test_a_sound_box_has_nothing_to_name(world, honest, tmp_path):
    """All tokens hold: one check that says so; on an open link there is no such check, without the box no answer."""
    path = tmp_path / "wave.box"
    small.write_records(path, world.manifest, small.ordered(honest))
    documents = world.folder.wave_documents(WAVES.wave)
    assert [(FIELD, True)] == [check[:2] for check in token_checks(release_over(path), documents, path)]
    assert [(FIELD, None)] == [check[:2] for check in token_checks(WAVES, documents, None)]
    assert [(FIELD, None)] == [check[:2] for check in token_checks(WAVES, None, path)]
    assert [] == [*token_checks(SimpleNamespace(mode="open"), None, path)]


def test_tokens_are_checked_of_the_very_box_that_the_release_names(world, honest, tmp_path):
    """A sound box of other records, or one with its records exchanged under the header, is no proof for a release."""
    path, other = tmp_path / "wave.box", tmp_path / "other.box"
    small.write_records(path, world.manifest, small.ordered(honest))
    small.write_records(other, world.manifest, small.ordered(honest[:4]))
    documents, release = world.folder.wave_documents(WAVES.wave), release_over(path)
    assert [(FIELD, False)] == [check[:2] for check in token_checks(release, documents, other)]
    header, _, records = path.read_bytes().partition(b"\n")
    path.write_bytes(header + b"\n" + records[: len(records) // 6] * 6)
    assert [(FIELD, False)] == [check[:2] for check in token_checks(release, documents, path)]


def test_a_box_that_is_not_there_is_said(world, tmp_path):
    """A missing box is a failed check, and so is a wave whose documents are not sound; neither is an exception."""
    unsound = StudyError("the wave's manifest is missing")
    for documents in (world.folder.wave_documents(WAVES.wave), unsound):
        assert [(FIELD, False)] == [check[:2] for check in token_checks(WAVES, documents, tmp_path / "none")]
    assert [(FIELD, False, str(unsound))] == [*token_checks(WAVES, unsound, tmp_path / "none")]
