"""Who made a study and how: survey/questionnaire/study_metadata.py and survey/authoring/metadata_compiler.py."""

import pytest
from paths import ROOT

from survey.authoring.compiler import compile_with_media
from survey.authoring.metadata_compiler import study_metadata
from survey.document import DocumentError
from survey.faults import AuthoringError
from survey.questionnaire.study_metadata import Author, Fieldwork, StudyMetadata, missing_for_deposit

STUDIES = ROOT / "survey" / "studies"
WAVE = {
    "format": "sotto-fieldwork-1", "study": "s1", "wave": 1, "root": "0" * 64, "opened": "2026-03-01",
    "closed": "2026-04-30", "answered": 250,
}  # fmt: skip


@pytest.fixture(scope="module")
def sesame() -> StudyMetadata:
    return study_metadata(compile_with_media(STUDIES / "sesame_credit" / "questionnaire.yaml").authored)


def test_the_facts_that_respondents_read_are_the_metadata(sesame):
    """Organisation, contact, ethics and permit are those of `facts`, in each of the study's languages."""
    facts = compile_with_media(STUDIES / "sesame_credit" / "questionnaire.yaml").authored.facts
    assert (facts.org, facts.contact, facts.ethics, facts.permit) == (
        sesame.organisation, sesame.contact, sesame.ethics, sesame.permit,
    )  # fmt: skip
    assert facts.org["zh-Hans"] == sesame.text("organisation", "zh-Hans")
    assert facts.org["en"] == sesame.text("organisation", "ug")


def test_what_a_repository_needs_and_lacks_is_named_with_its_place(sesame):
    """The shipped study lacks nothing; without authors and licence, or any metadata at all, places are named."""
    assert [] == [*missing_for_deposit(sesame)]
    bare = sesame.model_copy(update={"authors": (), "licence": None})
    assert ["about.authors", "about.licence"] == [place for place, _ in missing_for_deposit(bare)]
    assert 9 == len([*missing_for_deposit(None)])


def test_metadata_is_checked_as_every_text_is(tmp_path):
    """A missing translation and an ORCID that is none are reported with their line before anything is compiled."""
    text = (STUDIES / "sesame_credit" / "questionnaire.yaml").read_text()
    path = tmp_path / "questionnaire.yaml"
    path.write_text(text.replace('zh-Hant: "中國大陸18歲及以上的成年人"', 'ug: "x"'))
    with pytest.raises(AuthoringError, match=r"about\.population: there is no text in zh-Hant"):
        compile_with_media(path)
    path.write_text(text.replace('{name: "Sotto maintainers", kind: organisation}', '{name: A, orcid: "12"}'))
    with pytest.raises(AuthoringError, match=r"about\.authors\.0\.orcid"):
        compile_with_media(path)


def test_an_author_is_a_person_unless_it_is_written_otherwise(sesame):
    """The shipped study's author is an organisation; one without a kind is a person, and only a person has an ORCID."""
    assert ["organisation"] == [author.kind for author in sesame.authors]
    assert "person" == Author(name="Doe, Jo", orcid="0000-0002-1825-0097").kind
    with pytest.raises(ValueError, match="an ORCID identifies a person"):
        Author(name="An institute", kind="organisation", orcid="0000-0002-1825-0097")
    with pytest.raises(ValueError, match="name that too"):
        Author(name="Doe, Jo", affiliation_url="https://ror.org/03yrm5c26")


def test_fieldwork_is_in_order_and_its_rate_is_of_those_invited():
    """250 answers of 1,000 invitations are a quarter; an open link has no rate; a wave never closes before it opens."""
    invited = Fieldwork.model_validate(WAVE | {"invited": 1000, "issued": 300})
    assert (0.25, None) == (invited.participation, Fieldwork.model_validate(WAVE).participation)
    over = ({"invited": 300, "issued": 301}, {"invited": 300, "issued": 249}, {"invited": 249, "issued": 249})
    for wrong in ({"opened": "2026-05-01"}, {"invited": 5}, {"opened": "soon"}, *over):
        with pytest.raises((ValueError, DocumentError)):
            Fieldwork.model_validate(WAVE | wrong)
