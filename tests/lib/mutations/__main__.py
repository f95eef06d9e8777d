"""`scripts/mutate`: breaks the properties of SECURITY.md one after another, two at a time."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue

import click

from mutations.outcomes import Workshop, needs_a_server, workshop
from mutations.table import Mutation, mutations, named_tests

AT_ONCE = 2


def chosen(properties: tuple[str, ...], sample: int, *, servers: bool) -> list[Mutation]:
    """Return the mutations of some properties, of all where none is named, or every so many of them."""
    named = [one for one in mutations() if not properties or one.breaks in properties]
    every = [one for one in named if servers or not needs_a_server(one)]
    missing = set(properties) - {one.breaks for one in every}
    if missing or not every:
        raise click.UsageError(f"no mutation of {', '.join(sorted(missing)) or 'any property'} in tests/data/mutations")
    return every[:: max(1, len(every) // sample)][:sample] if sample else every


def spread(jobs: list, workshops: SimpleQueue, do) -> list[list[str]]:
    """Do each job in whichever workshop is free; return what each found."""

    def one(job) -> list[str]:
        shop = workshops.get()
        try:
            return do(shop, job)
        finally:
            workshops.put(shop)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [*pool.map(one, jobs)]


def broken(shop: Workshop, mutation: Mutation) -> list[str]:
    """Try one mutation, say how it went, and return its faults."""
    began = time.monotonic()
    faults = shop.faults_broken(mutation)
    click.echo(f"{'SURVIVED' if faults else 'red'} {mutation.name} ({time.monotonic() - began:.1f} s)")
    for fault in faults:
        click.echo(f"  {fault}")
    return faults


@click.command()
@click.argument("properties", nargs=-1)
@click.option("--sample", type=int, default=0, help="so many mutations, spread over the table")
@click.option("--servers/--no-servers", default=True, help="also those whose tests start browsers, Node or PostgreSQL")
@click.option("--no-control", is_flag=True, help="do not run the named tests on the tree as it is first")
def main(*, properties: tuple[str, ...], sample: int, servers: bool, no_control: bool) -> None:
    """Break properties of SECURITY.md (S1 S2 ...; all where none is named): each named test must turn red."""
    rows = chosen(properties, sample, servers=servers)
    tests = [] if no_control else named_tests(rows)
    with ExitStack() as stack:
        workshops: SimpleQueue = SimpleQueue()
        for _ in range(min(AT_ONCE, len(rows))):
            workshops.put(stack.enter_context(workshop()))
        halves = [half for half in (tests[::2], tests[1::2]) if half]
        control = spread(halves, workshops, Workshop.faults_unbroken)
        for fault in (fault for faults in control for fault in faults):
            click.echo(f"NOT GREEN UNBROKEN {fault}")
        survived = [row.name for row, faults in zip(rows, spread(rows, workshops, broken), strict=True) if faults]
    click.echo(f"{len(rows) - len(survived)} of {len(rows)} mutations turn their tests red")
    sys.exit(bool(survived or any(control)))


if __name__ == "__main__":
    main()
