"""A study in Arabic, Persian, Tibetan and Thai alone, its phone texts beside it as PO files (tests/data/languages)."""

import re
import shutil
from io import BytesIO
from pathlib import Path

import yaml
from babel.messages.pofile import read_po, write_po
from click.testing import CliRunner
from paths import ROOT

from survey.commands.main import main

DATA = ROOT / "tests/data/languages"
LOCALES = ("ar", "fa", "bo", "th")
_HOLE = re.compile(r"\{\w+\}")


def four_scripts(folder: Path) -> Path:
    """Write the study into a folder, with a file for each language as `sotto study language` writes it, filled."""
    for name in ("questionnaire.yaml", "plan.yaml"):
        shutil.copy(DATA / name, folder / name)
    words = yaml.safe_load((DATA / "words.yaml").read_text(encoding="utf-8"))
    for locale in LOCALES:
        path = folder / f"interface/{locale}/phone.po"
        written = CliRunner().invoke(main, ["study", "language", locale, "-o", str(path)])
        assert written.exit_code == 0, written.output
        path.write_bytes(_filled(path.read_bytes(), {key: text[locale] for key, text in words.items()}))
    return folder / "questionnaire.yaml"


def _filled(content: bytes, words: dict[str, str | list[str]]) -> bytes:
    catalog = read_po(BytesIO(content))
    for message in catalog:
        if message.id:
            plural = isinstance(message.id, tuple)
            holes = " ".join(dict.fromkeys(_HOLE.findall(str(message.id))))
            said = words.get(str(message.context), f"{words['other']} {holes}".strip())
            forms = said if isinstance(said, list) else [said] * catalog.num_plurals
            message.string = tuple(forms) if plural else forms[0]
    out = BytesIO()
    write_po(out, catalog, width=0)
    return out.getvalue()
