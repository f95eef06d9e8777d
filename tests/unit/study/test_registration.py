"""
Plans are signed and dated before anything is opened, and a late one is told.

analysis/study/registration.py, run.py.
"""

import json
import shutil

import pytest
from studies import small_study as small

from analysis.releasing import run
from analysis.releasing.run import make_release
from analysis.study.folder import StudyError
from analysis.study.registered_plans import registration_of
from analysis.study.registration import register
from analysis.verification.verify import verify
from crypto.canonical import canonical
from survey.plan.plan import Plan
from survey.plan.registration import Registration, RegistrationError

PLAN = small.plan()

made, world = small.fixtures(number=10)


def later(**members):
    return Plan.from_bytes(canonical(PLAN.to_json() | {"title": "later", "parent": PLAN.digest} | members))


def test_a_registration_is_of_this_plan_by_this_study_and_kept(world):
    """It names the plan's hash and price, its signature holds, and registering again returns the same bytes."""
    first = register(world.folder, PLAN)
    assert (PLAN.digest, PLAN.nano_rho, None) == (first.plan, first.nano_rho, first.parent)
    assert world.manifest.signer == first.check(PLAN).fingerprint
    assert first == register(world.folder, PLAN) == registration_of(world.folder, PLAN)
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent


def test_a_plan_that_cannot_be_answered_is_not_registered(world):
    """An unknown item leaves nothing in the study folder."""
    tables = [PLAN.to_json()["tables"][0] | {"dimensions": ["NOWHERE"]}]
    with pytest.raises(StudyError, match=r"NOWHERE.*nothing was spent"):
        register(world.folder, Plan.from_bytes(canonical(PLAN.to_json() | {"tables": tables})))
    assert not (world.folder.root / "plans").exists()


def test_amendments_stand_in_a_line(world):
    """A second plan without a parent, or with one that is not registered here, is refused; one of the first is not."""
    register(world.folder, PLAN)
    with pytest.raises(StudyError, match="names its parent"):
        register(world.folder, later(parent=None))
    with pytest.raises(StudyError, match="is not registered in this study folder"):
        register(world.folder, later(parent="0" * 64))
    assert PLAN.digest == register(world.folder, later()).parent


def test_an_amendment_pays_from_the_same_budget(world):
    """The second plan's entry follows the first's and the sums are of one life."""
    first = make_release(world.request(PLAN)).release
    second = make_release(world.request(later())).release
    assert first.budget.spent + second.budget.cost == second.budget.spent
    assert (first.ledger.entry,) == second.ledger.history[1:]


@pytest.mark.parametrize("member", ["day", "plan", "nano_rho", "signature"])
def test_an_edited_registration_is_refused(world, member):
    """Another day, plan, price or signature does not hold, and no release is made with it."""
    register(world.folder, PLAN)
    path = world.folder.plan_folder(PLAN.digest) / "registration.json"
    held = json.loads(path.read_bytes())
    other = {"day": "2020-01-01", "plan": "0" * 64, "nano_rho": 1, "signature": held["signer"]}[member]
    path.write_bytes(canonical(held | {member: other}))
    with pytest.raises(StudyError, match="registration"):
        make_release(world.request(PLAN))


def test_a_registration_of_another_study_is_refused(world, made, tmp_path):
    """One that another key signed is not this study's."""
    other = small.build(tmp_path / "other", number=1)
    register(other.folder, PLAN)
    shutil.copytree(other.folder.plan_folder(PLAN.digest), world.folder.plan_folder(PLAN.digest))
    with pytest.raises(StudyError, match="another key"):
        register(world.folder, PLAN)


def test_what_is_no_signature_is_told_by_name(world):
    """A registration without its signature raises RegistrationError, whatever else it says."""
    bare = {name: value for name, value in register(world.folder, PLAN).to_json().items() if name != "signature"}
    with pytest.raises(RegistrationError, match="edited"):
        Registration.from_bytes(canonical(bare)).check(PLAN)
    with pytest.raises(RegistrationError, match="another plan"):
        register(world.folder, PLAN).check(later())


def test_a_release_registers_a_plan_that_nobody_registered_before_it_opens(world, monkeypatch):
    """When the counting begins the signed registration is on disk, and the release tells its day."""
    seen = []
    whole = run.count_box
    monkeypatch.setattr(
        run, "count_box", lambda *a, **k: (seen.append(registration_of(world.folder, PLAN)), whole(*a, **k))[1]
    )
    release = make_release(world.request(PLAN)).release
    assert [release.registered] == [registration.day for registration in seen]


def test_a_plan_that_the_box_does_not_name_is_late_on_every_release(world, tmp_path):
    """The note stands on the release exactly where the box's host was no witness, and verify knows by the box."""
    contents = small.payloads(5)
    early, late = tmp_path / "early.box", tmp_path / "late.box"
    small.write(early, world.manifest, contents)
    small.write(late, world.manifest, contents, plans=())
    for box, due in ((early, False), (late, True)):
        other = world.copy(tmp_path / box.stem)
        outcome = make_release(other.request(PLAN, box))
        assert due == ("registered-late" in outcome.release.notes)
        assert () == verify(outcome.path.read_bytes(), other.folder, box).failed


def test_a_release_that_hides_its_lateness_is_found_out(world, tmp_path):
    """Signed again without the note, or with a better day, verify names the field."""
    late = tmp_path / "late.box"
    small.write(late, world.manifest, small.payloads(5), plans=())
    document = json.loads(make_release(world.request(PLAN, late)).path.read_bytes())
    key = world.folder.signing_key()
    for change, field in (({"notes": ["duplicates-possible"]}, "notes"), ({"registered": "2020-01-01"}, "registered")):
        unsigned = {name: value for name, value in (document | change).items() if name != "signature"}
        signature = key.sign(canonical(unsigned), "release").to_json()
        report = verify(canonical(unsigned | {"signature": signature}), world.folder, late)
        assert (field,) == report.failed
