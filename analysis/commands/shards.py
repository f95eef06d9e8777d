"""`sotto open-shard`, `sotto shard-secret`, and the options by which a release waits for workers on other machines."""

import os
from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from analysis.commands.shared import FILE, FOLDER
from crypto.durable import require_folder_writable

if TYPE_CHECKING:
    from analysis.sharding.gathering import ShardRun
    from crypto.keys import RunSecret

# Commands import what they need when they run.
# ruff: noqa: PLC0415 - see above

Function = TypeVar("Function", bound=Callable[..., Any])


class Minutes(click.FloatRange):
    """How long something waits: a year at most, so that no number waits for ever, and "nan" is none."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the minutes; fail as click does for anything else."""
        minutes: float = super().convert(value, param, ctx)
        if isnan(minutes):
            self.fail(f"{value!r} is no number of minutes.", param, ctx)
        return minutes


MINUTES = Minutes(min=0, max=60 * 24 * 365, min_open=True)
OF = click.IntRange(1, 10_000)


class ShardOptions(TypedDict):
    """The options of a release over several machines."""

    meeting: Path | None
    of: int | None
    secret: Path | None
    wait: float


def sharded(command: Function) -> Function:
    """Give a command the options of a run over several machines, which it passes on to `shard_run`."""
    minutes = "Minutes until all shards must be in."
    for option in (
        click.option("--wait", type=MINUTES, default=60, show_default=True, help=minutes),
        click.option("--secret", type=FILE, help="The run's secret; the workers get the same file."),
        click.option("--of", "of", type=OF, help="How many shards."),
        click.option("--run", "meeting", type=FOLDER, help="Open on other machines, by `sotto open-shard` with this."),
    ):
        command = option(command)
    return command


def shard_run(options: ShardOptions) -> "ShardRun | None":
    """Return what a release waits for, None where it opens the box itself.

    Raises OSError for a folder where nothing can be written, ShardError and RunSecretError for a secret that cannot be
    used, and then a usage error where an option is missing.
    """
    folder, of, path = options["meeting"], options["of"], options["secret"]
    if folder:
        require_folder_writable(folder)
    secret = _secret(path, folder) if path else None
    if folder and of and secret:
        from analysis.sharding.gathering import ShardRun

        return ShardRun(folder, of, secret, options["wait"] * 60, lambda line: click.echo(line, err=True))
    if folder or of or secret:
        raise click.UsageError("--run FOLDER, --of N and --secret FILE go together")
    return None


@click.command("open-shard")
@click.argument("box", type=FILE)
@click.option("--index", type=click.IntRange(0), required=True, help="Which shard, from 0 on.")
@click.option("--of", "of", type=OF, required=True, help="How many shards there are.")
@click.option("--run", "meeting", type=FOLDER, required=True, help="The folder of `sotto release --run`.")
@click.option("--secret", type=FILE, required=True, help="The run's secret, as `sotto shard-secret` wrote it.")
@click.option("--workers", type=click.IntRange(1), help="Processes that open; all cores by default.")
@click.option("--wait", type=MINUTES, default=60, show_default=True, help="Minutes to wait for the run, and its seed.")
def open_shard(
    *, box: Path, index: int, of: int, meeting: Path, secret: Path, workers: int | None, wait: float
) -> None:
    """Open one shard of a box for a release that waits elsewhere; any scheduler may start it, and start it again.

    Waits for the run, makes a key that lives in this process alone, and prints its fingerprint. The run seals the
    study's seed to that key where it carries the run's secret and has the same box and software. The counts go back
    sealed to the run. Nothing that depends on an answer is shown, or written in the clear.

    \b
    Example: sotto open-shard wave-1.box --index 3 --of 16 --run /shared/run-1 --secret run-1.secret
    """
    from analysis.sharding.worker import ShardRequest
    from analysis.sharding.worker import open_shard as work
    from crypto.keys import fingerprint

    request = ShardRequest(box, index, of, meeting, _secret(secret, meeting), wait * 60, workers)
    opened = work(request, on_key=lambda key: click.echo(f"Key of shard {index}: {fingerprint(key)}"))
    click.echo(f"Shard {index} of {of}: {opened:,} records opened; the counts are sealed to the run.")


@click.command("shard-secret")
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
def shard_secret(*, output: Path) -> None:
    """Draw the secret by which a run over several machines knows its workers, into a new file that you alone read.

    Whoever has it and can write to the run's folder gets the study's key: bring it to the workers another way, as a
    scheduler's secret or a file of your own home, and delete it after the run.

    \b
    Example: sotto shard-secret run-1.secret
    """
    from crypto.durable import write_new
    from crypto.keys import RunSecret

    write_new(output, RunSecret.new().to_bytes(), 0o600)
    click.echo(f"{output}: give it to the workers, not by the folder in which they meet the run; delete it afterwards.")


def _secret(path: Path, folder: Path | None) -> "RunSecret":
    """Read a run's secret; refuse a file that other accounts read or write, or that lies where run and workers meet.

    Its group may read a file of another account: so schedulers hand out secrets (a volume of Kubernetes).
    """
    from analysis.sharding.messages import ShardError
    from crypto.keys import RunSecret

    status = path.stat()
    if status.st_mode & (0o067 if status.st_uid == os.geteuid() else 0o027):
        raise ShardError(
            f"{path} may be read or written by other accounts than yours: chmod 600, and draw another secret if one "
            "of them may have it"
        )
    if folder and folder.resolve() in path.resolve().parents:
        raise ShardError(f"{path} lies in the run's folder, whose readers it is to keep out: move it elsewhere")
    return RunSecret.from_bytes(path.read_bytes())
