"""Compiles what a questionnaire's file says of the study itself: who made it, of whom, and under which conditions."""

from survey.authoring.schema import AuthoredAbout, AuthoredStudy, Localised
from survey.questionnaire.study_metadata import StudyMetadata

FACTS = {"organisation": "org", "contact": "contact", "ethics": "ethics", "permit": "permit"}
"""Members that are facts which respondents read, by the names these have in the file."""
TEXTS = ("abstract", "population", "sampling", "access")


def study_metadata(study: AuthoredStudy) -> StudyMetadata:
    """Return the metadata of a study whose file was found sound (`sotto-about-3`)."""
    about = study.about or AuthoredAbout()
    texts = {name: getattr(study.facts, fact) for name, fact in FACTS.items()}
    texts |= {name: getattr(about, name) for name in TEXTS}
    return StudyMetadata(
        format="sotto-about-3",
        study=study.study,
        version=study.version,
        authors=tuple(about.authors),
        funders=tuple(about.funders),
        keywords=tuple(about.keywords),
        countries=tuple(about.countries),
        licence=about.licence,
        url=about.url,
        **{name: _translated(text, study) for name, text in texts.items()},
    ).compact()


def _translated(text: Localised | None, study: AuthoredStudy) -> dict[str, str] | None:
    if text is None:
        return None
    return {locale: (text if isinstance(text, str) else text[locale]).strip() for locale in study.locales}
