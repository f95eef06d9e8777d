"""Questions with choices: one or several of a list, rankings, and tables of questions with one list."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from survey.authoring.xlsform.cascades import Cascade, cascade
from survey.authoring.xlsform.expressions.constraints import (
    ChoiceLimits,
    TooMuchError,
    allowed_names,
    alone_and_between,
    choice_limits,
)
from survey.authoring.xlsform.expressions.filters import answer_combinations, choice_passes
from survey.authoring.xlsform.expressions.formulas import Formula, any_of
from survey.authoring.xlsform.expressions.grammar import Column, Expression, Ref, walk
from survey.authoring.xlsform.form_context import YES, FormContext
from survey.authoring.xlsform.sheets.choices import (
    CodedChoice,
    CodedChoices,
    FormChoice,
    coded,
    free_code,
    option,
    without_repeats,
)
from survey.authoring.xlsform.sheets.columns import read_cells
from survey.authoring.xlsform.sheets.names import slug
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.authoring.xlsform.sheets.structure import FormQuestion
from survey.authoring.xlsform.sheets.workbook import Row
from survey.faults import said
from survey.questionnaire.rules.questionnaire_rules import most_options

MOST_CSV_BYTES = 2_000_000
_COLUMNS = re.compile(r"\b(value|label)\s*=\s*([^\s,;]+)")
MOST_SUBSETS = 64
"""Items that one question with a filter may become."""


@dataclass(frozen=True, slots=True)
class Subset:
    """The choices that a filter leaves for some answers to earlier questions; `name` tells it from the others."""

    name: str
    when: Formula
    choices: CodedChoices


def coded_choices(question: FormQuestion, form: FormContext) -> CodedChoices:
    """Return the choices of a question with their codes; raise ConstructError where one of them is lost."""
    choices = _listed(question, form)
    if tree := _filter(question, choices, form):
        choices = [choice for choice in choices if choice_passes(tree, choice, {})]
    return _coded(question, choices, form)


def filtered_choices(question: FormQuestion, form: FormContext) -> tuple[Cascade, CodedChoices] | list[Subset] | None:
    """Return the choices that a filter by earlier answers leaves: of one item, or apart; None where it names none."""
    choices = _listed(question, form)
    tree = _filter(question, choices, form)
    names = sorted({node.name for node in walk(tree) if isinstance(node, Ref)}) if tree else []
    if tree is None or not names:
        return None
    found = cascade(question, choices, tree, names, form)
    if found is None:
        return _subsets(question, choices, tree, names, form)
    return found, _coded(question, [*found.choices], form)


def _subsets(
    question: FormQuestion, choices: list[FormChoice], tree: Expression, names: list[str], form: FormContext
) -> list[Subset]:
    """Return the choices for each list that a filter leaves."""
    found: dict[tuple[int, ...], tuple[list[str], list[Formula]]] = {}
    for answers, when in answer_combinations(names, form.questions):
        rows = tuple(at for at, choice in enumerate(choices) if choice_passes(tree, choice, answers))
        if rows:
            labels, conditions = found.setdefault(rows, ([], []))
            labels.append("_".join(str(answers[name]) for name in names))
            conditions.append(when)
    if not 1 <= len(found) <= MOST_SUBSETS:
        reason = said(
            "its filter leaves {count} different lists of choices, and at most {most} can be asked apart",
            count=len(found),
            most=MOST_SUBSETS,
        )
        raise ConstructError(reason, "ask in fewer steps")
    return [
        Subset(labels[0], any_of(conditions), _coded(question, [choices[at] for at in rows], form))
        for rows, (labels, conditions) in found.items()
    ]


def _coded(question: FormQuestion, choices: list[FormChoice], form: FormContext) -> CodedChoices:
    if not choices:
        raise ConstructError(
            said("the list {list} has no choice", list=question.choices), "add its choices to the sheet choices"
        )
    found = coded(without_repeats(choices, form.report), form.report, several=question.type == "select_multiple")
    if not found.options:
        raise ConstructError("every choice stands for no answer", "add a choice that is an answer")
    one = question.type.startswith("select_one") and "likert" not in question.appearances
    most = most_options("single" if one else "multi")
    if len(found.options) > most:
        reason = said(
            "the list {list} has {count} choices, and such a question at most {most}",
            list=question.choices,
            count=format(len(found.options), ","),
            most=most,
        )
        raise ConstructError(reason, "group the choices, or ask in two steps")
    return found


def _listed(question: FormQuestion, form: FormContext) -> list[FormChoice]:
    if question.from_file:
        return _of_file(question, form)
    if question.choices not in form.lists:
        raise ConstructError(
            said("there is no list {list}", list=question.choices), "add its choices to the sheet choices"
        )
    return form.lists[question.choices]


def _of_file(question: FormQuestion, form: FormContext) -> list[FormChoice]:
    name = question.choices
    path = (form.folder / name).resolve()
    if path.suffix.lower() != ".csv" or not path.is_relative_to(form.folder.resolve()):
        raise ConstructError(
            said("its choices stand in {name}, which is no CSV file beside the form", name=name), "give a CSV file"
        )
    try:
        if (size := path.stat().st_size) > MOST_CSV_BYTES:
            raise ConstructError(
                said("{name} has {size} bytes, too many for choices", name=name, size=format(size, ",")),
                "ask for fewer choices",
            )
        text = path.read_bytes().decode("utf-8-sig")
    except OSError:
        raise ConstructError(
            said("its choices stand in {name}, which is not there", name=name), "put it beside the form"
        ) from None
    except UnicodeDecodeError:
        raise ConstructError(said("{name} is no text in UTF-8", name=name), "save it as CSV in UTF-8") from None
    given = _COLUMNS.findall(question.cells.get("parameters"))
    columns = {key: "name" if column == "value" else column for column, key in given}
    records = enumerate(csv.DictReader(io.StringIO(text)), 2)
    return [_of_record(name, number, record, columns) for number, record in records]


def _of_record(file: str, number: int, record: dict[str, Any], columns: Mapping[str, str]) -> FormChoice:
    """Return a line of a file of choices; `columns` gives its own columns that are the name and the label."""
    written = {
        columns.get(key, key): value for key, value in record.items() if isinstance(value, str) and value.strip()
    }
    cells = read_cells(Row(file, number, written))
    label = cells.texts.get("label", {})
    if not cells.get("name") or not label:
        raise ConstructError(
            said("{file} has no name or label in line {number}", file=file, number=number),
            "give it the columns name and label",
        )
    return FormChoice(cells, cells.get("name"), label)


def _filter(question: FormQuestion, choices: list[FormChoice], form: FormContext) -> Expression | None:
    source = question.cells.get("choice_filter")
    if not source:
        return None
    tree = form.parse(source)
    columns = {column for choice in choices for column in choice.cells.plain}
    for node in walk(tree):
        if isinstance(node, Column) and node.name not in columns:
            raise ConstructError(
                said("its filter names `{name}`, which is no column of its choices", name=node.name),
                "put words in quotes",
            )
    return tree


def options_of(found: CodedChoices, form: FormContext) -> list[dict[str, Any]]:
    """Return coded choices as options of an item, with their labels in every locale."""
    return [option(one, _label(one, form)) for one in found.options]


def _label(one: CodedChoice, form: FormContext) -> dict[str, str]:
    choice = one.choice
    place = replace(choice.cells.place, name=choice.name)
    if choice.picture:
        reason = said("the picture {picture} of a choice is left out", picture=choice.picture)
        form.report.add("dropped", place, reason, "for pictures write type picture, and `picture: FILE` at each option")
    if not choice.label:
        form.report.add("changed", place, "the choice has no label, and its name stands for it", "write its label")
    # A file of choices has one label for all languages.
    label = choice.label if None not in choice.label else dict.fromkeys(form.languages.of, choice.label[None])
    return form.texts.label({**label, **choice.label}, place, choice.name)


def several_members(question: FormQuestion, found: CodedChoices, form: FormContext) -> tuple[str, dict[str, Any]]:
    """Return the type, options and cap of a question of several choices, as its constraint has them."""
    options = options_of(found, form)
    names = [one.choice.name for one in found.options]
    limits = choice_limits_of(question, found, form)
    if limits is None:
        return "multi", {"options": options}
    for one, entry in zip(found.options, options, strict=True):
        if one.choice.name in limits.exclusive:
            entry["exclusive"] = True
    if limits.most < 1:
        raise ConstructError("its constraint allows no choice at all", "correct the constraint")
    return "multi", {"options": options, **({"cap": limits.most} if limits.most < len(names) else {})}


def choice_limits_of(question: FormQuestion, found: CodedChoices, form: FormContext) -> ChoiceLimits | None:
    """Return how many and which choices a constraint allows together; None where it says none, or more than that."""
    source = question.cells.get("constraint")
    alone = alone_and_between(form.parse(source))[0] if source else None
    if alone is None:
        return None
    try:
        return choice_limits(alone, [*(one.choice.name for one in found.options), *found.missing])
    except TooMuchError:
        return None


def one_members(question: FormQuestion, found: CodedChoices, form: FormContext) -> tuple[str, dict[str, Any]]:
    """Return the type and the members of a question of one choice: a scale where it looks like one."""
    options = options_of(found, form)
    if "likert" in question.appearances and len(options) > 1 and not question.or_other:
        return "scale", {"ends": [options[0]["text"], options[-1]["text"]], "options": options}
    return "single", {"options": options}


def not_allowed(question: FormQuestion, found: CodedChoices, form: FormContext) -> frozenset[str]:
    """Return the choices of a question of one choice with which a form lets nobody go on."""
    source = question.cells.get("constraint")
    alone = alone_and_between(form.parse(source))[0] if source else None
    if alone is None:
        return frozenset()
    names = frozenset([*(one.choice.name for one in found.options), *found.missing])
    allowed = allowed_names(alone, names)
    if not allowed:
        raise ConstructError("its constraint allows no choice at all", "correct the constraint")
    return names - allowed


def end_interview(question: FormQuestion, item_id: str, options: list[dict[str, Any]], form: FormContext) -> None:
    """Let these options end the interview, with the form's own message where it has one."""
    if not options:
        return
    name = f"end-{slug(item_id)}"
    messages = question.cells.texts.get("constraint_message", {})
    form.endings[name] = form.texts.label(messages, question.place) if messages else form.texts.own("no-consent")
    for entry in options:
        entry["end"] = name
    reason = said(
        "{count} of its choices end the interview, since the form lets nobody go on with them", count=len(options)
    )
    form.report.add("changed", question.place, reason, "take them out if another answer is meant to be asked for")


def add_other(found: CodedChoices, options: list[dict[str, Any]], form: FormContext, *, mixed: bool) -> int:
    """Add the option Other to a list that has `or_other`, and return its code."""
    code = free_code(found.options)
    last = {"last": True} if mixed else {}
    options.append({"code": code, "name": "other", **last, "text": form.texts.own("other")})
    return code


def shuffled(question: FormQuestion) -> bool:
    """Say whether a question's choices are to be shown in a drawn order."""
    parameters = question.cells.get("parameters").replace(" ", "").lower().replace(";", ",").split(",")
    return any(f"randomize={yes}" in parameters for yes in YES)
