"""`sotto study import`: its exit codes, and that a workbook that is none leaves one sentence and no file."""

import io
import json
import re
import zipfile

import pytest
from click.testing import CliRunner
from hosts.collection import STUDY
from studies.forms import form, many_cells, survey, xlsx

from survey.commands.main import main

NOTE = {"type": "note", "name": "n", "label": "N"}
PHOTO = {"type": "image", "name": "photo", "label": "Photo"}


def run(path, output, *options):
    """Run the command on `path`; return the result."""
    return CliRunner().invoke(main, ["study", "import", str(path), "-o", str(output), *options])


def on(command, path):
    """Run `sotto study new` or `check` on `path`; return the result."""
    return CliRunner().invoke(main, ["study", command, str(path)])


def test_what_is_refused_keeps_everything_from_being_written(tmp_path):
    """Without --leave-out the exit code is 3 and there is no file; with it the rest is written, and it compiles."""
    path, output = form(tmp_path, PHOTO, NOTE), tmp_path / "questionnaire.yaml"
    result = run(path, output)
    assert (3, False) == (result.exit_code, output.exists())
    assert "survey!2 photo: a picture tells who answers" in result.output
    assert "Nothing was written: 1 refused" in result.stderr
    assert run(path, output, "--leave-out").exit_code == 0
    assert CliRunner().invoke(main, ["study", "check", str(output)]).exit_code == 0


def test_a_form_of_refused_rows_alone_is_never_written(tmp_path):
    """--leave-out cannot make a questionnaire without a question."""
    output = tmp_path / "questionnaire.yaml"
    result = run(form(tmp_path, PHOTO), output, "--leave-out")
    assert (3, False) == (result.exit_code, output.exists())
    for said in (result, run(form(tmp_path, PHOTO), output), on("check", form(tmp_path, PHOTO))):
        assert "correct the form: none of its questions is left" in said.stderr
        assert "--leave-out" not in said.stderr


def test_the_report_as_json(tmp_path):
    """One object names the file, the counts, and every remark with sheet, row, reason and remedy."""
    output = tmp_path / "questionnaire.yaml"
    report = json.loads(run(form(tmp_path, PHOTO, NOTE), output, "--leave-out", "--json").stdout)
    assert (str(output), 2, 1) == (report["file"], report["counts"]["questions"], report["counts"]["refused"])
    (refused,) = (remark for remark in report["remarks"] if remark["kind"] == "refused")
    assert {"kind", "sheet", "row", "name", "reason", "remedy"} == refused.keys()


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    """What an author has written since stays."""
    output = tmp_path / "questionnaire.yaml"
    output.write_text("mine", encoding="utf-8")
    result = run(form(tmp_path, NOTE), output)
    assert (3, "mine") == (result.exit_code, output.read_text(encoding="utf-8"))
    assert "there is such a file already" in result.stderr


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)
    return file.getvalue()


def _without_type() -> bytes:
    return xlsx({"survey": [("kind", "name"), ("note", "n")]})


BAD = {
    "text": (b"type,name\nnote,n\n", "this is no workbook by its first bytes"),
    "empty": (b"", "this is no workbook by its first bytes"),
    "encrypted": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "is encrypted"),
    "no xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "its sheets cannot be read"),
    "damaged": (xlsx({"survey": survey(NOTE)})[:-200], "the workbook is damaged"),
    "bomb": (_bomb(), "unpacked the workbook has 70,000,000 bytes"),
    "many cells": (many_cells(xlsx({"survey": survey(NOTE)}), 300_000), "rows and cells, and a form at most 300,000"),
    "other sheets": (xlsx({"a": survey(NOTE), "b": survey(NOTE)}), "there is no sheet `survey`"),
    "no type": (_without_type(), "the sheet survey has no column `type`"),
    "one column twice": (xlsx({"survey": [("type", "name", "name"), ("note", "n", "m")]}), "two columns have one name"),
    "nothing asked": (xlsx({"survey": [("type", "name")]}), "the sheet survey asks nothing"),
    "open group": (xlsx({"survey": survey({"type": "begin_group", "name": "g"}, NOTE)}), "this group is never closed"),
    "closed group": (xlsx({"survey": survey(NOTE, {"type": "end_group"})}), "closes a group that was never opened"),
    "too many": (
        xlsx({"survey": survey(*({**NOTE, "name": f"n{number}"} for number in range(401)))}),
        "401 questions are more than a phone's page carries (400)",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_form_is_refused_in_one_sentence(tmp_path, name):
    """The message names the file and what to do, the exit code is 3, and nothing is written."""
    content, message = BAD[name]
    path, output = tmp_path / "form.xlsx", tmp_path / "questionnaire.yaml"
    path.write_bytes(content)
    result = run(path, output)
    assert (3, False) == (result.exit_code, output.exists()), result.output
    assert message in result.stderr
    assert "form.xlsx" in result.stderr or "survey!" in result.stderr
    assert 1 == len(result.stderr.strip().splitlines())


def test_a_workbook_of_50_megabytes_is_not_read(tmp_path):
    """Its size is looked at before its bytes."""
    path = tmp_path / "form.xlsx"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    result = run(path, tmp_path / "questionnaire.yaml")
    assert (3, True) == (result.exit_code, "50,000,000 bytes are no form (at most 20 MB)" in result.stderr)


def test_a_workbook_is_checked_as_it_is(tmp_path):
    """`sotto study check` takes a form itself: its report and the study's in one, and all that is refused."""
    path = form(tmp_path, NOTE)
    result = CliRunner().invoke(main, ["study", "check", str(path)])
    assert (0, True) == (
        result.exit_code,
        result.output.startswith("1 question: 1 mapped") and "no problem found" in result.output,
    )
    result = CliRunner().invoke(main, ["study", "check", str(form(tmp_path, PHOTO, NOTE))])
    assert (3, True) == (result.exit_code, "refused  survey!2 photo" in result.stderr)


def test_a_form_with_a_proposal_becomes_no_study_until_it_is_confirmed(collection, tmp_path):
    """`sotto study new` keeps nothing while bands are proposed and names the import; else it prints the report."""
    runner = CliRunner(env={"SOTTO_HOME": str(collection.settings.public.parent)})
    age = {"type": "integer", "name": "age", "label": "Age?"}
    proposed = runner.invoke(main, ["study", "new", str(form(tmp_path, NOTE, age))])
    assert (3, True) == (proposed.exit_code, "proposed survey!3 age" in proposed.stderr)
    assert f"sotto study import {tmp_path / 'form.xlsx'} -o questionnaire.yaml" in proposed.stderr
    changed = {"type": "time", "name": "when", "label": "When?"}
    path = form(tmp_path, NOTE, changed)
    kept = runner.invoke(main, ["study", "new", str(path)])
    assert (0, True) == (kept.exit_code, "changed  survey!3 when: a time of day" in kept.stdout)
    result = json.loads(runner.invoke(main, ["study", "new", str(path), "--json"]).stdout)
    assert ["changed"] == [one["kind"] for one in result["import"]["remarks"] if one["name"] == "when"]
    listed = json.loads(runner.invoke(main, ["study", "list", "--json"]).stdout)["studies"]
    assert {STUDY, result["study"]} == {one["study"] for one in listed}


def test_a_questionnaire_goes_out_for_review_and_comes_back(tmp_path):
    """Export writes a workbook that import takes; neither writes over a file, nor one of another kind."""
    path, first, back = form(tmp_path, NOTE), tmp_path / "questionnaire.yaml", tmp_path / "questionnaire-2.yaml"
    assert run(path, first).exit_code == 0

    def export(output):
        return CliRunner().invoke(main, ["study", "export", str(first), "--xlsform", "-o", str(output)])

    review = tmp_path / "review.xlsx"
    assert export(review).exit_code == 0
    assert run(review, back).exit_code == 0
    assert CliRunner().invoke(main, ["study", "check", str(back)]).exit_code == 0
    again, other = export(review), export(tmp_path / "review.csv")
    assert (again.exit_code, other.exit_code) == (3, 3)
    assert "there is such a file already" in again.stderr
    assert not (tmp_path / "review.csv").exists()


NUMBER = {"type": "integer", "name": "age", "label": "Age", "constraint": ". < 120 and . != 7"}
ODD = [
    PHOTO,
    {**NOTE, "label": "**Bold** ${photo}"},
    {**NUMBER, "hint": "H"},
    {"type": "select_one yn", "name": "shop", "label": "Shop", "relevant": "${photo} = 1"},
    {"type": "select_multiple fruit", "name": "fruit", "label": "Fruit", "constraint": "${age} > 3 and ."},
    {"type": "select_one nowhere", "name": "gone", "label": "Gone"},
    {"type": "text", "name": "why", "label": "Why", "default": "x", "appearance": "fancy"},
    {"type": "date", "name": "day", "label": "Day", "relevant": "${why} = (1"},
    {"type": "telepathy", "name": "mind", "label": "Mind"},
    {"type": "calculate", "name": "sum", "calculation": "foo(${age})"},
]
LATIN = re.compile(r"(?<![\w`$.:*])[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")
"""Three words of English in a row, which are no code between signs."""


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
def test_a_report_and_its_refusal_are_said_in_the_language_of_the_option(tmp_path, locale):
    """What became of every row, the counts, and why nothing was written: not a sentence of it is left in English."""
    path, output = form(tmp_path, *ODD), tmp_path / "questionnaire.yaml"
    plain = run(path, output, "--language", "en")
    told = run(path, output, "--language", locale)
    assert (3, 3, False) == (plain.exit_code, told.exit_code, output.exists())
    assert ("refused" in plain.stdout, "refused" in told.stdout) == (True, False)
    assert len(told.stdout.splitlines()) == len(plain.stdout.splitlines()) > len(ODD)
    assert [] == LATIN.findall(told.stdout + told.stderr)
    assert LATIN.search(plain.stdout), "the control: English has such words"
    assert {"zh-Hans": "什么也没有写入", "zh-Hant": "什麼也沒有寫入"}[locale] in told.stderr


def test_remarks_as_json_are_said_in_the_language_of_the_option(tmp_path):
    """Kinds, sheets, rows and names stay what a script reads; reasons and remedies are said."""
    path, output = form(tmp_path, *ODD), tmp_path / "questionnaire.yaml"
    plain, told = (
        json.loads(run(path, output, "--json", "--language", one).stdout)["remarks"] for one in ("en", "zh-Hans")
    )
    kept = ("kind", "sheet", "row", "name")
    assert [[one[key] for key in kept] for one in plain] == [[one[key] for key in kept] for one in told]
    assert all(one["reason"] != other["reason"] for one, other in zip(plain, told, strict=True))
    assert any("照片会暴露是谁在回答" in one["reason"] for one in told)


@pytest.mark.parametrize("command", ["check", "new", "import"])
def test_a_workbook_that_is_none_is_said_in_the_language_of_the_terminal(tmp_path, monkeypatch, command):
    """Each command that takes a form says the place, why it is none and what to do, with the signs of the language."""
    monkeypatch.setenv("LANGUAGE", "zh_TW")
    monkeypatch.setenv("SOTTO_HOME", str(tmp_path / "host"))
    path = tmp_path / "form.xlsx"
    path.write_bytes(b"no workbook")
    result = run(path, tmp_path / "out.yaml") if command == "import" else on(command, path)
    assert 3 == result.exit_code
    assert f"{path}: 從開頭的位元組看，這不是活頁簿。把表單存成.xlsx或.xls。" in result.stderr


def test_what_check_refuses_of_a_form_is_said_in_the_language_of_the_option(tmp_path):
    """`sotto study check --language` says the report of a form's import so too, refused or not."""
    path = form(tmp_path, PHOTO, NOTE)
    refused = CliRunner().invoke(main, ["study", "check", str(path), "--language", "zh-Hans"])
    assert "被拒绝的内容没有导入；改正表单，或者不要它而继续：sotto study import" in refused.stderr
    whole = CliRunner().invoke(main, ["study", "check", str(form(tmp_path, NOTE)), "--language", "zh-Hans"])
    assert (0, True) == (whole.exit_code, "1个问题：1个照原样导入" in whole.stdout), whole.output
