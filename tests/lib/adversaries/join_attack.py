"""The attack that joins two databases: who was given a token, with which answer was handed in, from seized files.

An attacker with every file of both databases orders what they hold by where it lies (pages, logs, transaction numbers,
dumps), and pairs what came first with what came first, or each answer with the token before it.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import correlation

Pairs = dict[bytes, bytes]
"""For each answer's key the mark of the token that it was handed in with: the truth, or a guess."""

PEOPLE = 150
"""SQLite's log begins anew after a thousand pages, which some 200 answers fill: so many are in it from the first on."""
BY_CHANCE = 9
"""Right guesses that pure chance exceeds once in eight million attacks: they are Poisson with mean 1, whatever N."""
ORDER_BY_CHANCE = 0.46
"""A rank correlation of 150 that pure chance exceeds once in fifty million files: 5.6 times its deviation."""


@dataclass(frozen=True)
class Event:
    """One write to one of the databases, in the order in which they came: a token issued, or an answer handed in."""

    person: int
    issued: bool


def fieldwork(seed: int, people: int = PEOPLE) -> list[Event]:
    """Return the events of people who come at random, and whose answer follows their token after a short while."""
    drawn = random.Random(seed)
    moments = []
    for person in drawn.sample(range(people), people):
        came = drawn.uniform(0, people)
        moments += [(came, Event(person, issued=True)), (came + drawn.expovariate(2), Event(person, issued=False))]
    return [event for _, event in sorted(moments, key=lambda moment: moment[0])]


def by_place(files: Iterable[Path], known: Sequence[bytes]) -> list[bytes]:
    """Return `known` byte strings in the order of their first occurrence in the files, those in logs first."""
    held = b"".join(path.read_bytes() for path in sorted(files, key=lambda path: "wal" not in path.name))
    return sorted((one for one in known if one in held), key=held.index)


def kept_order(places: Sequence[bytes], truth: Sequence[bytes]) -> float:
    """Return how far one file alone tells the order of arrival: the rank correlation of places with the true order."""
    rank = {name: number for number, name in enumerate(truth)}
    return abs(correlation(range(len(places)), [rank[name] for name in places]))


def first_with_first(marks: Sequence[bytes], keys: Sequence[bytes]) -> Pairs:
    """Pair records in the order in which they came: right where the order was kept."""
    return dict(zip(keys, marks, strict=False))


def latest_before(order: Sequence[tuple[bool, bytes]]) -> Pairs:
    """Pair each answer with the token that was issued last before it and is not paired yet, from one joint order."""
    waiting: list[bytes] = []
    pairs: Pairs = {}
    for issued, name in order:
        if issued:
            waiting.append(name)
        elif waiting:
            pairs[name] = waiting.pop()
    return pairs


def right(guess: Pairs, truth: Pairs) -> int:
    """Return how many answers were given to the person whose they are."""
    return sum(truth[key] == mark for key, mark in guess.items())


def best(truth: Pairs, orders: Iterable[tuple[Sequence[bytes], Sequence[bytes]]]) -> int:
    """Return the most answers that any of these orders of marks and of keys gives away."""
    return max((right(first_with_first(marks, keys), truth) for marks, keys in orders), default=0)


def play(events: Iterable[Event], issue: Callable[[int], bytes], hand_in: Callable[[int], bytes]) -> Pairs:
    """Let everything happen; return the truth."""
    marks: dict[int, bytes] = {}
    truth: Pairs = {}
    for event in events:
        if event.issued:
            marks[event.person] = issue(event.person)
        else:
            truth[hand_in(event.person)] = marks[event.person]
    return truth
