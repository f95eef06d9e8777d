"""How a release is cited, and what DDI, DataCite and RO-Crate call its authors and its publisher."""

from survey.release.release import Release


def citation_text(release: Release, locale: str) -> str:
    """Return a citation in one line: authors, year, title, wave, publisher, and the hash that names the release."""
    about = release.about
    authors = "; ".join(author.name for author in about.authors) if about else ""
    by = about and about.text("organisation", locale)
    first = f"{authors or by or release.study} ({release.day[:4]})"
    parts = [first, f"{release.title[locale]}, wave {release.wave}", *([by] if by and authors else [])]
    return f"{'. '.join(parts)}. Differentially private tables, SHA-256 {release.digest}."


def languages(locale: str) -> str:
    """Return the two- or three-letter code of a locale's language (ISO 639), as XML and DataCite take it."""
    return locale.split("-", maxsplit=1)[0]
