"""The key ceremony and its drill: analysis/custody/ceremony.py, study_folder.py."""

import fcntl
import shutil
from dataclasses import replace
from itertools import combinations

import pytest
from paths import STUDIES, VECTORS
from studies import small_study as small

from analysis.budget.entries import DeclaredBudget
from analysis.budget.ledger import Ledger
from analysis.commands.key import witnesses_of
from analysis.custody import ceremony
from analysis.custody.ceremony import CeremonyError, CeremonyRequest, drill, hold_ceremony
from analysis.custody.share_files import ShareFileError, combine_share_files, read_share
from analysis.releasing.run import make_release
from analysis.study.announced_budget import of_ledger
from analysis.study.folder import StudyError, StudyFolder, read_plan, read_questionnaire
from crypto import custody
from crypto.canonical import canonical
from crypto.cosignatures import WitnessKey
from crypto.custody import CustodyError
from crypto.signing import SignatureError, SigningKey
from survey.authoring.compiler import compile_study
from survey.document import DocumentError
from survey.signed import DetachedSignature, Purpose
from survey.wave.custody import Drill
from survey.wave.manifest import LifetimeBudget
from survey.wave.witnesses import Witnesses

made, world = small.fixtures(number=5)


def words(world):
    return [read_share(path) for path in world.ceremony.shares]


def again(world, tmp_path, **changes):
    wishes = CeremonyRequest(wave=2, threshold=2, custodians=3, shares=tmp_path / "shares-2")
    return hold_ceremony(world.folder, small.QUESTIONNAIRE, small.TEXTS, replace(wishes, **changes))


def test_a_ceremony_makes_the_whole_study_folder(world):
    """Documents, signed manifest, custody, key, ledger and anchor are there; the manifest is of them and checks."""
    names = {str(path.relative_to(world.folder.root)) for path in world.folder.root.rglob("*") if path.is_file()}
    expected = {
        "questionnaire.json",
        *(f"texts/{locale}.json" for locale in small.QUESTIONNAIRE.locales),
        *(f"waves/1/{name}.json" for name in ("manifest", "manifest.sig", "custody")),
        *("signing.key", "ledger.sqlite", "ledger.anchor"),
    }
    assert expected == names
    assert world.manifest == world.folder.manifest(1)
    assert world.manifest.signer == world.folder.signing_key().verifying_key.fingerprint


def test_secrets_are_readable_by_their_owner_only(world):
    """The signing key and every share have mode 0600, and the study folder, with its ledger, 0700."""
    assert 0o700 == world.folder.root.stat().st_mode & 0o777
    for path in (world.folder.signing_key_path, *world.ceremony.shares):
        assert 0o600 == path.stat().st_mode & 0o777


def test_no_share_and_no_seed_is_in_the_study_folder(world):
    """No share's words and not the seed, raw or hex, are in any file of the study folder."""
    held = b"\0".join(path.read_bytes() for path in sorted(world.folder.root.rglob("*")) if path.is_file())
    for secret in (*(share.encode() for share in words(world)), world.seed, world.seed.hex().encode()):
        assert secret not in held


def test_the_threshold_opens_and_one_share_less_does_not(world):
    """Any two of three give the manifest's key; one gives CustodyError."""
    assert custody.public_key(world.seed) == world.manifest.public_key
    with pytest.raises(CustodyError):
        combine_share_files(world.folder, world.manifest, world.ceremony.shares[:1])


def test_a_later_wave_has_its_own_key_and_the_same_signer_and_ledger(world, tmp_path):
    """Wave 2 gets a new key under the same signing key; the budget is not declared again."""
    second = again(world, tmp_path).manifest
    assert world.manifest.key != second.key
    assert world.manifest.signer == second.signer
    with world.folder.open_ledger() as ledger:
        assert 100_000_000 == ledger.total


def test_a_budget_is_declared_once_in_a_studys_life(world, tmp_path):
    """A later wave that asks for another budget is refused, and told what was declared; the same one is no matter."""
    with pytest.raises(StudyError, match=r"rho = 0\.1, and is announced once"):
        again(world, tmp_path, total=999_999_999)
    assert not (tmp_path / "shares-2").exists()
    assert 100_000_000 == again(world, tmp_path, total=100_000_000).manifest.budget.nano_rho


def exchanged_ledger(world, total: int, total_delta: int = 100_000_000) -> None:
    """Put an empty ledger of another budget, for the same signing key, in the place of the study's own."""
    for path in (world.folder.ledger_path, world.folder.anchor_path):
        path.unlink()
    budget = DeclaredBudget(small.QUESTIONNAIRE.study, world.manifest.signer, total, total_delta)
    Ledger.create(world.folder.ledger_path, world.folder.anchor_path, budget)


def test_the_budget_that_is_asked_for_is_announced_and_is_the_ledgers(world, tmp_path):
    """What --rho says stands in the first manifest, in the ledger, and without --rho in the next wave's manifest."""
    assert LifetimeBudget(nano_rho=100_000_000, atto_delta=100_000_000) == world.manifest.budget
    other = small.build(tmp_path / "other", number=2, total=300_000_000)
    with other.folder.open_ledger() as ledger:
        declared = ledger.budget
    assert LifetimeBudget(nano_rho=300_000_000, atto_delta=100_000_000) == other.manifest.budget == of_ledger(declared)
    assert other.manifest.budget == again(other, tmp_path).manifest.budget


@pytest.mark.parametrize("totals", [(200_000_000,), (50_000_000,), (100_000_000, 1)])
def test_a_ledger_of_another_budget_than_was_announced_spends_nothing(world, tmp_path, totals):
    """A release and a later ceremony are refused on a ledger with more, or less, than the manifest announced."""
    exchanged_ledger(world, *totals)
    for act in (lambda: make_release(world.request(small.plan())), lambda: again(world, tmp_path)):
        with pytest.raises(StudyError, match=r"the manifest of wave 1 announced rho = 0\.1 and delta = 1e-10"):
            act()
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent
    assert not (tmp_path / "shares-2").exists()


def test_a_later_wave_in_a_new_folder_is_refused(world, tmp_path):
    """A second folder would be a second signing key with a full budget: nothing is made there, and the remedy told."""
    elsewhere = StudyFolder(tmp_path / "elsewhere")
    with pytest.raises(StudyError, match="the study folder of the waves before it"):
        again(replace(world, folder=elsewhere), tmp_path)
    assert not elsewhere.root.exists()
    assert not (tmp_path / "shares-2").exists()


@pytest.mark.parametrize("name", ["signing.key", "ledger.sqlite", "ledger.anchor"])
def test_what_earlier_waves_used_is_never_made_anew(world, tmp_path, name):
    """A folder that has had a wave and lacks its key, ledger or anchor gets no new one, but word to restore it."""
    (world.folder.root / name).unlink()
    with pytest.raises(StudyError, match=rf"{name}.*restore"):
        again(world, tmp_path)
    assert not (world.folder.root / name).exists()


@pytest.fixture
def broken(world, tmp_path):
    """A folder whose ceremony for wave 1 broke after the ledger was made: there is no manifest and no card."""
    shutil.rmtree(world.folder.wave(1))
    return world, tmp_path


def test_a_ceremony_held_again_after_a_broken_one_has_the_declared_budget(broken):
    """Wave 1 held again with another rho is refused, which was ignored; the control without one has the first."""
    with pytest.raises(StudyError, match=r"rho = 0\.1, and is announced once"):
        again(*broken, wave=1, total=999_999_999)
    assert not (broken[1] / "shares-2").exists()
    assert 100_000_000 == again(*broken, wave=1).manifest.budget.nano_rho


@pytest.mark.parametrize("name", ["signing.key", "ledger.sqlite", "ledger.anchor"])
def test_what_a_broken_ceremony_made_is_never_made_anew(broken, name):
    """Without its key, ledger or anchor wave 1 is not held again: a release would refuse the pair after fieldwork."""
    lost = broken[0].folder.root / name
    lost.unlink()
    with pytest.raises(StudyError, match=rf"{name}.*restore"):
        again(*broken, wave=1)
    assert not lost.exists()


def test_a_key_exchanged_after_a_broken_ceremony_is_refused(broken):
    """Another signing key beside the ledger of the broken ceremony stops the next one for the same wave."""
    broken[0].folder.signing_key_path.write_bytes(SigningKey.generate().to_bytes())
    with pytest.raises(StudyError, match="declared for another signing key"):
        again(*broken, wave=1)


def test_a_ledger_and_a_signing_key_of_two_folders_do_not_go_together(world, tmp_path):
    """The key of one study folder put beside the ledger of another is refused at the next ceremony."""
    other = small.build(tmp_path / "other", number=2)
    for path in (other.folder.ledger_path, other.folder.anchor_path):
        shutil.copy(path, world.folder.root / path.name)
    with pytest.raises(StudyError, match="declared for another signing key"):
        again(world, tmp_path)


def test_a_wave_has_one_ceremony(world, tmp_path):
    """A second ceremony for a wave is refused: its links and envelopes are bound to the first key."""
    with pytest.raises(CeremonyError, match="has its key already"):
        again(world, tmp_path, wave=1)


def test_shares_never_lie_in_the_study_folder_nor_over_others(world, tmp_path):
    """A shares folder inside the study, or one that holds this wave's shares, is refused."""
    with pytest.raises(ShareFileError, match="must not lie"):
        again(world, tmp_path, shares=world.folder.root / "shares")
    again(world, tmp_path)
    shutil.rmtree(world.folder.wave(2))
    with pytest.raises(ShareFileError, match="holds shares"):
        again(world, tmp_path)


def test_a_changed_questionnaire_is_another_study(world, tmp_path):
    """A later wave with another questionnaire in the same folder is refused, and what differs is named."""
    first, *others = small.QUESTIONNAIRE.items
    fewer = first.model_copy(update={"options": first.options[:-1]})
    other = small.QUESTIONNAIRE.model_copy(update={"items": (fewer, *others)})
    with pytest.raises(CeremonyError, match=rf"another questionnaire or other texts: {first.id} .codes"):
        hold_ceremony(world.folder, other, small.TEXTS, CeremonyRequest(2, 2, 3, tmp_path / "x"))


@pytest.mark.parametrize(("threshold", "custodians"), [(1, 1), (1, 3), (2, 4), (4, 3)])
def test_a_split_that_protects_nothing_is_refused(tmp_path, threshold, custodians):
    """One custodian alone, one of three, half of four, more than there are: refused without --demo, nothing written."""
    folder = StudyFolder(tmp_path / "study")
    with pytest.raises(CustodyError):
        hold_ceremony(
            folder, small.QUESTIONNAIRE, small.TEXTS, CeremonyRequest(1, threshold, custodians, tmp_path / "shares")
        )
    assert not (tmp_path / "shares").exists()
    assert not folder.root.exists()


def test_a_demo_key_says_so_in_the_manifest(tmp_path):
    """A 1-of-1 key is possible with demo only, and every document of the wave carries it."""
    made = hold_ceremony(
        StudyFolder(tmp_path / "s"),
        small.QUESTIONNAIRE,
        small.TEXTS,
        CeremonyRequest(1, 1, 1, tmp_path / "x", demo=True),
    )
    assert made.manifest.demo
    assert made.to_json()["demo"]


def test_a_drill_proves_every_quorum_and_is_signed(world):
    """Three quorums of two are opened; drill.json names the manifest and holds under the signing key."""
    record = drill(world.folder, 1, words(world))
    assert record.to_bytes() == (world.folder.wave(1) / "drill.json").read_bytes()
    assert (2, 3, 3, world.manifest.digest) == (record.threshold, record.custodians, record.subsets, record.manifest)
    assert world.manifest.signer == record.verified().fingerprint
    with pytest.raises(SignatureError):
        Drill.from_bytes(canonical(record.to_json() | {"subsets": 2})).verified()


@pytest.mark.parametrize("places", list(combinations(range(3), 2)), ids=str)
def test_one_quorum_that_does_not_open_fails_the_drill(world, monkeypatch, places):
    """Whichever of the three quorums gives another seed, the drill finds it: none is taken on trust of the others."""
    given = words(world)
    bad = {given[place] for place in places}
    combined = custody.combine

    def combine(quorum, **options):
        seed = combined(quorum, **options)
        return bytes(32) if set(quorum) == bad else seed

    monkeypatch.setattr(custody, "combine", combine)
    with pytest.raises(CeremonyError, match="does not open the test envelope"):
        drill(world.folder, 1, given)
    assert not (world.folder.wave(1) / "drill.json").exists()


def test_a_drill_without_all_shares_is_none(world):
    """Two of three shares cannot prove that every quorum opens; no drill.json is written."""
    with pytest.raises(CeremonyError, match="needs all 3"):
        drill(world.folder, 1, words(world)[:2])
    assert not (world.folder.wave(1) / "drill.json").exists()


def test_a_drill_with_a_foreign_or_repeated_share_fails(world, tmp_path):
    """A share of another ceremony, or one given twice, is found by its commitment; no drill.json is written."""
    foreign = [read_share(path) for path in again(world, tmp_path).shares]
    for given in ([*words(world)[:2], foreign[2]], [words(world)[0], *words(world)[:2]], ["", *words(world)[:2]]):
        with pytest.raises(CustodyError):
            drill(world.folder, 1, given)
    assert not (world.folder.wave(1) / "drill.json").exists()


def test_a_key_that_opens_nothing_fails_the_drill(world, monkeypatch):
    """Control: an opener that returns other bytes is caught by the drill."""
    monkeypatch.setattr(ceremony, "open_drill", lambda *_: b"something else")
    with pytest.raises(CeremonyError, match="does not open the test envelope"):
        drill(world.folder, 1, words(world))


def test_a_missing_share_file_is_named(world, tmp_path):
    """A share that cannot be read is refused by its path."""
    with pytest.raises(ShareFileError, match=r"none\.txt"):
        combine_share_files(world.folder, world.manifest, [tmp_path / "none.txt"])


def test_a_study_folder_names_what_is_missing_or_cannot_be_read(world, tmp_path):
    """A missing ledger, manifest signature, plan or questionnaire is refused by its path."""
    with pytest.raises(StudyError, match=r"none\.yaml is not there"):
        read_plan(tmp_path / "none.yaml", small.QUESTIONNAIRE)
    with pytest.raises(StudyError, match=r"none\.yaml is not there"):
        read_questionnaire(tmp_path / "none.yaml")
    signature = world.folder.wave(1) / "manifest.sig.json"
    whole = signature.read_bytes()
    other = DetachedSignature.of(world.manifest.to_bytes(), SigningKey.generate(), Purpose.MANIFEST)
    for broken in (b"nonsense", other.to_bytes()):
        signature.write_bytes(broken)
        with pytest.raises(StudyError):
            world.folder.manifest(1)
    signature.unlink()
    with pytest.raises(StudyError, match=r"manifest\.sig\.json"):
        world.folder.manifest(1)
    signature.write_bytes(whole)
    assert world.manifest == world.folder.manifest(1)


def test_a_lost_ledger_is_not_declared_again(world, tmp_path):
    """A ceremony in a folder whose ledger is gone but whose anchor is there is refused: the budget would start anew."""
    world.folder.ledger_path.unlink()
    with pytest.raises(StudyError, match="restore the ledger"):
        again(world, tmp_path)


def test_statements_are_signed_with_the_key_that_the_manifest_names(world):
    """Where another signing key lies in the folder by now no drill is written with it."""
    world.folder.signing_key_path.write_bytes(SigningKey.generate().to_bytes())
    with pytest.raises(StudyError, match="not the key that the manifest names"):
        drill(world.folder, 1, words(world))
    assert not (world.folder.wave(1) / "drill.json").exists()


def test_a_questionnaire_is_read_from_a_folder_a_document_or_yaml(world):
    """All three spellings give a questionnaire; the study folder's is the small study's."""
    sesame = STUDIES / "sesame_credit" / "questionnaire.yaml"
    assert small.QUESTIONNAIRE == read_questionnaire(world.folder.root)
    assert small.QUESTIONNAIRE == read_questionnaire(VECTORS / "questionnaire-small.json")
    assert compile_study(sesame)[0] == read_questionnaire(sesame)


def test_a_ledger_that_is_refused_for_a_broken_release_is_unlocked(world):
    """A stored release that cannot be read is a StudyError, and the anchor can be locked again at once."""
    broken = world.folder.root / "releases" / "x" / "release.json"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"nonsense")
    with pytest.raises(StudyError, match=r"release\.json") as held:
        world.folder.open_ledger()
    with world.folder.anchor_path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert held.value.__traceback__ is not None  # the refused ledger is still alive here, and yet not locked


def test_witnesses_that_are_named_stand_in_the_signed_manifest(world, tmp_path):
    """The options of the command become the manifest's rule, of a majority where none is given; without, it is null."""
    keys = tuple(WitnessKey(f"w{number}.example", 4, bytes([number]) * 32).to_text() for number in range(3))
    manifest = again(world, tmp_path, witnesses=witnesses_of(keys, None)).manifest
    assert (Witnesses.of(keys, 2), None) == (manifest.witnesses, world.manifest.witnesses)
    assert manifest == world.folder.manifest(2)
    assert (3, None) == (witnesses_of(keys, 3).quorum, witnesses_of((), None))
    for named, quorum in ((keys, 1), ((), 2), (("lin.example",), None)):
        with pytest.raises(DocumentError):
            witnesses_of(named, quorum)
