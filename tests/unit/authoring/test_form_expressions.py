"""A form's expressions keep their meaning for every answer: conditions, calculations, filters, bands and pipes."""

import pytest
import yaml
from studies.forms import compiled, entry, form, kinds

from survey.authoring.xlsform.bands import given_bands
from survey.authoring.xlsform.form_import import import_form
from survey.authoring.xlsform.sheets.report import FormError
from survey.questionnaire.conditions import holds
from survey.questionnaire.indicators import value_of


def test_bands_are_proposed_and_begin_where_a_condition_divides_them(tmp_path):
    """A number without bounds has bands that the report asks to confirm; a condition on it stays exact."""
    imported = import_form(
        form(
            tmp_path,
            {"type": "integer", "name": "age", "label": "Age?"},
            {"type": "note", "name": "old", "label": "Old", "relevant": "${age} >= 18 and ${age} < 65"},
        )
    )
    assert kinds(imported, 2) == ["proposed"]
    questionnaire, _ = compiled(imported, tmp_path)
    bands = questionnaire.item("AGE").options
    assert {18, 65} <= {band.low for band in bands}
    asked = {band.low for band in bands if holds(questionnaire.item("OLD").ask_if, {"AGE": band.code})}
    assert asked == {band.low for band in bands if 18 <= band.low < 65}


def test_a_question_whose_condition_is_lost_is_refused(tmp_path):
    """Nobody is asked more than the form asks: what depends on a refused question is refused with it."""
    imported = import_form(
        form(
            tmp_path,
            {"type": "image", "name": "photo", "label": "Photo"},
            {"type": "select_one yn", "name": "good", "label": "Good?", "relevant": "${photo} != ''"},
            {"type": "note", "name": "end_note", "label": "End", "relevant": "${good} = 'yes'"},
            {"type": "select_one yn", "name": "last", "label": "Last?"},
        )
    )
    assert [one.place.row for one in imported.report.refused] == [2, 3, 4]
    assert [one["id"] for one in yaml.safe_load(imported.yaml)["items"]] == ["LAST"]


def test_a_choice_that_is_none_of_the_list_refuses_the_condition(tmp_path):
    """A condition that no answer can meet is a mistake of the form, not one of nobody."""
    rows = {"type": "select_one yn", "name": "a", "label": "A"}
    imported = import_form(
        form(tmp_path, rows, {"type": "note", "name": "b", "label": "B", "relevant": "${a} = 'oui'"})
    )
    assert "has no choice `oui`" in imported.report.text()


CASCADE = [
    ("list_name", "name", "label", "county"),
    ("c", "north", "North", None), ("c", "south", "South", None), ("c", "sea", "Sea", None),
    ("t", "aa", "Aa", "north"), ("t", "bb", "Bb", "north"), ("t", "cc", "Cc", "south"),
]  # fmt: skip
COUNTY = {"type": "select_one c", "name": "county", "label": "County?"}


def test_a_cascade_is_one_item_whose_choices_are_for_an_earlier_answer(tmp_path):
    """Who lives in a county is offered its towns, and who lives in none with towns is not asked."""
    town = {"type": "select_one t", "name": "town", "label": "Town?", "choice_filter": "county = ${county}"}
    note = {"type": "note", "name": "n", "label": "N", "relevant": "${town} = 'bb' or ${town} = 'cc'"}
    imported = import_form(form(tmp_path, COUNTY, town, note, choices=CASCADE))
    assert imported.report.refused == ()
    assert "choices are offered after the answers to COUNTY they are for" in imported.report.text()
    questionnaire, texts = compiled(imported, tmp_path)
    item = questionnaire.item("TOWN")
    offered = {
        county: {texts["en"].items["TOWN"].options[str(option.code)] for option in item.offered(county)}
        for county in (1, 2)
    }
    assert (item.choice_filter, offered) == ("COUNTY", {1: {"Aa", "Bb"}, 2: {"Cc"}})
    assert [holds(item.ask_if, {"COUNTY": county}) for county in (1, 2, 3, 99)] == [True, True, False, False]
    shown = [holds(questionnaire.item("N").ask_if, {"TOWN": code}) for code in (1, 2, 3, 97)]
    assert shown == [False, True, True, False]


def test_choices_of_several_answers_and_in_three_steps_are_filtered_too(tmp_path):
    """A question of several answers and a third step are one item each; a choice for all answers is offered to all."""
    choices = [*CASCADE, ("t", "dd", "Dd", "north"), ("t", "dd", "Dd", "south"),
               ("v", "one", "One", "aa"), ("v", "two", "Two", "cc")]  # fmt: skip
    towns = {"type": "select_multiple t", "name": "towns", "label": "Towns?", "choice_filter": "county = ${county}"}
    town = {"type": "select_one t", "name": "town", "label": "Town?", "choice_filter": "county = ${county}"}
    village = {"type": "select_one v", "name": "village", "label": "Village?", "choice_filter": "county = ${town}"}
    imported = import_form(form(tmp_path, COUNTY, towns, town, village, choices=choices))
    assert imported.report.refused == ()
    questionnaire, _ = compiled(imported, tmp_path)
    assert [questionnaire.item(name).choice_filter for name in ("TOWNS", "VILLAGE")] == ["COUNTY", "TOWN"]
    assert [option.only_for for option in questionnaire.item("TOWNS").options] == [(1,), (1,), (2,), None]
    assert [holds(questionnaire.item("VILLAGE").ask_if, {"TOWN": code}) for code in (1, 2, 3, 4)] == [
        True,
        False,
        True,
        False,
    ]


def test_a_cascade_by_two_answers_is_one_item_for_each_list(tmp_path):
    """What one earlier answer cannot decide is asked apart, and a condition looks at whichever was asked."""
    size = {"type": "select_one s", "name": "size", "label": "Size?"}
    counties = [("list_name", "name", "label", "county", "size"), *((*row, None) for row in CASCADE[1:4])]
    towns = [("t", "aa", "Aa", "north", "big"), ("t", "cc", "Cc", "south", "big")]
    choices = [*counties, ("s", "big", "Big", None, None), *towns]
    both = "county = ${county} and size = ${size}"
    town = {"type": "select_one t", "name": "town", "label": "Town?", "choice_filter": both}
    note = {"type": "note", "name": "n", "label": "N", "relevant": "${town} = 'cc'"}
    imported = import_form(form(tmp_path, COUNTY, size, town, note, choices=choices))
    assert imported.report.refused == ()
    questionnaire, _ = compiled(imported, tmp_path)
    for county, asked in ((1, "TOWN_NORTH_BIG"), (2, "TOWN_SOUTH_BIG")):
        for name in ("TOWN_NORTH_BIG", "TOWN_SOUTH_BIG"):
            assert holds(questionnaire.item(name).ask_if, {"COUNTY": county, "SIZE": 1}) is (name == asked)
    note_if = questionnaire.item("N").ask_if
    assert [holds(note_if, {name: 1}) for name in ("TOWN_NORTH_BIG", "TOWN_SOUTH_BIG")] == [False, True]


def test_a_calculation_is_an_indicator_and_stands_in_conditions(tmp_path):
    """Sums of choices that are numbers and cases by if() have the form's values, and conditions use them."""
    choices = [("list_name", "name", "label"), *(("s", str(number), f"Score {number}") for number in range(4))]
    imported = import_form(
        form(
            tmp_path,
            {"type": "select_one s", "name": "a", "label": "A"},
            {"type": "select_one s", "name": "b", "label": "B"},
            {"type": "calculate", "name": "total", "calculation": "${a} + ${b}"},
            {"type": "calculate", "name": "level", "calculation": "if(${total} >= 4, 'high', 'low')"},
            {"type": "note", "name": "n", "label": "N", "relevant": "${level} = 'high' and ${total} != 6"},
            choices=choices,
        )
    )
    assert imported.report.refused == ()
    questionnaire, _ = compiled(imported, tmp_path)
    note = questionnaire.item("N").ask_if
    for a in range(4):
        for b in range(4):
            assert holds(note, {"A": a, "B": b}) is (4 <= a + b < 6)
    assert {*questionnaire.derived_by_id["TOTAL"].levels} == {*range(7)}


def test_pipes_markup_and_braces(tmp_path):
    """`${name}` is a pipe, Markdown and HTML are taken out, and braces cannot be taken for placeholders."""
    imported = import_form(
        form(
            tmp_path,
            {"type": "select_one yn", "name": "a", "label": "**A** <b>or</b> [b](http://c.example) {d}"},
            {"type": "note", "name": "n", "label": "You said ${a}."},
        )
    )
    assert entry(imported, "A")["text"]["en"] == "A or b (http://c.example) (d)"
    assert entry(imported, "N")["text"]["en"] == "You said {A|your answer}."
    assert "changed" in kinds(imported, 2)


def test_conditions_in_a_circle_are_refused(tmp_path):
    """A question that depends on a later one, which depends on it, is refused; so is a calculation of itself."""
    imported = import_form(
        form(
            tmp_path,
            {"type": "select_one yn", "name": "a", "label": "A", "relevant": "${b} = 'yes'"},
            {"type": "select_one yn", "name": "b", "label": "B", "relevant": "${a} = 'yes'"},
            {"type": "calculate", "name": "c", "calculation": "${c} + 1"},
        )
    )
    assert [remark.place.row for remark in imported.report.refused] == [2, 3, 4]
    assert imported.yaml == ""


@pytest.mark.parametrize("items", [2, 8])
def test_a_long_sum_is_an_indicator_of_terms(tmp_path, items):
    """A score over many scales has the form's value for every answer, and none where one is missing."""
    choices = [("list_name", "name", "label"), *(("s", str(number), f"Level {number}") for number in range(1, 6))]
    rows = [{"type": "select_one s", "name": f"x{number}", "label": f"X {number}"} for number in range(items)]
    total = " + ".join(f"${{x{number}}}" for number in range(items))
    rows.append({"type": "calculate", "name": "score", "calculation": f"{total} - 2 * ${{x0}}"})
    imported = import_form(form(tmp_path, *rows, choices=choices))
    assert imported.report.refused == ()
    questionnaire, _ = compiled(imported, tmp_path)
    answers = {f"X{number}": number % 5 + 1 for number in range(items)}
    score = questionnaire.derived_by_id["SCORE"]
    assert value_of(score, answers, questionnaire) == sum(answers.values()) - 2
    assert value_of(score, answers | {"X1": 99}, questionnaire) == 99


@pytest.mark.parametrize(
    ("many", "labels"),
    [
        (12_345_678, {"0": "0", "12345678": "12345678", "24691356": "24691356"}),
        (10**20, {"1": "0", "2": "1e+20", "3": "2e+20"}),
    ],
)
def test_a_sum_of_far_numbers_has_them_as_levels_or_codes_by_order(tmp_path, many, labels):
    """Only the sums that there are become levels, in all their digits; what JSON cannot hold is counted by order."""
    choices = [("list_name", "name", "label"), ("n", "0", "None"), ("n", str(many), "Many")]
    rows = [{"type": "select_one n", "name": name, "label": name} for name in ("a", "b")]
    total = {"type": "calculate", "name": "total", "calculation": "${a} + ${b}"}
    imported = import_form(form(tmp_path, *rows, total, choices=choices))
    assert labels == entry(imported, "TOTAL")["labels"]
    compiled(imported, tmp_path)


def test_a_choice_with_a_long_number_for_its_name_is_found(tmp_path):
    """As XPath does, a number is compared with a name in all its digits."""
    choices = [("list_name", "name", "label"), ("n", "1234567", "One"), ("n", "1234568", "Two")]
    asked = {"type": "select_multiple n", "name": "a", "label": "A"}
    note = {"type": "note", "name": "n", "label": "N", "relevant": "selected(${a}, 1234568)"}
    imported = import_form(form(tmp_path, asked, note, choices=choices))
    assert imported.report.refused == ()
    condition = compiled(imported, tmp_path)[0].item("N").ask_if
    assert [False, True] == [holds(condition, {"A": (code,)}) for code in (1, 2)]


def test_an_author_gives_bands_of_her_own(tmp_path):
    """Her bands stand in place of a proposal, and a condition that divides one of them is refused."""
    rows = {"type": "integer", "name": "age", "label": "Age?"}, {"type": "date", "name": "born", "label": "Born?"}
    note = {"type": "note", "name": "n", "label": "N", "relevant": "${age} >= 18"}
    bands = given_bands(["age=0-17,18-64,65-120", "born=1900-1999,2000-2026"])
    imported = import_form(form(tmp_path, *rows, note), bands)
    assert imported.report.counts()["proposed"] == 0
    assert [(one["from"], one["to"]) for one in entry(imported, "AGE")["bands"]] == [(0, 17), (18, 64), (65, 120)]
    assert entry(imported, "BORN")["bands"][-1] == {"code": 2, "from": 2000, "to": 2026}
    imported = import_form(form(tmp_path, *rows, note), given_bands(["age=0-20,21-120"]))
    assert [remark.reason for remark in imported.report.refused] == [
        "a condition divides a band of numbers, of which only the whole is known"
    ]


@pytest.mark.parametrize("written", ["age", "age=", "=0-1", "age=0-1,3-4", "age=5-1", "age=a-b", "age=5--5"])
def test_bands_that_are_none_are_refused(written):
    """A gap, a descent, or what is no number is named before anything is read."""
    with pytest.raises(FormError, match="--bands"):
        given_bands([written])


def test_bands_of_no_number_are_refused(tmp_path):
    """A name that is no question for a number is a slip of the author's hand."""
    path = form(tmp_path, {"type": "note", "name": "n", "label": "N"})
    with pytest.raises(FormError, match="n is no question for a number or date"):
        import_form(path, given_bands(["n=0-1"]))


def test_a_calculation_under_a_condition_has_a_population(tmp_path):
    """Who is not in its group has no value, though the expression alone would give one; conditions know it too."""
    imported = import_form(
        form(
            tmp_path,
            {"type": "select_one yn", "name": "a", "label": "A", "required": "yes"},
            {"type": "select_one yn", "name": "b", "label": "B", "required": "yes"},
            {"type": "begin_group", "name": "g", "relevant": "${a} = 'yes'"},
            {"type": "calculate", "name": "c", "calculation": "if(${b} = 'yes', 1, 2)"},
            {"type": "end_group"},
            {"type": "note", "name": "n", "label": "N", "relevant": "${c} = 2"},
        )
    )
    assert imported.report.refused == ()
    questionnaire, _ = compiled(imported, tmp_path)
    found = {
        (a, b): (
            value_of(questionnaire.derived_by_id["C"], {"A": a, "B": b}, questionnaire),
            holds(questionnaire.item("N").ask_if, {"A": a, "B": b}),
        )
        for a in (1, 2)
        for b in (1, 2)
    }
    assert found == {(1, 1): (1, False), (1, 2): (2, True), (2, 1): (97, False), (2, 2): (97, False)}


def _carried(folder, filtered):
    choices = [("list_name", "name", "label", "always"), ("t", "knife", "Knife", ""), ("t", "pot", "Pot", ""),
               ("t", "all", "All alike", "yes")]  # fmt: skip
    used = {"type": "select_multiple t", "name": "used", "label": "Used?"}
    most = {"type": "select_one t", "name": "most", "label": "Most?", "choice_filter": filtered}
    return import_form(form(folder, used, most, choices=choices))


def test_choices_carried_forward_are_for_their_own_code(tmp_path):
    """`selected(${used}, name)` offers what was chosen, and asks nobody who chose nothing."""
    imported = _carried(tmp_path, "selected(${used}, name)")
    assert imported.report.refused == ()
    item = compiled(imported, tmp_path)[0].item("MOST")
    assert [(option.code, option.only_for) for option in item.options] == [(1, (1,)), (2, (2,)), (3, (3,))]
    assert [holds(item.ask_if, {"USED": answer}) for answer in ((1, 3), (2,), 99)] == [True, True, False]


def test_a_choice_that_is_always_offered_stands_beside_what_was_chosen(tmp_path):
    """`or` with a column leaves that choice to everybody who is asked."""
    item = compiled(_carried(tmp_path, "selected(${used}, name) or always = 'yes'"), tmp_path)[0].item("MOST")
    assert [option.only_for for option in item.options] == [(1,), (2,), None]
    assert [holds(item.ask_if, {"USED": answer}) for answer in ((1,), (3,), 99)] == [True, False, False]


@pytest.mark.parametrize("filtered", ["not(selected(${used}, name))", "name = ${used}"])
def test_another_filter_by_several_answers_is_refused(tmp_path, filtered):
    """What was not chosen, or the text of all that was, is no union of what single answers leave."""
    assert [remark.place.name for remark in _carried(tmp_path, filtered).report.refused] == ["most"]
