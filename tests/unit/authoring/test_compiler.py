"""The compiler: what a sound file becomes, and every fault of a broken one in its own line."""

import re

import pytest
from paths import STUDIES, VECTORS

from survey.authoring import schema_errors
from survey.authoring.compiler import compile_study, compile_with_media, missing_for_opening
from survey.faults import AuthoringError, Problem
from survey.wording.phone_catalogue import Interface, read_interface

WORDS = Interface({"en": {"next": "Next"}, "zh-Hans": {"next": "继续"}})
SOUND = """
study: tiny-study
version: "1"
title: {en: "About tea", zh-Hans: "小调查"}
locales: {en: {name: English, dir: ltr}, zh-Hans: {name: 简体中文, dir: ltr}}
mode: open
sealing: phone
strata: [open]
modules: {extra: false}
facts: {org: {en: "Somebody", zh-Hans: "某人"}, close_date: "2027-01-31", mainland_fieldwork: false}
consent:
  paragraphs:
    - text: {en: "Run by {ORG} until {CLOSE_DATE}.", zh-Hans: "{ORG}主办，到{CLOSE_DATE}为止。"}
    - {only: invitation, text: {en: "You get a code.", zh-Hans: "您会得到一个码。"}}
    - {only: open, text: {en: "There is no code.", zh-Hans: "没有码。"}}
    - {only: randomised, text: {en: "The phone rolls a dice.", zh-Hans: "手机掷骰子。"}}
  question: {en: "Do you agree?", zh-Hans: "同意吗？"}
  agree: {en: "Yes", zh-Hans: "同意"}
  decline: {en: "No", zh-Hans: "不同意"}
endings: {no-consent: {en: "Thank you.", zh-Hans: "谢谢。"}}
thanks: [{text: {en: "Thank you.", zh-Hans: "谢谢。"}}]
debrief: {en: "That is all.", zh-Hans: "完了。"}
missing: {98: {en: "Don't know", zh-Hans: "不知道"}, 99: {en: "Won't say", zh-Hans: "不想回答"}}
option_sets:
  yesno: [{code: 1, text: {en: "Yes", zh-Hans: "是"}}, {code: 2, text: {en: "No", zh-Hans: "不"}}]
conditions:
  agreeing: {item: FIRST, in: [1]}
  refusing: {not: agreeing}
forms:
  - {id: short, when: {all: [refusing, {item: FIRST, in: [99]}]}}
  - {id: long}
items:
  - {id: FIRST, type: single, block: main, missing: [99], text: {en: "First?", zh-Hans: "一？"}, options: yesno}
  - {id: NUMBER, type: multi, block: main, forms: [long], missing: [98], shuffle: true, ask_if: agreeing, text: {en: "How many?", zh-Hans: "几个？"}, options: [{code: 1, text: "1"}, {code: 2, last: true, text: "2"}]}
  - {id: EXTRA, type: single, block: main, module: extra, missing: [], text: {en: "More?", zh-Hans: "还有？"}, options: yesno}
derived:
  - {id: POINTS, text: {en: "Points", zh-Hans: "分"}, levels: {from: 0, to: 3}, labels: numbers, score: true, population: agreeing, sum: [{count: NUMBER, of: [1, 2]}, {when: agreeing, add: 1}]}
"""  # noqa: E501 - YAML as people write it


def compiled(folder, text=SOUND, words=WORDS):
    return compile_study(written(folder, text), words)


def whole(folder, text=SOUND):
    return compile_with_media(written(folder, text), WORDS)


def written(folder, text):
    path = folder / "questionnaire.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder, text, words=WORDS):
    with pytest.raises(AuthoringError) as raised:
        compiled(folder, text, words)
    return raised.value.problems


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, "a: " + "{a: " * 900 + "1" + "}" * 900])
def test_a_file_that_is_nested_too_deeply_is_named(tmp_path, text):
    """Thousands of levels end in a problem of the file with a remedy, not in an error without a name."""
    (problem,) = problems(tmp_path, text)
    assert (str(tmp_path / "questionnaire.yaml"), "nested too deeply to be read") == (problem.file, problem.message)


@pytest.mark.parametrize("name", ["authored-broken.yaml", "authored-types-broken.yaml"])
def test_every_fault_of_a_broken_questionnaire_is_reported_in_its_line(name):
    """Each fault that the broken file names in a line is reported there, with a remedy, and nothing else is."""
    path = VECTORS / name
    with pytest.raises(AuthoringError) as raised:
        compile_study(path, WORDS)
    lines = enumerate(path.read_text(encoding="utf-8").splitlines()[1:], 2)
    named = ((number, fault) for number, line in lines for fault in re.findall(r"# FAULT (.+)$", line))
    expected = {(number, fault) for number, several in named for fault in several.split(" & ")}
    faults = {(problem.line, problem.message) for problem in raised.value.problems}
    assert set() == {(n, fault) for n, fault in expected if not any(n == m and fault in text for m, text in faults)}
    assert set() == {(m, text) for m, text in faults if not any(n == m and fault in text for n, fault in expected)}
    assert all(problem.remedy and problem.file == str(path) for problem in raised.value.problems)


def test_a_sound_file_becomes_the_document_of_the_contract(tmp_path):
    """Named conditions and option sets are written out, defaults filled in, modules that are off left out."""
    questionnaire, _ = compiled(tmp_path)
    agreeing = {"item": "FIRST", "in": [1]}
    number = {
        "id": "NUMBER", "type": "multi", "block": "main", "forms": ["long"], "missing": [98], "shuffle": True, "cap": 2,
        "options": [{"code": 1}, {"code": 2, "last": True}], "ask_if": agreeing,
    }  # fmt: skip
    plain = questionnaire.to_json()
    assert number == plain["items"][1]
    assert ["FIRST", "NUMBER"] == [item["id"] for item in plain["items"]]
    assert {"id": "short", "when": {"all": [{"not": agreeing}, {"item": "FIRST", "in": [99]}]}} == plain["forms"][0]
    assert agreeing == plain["derived"][0]["population"] == plain["derived"][0]["sum"][1]["when"]


def test_texts_are_filled_and_kept_to_what_is_true_of_the_study(tmp_path):
    """Placeholders are filled in each locale, and paragraphs for other modes or for randomised items are left out."""
    _, texts = compiled(tmp_path)
    assert ("Run by Somebody until 2027-01-31.", "There is no code.") == texts["en"].consent.paragraphs
    assert ("某人主办，到2027-01-31为止。", "没有码。") == texts["zh-Hans"].consent.paragraphs
    assert {"1": "1", "2": "2"} == texts["zh-Hans"].items["NUMBER"].options
    assert {"0": "0", "1": "1", "2": "2", "3": "3"} == texts["en"].derived["POINTS"].levels
    assert {"next": "继续"} == texts["zh-Hans"].interface


@pytest.mark.parametrize(
    ("hint", "held"),
    [
        ('hint: {en: "Ask {ORG}.", zh-Hans: "问{ORG}。"}, ', [{"FIRST": "Ask Somebody."}, {"FIRST": "问某人。"}]),
        ("", [{}, {}]),
    ],
)
def test_a_hint_is_a_text_of_its_item(tmp_path, hint, held):
    """It is filled like any text and stands in each locale; without one the document has no such member."""
    _, texts = compiled(tmp_path, SOUND.replace("{id: FIRST, ", "{id: FIRST, " + hint))
    assert held == [texts[locale].hints for locale in ("en", "zh-Hans")]
    assert bool(hint) == ("hints" in texts["en"].to_json())


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        ('{en: "Ask."}', "there is no text in zh-Hans"),
        ('"Ask {NOBODY}."', "unknown placeholder {NOBODY}"),
        ('"Of {NUMBER|them}."', "NUMBER is not answered before this text is read"),
    ],
)
def test_a_hint_is_held_to_what_holds_of_texts(tmp_path, hint, message):
    """A locale without it, a placeholder that nothing fills and a pipe from a later answer are each a problem."""
    (problem,) = problems(tmp_path, SOUND.replace("{id: FIRST, ", f"{{id: FIRST, hint: {hint}, "))
    assert (message, "FIRST") == (problem.message, problem.where.split(".")[1])


@pytest.mark.parametrize(("item", "refused"), [("NUMBER, ", True), ("NUMBER, private: true, ", False)])
def test_a_private_answer_is_piped_into_private_items_only(tmp_path, item, refused):
    """An assistant, who reads the later items again, would read the answer there."""
    text = SOUND.replace("id: FIRST,", "id: FIRST, private: true,").replace("How many?", "{FIRST|some} of how many?")
    faults = [
        one for one in problems(tmp_path, text.replace("NUMBER, ", item, 1)) if "would read its answer" in str(one)
    ]
    assert refused == bool(faults)


def test_a_module_that_is_switched_on_adds_its_items(tmp_path):
    """The same file with the module on asks one item more, and keeps its texts."""
    questionnaire, texts = compiled(tmp_path, SOUND.replace("extra: false", "extra: true"))
    assert ["FIRST", "NUMBER", "EXTRA"] == [item.id for item in questionnaire.items]
    assert "More?" == texts["en"].items["EXTRA"].text


def test_an_invitation_gets_the_paragraphs_of_invitations(tmp_path):
    """The withdrawal promise belongs to the mode that can keep it."""
    _, texts = compiled(tmp_path, SOUND.replace("mode: open", "mode: invitation"))
    assert "You get a code." == texts["en"].consent.paragraphs[1]


def test_what_is_missing_for_opening_is_said_in_words(tmp_path):
    """A study may compile and still not open: ethics, contact, results place, and a permit for mainland fieldwork."""
    missing = " ".join(missing_for_opening(whole(tmp_path).authored))
    assert all(name in missing for name in ("facts.ethics", "facts.contact", "facts.results_place"))
    assert "facts.permit" not in missing
    assert "facts.org" not in missing
    abroad = SOUND.replace("mainland_fieldwork: false", "mainland_fieldwork: true")
    assert "facts.permit" in " ".join(missing_for_opening(whole(tmp_path, abroad).authored))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "not YAML"),
        ("", "empty"),
        ("- 1", "is not an object with named members"),
        ("", "the file is empty"),
        ("&a [*a]", "an alias of what it stands in"),
        ("{[1]: 2}", "a key must be a plain word"),
        ("study: \x00", "the character U+0000 is a control or no character"),
        ("study: q26\n# \x1b[0m", "the character U+001B is a control or no character"),
    ],
)
def test_what_is_no_authored_file_at_all_is_one_clear_problem(tmp_path, text, message):
    """Files that are not YAML, or not a table of keys, say so instead of failing."""
    assert any(message in problem.message for problem in problems(tmp_path, text))


@pytest.mark.parametrize(
    ("path", "message", "remedy"),
    [
        (VECTORS / "questionnaire-sesame.json", "sotto wrote (sotto-questionnaire-3)", "such as questionnaire.yaml"),
        (STUDIES / "sesame_credit" / "plan.yaml", "another kind of file: it has answers", "that the command asks for"),
        (STUDIES / "sesame_credit" / "priors.yaml", "another kind of file: it has assisted", "or add what it lacks"),
    ],
)
def test_a_file_of_another_kind_is_one_problem_and_not_a_hundred(path, message, remedy):
    """A compiled questionnaire, a plan and priors given as a questionnaire are named as what they are, in one line."""
    with pytest.raises(AuthoringError) as caught:
        compile_study(path, WORDS)
    (problem,) = caught.value.problems
    assert (True, True) == (message in problem.message, remedy in problem.remedy)


def test_a_file_that_lacks_some_members_is_of_its_kind(tmp_path):
    """With three required members missing and an unknown one each is a problem of its own."""
    text = "\n".join(line for line in SOUND.splitlines() if not line.startswith(("mode:", "sealing:", "debrief:")))
    faults = {problem.message for problem in problems(tmp_path, text + "\nunheard: 1\n")}
    assert {"mode is missing", "sealing is missing", "debrief is missing", "unknown key unheard"} == faults


def test_a_file_that_is_not_there_is_a_problem_too(tmp_path):
    """A wrong path is answered like any other fault."""
    with pytest.raises(AuthoringError, match="there is no such file"):
        compile_study(tmp_path / "nowhere.yaml", WORDS)


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("study: q26\ntitle: Größe\n".encode("cp1252"), 2, "byte 0xf6 (in Windows-1252 it would read 'title: Größe')"),
        ("study: q26\n".encode("utf-16"), 1, "in UTF-16"),
    ],
)
def test_a_file_in_another_encoding_is_told_its_line_and_which_it_may_be(tmp_path, content, line, said):
    """Windows-1252 and UTF-16 are what editors on Windows save; nothing is guessed, the file is refused."""
    path = tmp_path / "questionnaire.yaml"
    path.write_bytes(content)
    with pytest.raises(AuthoringError) as caught:
        compile_study(path, WORDS)
    (problem,) = caught.value.problems
    assert (problem.line, said in problem.message) == (line, True)


SPELLINGS = {"012": "another number", "1_0": "another number", "0x1": "another number", "1:30": "another number"}


@pytest.mark.parametrize(
    ("written", "message"), [*SPELLINGS.items(), ("1.0", "not text"), ("Yes", "reads Yes as true")]
)
def test_numbers_and_words_that_yaml_would_change_are_refused(tmp_path, written, message):
    """Octal, sexagesimal, hexadecimal and decimal spellings and words for true are never read as codes."""
    faults = problems(tmp_path, SOUND.replace('[{code: 1, text: "1"}', f'[{{code: {written}, text: "1"}}'))
    assert any(message in problem.message for problem in faults)


def test_a_locale_without_interface_texts_is_a_problem(tmp_path):
    """Every locale of the study needs the phone page's own texts."""
    faults = problems(tmp_path, SOUND, Interface({"en": {"next": "Next"}}))
    assert ["the phone page has no texts in this locale"] == [problem.message for problem in faults]


def test_a_problem_reads_as_file_line_place_message_and_remedy():
    """A problem is one line that an editor can jump to."""
    problem = Problem("q.yaml", 7, "items.AGE", "code 97 is reserved", "use another code")
    assert "q.yaml:7: items.AGE: code 97 is reserved. Use another code." == str(problem)


def write_po(folder, locale, body):
    path = folder / locale / "phone.po"
    path.parent.mkdir()
    path.write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{body}', encoding="utf-8")


def test_interface_texts_are_the_same_keys_and_placeholders_in_every_locale(tmp_path):
    """A missing, empty or fuzzy text and a lost placeholder are problems of their file and line."""
    one = 'msgctxt "next"\nmsgid "Next"\nmsgstr "Next"\n\n'
    write_po(tmp_path, "en", one + 'msgctxt "of"\nmsgid "{n} of {total}"\nmsgstr "{n} of {total}"\n')
    write_po(tmp_path, "fr", one.replace('msgstr "Next"', 'msgstr ""'))
    write_po(tmp_path, "de", "#, fuzzy\n" + one + 'msgctxt "of"\nmsgid "{n} of {total}"\nmsgstr "{n}"\n')
    interface = read_interface(["en", "fr", "de", "it"], tmp_path)
    assert {
        ("fr/phone.po", "of", "this text is missing"),
        ("fr/phone.po", "next", "this text is empty or marked fuzzy"),
        ("de/phone.po", "next", "this text is empty or marked fuzzy"),
        ("de/phone.po", "of", "its {placeholders} are not those of the English"),
        ("it/phone.po", "file", "there is no such file"),
        ("it/phone.po", "next", "this text is missing"),
        ("it/phone.po", "of", "this text is missing"),
    } == {(problem.file, problem.where, problem.message) for problem in interface.problems}
    assert {"next": "Next", "of": "{n} of {total}"} == interface.texts["en"]


def test_a_name_that_tells_the_topic_is_a_problem(tmp_path):
    """The study's name stands in respondents' addresses: a word of the title in it is refused, another name is not."""
    with pytest.raises(AuthoringError) as caught:
        compiled(tmp_path, SOUND.replace("study: tiny-study", "study: about-26"))
    assert ["study"] == [problem.where for problem in caught.value.problems]
    assert "q26" == compiled(tmp_path, SOUND.replace("study: tiny-study", "study: q26"))[0].study


def test_aliases_of_aliases_are_refused_before_they_fill_the_memory(tmp_path):
    """A file of ten lines that would be a billion places when written out is a problem with a remedy, at once."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(AuthoringError, match="aliases"):
        compiled(tmp_path, "\n".join(lines))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("mode: invitation\n", "tab"),
        ("mode: invitation\nresume: tab\n", "tab"),
        ("mode: invitation\nresume: none\n", None),
        ("mode: open\n", None),
        ("mode: open\nresume: none\n", None),
    ],
)
def test_a_slip_is_kept_over_a_reload_unless_its_study_says_otherwise(tmp_path, written, kept):
    """By invitation `resume` is `tab` by default and can be turned off; an open link's questionnaire has none."""
    questionnaire, _ = compiled(tmp_path, SOUND.replace("mode: open\n", written))
    assert (kept, kept is not None) == (questionnaire.resume, "resume" in questionnaire.to_json())


@pytest.mark.parametrize(
    ("written", "held"), [("", {}), ("overview: true", {}), ("overview: false", {"overview": False})]
)
def test_an_overview_is_there_unless_its_study_says_otherwise(tmp_path, written, held):
    """The document has no member where one is offered: only what is switched off is said."""
    questionnaire, _ = compiled(tmp_path, SOUND + written)
    assert held == {key: value for key, value in questionnaire.to_json().items() if key == "overview"}


def test_an_open_study_that_keeps_a_slip_is_refused_in_its_line(tmp_path):
    """`resume: tab` without invitations is named where it is written."""
    with pytest.raises(AuthoringError) as refused:
        compiled(tmp_path, SOUND.replace("mode: open\n", "mode: open\nresume: tab\n"))
    assert [(7, "resume")] == [(problem.line, problem.where) for problem in refused.value.problems]


def test_a_sound_file_is_not_copied_before_it_is_validated(monkeypatch):
    """What is read is copied only to take faults out of it: with nothing that copies the shipped study compiles."""
    monkeypatch.delattr(schema_errors, "deepcopy")
    assert compile_study(STUDIES / "sesame_credit" / "questionnaire.yaml")[0].items
    with pytest.raises(NameError):
        compile_study(VECTORS / "authored-broken.yaml")
