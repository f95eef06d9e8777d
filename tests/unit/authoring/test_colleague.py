"""What `study check` says is what a colleague would say: all at once, with the place, and a remedy that helps."""

import shutil
from pathlib import Path

import pytest
import yaml
from paths import STUDIES

from survey.authoring.checks.advice import advice, advise, plans_beside, used_names, width
from survey.authoring.checks.known_keys import remedy
from survey.authoring.checks.wide_signs import wide_sign
from survey.authoring.compiler import compile_with_media
from survey.authoring.plan_compiler import compile_plan
from survey.authoring.schema import AuthoredItem, AuthoredStudy
from survey.faults import AuthoringError

# ruff: noqa: RUF001 - signs that look like others are what it is about

SHOWCASE = (STUDIES / "showcase/questionnaire.yaml").read_text(encoding="utf-8")


def advised(path):
    """Return what a colleague would say of a questionnaire and the plans beside it."""
    compiled = compile_with_media(path)
    return advise(path, compiled, plans_beside(path, compiled.questionnaire))


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the showcase with changed lines beside its pictures and recordings, and return its path."""
    shutil.copytree(STUDIES / "showcase", folder / "study", dirs_exist_ok=True)
    text = SHOWCASE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "study/questionnaire.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, *changes: tuple[str, str]):
    """Return the problems of the showcase with changed lines."""
    with pytest.raises(AuthoringError) as caught:
        compile_with_media(changed(folder, *changes))
    return caught.value.problems


def test_shape_references_and_sense_are_said_in_one_pass(tmp_path):
    """A misspelt key, an unknown one, a wrong word, a missing condition, alike answers: five faults, no sixth."""
    found = problems(
        tmp_path,
        ("debrief:", "debreif:"),
        ("    cap: 3\n", "    cap: 3\n    constraint: x\n    required: yes\n"),
        ("type: picture", "type: pictures"),
        ("ask_if: buys", "ask_if: buyz"),
        ('{code: 2, text: {en: "Fruit"', '{code: 2, text: {en: "vegetables."'),
    )
    said = {problem.where: (problem.message, problem.remedy) for problem in found}
    assert said["debreif"][1] == "write debrief"
    assert said["items.GOODS.constraint"][1].startswith("numbers are bounded by `from` and `to`")
    assert said["items.GOODS.required"][1] == "write `missing: []` where nobody may pass the question by"
    assert said["items.STALL.type"][1] == "write picture"
    assert said["items.LATEST.ask_if"][0] == "there is no condition buyz"
    assert "have the same words in en" in said["items.GOODS.options.1.text"][0]
    assert {*said} == {
        "file", "debreif", "items.GOODS.constraint", "items.GOODS.required", "items.STALL.type", "items.LATEST.ask_if",
        "items.GOODS.options.1.text",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "where", "said"),
    [
        ("constraint", ("items", 0), "`bands`"),
        ("relevant", ("items", 0), "`ask_if`"),
        ("optoins", ("items", 0), "write options"),
        ("items", ("items", 0), "`rows`"),
        ("value", ("items", 0, "options", 2), "`code`"),
        ("ethics", (), "`facts`"),
        ("orcid", (), "`about`"),
        ("zzz", ("locales", "en"), "name, dir"),
        ("zzz", (), "remove it"),
    ],
)
def test_a_remedy_for_an_unknown_key_fits_the_place(key, where, said):
    """The nearest key of that part, what other tools call it, or the part it belongs into; never a far one."""
    assert said in remedy(key, where, AuthoredStudy)


def test_no_word_of_another_tool_is_a_key_of_an_item():
    """What the remedies call unknown is never a key that an item has."""
    for field in AuthoredItem.model_fields:
        assert remedy(field, ("items", 0), AuthoredStudy) == f"write {field}" or field in (
            "low",
            "high",
            "list_experiment",
        )


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("study：q26", "U+FF1A"),
        ("  - id：AGE", "U+FF1A"),
        ("title: “Trust”", "U+201C"),
        ("missing: [98，99]", "U+FF0C"),
        ("missing: ［98]", "U+FF3B"),
        ("－ id: AGE", "U+FF0D"),
        ("\u00a0 type: single", "U+00A0"),
        ("\u3000type: single", "U+3000"),
        ("type:\u00a0single", "U+00A0"),
    ],
)
def test_a_sign_of_an_input_method_is_named_with_what_to_type(line, sign):
    """Full-width marks, curly quotes and spaces that are none to YAML are named by their number."""
    assert sign in wide_sign(line)


@pytest.mark.parametrize("line", ['text: {zh-Hans: "是，不是：“好”"}', 'zh-Hans: "［x］"', "注意：好"])
def test_signs_within_words_are_let_pass(line):
    """Chinese punctuation inside quoted words is what it should be."""
    assert wide_sign(line) == ""


@pytest.mark.parametrize(
    ("old", "new", "sign"),
    [
        ("mode: open", "mode：open", "U+FF1A"),
        ("missing: [98, 99]", "missing: [98，99]", "U+FF0C"),
        ("type: multi", "type:\u00a0multi", "U+00A0"),
        ("id: AGE\n", "id: ＡＧＥ\n", "U+FF21"),
    ],
)  # fmt: skip
def test_a_file_typed_with_an_input_method_is_told_which_sign_is_meant(tmp_path, old, new, sign):
    """Whatever YAML makes of such a sign, the message at its line names it."""
    assert any(sign in f"{one.message} {one.remedy}" for one in problems(tmp_path, (old, new)))


def test_an_option_worded_like_a_missing_answer_of_the_study_is_named(tmp_path):
    """An answer worded as 98 of an item that does not offer 98 would be counted apart from all that do."""
    own = '{en: "Somebody reads it to me", zh-Hans: "别人念给我听", zh-Hant: "別人唸給我聽"}'
    half = changed(tmp_path / "half", (own, own.replace("Somebody reads it to me", "I don't know.")))
    assert [one for one in advised(half) if "missing answer" in one.message] == []
    path = changed(tmp_path, (own, '{en: "I don\'t know.", zh-Hans: "不知道", zh-Hant: "不知道"}'))
    found = [(one.where, one.message) for one in advised(path) if "missing answer" in one.message]
    assert found == [("items.READER.options", "answer 2 says what the missing answer 98 says")]


def test_a_control_character_is_named_with_its_line(tmp_path):
    """YAML reads no file with one, and says only that: the line and the sign are told beside it."""
    (problem,) = problems(tmp_path, ("id: AGE\n", "id: AGE # \x1b[0m\n"))
    line = 1 + SHOWCASE[: SHOWCASE.index("id: AGE\n")].count("\n")
    assert (problem.line, problem.remedy) == (line, "take it out")
    assert "U+001B" in problem.message


def test_a_placeholder_in_full_width_brackets_is_no_silent_text(tmp_path):
    """What would stand on every phone as it is typed is refused, with the placeholder to write."""
    (found,) = problems(tmp_path, ("主办：{ORG}", "主办：｛ORG｝"))
    assert ("{ORG}" in found.remedy, found.where) == (True, "consent.paragraphs.3.text")


def test_a_text_without_bound_is_refused(tmp_path):
    """Four thousand characters are the most of one text."""
    (found,) = problems(tmp_path, ("First a few questions about you.", "x" * 4_001))
    assert "4,001 characters" in found.message


def said(folder: Path, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the places and words of the advice on the showcase with changed lines, without a plan."""
    compiled = compile_with_media(changed(folder, *changes))
    return [(str(one.where[1]), one.message) for one in advice(compiled.authored, compiled.questionnaire, {})]


def test_a_question_longer_than_a_screen_is_named(tmp_path):
    """A text that fills a small phone is said with its languages; Chinese takes twice the room."""
    assert said(tmp_path, ("First a few questions about you.", "x " * 340)) == [
        ("WELCOME", "in en this text is longer than a screen of a small phone")
    ]
    assert (width("ab"), width("中文")) == (2, 4)


def test_chance_that_nobody_explains_is_named(tmp_path):
    """Without the paragraph of the consent on randomised answers the first such item is said."""
    messages = said(tmp_path, ("    - only: randomised\n      text:", "    - text:"))
    assert any("changed by chance, and the consent does not say so" in message for _, message in messages)


def test_a_question_that_no_table_uses_is_named(tmp_path):
    """Of the plans beside the file every dimension, population, list of words and routing item is used, no other."""
    path = changed(tmp_path)
    plan = yaml.safe_load((path.parent / "plan.yaml").read_text(encoding="utf-8"))
    whole = compile_with_media(path).questionnaire
    used = used_names(whole, [compile_plan(path.parent / "plan.yaml", whole)])
    assert {name for table in plan["tables"] for name in table["dimensions"] if not name.startswith("@")} <= used
    idle = {problem.where.split(".")[1] for problem in advised(path) if "no table" in problem.message}
    assert idle.isdisjoint(used)
    first = next(table for table in plan["tables"])
    plan["tables"] = [first]
    for key in ("expects", "answers", "words"):
        plan.pop(key, None)
    (path.parent / "plan.yaml").write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
    fewer = {problem.where.split(".")[1] for problem in advised(path) if "no table" in problem.message}
    assert fewer > idle


def test_a_plan_that_does_not_compile_is_named_and_nothing_is_called_idle(tmp_path):
    """Of a faulty plan it is not known what it uses."""
    path = changed(tmp_path)
    (path.parent / "plan.yaml").write_text("study: s1\n", encoding="utf-8")
    (found,) = [one for one in advised(path) if "plan" in one.message]
    assert found.message == "this plan does not compile"


@pytest.mark.parametrize("name", ["showcase", "sesame_credit"])
def test_the_shipped_studies_leave_a_colleague_little_to_say(name):
    """Nothing shipped is too long or unexplained."""
    path = STUDIES / name / "questionnaire.yaml"
    compiled = compile_with_media(path)
    assert [*advice(compiled.authored, compiled.questionnaire, {})] == []
