"""Downloads of releases: the signed document, or one of its tables as CSV."""

from codecs import BOM_UTF8
from http import HTTPStatus

from flask import Response, abort, request

from survey.names import HASH
from survey.release.release import Release
from survey.release.release_rows import codebook_csv, facts_csv, margins_csv, words_csv
from survey.release.table_rows import cells_csv, estimates_csv
from survey.web.request_language import language

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def json_file(content: bytes, name: str) -> Response:
    """Return a release as a download."""
    if not HASH.fullmatch(name):
        abort(HTTPStatus.NOT_FOUND)
    return download(content, "application/json", f"release-{name[:12]}.json")


def csv_file(release: Release, table: str) -> Response:
    """Return one table as a download, in the visitor's language.

    `T02`: its estimates, `T02-cells`: its noisy cells, `W1`: a list of words, `public-margins`: what it is weighted to,
    `release-codebook`: every level of every dimension, `release-facts`: what the whole release is.
    It begins with a byte order mark, without which Excel takes UTF-8 for something else; not with `?bom=0`.
    """
    mark = b"" if request.args.get("bom") == "0" else BOM_UTF8
    content = mark + table_csv(release, table, language().locale).encode("utf-8")
    return download(content, "text/csv; charset=utf-8", f"{release.study}-{release.wave}-{table}.csv")


def workbook_file(content: bytes, release: Release) -> Response:
    """Return a release as a workbook to keep."""
    return download(content, XLSX, f"{release.study}-{release.wave}.xlsx")


def table_csv(release: Release, name: str, locale: str) -> str:
    """Return the table with this download name as CSV; abort with 404 where the release does not have it."""
    if name in {"release-codebook", "release-facts"}:
        return (codebook_csv if name == "release-codebook" else facts_csv)(release, locale)
    if name == "public-margins" and release.margins:
        return margins_csv(release, locale)
    if words := next((one for one in release.words or () if one.id == name), None):
        return words_csv(release, words, locale)
    bare = name.removesuffix("-cells")
    table = release.table(bare) or abort(HTTPStatus.NOT_FOUND)
    return estimates_csv(release, table, locale) if bare == name else cells_csv(release, table, locale)


def download(content: bytes, content_type: str, name: str) -> Response:
    """Return bytes as a file to keep, under a name of ASCII letters."""
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
