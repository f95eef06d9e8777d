"""The columns of an XLSForm under one name each, whatever spelling a form uses, with the language of its texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from survey.authoring.xlsform.sheets.report import Place
from survey.authoring.xlsform.sheets.workbook import Row
from survey.names import CONTROL

_ALIASES = {
    "caption": "label",
    "relevance": "relevant",
    "bind:relevant": "relevant",
    "bind:constraint": "constraint",
    "bind:jr:constraintmsg": "constraint_message",
    "constraint-msg": "constraint_message",
    "constraining_message": "constraint_message",
    "bind:required": "required",
    "bind:calculate": "calculation",
    "calculate": "calculation",
    "bind:readonly": "read_only",
    "readonly": "read_only",
    "control:appearance": "appearance",
    "body:appearance": "appearance",
    "body:accuracythreshold": "accuracy",
    "command": "type",
    "tag": "name",
    "value": "name",
    "list name": "list_name",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "requiredmsg": "required_message",
    "media:image": "image",
    "media:audio": "audio",
    "media:video": "video",
}
TEXTS = (
    "label",
    "hint",
    "guidance_hint",
    "constraint_message",
    "required_message",
    "image",
    "big-image",
    "audio",
    "video",
)
"""The columns that may have a language."""
MEDIA = ("image", "big-image", "audio", "video")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Cells:
    """One row: its plain cells by column, its texts by column and language (None: the column names none)."""

    place: Place
    plain: Mapping[str, str]
    texts: Mapping[str, Mapping[str | None, str]]

    def get(self, column: str) -> str:
        """Return a plain cell, empty where there is none."""
        return self.plain.get(column, "")


def split_header(header: str) -> tuple[str, str | None]:
    """Return a column's name and the language behind it, of `media::image::English (en)` image and English (en)."""
    parts = [part.strip() for part in header.split("::")]
    if len(parts) == 1 and header.lower().startswith(("label:", "hint:", "image:", "audio:", "video:")):
        parts = [part.strip() for part in header.split(":", 1)]
    if parts[0].lower() in ("media", "bind", "control", "body") and len(parts) > 1:
        parts = parts[1:] if parts[0].lower() == "media" else [":".join(parts[:2]), *parts[2:]]
    name = _SPACES.sub(" ", parts[0]).lower()
    name = _ALIASES.get(name, _ALIASES.get(name.replace(" ", "_"), name.replace(" ", "_")))
    return name, parts[1] if len(parts) > 1 and parts[1] else None


def read_cells(row: Row) -> Cells:
    """Return a row with its columns under their usual names."""
    plain: dict[str, str] = {}
    texts: dict[str, dict[str | None, str]] = {}
    for header, content in row.cells.items():
        column, language = split_header(header)
        if column in TEXTS:
            texts.setdefault(column, {})[language] = content.strip()
        else:
            plain[column] = _SPACES.sub(" ", CONTROL.sub("", content)).strip()
    return Cells(Place(row.sheet, row.number, plain.get("name", "")), plain, texts)
