"""One authored item as rows of the sheets survey and choices."""

from collections.abc import Iterator, Sequence

from survey.authoring.item_options import choices, compiled, included, written
from survey.authoring.schema import AuthoredItem, AuthoredOption, AuthoredStudy
from survey.authoring.xlsform.review.cells import OWN, SheetRow, holes, is_empty, text_cells
from survey.authoring.xlsform.review.cells import written as cell
from survey.authoring.xlsform.review.xpath import bounds, has_choices, is_range, joined
from survey.questionnaire.items import Item

IN_CELLS = ("text", "hint", "options", "bands", "rows")
"""Members of an item whose texts stand in cells of their own; other texts are in the sheet of texts."""
ADDED = f"{OWN}added"
"""The column that marks a choice as worked out of other cells: a missing code, a count, a number of a scale."""
YES = "yes"


def item_rows(
    item: AuthoredItem, study: AuthoredStudy, relevant: str, checked: Sequence[str] = ()
) -> Iterator[SheetRow]:
    """Yield the rows of an item: one, or those of a table; `checked` are its checks as expressions."""
    plain = compiled(item, study)
    members = _own_columns(item)
    texts = text_cells(study, "label", item.text) | text_cells(study, "hint", item.hint)
    if item.type == "grid":
        appearance = "field-list" if _filter(item, study) else "table-list"
        yield {
            "type": "begin_group",
            "name": item.id,
            **texts,
            "relevant": relevant,
            "appearance": appearance,
            **members,
        }
        for number, row in enumerate(item.rows or (), 1):
            name = row.id or f"{item.id}_{number}"
            yield {"type": f"select_one {list_name(item)}", "name": name, **text_cells(study, "label", row.text),
                   "required": _required(item), "choice_filter": _filter(item, study)}  # fmt: skip
        yield {"type": "end_group"}
        return
    yield {"type": _type(item, plain), "name": item.id, **texts, "required": _required(item), "relevant": relevant,
           "constraint": joined("and", [*filter(None, [_constraint(item, plain, study)]), *checked], ""),
           **_messages(item, study), "appearance": _appearance(item, plain),
           "parameters": _parameters(item, plain),
           "choice_filter": joined("and", [*filter(None, [_filter(item, study)]), *_cascade(plain, study)], "")
           if has_choices(plain) else "", **members}  # fmt: skip


def list_name(item: AuthoredItem) -> str:
    """Return the name of an item's list of choices: that of its option set, or its own id."""
    return item.options if isinstance(item.options, str) else item.id


def choice_rows(study: AuthoredStudy) -> Iterator[SheetRow]:
    """Yield the rows of all lists: option sets, each with the missing codes of all its items, and items' own."""
    for name, options in study.option_sets.items():
        users = [item for item in study.items if item.options == name]
        codes = sorted({code for item in users for code in item.missing or ()})
        yield from (_choice(name, option, study) for option in options)
        yield from _missing(name, codes, study)
    for item in study.items:
        if isinstance(item.options, str):
            continue
        own = item.bands if item.bands is not None else item.options or ()
        yield from (_choice(item.id, option, study) for option in own)
        plain = compiled(item, study)
        if not own and has_choices(plain):
            yield from _counted(item, plain, study)
        if has_choices(plain) or item.type == "ranking":
            yield from _missing(item.id, item.missing or (), study)


def _own_columns(item: AuthoredItem) -> SheetRow:
    """Return the columns of what a form has no words for, by the names of the questionnaire's keys."""
    data = item.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={"id", "text", "hint", "bands", "rows"}
    )
    if not isinstance(item.options, str):
        data.pop("options", None)
    data = holes(data, _other_texts(item))
    return {f"{OWN}{key}": cell(value) for key, value in data.items() if not is_empty(value)}


def _other_texts(item: AuthoredItem) -> list[tuple[str | int, ...]]:
    lines = item.list_experiment.lines if item.list_experiment else ()
    return [
        *(("ends", index) for index in range(len(item.ends or ()))),
        *((("units",),) if item.units is not None else ()),
        *(("list_experiment", "lines", index) for index in range(len(lines))),
        *(("checks", index, "text") for index in range(len(item.checks or ()))),
    ]


def _messages(item: AuthoredItem, study: AuthoredStudy) -> SheetRow:
    """Return the message of an item's check; the sheet of texts has those of several: a form has room for one."""
    texts = [check.text for check in item.checks or ()]
    return text_cells(study, "constraint_message", texts[0]) if len(texts) == 1 else {}


def _type(item: AuthoredItem, plain: Item) -> str:
    fixed = {"number": "integer", "date": "date", "note": "note", "phrase": "text"}
    if is_range(plain):
        return "range"
    kinds = {"multi": "select_multiple", "ranking": "rank"}
    return fixed.get(item.type) or f"{kinds.get(item.type, 'select_one')} {list_name(item)}"


def _appearance(item: AuthoredItem, plain: Item) -> str:
    if item.type == "date":
        return "month-year" if item.unit == "month" else "year"
    return "likert" if item.type == "scale" and has_choices(plain) else ""


def _required(item: AuthoredItem) -> str:
    return YES if item.type != "note" and not item.missing else ""


def _parameters(item: AuthoredItem, plain: Item) -> str:
    if is_range(plain):
        return f"start={plain.options[0].code} end={plain.options[-1].code} step=1"
    return "randomize=true" if item.shuffle else ""


def _constraint(item: AuthoredItem, plain: Item, study: AuthoredStudy) -> str:
    if item.type != "multi":
        return bounds(plain)
    alone = [*(option.code for option in written(item, study) if option.exclusive), *plain.missing]
    capped = [f"count-selected(.) <= {plain.cap}"] if plain.cap is not None and plain.cap < len(plain.options) else []
    apart = [f"not(selected(., '{code}') and count-selected(.) > 1)" for code in alone]
    return joined("and", [*capped, *apart], "")


def _filter(item: AuthoredItem, study: AuthoredStudy) -> str:
    """Return a filter that hides the missing codes that other items with the same option set offer."""
    if not isinstance(item.options, str):
        return ""
    offered = {code for other in study.items if other.options == item.options for code in other.missing or ()}
    return " and ".join(f"name != '{code}'" for code in sorted(offered - {*(item.missing or ())}))


def _cascade(plain: Item, study: AuthoredStudy) -> list[str]:
    """Return the filter by an earlier answer; where no choice is for that answer, all choices pass."""
    if plain.choice_filter is None:
        return []
    answer, own = f"${{{plain.choice_filter}}}", f"{OWN}for"
    codes = sorted({code for option in plain.options for code in option.only_for or ()})
    listed = f"selected(translate({own}, '[],', '   '), "
    if any(item.id == plain.choice_filter and item.type == "multi" for item in study.items):
        named = [f"selected({answer}, '{code}')" for code in codes]
        carried = all(option.only_for in (None, (option.code,)) for option in plain.options)
        each = [f"({one} and {listed}'{code}'))" for one, code in zip(named, codes, strict=True)]
        passes = f"selected({answer}, name)" if carried else joined("or", each, "")
    else:
        named = [f"{answer} = '{code}'" for code in codes]
        passes = f"{listed}{answer})"
    return [f"{own} = '' or {passes} or not({joined('or', named, '')})"]


def _choice(name: str, option: AuthoredOption, study: AuthoredStudy) -> SheetRow:
    data = option.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"code", "text", "picture"})
    own = {f"{OWN}{key}": cell(value) for key, value in data.items() if value is not None}
    image = {"media::image": option.picture} if option.picture is not None else {}
    return {"list_name": name, "name": str(option.code), **text_cells(study, "label", option.text), **image, **own}


def _missing(name: str, codes: Sequence[int], study: AuthoredStudy) -> Iterator[SheetRow]:
    for code in codes:
        texts = text_cells(study, "label", study.missing.get(str(code)))
        yield {"list_name": name, "name": str(code), **texts, ADDED: YES}


def _counted(item: AuthoredItem, plain: Item, study: AuthoredStudy) -> Iterator[SheetRow]:
    """Yield the numbers of a scale, or the counts of a list experiment as the arm with all lines has them."""
    for choice in choices(item, study):
        if choice.option.arm != 0:
            code = choice.option.code if plain.type != "list" else choice.option.count
            yield {"list_name": item.id, "name": str(code), **text_cells(study, "label", choice.text), ADDED: YES}


def relevance(item: AuthoredItem, study: AuthoredStudy, routing: str, going_on: str) -> str:
    """Return who is asked an item: nobody of a module that is off, else as its form, condition and earlier ends say."""
    if not included(item, study):
        return "false()"
    forms = [form.id for form in study.forms]
    own = forms if item.forms is None else item.forms
    named = [f"${{{OWN}form}} = '{name}'" for name in own] if {*own} != {*forms} else []
    return joined("and", [part for part in (going_on, joined("or", named, ""), routing) if part], "")


def ends_at(item: AuthoredItem, study: AuthoredStudy) -> list[int]:
    """Return the codes of an item that end the interview."""
    return [option.code for option in (*written(item, study), *(item.bands or ())) if option.end]
