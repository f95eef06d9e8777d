"""Which questionnaires a server may lock: open links, with nothing that only a phone can draw, in translated words."""

import secrets
import shutil

import pytest
from budgets import BUDGET
from hosts.applications import respond_app
from hosts.collection import QUESTIONNAIRE, STUDY
from paths import STUDIES
from studies.plain_study import item, questionnaire

from crypto.envelope import PUBLIC_KEY_SIZE
from crypto.seed import expand, public_bytes
from survey.authoring.compiler import compile_study
from survey.faults import AuthoringError
from survey.operations import studies, waves
from survey.operations.checks import WaveRefusedError
from survey.publication.folder import Published
from survey.questionnaire.rules.sealing_rules import resume_faults, sealing_faults, unanswerable, work_faults
from survey.wave.manifest import build_manifest

WORDED = ("en", "zh-Hans", "zh-Hant")
RANDOMISED = item("R", "single", (1, 2), (99,), randomise={"epsilon": "2"})
LISTED = item("L", "list", (), (99,), lines=2, treatment=[2]) | {
    "options": [{"code": base + n, "arm": arm, "count": n} for arm, base in enumerate((10, 40)) for n in range(2 + arm)]
}


def faults_of(**changes: object) -> list[tuple]:
    return [fault.where for fault in sealing_faults(questionnaire(**changes), WORDED)]


def test_an_open_study_of_what_a_server_may_see_is_sound():
    """Every type but randomised and list items, in translated words, may be sealed by a server."""
    assert [] == faults_of()


def test_invitations_are_locked_on_the_phone():
    """A server that locks an invited person's answers could tell whose they are."""
    assert [("sealing",)] == faults_of(mode="invitation")


def test_what_only_a_phone_draws_is_not_for_a_server():
    """A randomised item and a list experiment are refused by name; on the phone alone both are sound."""
    asked = {"items": [RANDOMISED, LISTED], "groups": [], "forms": [{"id": "short"}, {"id": "long"}]}
    assert [("items", "R", "randomise"), ("items", "L", "type")] == faults_of(**asked)
    assert [] == faults_of(**asked, sealing="phone")
    assert ["R", "L"] == [one.id for one in unanswerable(questionnaire(**asked))]


def test_a_locale_without_words_is_refused():
    """Nobody reads a form that is half in another language."""
    places = [fault.where for fault in sealing_faults(questionnaire(), ("en",))]
    assert [("locales", "zh-Hans"), ("locales", "zh-Hant")] == places


@pytest.mark.parametrize("change", ["sealing: phone-or-server", "sealing: phone"])
def test_the_compiler_refuses_a_server_for_the_showcase(tmp_path, change):
    """The showcase asks what only a phone can: with `phone-or-server` it is refused, each item at its line."""

    source = STUDIES / "showcase"
    shutil.copytree(source, tmp_path / "s")
    path = tmp_path / "s" / "questionnaire.yaml"
    path.write_text(path.read_text("utf-8").replace("sealing: phone\n", f"{change}\n"), encoding="utf-8")
    if change.endswith("server"):
        with pytest.raises(AuthoringError) as refused:
            compile_study(path)
        assert {"items.WORRY.type", "items.CHANGE.randomise"} == {one.where for one in refused.value.problems}
    else:
        assert compile_study(path)[0].items


def test_a_wave_that_a_server_may_lock_opens_and_is_published_as_such(collection, tmp_path):
    """From the authored file to the published state and the form; with a key that is none nothing is opened."""
    path = tmp_path / "questionnaire.yaml"
    written = QUESTIONNAIRE.read_text("utf-8")
    path.write_text(written.replace("sealing: phone ", "sealing: phone-or-server ").replace(
        "sealing: phone\n", "sealing: phone-or-server\n"), encoding="utf-8")  # fmt: skip
    studies.new_study(collection.settings, path)
    documents = compile_study(path)
    signer = collection.key.verifying_key.fingerprint
    keys = {"none": secrets.token_bytes(PUBLIC_KEY_SIZE), "good": public_bytes(expand(secrets.token_bytes(32)))}
    made = {
        name: build_manifest(*documents, wave=1, key=key, demo=True, signer=signer, budget=BUDGET)
        for name, key in keys.items()
    }
    with pytest.raises(WaveRefusedError, match="not an MLKEM768-X25519 public key"):
        waves.open_wave(collection.settings, STUDY, made["none"].to_bytes(), collection.drill(made["none"]), demo=True)
    waves.open_wave(collection.settings, STUDY, made["good"].to_bytes(), collection.drill(made["good"]), demo=True)
    assert "phone-or-server" == Published(collection.settings.public).study(STUDY).sealing
    app = respond_app(collection.settings)
    assert 200 == app.test_client().get(f"/f/{STUDY}").status_code
    app.extensions["sotto"].engine.dispose()


@pytest.mark.parametrize(
    ("changes", "fault_count"),
    [
        ({"sealing": "phone"}, 0),
        ({"sealing": "phone", "mode": "invitation"}, 1),
        ({"sealing": "phone-or-server"}, 1),
    ],
)
def test_only_phones_with_an_open_link_work(changes, fault_count):
    """Proof of work is refused beside invitations, and beside a form for browsers that could not do it."""
    faults = [*work_faults(questionnaire(work=True, **changes))]
    assert [("work",)] * fault_count == [fault.where for fault in faults]
    assert [] == [*work_faults(questionnaire(**changes))]


def test_only_a_slip_is_kept_over_a_reload():
    """`resume: tab` is refused on an open link, whose phones have no token to lose."""
    assert [] == [*resume_faults(questionnaire(mode="invitation", resume="tab"))]
    assert [] == [*resume_faults(questionnaire(mode="open"))]
    assert [("resume",)] == [fault.where for fault in resume_faults(questionnaire(mode="open", resume="tab"))]
