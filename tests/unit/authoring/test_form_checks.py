"""Constraints that compare answers: as checks where that is exact or as far as bands tell, else left out and named."""

from itertools import product

import pytest
from studies.forms import compiled, entry, form, kinds

from survey.authoring.xlsform.bands import given_bands
from survey.authoring.xlsform.form_import import import_form
from survey.questionnaire.conditions import holds

PEOPLE = {"type": "integer", "name": "people", "label": "People?", "constraint": ". >= 0 and . <= 12"}
CHILDREN = {
    "type": "integer", "name": "children", "label": "Children?", "constraint": ". >= 0 and . <= 12 and . <= ${people}",
    "constraint_message::English (en)": "Not more than ${people}.", "required": "yes",
}  # fmt: skip


def kept(item, **earlier):
    """Return the codes of an item with which none of its checks is broken after these answers."""
    return [code for code in item.codes if item.broken_check({**earlier, item.id: code}) is None]


def test_a_check_against_another_number_is_exact_where_each_is_a_level(tmp_path):
    """Bounds and message stay beside it; where the other has no answer nothing is checked."""
    imported = import_form(form(tmp_path, PEOPLE, CHILDREN))
    questionnaire, texts = compiled(imported, tmp_path)
    item = questionnaire.item("CHILDREN")
    assert [*range(13)] == [*item.codes]
    assert {n: [*range(n + 1)] for n in range(13)} == {n: kept(item, PEOPLE=n) for n in range(13)}
    assert [*range(13)] == kept(item, PEOPLE=99)
    (message,) = texts["en"].items["CHILDREN"].checks
    assert message.startswith("Not more than {PEOPLE|")
    assert kinds(imported, 3) == ["mapped"]


@pytest.mark.parametrize(
    ("constraint", "wanted"),
    [
        (". <= ${people}", lambda a, n: n <= a),
        (". < ${people} - 1", lambda a, n: n < a - 1),
        (". != ${people}", lambda a, n: n != a),
        ("not(. > ${people} and ${people} > 4)", lambda a, n: not (n > a > 4)),
        (". + ${people} <= 10", lambda a, n: a + n <= 10),
        (". * 2 >= ${people} or . = 0", lambda a, n: n * 2 >= a or n == 0),
        ("if(${people} > 6, . > 2, . < 3)", lambda a, n: n > 2 if a > 6 else n < 3),
    ],
)
def test_every_answer_is_checked_as_the_form_checks_it(tmp_path, constraint, wanted):
    """For all pairs of single numbers the check says what the constraint does."""
    second = {"type": "integer", "name": "n", "label": "N", "constraint": f". >= 0 and . <= 12 and ({constraint})"}
    questionnaire, _ = compiled(import_form(form(tmp_path, PEOPLE, second)), tmp_path)
    item = questionnaire.item("N")
    for people, number in product(range(13), range(13)):
        said = item.broken_check({"PEOPLE": people, "N": number}) is None
        assert wanted(people, number) == said, (people, number)


def test_with_bands_only_what_cannot_fit_is_refused(tmp_path):
    """No pair of numbers that fits is refused; bands of which no pair fits are, and the report says so."""
    rows = [{**one, "constraint": one["constraint"].replace("12", "120")} for one in (PEOPLE, CHILDREN)]
    bands = given_bands(["people=0-9,10-19,20-120", "children=0-4,5-14,15-24,25-120"])
    imported = import_form(form(tmp_path, *rows), bands)
    questionnaire, _ = compiled(imported, tmp_path)
    others, item = questionnaire.item("PEOPLE"), questionnaire.item("CHILDREN")
    for other in others.options:
        fitting = [own.code for own in item.options if own.low <= other.high]
        assert fitting == kept(item, PEOPLE=other.code)
    assert kinds(imported, 3) == ["changed"]


def test_under_not_a_band_that_may_fit_passes_too(tmp_path):
    """The same constraint the other way round refuses the same answers."""
    bands = given_bands(["people=0-9,10-19,20-120", "children=0-4,5-14,15-24,25-120"])
    first = {**PEOPLE, "constraint": ". >= 0 and . <= 120"}
    found = []
    for constraint in (". <= ${people}", "not(. > ${people})", "not(not(. <= ${people}))"):
        second = {**CHILDREN, "constraint": f". >= 0 and . <= 120 and {constraint}"}
        questionnaire, _ = compiled(import_form(form(tmp_path, first, second), bands), tmp_path)
        found.append([kept(questionnaire.item("CHILDREN"), PEOPLE=code) for code in (1, 2, 3)])
    assert [found[0]] * 3 == found


@pytest.mark.parametrize(
    ("first", "constraint", "why"),
    [
        (PEOPLE, ". > ${people}", "nothing fits, so that nobody could go on"),
        (PEOPLE, ". <= ${moon}", "is no question that stands before this one"),
        ({"type": "text", "name": "people", "label": "Who?"}, ". <= ${people}", "is a text, which decides nothing"),
        (PEOPLE, ". <= ${people} + 20", "every answer fits it"),
    ],
)
def test_what_cannot_be_checked_is_left_out_and_named(tmp_path, first, constraint, why):
    """The row is changed, not refused, and the questionnaire compiles without the check."""
    second = {**CHILDREN, "constraint": f". >= 0 and . <= 12 and {constraint}", "constraint_message::English (en)": ""}
    imported = import_form(form(tmp_path, first, second))
    assert "checks" not in entry(imported, "CHILDREN")
    assert "changed" in kinds(imported, 3)
    assert why in imported.report.text()
    compiled(imported, tmp_path)


def test_choices_are_checked_against_earlier_choices_and_each_other(tmp_path):
    """Of several choices a constraint that is more than a cap is a check of the item alone."""
    choices = [("list_name", "name", "label"), *(("c", one, one.title()) for one in ("ant", "bee", "cow"))]
    several = "not(selected(., 'ant') and selected(., 'bee'))"
    rows = [
        {"type": "select_one c", "name": "best", "label": "Best?"},
        {"type": "select_one c", "name": "worst", "label": "Worst?", "constraint": ". != ${best}"},
        {"type": "select_multiple c", "name": "some", "label": "Some?", "constraint": several},
    ]
    imported = import_form(form(tmp_path, *rows, choices=choices))
    questionnaire, _ = compiled(imported, tmp_path)
    assert [[2, 3], [1, 3], [1, 2], [1, 2, 3]] == [kept(questionnaire.item("WORST"), BEST=n) for n in (1, 2, 3, 99)]
    item = questionnaire.item("SOME")
    for chosen, fine in (((1, 2), False), ((1, 3), True), ((2, 3), True), ((1, 2, 3), False), ((3,), True)):
        assert fine == (item.broken_check({"SOME": chosen}) is None)


def test_arithmetic_over_bands_is_exact_where_the_sum_decides(tmp_path):
    """A condition on a sum of bands is kept where no band leaves it open, and refused where one does."""
    bands = given_bands(["a=0,1-4,5-20", "b=0,1-4,5-20"])
    rows = [{"type": "integer", "name": name, "label": name} for name in "ab"]
    note = {"type": "note", "name": "n", "label": "N", "relevant": "${a} + ${b} >= 1"}
    questionnaire, _ = compiled(import_form(form(tmp_path, *rows, note), bands), tmp_path)
    asked = questionnaire.item("N").ask_if
    assert all((a, b) == (1, 1) or holds(asked, {"A": a, "B": b}) for a, b in product((1, 2, 3), repeat=2))
    assert not holds(asked, {"A": 1, "B": 1})
    divided = import_form(form(tmp_path, *rows, {**note, "relevant": "${a} + ${b} >= 3"}), bands)
    assert "divides a band of numbers" in divided.report.text()


def test_a_calculation_of_bands_is_no_indicator_and_decides_where_bands_do(tmp_path):
    """Its values overlap, so that no table could count them; what depends on it is asked exactly."""
    bands = given_bands(["a=0,1-4,5-20", "b=0,1-4,5-20"])
    rows = [{"type": "integer", "name": name, "label": name} for name in "ab"]
    total = {"type": "calculate", "name": "total", "calculation": "${a} + ${b}"}
    note = {"type": "note", "name": "n", "label": "N", "relevant": "${total} = 0"}
    imported = import_form(form(tmp_path, *rows, total, note), bands)
    questionnaire, _ = compiled(imported, tmp_path)
    assert () == questionnaire.derived
    assert [True, False] == [holds(questionnaire.item("N").ask_if, {"A": 1, "B": b}) for b in (1, 2)]
