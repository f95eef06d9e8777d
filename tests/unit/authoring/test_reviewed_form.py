"""A questionnaire goes out as a workbook for review and comes back the same, or is refused by name."""

import io
import re
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from lxml import etree
from openpyxl import load_workbook
from pyxform.xls2xform import convert
from studies.any_answers import payloads
from studies.any_studies import studies
from studies.forms import saved
from studies.household import household
from studies.places import cascading
from studies.tools import authored_tools

from survey.authoring.compiler import compile_with_media
from survey.authoring.xlsform.form_import import export_form, import_form
from survey.authoring.xlsform.review.study_sheets import study_sheets
from survey.authoring.xlsform.review.workbook_file import columns_of
from survey.authoring.xlsform.sheets.report import FormError
from survey.questionnaire.items import Item
from survey.questionnaire.payload import decode
from survey.questionnaire.questionnaire import form_of, is_asked

SHIPPED = Path(__file__).parents[3] / "survey/studies"


def written(folder: Path, data: dict) -> Path:
    """Write an authored questionnaire, and return its path."""
    path = folder / "questionnaire.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def returned(folder: Path, content: bytes) -> Path:
    """Import a workbook, and return the questionnaire that it became; fail with the report where it became none."""
    (folder / "review.xlsx").write_bytes(content)
    imported = import_form(folder / "review.xlsx")
    assert imported.yaml, imported.report.text()
    (folder / "returned.yaml").write_text(imported.yaml, encoding="utf-8")
    return folder / "returned.yaml"


def assert_same(before: Path, after: Path) -> None:
    """Compare the compiled documents, and what only authors read."""
    first, second = compile_with_media(before), compile_with_media(after)
    assert second.questionnaire.to_bytes() == first.questionnaire.to_bytes()
    assert second.texts == first.texts
    reasons = [[(item.id, item.why, item.note) for item in one.authored.items] for one in (first, second)]
    assert reasons[0] == reasons[1]


def shipped(folder: Path, name: str) -> Path:
    """Copy a study that is shipped, and return its questionnaire."""
    shutil.copytree(SHIPPED / name, folder / name)
    return folder / name / "questionnaire.yaml"


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(data=studies())
def test_a_generated_questionnaire_comes_back_the_same(tmp_path, data):
    """Export and import give the same documents, whatever the texts look like to a spreadsheet."""
    path = written(tmp_path, data)
    assert_same(path, returned(tmp_path, export_form(path)))


@pytest.fixture(scope="module")
def showcase(tmp_path_factory) -> tuple[Path, bytes]:
    """The showcase's questionnaire in a folder of its own, and its workbook."""
    path = shipped(tmp_path_factory.mktemp("showcase"), "showcase")
    return path, export_form(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["showcase", "sesame_credit"])
def test_a_shipped_study_comes_back_the_same_and_is_a_form_to_odk(tmp_path, name):
    """Nothing of a whole study is lost, and pyxform makes an XForm of its workbook; with reasons, sources and audio."""
    path = shipped(tmp_path, name)
    content = export_form(path)
    back = returned(path.parent, content)
    assert_same(path, back)
    assert compile_with_media(back).authored == compile_with_media(path).authored
    convert(content, file_type=".xlsx", validate=False)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("java") is None, reason="ODK Validate is a program for Java")
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(data=studies())
def test_odk_validate_accepts_what_is_exported(tmp_path, data):
    """The validator that ODK itself uses loads the form; with the studies that are shipped, and a broken control."""
    convert(export_form(written(tmp_path, data)), file_type=".xlsx", validate=True)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="ODK Validate is a program for Java")
def test_odk_validate_accepts_the_showcase_and_refuses_a_cycle(showcase):
    """The showcase passes ODK's own validator, which refuses the same form once a condition leads back to itself."""
    content = showcase[1]
    convert(content, file_type=".xlsx", validate=True)
    book = load_workbook(io.BytesIO(content))
    cell(book["survey"], "GOODS", "relevant").value = "${GOODS} = '1'"
    with pytest.raises(Exception, match=r"(?i)cycle|itself|depend"):
        convert(saved(book), file_type=".xlsx", validate=True)


def cell(sheet, name: str, column: str):
    """Return the cell of a row by its name."""
    header = [one.value for one in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if name in [one.value for one in row])
    return row[header.index(column)]


def edited(content: bytes, *changes: tuple[str, str, str, str]) -> bytes:
    """Return a workbook with changed cells, each given by sheet, row, column and new content."""
    book = load_workbook(io.BytesIO(content))
    for sheet, name, column, value in changes:
        cell(book[sheet], name, column).value = value
    return saved(book)


def test_what_a_reviewer_writes_in_words_comes_back(showcase):
    """A corrected label, hint, choice and text of the consent are in the questionnaire afterwards, and nothing else."""
    path, exported = showcase
    content = edited(
        exported,
        ("survey", "AGE", "label::English (en)", "What is your age?"),
        ("survey", "AGE", "hint::English (en)", "In years."),
        ("choices", "Vegetables", "label::English (en)", "Greens"),
        ("sotto_texts", "consent.agree", "text::English (en)", "Yes, I agree"),
    )
    before, after = compile_with_media(path), compile_with_media(returned(path.parent, content))
    assert after.questionnaire == before.questionnaire
    english = after.texts["en"]
    assert (english.items["AGE"].text, english.hints["AGE"]) == ("What is your age?", "In years.")
    assert (english.items["GOODS"].options["1"], english.consent.agree) == ("Greens", "Yes, I agree")
    assert after.texts["zh-Hans"] == before.texts["zh-Hans"]


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [("relevant", "${STALL} = '1'", "sotto_ask_if"), ("required", "yes", "sotto_missing"),
     ("type", "text", "sotto_type"), ("constraint", ". != 1", "sotto_cap")],
)  # fmt: skip
def test_a_change_in_a_cell_that_is_not_read_is_refused_with_the_cell_to_change(showcase, column, value, named):
    """Nobody's correction of a condition is lost: the row, what stands there and the column to change are said."""
    path, exported = showcase
    (path.parent / "review.xlsx").write_bytes(edited(exported, ("survey", "GOODS", column, value)))
    imported = import_form(path.parent / "review.xlsx")
    assert imported.yaml == ""
    (remark,) = imported.report.refused
    assert (remark.place.name, remark.reason.split()[0]) == ("GOODS", column)
    assert named in remark.remedy


def test_rows_and_columns_that_are_not_understood_are_named(showcase):
    """A question of a reviewer's own is refused at its row; a column of remarks is named, and left out."""
    path, exported = showcase
    book = load_workbook(io.BytesIO(exported))
    sheet = book["survey"]
    sheet.cell(1, sheet.max_column + 1).value = "remarks"
    sheet.cell(3, sheet.max_column).value = "too long?"
    (path.parent / "review.xlsx").write_bytes(saved(book))
    (remark,) = import_form(path.parent / "review.xlsx").report.remarks
    assert (remark.kind, remark.reason) == ("dropped", "the column remarks is not read")
    sheet.cell(sheet.max_row + 1, 1).value, sheet.cell(sheet.max_row, 2).value = "text", "NEW"
    (path.parent / "review.xlsx").write_bytes(saved(book))
    (refused,) = import_form(path.parent / "review.xlsx").report.refused
    assert (refused.place.name, "sotto_type" in refused.reason) == ("NEW", True)


@pytest.mark.parametrize(
    ("text", "named"),
    [("costs ${x}", "${"), ("a _x0041_ b", "_x0041_"), ("a\rb", "return")],
)
def test_a_text_that_no_workbook_can_hold_is_refused_by_name(tmp_path, text, named):
    """What would come back as another text is said with its cell before anything is written."""
    data = {**yaml.safe_load((SHIPPED / "showcase/questionnaire.yaml").read_text(encoding="utf-8"))}
    path = shipped(tmp_path, "showcase")
    data["items"][0]["text"] = text.replace("{x}", "{ORG}")
    with pytest.raises(FormError, match=r"survey!2 WELCOME") as error:
        export_form(written(path.parent, data))
    assert named in str(error.value)


def test_a_cell_of_more_than_a_spreadsheet_holds_is_refused_by_name(tmp_path):
    """Reasons have no bound in the questionnaire; in a cell they have."""
    data = {**yaml.safe_load((SHIPPED / "showcase/questionnaire.yaml").read_text(encoding="utf-8"))}
    path = shipped(tmp_path, "showcase")
    data["items"][0]["why"] = "x" * 40_000
    with pytest.raises(FormError, match=r"survey!2 WELCOME \(sotto_why\).*32,767"):
        export_form(written(path.parent, data))


def test_an_older_format_is_refused(showcase):
    """A workbook says by which version it was written."""
    path, exported = showcase
    content = edited(exported, ("settings", "s1", "sotto_format", "sotto-xlsform-0"))
    (path.parent / "review.xlsx").write_bytes(content)
    with pytest.raises(FormError, match="sotto-xlsform-0"):
        import_form(path.parent / "review.xlsx")


class Odk:
    """Evaluates an exported form's expressions with libxml2's XPath over one person's answers."""

    def __init__(self, rows: list[dict[str, str]], typed: dict[str, str]) -> None:
        self.calculations = {row["name"]: row["calculation"] for row in rows if row.get("type") == "calculate"}
        self.typed = typed
        self.known: dict[str, str] = {}

    def value(self, name: str) -> str:
        """Return what a question holds, or what a calculation gives."""
        if name not in self.calculations:
            return self.typed.get(name, "")
        if name not in self.known:
            self.known[name] = self.string(self.calculations[name])
        return self.known[name]

    def string(self, source: str) -> str:
        """Return an expression's value as a text."""
        root = etree.Element("d")
        for name in {*re.findall(r"\$\{(\w+)\}", source)}:
            etree.SubElement(root, name).text = self.value(name)
        names = re.sub(r"\$\{(\w+)\}", r"/d/\1", source)
        return root.xpath(f"string({names})", extensions=FUNCTIONS)

    def true(self, source: str) -> bool:
        """Say whether a condition holds."""
        return self.string(f"boolean({source})") == "true"


def _text(node) -> str:
    return (node[0].text or "") if isinstance(node, list) and node else str(node if not isinstance(node, list) else "")


def _if(_context, test, yes, no):
    return yes if test else no


# ODK XForms Specification, 8.2. Days compare as numbers there: here both sides become YYYYMMDD.
FUNCTIONS = {
    (None, "selected"): lambda _, node, code: code in _text(node).split(),
    (None, "count-selected"): lambda _, node: float(len(_text(node).split())),
    (None, "selected-at"): lambda _, node, at: [*_text(node).split(), "", "", "", ""][int(at)],
    (None, "if"): _if,
    (None, "date"): lambda _, day: float(day.replace("-", "")),
}


def typed(item: Item, answer) -> str:
    """Return what somebody types or chooses in the exported form for an answer of the questionnaire."""
    if isinstance(answer, tuple):
        return " ".join(map(str, answer))
    option = next((one for one in item.options if one.code == answer), None)
    if option is None:
        return str(answer) if item.type in ("single", "picture", "multi", "list", "scale") else ""
    if item.type == "date":
        return f"{option.high}0101" if item.unit != "month" else f"{option.high}01"
    return str(option.high if option.high is not None else answer)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["showcase", "sesame_credit"])
def test_a_form_for_review_asks_whom_the_questionnaire_asks(tmp_path, name):
    """For invented people the exported conditions, read by another XPath, give the items that are asked, one by one."""
    compiled = compile_with_media(shipped(tmp_path, name))
    whole = compiled.questionnaire
    rows = study_sheets(compiled.authored, whole)["survey"]
    relevant = {row["name"]: row.get("relevant", "") for row in rows if "name" in row}
    groups = {member: group for group in whole.groups for member in group.items}
    asked_of, left_out = set(), set()
    for payload in payloads(whole, 40):
        given_ = decode(whole, payload).answers
        odk = Odk(rows, _typed(whole, given_, groups))
        for item in whole.items:
            row = groups[item.id].id if item.id in groups else item.id
            expected = is_asked(item, form_of(whole, given_), given_)
            assert odk.true(relevant[row] or "true()") == expected, (item.id, relevant[row], given_)
            (asked_of if expected else left_out).add(item.id)
    assert asked_of & left_out


def _typed(whole, answers, groups) -> dict[str, str]:
    plain = {name: typed(whole.item(name), answer) for name, answer in answers.items() if name not in groups}
    for name, answer in answers.items():
        group = groups.get(name)
        if group is not None and group.kind == "grid":
            plain[name] = str(answer)
        elif group is not None and answer not in (90, 98, 99):
            plain[group.id] = " ".join(str(answers[one]) for one in group.items)
    return plain


def test_columns_stand_in_an_order_that_can_be_read():
    """Names come first, then texts, then what is worked out, then our own."""
    rows = [{"sotto_type": "x", "relevant": "x", "label::English (en)": "x", "name": "x", "type": "x"}]
    assert columns_of(rows) == ["type", "name", "label::English (en)", "relevant", "sotto_type"]


def test_a_cascade_goes_out_as_a_filter_of_odks_and_comes_back_the_same(tmp_path):
    """Towns are filtered by the province in pyxform's form too, and the workbook comes back as the same study."""
    path = written(tmp_path, cascading())
    content = export_form(path)
    assert_same(path, returned(tmp_path, content))
    sheet = load_workbook(io.BytesIO(content))["survey"]
    assert "selected(translate(sotto_for" in cell(sheet, "TOWN", "choice_filter").value
    xform = convert(content, file_type=".xlsx", validate=shutil.which("java") is not None).xform
    assert re.search(r"instance\('TOWN'\)/root/item\[.*sotto_for", xform)


def test_words_of_an_option_go_out_as_a_text_of_odks_and_come_back_the_same(tmp_path):
    """ODK asks the text of who chose the option alone, and the workbook comes back as the same study."""
    path = written(tmp_path, authored_tools())
    content = export_form(path)
    assert_same(path, returned(tmp_path, content))
    sheet = load_workbook(io.BytesIO(content))["survey"]
    assert cell(sheet, "USE_OTHER", "type").value == "text"
    assert "selected(${USE}, '7')" in cell(sheet, "USE_OTHER", "relevant").value
    assert "selected(${USE}, name)" in cell(sheet, "MOST", "choice_filter").value
    convert(content, file_type=".xlsx", validate=shutil.which("java") is not None)


def test_checks_go_out_as_constraints_and_come_back_the_same(tmp_path):
    """Of the answer itself they say `.`, beside a missing choice; a message is changed in the sheet of texts."""
    path = written(tmp_path, household())
    content = export_form(path)
    assert_same(path, returned(tmp_path, content))
    sheet = load_workbook(io.BytesIO(content))["survey"]
    said = {name: cell(sheet, name, "constraint").value for name in ("CHILDREN", "HELP", "ALONE")}
    assert "(${PEOPLE} = 12) and (. = 12)" in said["CHILDREN"]
    assert "(not(selected(., '3'))) or" in said["HELP"]
    assert "selected(., '99')" in said["HELP"]
    assert ". = '2'" in said["ALONE"]
    assert cell(sheet, "ALONE", "constraint_message::English (en)").value == "You said that somebody lives with you."
    convert(content, file_type=".xlsx", validate=shutil.which("java") is not None)
    moved = edited(content, ("survey", "ALONE", "constraint_message::English (en)", "Please look again."))
    assert compile_with_media(returned(tmp_path, moved)).texts["en"].items["ALONE"].checks == ("Please look again.",)
