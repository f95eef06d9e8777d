"""An XLSForm workbook becomes a questionnaire that compiles, and every row that changes is named with its reason."""

import pytest
import yaml
from studies.forms import CHOICES, form, survey, xls, xlsx

from survey.authoring.compiler import compile_study
from survey.authoring.xlsform.form_import import ImportedForm, import_form
from survey.questionnaire.conditions import holds


def entry(imported: ImportedForm, name: str) -> dict:
    """Return one item or indicator of what was written."""
    data = yaml.safe_load(imported.yaml)
    return next(one for one in (*data["items"], *data.get("derived", ())) if one["id"] == name)


def kinds(imported: ImportedForm, row: int, sheet: str = "survey") -> list[str]:
    """Return the kinds of the remarks on one row."""
    return [one.kind for one in imported.report.remarks if (one.place.sheet, one.place.row) == (sheet, row)]


def reasons(imported: ImportedForm) -> str:
    return imported.report.text()


def compiled(imported: ImportedForm, folder):
    """Return the questionnaire that the compiler makes of what was written."""
    path = folder / "questionnaire.yaml"
    path.write_text(imported.yaml, encoding="utf-8")
    return compile_study(path)


WHOLE = {
    "survey": [
        ("type", "name", "label::English (en)", "label::中文 (zh-Hans)", "hint::English (en)", "hint::中文 (zh-Hans)",
         "required", "relevant", "constraint"),
        ("note", "hello", "Hello", "您好"),
        ("select_one yn", "likes", "Do you like fruit?", "您喜欢水果吗？", None, None, "yes"),
        ("begin_group", "more", "More", "更多", None, None, None, "${likes} = 'yes'"),
        ("select_multiple fruit", "which", "Which?", "哪些？", "Up to two", "最多两个", None, None,
         "count-selected(.) <= 2"),
        ("integer", "many", "How many a day?", "一天几个？", None, None, None, "selected(${which}, 'apple')",
         ". >= 0 and . <= 10"),
        ("end_group",),
    ],
    "choices": CHOICES,
    "settings": [("form_title", "default_language"), ("Fruit", "English (en)")],
}  # fmt: skip


@pytest.mark.parametrize(("suffix", "writer"), [(".xlsx", xlsx), (".xls", xls)])
def test_a_form_without_refused_rows_compiles_at_once(tmp_path, suffix, writer):
    """Both formats of Excel give one questionnaire, in both languages, with routing, cap, bounds and missing codes."""
    path = tmp_path / f"form{suffix}"
    path.write_bytes(writer(WHOLE))
    imported = import_form(path)
    assert imported.report.refused == ()
    assert imported.report.counts() == {"questions": 4, "mapped": 4, "changed": 0, "proposed": 0, "refused": 0}
    questionnaire, texts = compiled(imported, tmp_path)
    assert [*texts] == ["en", "zh-Hans"]
    likes, which, many = (questionnaire.item(name) for name in ("LIKES", "WHICH", "MANY"))
    assert (likes.codes, likes.missing) == ((1, 2), (98,))
    assert (which.codes, which.missing, which.cap) == ((1, 2, 3), (90, 99), 2)
    assert many.codes == (*range(11),)
    assert (texts["zh-Hans"].items["LIKES"].options["1"], texts["zh-Hans"].hints["WHICH"]) == ("是", "最多两个")
    for values, asked in (
        ({"LIKES": 1, "WHICH": (1, 3)}, True),
        ({"LIKES": 1, "WHICH": (3,)}, False),
        ({"LIKES": 2}, False),
    ):
        assert holds(many.ask_if, values) is asked


def test_the_names_of_the_form_stay_in_the_file(tmp_path):
    """A name that is no code stands at its option, one that is an id at nothing else."""
    imported = import_form(form(tmp_path, {"type": "select_one fruit", "name": "Fruit_1", "label": "Which?"}))
    item = entry(imported, "FRUIT_1")
    assert item["name"] == "Fruit_1"
    assert [(one["code"], one["name"]) for one in item["options"]] == [
        (1, "apple"), (2, "pear"), (3, "plum"), (4, "none"),
    ]  # fmt: skip


def test_codes_by_order_skip_those_that_mean_something_else(tmp_path):
    """Sixty-four choices stay below 90; numbers that may be codes stay as they are, and 90 in a list orders it anew."""
    numbers = [("list_name", "name", "label"), *(("n", str(number), f"Number {number}") for number in (0, 5, 60))]
    item = entry(import_form(form(tmp_path, {"type": "select_one n", "name": "a", "label": "A"}, choices=numbers)), "A")
    assert [one["code"] for one in item["options"]] == [0, 5, 60]
    numbers.append(("n", "90", "Ninety"))
    item = entry(import_form(form(tmp_path, {"type": "select_one n", "name": "a", "label": "A"}, choices=numbers)), "A")
    assert [one["code"] for one in item["options"]] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("name", "label", "code"),
    [("-88", "Don't know", 98), ("99", "Refused", 99), ("dk", "I don’t know", 98), ("x", "Weiß nicht", 98),
     ("-77", "Prefer not to say", 99), ("88", "不知道", 98)],
)  # fmt: skip
def test_a_choice_worded_like_no_answer_is_a_missing_code(tmp_path, name, label, code):
    """The label decides, in several languages, whatever the number is."""
    choices = [("list_name", "name", "label"), ("l", "1", "Yes"), ("l", "2", "No"), ("l", name, label)]
    row = {"type": "select_one l", "name": "a", "label": "A", "required": "yes"}
    item = entry(import_form(form(tmp_path, row, choices=choices)), "A")
    assert ([one["code"] for one in item["options"]], item["missing"]) == ([1, 2], [code])


def test_a_number_like_a_missing_code_with_another_label_is_an_answer(tmp_path):
    """A code such as -77 whose label says nothing of the kind is kept, and named."""
    choices = [("list_name", "name", "label"), ("l", "1", "Yes"), ("l", "-77", "Another house")]
    imported = import_form(form(tmp_path, {"type": "select_one l", "name": "a", "label": "A"}, choices=choices))
    assert [one["text"]["en"] for one in entry(imported, "A")["options"]] == ["Yes", "Another house"]
    assert "changed" in kinds(imported, 3, "choices")


REFUSED = ["geopoint", "image", "audio", "video", "file", "barcode", "start", "deviceid", "today", "audit", "nonsense"]


@pytest.mark.parametrize("kind", REFUSED)
def test_what_has_no_closed_domain_is_refused_by_name(tmp_path, kind):
    """Its row, a reason and a remedy are in the report, and the question beside it is imported."""
    rows = {"type": kind, "name": "x", "label": "X"}, {"type": "select_one yn", "name": "y", "label": "Y"}
    imported = import_form(form(tmp_path, *rows))
    (remark,) = imported.report.refused
    assert (remark.place.sheet, remark.place.row, remark.place.name) == ("survey", 2, "x")
    assert remark.reason
    assert remark.remedy
    assert entry(imported, "Y")["type"] == "single"


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
    assert "has no choice `oui`" in reasons(imported)


def test_a_cascade_is_one_item_for_each_list(tmp_path):
    """Everybody is asked the town within their own county, and a condition on the town looks at whichever was asked."""
    choices = [
        ("list_name", "name", "label", "county"),
        ("c", "north", "North", None), ("c", "south", "South", None),
        ("t", "aa", "Aa", "north"), ("t", "bb", "Bb", "north"), ("t", "cc", "Cc", "south"),
    ]  # fmt: skip
    imported = import_form(
        form(
            tmp_path,
            {"type": "select_one c", "name": "county", "label": "County?"},
            {"type": "select_one t", "name": "town", "label": "Town?", "choice_filter": "county = ${county}"},
            {"type": "note", "name": "n", "label": "N", "relevant": "${town} = 'bb' or ${town} = 'cc'"},
            choices=choices,
        )
    )
    assert imported.report.refused == ()
    questionnaire, texts = compiled(imported, tmp_path)
    assert {*texts["en"].items["TOWN_NORTH"].options.values()} == {"Aa", "Bb"}
    assert {*texts["en"].items["TOWN_SOUTH"].options.values()} == {"Cc"}
    for county, asked in ((1, "TOWN_NORTH"), (2, "TOWN_SOUTH")):
        for name in ("TOWN_NORTH", "TOWN_SOUTH"):
            assert holds(questionnaire.item(name).ask_if, {"COUNTY": county}) is (name == asked)
    note = questionnaire.item("N").ask_if
    shown = [holds(note, values) for values in ({"TOWN_NORTH": 1}, {"TOWN_NORTH": 2}, {"TOWN_SOUTH": 1}, {})]
    assert shown == [False, True, True, False]


def test_tables_of_questions_become_grids(tmp_path):
    """A table-list, and a label row above list-nolabel rows, are grids with the form's texts as rows."""
    imported = import_form(
        form(
            tmp_path,
            {"type": "begin_group", "name": "t", "label": "How are these?", "appearance": "table-list"},
            {"type": "select_one yn", "name": "t1", "label": "Cheap"},
            {"type": "select_one yn", "name": "t2", "label": "Good"},
            {"type": "end_group"},
            {"type": "select_one yn", "name": "head", "label": "And these?", "appearance": "label"},
            {"type": "select_one yn", "name": "u1", "label": "Near", "appearance": "list-nolabel"},
            {"type": "select_one yn", "name": "u2", "label": "Far", "appearance": "list-nolabel"},
            {"type": "note", "name": "n", "label": "N", "relevant": "${u2} = 'no'"},
        )
    )
    questionnaire, texts = compiled(imported, tmp_path)
    assert [group.items for group in questionnaire.groups] == [("T1", "T2"), ("U1", "U2")]
    assert [texts["en"].groups[name] for name in ("T", "HEAD")] == ["How are these?", "And these?"]
    assert holds(questionnaire.item("N").ask_if, {"U1": 1, "U2": 2})


def test_other_specify_is_an_option_and_a_phrase(tmp_path):
    """Who chooses Other is asked for a short phrase, and nobody else."""
    imported = import_form(form(tmp_path, {"type": "select_multiple fruit or_other", "name": "f", "label": "Fruit?"}))
    questionnaire, _ = compiled(imported, tmp_path)
    phrase = questionnaire.item("F_OTHER")
    other = questionnaire.item("F").codes[-1]
    assert phrase.phrase
    assert [holds(phrase.ask_if, {"F": chosen}) for chosen in ((other,), (1,))] == [True, False]


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


def test_a_language_that_the_phone_does_not_speak_is_refused(tmp_path):
    """Its texts are left out where another language is there, and stand under English buttons where none is."""
    sheets = {
        "survey": [("type", "name", "label::Français (fr)", "label::English (en)"), ("note", "n", "Bonjour", "Hello")],
    }
    path = tmp_path / "form.xlsx"
    path.write_bytes(xlsx(sheets))
    imported = import_form(path)
    assert ["fr" in one.reason for one in imported.report.refused] == [True]
    assert entry(imported, "N")["text"] == {"en": "Hello"}
    path.write_bytes(xlsx({"survey": [row[:3] for row in sheets["survey"]]}))
    assert entry(import_form(path), "N")["text"] == {"en": "Bonjour"}


def test_choices_from_a_file_beside_the_form(tmp_path):
    """A CSV in UTF-8 is read; one that is not there, or in another encoding, refuses the question by name."""
    row = {"type": "select_one_from_file towns.csv", "name": "t", "label": "Town?"}
    path = form(tmp_path, row, {"type": "note", "name": "n", "label": "N"})
    assert "towns.csv, which is not there" in reasons(import_form(path))
    (tmp_path / "towns.csv").write_bytes("name,label\na,Zürich\n".encode("cp1252"))
    assert "towns.csv is no text in UTF-8" in reasons(import_form(path))
    (tmp_path / "towns.csv").write_text("name,label\na,Zürich\nb,Genève\n", encoding="utf-8")
    assert [one["text"]["en"] for one in entry(import_form(path), "T")["options"]] == ["Zürich", "Genève"]


def test_a_repeat_is_refused_and_its_questions_asked_once(tmp_path):
    """The report names the repeat, and each question in it as changed."""
    imported = import_form(
        form(
            tmp_path,
            {"type": "begin_repeat", "name": "child", "label": "Child"},
            {"type": "select_one yn", "name": "school", "label": "At school?"},
            {"type": "end_repeat"},
        )
    )
    assert [one.place.row for one in imported.report.refused] == [2]
    assert kinds(imported, 3) == ["changed"]
    assert entry(imported, "SCHOOL")["type"] == "single"


def test_one_name_for_two_questions(tmp_path):
    """In one group the second is refused; in two groups both are asked, and no condition can mean one of them."""
    one = {"type": "select_one yn", "name": "a", "label": "A"}
    imported = import_form(form(tmp_path, one, {**one, "label": "B"}))
    assert [remark.place.row for remark in imported.report.refused] == [3]
    group = {"type": "begin_group", "name": "g"}
    condition = {"type": "note", "name": "n", "label": "N", "relevant": "${a} = 'yes'"}
    imported = import_form(form(tmp_path, one, group, one, {"type": "end_group"}, condition))
    assert [remark.place.row for remark in imported.report.refused] == [6]
    assert {"A", "A_2"} <= {item["id"] for item in yaml.safe_load(imported.yaml)["items"]}


def test_five_thousand_choices_are_refused_by_their_number(tmp_path):
    """The question is named with how many choices it has and may have."""
    choices = [("list_name", "name", "label"), *(("l", f"c{number}", f"Choice {number}") for number in range(5000))]
    path = form(tmp_path, {"type": "select_one l", "name": "a", "label": "A"}, choices=choices)
    assert "has 5,000 choices, and a question at most 64" in reasons(import_form(path))


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


def test_the_sheet_of_a_form_may_have_empty_rows(tmp_path):
    """Row numbers of the report are those that a spreadsheet shows."""
    path = tmp_path / "form.xlsx"
    path.write_bytes(
        xlsx({"survey": [*survey({"type": "note", "name": "n", "label": "N"}), [], [], ["audio", "x", "X"]]})
    )
    assert [remark.place.row for remark in import_form(path).report.refused] == [5]
