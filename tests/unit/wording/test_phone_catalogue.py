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
    assert (about if some else set()) == {
        key for key in shown_in(study, texts, recorded=False) if key.startswith("invite-")
    }
    assert len(about) > 15


@pytest.mark.parametrize("work", [False, True])
def test_only_a_study_that_asks_for_work_pins_what_is_said_of_it(work: bool):
    """An open study without work carries no word about the sum."""
    study = Questionnaire.from_bytes(canonical({**questionnaire().to_json(), **({"work": True} if work else {})}))
    shown = shown_in(study, read_interface(["en"]).texts["en"], recorded=False)
    assert work == ("work-sum" in shown)


@pytest.mark.parametrize("off", [False, True])
def test_a_study_without_an_overview_pins_no_word_of_it(off: bool):
    """The word stands in the documents of every study but one that switched it off."""
    study = Questionnaire.from_bytes(canonical({**questionnaire().to_json(), **({"overview": False} if off else {})}))
    assert off == ("overview" not in shown_in(study, read_interface(["en"]).texts["en"], recorded=False))


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("voice", [False, True])
def test_words_for_listening_are_pinned_where_something_can_be_heard(*, recorded: bool, voice: bool):
    """They come with recordings or with a voice; the button for them is shown on no other page."""
    study = Questionnaire.from_bytes(canonical({**questionnaire().to_json(), **({"voice": True} if voice else {})}))
    shown = shown_in(study, read_interface(["en"]).texts["en"], recorded=recorded)
    assert ({"listen", "listen-stop"} <= shown.keys(), "cover" in shown) == (recorded or voice, True)


@pytest.mark.parametrize(("number", "long"), [(12, False), (13, True)])
def test_words_for_a_search_are_pinned_where_a_list_is_long(number: int, *, long: bool):
    """A question with twelve answers brings no word of it, one with thirteen all four."""
    document = questionnaire().to_json()
    (item,) = (one for one in document["items"] if one["id"] == "AGE")
    item["options"] = [{"code": code} for code in range(number)]
    shown = shown_in(Questionnaire.from_bytes(canonical(document)), read_interface(["en"]).texts["en"], recorded=False)
    assert (4 if long else 0) == len([key for key in shown if key.startswith("find") and "." not in key])
