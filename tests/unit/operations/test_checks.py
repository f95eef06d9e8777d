"""What opens a wave and what is published: each is held against what this host knows before anything is changed."""

import shutil
from dataclasses import replace

import pytest
from budgets import BUDGET
from hosts import published_life
from hosts.collection import PLAN, STUDY, ledger
from hosts.host_acts import store_records

from crypto.canonical import parse
from crypto.signing import SigningKey
from survey.document import DocumentError
from survey.operations import releases, studies, waves
from survey.operations.checks import ReleaseRefusedError, WaveRefusedError
from survey.operations.plans import publish_plan

pytestmark = [pytest.mark.usefixtures("tiny_workbooks"), pytest.mark.slow]


def test_the_key_of_a_demo_opens_nothing_unasked(collection):
    """A manifest of a demo is refused unless asked for; the control, the same without the mark, opens."""
    demo, real = collection.manifest(), collection.manifest(demo=False)
    with pytest.raises(WaveRefusedError, match="key of a demo"):
        waves.open_wave(collection.settings, STUDY, demo.to_bytes(), collection.drill(demo))
    assert () == studies.study_status(collection.settings)[0].waves
    assert real.pin == waves.open_wave(collection.settings, STUDY, real.to_bytes(), collection.drill(real))


def test_a_wave_of_another_signing_key_does_not_open(collection, tmp_path):
    """A ceremony in another folder has a ledger and a full budget of its own; control: the study's own key opens."""
    collection.open_wave()
    collection.box(tmp_path / "wave-1.box")
    stranger = replace(collection, key=SigningKey.generate())
    with pytest.raises(WaveRefusedError, match=r"held in another study folder.*--wave 2 -o FOLDER.*nothing was opened"):
        stranger.open_wave(2)
    assert 1 == len(studies.study_status(collection.settings)[0].waves)
    collection.open_wave(2)
    assert 2 == len(studies.study_status(collection.settings)[0].waves)


def test_a_wave_that_announces_another_budget_does_not_open(open_collection, tmp_path):
    """Rho and delta are announced once: a later wave with more, or less, stays shut; control: the same ones open."""
    open_collection.box(tmp_path / "wave-1.box")
    for budget in ({"nano_rho": 10**9}, {"nano_rho": 1}, {"atto_delta": 10**9}):
        other = open_collection.manifest(2, budget=BUDGET.to_json() | budget)
        with pytest.raises(WaveRefusedError, match=r"another lifetime budget.*--wave 2 -o FOLDER.*nothing was opened"):
            waves.open_wave(open_collection.settings, STUDY, other.to_bytes(), open_collection.drill(other), demo=True)
    open_collection.open_wave(2)
    assert 2 == len(studies.study_status(open_collection.settings)[0].waves)


def test_the_first_wave_is_of_the_key_that_registered_the_plans(collection):
    """A plan that one folder registered and a wave that another folder made never stand in one study."""
    collection.register_plan()
    with pytest.raises(WaveRefusedError, match="held in another study folder"):
        replace(collection, key=SigningKey.generate()).open_wave()
    collection.open_wave()


def swapped(release: dict) -> dict:
    """Return a release's labels with two levels of one dimension exchanged in one locale."""
    every = release["labels"]
    label = next(label for label in every["en"].values() if len(label["levels"]) > 1)
    first, second, *_ = label["levels"]
    label["levels"][first], label["levels"][second] = label["levels"][second], label["levels"][first]
    return {"labels": every}


def as_list_experiment(release: dict) -> dict:
    """Return a release's tables with a plain question marked as a list experiment."""
    first, *others = release["tables"]
    axis, *axes = first["dimensions"]
    return {"tables": [first | {"dimensions": [axis | {"list": True, "base": "substantive"}, *axes]}, *others]}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (swapped, "title or labels"),
        (lambda r: {"title": r["title"] | {"en": "A better title"}}, "title or labels"),
        (lambda r: {name: {k: v for k, v in r[name].items() if k != "en"} for name in ("title", "labels")}, "labels"),
        (lambda r: {"tables": [r["tables"][0] | {"reason": "because"}, *r["tables"][1:]]}, "tables"),
        (lambda r: {"tables": [r["tables"][0] | {"hypotheses": ["H99"]}, *r["tables"][1:]]}, "tables"),
        (as_list_experiment, "tables"),
    ],
)
def test_a_signed_release_with_other_words_is_refused(ready, change, named):
    """Even rightly signed, a release with other words than the documents here is refused; the control is published."""
    collection, header, plan, honest = ready
    with pytest.raises((ReleaseRefusedError, DocumentError), match=named):
        releases.publish_release(collection.settings, collection.release(plan, header, **change(parse(honest))))
    assert releases.publish_release(collection.settings, honest)


@pytest.mark.slow
def test_a_release_paid_from_a_copied_ledger_is_refused(collection, tmp_path):
    """Of two ledgers that parted, what the second paid for is not published: the budget was spent twice."""
    collection.open_wave()
    store_records(collection, 3)
    header = collection.box(tmp_path / "wave.box")
    first = collection.register_plan()
    text = PLAN.read_text(encoding="utf-8")
    later = tmp_path / "later.yaml"
    shutil.copy(PLAN.with_name("margins.yaml"), tmp_path)
    later.write_text(text.replace("wave: 1", f'wave: 1\nparent: "{first}"', 1), encoding="utf-8")
    second = collection.register_plan(later)
    releases.publish_release(collection.settings, collection.release(first, header))
    forked, unchained, gap = ledger(1, "f" * 64), ledger(2, past="a" * 64), ledger(3)
    gap["history"][1] = "a" * 64
    for entry in (forked, unchained, gap):
        with pytest.raises(ReleaseRefusedError, match="spent twice"):
            releases.publish_release(collection.settings, collection.release(second, header, ledger=entry))
    releases.publish_release(collection.settings, collection.release(second, header, ledger=ledger(3)))


@pytest.mark.parametrize("change", [{"opened": "2020-01-01"}, {"opened": "2020-01-01", "closed": "2020-01-02"}])
def test_days_of_fieldwork_that_this_host_does_not_have_are_refused(open_collection, tmp_path, change):
    """A fieldwork file edited before it was signed into a release is refused; the control has the host's own."""
    header = open_collection.box(tmp_path / "box")
    plan, honest = open_collection.register_plan(), published_life.fieldwork_of(tmp_path / "box")
    late = published_life.day_of(honest)
    with pytest.raises(ReleaseRefusedError, match="fieldwork differ"):
        releases.publish_release(
            open_collection.settings, open_collection.release(plan, header, day=late, fieldwork=honest | change)
        )
    assert releases.publish_release(
        open_collection.settings, open_collection.release(plan, header, day=late, fieldwork=honest)
    )


@pytest.mark.parametrize("change", [{"invited": 51}, {"issued": 7}])
def test_numbers_of_invitations_that_this_host_does_not_have_are_refused(invited, tmp_path, change):
    """By invitation neither the codes made nor those used can be said otherwise than this host counted them."""
    plan = published_life.planned(invited, 1, None)
    publish_plan(invited.settings, invited.registered(plan))
    header = published_life.wave_by_invitation(invited, tmp_path / "box", (50, 8, 3))
    honest = published_life.fieldwork_of(tmp_path / "box")
    day = published_life.day_of(honest)
    with pytest.raises(ReleaseRefusedError, match="fieldwork differ"):
        releases.publish_release(
            invited.settings, invited.release(plan.digest, header, fieldwork=honest | change, day=day)
        )
    assert releases.publish_release(invited.settings, invited.release(plan.digest, header, fieldwork=honest, day=day))
