"""The public log and the documents it lists, as files; and the page that checks a receipt without sending it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, render_template

from survey.document import DocumentError
from survey.names import HASH, SLUG
from survey.public_log.log_entry import LogEntry
from survey.publication.folder import Published, PublishedError
from survey.publication.frontend_files import Assets, LinkedFile
from survey.respond_app.page_assets import leading_script
from survey.web.headers import PAGE, policy_text
from survey.web.request_language import language_of_address
from survey.web.responses import page_response
from survey.wording.catalogues import Wording, Wordings, in_locale

if TYPE_CHECKING:
    from survey.publication.file_cache import FileCache

bp = Blueprint("log_pages", __name__)

KINDS = frozenset(
    {
        "manifests",
        "questionnaires",
        "texts",
        "drills",
        "frontends",
        "pages",
        "custodies",
        "plans",
        "registrations",
        "boxes",
    }
    | {"intents", "destructions", "corrections"}
)
HEX = "0123456789abcdef"
NAMES = tuple(high + low for high in HEX for low in HEX)
TEXT, JSON = "text/plain; charset=utf-8", "application/json"
# The page fetches receipt lists from this host only, and never submits its form.
POLICY = policy_text({**PAGE, "script-src": "'self'", "connect-src": "'self'"})


@dataclass(frozen=True)
class ReceiptPages:
    """The receipt page's texts (survey/interface/<locale>/receipt.po) and its script."""

    wordings: Wordings
    script: LinkedFile

    @classmethod
    def of(cls, wordings: Wordings, assets: Assets) -> "ReceiptPages":
        """Return the texts with the built script."""
        return cls(wordings, assets.script("receipt"))


@dataclass(frozen=True)
class ReceiptPage:
    """The template's data; `waves` are the logged boxes of the study, newest first."""

    study: str
    words: Wording
    texts: Mapping[str, str]
    waves: tuple[LogEntry, ...]
    names: tuple[str, ...]
    script: LinkedFile
    led: LinkedFile | None


@bp.get("/c/<study>")
def receipt(study: str) -> Response:
    """Show the page, the same for everyone at this address; it does not show the study's topic."""
    state = _published().study(study) or abort(HTTPStatus.NOT_FOUND)
    resources: ReceiptPages = current_app.extensions["receipts"]
    words = in_locale(resources.wordings, language_of_address(state.locales[0]).locale)
    page = ReceiptPage(study, words, words.texts, _boxes(study), NAMES, resources.script, leading_script())
    return page_response(render_template("results/receipt.html", page=page), POLICY)


@bp.get("/log/checkpoint")
def checkpoint() -> Response:
    """Send the newest signed head."""
    return _file_response("log/checkpoint", TEXT)


@bp.get("/log/key")
def key() -> Response:
    """Send the log's public key."""
    return _file_response("log/key", TEXT)


@bp.get("/log/entries.jsonl")
def entries() -> Response:
    """Send every entry, one line each."""
    return _file_response("log/entries.jsonl", "application/jsonl")


@bp.get("/log/heads/<int:size>")
def head(size: int) -> Response:
    """Send the signed head of the log at `size` entries."""
    return _file_response(f"log/heads/{size}", TEXT)


@bp.get("/log/cosignatures/<int:size>")
def cosignatures(size: int) -> Response:
    """Send what witnesses signed under the head of `size` entries."""
    return _file_response(f"log/cosignatures/{size}", TEXT)


@bp.get("/receipts/<study>/<int:wave>/<bucket>.json")
def bucket(study: str, wave: int, bucket: str) -> Response:
    """Send all receipts of a box with the same first byte, so that a request does not reveal which one is meant."""
    if not SLUG.fullmatch(study) or bucket not in NAMES:
        abort(HTTPStatus.NOT_FOUND)
    return _file_response(f"receipts/{study}/{wave}/{bucket}.json", JSON)


@bp.get("/<kind>/<name>.json")
def document(kind: str, name: str) -> Response:
    """Send a document that the log lists, or that a manifest in it names."""
    if kind not in KINDS or not HASH.fullmatch(name):
        abort(HTTPStatus.NOT_FOUND)
    return _file_response(f"{kind}/{name}.json", JSON)


@bp.get("/results/<study>/<name>.json")
def release(study: str, name: str) -> Response:
    """Send a release by its path in the published folder."""
    content = _published().release_bytes(study, name) or abort(HTTPStatus.NOT_FOUND)
    return Response(content, content_type=JSON)


def _file_response(name: str, content_type: str) -> Response:
    """Return a published file; every part of `name` was checked by the caller or is a constant."""
    try:
        content = (_published().root / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        abort(HTTPStatus.NOT_FOUND)
    return Response(content, content_type=content_type)


def read_boxes(path: Path) -> tuple[LogEntry, ...]:
    """Return the box entries of every study in a file of the log's entries, newest first."""
    try:
        entries = [LogEntry.from_bytes(line) for line in path.read_bytes().splitlines()]
    except DocumentError:
        raise PublishedError("log/entries.jsonl is not what staff commands write") from None
    return tuple(entry for entry in reversed(entries) if entry.kind == "box")


def _boxes(study: str) -> tuple[LogEntry, ...]:
    """Return the log's box entries of a study, newest first; the log is read again only where it has grown."""
    cache: FileCache[tuple[LogEntry, ...]] = current_app.extensions["boxes"]
    boxes = cache.get(_published().root / "log" / "entries.jsonl") or ()
    return tuple(entry for entry in boxes if entry.study == study)


def _published() -> Published:
    published: Published = current_app.extensions["published"]
    return published
