"""An authored questionnaire as the sheets of a workbook: what forms have words for, the rest in sheets of our own."""

import re
from collections.abc import Iterator
from typing import Any

from survey.authoring.item_options import included, members
from survey.authoring.schema import AuthoredItem, AuthoredStudy
from survey.authoring.texts import texts_of
from survey.authoring.xlsform.review.calculations import form_name, indicator
from survey.authoring.xlsform.review.cells import (
    FORMAT,
    OWN,
    SheetRow,
    SheetRows,
    at,
    check_cell,
    check_text,
    holes,
    is_empty,
    language_columns,
    path_text,
    text_cells,
)
from survey.authoring.xlsform.review.cells import written as cell
from survey.authoring.xlsform.review.item_rows import IN_CELLS, choice_rows, ends_at, item_rows, relevance
from survey.authoring.xlsform.review.xpath import NEVER, answered, expression, has_choices, joined
from survey.authoring.xlsform.sheets.report import FormError
from survey.faults import Where, said
from survey.questionnaire.questionnaire import Questionnaire

SHEETS = ("survey", "choices", "settings", f"{OWN}texts", f"{OWN}study")
_LIST_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def study_sheets(study: AuthoredStudy, whole: Questionnaire) -> SheetRows:
    """Return the sheets of a questionnaire that compiles; raise FormError for what no workbook can hold."""
    _check_list_names(study)
    sheets = {
        "survey": [*_survey(study, whole)],
        "choices": [*choice_rows(study)],
        "settings": [_settings(study)],
        f"{OWN}texts": [*_texts(study)],
        f"{OWN}study": [*_rest(study)],
    }
    full = {name: [{key: text for key, text in row.items() if text} for row in rows] for name, rows in sheets.items()}
    _check_cells(full)
    return full


def _check_list_names(study: AuthoredStudy) -> None:
    for name in study.option_sets:
        if not _LIST_NAME.fullmatch(name) or name in {item.id for item in study.items}:
            reason = said("{name} is no name that a list of choices can have in a form", name=name)
            raise FormError("option_sets", reason, "use letters, digits and _, and no item's id")


def _check_cells(sheets: SheetRows) -> None:
    for name, rows in sheets.items():
        for number, row in enumerate(rows, 2):
            for column, content in row.items():
                place = f"{name}!{number} {row.get('name') or row.get('path') or ''} ({column})"
                check_cell(place, content)
                if column.startswith(("label", "hint", "constraint_message")):
                    check_text(place, content)


def _settings(study: AuthoredStudy) -> SheetRow:
    first = next(iter(study.locales))
    title = study.title if isinstance(study.title, str) else study.title[first]
    language = language_columns(study, "label")[first].partition("::")[2]
    return {
        "form_title": title,
        "form_id": study.study,
        "version": study.version,
        "default_language": language,
        f"{OWN}format": FORMAT,
    }


def _survey(study: AuthoredStudy, whole: Questionnaire) -> Iterator[SheetRow]:
    ends, going_on = 0, ""
    for item in study.items:
        yield from item_rows(
            item, study, relevance(item, study, _routing(item, whole), going_on), _checked(item, whole)
        )
        codes = ends_at(item, study) if included(item, study) else []
        if codes:
            ends += 1
            stops = joined("or", (answered(item.id, code, whole) for code in codes), "")
            name, earlier = f"{OWN}going_on_{ends}", f"({going_on}) and " if going_on else ""
            yield {"type": "calculate", "name": name, "calculation": f"if({earlier}not({stops}), 1, 0)"}
            going_on = f"${{{name}}} = 1"
    if len(study.forms) > 1:
        yield {"type": "calculate", "name": f"{OWN}form", "calculation": form_name(whole)}
    yield from _indicators(study, whole)


def _routing(item: AuthoredItem, whole: Questionnaire) -> str:
    first = next((member.id for member in members(item)), item.id)
    asked = whole.by_id[first].ask_if if first in whole.by_id else None
    return "" if asked is None else expression(asked, whole)


def _checked(item: AuthoredItem, whole: Questionnaire) -> list[str]:
    """Return the checks of an item as expressions of its own constraint, which missing codes need not keep."""
    plain = whole.by_id.get(item.id)
    if plain is None or not plain.checks:
        return []
    missing = [answered(item.id, code, whole) for code in plain.missing if has_choices(plain)]
    rules = [joined("or", [*missing, expression(check, whole)], NEVER) for check in plain.checks]
    return [rule.replace(f"${{{item.id}}}", ".") for rule in rules]


def _indicators(study: AuthoredStudy, whole: Questionnaire) -> Iterator[SheetRow]:
    labels = {derived.id: derived.labels for derived in study.derived}
    for derived in study.derived:
        data = derived.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"id", "text"})
        named = labels[derived.id]
        paths: list[Where] = [("labels", level) for level in named] if isinstance(named, dict) else []
        rest = {key: value for key, value in holes(data, paths).items() if not is_empty(value)}
        calculation = indicator(whole.derived_by_id[derived.id], whole)
        yield {"type": "calculate", "name": derived.id, "calculation": calculation, f"{OWN}derived": cell(rest)}


def _has_cells(where: Where, study: AuthoredStudy) -> bool:
    """Say whether a text stands in the sheets survey or choices."""
    if where[0] != "items":
        return where[0] == "option_sets"
    alone = [item.id for item in study.items if len(item.checks or ()) == 1]
    return where[2] in IN_CELLS or (where[2] == "checks" and where[1] in alone)


def _texts(study: AuthoredStudy) -> Iterator[SheetRow]:
    for where, text in texts_of(study):
        if not _has_cells(where, study):
            yield {"path": path_text(where), **text_cells(study, "text", text)}


def _rest(study: AuthoredStudy) -> Iterator[SheetRow]:
    apart = {"study", "version", "items", "option_sets", "derived"}
    data: dict[str, Any] = study.model_dump(mode="json", by_alias=True, exclude_unset=True)
    paths = [where for where, _ in texts_of(study) if where[0] not in apart and at(data, where) is not None]
    rest = holes({key: value for key, value in data.items() if key not in apart}, paths)
    for key, value in rest.items():
        if not is_empty(value):
            yield {"path": key, "value": cell(value)}
