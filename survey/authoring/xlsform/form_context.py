"""What the import of one form knows while it goes through the rows: choices, words, known questions, the report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from survey.authoring.xlsform.expressions.formulas import Formula, all_of
from survey.authoring.xlsform.expressions.grammar import Expression, ExpressionParser
from survey.authoring.xlsform.expressions.known import Calculation, Known, KnownQuestions, Parts
from survey.authoring.xlsform.expressions.meaning import Meaning
from survey.authoring.xlsform.sheets.choices import FormChoice
from survey.authoring.xlsform.sheets.languages import Languages
from survey.authoring.xlsform.sheets.names import Ids, slug
from survey.authoring.xlsform.sheets.report import ConstructError, ImportReport
from survey.authoring.xlsform.sheets.structure import FormQuestion, Group
from survey.authoring.xlsform.wording import TextWriter
from survey.faults import said

YES, NO = ("yes", "true", "true()", "1"), ("", "no", "false", "false()", "0")
_WHY_NOT = said("is not imported, so nothing can be decided by it")


@dataclass
class FormContext:
    """The state of one import; `cuts` are the numbers at which a form decides something, by question.

    `bands` are those that the author gives for some questions, in place of a proposal. `items` are those of the
    questions so far.
    """

    folder: Path
    lists: Mapping[str, list[FormChoice]]
    languages: Languages
    texts: TextWriter
    questions: KnownQuestions
    report: ImportReport
    parser: ExpressionParser
    cuts: Mapping[str, set[int]]
    bands: Mapping[str, list[dict[str, int]]]
    ids: Ids = field(default_factory=Ids)
    endings: dict[str, dict[str, str]] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)

    def parse(self, source: str) -> Expression:
        """Return an expression's tree; raise ConstructError where it is not understood."""
        return self.parser.parse(source)

    def condition(self, source: str) -> Formula:
        """Return for whom an expression is true; everybody where it is empty."""
        return Meaning(self.questions).condition(self.parse(source)) if source else True

    def routing(self, groups: tuple[Group, ...], own: str = "") -> Formula:
        """Return who is asked what stands in these groups under its own condition."""
        return all_of([*map(self._of_group, groups), self.condition(own)])

    def _of_group(self, group: Group) -> Formula:
        try:
            return self.condition(group.cells.get("relevant"))
        except ConstructError as error:
            reason = said(
                "the condition of its group in row {row} is lost: {reason}",
                row=group.cells.place.row,
                reason=error.reason,
            )
            raise ConstructError(reason, error.remedy) from None

    def required(self, question: FormQuestion) -> bool:
        """Say whether nobody may pass a question by; remark where that depends on other answers."""
        written = question.cells.get("required")
        if written.lower() not in (*YES, *NO):
            reason = "it is required only under a condition, and may be passed by here"
            self.report.add("changed", question.place, reason, "write `missing: []` where everybody must answer")
        return written.lower() in YES

    def know(self, question: FormQuestion, known: Known | Parts | Calculation) -> None:
        """Keep a question for the expressions after it."""
        self.questions.by_name[question.name] = known

    def lose(self, question: FormQuestion, why: str = _WHY_NOT) -> None:
        """Keep that nothing can be decided by a question."""
        if question.name:
            self.questions.lose(question.name, why)


def item_head(question: FormQuestion, item_id: str, kind: str, routing: Formula) -> dict[str, Any]:
    """Return the first members of an item: id, the name that it had, type, block and condition."""
    if routing is False:
        raise ConstructError(
            "its condition is never true, so nobody is asked", "correct the condition, or drop the row"
        )
    named = {} if question.name in ("", item_id) else {"name": question.name}
    block = slug(question.groups[-1].cells.get("name")) if question.groups else "form"
    asked = {} if routing is True else {"ask_if": routing}
    return {"id": item_id, **named, "type": kind, "block": block, **asked}
