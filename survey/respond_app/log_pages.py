"""The public log and what it names, as files; and the page on which a receipt is checked without being sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, render_template

from survey.document import DocumentError
from survey.names import HASH, SLUG
from survey.public_log.log_entry import LogEntry
from survey.publication.folder import Published, PublishedError
from survey.publication.frontend_files import Assets
from survey.web.headers import SHOWN
from survey.web.request_language import language
from survey.web.responses import shown
from survey.wording.catalogues import Wording, Wordings, in_locale

bp = Blueprint("log_pages", __name__)

KINDS = frozenset(
    {"manifests", "drills", "frontends", "custodies", "plans", "registrations", "boxes", "intents", "destructions"}
)
HEX = "0123456789abcdef"
NAMES = tuple(high + low for high in HEX for low in HEX)
TEXT, JSON = "text/plain; charset=utf-8", "application/json"
# The page fetches lists from this host and nothing else, and its form is never sent.
POLICY = SHOWN.replace("style-src", "script-src 'self'; connect-src 'self'; style-src")


@dataclass(frozen=True)
class ReceiptPages:
    """What the receipt page says (survey/interface/<locale>/receipt.po) and the address of its script."""

    wordings: Wordings
    script: str

    @classmethod
    def of(cls, wordings: Wordings, assets: Assets) -> "ReceiptPages":
        """Take the script from what was built."""
        return cls(wordings, assets.url("receipt"))


@dataclass(frozen=True)
class ReceiptPage:
    """What the page's template gets; `waves` are the logged boxes of the study, the newest first."""

    study: str
    words: Wording
    texts: Mapping[str, str]
    waves: tuple[LogEntry, ...]
    names: tuple[str, ...]
    script: str


@bp.get("/c/<study>")
def receipt(study: str) -> Response:
    """Show the page, the same for everyone; over a shoulder it says nothing of the study's topic."""
    if _published().study(study) is None:
        abort(HTTPStatus.NOT_FOUND)
    own: ReceiptPages = current_app.extensions["receipts"]
    words = in_locale(own.wordings, language().locale)
    page = ReceiptPage(study, words, words.texts, _boxes(study), NAMES, own.script)
    return shown(render_template("results/receipt.html", page=page), POLICY)


@bp.get("/log/checkpoint")
def checkpoint() -> Response:
    """Send the newest signed head."""
    return _sent("log/checkpoint", TEXT)


@bp.get("/log/key")
def key() -> Response:
    """Send the log's public key."""
    return _sent("log/key", TEXT)


@bp.get("/log/entries.jsonl")
def entries() -> Response:
    """Send every entry, a line each."""
    return _sent("log/entries.jsonl", "application/jsonl")


@bp.get("/log/heads/<int:size>")
def head(size: int) -> Response:
    """Send the head that was signed when the log had so many entries."""
    return _sent(f"log/heads/{size}", TEXT)


@bp.get("/receipts/<study>/<int:wave>/<bucket>.json")
def bucket(study: str, wave: int, bucket: str) -> Response:
    """Send all receipts of a box that begin with one byte: who asks does not tell which one is theirs."""
    if not SLUG.fullmatch(study) or bucket not in NAMES:
        abort(HTTPStatus.NOT_FOUND)
    return _sent(f"receipts/{study}/{wave}/{bucket}.json", JSON)


@bp.get("/<kind>/<name>.json")
def document(kind: str, name: str) -> Response:
    """Send a document that the log names."""
    if kind not in KINDS or not HASH.fullmatch(name):
        abort(HTTPStatus.NOT_FOUND)
    return _sent(f"{kind}/{name}.json", JSON)


@bp.get("/results/<study>/<name>.json")
def release(study: str, name: str) -> Response:
    """Send a release under its place in the published folder."""
    content = _published().release_bytes(study, name) or abort(HTTPStatus.NOT_FOUND)
    return Response(content, content_type=JSON)


def _sent(name: str, content_type: str) -> Response:
    """Return a published file; every part of `place` was checked or is our own."""
    try:
        content = (_published().root / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        abort(HTTPStatus.NOT_FOUND)
    return Response(content, content_type=content_type)


def _boxes(study: str) -> tuple[LogEntry, ...]:
    """Return the log's boxes of a study, the newest first."""
    path = _published().root / "log" / "entries.jsonl"
    try:
        entries = [LogEntry.from_bytes(line) for line in path.read_bytes().splitlines()] if path.exists() else []
    except DocumentError:
        raise PublishedError("log/entries.jsonl is not what staff commands write") from None
    return tuple(entry for entry in reversed(entries) if (entry.kind, entry.study) == ("box", study))


def _published() -> Published:
    published: Published = current_app.extensions["published"]
    return published
