"""Reader of the gettext (PO) files: their folder, the default locale and their messages. No Flask."""

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "interface"
DEFAULT = "en"


def read_catalogue(path: Path) -> Catalog:
    """Return the messages of a PO file; raise OSError, or ValueError or PoFileError for invalid content."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def keyed_messages(catalog: Catalog) -> dict[str, Message]:
    """Return the messages that have a key (`msgctxt`), by key."""
    return {message.context: message for message in catalog if message.context}


def keyed_texts(catalog: Catalog) -> dict[str, str]:
    """Return the texts of messages that have a key (`msgctxt`), by key."""
    return {key: str(message.string) for key, message in keyed_messages(catalog).items()}
