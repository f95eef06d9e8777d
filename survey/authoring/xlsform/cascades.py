"""Choices that depend on an earlier answer: one item whose options are each for some answers, where that is exact."""

from dataclasses import dataclass

from survey.authoring.xlsform.expressions.filters import answer_combinations, choice_passes, unites
from survey.authoring.xlsform.expressions.formulas import Formula, item_in
from survey.authoring.xlsform.expressions.grammar import Expression
from survey.authoring.xlsform.expressions.known import Known
from survey.authoring.xlsform.form_context import FormContext
from survey.authoring.xlsform.sheets.choices import FormChoice
from survey.authoring.xlsform.sheets.structure import FormQuestion
from survey.questionnaire.rules.questionnaire_rules import most_options


@dataclass(frozen=True, slots=True)
class Cascade:
    """The choices that some answer to the item `other` leaves, and by their names the codes that leave them.

    `when`: the condition that any choice is left; a form asks nobody else.
    """

    other: str
    choices: tuple[FormChoice, ...]
    codes: dict[str, tuple[int, ...]]
    when: Formula

    def options(self, names: list[str], options: list[dict[str, object]]) -> list[dict[str, object]]:
        """Return options with the answers that each is `for`, none where it is left by all of them."""
        every = {code for codes in self.codes.values() for code in codes}
        return [
            option if {*self.codes[name]} == every else {**option, "for": [*self.codes[name]]}
            for name, option in zip(names, options, strict=True)
        ]


def cascade(
    question: FormQuestion, choices: list[FormChoice], tree: Expression, names: list[str], form: FormContext
) -> Cascade | None:
    """Return the cascade that a filter by the questions `names` is; None where it is more than one item can say."""
    known = form.questions.by_name.get(names[0]) if len(names) == 1 else None
    if not isinstance(known, Known) or "likert" in question.appearances:
        return None
    several = known.kind == "multi"
    codes = (_by_one_of_several if several else _by_one_answer)(choices, tree, names[0], known, form)
    if codes is None:
        return None
    left = tuple(choice for choice in choices if choice.name in codes)
    labels = {(choice.name, *sorted(map(str, choice.label.items()))) for choice in left}
    most = most_options("single" if question.type.startswith("select_one") else "multi")
    if not left or len(labels) > len(codes) or len(codes) > most:
        return None
    every = {code for some in codes.values() for code in some}
    ordered = {name: tuple(sorted(some)) for name, some in codes.items()}
    # Of several answers only those count that leave more than what every answer leaves.
    deciding = {code for some in codes.values() if some != every for code in some} or every
    when: Formula = {"item": known.id, "has": sorted(deciding)} if several else item_in(known.id, every)
    return Cascade(known.id, left, ordered, when)


_Codes = dict[str, set[int]]


def _by_one_answer(
    choices: list[FormChoice], tree: Expression, name: str, known: Known, form: FormContext
) -> _Codes | None:
    """Return for each choice that is left the codes of the one answer that leave it."""
    codes: _Codes = {}
    for answers, when in answer_combinations([name], form.questions):
        if not isinstance(when, dict) or when.get("item") != known.id or "in" not in when:
            return None
        for choice in (choice for choice in choices if choice_passes(tree, choice, answers)):
            codes.setdefault(choice.name, set()).update(when["in"])
    return codes


def _by_one_of_several(
    choices: list[FormChoice], tree: Expression, name: str, known: Known, _: FormContext
) -> _Codes | None:
    """Return for each choice that is left the codes of several answers any of which leaves it (carried forward)."""
    if not unites(tree):
        return None
    codes: _Codes = {}
    for code, answer in known.answers.items():
        for choice in (choice for choice in choices if choice_passes(tree, choice, {name: answer})):
            codes.setdefault(choice.name, set()).add(code)
    return codes
