"""What expressions may know of a question that stands before them: its id, and which answer has which code."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from survey.authoring.xlsform.expressions.formulas import Formula
from survey.authoring.xlsform.expressions.grammar import Expression
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.faults import said
from survey.questionnaire.codes import NOT_ASKED


@dataclass(frozen=True, slots=True)
class Span:
    """A number that is known to lie between two, both included; one number where they are the same."""

    low: float
    high: float

    @property
    def exact(self) -> bool:
        return self.low == self.high


NOT_A_NUMBER = Span(math.nan, math.nan)
"""What a computation with an answer that is no number has; it is equal to nothing, not even to an empty text."""
Answered = str | Span
"""What an answer is to an expression: the name of a choice, empty where there is none, or a number."""


@dataclass(frozen=True, slots=True)
class Known:
    """A question that was imported; `answers` gives for each code what the form knows the answer as.

    `missing` gives the codes of choices that became missing codes, by their names, and `passed` all that are offered.
    """

    id: str
    kind: Literal["single", "multi", "number"]
    answers: Mapping[int, Answered]
    missing: Mapping[str, int] = field(default_factory=dict)
    passed: tuple[int, ...] = ()
    cap: int = 0
    pipes: bool = False

    @property
    def unanswered(self) -> tuple[int, ...]:
        """The codes of who gave no answer that the form has a name for."""
        named = {*self.missing.values()}
        return (*(code for code in self.passed if code not in named), NOT_ASKED)

    def code_of(self, name: str) -> int | None:
        """Return the code of the choice `name`, None where it became a missing code."""
        for code, answer in self.answers.items():
            if answer == name:
                return code
        if name in self.missing:
            return None
        raise ConstructError(
            said("{item} has no choice `{name}`", item=self.id, name=name), "correct the name, or add the choice"
        )


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculated value, which stands for its expression wherever it is named; empty for whom `when` does not hold."""

    expression: Expression
    when: Formula = True


@dataclass(frozen=True, slots=True)
class Parts:
    """A question that is asked as several items, of which everybody is asked one: its choices depended on an answer."""

    items: tuple[Known, ...]


@dataclass
class KnownQuestions:
    """The questions and calculations of a form by name; `lost` says of others why nothing can be decided by them."""

    by_name: dict[str, Known | Parts | Calculation] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> Known | Parts | Calculation:
        """Return what is known of `name`; raise ConstructError where nothing can be decided by it."""
        if name in self.lost:
            reason = said("{name} {why}", name=f"${{{name}}}", why=self.lost[name])
            raise ConstructError(reason, "decide by a question that is imported")
        if name not in self.by_name:
            reason = said("{name} is no question that stands before this one", name=f"${{{name}}}")
            raise ConstructError(reason, "correct the name, or move the question up")
        return self.by_name[name]

    def lose(self, name: str, why: str) -> None:
        """Record that nothing can be decided by `name`."""
        self.lost[name] = why
