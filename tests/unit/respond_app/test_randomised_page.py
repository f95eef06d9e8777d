"""What the world reads about the phone's own randomisation: the published state and the public results page."""

import json

import pytest
from hosts.applications import respond_app
from hosts.collection import Collection
from paths import STUDIES

from survey.operations.studies import new_study
from survey.wording.page_languages import NAMES

SHOWCASE = STUDIES / "showcase" / "questionnaire.yaml"


@pytest.fixture
def kept(collection: Collection):
    """A collection host that keeps the showcase beside the study of the other tests."""
    new_study(collection.settings, SHOWCASE)
    return collection


def test_the_state_of_a_study_says_what_its_phones_randomise(kept):
    """The state names each item's epsilon and the person's; a plain study's is empty. The media are published too."""
    public = kept.settings.public
    state = json.loads((public / "studies" / "s1.json").read_text())
    assert {"items": {"CHANGE": "2"}, "person": "2"} == state["randomised"]
    assert (public / "media").is_dir()
    other = next(path for path in (public / "studies").glob("*.json") if path.stem != "s1")
    assert {} == json.loads(other.read_text()).get("randomised", {})


@pytest.mark.parametrize("locale", NAMES)
def test_the_public_page_says_it_in_every_language(kept, locale):
    """The page names the item, its epsilon and the most that one person's answers tell."""
    text = respond_app(kept.settings).test_client().get(f"/r/s1?lang={locale}").text
    assert "CHANGE (ε = 2)" in text
    assert ("random answer on purpose" in text) == (locale == "en")
