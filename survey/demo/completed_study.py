"""A copy of a study that can be opened for a demonstration, whatever its author has yet to write."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.authoring.compiler import Compiled, compile_with_media, missing_for_opening
from survey.authoring.item_options import choices
from survey.authoring.schema import AuthoredStudy
from survey.yaml_text import dump, load

INVENTED = "DEMONSTRATION"
"""What stands for every fact that its author has not written."""
LEFT_OUT = ("audio", "resume")
"""What an invented paragraph would need a recording for, and what invitations alone may have."""
FACTS = ("org", "ethics", "permit", "contact", "close_date", "results_place")


@dataclass(frozen=True)
class CompletedStudy:
    """The questionnaire to use, compiled, and what of it was invented or changed, each in one sentence."""

    path: Path
    compiled: Compiled
    notes: tuple[str, ...]


def completed_study(path: Path, folder: Path) -> CompletedStudy:
    """
    Return the study in `path`, or a copy of it in `folder` with invented facts and an open link.

    Raises AuthoringError with every problem of `path`. Items, routing and what is asked are never changed; recordings,
    which no number comes from, are left out of a copy.
    """
    compiled = compile_with_media(path)
    missing, invited = missing_for_opening(compiled.authored), compiled.questionnaire.mode == "invitation"
    if not missing and not invited:
        return CompletedStudy(path, compiled, ())
    folder.mkdir()
    for name in _pictures(compiled.authored):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path.parent / name, folder / name)
    copy = folder / "questionnaire.yaml"
    copy.write_text(dump(_completed(load(compiled.source.decode("utf-8")))), encoding="utf-8")
    notes = [f"still to be written before a wave may open, here invented: {'; '.join(missing)}"] if missing else []
    if invited:
        notes.append("answered over an open link: invitations change no number (to rehearse them: sotto demo --help)")
    return CompletedStudy(copy, compile_with_media(copy), tuple(notes))


def _pictures(study: AuthoredStudy) -> set[str]:
    """Return the paths of a study's pictures, beside its file."""
    return {choice.picture for item in study.items for choice in choices(item, study) if choice.picture}


def _completed(study: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study's file, as plain data, with an open link and with all that a wave needs to open."""
    facts = dict.fromkeys(FACTS, INVENTED) | {name: fact for name, fact in study["facts"].items() if fact is not None}
    paragraphs = [*study["consent"]["paragraphs"], {"text": INVENTED}]
    open_link = {"mode": "open", "facts": facts, "consent": {**study["consent"], "paragraphs": paragraphs}}
    return {name: value for name, value in study.items() if name not in LEFT_OUT} | open_link
