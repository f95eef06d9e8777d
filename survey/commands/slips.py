"""`sotto slips` and `sotto poster`: paper for respondents, from files alone, on any machine but the web host."""

from pathlib import Path

import click

from survey.commands.console import FILE, JSON, CommandError, print_result, require_extra

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above

URL = click.option("--url", required=True, help="The host that phones reach: https://survey.example")
MANIFEST = click.option("--manifest", type=FILE, required=True, help="manifest.json of the wave, from its ceremony.")
CORRECTION = click.option(
    "--correction", type=FILE, default=None, help="The wave's newest correction: links lead to the words since then."
)
LOGO = click.option("--logo", type=FILE, default=None, help="A partner's logo, PNG or JPEG.")
LANG = click.option("--lang", "locales", multiple=True, help="A language; again for more. All of the study by default.")
OUTPUT = click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The PDF.")


@click.command()
@click.argument("codes", type=FILE)
@URL
@MANIFEST
@CORRECTION
@LOGO
@LANG
@OUTPUT
@JSON
def slips(
    *,
    codes: Path,
    url: str,
    manifest: Path,
    correction: Path | None,
    logo: Path | None,
    locales: tuple[str, ...],
    output: Path,
    as_json: bool,
) -> None:
    """Print a batch's codes as slips: six a sheet in one language, four in several. Needs no database.

    \b
    Example: sotto slips library-may.json --url https://survey.example --manifest manifest.json --lang en -o slips.pdf
    """
    require_extra("weasyprint", "print")
    from survey.paper.slip_files import write_slips
    from survey.paper.slips import shared_content, slips
    from survey.wave.correction import Correction
    from survey.wave.invitation_codes import Codes
    from survey.wave.manifest import Manifest

    batch, wave_manifest = Codes.from_file(codes), Manifest.from_file(manifest)
    newest = Correction.from_file(correction) if correction else None
    printed_slips = slips(batch, wave_manifest, url, newest)
    sheets = write_slips(
        output,
        printed_slips,
        shared_content(wave_manifest, locales, logo),
        f"{batch.study} · {batch.batch} · {batch.stratum}",
    )
    text = (
        f"{len(printed_slips):,} slips on {sheets:,} sheets in {output}. Print at 100 %, scan one, then destroy this "
        f"file and {codes}: they hold every code."
    )
    print_result({"slips": len(printed_slips), "sheets": sheets, "file": str(output)}, text, as_json=as_json)


@click.command()
@click.argument("study_name", metavar="STUDY")
@click.option("--stratum", required=True, help="One of the questionnaire's strata: where the poster hangs.")
@URL
@MANIFEST
@CORRECTION
@click.option("--questionnaire", type=FILE, default=None, help="questionnaire.json; that of the study folder if unset.")
@click.option("--size", type=click.Choice(["A4", "A3"]), default="A4", show_default=True)
@LOGO
@LANG
@OUTPUT
@JSON
def poster(
    *,
    study_name: str,
    stratum: str,
    url: str,
    manifest: Path,
    correction: Path | None,
    questionnaire: Path | None,
    size: str,
    logo: Path | None,
    locales: tuple[str, ...],
    output: Path,
    as_json: bool,
) -> None:
    """Print a poster with the open link of one place; for studies without invitations. Needs no database.

    \b
    Example: sotto poster q26 --stratum open --url https://survey.example --manifest manifest.json -o p.pdf
    """
    require_extra("weasyprint", "print")
    from survey.paper.slip_files import write_poster
    from survey.paper.slips import poster_link, shared_content
    from survey.questionnaire.questionnaire import Questionnaire
    from survey.wave.correction import Correction
    from survey.wave.manifest import Manifest

    wave_manifest = Manifest.from_file(manifest)
    questionnaire_path = questionnaire or _questionnaire_beside(manifest, wave_manifest.questionnaire)
    if questionnaire_path is None:
        raise CommandError(
            "give the study's questionnaire.json with --questionnaire, so that the stratum can be checked"
        )
    study_questionnaire = Questionnaire.from_file(questionnaire_path)
    newest = Correction.from_file(correction) if correction else None
    link = poster_link(study_name, stratum, wave_manifest, study_questionnaire, url, correction=newest)
    write_poster(output, link, shared_content(wave_manifest, locales, logo), size)
    print_result({"file": str(output), "link": link}, f"{output}: {link}", as_json=as_json)


def _questionnaire_beside(manifest: Path, name: str) -> Path | None:
    """Return the questionnaire with this hash in the study folder of a manifest, else the folder's first; or None."""
    from crypto.canonical import digest

    study = manifest.absolute().parents[2]
    found = [
        path for path in (study / "questionnaire.json", *study.glob("waves/*/questionnaire.json")) if path.is_file()
    ]
    return next((path for path in found if digest(path.read_bytes()) == name), found[0] if found else None)
