"""Turns one question of a form into an item of the questionnaire, or says why it cannot be one."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from survey.authoring.xlsform import numbers, selects
from survey.authoring.xlsform.cascades import Cascade
from survey.authoring.xlsform.checks import checks, compares
from survey.authoring.xlsform.expressions.formulas import Formula, all_of, item_in
from survey.authoring.xlsform.expressions.known import Known, Parts
from survey.authoring.xlsform.form_context import YES, FormContext, item_head
from survey.authoring.xlsform.sheets.choices import CodedChoices
from survey.authoring.xlsform.sheets.columns import MEDIA
from survey.authoring.xlsform.sheets.report import ConstructError
from survey.authoring.xlsform.sheets.structure import METADATA, FormQuestion, Grid
from survey.authoring.xlsform.specified import OWN_SIZE, specified
from survey.faults import said
from survey.questionnaire.codes import MISSING, REFUSED

Items = list[dict[str, Any]]
_PHRASE, _PHRASES = {"count": 1, "words": 8, "length": 60}, {"count": 3, "words": 8, "length": 60}
REFUSED_TYPES: Mapping[str, tuple[str, str]] = {
    "gps": ("a place on the map tells who answers, and has no closed list", "ask for the region as choices"),
    "image": ("a picture tells who answers, and cannot be counted", "ask for what is to be seen on it as choices"),
    "audio": ("a recording tells who answers, and cannot be counted", "ask for its content as choices"),
    "video": ("a film tells who answers, and cannot be counted", "ask for its content as choices"),
    "file": ("a file tells who answers, and cannot be counted", "ask for its content as choices"),
    "barcode": ("a barcode tells apart one thing or person from all others", "ask for its kind as choices"),
    "osm": ("a feature of a map has no closed list", "ask for it as choices"),
    "hidden": ("a hidden value is never asked", "drop the row"),
    "xml-external": ("data beside the form are not read", "write the choices into the sheet choices"),
    "csv-external": ("data beside the form are not read", "write the choices into the sheet choices"),
}
_ONE = (
    "instead of free text it asks for a phrase of at most {words} words, of which only those that many people wrote "
    "are released"
)
_THREE = (
    "instead of free text it asks for up to 3 phrases of at most {words} words, of which only those that many people "
    "wrote are released"
)
_METADATA = "it notes something about the device or the time, which nobody here may keep"
_KEPT_APPEARANCES = frozenset({
    "field-list", "minimal", "likert", "table-list", "label", "list-nolabel", "multiline", "year", "no-calendar",
    "month-year", "ethiopian", "coptic", "islamic", "bikram-sambat", "myanmar", "persian", "buddhist", "",
})  # fmt: skip


def import_question(question: FormQuestion, form: FormContext) -> Items:
    """Return the items that a question becomes; raise ConstructError where it becomes none."""
    _check_type(question)
    routing = form.routing(question.groups, question.cells.get("relevant"))
    if question.type != "note" and question.cells.get("read_only").lower() in YES:
        raise ConstructError("it is read-only, so nobody can answer it", "drop the row, or make it a note")
    _remark_on_columns(question, form)
    return _BUILDERS[question.type](question, form, routing)


def _check_type(question: FormQuestion) -> None:
    if question.type in METADATA:
        raise ConstructError(_METADATA, "drop the row")
    if question.type in REFUSED_TYPES:
        raise ConstructError(*REFUSED_TYPES[question.type])
    if question.type not in _BUILDERS:
        raise ConstructError(said("the type {type} is not known", type=question.type), "use a type of docs/xlsform.md")
    if not question.name:
        raise ConstructError("it has no name", "write one into the column name")


def _remark_on_columns(question: FormQuestion, form: FormContext) -> None:
    if any(one.startswith(("ex:", "intent")) for one in question.appearances):
        form.report.add("changed", question.place, "it is answered on the page, and no other program is started for it")
    elif odd := [one for one in question.appearances if one not in _KEPT_APPEARANCES]:
        left_out = said("its appearance {shown} is left out: the phone has its own page", shown=" ".join(odd))
        form.report.add("dropped", question.place, left_out)
    if question.cells.get("default") or question.cells.get("calculation"):
        reason = "its default is left out: an answer that stands there already is given by who does not read"
        form.report.add("changed", question.place, reason)
    if repeat := next((group for group in question.groups if group.repeated), None):
        row = repeat.cells.place.row
        form.report.add(
            "changed", question.place, said("it stands in the repeat of row {row}, and is asked once", row=row)
        )
    for column in ("constraint_message", "required_message"):
        kept = column == "constraint_message" and (question.type == "select_one" or compares(question, form))
        if question.cells.texts.get(column) and not kept:
            form.report.add(
                "dropped",
                question.place,
                said("its {column} is left out: the phone has messages of its own", column=column),
            )
    for column in (*MEDIA, "guidance_hint"):
        for content in question.cells.texts.get(column, {}).values():
            remedy = "put recordings into a folder and name it as `audio`" if column == "audio" else ""
            form.report.add(
                "dropped",
                question.place,
                said("its {column} ({content}) is left out", column=column, content=content[:60]),
                remedy,
            )


def _texts(question: FormQuestion, form: FormContext) -> dict[str, Any]:
    """Return an item's text, and its hint where it has one."""
    text = form.texts.label(question.cells.texts.get("label", {}), question.place)
    hints = {language: hint for language, hint in question.cells.texts.get("hint", {}).items() if hint}
    return {"text": text, **({"hint": form.texts.label(hints, question.place)} if hints else {})}


def _missing(question: FormQuestion, form: FormContext, *more: int) -> list[int]:
    passed = {*more, *(() if form.required(question) else (REFUSED,))}
    return [code for code in MISSING if code in passed]


def _note(question: FormQuestion, form: FormContext, routing: Formula) -> Items:
    form.lose(question, said("is a note, which decides nothing"))
    if question.type == "trigger":
        form.report.add("changed", question.place, "it is a note, and that it was read is not sent")
    texts = _texts(question, form)
    hint = texts.pop("hint", {})
    text = {locale: f"{words} ({hint[locale]})" if hint else words for locale, words in texts["text"].items()}
    return [item_head(question, form.ids.new(question.name), "note", routing) | {"text": text}]


def _phrase(question: FormQuestion, form: FormContext, routing: Formula) -> Items:
    if question.cells.get("constraint"):
        form.report.add("changed", question.place, "the form of its text is not checked, only its length")
    form.lose(question, said("is a text, which decides nothing"))
    size = _PHRASES if "multiline" in question.appearances else _PHRASE
    head = item_head(question, form.ids.new(question.name), "phrase", routing)
    entry = specified(question, head | {"missing": _missing(question, form)} | _texts(question, form) | size, form)
    form.report.add(
        "changed",
        question.place,
        said(_ONE if entry["count"] == 1 else _THREE, words=entry["words"]),
        "leave it out if it asks for names, addresses or numbers",
    )
    return [entry]


def _number(question: FormQuestion, form: FormContext, routing: Formula) -> Items:
    makers = {
        "range": numbers.range_item,
        "date": numbers.date_item,
        "datetime": numbers.date_item,
        "time": numbers.hour_item,
    }
    item = makers.get(question.type, numbers.number_item)(question, form)
    item_id = form.ids.new(question.name)
    missing = _missing(question, form, *item.missing)
    entry = (
        item_head(question, item_id, item.kind, routing) | {"missing": missing} | _texts(question, form) | item.members
    )
    if question.type in ("date", "datetime", "time"):
        form.lose(question, said("is a date or time, of which only a part is known"))
        return [entry]
    known = numbers.known_number(item_id, item, tuple(missing))
    form.know(question, known)
    return [entry | checks(question, known, form, routing)]


def _choosing(question: FormQuestion, form: FormContext, routing: Formula) -> Items:
    subsets = selects.filtered_choices(question, form)
    if subsets is None or isinstance(subsets, tuple):
        return _asked_once(question, form, routing, subsets)
    made = [
        _one_choosing(question, form, all_of([routing, subset.when]), subset.choices, f"{question.name}_{subset.name}")
        for subset in subsets
    ]
    reason = said(
        "its choices depend on an earlier answer, so it is asked as {count} items, one for each list of choices",
        count=len(made),
    )
    form.report.add("changed", question.place, reason, "tables of it are one for each of these items")
    if compares(question, form):
        unchecked = "that it fits other answers is not checked, because it is asked as several items"
        form.report.add("changed", question.place, unchecked, "say in its hint what it must fit")
    form.know(question, Parts(tuple(known for _, known in made)))
    return [item for items, _ in made for item in items]


def _asked_once(
    question: FormQuestion, form: FormContext, routing: Formula, filtered: tuple[Cascade, CodedChoices] | None
) -> Items:
    """Return the one item that a question becomes, its options filtered by an earlier answer where the form does so."""
    if filtered is None:
        choices = selects.coded_choices(question, form)
        (item, *others), known = _one_choosing(question, form, routing, choices, question.name)
        form.know(question, known)
        return [item | _checked(question, choices, form, known, routing), *others]
    found, choices = filtered
    (item, *others), known = _one_choosing(question, form, all_of([routing, found.when]), choices, question.name)
    names = [one.choice.name for one in choices.options]
    own = len(names)
    options = [*found.options(names, item["options"][:own]), *item["options"][own:]]
    asked = {"choice_filter": found.other} if any("for" in option for option in options) else {}
    form.report.add(
        "mapped",
        question.place,
        said("its choices are offered after the answers to {item} they are for", item=found.other),
        "",
    )
    form.know(question, known)
    checked = _checked(question, choices, form, known, all_of([routing, found.when]))
    return [{**item, **asked, "options": options, **checked}, *others]


def _checked(
    question: FormQuestion, choices: CodedChoices, form: FormContext, known: Known, routing: Formula
) -> dict[str, Any]:
    """Return the member `checks`; of several choices all of a constraint is one that is more than a `cap`."""
    several = question.type == "select_multiple"
    whole = several and selects.choice_limits_of(question, choices, form) is None
    return checks(question, known, form, routing, whole=whole)


def _one_choosing(
    question: FormQuestion, form: FormContext, routing: Formula, found: CodedChoices, name: str
) -> tuple[Items, Known]:
    several = question.type == "select_multiple"
    maker = selects.several_members if several else selects.one_members
    ending = frozenset() if several else selects.not_allowed(question, found, form)
    kind, members = maker(question, found, form)
    passed = {choice: code for choice, code in found.missing.items() if choice not in ending}
    missing = _missing(question, form, *passed.values())
    mixed = selects.shuffled(question) and kind != "scale"
    text = _texts(question, form)
    item_id = form.ids.new(name)
    paired = [*zip(found.options, members["options"], strict=True)]
    selects.end_interview(question, item_id, [entry for one, entry in paired if one.choice.name in ending], form)
    answers = {one.code: one.choice.name for one in found.options if one.choice.name not in ending}
    others: Items = []
    if question.or_other:
        code = selects.add_other(found, members["options"], form, mixed=mixed)
        answers[code] = "other"
        others = _other(question, form, _is_other(item_id, code, several=several), item_id)
    head = item_head(question, item_id, kind, routing) | {"missing": missing} | ({"shuffle": True} if mixed else {})
    cap = members.get("cap", len(members["options"]))
    kind_known: Literal["multi", "single"] = "multi" if several else "single"
    known = Known(item_id, kind_known, answers, passed, tuple(missing), cap, pipes=not several)
    return [head | text | members, *others], known


def _is_other(item_id: str, code: int, *, several: bool) -> Formula:
    return {"item": item_id, "has": [code]} if several else item_in(item_id, [code])


def _other(question: FormQuestion, form: FormContext, chosen: Formula, item_id: str) -> Items:
    """Return the short text below the option Other, which is released as a phrase list."""
    name = f"{question.name}_other"
    item = item_head(question, form.ids.new(name), "phrase", chosen)
    form.questions.lose(name, said("is a text, which decides nothing"))
    own = {"name": name, "missing": [REFUSED], "text": form.texts.own("other-text"), "specifies": item_id}
    return [item | own | OWN_SIZE]


def _ranking(question: FormQuestion, form: FormContext, routing: Formula) -> Items:
    found = selects.coded_choices(question, form)
    if question.cells.get("constraint"):
        raise ConstructError("a ranking has a constraint", "take it out")
    form.lose(question, said("is a ranking, by whose places a form cannot decide"))
    missing = _missing(question, form, *found.missing.values())
    head = item_head(question, form.ids.new(question.name), "ranking", routing)
    options = selects.options_of(found, form)
    mixed = {"shuffle": True} if selects.shuffled(question) else {}
    for place in range(1, len(options) + 1):
        form.ids.new(f"{head['id']}_{place}")
    return [head | {"missing": missing, "top": len(options)} | mixed | _texts(question, form) | {"options": options}]


_BUILDERS: Mapping[str, Callable[[FormQuestion, FormContext, Formula], Items]] = {
    "note": _note,
    "trigger": _note,
    "text": _phrase,
    "integer": _number,
    "decimal": _number,
    "range": _number,
    "date": _number,
    "datetime": _number,
    "time": _number,
    "select_one": _choosing,
    "select_multiple": _choosing,
    "rank": _ranking,
}


def import_grid(grid: Grid, form: FormContext) -> Items:
    """Return the grid that neighbouring questions with one list become; raise ConstructError where it is none."""
    first = grid.rows[0]
    routing = form.routing(first.groups, first.cells.get("relevant"))
    found = selects.coded_choices(first, form)
    if first.cells.get("constraint"):
        raise ConstructError("its rows have a constraint", "take it out")
    _, members = selects.one_members(first, found, form)
    text = form.texts.label(grid.header.texts.get("label", {}), grid.header.place)
    missing = _missing(first, form, *found.missing.values())
    rows = [{"id": form.ids.new(row.name), "text": _texts(row, form)["text"]} for row in grid.rows]
    head = item_head(first, form.ids.new(grid.header.get("name") or "table"), "grid", routing)
    head.pop("name", None)
    answers = {one.code: one.choice.name for one in found.options}
    for row, entry in zip(grid.rows, rows, strict=True):
        _check_type(row)
        _remark_on_columns(row, form)
        form.know(row, Known(entry["id"], "single", answers, found.missing, tuple(missing), pipes=True))
    return [head | {"missing": missing} | {"text": text, "options": members["options"], "rows": rows}]
