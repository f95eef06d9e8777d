"""Which of the phone's own texts a study pins: those that it can show, and no others."""

import pytest
from studies.market import questionnaire

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire
from survey.wording.phone_catalogue import read_interface, shown_in


@pytest.mark.parametrize(("mode", "some"), [("open", False), ("invitation", True)])
def test_only_a_study_by_invitation_pins_the_texts_of_invitations(mode: str, some: bool):
    """An open study's documents carry no word about slips; an invitation's carry all of them."""
    study = Questionnaire.from_bytes(canonical({**questionnaire().to_json(), "mode": mode}))
    texts = read_interface(["en"]).texts["en"]
    about = {key for key in texts if key.startswith("invite-")}
    assert (about if some else set()) == {key for key in shown_in(study, texts) if key.startswith("invite-")}
    assert len(about) > 15


@pytest.mark.parametrize("work", [False, True])
def test_only_a_study_that_asks_for_work_pins_what_is_said_of_it(work: bool):
    """An open study without work carries no word about the sum."""
    study = Questionnaire.from_bytes(canonical({**questionnaire().to_json(), **({"work": True} if work else {})}))
    shown = shown_in(study, read_interface(["en"]).texts["en"])
    assert work == ("work-sum" in shown)


@pytest.mark.parametrize("off", [False, True])
def test_a_study_without_an_overview_pins_no_word_of_it(off: bool):
    """The word stands in the documents of every study but one that switched it off."""
    study = Questionnaire.from_bytes(canonical({**questionnaire().to_json(), **({"overview": False} if off else {})}))
    assert off == ("overview" not in shown_in(study, read_interface(["en"]).texts["en"]))
