"""`sotto study correct`: the one command of a study's wording that needs its signing key."""

from pathlib import Path

import click

from analysis.commands.confirm import YES, confirm
from analysis.commands.shared import FILE, FOLDER, JSON, print_result

# Commands import what they need when they run.
# ruff: noqa: PLC0415 - see above


@click.group()
def study() -> None:
    """The wording of a study that has had its key ceremony."""


@study.command("correct")
@click.argument("study", type=FOLDER)
@click.argument("questionnaire", type=FILE)
@click.option("--reason", required=True, help="Why, in a sentence: it stands in the public log and in every release.")
@YES
@JSON
def correct(*, study: Path, questionnaire: Path, reason: str, yes: bool, as_json: bool) -> None:
    """Sign a correction of wording: the same codes, the same routing, the same meaning, other words.

    Goes in: the study folder, and the questionnaire's file with the words as they are to be. Everything that differs is
    shown, and you declare that each text means what it meant. What changes codes, routing or the consent, what would
    show other answers, and what a recording reads aloud is refused and named.

    Comes out: corrections/N.json in the study folder, for `sotto publish` on the collection host.

    \b
    Example: sotto study correct study questionnaire.yaml --reason "A typing error in the second question"
    """
    from analysis.study.correcting import keep_correction, new_correction
    from analysis.study.folder import StudyFolder
    from analysis.terminal_views import show
    from survey.authoring.compiler import compile_with_media

    study_folder, compiled = StudyFolder(study), compile_with_media(questionnaire)
    correction = new_correction(study_folder, compiled.questionnaire, compiled.texts, reason.strip(), compiled.timed)
    changes = [str(change) for change in correction.changes]
    confirm(changes, "declare that each of these texts means what it meant, and sign that,", yes=yes)
    kept = keep_correction(study_folder, correction)
    path = study_folder.correction_path(len(study_folder.corrections()))
    about = {"study": kept.study, "wave": kept.wave, "correction": kept.digest, "pin": kept.wording.pin}
    facts = about | {"file": str(path), "changes": [change.to_json() for change in kept.changes]}
    print_result(as_json, facts, lambda: show.correction(kept, path))
