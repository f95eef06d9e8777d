"""Problems of an authored file in the languages of the pages: each message is in the catalogue, and said as it is."""

import copy
import json
import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner
from paths import ROOT
from walls.problem_messages import messages_of

from survey.authoring.checks.known_keys import OTHER_TOOLS
from survey.authoring.schema_errors import REMEDIES
from survey.authoring.xlsform.questions import REFUSED_TYPES
from survey.authoring.xlsform.sheets.report import KINDS
from survey.commands.console import LANGUAGE, language_of
from survey.commands.main import main
from survey.document import ERROR_WORDS
from survey.faults import AuthoringError, Problem, said, told
from survey.wording.page_languages import NAMES
from survey.wording.po_files import FOLDER, read_catalogue
from survey.wording.problem_words import CATALOGUE, locale_of_terminal, problem_words

SAID = [
    "survey/questionnaire/rules",
    "survey/authoring/references.py",
    "survey/authoring/item_type_rules.py",
    "survey/authoring/piping.py",
    "survey/authoring/schema_errors.py",
    "survey/authoring/checks/known_keys.py",
    "survey/authoring/compiler.py",
    "survey/authoring/named_conditions.py",
    "survey/authoring/reading_time.py",
    "survey/authoring/wording_checks.py",
    "survey/authoring/texts.py",
    "survey/authoring/media_files.py",
    "survey/authoring/yaml_source.py",
    "survey/authoring/checks/advice.py",
    "survey/authoring/checks/wide_signs.py",
    "survey/authoring/editing/included_blocks.py",
    "survey/wording/phone_catalogue.py",
    "survey/authoring/xlsform",
    "survey/authoring/xlsform/expressions",
    "survey/authoring/xlsform/review",
    "survey/authoring/xlsform/sheets",
    "survey/commands/form_import.py",
]
"""Where messages are translated; those of others (plans, findings) are English."""
ELSEWHERE = {
    "choice_filter_rules.py": {"*problem", "frozenset({item.choice_filter})"},  # a pair that _problem() returns
    "specify_rules.py": {"*problem", "frozenset({item.specifies})"},  # a pair that _problem() returns
    "indicator_rules.py": {"remedy", "str(error)"},  # a pair that _term() yields; an error of a sum in its own words
    "piping.py": {"message", "remedy"},  # a pair that _pipes() yields
    "compiler.py": {"fault[1]"},  # a pair of reading_time.py
    "wording_checks.py": {"fault.message", "fault.remedy", "remedy"},  # of letter_faults(), and faults handed on
    # Words by the kind of an error, or by another tool's key, which a test below looks at by itself.
    "schema_errors.py": {"remedy", "message", "*_message_and_remedy(error, path, model)", "ERROR_WORDS[error['type']]"},
    "advice.py": {"fault.message", "fault.remedy"},  # a fault that is handed on
    # What is handed on, a remedy of signs of input methods, and the system's words for a file that cannot be read.
    "yaml_source.py": {
        "fault.message",
        "fault.remedy",
        "(wide_sign(lines[line - 1]) if 0 < line <= len(lines) else '') or remedy",
        "*file_fault(error).split('; ')",
    },
    # Of a form: what an inner import or the compiler says is handed on, and a pair by the type of a question.
    "checks.py": {"error.remedy"},
    "form_context.py": {"error.remedy"},
    "form_import.py": {"error.remedy", "problem.message", "problem.remedy"},
    "questions.py": {"*REFUSED_TYPES[question.type]"},
    "returned_form.py": {"problem.message", "problem.remedy"},
    "report.py": {"error.reason", "error.remedy"},
}
"""What a module says without its syntax telling which words: each is read where it is made, or stays English."""


def files() -> list[Path]:
    """Return the modules whose messages are in the catalogue."""
    places = [ROOT / name for name in SAID]
    return [file for place in places for file in (sorted(place.glob("*.py")) if place.is_dir() else [place])]


def catalogue(locale: str) -> dict[str, str]:
    """Return the messages of a language by their English."""
    return {str(one.id): str(one.string) for one in read_catalogue(FOLDER / locale / CATALOGUE) if one.id}


@pytest.mark.parametrize("file", files(), ids=lambda file: file.name)
def test_every_message_of_a_module_is_in_the_catalogue(file):
    """What a problem or remedy may say stands there, and there is no expression of which nobody knows what it says."""
    found = messages_of(file)
    assert found.templates - {*catalogue("en")} == set()
    assert {*found.unknown} <= ELSEWHERE.get(file.name, set())


def listed() -> set[str]:
    """Return the words that are chosen from lists: by kinds of errors, questions, remarks, and other tools' keys."""
    refused = (words for pair in REFUSED_TYPES.values() for words in pair)
    return {*ERROR_WORDS.values(), *REMEDIES.values(), *OTHER_TOOLS.values(), "correct it", *refused, *KINDS}


def test_words_that_are_chosen_from_a_list_are_in_the_catalogue():
    """What is said of each kind of error, and of each key that other tools have, has words in each language."""
    assert listed() - {*catalogue("en")} == set()


def test_the_catalogue_holds_nothing_that_nobody_says():
    """Every message of it is found in the code, but for the signs between sentences and between members."""
    said_somewhere = listed() | {template for file in files() for template in messages_of(file).templates}
    assert {*catalogue("en")} - said_somewhere == {"{message}. {remedy}.", ", "}


def test_a_message_put_together_on_the_spot_is_found(tmp_path):
    """An f-string, and a message of a variable that nobody fills, are named by what reads the code."""
    path = tmp_path / "rules.py"
    path.write_text('yield Fault(where, f"no {x}", remedy)\nyield Fault(where, said("a {b}", b=1), "do it")\n')
    found = messages_of(path)
    assert (found.unknown, found.templates) == (["f'no {x}'", "remedy"], {"a {b}", "do it"})


def test_a_message_is_said_with_what_stands_in_it():
    """Messages within a message are said too, names stay, and what has no words stays English."""
    first, called = said("answer {code}", code=1), said("row {number}", number=2)
    message = said("{first} and {called} have the same words in {locale} ({words})",
                   first=first, called=called, locale="en", words="tea {code}")  # fmt: skip
    assert message == "answer 1 and row 2 have the same words in en (tea {code})"
    assert told(message, problem_words("zh-Hans")) == "答案1和第2行在en里文字相同（tea {code}）"
    assert told("nobody wrote this", problem_words("zh-Hans")) == "nobody wrote this"
    assert copy.deepcopy(message).values == pickle.loads(pickle.dumps(message)).values == message.values


def test_a_problem_stands_in_one_line_of_its_language():
    """Place first, then message and remedy as two sentences, with the full stops of the language."""
    problem = Problem("q.yaml", 7, "items.A", said("code {code} is reserved", code=97), "remove it")
    assert str(problem) == "q.yaml:7: items.A: code 97 is reserved. Remove it."
    assert problem.told(problem_words("zh-Hant")) == "q.yaml:7: items.A: 編碼97是保留的。刪掉它。"
    whole = AuthoringError([problem]).told(problem_words("zh-Hans"))
    assert str(whole) == "q.yaml:7: items.A: 编码97是保留的。删掉它。"


@pytest.mark.parametrize(
    ("environ", "locale"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-Hans"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_TW.UTF-8"}, "zh-Hant"),
        ({"LANGUAGE": "fr:zh_HK", "LANG": "de_DE"}, "zh-Hant"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_SG@latin", "LANG": "en_US"}, "zh-Hans"),
        ({}, "en"),
    ],
)
def test_the_terminal_says_its_language_as_gettext_reads_it(environ, locale):
    """The first variable that is set decides; a language that problems are not in is passed over."""
    assert locale_of_terminal(environ) == locale


@pytest.fixture
def broken(tmp_path):
    """Write a questionnaire with a key that stands there twice, and a plan's file that is none."""
    path = tmp_path / "questionnaire.yaml"
    path.write_text("study: q26\nstudy: q27\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("environ", "options", "words"),
    [
        ({}, [], "the key study stands here twice. Keep one of them."),
        ({"LANG": "zh_CN.UTF-8"}, [], "键study在这里出现了两次。只留一个。"),
        ({"LANG": "zh_CN.UTF-8"}, ["--language", "zh-Hant"], "鍵study在這裡出現了兩次。只留一個。"),
        ({"LANG": "zh_CN.UTF-8"}, ["--language=en"], "the key study stands here twice. Keep one of them."),
    ],
)
def test_check_speaks_the_language_of_the_terminal_or_of_its_option(broken, monkeypatch, environ, options, words):
    """Problems of a file are said so by `sotto study check`."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, ["study", "check", str(broken), *options])
    assert (done.exit_code, f"{broken}:2: study: {words}" in done.stderr) == (3, True), done.output


def test_another_command_speaks_the_language_of_the_terminal(broken, monkeypatch):
    """A command without the option says the problems of a file as the terminal's variables ask."""
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    done = CliRunner().invoke(main, ["study", "show", str(broken)])
    assert "键study在这里出现了两次" in done.stderr


def test_advice_is_in_the_language_of_the_option(monkeypatch):
    """What a colleague would say of a questionnaire that compiles is said in it too, in JSON as well."""
    monkeypatch.setenv("LANGUAGE", "en")
    study = str(ROOT / "survey/studies/showcase/questionnaire.yaml")
    plain = json.loads(CliRunner().invoke(main, ["study", "check", study, "--json"]).stdout)["advice"]
    chinese = CliRunner().invoke(main, ["study", "check", study, "--json", "--language", "zh-Hans"])
    found = json.loads(chinese.stdout)["advice"]
    assert (len(found) == len(plain) > 0, any("no table" in one for one in found)) == (True, False)
    assert any("没有表用到它的答案" in one for one in found)


def test_the_option_offers_the_languages_of_the_pages():
    """Its choices are the pages' languages, and another word is refused by click."""
    decorated = LANGUAGE(lambda language: language)
    (option,) = decorated.__click_params__
    assert [*option.type.choices] == [*NAMES]
    assert language_of(("--language", "zh-Hant")) == "zh-Hant"
