"""Choice filters over the columns of the sheet choices, and the earlier answers that they depend on."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from survey.authoring.xlsform.expressions.formulas import Formula, all_of
from survey.authoring.xlsform.expressions.grammar import Call, Column, Expression, Number, Ref, Text, walk
from survey.authoring.xlsform.expressions.known import Answered, KnownQuestions, Span
from survey.authoring.xlsform.expressions.meaning import Case, Meaning, compare
from survey.authoring.xlsform.sheets.choices import FormChoice
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.faults import said

MOST_COMBINATIONS = 1_000
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_REMEDY = "write it with columns of the choices, ${questions}, =, !=, and, or, not"
Answers = Mapping[str, Answered]


def answer_combinations(names: list[str], questions: KnownQuestions) -> Iterator[tuple[Answers, Formula]]:
    """Yield the answers that questions of one choice can have together, each with its condition."""
    options: list[list[Case]] = []
    for name in names:
        cases = [case for case in Meaning(questions).cases(Ref(name)) if case[1] != ""]
        if any(isinstance(value, Span) and not value.exact for _, value in cases):
            raise ConstructError(
                said("its choices depend on {name}, a number of which only a band is known", name=f"${{{name}}}"),
                "ask for choices",
            )
        options.append(cases)
    if prod(map(len, options)) > MOST_COMBINATIONS:
        raise ConstructError(
            said("its choices depend on more than {most} combinations of answers", most=format(MOST_COMBINATIONS, ",")),
            "ask in steps",
        )
    for chosen in product(*options):
        values = {name: value for name, (_, value) in zip(names, chosen, strict=True)}
        yield values, all_of(condition for condition, _ in chosen)


def choice_passes(tree: Expression, choice: FormChoice, answers: Answers) -> bool:
    """Say whether a choice passes a filter for these answers to the questions that it names."""
    if isinstance(tree, Call):
        match tree.name, len(tree.args):
            case "and", _:
                return all(choice_passes(part, choice, answers) for part in tree.args)
            case "or", _:
                return any(choice_passes(part, choice, answers) for part in tree.args)
            case "not", 1:
                return not choice_passes(tree.args[0], choice, answers)
            case (("true" | "false"), 0):
                return tree.name == "true"
            case "selected", 2:
                # Of several answers one is tried at a time.
                return compare("=", *(_value(part, choice, answers) for part in tree.args))
            case name, 2 if name in _COMPARISONS:
                left, right = (_value(part, choice, answers) for part in tree.args)
                return compare(name, left, right)
    raise ConstructError("its filter is more than comparisons of columns", _REMEDY)


def unites(tree: Expression) -> bool:
    """Say whether a filter by several answers leaves the choices that each answer alone leaves, and no others."""
    if not any(isinstance(part, Ref) for part in walk(tree)):
        return True
    if not isinstance(tree, Call):
        return False
    if tree.name == "selected":
        return len(tree.args) == 2 and isinstance(tree.args[0], Ref)  # noqa: PLR2004 - the answers, and a choice
    decided = [part for part in tree.args if any(isinstance(one, Ref) for one in walk(part))]
    return (tree.name == "or" or (tree.name == "and" and len(decided) == 1)) and all(map(unites, decided))


def _value(tree: Expression, choice: FormChoice, answers: Answers) -> Answered:
    match tree:
        case Text():
            return tree.value
        case Number():
            return Span(tree.value, tree.value)
        case Column():
            return choice.cells.get(tree.name)
        case Ref() if tree.name in answers:
            return answers[tree.name]
    raise ConstructError("its filter compares with more than a column, an answer, a text or a number", _REMEDY)
