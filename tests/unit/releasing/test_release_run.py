"""
A release from a sealed box to a signed file, and every refusal on the way.

analysis/releasing/run.py, plan_runner.py.
"""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from studies import small_study as small

from analysis.budget.entries import HeadNotRecognisedError, LedgerBehindAnchorError, OverspentError, SecondBoxError
from analysis.counting.contingency_tables import layouts, tabulate
from analysis.opening.payload_decoder import Decoder
from analysis.releasing import run
from analysis.releasing.run import SpentResultLostError, announce, make_release
from analysis.study.folder import StudyError, read_document
from analysis.verification.verify import verify
from crypto.box import BoxError, BoxFile
from crypto.canonical import canonical
from crypto.custody import CustodyError
from crypto.signing import SigningKey
from survey.plan.plan import Plan
from survey.plan.registration import Registration
from survey.questionnaire.study_metadata import StudyMetadata, fieldwork_path
from survey.release.release import Release

pytestmark = pytest.mark.slow

PLAN = small.plan()

made, world = small.fixtures()


@pytest.fixture
def demo(tmp_path):
    """A world with the key of a demonstration, which opens without an intent and so registers its plan itself."""
    return small.build(tmp_path / "demo", number=20, demo=True)


def spent(world):
    with world.folder.open_ledger() as ledger:
        return ledger.spent


def test_a_release_says_who_made_the_study_and_how_many_took_part(world, tmp_path):
    """What lies in the study folder and beside the box stands in the signed release; without, it says nothing."""
    about = StudyMetadata(format="sotto-about-3", study=PLAN.study, version="1", licence="CC-BY-4.0").compact()
    world.folder.about_path(1).write_bytes(about.to_bytes())
    box = tmp_path / "wave-1.box"
    shutil.copy(world.box, box)
    with BoxFile.open(box) as opened:
        root = opened.header.root
    wave = {"format": "sotto-fieldwork-1", "study": PLAN.study, "wave": 1, "root": root, "answered": 300}
    days = {"opened": "2026-03-01", "closed": "2026-04-30"}
    beside = fieldwork_path(box)
    beside.write_bytes(canonical(wave | days | {"root": "0" * 64}))
    with pytest.raises(StudyError, match="is of another box"):
        make_release(world.request(PLAN, box))
    for wrong in ({"closed": "9999-01-01"}, {"answered": 299}, {"invited": 400, "issued": 300}):
        beside.write_bytes(canonical(wave | days | wrong))
        with pytest.raises(StudyError, match=r"other numbers than its box, or a last day.*nothing was spent"):
            make_release(world.request(PLAN, box))
    assert 0 == spent(world)
    beside.write_bytes(canonical(wave | days))
    release = make_release(world.request(PLAN, box)).release
    assert (about, wave | days) == (release.about, release.fieldwork.to_json())
    assert release == Release.from_bytes(release.to_bytes())


def test_metadata_of_another_study_is_refused_before_the_debit(world):
    """A study folder with another study's about.json gives no release and spends nothing."""
    world.folder.about_path(1).write_bytes(
        StudyMetadata(format="sotto-about-3", study="other", version="1").compact().to_bytes()
    )
    with pytest.raises(StudyError, match="of the study other"):
        make_release(world.request(PLAN))
    assert 0 == spent(world)


def changed(**members):
    return Plan.from_bytes(canonical(PLAN.to_json() | members))


def test_a_release_holds_noisy_tables_near_the_truth_and_pays_for_them(world):
    """Every table's noisy integers lie within 8 sigma of the exact counts (false alarm 1e-12), and rho is spent."""
    release = make_release(world.request(PLAN)).release
    exact = tabulate(Decoder.of(small.QUESTIONNAIRE).decode(small.payloads(300)), layouts(PLAN, small.QUESTIONNAIRE))
    for table in release.tables:
        errors = np.array(table.counts) - exact[table.id]
        assert np.abs(errors).max() < 8 * table.sigma
        assert np.abs(errors).max() > 0
    assert 7_000_000 == release.budget.cost == release.budget.spent == spent(world)
    assert (300, "envelope", ("duplicates-possible",)) == (release.box.count, release.unit, release.notes)


def test_a_release_is_stored_whole_and_verified(world):
    """The file in the study folder is the release, and verifying it with study and box finds nothing wrong."""
    outcome = make_release(world.request(PLAN))
    report = verify(outcome.path.read_bytes(), world.folder, world.box)
    assert () == report.failed
    assert all(finding.ok for finding in report.findings)


def test_the_same_plan_again_is_the_same_bytes_and_free(world):
    """A replay returns the stored release byte for byte, marked so, and the ledger does not move."""
    first = make_release(world.request(PLAN))
    again = make_release(world.request(PLAN))
    assert (False, True) == (first.replayed, again.replayed)
    assert first.release.to_bytes() == again.release.to_bytes()
    assert 7_000_000 == spent(world)


def test_a_lost_result_stays_lost(world):
    """Debited and the file gone: SpentResultLostError, no second noise, no refund."""
    outcome = make_release(world.request(PLAN))
    outcome.path.unlink()
    with pytest.raises(SpentResultLostError, match="nothing is refunded"):
        make_release(world.request(PLAN))
    assert 7_000_000 == spent(world)


def test_an_edited_stored_release_is_not_returned(world):
    """A stored release whose bytes were changed is no result: it is refused as lost."""
    outcome = make_release(world.request(PLAN))
    document = json.loads(outcome.path.read_bytes())
    document["tables"][0]["counts"][0] += 1
    outcome.path.write_bytes(canonical(document))
    with pytest.raises(SpentResultLostError):
        make_release(world.request(PLAN))


def test_the_result_of_another_entry_is_not_returned_for_a_lost_one(world):
    """A whole, signed result in the lost one's place, which another entry of the ledger paid for, is not its result."""
    amendment = PLAN.model_copy(update={"title": "again", "parent": PLAN.digest})
    lost, other = (make_release(world.request(plan)) for plan in (PLAN, amendment))
    lost.path.write_bytes(other.path.read_bytes())
    with pytest.raises(SpentResultLostError):
        make_release(world.request(PLAN))


def test_costs_add_up_and_the_last_plan_that_fits_is_the_last(made, tmp_path):
    """A second plan over the same box pays from the same budget; one that asks for more than is left is refused."""
    world = small.build(tmp_path, number=20, total=15_000_000)
    make_release(world.request(PLAN))
    second = make_release(world.request(changed(title="second", nano_rho=8_000_000, parent=PLAN.digest))).release
    assert (8_000_000, 15_000_000, 2) == (second.budget.cost, second.budget.spent, second.ledger.sequence)
    with pytest.raises(OverspentError):
        make_release(world.request(changed(title="third")))


def test_a_second_plan_names_its_parent_or_is_refused_before_anything_is_opened(world, monkeypatch):
    """Without `parent` a second plan never reaches the counting and spends nothing; the first stays free to ask."""
    make_release(world.request(PLAN))
    monkeypatch.setattr(run, "count_box", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(StudyError, match="names its parent"):
        make_release(world.request(changed(title="second")))
    assert make_release(world.request(PLAN)).replayed
    assert 7_000_000 == spent(world)


def test_a_release_that_was_overtaken_is_refused_and_spends_nothing(world, monkeypatch):
    """Where another is paid for while a box is open, custodians saw an older head; control: asked again it is made."""
    make_release(world.request(PLAN))
    first, second = (changed(title=title, parent=PLAN.digest) for title in ("first", "second"))
    count = run._count

    def overtaken(*arguments):
        monkeypatch.setattr(run, "_count", count)
        make_release(world.request(first))
        return count(*arguments)

    monkeypatch.setattr(run, "_count", overtaken)
    with pytest.raises(HeadNotRecognisedError, match="nothing was spent"):
        make_release(world.request(second))
    assert 14_000_000 == spent(world)
    assert 3 == make_release(world.request(second)).release.ledger.sequence


@pytest.fixture
def twice(monkeypatch):
    """Return a plan of which no release can be made: two tables of one name, with the check of plans switched off."""
    from analysis.study import registration

    for module in (run, registration):
        monkeypatch.setattr(module, "check_plan", lambda *_: None)
    return changed(tables=PLAN.to_json()["tables"][:1] * 2)


def test_a_release_that_could_not_be_read_is_refused_before_the_debit(world, twice):
    """What only the whole release document shows, two tables of one name, spends nothing."""
    with pytest.raises(StudyError, match=r"nothing was spent: .*two tables have one id"):
        make_release(world.request(twice))
    assert 0 == spent(world)


def test_the_control_without_a_rehearsal_loses_the_budget(world, twice, monkeypatch):
    """Control: with the rehearsal skipped the same plan is paid for and its result is lost."""
    from analysis.releasing import signed_release
    from survey.document import DocumentError

    monkeypatch.setattr(signed_release, "rehearse", lambda *_: None)
    with pytest.raises(DocumentError, match="two tables have one id"):
        make_release(world.request(twice))
    assert 7_000_000 == spent(world)


def test_a_text_that_is_missing_is_found_before_the_debit(world, monkeypatch):
    """A dimension that a locale does not name is a StudyError of the rehearsal, and nothing is spent."""
    from survey.plan import plan_labels

    def nameless(*_):
        raise KeyError("AGE")

    monkeypatch.setattr(plan_labels, "_label", nameless)
    with pytest.raises(StudyError, match="no label"):
        make_release(world.request(PLAN))
    assert 0 == spent(world)


def test_overspending_is_refused_before_anything_is_opened(world, monkeypatch):
    """A plan that costs more than is left never reaches the counting."""
    monkeypatch.setattr(run, "count_box", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(OverspentError):
        make_release(world.request(changed(nano_rho=100_000_001)))


def test_a_second_box_of_a_wave_is_refused(world, tmp_path):
    """After a release another box of the same wave is refused, even with a new plan."""
    make_release(world.request(PLAN))
    small.write(tmp_path / "other.box", world.manifest, small.payloads(299))
    with pytest.raises(SecondBoxError):
        make_release(world.request(changed(title="second"), tmp_path / "other.box"))


def test_a_rewound_ledger_and_anchor_are_caught_by_the_stored_release(world, tmp_path):
    """Database and anchor restored together are behind the release that was paid for: nothing is spent twice."""
    shutil.copytree(world.folder.root, tmp_path / "old")
    make_release(world.request(PLAN))
    for name in ("ledger.sqlite", "ledger.anchor"):
        shutil.copy(tmp_path / "old" / name, world.folder.root / name)
    with pytest.raises(LedgerBehindAnchorError, match="paid for"):
        make_release(world.request(changed(title="second")))


@pytest.mark.parametrize("fault", ["flipped", "missing", "cut", "count", "other"])
def test_a_box_that_is_not_whole_is_refused_and_nothing_is_spent(world, tmp_path, fault):
    """A flipped byte, a missing record, a cut file, a wrong count and another manifest's box: BoxError."""
    size = 1754
    data = world.box.read_bytes()
    bad = {
        "flipped": data[:-5] + bytes([data[-5] ^ 1]) + data[-4:],
        "missing": data[:-size],
        "cut": data[:-7],
        "count": data.replace(b'"count":300', b'"count":299'),
        "other": data.replace(world.manifest.digest.encode(), b"0" * 64),
    }[fault]
    path = tmp_path / "bad.box"
    path.write_bytes(bad)
    with pytest.raises(BoxError):
        make_release(world.request(PLAN, path))
    assert 0 == spent(world)


def test_a_plan_that_cannot_be_counted_is_refused(world):
    """An unknown item, another study, tables that cost more than the plan: refused before the box is read."""
    tables = PLAN.to_json()["tables"]
    with pytest.raises(StudyError, match="NOWHERE"):
        make_release(world.request(changed(tables=[tables[0] | {"dimensions": ["NOWHERE"]}])))
    with pytest.raises(StudyError, match="other-study"):
        make_release(world.request(changed(study="other-study")))
    with pytest.raises(StudyError, match="cost more"):
        make_release(world.request(changed(nano_rho=6_999_999)))
    with pytest.raises(StudyError, match="wave 2 has had no key ceremony"):
        make_release(world.request(changed(wave=2)))


def test_a_ledger_of_another_folder_pays_for_nothing(world, tmp_path):
    """A fresh ledger, with a full budget, put into the study folder is refused: it is of another signing key."""
    other = small.build(tmp_path / "other", number=2)
    for path in (other.folder.ledger_path, other.folder.anchor_path):
        shutil.copy(path, world.folder.root / path.name)
    with pytest.raises(StudyError, match="declared for another signing key"):
        make_release(world.request(PLAN))
    assert 0 == spent(world)


def test_a_key_exchanged_after_the_checks_registers_nothing(demo):
    """A plan that the release registers is signed by the key that was checked, whatever lies in the folder by then."""

    def exchanged(_):
        demo.folder.signing_key_path.write_bytes(SigningKey.generate().to_bytes())

    make_release(replace(demo.unannounced(PLAN), approve=exchanged))
    registration = read_document(demo.folder.plan_folder(PLAN.digest) / "registration.json", Registration)
    assert demo.manifest.signer == registration.check(PLAN).fingerprint


@pytest.mark.slow
def test_too_few_and_forged_shares_are_refused(world, tmp_path):
    """One share of two, the same share twice, and words that are no share of the ceremony: CustodyError."""
    one = world.shares[0]
    forged = tmp_path / "forged.txt"
    forged.write_text("academic " * 33)
    for shares in ((one,), (one, one), (one, forged)):
        with pytest.raises(CustodyError):
            make_release(replace(world.request(PLAN), shares=shares))
    assert 0 == spent(world)


def registered(world):
    return (world.folder.plan_folder(PLAN.digest) / "registration.json").exists()


def test_a_mistyped_card_leaves_no_plan_registered(demo):
    """A registration is for ever: words that open nothing leave none, and another plan may still be the first."""

    def mistyped(_):
        raise CustodyError("a word of this card is not right")

    with pytest.raises(CustodyError):
        make_release(replace(demo.unannounced(PLAN), ask=mistyped))
    assert not registered(demo)
    other = make_release(demo.unannounced(changed(title="another first plan")))
    assert 1 == other.release.ledger.sequence


def test_a_plan_is_registered_before_anything_is_opened(world, monkeypatch):
    """Where counting begins the registration is there: nobody sees an answer and then chooses the plan."""

    class OpenedError(Exception):
        pass

    def opened(*_, **__):
        raise OpenedError if registered(world) else AssertionError("not registered")

    monkeypatch.setattr(run, "count_box", opened)
    with pytest.raises(OpenedError):
        make_release(world.request(PLAN))


def test_a_plan_that_cannot_be_registered_is_refused_before_custodians_are_asked(world, demo):
    """A plan with an unknown parent is not announced, and in a demo asks nobody for words; the control asks."""
    asked = []

    def words(record):
        asked.append(record)
        raise CustodyError("nobody is here")

    with pytest.raises(StudyError, match="is not registered"):
        announce(world.unannounced(changed(parent="0" * 64)))
    with pytest.raises(StudyError, match="is not registered"):
        make_release(replace(demo.unannounced(changed(parent="0" * 64)), ask=words))
    assert [] == asked
    with pytest.raises(CustodyError):
        make_release(replace(world.request(PLAN), ask=words))
    assert 1 == len(asked)


def test_a_changed_document_or_key_of_the_study_is_refused(world):
    """A changed manifest, questionnaire or signing key stops the release with the file's name."""
    for name in ("waves/1/manifest.json", "questionnaire.json", "texts/en.json", "signing.key"):
        path = world.folder.root / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] if name == "signing.key" else whole.replace(b"small-study", b"other-study", 1))
        with pytest.raises(StudyError):
            make_release(world.request(PLAN))
        path.write_bytes(whole)
