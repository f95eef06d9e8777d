"""What a constraint says of an answer and earlier ones, as a check: what must hold, as far as bands tell."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from pydantic import TypeAdapter

from survey.authoring.xlsform.expressions.formulas import MOST_TESTS, Formula, any_of, item_in, tests_in
from survey.authoring.xlsform.expressions.grammar import Call, Current, Expression, Ref, walk
from survey.authoring.xlsform.expressions.known import Known, KnownQuestions, Parts
from survey.authoring.xlsform.expressions.meaning import Meaning
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import Answer, Condition, items_named, truth

_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
_MOST_TRIED = 20_000


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """What must hold of an answer and earlier ones; `exact` where bands hide nothing of it."""

    holds: dict[str, Any]
    exact: bool


def check_of(tree: Expression, name: str, own: Known, questions: KnownQuestions, routing: Formula) -> AnswerCheck:
    """Return the check that a constraint on the question `name` is, whose item is `own`, asked of whom `routing` says.

    Where an earlier question has no answer nothing is checked. Raises ConstructError where it cannot be one, or would
    leave no answer to somebody who may not pass the question by.
    """
    whole = _own_named(tree, name)
    empty = [_unanswered(ref, questions) for ref in _names(whole) - {name}]
    try:
        rule, exact = Meaning(questions).condition(whole), True
    except ConstructError:
        rule, exact = Meaning(questions, undecided=True).condition(whole), False
    holds = any_of([rule, *empty])
    if tests_in(holds) > MOST_TESTS:
        raise ConstructError("it has more tests than a phone can work out", "compare with fewer answers")
    if not isinstance(holds, dict) or own.id not in items_named(_parsed(holds)):
        raise ConstructError("only bands are known, and they decide nothing of it", "give smaller bands")
    _try(holds, own, questions, routing, exact=exact)
    return AnswerCheck(holds, exact)


def _own_named(tree: Expression, name: str) -> Expression:
    """Return an expression in which the answer itself has its question's name."""
    match tree:
        case Current():
            return Ref(name)
        case Call(function, args):
            return Call(function, tuple(_own_named(arg, name) for arg in args))
    return tree


def _names(tree: Expression) -> frozenset[str]:
    return frozenset(node.name for node in walk(tree) if isinstance(node, Ref))


def _unanswered(name: str, questions: KnownQuestions) -> Formula:
    """Return who gave no answer to a question, or for whom a calculation has no value."""
    known = questions.get(name)
    if isinstance(known, Known) and known.kind == "multi":
        return item_in(known.id, known.unanswered)
    return any_of(when for when, value in Meaning(questions).cases(Ref(name)) if value == "")


def _parsed(formula: dict[str, Any]) -> Condition:
    return _CONDITION.validate_python(_plain(formula))


def _plain(formula: Any) -> Any:  # noqa: ANN401 - plain data
    """Return a condition as plain data with tuples for lists, as a strict model takes it."""
    if isinstance(formula, dict):
        return {key: _plain(value) for key, value in formula.items()}
    return tuple(map(_plain, formula)) if isinstance(formula, list) else formula


def _try(holds: dict[str, Any], own: Known, questions: KnownQuestions, routing: Formula, *, exact: bool) -> None:
    """Raise ConstructError where every answer keeps the check, or where it leaves somebody none."""
    check = _parsed(holds)
    asked = _parsed(routing) if isinstance(routing, dict) else None
    answers = _answers((items_named(check) | items_named(asked)) - {own.id}, questions)
    if answers is None or own.kind == "multi":
        return
    left = [
        sum(truth(check, {**values, own.id: code}) is not False for code in own.answers)
        for values in _each(answers)
        if asked is None or truth(asked, values) is not False
    ]
    if all(number == len(own.answers) for number in left):
        reason = "every answer fits it" if exact else "only bands are known, and every one may fit"
        raise ConstructError(reason, "give smaller bands")
    if not own.passed and 0 in left:
        reason = "after some answers before it nothing fits, so that nobody could go on"
        raise ConstructError(reason, "let people pass it by, or ask it of others")


def _answers(names: Iterable[str], questions: KnownQuestions) -> Mapping[str, tuple[int, ...]] | None:
    """Return the codes that each item may have; None where there are too many answers to try, or several at once."""
    found: dict[str, tuple[int, ...]] = {}
    for known in _every(questions):
        if known.id in names:
            if known.kind == "multi":
                return None
            found[known.id] = (*known.answers, *known.passed, NOT_ASKED)
    return found if prod(map(len, found.values())) <= _MOST_TRIED else None


def _every(questions: KnownQuestions) -> Iterator[Known]:
    for known in questions.by_name.values():
        if isinstance(known, Known | Parts):
            yield from known.items if isinstance(known, Parts) else (known,)


def _each(answers: Mapping[str, tuple[int, ...]]) -> Iterator[dict[str, Answer]]:
    for codes in product(*answers.values()):
        yield dict(zip(answers, codes, strict=True))
