"""What pages tell people to type is what the program takes: commands, their options, and the phone's own words."""

import re

import click
import pytest
from paths import ROOT

from analysis.__main__ import main as analysis_main
from survey.commands.main import main
from survey.respond_app.withdraw import ACCEPTED

PAGES = [ROOT / "README.md", *(page for page in sorted((ROOT / "docs").rglob("*.md")) if "decisions" not in page.parts)]
COMMAND = re.compile(r"\bsotto(?P<rest>(?:[ \t]+(?!\||#)[^\s`|;&)]+)+)")
OPTION = re.compile(r"(?:--[a-z][a-z-]*|-[a-z])(?==|$)")


def typed(text: str) -> list[list[str]]:
    """Return the words of every `sotto …` in code, lines that a backslash continues joined."""
    joined = re.sub(r"\\\n\s*", "", text)
    code = [line for line in joined.splitlines() if line.startswith(("    ", "$ "))]
    code += re.findall(r"`([^`\n]+)`", joined)
    return [match["rest"].split() for line in code for match in COMMAND.finditer(line)]


def named(words: list[str]) -> click.Command | None:
    """Return the command that `words` begin with: the analysis host's own, or that of the collection host."""
    for group in (analysis_main, main):
        command: click.Command | None = group
        for word in words:
            if not isinstance(command, click.Group):
                break
            command = command.commands.get(word)
        if command is not None and not isinstance(command, click.Group):
            return command
    return None


def unknown(words: list[str]) -> list[str]:
    """Return what the program would not take of a command as a page has it."""
    command = named(words)
    if command is None:
        return words[:2]
    taken = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    if command.name == "verify":  # the collection host's half of it looks for receipts
        taken |= {name for parameter in main.commands["verify"].params for name in parameter.opts} | {
            "--envelope",
            "--published",
        }
    return [word for word in words if OPTION.match(word) and word.partition("=")[0] not in taken | {"--help"}]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_on_pages_take_the_options_that_they_are_given(path):
    """Every command with an option that a page shows is a command of the program, and has that option."""
    shown = [words for words in typed(path.read_text(encoding="utf-8")) if any(OPTION.match(word) for word in words)]
    assert [] == [(words, unknown(words)) for words in shown if unknown(words)]


def test_an_option_that_is_not_there_would_be_seen():
    """The check finds a command that is none, a wrong option, and one behind a line's end."""
    text = "$ sotto box q26 1 --nothing\n    sotto studdy open --demo\n    sotto compact \\\n        --daily\n"
    assert [["--nothing"], ["studdy", "open"], ["--daily"]] == [unknown(words) for words in typed(text)]


def test_the_rehearsal_quotes_the_phone():
    """Each sentence that the rehearsal's page has a phone say is one of the phone's."""
    phone_texts = (ROOT / "survey" / "interface" / "en" / "phone.po").read_text(encoding="utf-8") + ACCEPTED
    quoted = re.findall(r"(?<!\*)\*([A-Z][^*\n]{11,})\*(?!\*)", (ROOT / "docs" / "rehearsal.md").read_text("utf-8"))
    sentences = [part.strip(" .") for whole in quoted for part in re.split(r"(?<=\.) ", whole)]
    assert len(sentences) >= 8
    assert [] == [sentence for sentence in sentences if sentence not in phone_texts]
