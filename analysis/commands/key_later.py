"""The key commands of a wave's later life: what will be opened, new cards for the same key, and its destruction."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.commands.confirm import YES, confirm
from analysis.commands.plan import PRIORS
from analysis.commands.shared import FILE, FOLDER, JSON, print_result

if TYPE_CHECKING:
    from analysis.custody.destroy import Confirmed
    from survey.wave.custody import Custody

# Commands import what they need when they run.
# ruff: noqa: PLC0415 - see above

WAVE = click.option("--wave", type=click.IntRange(1), default=1, show_default=True)


@click.command("intent")
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.option("--box", type=FILE, required=True, help="The box of the plan's wave.")
@click.option("--study", type=FOLDER, required=True, help="The study folder.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Also write intent.json here.")
@PRIORS
@YES
@JSON
def intent(
    *, plan_file: Path, box: Path, study: Path, output: Path | None, priors: Path | None, yes: bool, as_json: bool
) -> None:
    """Sign what is about to be opened, for the public log, before custodians are asked for their shares.

    Stops and asks where `sotto release` would: what is announced stands in the public log for ever.

    \b
    Example: sotto key intent plan.yaml --box wave-1.box --study study -o intent.json
    """
    from analysis.commands.second_look import look_at
    from analysis.releasing.run import PreparedRun, Request, announce
    from analysis.study.folder import StudyFolder, read_plan
    from analysis.terminal_views import custody
    from crypto.durable import write_file

    folder = StudyFolder(study)
    plan = read_plan(plan_file, folder)

    def approve(prepared: PreparedRun) -> None:
        look_at(prepared, "announce it", priors, yes=yes)

    declared = announce(Request(folder, plan, box, (), approve=approve))
    path = output or folder.plan_folder(plan.digest) / "intent.json"
    if output:
        write_file(output, declared.to_bytes())
    value = {
        "intent": str(path),
        "digest": declared.digest,
        "plan": declared.plan,
        "box": declared.box,
        "head": declared.head,
    }
    print_result(as_json, value, lambda: custody.intent(declared, str(path)))


@click.command("reshare")
@click.argument("study", type=FOLDER)
@WAVE
@click.option("--threshold", type=click.IntRange(1), required=True, help="How many of the new cards open together.")
@click.option("--custodians", type=click.IntRange(1), required=True, help="How many new cards there are.")
@click.option("--cards", type=FOLDER, help="Where the new cards go, PDF and text (needs [print]).")
@click.option("--to", "place", type=FOLDER, help="Where new bare share files go: not in the study folder.")
@click.option(
    "--shares", type=FILE, multiple=True, help="An old share file; give a quorum. Without: typed here, unseen."
)
@click.argument("more_shares", type=FILE, nargs=-1)
@click.option("--lang", "languages", multiple=True, help="The cards' language: once, or once for each card in order.")
@JSON
def reshare(
    *,
    study: Path,
    wave: int,
    threshold: int,
    custodians: int,
    cards: Path | None,
    place: Path | None,
    shares: tuple[Path, ...],
    more_shares: tuple[Path, ...],
    languages: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make new cards for the same key from a quorum of the old ones, for other custodians or another threshold.

    The old cards open the wave until they are destroyed. The new ones must be drilled before that.

    \b
    Example: sotto key reshare study --wave 1 --threshold 3 --custodians 5 --cards /media/new-cards
    """
    from math import comb

    from analysis.commands.share_sources import source
    from analysis.custody.reshare import check_request
    from analysis.custody.reshare import reshare as make_new_cards
    from analysis.custody.share_distribution import SplitRequest
    from analysis.study.folder import StudyFolder
    from analysis.terminal_views import custody, show

    folder = StudyFolder(study)
    request = SplitRequest(wave, threshold, custodians, place, cards, languages or ("en",))
    _, record = check_request(folder, request)
    old = source(folder, (*shares, *more_shares), languages[0] if languages else None)(record)
    with show.progress("trying every quorum", comb(custodians, threshold)) as tried:
        outcome = make_new_cards(folder, request, old, tried)
    print_result(as_json, outcome.to_json(), lambda: custody.reshared(outcome, str(study)))


@click.command("destroy")
@click.argument("study", type=FOLDER)
@WAVE
@click.option(
    "--confirmed",
    multiple=True,
    help="A card whose holder says that it is destroyed: its number, after a reshare SPLIT:NUMBER for an older card "
    "(SPLIT is what the refusal names). Without: asked here, card by card.",
)
@click.option("--lang", help="The locale of what is asked.")
@YES
@JSON
def destroy(*, study: Path, wave: int, confirmed: tuple[str, ...], lang: str | None, yes: bool, as_json: bool) -> None:
    """State that the cards of a wave are destroyed; after that nothing of it is opened any more, for ever.

    First the custodians burn or shred their cards, then this is run. It writes the signed destruction.json for the
    public log. There is no way back: what was not released by then never will be. It stops and asks
    where nothing of the wave was released, or a registered plan was not.

    \b
    Example: sotto key destroy study --wave 1
    """
    from analysis.custody.custody_record import refuse_destroyed, splits
    from analysis.custody.destroy import destroy as sign_destruction
    from analysis.custody.destroy import destruction_doubts
    from analysis.study.folder import StudyFolder
    from analysis.terminal_views import custody

    folder = StudyFolder(study)
    manifest = folder.manifest(wave)
    refuse_destroyed(folder, manifest)
    every = splits(folder, manifest)
    given = _parsed(confirmed, every) if confirmed else None
    confirm(destruction_doubts(folder, manifest), "destroy it", yes=yes)
    statement = sign_destruction(folder, wave, given or _confirmed_at_keyboard(every, lang))
    path = str(folder.wave(wave) / "destruction.json")
    value = {"study": statement.study, "wave": wave, "destruction": path, "digest": statement.digest}
    print_result(as_json, value, lambda: custody.destroyed(statement, path))


def _parsed(confirmed: tuple[str, ...], every: "list[Custody]") -> "Confirmed":
    """Return the confirmed cards by split; raise a usage error for what is no card."""
    confirmed_cards: dict[str, list[int]] = {split.digest: [] for split in every}
    for confirmation in confirmed:
        name, _, number = confirmation.rpartition(":")
        matches = [split.digest for split in every if name and split.digest.startswith(name)]
        if not number.isdecimal() or (name and len(matches) != 1):
            raise click.BadParameter("a card is its number, or SPLIT:NUMBER for an older one", param_hint="--confirmed")
        confirmed_cards[matches[0] if name else every[0].digest].append(int(number))
    return confirmed_cards


def _confirmed_at_keyboard(every: "list[Custody]", lang: str | None) -> "Confirmed":
    from analysis.custody.custodian_prompt import YES
    from analysis.custody.terminal import open_terminal
    from crypto.share_words import folded
    from survey.wording.catalogues import load_wording

    screen, wording = open_terminal(), load_wording("cards", lang or "")
    confirmed_cards: dict[str, list[int]] = {}
    for split in every:
        screen.say(wording("destroy-split", day=split.day, custodians=split.custodians, threshold=split.threshold))
        numbers = range(1, split.custodians + 1)
        answers = {number: screen.ask(wording("destroy-ask", number=number)) for number in numbers}
        confirmed_cards[split.digest] = [number for number, answer in answers.items() if folded(answer) == YES]
    return confirmed_cards
