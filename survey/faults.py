"""Problems of an authored file, reported all at once: each with its file, line number, path and remedy."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from crypto.errors import RefusedError

Where = tuple[str | int, ...]
"""A path in a document: keys, indexes, and ids or codes of list members."""
Say = Callable[[str], str]
"""Gives the words of a language for a message, or its English where the language has none."""
MEMBERS = ", "
"""What stands between the members of a list."""
_PLACE = re.compile(r"\{(\w+)\}")


class SaidMessage(str):
    """A message in English that keeps its template and what stands in its places, for other languages to say."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Self:
        """Return the English."""
        new = super().__new__(cls, _filled(template, values))
        new.template, new.values = template, values
        return new

    def __getnewargs__(self) -> tuple[str, Mapping[str, object]]:  # type: ignore[override]  # of str: one text
        """Return what a copy is made of."""
        return self.template, self.values


def said(template: str, **values: object) -> SaidMessage:
    """Return a message in English with its `{places}` filled, tuples as lists; catalogues translate the template."""
    return SaidMessage(template, values)


def told(text: str, say: Say) -> str:
    """Return a message, and messages that stand in its places, in the language of `say`."""
    if not isinstance(text, SaidMessage):
        return say(text)
    return _filled(say(text.template), {name: _told(value, say) for name, value in text.values.items()})


def _told(value: object, say: Say) -> object:
    if isinstance(value, tuple):
        return say(MEMBERS).join(str(_told(one, say)) for one in value)
    return told(value, say) if isinstance(value, SaidMessage) else value


def _filled(template: str, values: Mapping[str, object]) -> str:
    return _PLACE.sub(lambda match: str(_told(values.get(match[1], match[0]), str)), template)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of an authored file; `where` is the path to it, such as `items.AGE.options`."""

    file: str
    line: int
    where: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return self.told(str)

    def told(self, say: Say) -> str:
        """Return the problem in one line, with place and remedy, in the language of `say`."""
        message, remedy = told(self.message, say), told(self.remedy, say)
        stop = "。" if say(SENTENCES) != SENTENCES else ". "
        return f"{self.file}:{self.line}: {self.where}: {message}{stop}{remedy[:1].upper()}{remedy[1:]}{stop}".rstrip(
            " "
        )


SENTENCES = "{message}. {remedy}."
"""How two sentences stand behind one another; Chinese has a full stop of its own, and no space behind it."""


class AuthoringError(RefusedError):
    """An authored file that cannot be compiled; `problems` holds every fault, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    def told(self, say: Say) -> "AuthoringError":
        """Return the error with all its problems in the language of `say`."""
        other = AuthoringError([*self.problems])
        other.args = ("\n".join(problem.told(say) for problem in self.problems),)
        return other


class ToldError(RefusedError):
    """A file that cannot be taken: the file or part of it, why, and what to do; the last two are messages."""

    def __init__(self, place: object, reason: str, remedy: str) -> None:
        self.place, self.reason, self.remedy = place, reason, remedy
        super().__init__(f"{place}: {reason}: {remedy}")

    def told(self, say: Say) -> Self:
        """Return the error in the language of `say`."""
        other = type(self)(self.place, self.reason, self.remedy)
        if say(SENTENCES) != SENTENCES:
            other.args = (f"{self.place}: {told(self.reason, say)}。{told(self.remedy, say)}。",)
        return other


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a document, before its file and line number are looked up.

    `where` is a path of keys, indexes, and ids or codes of list members (the last of several equal ones if `again`);
    `names` are the ids the fault is about.
    """

    where: Where
    message: str
    remedy: str
    names: frozenset[str] = frozenset()
    again: bool = False
