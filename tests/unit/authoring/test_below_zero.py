"""Numbers below zero: as levels of their own and in bands, from an author's file, from a form and back to one."""

import pytest
import yaml
from studies.forms import compiled, entry, form, kinds
from studies.weather import below_zero, weather

from survey.authoring.compiler import compile_study
from survey.authoring.xlsform.bands import given_bands
from survey.authoring.xlsform.form_import import export_form, import_form
from survey.faults import AuthoringError
from survey.questionnaire.conditions import holds
from survey.questionnaire.indicators import derive
from survey.questionnaire.number_words import band_words


def test_levels_below_zero_have_codes_by_order_and_bands_are_labelled_with_minus_signs():
    """Each number keeps its own bounds, its label has a minus sign, and a dash between two of them stands apart."""
    whole, _ = below_zero()
    change, cold = whole.questionnaire.items
    assert [(n + 4, n, n) for n in range(-3, 4)] == [(one.code, one.low, one.high) for one in change.options]
    labels = whole.texts["en"].items
    assert ["−3", "−2", "−1", "0", "1", "2", "3"] == [*labels["CHANGE"].options.values()]
    assert ["−40 – −11", "−10 – −1", "0", "1–45"] == [labels["COLD"].options[str(one.code)] for one in cold.options]
    assert ("−5 – 5", "−5", "0–5") == (band_words(-5, 5), band_words(-5, -5), band_words(0, 5))


@pytest.mark.parametrize("change", range(-3, 4))
def test_an_indicator_computes_with_the_numbers_and_not_with_their_codes(change):
    """Twice the change is so for each level."""
    questionnaire = below_zero()[0].questionnaire
    assert 2 * change == derive(questionnaire, {"CHANGE": change + 4, "COLD": 1})["DOUBLE"]


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        (("derived", 0, "sum", 0), {"value_of": "CHANGE"}, "the codes of CHANGE are not its numbers"),
        (("items", 0), {"from": -300, "to": 0}, "there are not so many codes"),
        (("items", 0), {"from": 3, "to": -3}, "`from` is above `to`"),
        (("items", 0), {"type": "scale", "ends": ["low", "high"]}, "the numbers of a scale are its codes"),
        (("items", 1), {"type": "date", "units": None}, "its bounds are no dates of this item's unit"),
    ],
)
def test_what_would_be_counted_as_something_else_is_refused(tmp_path, part, value, message):
    """A sum of codes, more numbers than codes, a scale whose codes are its numbers, and years below zero."""
    data = weather()
    *way, last = part
    parent = data
    for step in way:
        parent = parent[step]
    changed = value if "value_of" in value else parent[last] | value
    parent[last] = {key: one for key, one in changed.items() if one is not None}
    path = tmp_path / "questionnaire.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(AuthoringError) as raised:
        compile_study(path)
    assert any(message in problem.message for problem in raised.value.problems)


def test_a_form_s_numbers_below_zero_are_levels_or_bands_and_its_conditions_exact(tmp_path):
    """Few are levels of their own, many bands that begin where a condition divides them; -99 apart stays missing."""
    rows = [
        {"type": "integer", "name": "change", "label": "Change?", "constraint": ". >= -5 and . <= 5"},
        {"type": "integer", "name": "cold", "label": "Cold?", "constraint": "(. >= -50 and . <= 50) or . = -99"},
        {"type": "note", "name": "a", "label": "A", "relevant": "${change} < -2"},
        {"type": "note", "name": "b", "label": "B", "relevant": "${cold} <= -7"},
    ]
    imported = import_form(form(tmp_path, *rows))
    questionnaire, texts = compiled(imported, tmp_path)
    change, cold = questionnaire.item("CHANGE"), questionnaire.item("COLD")
    numbers = {option.code: option.low for option in change.options}
    assert [*range(-5, 6)] == [*numbers.values()]
    asked = [numbers[code] for code in change.codes if holds(questionnaire.item("A").ask_if, {"CHANGE": code})]
    assert [-5, -4, -3] == asked
    assert {98, 99} == {*cold.missing}
    for band in cold.options:
        assert (band.high <= -7) == holds(questionnaire.item("B").ask_if, {"COLD": band.code})
    assert (cold.options[0].low, cold.options[-1].high) == (-50, 50)
    assert kinds(imported, 3) == ["changed", "proposed"]
    assert texts["en"].items["CHANGE"].options["1"] == "−5"


def test_bands_below_zero_are_given_and_a_number_without_a_lowest_is_refused(tmp_path):
    """`-10--1` is a band; of `. < 0` alone nobody knows how far it goes."""
    row = {"type": "integer", "name": "n", "label": "N?"}
    imported = import_form(form(tmp_path, row), given_bands(["n=-10--1,0,1-10"]))
    assert [(-10, -1), (0, 0), (1, 10)] == [(band["from"], band["to"]) for band in entry(imported, "N")["bands"]]
    refused = import_form(form(tmp_path, {**row, "constraint": ". < 0"})).report.text()
    assert "it has an upper bound below zero, and no lower one" in refused
    imported = import_form(form(tmp_path, {**row, "constraint": ". >= -3"}))
    assert [-3, -2, -1, 0, 1] == [band["from"] for band in entry(imported, "N")["bands"]][:5]


def test_numbers_below_zero_go_out_to_a_workbook_and_come_back(tmp_path):
    """The constraint of the form has the bounds, and the returned questionnaire is the same."""
    path = tmp_path / "questionnaire.yaml"
    path.write_text(yaml.safe_dump(weather(), allow_unicode=True, sort_keys=False), encoding="utf-8")
    (tmp_path / "review.xlsx").write_bytes(export_form(path))
    imported = import_form(tmp_path / "review.xlsx")
    (tmp_path / "returned.yaml").write_text(imported.yaml, encoding="utf-8")
    assert compile_study(tmp_path / "returned.yaml") == compile_study(path)
