"""An XLSForm workbook becomes a questionnaire that compiles, and every row that changes is named with its reason."""

import pytest
import yaml
from studies.forms import CHOICES, compiled, entry, form, kinds, survey, xls, xlsx

from crypto.envelope import record_size
from survey.authoring.xlsform.form_import import import_form
from survey.authoring.xlsform.sheets.report import FormError
from survey.document import today
from survey.questionnaire.conditions import holds

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
    assert (phrase.type, phrase.specifies, phrase.specified) == ("phrase", "F", other)
    assert [holds(phrase.ask_if, {"F": chosen}) for chosen in ((other,), (1,))] == [True, False]


OTHER_TEXT = {"type": "text", "name": "more", "label": "Which?", "relevant": "selected(${f}, 'pear')"}


@pytest.mark.parametrize("kind", ["select_one", "select_multiple"])
def test_a_text_of_one_choice_right_after_its_question_stands_below_the_choice(tmp_path, kind):
    """The common pattern is the same as or_other, also in a group with a condition, and as required as it."""
    rows = [
        {"type": "begin_group", "name": "g", "label": "G", "relevant": "${yes} = 'yes'"},
        {"type": f"{kind} fruit", "name": "f", "label": "Fruit?"},
        {**OTHER_TEXT, "required": "yes"},
        {"type": "end_group"},
    ]
    first = {"type": "select_one yn", "name": "yes", "label": "Any?"}
    imported = import_form(form(tmp_path, first, *rows))
    assert imported.report.refused == ()
    assert "asked on the screen of F, below the choice it is for" in imported.report.text()
    phrase = compiled(imported, tmp_path)[0].item("MORE")
    assert (phrase.specifies, phrase.specified, phrase.missing) == ("F", 2, ())


@pytest.mark.parametrize(
    "change",
    [
        {"relevant": "not(selected(${f}, 'pear'))"},
        {"relevant": "selected(${f}, 'pear') and ${yes} = 'yes'"},
        {"appearance": "multiline"},
        {"relevant": "selected(${yes}, 'yes')"},
    ],
)
def test_a_text_of_more_than_one_choice_is_a_question_of_its_own(tmp_path, change):
    """Other conditions, several phrases and what does not follow its question at once have a screen of their own."""
    first = {"type": "select_one yn", "name": "yes", "label": "Any?"}
    select = {"type": "select_one fruit", "name": "f", "label": "Fruit?"}
    imported = import_form(form(tmp_path, first, select, {**OTHER_TEXT, **change}))
    assert compiled(imported, tmp_path)[0].item("MORE").specifies is None


def test_a_language_that_the_phone_does_not_speak_is_refused(tmp_path):
    """Its texts are left out where another language is there, and stand under English buttons where none is."""
    sheets = {
        "survey": [("type", "name", "label::Français (fr)", "label::English (en)"), ("note", "n", "Bonjour", "Hello")],
    }
    path = tmp_path / "form.xlsx"
    path.write_bytes(xlsx(sheets))
    imported = import_form(path)
    assert ["do not speak Français (fr), but en" in one.reason for one in imported.report.refused] == [True]
    assert entry(imported, "N")["text"] == {"en": "Hello"}
    path.write_bytes(xlsx({"survey": [row[:3] for row in sheets["survey"]]}))
    assert entry(import_form(path), "N")["text"] == {"en": "Bonjour"}


def test_choices_from_a_file_beside_the_form(tmp_path):
    """A CSV in UTF-8 is read; one that is not there, or in another encoding, refuses the question by name."""
    row = {"type": "select_one_from_file towns.csv", "name": "t", "label": "Town?"}
    path = form(tmp_path, row, {"type": "note", "name": "n", "label": "N"})
    assert "towns.csv, which is not there" in import_form(path).report.text()
    (tmp_path / "towns.csv").write_bytes("name,label\na,Zürich\n".encode("cp1252"))
    assert "towns.csv is no text in UTF-8" in import_form(path).report.text()
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
    assert "has 5,000 choices, and such a question at most 200" in import_form(path).report.text()


def test_a_list_of_134_choices_is_one_question(tmp_path):
    """What archives and registers list is asked at once; of several answers 64 choices stay the most."""
    choices = [("list_name", "name", "label"), *(("l", f"c{number}", f"Choice {number}") for number in range(134))]
    one, several = ({"type": f"{kind} l", "name": kind[7:], "label": "A"} for kind in ("select_one", "select_multiple"))
    imported = import_form(form(tmp_path, one, several, choices=choices))
    assert [134] == [len(item["options"]) for item in yaml.safe_load(imported.yaml)["items"]]
    assert ["such a question at most 64" in remark.reason for remark in imported.report.refused] == [True]


def test_the_sheet_of_a_form_may_have_empty_rows(tmp_path):
    """Row numbers of the report are those that a spreadsheet shows."""
    path = tmp_path / "form.xlsx"
    path.write_bytes(
        xlsx({"survey": [*survey({"type": "note", "name": "n", "label": "N"}), [], [], ["audio", "x", "X"]]})
    )
    assert [remark.place.row for remark in import_form(path).report.refused] == [5]


def test_external_choices_and_columns_of_a_file(tmp_path):
    """select_one_external takes the sheet external_choices; a file's own columns are named by parameters."""
    path = tmp_path / "form.xlsx"
    rows = survey(
        {"type": "select_one_external t", "name": "a", "label": "A"},
        {"type": "select_one_from_file x.csv", "name": "b", "label": "B", "parameters": "value=id, label=title"},
    )
    external = [("list_name", "name", "label"), ("t", "one", "One"), ("t", "two", "Two")]
    path.write_bytes(xlsx({"survey": rows, "external_choices": external}))
    (tmp_path / "x.csv").write_text("id,title\n7,Seven\n8,Eight\n", encoding="utf-8")
    imported = import_form(path)
    assert [one["text"]["en"] for one in entry(imported, "A")["options"]] == ["One", "Two"]
    assert [one["code"] for one in entry(imported, "B")["options"]] == [7, 8]


def test_an_appearance_that_the_phone_has_not_is_named(tmp_path):
    """One that it has is not."""
    row = {"type": "select_one yn", "label": "A", "name": "a", "appearance": "minimal quick columns-2"}
    (remark,) = (one for one in import_form(form(tmp_path, row)).report.remarks if one.kind == "dropped")
    assert "its appearance quick columns-2 is left out: the phone has its own page" == remark.reason


def test_a_file_of_choices_is_measured_before_it_is_read(tmp_path):
    """What is no text at all is refused by its size where it is too large, and one byte less by its content."""
    path = form(tmp_path, {"type": "select_one_from_file towns.csv", "name": "t", "label": "Town?"})
    for size, reason in ((2_000_001, "towns.csv has 2,000,001 bytes"), (2_000_000, "towns.csv is no text in UTF-8")):
        (tmp_path / "towns.csv").write_bytes(b"\xff" * size)
        assert reason in import_form(path).report.refused[0].reason


def test_what_is_done_alike_stands_in_one_line(tmp_path):
    """Forty free texts are one line of the report, which names each of them."""
    rows = [{"type": "text", "name": f"t{number}", "label": f"T {number}"} for number in range(40)]
    lines = [line for line in import_form(form(tmp_path, *rows)).report.text().splitlines() if "phrase" in line]
    assert len(lines) == 1
    assert all(f"survey!{number + 2} t{number}" in lines[0] for number in range(40))


def test_answers_that_no_envelope_holds_are_refused(tmp_path):
    """The size is said before anybody is asked; below the bound it is that of a record in a box."""
    text = {"type": "text", "label": "T", "appearance": "multiline"}
    imported = import_form(form(tmp_path, *({**text, "name": f"t{number}"} for number in range(20))))
    questionnaire, _ = compiled(imported, tmp_path)
    assert imported.answer_bytes == record_size(questionnaire.plaintext_size) > 20 * 3 * 240
    with pytest.raises(FormError, match="bytes, and an envelope holds 65,536: ask for fewer texts"):
        import_form(form(tmp_path, *({**text, "name": f"t{number}"} for number in range(100))))


def test_labels_of_no_language_beside_named_ones(tmp_path):
    """They are a language of their own where no column names it, and stand in where a named one lacks a text."""
    path = tmp_path / "form.xlsx"
    rows = [("type", "name", "label", "label::简体中文"), ("note", "n", "Hello", "您好"), ("note", "m", "Bye", None)]
    path.write_bytes(xlsx({"survey": rows}))
    imported = import_form(path)
    assert imported.report.refused == ()
    assert entry(imported, "N")["text"] == {"en": "Hello", "zh-Hans": "您好"}
    assert (entry(imported, "M")["text"]["zh-Hans"], kinds(imported, 3)) == ("Bye", ["changed"])


def test_a_range_is_a_scale_with_words_at_its_ends(tmp_path):
    """Steps of one are codes of their own; others are worded, and a hint of a note stands in its text."""
    imported = import_form(
        form(
            tmp_path,
            {"type": "range", "name": "a", "label": "A", "parameters": "start=0 end=10 step=1"},
            {"type": "range", "name": "b", "label": "B", "parameters": "start=1;end=2;step=0.5"},
            {"type": "note", "name": "n", "label": "N", "hint::English (en)": "more", "relevant": "${b} > 1.5"},
        )
    )
    questionnaire, texts = compiled(imported, tmp_path)
    assert (questionnaire.item("A").codes, texts["en"].items["A"].ends) == ((*range(11),), ("lowest", "highest"))
    assert texts["en"].items["B"].options == {"1": "1", "2": "1.5", "3": "2"}
    assert [holds(questionnaire.item("N").ask_if, {"B": code}) for code in (1, 2, 3)] == [False, False, True]
    assert texts["en"].items["N"].text == "N (more)"


def test_choices_with_which_a_form_lets_nobody_go_on_end_the_interview(tmp_path):
    """A consent with `. = 'yes'` ends for No in the form's own words, and what follows is asked of Yes."""
    imported = import_form(
        form(
            tmp_path,
            {"type": "select_one yn", "name": "agree", "label": "Agree?", "required": "yes", "constraint": ". = 'yes'",
             "constraint_message::English (en)": "Thank you all the same."},
            {"type": "note", "name": "n", "label": "N", "relevant": "${agree} = 'yes'"},
        )
    )  # fmt: skip
    assert (imported.report.refused, kinds(imported, 2)) == ((), ["changed"])
    questionnaire, texts = compiled(imported, tmp_path)
    agree = questionnaire.item("AGREE")
    assert (agree.codes, agree.missing, [option.end for option in agree.options]) == ((1,), (), [None, "end-agree"])
    assert texts["en"].endings["end-agree"] == "Thank you all the same."


DAYS = [
    ("not(. > today())", None, 0), ("not(. < '2020-05-01')", 2020, None), ("not(not(. > '2020-05-01'))", 2020, None),
    ("not(. <= '2020-05-01')", 2020, None), ("not(. < '2001-02-03' or . > '2020-05-01')", 2001, 2020),
    (". >= '2001-02-03' and not(. >= '2020-05-01')", 2001, 2020), (". > '2001-02-03' and . < '2020-05-01'", 2001, 2020),
    ("not(. = '2020-05-01') and . <= '2020-05-01'", None, 2020), ("not(. != '2020-05-01')", 2020, 2020),
]  # fmt: skip
"""Constraints on a day with the first and the last year that has a day which fits; 0 is the year of today."""


@pytest.mark.parametrize(("constraint", "first", "last"), DAYS)
def test_a_constraint_on_a_day_keeps_each_year_that_has_one_which_fits(tmp_path, constraint, first, last):
    """Also under `not`, where the rest of the year of a day that is left out still fits."""
    imported = import_form(form(tmp_path, {"type": "date", "name": "d", "label": "D", "constraint": constraint}))
    bands = entry(imported, "D")["bands"]
    assert (first or 1900, today().year if last == 0 else last or 2049) == (bands[0]["from"], bands[-1]["to"])


@pytest.mark.parametrize("constraint", ["if(. > today(), false(), true())", "(. > today()) = false()"])
def test_a_constraint_on_a_day_that_is_neither_way_round_is_refused(tmp_path, constraint):
    """Where a comparison of days is itself compared or decides, the year alone does not settle it."""
    imported = import_form(form(tmp_path, {"type": "date", "name": "d", "label": "D", "constraint": constraint}))
    assert ["refused"] == kinds(imported, 2)
    assert "which the year alone does not settle" in imported.report.refused[0].reason


@pytest.mark.parametrize(("compared", "kind"), [(49, "proposed"), (50, "refused")])
def test_more_bands_than_anybody_confirms_are_refused(tmp_path, compared, kind):
    """Bands begin where conditions divide numbers: up to 60 are proposed, and one more refuses the question."""
    age = {"type": "integer", "name": "age", "label": "Age?"}
    notes = [
        {"type": "note", "name": f"n{at}", "label": "N", "relevant": f"${{age}} >= {20_000 + at}"}
        for at in range(compared)
    ]
    imported = import_form(form(tmp_path, age, *notes))
    assert [kind] == kinds(imported, 2)
