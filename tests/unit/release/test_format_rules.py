"""What file formats can hold: survey/release/format_rules.py and format_limits.py."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from studies import small_study as small

from survey.questionnaire.questionnaire import HEADER_DIMENSIONS, Questionnaire, Texts
from survey.release.format_limits import plan_limits, questionnaire_limits
from survey.release.format_rules import CSV, FILE, SHEET, STATISTICAL, VARIABLE, XML, variable_name

IDS = st.from_regex(r"[A-Z][A-Z0-9_]{0,31}", fullmatch=True)


@given(st.lists(IDS, unique=True, max_size=20), st.sampled_from([FILE, SHEET, VARIABLE]))
def test_every_id_has_a_name_that_the_format_holds_and_no_other_has(ids, rule):
    """Names fit, are no reserved one in either case, and stay apart; an id that fits keeps its own."""
    names = {name: rule.name(name) for name in ids}
    assert {True} >= {rule.holds(name) for name in names.values()}
    assert len(ids) == len({name.upper() for name in names.values()})
    assert all(names[name] == name for name in ids if rule.holds(name))


def test_names_depend_on_nothing_but_the_id():
    """The same id is called the same in every release: these are the documented names."""
    assert "X" * 20 + "_9b955f9340" == variable_name("X" * 32)
    assert ("AGE", "at_mode", "X" * 31) == tuple(map(variable_name, ("AGE", "@mode", "X" * 31)))
    assert {"WITH", "VALUE", "END_", "AT_MODE"} & {
        variable_name(name) for name in ("WITH", "VALUE", "END_", "AT_MODE")
    } == set()
    assert ("HISTORY", "CON", "STATEMENT") != (SHEET.name("HISTORY"), FILE.name("CON"), FILE.name("STATEMENT"))
    assert len(HEADER_DIMENSIONS) == len({variable_name(name) for name in HEADER_DIMENSIONS})


@given(st.text())
def test_texts_lose_only_what_a_format_cannot_hold(text):
    """NUL is replaced for the statistical formats, noncharacters and controls for XML and CSV; all others stay."""
    assert "\0" not in STATISTICAL.text(text)
    assert not {"\0", "\x0b", "\ufffe", "\uffff"} & set(XML.text(text))
    assert not {"\0", "\x0b", "\x7f", "\x85", "\ufdd0", "\uffff", "\U0010ffff"} & set(CSV.text(text))
    assert [a for a in text if unicodedata.category(a) not in {"Cc", "Cn"}] == [
        b for a, b in zip(text, CSV.text(text), strict=True) if unicodedata.category(a) not in {"Cc", "Cn"}
    ]
    assert text.replace("\0", "\ufffd") == STATISTICAL.text(text)


def test_study_check_names_what_a_format_will_hold_otherwise():
    """An id of 32 letters and labels with U+FFFE or NUL are named with their place; a plain study has none."""
    assert () == questionnaire_limits(small.QUESTIONNAIRE, small.TEXTS)
    name = "A" * 32
    document = small.QUESTIONNAIRE.to_bytes().decode().replace('"AGE"', f'"{name}"')
    texts = small.ENGLISH.to_bytes().decode().replace('"AGE"', f'"{name}"')
    spoiled = Texts.from_bytes(texts.encode())
    item = spoiled.items[name]
    options = {**item.options, "1": "a\0b", "2": "a\ufffeb"}
    spoiled = spoiled.model_copy(
        update={"items": {**spoiled.items, name: item.model_copy(update={"options": options})}}
    )
    limits = questionnaire_limits(Questionnaire.from_bytes(document.encode()), {"en": spoiled})
    assert [
        (f"items.{name}", "Stata and SPSS"),
        (f"items.{name}.options.1.en", "xlsx and ddi"),
        (f"items.{name}.options.1.en", "Stata and SPSS"),
        (f"items.{name}.options.1.en", CSV.formats),
        (f"items.{name}.options.2.en", "xlsx and ddi"),
        (f"items.{name}.options.2.en", CSV.formats),
    ] == [(limit.where, limit.formats) for limit in limits]
    assert variable_name(name) in limits[0].message
    assert "U+FFFE" in limits[4].message


def test_plan_check_names_tables_that_are_no_file_or_sheet():
    """Ids that Windows or Excel keeps are named with the name they will have; other ids are not."""
    plan = small.plan(each=10_000_000)
    assert () == plan_limits(plan)
    tables = tuple(
        table.model_copy(update={"id": name}) for table, name in zip(plan.tables, ("CON", "HISTORY"), strict=False)
    )
    limits = plan_limits(plan.model_copy(update={"tables": tables}))
    assert ["tables.CON", "tables.HISTORY"] == [limit.where for limit in limits]
    assert [FILE.name("CON"), SHEET.name("HISTORY")] == [limit.message.split()[-1] for limit in limits]
