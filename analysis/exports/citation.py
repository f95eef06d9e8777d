"""How a release is cited, and what DDI, DataCite and RO-Crate call its authors and its publisher."""

from survey.release.release import Release
from survey.workbook.column_names import sentence


def citation_text(release: Release, locale: str) -> str:
    """Return a citation in one line, in the locale: authors, year, title, wave, publisher, and the release's hash."""
    about = release.about
    authors = "; ".join(author.name for author in about.authors) if about else ""
    by = about and about.text("organisation", locale)
    first = f"{authors or by or release.study} ({release.day[:4]})"
    key = "citation-publisher" if by and authors else "citation"
    values = {"title": release.title[locale], "wave": release.wave, "publisher": by, "digest": release.digest}
    return sentence(key, locale, by=first, **values)


def languages(locale: str) -> str:
    """Return the two- or three-letter code of a locale's language (ISO 639), as XML and DataCite take it."""
    return locale.split("-", maxsplit=1)[0]
