"""How a release was made, in plain words and in one language: who answered, what protects them, what numbers mean."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.pictures.wording import Reader
from survey.plan.privacy_units import NANO_RHO
from survey.questionnaire.study_metadata import Fieldwork
from survey.release.budget import PLAIN_DELTA
from survey.release.note_codes import DUPLICATES_POSSIBLE, REGISTERED_LATE


@dataclass(frozen=True)
class Part:
    """One part of the method: a title, paragraphs, and lines of a list."""

    title: str
    paragraphs: tuple[str, ...]
    lines: tuple[str, ...] = ()


def method(reader: Reader, *, interviews: bool) -> tuple[Part, ...]:
    """Return all parts; `interviews`: whether the report puts earlier interviews beside the survey."""
    return (
        Part(reader.say("method-who"), tuple(_who(reader))),
        Part(reader.say("method-private"), tuple(_private(reader))),
        Part(reader.say("method-read"), tuple(_read(reader, interviews=interviews))),
        _weights(reader),
        Part(reader.say("method-plan"), (_plan(reader), *_version(reader), *_corrections(reader))),
        Part(reader.say("method-check"), (reader.say("method-check-text"),), tuple(_hashes(reader))),
    )


def _who(reader: Reader) -> Iterator[str]:
    release = reader.release
    yield reader.say("method-who-open" if release.mode == "open" else "method-who-invited")
    if DUPLICATES_POSSIBLE in release.notes:
        yield reader.say("method-envelopes")
    yield from _background(reader)


def _background(reader: Reader) -> Iterator[str]:
    """Yield who ran the study, of whom, when, and how many of those invited answered, as AAPOR asks."""
    release = reader.release
    names = ("organisation", "contact", "ethics", "permit", "population", "sampling")
    keys = {"organisation": "method-org"}
    for name in names if release.about else ():
        text = release.about and release.about.text(name, reader.locale)
        if text:
            yield reader.say(keys.get(name, f"method-{name}"), value=text)
    if release.about and release.about.funders:
        yield reader.say("method-funders", value="; ".join(release.about.funders))
    if release.fieldwork:
        yield from _fieldwork(reader, release.fieldwork)


def _fieldwork(reader: Reader, fieldwork: Fieldwork) -> Iterator[str]:
    yield reader.say("method-days", opened=reader.day(fieldwork.opened), closed=reader.day(fieldwork.closed))
    if fieldwork.participation is None:
        yield reader.say("method-unknown-reach")
    else:
        numbers = {name: reader.number(getattr(fieldwork, name) or 0) for name in ("invited", "answered")}
        yield reader.say("method-participation", part=reader.percent(fieldwork.participation), **numbers)


def _private(reader: Reader) -> Iterator[str]:
    release = reader.release
    budget = release.budget
    own, converted = budget.epsilons
    yield reader.say("method-sealed", tables=reader.number(len(release.tables)))
    odds, one_in = reader.odds()
    yield reader.say("method-noise", epsilon=reader.bound(own[PLAIN_DELTA], 2), odds=odds, one_in=one_in)
    yield reader.say("method-conversion", epsilon=reader.bound(converted[PLAIN_DELTA], 2))
    prices = {name: reader.significant(getattr(budget, name) / NANO_RHO) for name in ("total", "cost")}
    yield reader.say("method-budget", part=reader.percent(budget.spent / budget.total), **prices)
    yield reader.say("method-count")


def _read(reader: Reader, *, interviews: bool) -> Iterator[str]:
    for key in ("method-base", "method-sizes", "method-margin", "method-few", "method-pairs"):
        yield reader.say(key)
    if interviews:
        for key in ("method-words", "method-many", "method-pilot"):
            yield reader.say(key)


def _weights(reader: Reader) -> Part:
    release, title = reader.release, reader.say("method-weights")
    used = {name for table in release.tables if table.weighted for name in table.weighted.by}
    margins = [margin for margin in release.margins or () if margin.dimension in used]
    if not margins:
        return Part(title, (reader.say("method-weights-none"),))
    lines = (
        reader.say(
            "method-margin-of",
            name=reader.question(margin.dimension),
            of=margin.of,
            source=margin.source,
            status=reader.say(f"status-{margin.status}"),
        )
        for margin in margins
    )
    return Part(title, (reader.say("method-weights-text"),), tuple(lines))


def _plan(reader: Reader) -> str:
    late = REGISTERED_LATE in reader.release.notes
    return reader.say("method-late" if late else "method-registered", day=reader.day(reader.release.registered))


def _version(reader: Reader) -> Iterator[str]:
    """Yield which version of the questionnaire was asked; nothing where no wave before was asked another one."""
    version = reader.release.version
    if version:
        numbers = {name: reader.number(getattr(version, name)) for name in ("number", "since")}
        yield reader.say("method-version", **numbers)


def _corrections(reader: Reader) -> Iterator[str]:
    """Yield since when people read other words, which, and why; nothing where the wording was not corrected."""
    for correction in reader.release.corrections or ():
        words = (f"{one.place} ({one.locale}): “{one.old}” → “{one.new}”" for one in correction.changes)
        since = reader.day(correction.since)
        yield reader.say("method-corrected", day=since, changes="; ".join(words), reason=correction.reason)


def _hashes(reader: Reader) -> Iterator[str]:
    release = reader.release
    hashes = {"method-release": release.digest, "method-plan-hash": release.plan, "method-box": release.box.root}
    yield from (reader.say("named", name=reader.say(key), value=value) for key, value in hashes.items())
