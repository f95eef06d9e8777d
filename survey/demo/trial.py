"""`sotto study try`: the report that a study would get for so many answers, from invented ones, by the real path."""

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crypto.durable import require_writable, write_file
from survey.demo import guide
from survey.demo.completed_study import completed_study
from survey.demo.demo import DemoRun, DemoStudy, first_wave, prepare, start_run
from survey.demo.folder import DemoOptions
from survey.questionnaire.questionnaire import Questionnaire
from survey.serving.servers import Server, free_port, running
from survey.simulation.first_priors import first_priors, priors_text
from survey.simulation.respondents import Priors, respondents

WARNING = "This is a trial. All answers are invented; its key and its folder are deleted at the end."


@dataclass(frozen=True)
class Trial:
    """What is tried: a questionnaire's file, how many answers, the report to write; `seed` is that of the answers.

    `plan`, `priors` and `findings` are an author's own files, each None where Sotto is to write it or there is none.
    """

    file: Path
    output: Path
    responses: int
    seed: int
    as_json: bool
    plan: Path | None = None
    priors: Path | None = None
    findings: Path | None = None
    lang: str | None = None


def run_trial(trial: Trial) -> dict[str, Any]:
    """
    Write the report of invented answers and return what was done; everything but the report is deleted.

    Raises DemoError where a step fails, AuthoringError for problems of the questionnaire, PriorsError for priors that
    do not fit it, and OSError where the report cannot be written, before anything is asked.
    """
    require_writable(trial.output)
    with tempfile.TemporaryDirectory(prefix="sotto-try-") as name:
        root = Path(name)
        source = completed_study(trial.file, root / "source")
        questionnaire = source.compiled.questionnaire
        study = DemoStudy(questionnaire.study, source.path, _priors(trial, questionnaire, root), root / "plan.yaml")
        run = start_run(_options(trial, root / "demo"), study)
        with closing(run.folder):
            return _tried(run, trial) | {"notes": [*source.notes]}


def _tried(run: DemoRun, trial: Trial) -> dict[str, Any]:
    guide.print_warning(run.console, WARNING)
    left_out = _write_plan(run, trial)
    prepare(run)
    respond = Server("respond", "127.0.0.1", free_port())
    with running([respond], run.environ, run.folder.log):
        summary = first_wave(run, respond)
    _write_report(run, trial)
    kept = {name: value for name, value in summary.items() if name not in {"release", "box", "plan"}}
    return kept | {"report": str(trial.output), "left_out": left_out}


def _options(trial: Trial, root: Path) -> DemoOptions:
    return DemoOptions(
        root, trial.responses, once=True, as_json=trial.as_json, host="127.0.0.1", port=0, desk_port=0, tls=None,
        seed=trial.seed,
    )  # fmt: skip


def _priors(trial: Trial, questionnaire: Questionnaire, root: Path) -> Path:
    """Return the file of the priors, written where there was none; raise PriorsError where they do not fit."""
    path = trial.priors or root / "priors.yaml"
    if trial.priors is None:
        path.write_text(priors_text(first_priors(questionnaire)), encoding="utf-8")
    next(respondents(questionnaire, Priors.read(path), trial.seed))
    return path


def _write_plan(run: DemoRun, trial: Trial) -> list[str]:
    """Write the plan, an author's own or a first one; return the questions that it leaves out."""
    study = run.study
    if trial.plan is not None:
        run.analyse("plan", "check", trial.plan, "--study", study.questionnaire, "--n", trial.responses)
        run.study = DemoStudy(study.slug, study.questionnaire, study.priors, trial.plan)
        return []
    with run.stage("plan", f"Writing a first plan for {trial.responses:,} answers"):
        expected = ("--n", trial.responses, "--priors", study.priors)
        suggested = run.analyse("plan", "suggest", "--study", study.questionnaire, *expected)
    study.plan.write_text(suggested["plan"], encoding="utf-8")
    return list(suggested["left_out"])


def _write_report(run: DemoRun, trial: Trial) -> None:
    written = run.folder.root / f"report{trial.output.suffix.lower()}"
    findings = ("--findings", trial.findings) if trial.findings else ("--tables-only",)
    lang = ("--lang", trial.lang) if trial.lang else ()
    with run.stage("report", "Writing the report"):
        run.analyse("report", run.folder.release(1) / "release.json", "-o", written, *findings, *lang)
        write_file(trial.output, written.read_bytes())
