"""YAML is read by libyaml, once, and says of its faults what PyYAML's own loader says."""

import re

import pytest
import yaml
from click.testing import CliRunner
from paths import ROOT, STUDIES, VECTORS

from survey.authoring import yaml_source
from survey.authoring.compiler import compile_with_media, missing_for_opening
from survey.commands.study import study
from survey.paper.files import sheets
from survey.yaml_text import compose, dump, load

FILES = sorted(STUDIES.rglob("*.yaml")) + sorted(VECTORS.glob("*.yaml"))
SHOWCASE = STUDIES / "showcase" / "questionnaire.yaml"
BROKEN = [
    "a: [1", "a: {b: 1", "a: b: c", "a: 'open", 'a: "open', "- a\nb: 1", "a: *nowhere", "a: &x 1\nb: &x 2", "a: @x",
    "a: `x`", "%YAML 3.0\n---\na", "a: !<x y", "a: |9x\n b", "? a\n? b\n: :\n -", "a\n---\nb", 'a: "\\q"', "\ta: 1",
    "a:\n\t- 1", "a: \x00", "[[1]", "a: 1\n b: 2", "!!x!y!z a: [", "a: >-5\n x\n  - [",
]  # fmt: skip


def shape(node):
    """What a node says, and in which lines."""
    if isinstance(node, yaml.MappingNode):
        return node.tag, node.start_mark.line, [(shape(key), shape(value)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return node.tag, node.start_mark.line, [shape(part) for part in node.value]
    return node.tag, node.start_mark.line, node.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_reads_as_with_the_loader_in_python(path):
    """Values, tags and lines of every authored file here are those of PyYAML's own scanner and parser."""
    text = path.read_text(encoding="utf-8")
    assert shape(yaml.compose(text, Loader=yaml.SafeLoader)) == shape(compose(text))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_plain_data_is_that_of_the_loader_in_python(path):
    """Every authored file here has the values that PyYAML's own loader gives, and is written and read back whole."""
    text = path.read_text(encoding="utf-8")
    assert yaml.safe_load(text) == load(text) == load(dump(load(text)))


@pytest.mark.parametrize("text", [*BROKEN, "[" * 100_000])
def test_what_is_no_yaml_is_no_data(text):
    """Whatever the loader in Python refuses, and what is nested too deeply, is a ValueError and nothing else."""
    with pytest.raises(ValueError, match="no YAML"):
        load(text)


def test_yaml_is_read_and_written_in_one_place():
    """No module imports PyYAML but the one that reads and writes, and the one that knows its nodes' types."""
    modules = [path for part in ("survey", "crypto", "analysis") for path in (ROOT / part).rglob("*.py")]
    users = [path for path in modules if re.search(r"^\s*(import|from) yaml\b", path.read_text("utf-8"), re.MULTILINE)]
    assert {"survey/yaml_text.py", "survey/authoring/yaml_source.py"} == {str(p.relative_to(ROOT)) for p in users}


@pytest.mark.parametrize("text", BROKEN)
def test_a_fault_is_named_as_with_the_loader_in_python(text):
    """What is no YAML is refused in the same line with the same words as before libyaml read it."""
    with pytest.raises(yaml.YAMLError) as due:
        yaml.compose(text, Loader=yaml.SafeLoader)
    with pytest.raises(yaml.YAMLError) as raised:
        compose(text)
    assert (type(due.value), str(due.value)) == (type(raised.value), str(raised.value))


def test_the_words_of_libyaml_are_others():
    """The control: some of these faults would read otherwise in libyaml's words."""
    with pytest.raises(yaml.YAMLError) as raised:
        yaml.compose("a: [1", Loader=yaml.CSafeLoader)
    assert "did not find expected ',' or ']'" == raised.value.problem


@pytest.mark.parametrize("text", ["- " * 100_000, "[" * 100_000, "{a: " * 100_000])
def test_a_hundred_thousand_levels_do_not_end_the_process(text):
    """Nesting that overflows the stack of a composer in C is a RecursionError here."""
    with pytest.raises(RecursionError):
        compose(text)


@pytest.mark.parametrize("code", [0, 1, 0x0B, 0x1B, 0x7F, 0x9F, 0xFDD0, 0xFFFE, 0xFFFF, 0x10FFFF])
def test_a_control_or_noncharacter_is_refused_where_it_stands(tmp_path, code):
    """Such a character in a value or a key is named with its code, line and place; tab, letters and emoji stay."""
    file = tmp_path / "texts.yaml"
    file.write_text(
        f'a: "good\\t\\n ئۇ 维 \\U0001F600"\nb:\n  c: "bad\\U{code:08X}"\n"k\\U{code:08X}": d\n', encoding="utf-8"
    )
    problems = yaml_source.YamlSource(file).problems
    assert [(3, "b.c"), (4, "file")] == [(problem.line, problem.where) for problem in problems]
    assert {True} == {f"U+{code:04X}" in problem.message and "take it out" == problem.remedy for problem in problems}


@pytest.fixture
def compositions(monkeypatch):
    """The texts that were read as YAML."""
    texts = []

    def counted(text):
        texts.append(text)
        return compose(text)

    monkeypatch.setattr(yaml_source, "compose", counted)
    return texts


def test_a_study_is_read_once(compositions):
    """What a study lacks to open, its check and its paper come from one reading of its file; a check reads its plan."""
    missing_for_opening(compile_with_media(SHOWCASE).authored)
    assert 1 == len(compositions)
    checked = CliRunner().invoke(study, ["check", str(SHOWCASE)])
    assert 0 == checked.exit_code
    assert "no problem found" in checked.output
    assert [SHOWCASE.read_text("utf-8"), (SHOWCASE.parent / "plan.yaml").read_text("utf-8")] == compositions[1:]
    assert [*sheets(SHOWCASE, ["en"], reasons=True)]
    assert 4 == len(compositions)
