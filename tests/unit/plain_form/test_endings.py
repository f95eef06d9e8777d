"""Pages that end the plain form have one length, whatever they say and in whichever language."""

import pytest
from hosts.applications import respond_app
from studies.plain_study import FORM, QUESTIONS, STUDY, URL, WHOLE, body, fresh

from survey.plain_form.endings import STEP

LOCALES = ("en", "zh-Hans", "zh-Hant")


@pytest.fixture
def study(tmp_path):
    return fresh(tmp_path)


@pytest.fixture
def client(study):
    app = respond_app(study.settings)
    yield app.test_client()
    app.extensions["sotto"].engine.dispose()


def sent(client, locale: str) -> list:
    """Return what ends the form in one language: stored, too young, declined."""
    page = client.post(f"{QUESTIONS}?lang={locale}").text
    bodies = [body(page, WHOLE), body(page, WHOLE | {"AGE": "000"}), body(page, agreed=False)]
    return [client.post(URL, data=data, headers=FORM) for data in bodies]


def test_all_endings_have_one_length_and_one_status(client, study):
    """Stored, screened out and declined, in three languages, are as long as each other under the same headers."""
    answers = [answer for locale in LOCALES for answer in sent(client, locale)]
    assert (9, 3) == (len(answers), len(study.envelopes()))
    assert [200] * 9 == [answer.status_code for answer in answers]
    assert 1 == len({len(answer.data) for answer in answers})
    assert 1 == len({str(sorted(answer.headers)) for answer in answers})
    assert 0 == len(answers[0].data) % STEP
    # The control: what they say has many lengths.
    assert len({len(answer.data.rstrip()) for answer in answers}) > 4
    assert all(answer.data.rstrip().endswith(b"</html>") for answer in answers)


def test_what_a_closed_study_says_has_one_length_in_every_language(client, study):
    """After the close the page that says so has one length in three languages, asked for or sent to."""
    page = client.post(QUESTIONS).text
    study.state("closed")
    answers = [client.get(f"{URL}?lang={locale}") for locale in LOCALES]
    answers.append(client.post(URL, data=body(page), headers=FORM))
    assert {410} == {answer.status_code for answer in answers}
    assert 1 == len({len(answer.data) for answer in answers})
    assert len({len(answer.data.rstrip()) for answer in answers}) > 1


def test_a_longer_text_makes_all_endings_longer(client, study):
    """The length follows the study's longest ending, also where another wave has taken the place of the one before."""
    before = {len(answer.data) for answer in sent(client, "en")}
    text = study.texts["zh-Hant"]
    study.texts["zh-Hant"] = text.model_copy(update={"thanks": ("謝" * 900,)})
    again = type(study)(study.settings, study.questionnaire, study.texts).publish()
    after = {len(answer.data) for locale in LOCALES for answer in sent(client, locale)}
    assert (1, 1) == (len(before), len(after))
    assert min(after) >= max(before) + 2 * 900
    assert again.manifest.pin != study.manifest.pin


def test_the_thanks_come_first_and_lead_to_results_and_receipts(client, study):
    """The page begins with thanks, then the study's own; links lead to results and to where a receipt is checked."""
    stored = sent(client, "en")[0].text
    assert "<h1>Thank you. Your answers are stored</h1>\n<p>No answer</p>" in stored
    # In a tab of their own: an answer to a POST does not come back, and the receipt is on it.
    own_tab = 'target="_blank" rel="noopener noreferrer"'
    assert all(f'href="/{page}/{STUDY}?lang=en" {own_tab}' in stored for page in ("r", "c"))
    assert all("/r/" not in answer.text for answer in sent(client, "en")[1:])
