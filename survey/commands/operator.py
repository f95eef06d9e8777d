"""`sotto operator`: the process that carries out what staff ask at the desk."""

import signal
import threading

import click

from survey.commands.console import require_extra, settings

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


@click.command()
@click.option("--once", is_flag=True, help="Take up what is due now, then end.")
@click.option("--demo", is_flag=True, help="Take keys of demonstrations too, which one person alone may open.")
def operator(*, once: bool, demo: bool) -> None:
    """Carry out what staff ask at the desk, one request at a time, until it is stopped.

    \b
    Example: sotto operator
    """
    require_extra("sqlmodel", "web")
    host_settings = settings()
    from survey.operations.requests.acceptance import Rules
    from survey.operations.requests.operator import Operator

    rules = Rules(unsigned=host_settings.unsigned_requests, second_person=host_settings.second_person)
    worker = Operator(host_settings, rules, demo=demo)
    if once:
        with worker.alone():
            worker.work()
        return
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # What was begun is carried to its end first.
        signal.signal(number, lambda *_: end.set())
    worker.run(end)
