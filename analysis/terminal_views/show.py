"""Results of commands on the terminal: numbers with margins, prices with epsilon, progress on stderr."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from analysis.budget.price import LOUD_TOTAL
from analysis.custody.cards import short
from analysis.exports.export import chosen_locale
from analysis.terminal_views.release import tables
from crypto.box import BoxFile
from crypto.errors import printable
from survey.plan.plan import rho_text
from survey.release.epsilon_text import epsilon_text
from survey.release.note_codes import REGISTERED_LATE

if TYPE_CHECKING:
    from analysis.custody.ceremony import Ceremony, CeremonyRequest
    from analysis.verification.verify import Report
    from survey.release.release import Release
    from survey.wave.correction import Correction
    from survey.wave.custody import Drill
    from survey.wave.manifest import Manifest

ReportProgress = Callable[[int], None]
DEMO = "DEMO KEY: one holder alone may open everything. Never ask a real person with this key."
LOUD = "LOUD BUDGET: above rho = 0.5 the promise to respondents is weak; say so to them."


def console() -> Console:
    """Return the console for results (stdout)."""
    return Console(highlight=False)


@contextmanager
def progress(label: str, total: int) -> Iterator[ReportProgress]:
    """Show a progress bar on stderr; the block gets a function that sets how much is done."""
    with _bar() as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)


@contextmanager
def stages(box: Path) -> Iterator[tuple[ReportProgress, ReportProgress, Callable[[], AbstractContextManager[None]]]]:
    """Show how far the box is read and opened; both depend only on its declared size.

    The third hides the bar while its block runs.
    """
    with BoxFile.open(box) as opened:
        total = len(opened)
    with _bar() as bar:
        reading, opening = bar.add_task("reading the box", total=total), bar.add_task("opening", total=total)
        yield (lambda done: bar.advance(reading, done)), (lambda done: bar.advance(opening, done)), lambda: _paused(bar)


def correction(kept: "Correction", path: Path) -> None:
    """Show what was corrected, and where it goes next."""
    out = console()
    for change in kept.changes:
        out.print(escape(str(change)))
    out.print(f"Signed: {path}. Next: sotto publish {path.name} (on the collection host).")
    out.print(f"Pin of the links to the corrected wave {kept.wave}: [bold]{kept.wording.pin}[/]", soft_wrap=True)


def ceremony(outcome: "Ceremony", folder: Path, request: "CeremonyRequest") -> None:
    """Show the outcome of a key ceremony."""
    out, manifest = console(), outcome.manifest
    if manifest.demo:
        out.print(f"[bold red]{DEMO}[/]")
    out.print(
        f"Study [bold]{manifest.study}[/], wave {manifest.wave}: any {request.threshold} of {request.custodians} open."
    )
    out.print(f"Key fingerprint (compare aloud):\n  {outcome.fingerprint[:39]}\n  {outcome.fingerprint[40:]}")
    out.print(f"Pin for respondents' links: [bold]{manifest.pin}[/]", soft_wrap=True)
    out.print(_witnesses(manifest))
    for path in outcome.shares:
        out.print(f"  share: {escape(str(path))}", soft_wrap=True)
    _budget(out, manifest.budget.nano_rho)
    out.print(f"Head of the ledger, as the cards show it: {short(outcome.head)}")
    given = f" --shares {request.shares}/*.txt" if request.shares else ""
    out.print(f"Next: sotto key drill {escape(str(folder))} --wave {manifest.wave}{escape(given)}", soft_wrap=True)


def _witnesses(manifest: "Manifest") -> str:
    """Say who stands in for the host."""
    witnesses = manifest.witnesses
    if witnesses is None:
        return "Witnesses of the public log: none. Nobody stands in for the host."
    names = ", ".join(key.name for key in witnesses.witness_keys)
    return f"Witnesses of the public log: any {witnesses.quorum} of {len(witnesses.keys)}: {escape(names)}"


def drill(record: "Drill") -> None:
    """Show the outcome of a drill."""
    quorums = f"every {record.threshold} of {record.custodians} ({record.subsets} quorums)"
    console().print(f"[green]Drilled:[/] {quorums} open a test envelope of wave {record.wave}.")


def release(released: "Release", lang: str | None, path: Path, *, replayed: bool) -> None:
    """Show a release's tables: shares and means with margins, greyed where the noise drowns them."""
    out, locale = console(), chosen_locale(released, lang)
    if released.demo:
        out.print("[bold red]DEMO: made with a demonstration key.[/]")
    tables(out, released, locale)
    if released.mode == "open":
        out.print("One envelope, not one person: on an open link duplicates cannot be excluded.")
    if REGISTERED_LATE in released.notes:
        out.print("[yellow]Late plan: the box does not name it, so no host witnessed that it was decided before.[/]")
    budget = released.budget
    out.print(f"Price: rho {rho_text(budget.cost)}; spent so far {rho_text(budget.spent)} of {rho_text(budget.total)}.")
    out.print(f"Epsilon of all so far: {epsilon_text(budget.epsilons)}.")
    if replayed:
        out.print("[yellow]This plan was released before: the stored release, at no cost.[/]")
    out.print(f"Written to {escape(str(path))}", soft_wrap=True)


def report(checked: "Report", path: Path) -> None:
    """Show the findings of a verification, under the path of what was verified."""
    out = console()
    out.print(f"{escape(str(path))}:", soft_wrap=True)
    marks = {True: "[green]ok[/]", False: "[bold red]WRONG[/]", None: "[dim]not checked[/]"}
    for finding in checked.findings:
        told = escape(printable(f"{finding.field}: {finding.statement}"))  # which can quote a stranger's release
        out.print(f"{marks[finding.ok]}  {told}", soft_wrap=True)
    failed = escape(printable(", ".join(checked.failed)))
    out.print("[green]verified[/]" if checked.verified else f"[bold red]NOT VERIFIED: {failed}[/]")


def files(paths: Iterable[Path]) -> None:
    """Show which files were written."""
    for path in paths:
        console().print(escape(str(path)), soft_wrap=True)


def _bar() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)


@contextmanager
def _paused(bar: Progress) -> Iterator[None]:
    bar.stop()
    try:
        yield
    finally:
        bar.start()


def _budget(out: Console, total: int) -> None:
    # OpenDP takes a second or two to load, so it is imported only where its conversion is shown.
    from analysis.noise.noise import epsilons  # noqa: PLC0415 - see above

    conversions = epsilon_text(epsilons(total))
    out.print(f"Lifetime budget of the study: rho = {rho_text(total)}, which is epsilon {conversions}")
    if total > LOUD_TOTAL:
        out.print(f"[bold red]{LOUD}[/]")
