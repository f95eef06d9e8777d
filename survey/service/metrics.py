"""How a host does as metrics: OpenMetrics text for a file that Prometheus' node exporter reads; no count of anything.

https://prometheus.io/docs/specs/om/open_metrics_spec/. Nothing in it moves when somebody answers: no size or room,
no requests, no level of fieldwork, and days in place of times.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Decision 139.
METRICS = Path("/run/sotto-metrics/sotto.prom")
"""Where sotto-metrics.service writes them."""
STATES = ("open", "closed", "boxed")


@dataclass(frozen=True)
class HostFacts:
    """What its database tells of a host: the state of each wave, the day on which each job last succeeded."""

    waves: tuple[str, ...] = ()
    days: Mapping[str, dt.date | None] = field(default_factory=dict)
    compaction_missed: bool = False


def openmetrics(facts: HostFacts | None, units: Mapping[str, str]) -> str:
    """
    Return the metrics of a host: its facts, None where its database is of no use, and the states of its units.

    Days are the seconds from 1970 to their beginning in UTC.
    """
    lines = [
        *_gauge("sotto_database_up", "Whether the staff's database can be worked with.", [("", int(facts is not None))])
    ]
    if facts is not None:
        states = [(f'{{state="{state}"}}', facts.waves.count(state)) for state in STATES]
        lines += _gauge("sotto_waves", "How many waves there are in each state.", states)
        days = [(f'{{job="{job}"}}', _seconds(day)) for job, day in facts.days.items() if day]
        lines += _gauge("sotto_last_success_day_seconds", "The day on which a job last succeeded.", days)
        lines += _gauge("sotto_compaction_missed", "Whether one is overdue.", [("", int(facts.compaction_missed))])
    active = [(f'{{unit="{unit}"}}', int(state == "active")) for unit, state in units.items()]
    return "".join((*lines, *_gauge("sotto_unit_active", "Whether systemd has a unit as active.", active), "# EOF\n"))


def _gauge(name: str, text: str, samples: Iterable[tuple[str, int]]) -> list[str]:
    return [f"# TYPE {name} gauge\n", f"# HELP {name} {text}\n", *(f"{name}{of} {value}\n" for of, value in samples)]


def _seconds(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())
