"""`sotto study`: questionnaires and their waves, from compiling to closing."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.commands.authoring import study_diff, study_language, study_schema
from survey.commands.console import (
    FILE,
    JSON,
    LANGUAGE,
    CommandError,
    confirm_by_name,
    language_of,
    print_result,
    require_extra,
    require_new,
    settings,
)
from survey.commands.examining.examine import study_examine
from survey.commands.form_import import (
    confirmed_file,
    questionnaire_file,
    study_export,
    study_import,
    with_report,
)
from survey.commands.preview import study_preview
from survey.commands.trial import study_priors, study_rehearse, study_try

if TYPE_CHECKING:
    from survey.authoring.checks.advice import PlansBeside
    from survey.authoring.compiler import Compiled
    from survey.questionnaire.questionnaire import Questionnaire

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


@click.group()
def study() -> None:
    """Questionnaires and their waves."""


for command in (
    study_import,
    study_export,
    study_schema,
    study_diff,
    study_language,
    study_preview,
    study_examine,
    study_priors,
    study_try,
    study_rehearse,
):
    study.add_command(command)


@study.command("check")
@click.argument("file", type=FILE)
@LANGUAGE
@JSON
def study_check(*, file: Path, language: str | None, as_json: bool) -> None:
    """Compile a questionnaire or a form, list every problem with its place, say how long it takes; changes nothing.

    A findings.yaml beside it is compiled too, and must ask for nothing that none of its plans tabulates.

    \b
    Example: sotto study check questionnaire.yaml
    """
    from survey.authoring.checks.advice import PlansBeside, advise, plans_beside
    from survey.authoring.compiler import compile_with_media
    from survey.release.format_limits import questionnaire_limits
    from survey.wording.problem_words import problem_words

    with questionnaire_file(file, language=language) as (path, imported):
        compiled = compile_with_media(path)
    questionnaire = compiled.questionnaire
    limits = questionnaire_limits(questionnaire, compiled.texts)
    beside = plans_beside(file, questionnaire) if imported is None else PlansBeside({})
    hypotheses = _hypotheses(file.with_name("findings.yaml"), questionnaire, beside)
    summary = study_summary(compiled, hypotheses, [str(limit) for limit in limits])
    say = problem_words(language_of(("--language", language or "")))
    summary["advice"] = [one.told(say) for one in advise(file, compiled, beside)] if imported is None else []
    whole = summary | {"questionnaire": questionnaire.digest}
    found, text = with_report(imported, whole, summary_text(summary), language=language)
    print_result(found, text, as_json=as_json)


def _hypotheses(findings: Path, questionnaire: "Questionnaire", beside: "PlansBeside") -> int:
    """Return how many hypotheses the findings beside a questionnaire have; none where there is no such file."""
    from survey.authoring.findings_coverage import compile_covered_findings

    return len(compile_covered_findings(findings, questionnaire, beside.plans).hypotheses) if findings.exists() else 0


def study_summary(compiled: "Compiled", hypotheses: int, exports: list[str]) -> dict[str, Any]:
    """Return what a check finds of a study: its size, its times, and what it lacks for opening and for a deposit."""
    from survey.authoring.compiler import missing_for_opening
    from survey.authoring.metadata_compiler import study_metadata
    from survey.questionnaire.study_metadata import missing_for_deposit

    return {
        "study": compiled.questionnaire.study,
        "items": len(compiled.questionnaire.items),
        "locales": [*compiled.texts],
        "hypotheses": hypotheses,
        "missing": [*missing_for_opening(compiled.authored)],
        "deposit": [f"{place}: {what}" for place, what in missing_for_deposit(study_metadata(compiled.authored))],
        "exports": exports,
        "times": [str(time) for time in compiled.times],
    }


def summary_text(summary: dict[str, Any]) -> str:
    """Say that a questionnaire is sound, how long it takes, what it lacks, and what a file format holds otherwise."""
    missing = "".join(f"\n  lacks, before a wave may open: {field}" for field in summary["missing"])
    limits = "".join(f"\n  in exports: {limit}" for limit in summary["exports"])
    findings = f", {summary['hypotheses']} hypotheses that its plans tabulate" if summary["hypotheses"] else ""
    items = f"{summary['items']} items in {', '.join(summary['locales'])}{findings}"
    times = "".join(f"\n  takes, in {time}" for time in summary["times"])
    advice = "".join(f"\n  a colleague would say: {one}" for one in summary.get("advice", ()))
    lacks = f"{missing}{deposit_text(summary['deposit'])}"
    return f"{summary['study']}: {items}: no problem found{times}{advice}{lacks}{limits}"


@study.command("about")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="about.json.")
@JSON
def study_about(*, file: Path, output: Path, as_json: bool) -> None:
    """Write who made a study and how (about.json), as releases hold it; names what a repository would still need.

    The key ceremony writes it into the study folder. Write it there again to correct it before a release.

    \b
    Example: sotto study about questionnaire.yaml -o study/about.json
    """
    from crypto.durable import write_file
    from survey.authoring.compiler import compile_with_media
    from survey.authoring.metadata_compiler import study_metadata
    from survey.questionnaire.study_metadata import missing_for_deposit

    metadata = study_metadata(compile_with_media(file).authored)
    write_file(output, metadata.to_bytes())
    missing = [f"{place}: {what}" for place, what in missing_for_deposit(metadata)]
    summary = {"study": metadata.study, "file": str(output), "deposit": missing}
    print_result(summary, f"{output}{deposit_text(missing)}", as_json=as_json)


def deposit_text(missing: list[str]) -> str:
    """Say what a repository would still need, with its place in the questionnaire's file."""
    return "".join(f"\n  lacks, before a release can be deposited: {one}" for one in missing)


@study.command("show")
@click.argument("file", type=FILE)
@click.option("--lang", default=None, help="The locale to show; the first by default.")
@JSON
def study_show(*, file: Path, lang: str | None, as_json: bool) -> None:
    """Print a questionnaire as a respondent meets it, with codes and routing.

    \b
    Example: sotto study show questionnaire.yaml --lang zh-Hans
    """
    from survey.authoring.compiler import compile_study
    from survey.paper.codebook import codebook

    questionnaire, texts = compile_study(file)
    locale = lang or questionnaire.locales[0]
    if locale not in texts:
        raise CommandError(f"there is no locale {locale}; there are {', '.join(texts)}")
    print_result(questionnaire.to_json(), codebook(questionnaire, texts[locale]), as_json=as_json)


@study.command("print")
@click.argument("file", type=FILE)
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write to.")
@click.option("--locale", "locales", multiple=True, help="Only this locale; may be given again. All by default.")
@click.option("--reasons", is_flag=True, help="With why each question is asked, hypotheses and sources.")
@JSON
def study_print(*, file: Path, to: Path, locales: tuple[str, ...], reasons: bool, as_json: bool) -> None:
    """Write the questionnaire and a translation table on paper: HTML and PDF, for ethics boards and for reading.

    \b
    Example: sotto study print questionnaire.yaml --to paper --reasons
    """
    require_extra("weasyprint", "print")
    from survey.paper.files import print_study

    files = print_study(file, to, locales, reasons=reasons)
    print_result({"files": [str(path) for path in files]}, "\n".join(map(str, files)), as_json=as_json)


@study.command("new")
@click.argument("file", type=FILE)
@click.option("--new-version", is_flag=True, help="The next wave asks this in place of what the study asked so far.")
@JSON
def study_new(*, file: Path, new_version: bool, as_json: bool) -> None:
    """Compile a questionnaire, or a form's workbook, and keep it as a study.

    Of a workbook the report of its import is printed, and nothing is kept while something is refused or proposed.

    A study that has had a wave keeps what that asked. Once the wave is closed, --new-version lets the next one ask
    another questionnaire: same study, same budget; boxes, releases and pages of earlier waves keep their own.

    \b
    Example: sotto study new questionnaire.yaml
    Example: sotto study new questionnaire-2.yaml --new-version
    """
    host_settings = settings()
    from survey.operations.studies import new_study

    with confirmed_file(file) as (path, imported):
        slug = new_study(host_settings, path, new_version=new_version)
    kept = "has a new version, from its next wave on" if new_version else "is kept"
    option = " --new-version" if new_version else ""
    text = f"{slug} {kept}. Next: sotto key ceremony{option} (on the analysis host)."
    print_result(*with_report(imported, {"study": slug}, text), as_json=as_json)


@study.command("open")
@click.argument("study_name", metavar="STUDY")
@click.option("--manifest", type=FILE, required=True, help="manifest.json of the ceremony.")
@click.option("--drill", type=FILE, required=True, help="drill.json of the drill.")
@click.option("--enough", type=click.IntRange(1), default=None, help="From how many answers fieldwork reads 'enough'.")
@click.option("--target", type=click.IntRange(1), default=None, help="From how many answers it reads 'target'.")
@click.option(
    "--demo", is_flag=True, help="Take the key of a demo: only for trying things out, one share opens everything."
)
@click.option(
    "--issuer-elsewhere", is_flag=True, help="The issuer's private key is on another machine, or of another account."
)
@JSON
def study_open(
    *,
    study_name: str,
    manifest: Path,
    drill: Path,
    enough: int | None,
    target: int | None,
    demo: bool,
    issuer_elsewhere: bool,
    as_json: bool,
) -> None:
    """Open a wave; refuses without consent text, ethics and permit, a key that was drilled, or the issuer's key.

    \b
    Example: sotto study open q26 --manifest study/waves/1/manifest.json --drill study/waves/1/drill.json
    """
    thresholds = {name: value for name, value in (("enough", enough), ("target", target)) if value is not None}
    pin = _opened(study_name, manifest, drill, thresholds, demo=demo, issuer_elsewhere=issuer_elsewhere)
    link = f"/s/{study_name}#k={pin}"
    print_result(
        {"study": study_name, "pin": pin, "link": link}, f"Open. The link: https://YOUR-HOST{link}", as_json=as_json
    )


def _opened(
    study_name: str, manifest: Path, drill: Path, thresholds: dict[str, int], *, demo: bool, issuer_elsewhere: bool
) -> str:
    """Open the wave of these two files; return its pin."""
    host_settings = settings()
    from survey.operations.waves import open_wave
    from survey.wave.custody import Drill
    from survey.wave.manifest import Manifest

    return open_wave(
        host_settings,
        study_name,
        Manifest.from_file(manifest).to_bytes(),
        Drill.from_file(drill).to_bytes(),
        **thresholds,
        demo=demo,
        issuer_elsewhere=issuer_elsewhere,
    )


@study.command("close")
@click.argument("study_name", metavar="STUDY")
@click.option("--yes", is_flag=True, help="Do not ask for the study's name; for scripts.")
@JSON
def study_close(*, study_name: str, yes: bool, as_json: bool) -> None:
    """Close the open wave for ever; nothing is stored or withdrawn any more. Asks for the study's name first.

    \b
    Example: sotto study close q26
    """
    host_settings = settings()
    from survey.operations.invitations import key_left
    from survey.operations.waves import close_wave, wave_to_close

    number, state = wave_to_close(host_settings, study_name)
    if state == "open" and not yes:
        confirm_by_name(study_name, f"close wave {number} of {study_name} for ever")
    wave = close_wave(host_settings, study_name)
    text = f"Wave {wave} of {study_name} is closed. Next: sotto box"
    if left := key_left(host_settings, study_name, wave):
        text += f"\nThe issuer's private key was not here to be deleted: delete {left} where the issuer runs."
    print_result({"study": study_name, "wave": wave, "issuer_key_left": left}, text, as_json=as_json)


@study.command("delete")
@click.argument("study_name", metavar="STUDY")
@click.option("--yes", is_flag=True, help="Do not ask for the study's name; for scripts.")
@JSON
def study_delete(*, study_name: str, yes: bool, as_json: bool) -> None:
    """Take a study that never had a wave, a plan or codes off this host. Asks for the study's name first.

    \b
    Example: sotto study delete q26
    """
    host_settings = settings()
    from survey.operations.study_end import delete_study

    if not yes:
        confirm_by_name(study_name, f"delete {study_name} from this host")
    delete_study(host_settings, study_name)
    print_result({"study": study_name}, f"{study_name} is no longer on this host.", as_json=as_json)


@study.command("archive")
@click.argument("study_name", metavar="STUDY")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The ZIP to write."
)
@JSON
def study_archive(*, study_name: str, output: Path, as_json: bool) -> None:
    """Write everything the office keeps of a study, no answers, into one ZIP file; nothing on the host changes.

    \b
    Example: sotto study archive q26 -o q26.zip
    """
    host_settings = settings()
    from survey.operations.study_end import archive_study

    require_new(output)
    number = archive_study(host_settings, study_name, output)
    print_result({"study": study_name, "file": str(output), "files": number}, f"Written: {output}: {number} files.",
                 as_json=as_json)  # fmt: skip


@study.command("list")
@JSON
def study_list(*, as_json: bool) -> None:
    """Show the status of every study; checks the audit chain first, and names the entry where it breaks.

    \b
    Example: sotto study list
    """
    host_settings = settings()
    from survey.operations.studies import study_status

    statuses = study_status(host_settings)
    lines = [
        f"{status.study}: {status.state}"
        + "".join(f"\n  wave {wave.number}: {wave.state}, fieldwork {wave.fieldwork}" for wave in status.waves)
        for status in statuses
    ]
    print_result(
        {"studies": [asdict(status) for status in statuses]},
        "\n".join(lines) or "There is no study yet.",
        as_json=as_json,
    )
