"""A folder of files as an RO-Crate: one JSON-LD document that says what each file is, who made it and on which terms.

Source: RO-Crate Metadata Specification 1.1 (2020), sections on the root data entity, people, licences and files.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from survey.questionnaire.study_metadata import Author, StudyMetadata
from survey.release.release import Release

FILE = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
MEDIA = {"csv": "text/csv", "json": "application/json", "xml": "application/xml"}
MEDIA |= {"md": "text/markdown", "R": "text/plain"}


def ro_crate(
    release: Release, about: StudyMetadata, locale: str, files: Mapping[str, bytes], descriptions: Mapping[str, str]
) -> dict[str, Any]:
    """Return the crate's metadata; `descriptions` tell in words what files are, by name."""
    licence, publisher = f"https://spdx.org/licenses/{about.licence}", "#publisher"
    people = [_author(author, place) for place, author in enumerate(about.authors, 1)]
    institutes = list({_affiliation_id(one): _affiliation(one) for one in about.authors if one.affiliation}.values())
    authors = [{"@id": person["@id"]} for person in people]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": release.title[locale],
        "description": about.text("abstract", locale),
        "datePublished": release.day,
        "license": {"@id": licence},
        "author": authors[0] if len(authors) == 1 else authors,
        "publisher": {"@id": publisher},
        "url": about.url,
        "keywords": ", ".join(about.keywords),
        "identifier": release.digest,
        "hasPart": [{"@id": name} for name in files],
    }
    if release.fieldwork:
        root["temporalCoverage"] = f"{release.fieldwork.opened}/{release.fieldwork.closed}"
    descriptor = {"@id": FILE, "@type": "CreativeWork", "conformsTo": {"@id": SPECIFICATION}, "about": {"@id": "./"}}
    contact = {"@id": "#contact", "@type": "ContactPoint", "description": about.text("contact", locale)}
    details = {"name": about.text("organisation", locale), "url": about.url}
    organisation = {"@id": publisher, "@type": "Organization", **details, "contactPoint": {"@id": "#contact"}}
    terms = {"@id": licence, "@type": "CreativeWork", "name": about.licence, "description": f"SPDX {about.licence}"}
    graph = [descriptor, root, *people, *institutes, organisation, contact, terms]
    return {
        "@context": f"{SPECIFICATION}/context",
        "@graph": graph + [_file(name, content, descriptions) for name, content in files.items()],
    }


def _author(author: Author, place: int) -> dict[str, Any]:
    """Return a person with an affiliation, or an organisation with what it is part of (schema.org's terms)."""
    kind, part = ("Person", "affiliation") if author.kind == "person" else ("Organization", "parentOrganization")
    name = f"https://orcid.org/{author.orcid}" if author.orcid else f"#author-{place}"
    entity = {"@id": name, "@type": kind, "name": author.name}
    return entity | {part: {"@id": _affiliation_id(author)}} if author.affiliation else entity


def _affiliation(author: Author) -> dict[str, Any]:
    """Return where an author works; RO-Crate recommends that an organisation has an address, as its id and `url`."""
    entity = {"@id": _affiliation_id(author), "@type": "Organization", "name": author.affiliation}
    return entity | {"url": author.affiliation_url} if author.affiliation_url else entity


def _affiliation_id(author: Author) -> str:
    return author.affiliation_url or f"#affiliation-{sha256((author.affiliation or '').encode()).hexdigest()[:12]}"


def _file(name: str, content: bytes, descriptions: Mapping[str, str]) -> dict[str, Any]:
    entity = {"@id": name, "@type": "File", "name": name, "contentSize": str(len(content))}
    entity |= {"encodingFormat": MEDIA[name.rsplit(".", maxsplit=1)[-1]], "sha256": sha256(content).hexdigest()}
    return entity | {"description": descriptions[name]} if name in descriptions else entity
