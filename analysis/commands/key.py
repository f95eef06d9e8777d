"""The key commands before a wave opens: a ceremony makes and splits its key, a drill proves it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.budget.price import LOUD_TOTAL
from analysis.commands.confirm import YES, confirm
from analysis.commands.key_later import destroy, intent, reshare
from analysis.commands.shared import FILE, FOLDER, JSON, nano_rho, print_result

if TYPE_CHECKING:
    from survey.wave.witnesses import Witnesses

# Commands import what they need when they run.
# ruff: noqa: PLC0415 - see above


@click.group()
def key() -> None:
    """Keys and their custodians."""


@key.command("ceremony")
@click.argument("questionnaire", type=FILE)
@click.option("--threshold", type=click.IntRange(1), required=True, help="How many custodians open together.")
@click.option("--custodians", type=click.IntRange(1), required=True, help="How many custodians there are.")
@click.option("--wave", type=click.IntRange(1), default=1, show_default=True, help="The wave the key is for.")
@click.option("-o", "--output", type=FOLDER, required=True, help="The study folder to make or to add a wave to.")
@click.option("--cards", type=FOLDER, help="Where the cards go, one page a custodian, PDF and text (needs [print]).")
@click.option("--shares", type=FOLDER, help="Where bare share files go: not in the study folder.")
@click.option("--lang", "languages", multiple=True, help="The cards' language: once, or once for each card in order.")
@click.option(
    "--rho",
    default=None,
    help="The study's lifetime budget as a decimal, declared with its first wave; 0.1 by default.",
)
@click.option("--issuer", type=FILE, help="The wave's issuer.json from `sotto issuer new`; only where codes invite.")
@click.option("--witness", multiple=True, help="A witness's key, NAME+ID+KEY; again for each.")
@click.option(
    "--witness-quorum", "quorum", type=click.IntRange(1), help="How many witnesses a head needs; by default over half."
)
@click.option(
    "--new-version", is_flag=True, help="The questionnaire is a new version in the same study, from this wave on."
)
@click.option("--demo", is_flag=True, help="Allow one custodian alone, and mark everything as a demonstration.")
@YES
@JSON
def ceremony(
    *,
    questionnaire: Path,
    threshold: int,
    custodians: int,
    wave: int,
    output: Path,
    cards: Path | None,
    shares: Path | None,
    languages: tuple[str, ...],
    rho: str | None,
    issuer: Path | None,
    witness: tuple[str, ...],
    quorum: int | None,
    new_version: bool,
    demo: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Make a wave's key, split it among custodians, and write the study folder. Hold it on a machine without network.

    Stops and asks before a lifetime budget over rho = 0.5 is declared: it stands for the study's life.
    A later wave may ask another questionnaire (--new-version), in the same study folder, from the same budget.

    \b
    Example: sotto key ceremony sesame.yaml --threshold 3 --custodians 5 --wave 1 -o study --cards /media/cards
    """
    from math import comb

    from analysis.custody.ceremony import CeremonyRequest, hold_ceremony
    from analysis.study.folder import StudyFolder, read_document
    from analysis.terminal_views import show
    from crypto.durable import write_file
    from survey.authoring.compiler import compile_with_media
    from survey.authoring.metadata_compiler import study_metadata
    from survey.wave.issuer_key import IssuerDocument

    total = None if rho is None else nano_rho(rho)
    confirm(loud_budget(total), "declare it", yes=yes)
    issuer_key = read_document(issuer, IssuerDocument) if issuer else None
    split, named = (wave, threshold, custodians, shares, cards, languages or ("en",)), witnesses_of(witness, quorum)
    request = CeremonyRequest(
        *split, demo=demo, total=total, issuer=issuer_key, witnesses=named, new_version=new_version
    )
    with show.progress("trying every quorum", comb(custodians, threshold)) as tried:
        compiled = compile_with_media(questionnaire)
        documents = (compiled.questionnaire, compiled.texts)
        outcome = hold_ceremony(StudyFolder(output), *documents, request, tried, timed=compiled.timed)
    write_file(StudyFolder(output).about_path(wave), study_metadata(compiled.authored).to_bytes())
    print_result(as_json, outcome.to_json(), lambda: show.ceremony(outcome, output, request))


def witnesses_of(keys: tuple[str, ...], quorum: int | None) -> "Witnesses | None":
    """Return the witnesses that were named, None where none was; raise DocumentError for a quorum that cannot be."""
    from survey.wave.witnesses import Witnesses

    if not keys and quorum is None:
        return None
    return Witnesses.of(keys, quorum)


def loud_budget(total: int | None) -> tuple[str, ...]:
    """Return what is to be said of a lifetime budget in nano-rho above which the promise to respondents is weak."""
    if total is None or total <= LOUD_TOTAL:
        return ()
    from survey.plan.plan import rho_text

    doubt = (
        f"a lifetime budget of rho = {rho_text(total)} is above {rho_text(LOUD_TOTAL)}: the promise to respondents is "
        "weak then, every release says so, and it cannot be declared again"
    )
    return (doubt,)


@key.command("drill")
@click.argument("study", type=FOLDER)
@click.option("--wave", type=click.IntRange(1), default=1, show_default=True)
@click.option("--shares", type=FILE, multiple=True, help="A share file; give all of them. Without: typed here, unseen.")
@click.argument("more_shares", type=FILE, nargs=-1)
@click.option("--lang", help="The locale of what custodians are asked.")
@JSON
def drill(
    *, study: Path, wave: int, shares: tuple[Path, ...], more_shares: tuple[Path, ...], lang: str | None, as_json: bool
) -> None:
    """Prove that every quorum of shares opens a test envelope; writes the signed drill.json.

    Without --shares all custodians come to the keyboard one after another and type their cards, which are not shown:
    so it is the paper that is proved.

    \b
    Example: sotto key drill study --wave 1
    Example: sotto key drill study --wave 1 --shares /media/shares/*.txt
    """
    from math import comb

    from analysis.commands.share_sources import from_files, prompt_for
    from analysis.custody.ceremony import drill as hold_drill
    from analysis.custody.custody_record import card_record
    from analysis.study.folder import StudyFolder
    from analysis.terminal_views import show

    folder, paths = StudyFolder(study), (*shares, *more_shares)
    cards = card_record(folder, folder.manifest(wave))
    split = cards.custody
    words = from_files(cards, paths) if paths else prompt_for(cards, lang).cards(split.custodians)
    with show.progress("drilling", comb(split.custodians, split.threshold)) as drilled:
        record = hold_drill(folder, wave, words, drilled)
    print_result(as_json, record.to_json(), lambda: show.drill(record))


for command in (destroy, intent, reshare):
    key.add_command(command)
