"""Sums of answers that are numbers, as the terms of an indicator: for calculations with too many cases to write out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from survey.authoring.xlsform.expressions.formulas import Formula, any_of, item_in
from survey.authoring.xlsform.expressions.grammar import Call, Expression, Number, Ref
from survey.authoring.xlsform.expressions.known import Calculation, Known, KnownQuestions, Span
from survey.questionnaire.codes import RESERVED
from survey.questionnaire.rules.indicator_rules import MOST_LEVELS

_SIGNS = {"+": 1, "-": -1}
MOST_TERMS = 60
MOST_EXACT = 2**53 - 1


def sum_members(tree: Expression, questions: KnownQuestions) -> dict[str, Any] | None:
    """Return the members of an indicator that is this sum; None where it is no sum of whole numbers of choices.

    It is undefined where one of the answers is missing, as the form's own value would be empty.
    """
    terms = [*_terms(tree, questions, 1, ())]
    if not 2 <= len(terms) <= MOST_TERMS:  # noqa: PLR2004 - one answer is no sum
        return None
    values = [_values(known) for _, known in terms if known is not None]
    if len(values) < len(terms) or not all(values):
        return None
    levels = _levels([(times, held) for (times, _), held in zip(terms, values, strict=True)])
    if levels.stop - levels.start > MOST_LEVELS or RESERVED.intersection(levels):
        return None
    parts = [_term(times, known, held) for (times, known), held in zip(terms, values, strict=True) if known]
    missing = any_of(_unanswered(known) for _, known in terms if known)
    return {
        "levels": {"from": levels.start, "to": levels.stop - 1},
        "labels": "numbers",
        "score": True,
        "undefined_if": missing,
        "sum": parts,
    }


def _levels(terms: Iterable[tuple[int, Mapping[int, int]]]) -> range:
    """Return the numbers from the lowest to the highest that a sum can be; each term has a factor and its values."""
    ends = [[times * value for value in (min(held.values()), max(held.values()))] for times, held in terms]
    return range(sum(map(min, ends)), sum(map(max, ends)) + 1)


def _terms(
    tree: Expression, questions: KnownQuestions, times: int, above: tuple[str, ...]
) -> Iterator[tuple[int, Known | None]]:
    """Yield each answer of a sum with what it is multiplied by; None for what is no such answer."""
    match tree:
        case Call("+" | "-", (left, right)):
            yield from _terms(left, questions, times, above)
            yield from _terms(right, questions, times * _SIGNS[tree.name], above)
        case Call("*", (Number() as number, other)) | Call("*", (other, Number() as number)) if number.value == int(
            number.value
        ):
            yield from _terms(other, questions, times * int(number.value), above)
        case Call("number" | "int", (inner,)):
            yield from _terms(inner, questions, times, above)
        case Ref() if tree.name not in above and isinstance(found := questions.by_name.get(tree.name), Calculation):
            if found.when is True:
                yield from _terms(found.expression, questions, times, (*above, tree.name))
            else:
                yield times, None
        case Ref() if isinstance(known := questions.by_name.get(tree.name), Known):
            yield times, known
        case _:
            yield times, None


def _values(known: Known) -> dict[int, int]:
    """Return the whole number that each code of a question of one choice stands for; empty where one has none."""
    if known.kind == "multi":
        return {}
    numbers = {code: _whole(answer) for code, answer in known.answers.items()}
    whole = {code: number for code, number in numbers.items() if number is not None}
    return whole if len(whole) == len(numbers) else {}


def _whole(answer: str | Span) -> int | None:
    if isinstance(answer, Span):
        return whole(answer.low) if answer.exact else None
    return whole(int(answer)) if answer.lstrip("-").isdecimal() and answer.isascii() else None


def whole(value: float) -> int | None:
    """Return a whole number that JSON holds exactly (RFC 8785), None for any other."""
    return int(value) if abs(value) <= MOST_EXACT and value == int(value) else None


def _term(times: int, known: Known, held: Mapping[int, int]) -> dict[str, Any]:
    mapped = {str(code): number for code, number in held.items() if code != number}
    return {"value_of": known.id, **({"times": times} if times != 1 else {}), **({"map": mapped} if mapped else {})}


def _unanswered(known: Known) -> Formula:
    return item_in(known.id, [*known.missing.values(), *known.unanswered])
