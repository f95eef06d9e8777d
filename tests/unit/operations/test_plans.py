"""A registered plan is published by the host that makes the box, which witnesses whether it came in time."""

from datetime import timedelta

import pytest
from hosts.applications import respond_app
from hosts.collection import PLAN, STUDY, ledger
from hosts.host_acts import audit_head, store_records, study_status

from crypto.canonical import canonical, parse
from crypto.signing import SigningKey
from survey.authoring.plan_compiler import compile_plan
from survey.document import DocumentError, today
from survey.operations import releases
from survey.operations.checks import ReleaseRefusedError
from survey.operations.plans import PlanRefusedError, publish_plan
from survey.plan.plan import Plan
from survey.public_log.log_events import host_log

pytestmark = pytest.mark.usefixtures("tiny_workbooks")


def plan(collection, **changes):
    compiled = compile_plan(PLAN, collection.documents[0])
    return Plan.from_bytes(canonical(compiled.to_json() | changes))


def test_plans_are_published_once_with_their_registration(collection):
    """Publishing again changes nothing; plan and registration lie in the published folder under the plan's hash."""
    name = collection.register_plan()
    before = audit_head(collection)
    folder = collection.registered(plan(collection))
    assert name == publish_plan(collection.settings, folder) == publish_plan(collection.settings, folder / "plan.json")
    assert before == audit_head(collection)
    for kind, file in (("plans", "plan.json"), ("registrations", "registration.json")):
        assert (folder / file).read_bytes() == (collection.settings.public / kind / f"{name}.json").read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"study": "nope"}, "no study nope"),
        ({"parent": "0" * 64}, "parent is not published"),
        ({"nano_rho": 1}, "cost more"),
    ],
)
def test_plans_with_faults_are_refused(collection, change, message):
    """A plan of an unknown study, with an unknown parent, or whose prices do not add up is not published."""
    with pytest.raises(PlanRefusedError, match=message):
        publish_plan(collection.settings, collection.registered(plan(collection, **change)))
    assert () == study_status(collection).plans


def test_a_plan_that_was_registered_after_today_is_refused(collection):
    """Signed on a machine whose clock is ahead, a plan is not published or logged; that of today is."""
    tomorrow = (today() + timedelta(days=1)).isoformat()
    with pytest.raises(PlanRefusedError, match=f"dated after today: it says {tomorrow}.*Set the clock"):
        publish_plan(collection.settings, collection.registered(plan(collection), day=tomorrow))
    assert () == study_status(collection).plans
    assert [] == [one for one in host_log(collection.settings).entries() if one.kind == "plan"]
    assert publish_plan(collection.settings, collection.registered(plan(collection), day=today().isoformat()))


def test_a_registration_that_does_not_hold_is_refused(collection):
    """Of another plan, edited, by another key than the wave's, or none at all: refused, and nothing is published."""
    collection.open_wave()
    folder = collection.registered(plan(collection))
    path = folder / "registration.json"
    whole = path.read_bytes()
    path.write_bytes(canonical(parse(whole) | {"day": "2020-01-01"}))
    with pytest.raises(PlanRefusedError, match="edited"):
        publish_plan(collection.settings, folder)
    wrong = collection.registered(plan(collection, title="other")) / "registration.json"
    path.write_bytes(wrong.read_bytes())
    with pytest.raises(PlanRefusedError, match="another plan"):
        publish_plan(collection.settings, folder)
    key, collection.key = collection.key, SigningKey.generate()
    collection.registered(plan(collection))
    with pytest.raises(PlanRefusedError, match="another key"):
        publish_plan(collection.settings, folder)
    collection.key = key
    path.write_bytes(b"{}")
    with pytest.raises(DocumentError):
        publish_plan(collection.settings, folder)
    assert () == study_status(collection).plans


def test_a_second_plan_names_its_parent(collection):
    """Beside a published plan only one that names it as parent is published; the first one again is harmless."""
    first = collection.register_plan()
    with pytest.raises(PlanRefusedError, match="`parent`"):
        publish_plan(collection.settings, collection.registered(plan(collection, wave=2)))
    second = publish_plan(collection.settings, collection.registered(plan(collection, wave=2, parent=first)))
    assert first == collection.register_plan()
    assert {first, second} == set(study_status(collection).plans)


def test_the_box_names_the_plans_that_came_before_it(collection, tmp_path):
    """A plan published after the box is in no box of the wave, and the box asked for again is the same."""
    collection.open_wave()
    store_records(collection, 3)
    first = collection.register_plan()
    header = collection.box(tmp_path / "one.box")
    late = publish_plan(collection.settings, collection.registered(plan(collection, title="late", parent=first)))
    assert (first,) == header.plans
    assert header == collection.box(tmp_path / "two.box")
    assert (tmp_path / "one.box").read_bytes() == (tmp_path / "two.box").read_bytes()
    assert late not in header.plans


@pytest.mark.slow
def test_a_release_says_rightly_whether_its_plan_came_in_time(open_collection, tmp_path):
    """Without the note of a late plan, with one that is not due, or of another day a release is not published."""
    store_records(open_collection, 3)
    first = open_collection.register_plan()
    header = open_collection.box(tmp_path / "one.box")
    late = publish_plan(
        open_collection.settings, open_collection.registered(plan(open_collection, title="late", parent=first))
    )
    duplicates, both = ["duplicates-possible"], ["duplicates-possible", "registered-late"]
    for name, notes in ((first, both), (late, duplicates)):
        with pytest.raises(ReleaseRefusedError, match="rightly whether"):
            releases.publish_release(open_collection.settings, open_collection.release(name, header, notes=notes))
    with pytest.raises(ReleaseRefusedError, match="day of registration"):
        releases.publish_release(
            open_collection.settings, open_collection.release(first, header, registered="2026-11-20")
        )
    pages = []
    for name in (first, late):
        ledger_entry = ledger(1 if name == first else 2)
        releases.publish_release(open_collection.settings, open_collection.release(name, header, ledger=ledger_entry))
        pages.append(respond_app(open_collection.settings).test_client().get(f"/r/{STUDY}?lang=en").text)
    assert [False, True] == ["The plan came late." in page for page in pages]


def replaced(collection, **changes):
    """Publish a plan and return it with the folder of an amendment that is registered instead of it."""
    collection.register_plan()
    old = plan(collection)
    new = plan(collection, parent=old.digest, title="smaller")
    return old, collection.registered(new, **{"instead": [old.digest]} | changes)


def test_a_withdrawn_plan_stays_published_and_is_not_released(collection, tmp_path):
    """Both plans and registrations are in the folder and the log; a release of the old one is refused, by name."""
    old, folder = replaced(collection)
    new = publish_plan(collection.settings, folder)
    assert {old.digest, new} == set(study_status(collection).plans)
    logged = [entry.hash for entry in host_log(collection.settings).entries() if entry.kind == "plan"]
    assert [old.digest, new] == logged
    collection.open_wave()
    store_records(collection, 3)
    header = collection.box(tmp_path / "box")
    with pytest.raises(ReleaseRefusedError, match=rf"was withdrawn on 2026-11-21: {new[:8]}"):
        releases.publish_release(collection.settings, collection.release(old.digest, header))
    releases.publish_release(collection.settings, collection.release(new, header))


def test_a_plan_that_is_not_published_is_not_withdrawn(collection):
    """Everybody must be able to see what was withdrawn: its hash alone is refused."""
    _, folder = replaced(collection, instead=["0" * 64])
    with pytest.raises(PlanRefusedError, match="00000000, which is not published"):
        publish_plan(collection.settings, folder)
