"""What an expression means for the questionnaire: for which answers it is true, or which value it has.

Every value is a list of cases: under this condition, this name or number. Nothing is rounded and nothing is guessed: a
comparison that a band does not decide is refused, or counts as the caller says. What is computed of bands is a band.
"""

import math
import operator
from collections.abc import Callable, Iterator

from survey.authoring.xlsform.expressions.formulas import (
    MOST_TESTS,
    Formula,
    all_of,
    any_of,
    item_in,
    negated,
    tests_in,
)
from survey.authoring.xlsform.expressions.grammar import (
    Call,
    Column,
    Current,
    Expression,
    Number,
    Ref,
    Text,
    number_text,
)
from survey.authoring.xlsform.expressions.known import (
    NOT_A_NUMBER,
    Answered,
    Known,
    KnownQuestions,
    Parts,
    Span,
)
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.faults import said

MOST_CASES = 4_000
Case = tuple[Formula, Answered]
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPUTED: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "div": operator.truediv,
    "mod": math.fmod,
}
_ROUNDED: dict[str, Callable[[float], float]] = {
    "number": float,
    "int": math.trunc,
    # XPath rounds halves up, also below zero.
    "round": lambda number: math.floor(number + 0.5),
}
_REMEDY = "decide by comparisons, selected, count-selected, and, or, not, if"


class Meaning:
    """Works out expressions over the questions that are known where they stand.

    `undecided`: what a comparison is that bands do not decide; None: it is refused.
    """

    def __init__(self, questions: KnownQuestions, *, undecided: bool | None = None) -> None:
        self._questions = questions
        self._undecided = undecided
        self._open: list[str] = []

    def condition(self, tree: Expression) -> Formula:
        """Return for whom an expression is true."""
        if isinstance(tree, Call):
            if tree.name in _COMPARED:
                return self._comparison(tree.name, *tree.args)
            if (rule := self._logic(tree)) is not None:
                return rule
        if isinstance(tree, Column) and tree.name.lower() in ("true", "false", "yes", "no"):
            return tree.name.lower() in ("true", "yes")
        return any_of(condition for condition, value in self.cases(tree) if _is_true(value))

    def _logic(self, tree: Call) -> Formula | None:
        """Return the condition that an operator or function of truth values is; None for any other."""
        args = tree.args
        rule: Formula | None = None
        match tree.name, len(args):
            case "or", _:
                rule = any_of([self.condition(part) for part in args])
            case "and", _:
                rule = all_of([self.condition(part) for part in args])
            case "not", 1:
                rule = negated(self._turned().condition(args[0]))
            case "true" | "false", 0:
                rule = tree.name == "true"
            case "boolean", 1:
                rule = self.condition(args[0])
            case "if", 3:
                rule = self._if(*args)
            case "selected", 2:
                rule = self._selected(*args)
        return rule

    def _turned(self) -> "Meaning":
        """Return the same under a `not`: what may hold there must not be taken to hold here."""
        return self._with(None if self._undecided is None else not self._undecided)

    def _strict(self) -> "Meaning":
        """Return the same where an expression is needed both true and false: what bands do not decide is refused."""
        return self._with(None)

    def _with(self, undecided: bool | None) -> "Meaning":  # noqa: FBT001 - a truth value is what it works on
        other = Meaning(self._questions, undecided=undecided)
        other._open = self._open
        return other

    def _if(self, test: Expression, then: Expression, otherwise: Expression) -> Formula:
        when = self._strict().condition(test)
        return any_of([all_of([when, self.condition(then)]), all_of([negated(when), self.condition(otherwise)])])

    def _selected(self, question: Expression, choice: Expression) -> Formula:
        if not isinstance(question, Ref) or not isinstance(choice, Text | Number):
            raise ConstructError("selected() needs a ${question} and the name of a choice", _REMEDY)
        name = choice.value if isinstance(choice, Text) else number_text(choice.value)
        found = self._questions.get(question.name)
        if isinstance(found, Known):
            return self._has(found, name)
        return self._compared("=", self.cases(question), [(True, name)])

    def _has(self, known: Known, name: str) -> Formula:
        if known.kind == "number":
            raise ConstructError(
                said("{item} is a number and has no choices", item=known.id), "compare it with a number"
            )
        code = known.code_of(name)
        if code is None:
            return item_in(known.id, [known.missing[name]])
        return {"item": known.id, "has": [code]} if known.kind == "multi" else item_in(known.id, [code])

    def _comparison(self, name: str, left: Expression, right: Expression) -> Formula:
        if isinstance(right, Call) and right.name == "count-selected":
            return self._comparison(_MIRRORED[name], right, left)
        if isinstance(left, Call) and left.name == "count-selected":
            return self._counted(name, left, right)
        for one, other in ((left, right), (right, left)):
            named = self._named(name, one, other.value) if isinstance(one, Ref) and isinstance(other, Text) else None
            if named is not None:
                return named
        return self._compared(name, self.cases(left), self.cases(right))

    def _named(self, name: str, ref: Ref, choice: str) -> Formula | None:
        """Return a comparison of a question with the name of a choice; None where it is not one of these."""
        known = self._questions.get(ref.name)
        if not isinstance(known, Known) or known.kind == "number" or name not in ("=", "!="):
            return None
        if not choice:
            rule: Formula = item_in(known.id, known.unanswered)
        elif known.kind == "multi" and known.code_of(choice) is not None:
            rule = all_of([self._has(known, choice), {"item": known.id, "chosen": [1, 1]}])
        else:
            rule = self._has(known, choice)
        return rule if name == "=" else negated(rule)

    def _counted(self, name: str, count: Call, number: Expression) -> Formula:
        if len(count.args) != 1 or not isinstance(count.args[0], Ref) or not isinstance(number, Number):
            raise ConstructError("count-selected() is compared with something that is no number", _REMEDY)
        known = self._questions.get(count.args[0].name)
        if not isinstance(known, Known) or known.kind != "multi":
            raise ConstructError(
                said("{name} is no question of several choices", name=f"${{{count.args[0].name}}}"),
                "ask for selected()",
            )
        fitting = [chosen for chosen in range(known.cap + 1) if _COMPARED[name](chosen, number.value)]
        runs = [{"item": known.id, "chosen": [max(1, run[0]), run[1]]} for run in _runs(fitting) if run[1] > 0]
        nobody = negated({"item": known.id, "chosen": [1, known.cap]})
        return any_of([*runs, *([nobody] if 0 in fitting else [])])

    def cases(self, tree: Expression) -> list[Case]:
        """Return the value of an expression under each condition; the conditions exclude one another."""
        match tree:
            case Text():
                return [(True, tree.value)]
            case Number():
                return [(True, Span(tree.value, tree.value))]
            case Ref():
                return self._answers(tree)
            case Current():
                raise ConstructError("`.` is the answer that is only being given", "decide by an earlier question")
            case Column():
                raise ConstructError(
                    said("`{name}` is neither a ${question} nor in quotes", name=tree.name), "put it in quotes"
                )
            case Call():
                return self._called(tree)

    def _answers(self, ref: Ref) -> list[Case]:
        known = self._questions.get(ref.name)
        if isinstance(known, Parts):
            parts = [_answers_of(part) for part in known.items]
            nothing = all_of(cases[-1][0] for cases in parts)
            return [*(case for cases in parts for case in cases[:-1]), (nothing, "")]
        if isinstance(known, Known):
            return _answers_of(known)
        if ref.name in self._open:
            raise ConstructError(
                said("{name} leads back to itself", name=f"${{{ref.name}}}"), "write one of its expressions anew"
            )
        self._open.append(ref.name)
        try:
            # A form stores a calculated value as text, and what is no number as none.
            cases = [(when, "" if value is NOT_A_NUMBER else value) for when, value in self.cases(known.expression)]
            return [*_under(known.when, cases), *_under(negated(known.when), [(True, "")])]
        finally:
            self._open.pop()

    def _called(self, tree: Call) -> list[Case]:
        match tree.name, len(tree.args):
            case ("string" | "once", 1):
                return self.cases(tree.args[0])
            case ("number" | "int" | "round", 1):
                return [(when, _whole(tree.name, value)) for when, value in self.cases(tree.args[0])]
            case ("if", 3):
                return self._either(tree)
            case ("coalesce", 2):
                first = self.cases(tree.args[0])
                empty = any_of(condition for condition, value in first if value == "")
                return [*(case for case in first if case[1] != ""), *_under(empty, self.cases(tree.args[1]))]
            case (("+" | "-" | "*" | "div" | "mod"), 2):
                return self._computed(tree)
        if tree.name in _COMPARED or tree.name in ("and", "or", "not", "true", "false", "selected"):
            holds = self._strict().condition(tree)
            return _without_nobody([(holds, Span(1, 1)), (negated(holds), Span(0, 0))])
        raise ConstructError(said("{name}() is not known to the questionnaire", name=tree.name), _REMEDY)

    def _either(self, tree: Call) -> list[Case]:
        when = self._strict().condition(tree.args[0])
        return [*_under(when, self.cases(tree.args[1])), *_under(negated(when), self.cases(tree.args[2]))]

    def _computed(self, tree: Call) -> list[Case]:
        results: dict[Answered, list[Formula]] = {}
        for condition, left, right in _pairs(self.cases(tree.args[0]), self.cases(tree.args[1])):
            one, other = _number(left), _number(right)
            if one is None or other is None:
                value: Answered = NOT_A_NUMBER
            elif tree.name in ("div", "mod") and other == Span(0, 0):
                raise ConstructError("it divides by an answer that can be 0", "ask with if() whether it is 0 first")
            else:
                value = _between(tree.name, one, other)
            results.setdefault(value, []).append(condition)
        cases = _without_nobody([(any_of(conditions), value) for value, conditions in results.items()])
        if sum(tests_in(condition) for condition, _ in cases) > MOST_TESTS:
            raise ConstructError("its condition has more tests than a phone can work out", "decide by fewer answers")
        return cases

    def _compared(self, name: str, left: list[Case], right: list[Case]) -> Formula:
        if len(left) * len(right) > MOST_CASES:
            raise ConstructError("it has more cases than can be checked", "simplify it")
        fitting: dict[str, tuple[Formula, list[Formula]]] = {}
        for condition, one in left:
            others = any_of(when for when, other in right if compare(name, one, other, undecided=self._undecided))
            fitting.setdefault(repr(others), (others, []))[1].append(condition)
        return any_of(all_of([any_of(some), others]) for others, some in fitting.values())


def _answers_of(known: Known) -> list[Case]:
    """Return the answers to one item under their conditions; the last is that there is none."""
    if known.kind == "multi":
        raise ConstructError(said("{item} may have several answers at once", item=known.id), "ask for selected()")
    named: list[Case] = [(item_in(known.id, [code]), answer) for code, answer in known.answers.items()]
    passed = [(item_in(known.id, [code]), name) for name, code in known.missing.items()]
    return [*named, *passed, (item_in(known.id, known.unanswered), "")]


def _between(name: str, one: Span, other: Span) -> Span:
    """Return between which numbers the result of a computation lies; raise ConstructError where that is not known."""
    if not (one.exact and other.exact) and name in ("div", "mod") and (name == "mod" or other.low <= 0 <= other.high):
        raise ConstructError("it computes with a number of which only the band is sent", "compute with choices")
    results = [_COMPUTED[name](a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    return Span(min(results), max(results))


def compare(name: str, left: Answered, right: Answered, *, undecided: bool | None = None) -> bool:
    """Compare two values as XPath does: as numbers where one is a number, or the order is asked for.

    Where bands do not decide it is `undecided`; without that raises ConstructError.
    """
    if isinstance(left, str) and isinstance(right, str) and name in ("=", "!="):
        return (left == right) == (name == "=")
    one, other = _number(left), _number(right)
    if one is None or other is None:
        return name == "!="
    results = {_COMPARED[name](a, b) for a in (one.low, one.high) for b in (other.low, other.high)}
    if name in ("=", "!=") and not (one.exact and other.exact):
        apart = one.high < other.low or other.high < one.low
        results = {name == "!="} if apart else {True, False}
    if len(results) > 1 and undecided is not None:
        return undecided
    if len(results) > 1:
        raise ConstructError(
            "a condition divides a band of numbers, of which only the whole is known", "let bands end there"
        )
    return results.pop()


def _whole(name: str, value: Answered) -> Answered:
    """Return what `number`, `int` or `round` makes of a value; a band must be one number afterwards."""
    number = _number(value)
    if number is None:
        return NOT_A_NUMBER
    return Span(_ROUNDED[name](number.low), _ROUNDED[name](number.high))


def _number(value: Answered) -> Span | None:
    if isinstance(value, Span):
        return None if value is NOT_A_NUMBER else value
    try:
        number = float(value)
    except ValueError:
        return None
    return Span(number, number) if math.isfinite(number) else None


def _is_true(value: Answered) -> bool:
    if isinstance(value, str) or value is NOT_A_NUMBER:
        return value not in ("", NOT_A_NUMBER)
    return compare("!=", value, Span(0, 0))


def _pairs(left: list[Case], right: list[Case]) -> Iterator[tuple[Formula, Answered, Answered]]:
    if len(left) * len(right) > MOST_CASES:
        raise ConstructError("it has more cases than can be checked", "simplify it")
    for condition, one in left:
        for other_condition, other in right:
            yield all_of([condition, other_condition]), one, other


def _under(when: Formula, cases: list[Case]) -> list[Case]:
    return _without_nobody([(all_of([when, condition]), value) for condition, value in cases])


def _without_nobody(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case[0] is not False]


def _runs(numbers: list[int]) -> list[list[int]]:
    """Return ascending numbers as [first, last] of each unbroken run."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs
