"""The CSV files of a release: of each table its estimates and its cells; lists of words, margins, codebook, facts."""

from collections.abc import Iterator

from survey.release import release_rows
from survey.release.format_rules import FILE
from survey.release.release import Release
from survey.release.table_rows import cells_csv, csv_text, estimates_csv


def csv_name(table: str) -> str:
    """Return the file of a table's estimates or of a list of words."""
    return f"{FILE.name(table)}.csv"


def csv_files(release: Release, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield CSV files: of each table its estimates and its cells; lists of words, margins, codebook and facts."""
    for table in release.tables:
        yield csv_name(table.id), estimates_csv(release, table, locale).encode()
        yield f"{table.id}-cells.csv", cells_csv(release, table, locale).encode()
    for words in release.words or ():
        yield csv_name(words.id), release_rows.words_csv(release, words, locale).encode()
    if release.margins:
        yield "public-margins.csv", release_rows.margins_csv(release, locale).encode()
    yield "release-codebook.csv", csv_text(release_rows.CODEBOOK, release_rows.codebook_rows(release, locale)).encode()
    yield "release-facts.csv", csv_text(release_rows.FACTS, release_rows.fact_rows(release, locale)).encode()
