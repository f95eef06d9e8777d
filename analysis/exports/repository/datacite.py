"""A release as DataCite describes a data set: what a repository needs to give it a DOI.

Source: DataCite Metadata Schema 4.5 (2024), its JSON form as DataCite's REST API takes it under `attributes`.
"""

from typing import Any

from analysis.exports.citation import languages
from survey.questionnaire.study_metadata import Author, StudyMetadata
from survey.release.release import Release
from survey.release.release_rows import METHOD

FILE = "datacite.json"
ROR = "https://ror.org/"
"""The registry of research organisations, whose entries DataCite takes as identifiers of affiliations."""


def datacite(release: Release, about: StudyMetadata, locale: str) -> dict[str, Any]:
    """Return the metadata of a release whose study says who made it; the DOI is the repository's to give."""
    publisher = about.text("organisation", locale) or release.study
    dates = [{"date": release.day, "dateType": "Issued"}]
    if release.fieldwork:
        days = f"{release.fieldwork.opened}/{release.fieldwork.closed}"
        dates.append({"date": days, "dateType": "Collected"})
    licence = {"rights": about.licence, "rightsIdentifier": about.licence, "rightsIdentifierScheme": "SPDX"}
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Differentially private contingency tables"},
        "creators": [_creator(author) for author in about.authors],
        "titles": _titles(release, locale),
        "publisher": {"name": publisher},
        "publicationYear": release.day[:4],
        "contributors": [{"name": publisher, "nameType": "Organizational", "contributorType": "DataCollector"}],
        "dates": dates,
        "language": languages(locale),
        "alternateIdentifiers": [{"alternateIdentifier": release.digest, "alternateIdentifierType": "SHA-256"}],
        "version": f"wave {release.wave}, {release.digest[:12]}",
        "rightsList": [licence | {"rightsUri": f"https://spdx.org/licenses/{about.licence}"}],
        "descriptions": _descriptions(about, locale),
    } | _optional(about)


def _optional(about: StudyMetadata) -> dict[str, list[dict[str, str]]]:
    """Return the members that a study may say nothing of: an empty list would say that there is nothing."""
    members = {
        "subjects": [{"subject": keyword} for keyword in about.keywords],
        "geoLocations": [{"geoLocationPlace": country} for country in about.countries],
        "fundingReferences": [{"funderName": funder} for funder in about.funders],
    }
    return {name: values for name, values in members.items() if values}


def _creator(author: Author) -> dict[str, Any]:
    affiliation = {"affiliation": [_affiliation(author)]} if author.affiliation else {}
    creator_name = {"name": author.name, "nameType": "Personal" if author.kind == "person" else "Organizational"}
    if author.orcid is None:
        return creator_name | affiliation
    orcid = {"nameIdentifier": f"https://orcid.org/{author.orcid}", "nameIdentifierScheme": "ORCID"}
    identifier = orcid | {"schemeUri": "https://orcid.org"}
    return creator_name | {"nameIdentifiers": [identifier]} | affiliation


def _titles(release: Release, locale: str) -> list[dict[str, str]]:
    others = [other for other in release.title if other != locale]
    first = {"title": release.title[locale], "lang": locale}
    return [first, *({"title": release.title[name], "lang": name, "titleType": "TranslatedTitle"} for name in others)]


def _descriptions(about: StudyMetadata, locale: str) -> list[dict[str, str]]:
    texts = [("Abstract", text, name) for name, text in (about.abstract or {}).items()]
    if sampling := about.text("sampling", locale):
        texts.append(("Methods", sampling, locale))
    texts.append(("Methods", METHOD, "en"))
    return [{"description": text, "descriptionType": kind, "lang": name} for kind, text, name in texts]


def _affiliation(author: Author) -> dict[str, str]:
    """Return where an author works, with its identifier where that is an entry in ROR."""
    named = {"name": author.affiliation or ""}
    if not (author.affiliation_url or "").startswith(ROR):
        return named
    scheme = {"affiliationIdentifierScheme": "ROR", "schemeUri": ROR}
    return named | {"affiliationIdentifier": author.affiliation_url or ""} | scheme
