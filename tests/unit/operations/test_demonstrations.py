"""Invented answers go to the open wave of a demonstration over an open link, and to no other."""

import pytest
from hosts.collection import STUDY, compiled
from hosts.host_acts import audit_head

from survey.demo.fieldwork import rehearse_fieldwork
from survey.operations.demonstrations import open_demonstration
from survey.operations.transaction import OperationError
from survey.operations.waves import close_wave, open_wave
from survey.simulation.respondents import PriorsError

pytestmark = pytest.mark.slow


def test_the_open_wave_of_a_demonstration_may_be_given_invented_answers(collection):
    """Before it is open and once it is closed there is none; while it is open its questionnaire and manifest come."""
    with pytest.raises(OperationError, match="has no open wave"):
        open_demonstration(collection.settings, STUDY)
    manifest = collection.open_wave()
    assert (compiled()[0], manifest) == open_demonstration(collection.settings, STUDY)
    close_wave(collection.settings, STUDY)
    with pytest.raises(OperationError, match="has no open wave"):
        open_demonstration(collection.settings, STUDY)


def test_a_wave_for_people_gets_no_invented_answer(collection):
    """Where the key is no demo's nothing is drawn and nothing sent: the message says why, and no act is noted."""
    manifest = collection.manifest(demo=False)
    open_wave(collection.settings, STUDY, manifest.to_bytes(), collection.drill(manifest))
    before = audit_head(collection)
    with pytest.raises(OperationError, match=r"is for people: .* could not be told apart"):
        rehearse_fieldwork(collection.settings, STUDY, None, 5, 1)
    assert before == audit_head(collection)


def test_priors_of_another_study_are_refused_before_anything_is_sent(collection, tmp_path):
    """Priors that do not fit end the command, with no respond app started."""
    collection.open_wave()
    other = tmp_path / "priors.yaml"
    other.write_text("study: x\nlocales: {en: 1}\nstrata: {open: 1}\nitems: []\n", encoding="utf-8")
    with pytest.raises(PriorsError):
        rehearse_fieldwork(collection.settings, STUDY, other, 5, 1)


def test_a_wave_by_invitation_is_rehearsed_elsewhere(invited):
    """Invented answers have no codes: the open demonstration of a study by invitation is refused, and says where."""
    with pytest.raises(OperationError, match="sotto demo --invitations"):
        open_demonstration(invited.settings, STUDY)
