"""docs/tasks: commands that need no host are typed in the order of a study; Chinese pages have the same ones."""

import shutil

import pytest
from pages.console import Terminal, Typed, differs, steps
from paths import ROOT, STUDIES

ENGLISH, CHINESE = (ROOT / "docs" / folder for folder in ("tasks", "zh-Hans/tasks"))
NAMES = sorted(path.name for path in ENGLISH.glob("*.md"))
AT_HOME = ("import-a-form", "preview", "plan", "translate", "print")
ON_A_STUDY = ("register", "publish")


def commands(path) -> list[Typed]:
    return [*steps(path.read_text(encoding="utf-8"))]


@pytest.mark.slow
def test_what_an_author_types_at_home_works_in_the_order_of_a_study(tmp_path):
    """From a workbook to paper: each command ends well, finds what it needs, and prints what the page shows."""
    terminal = Terminal(tmp_path)
    for name in ("form.xlsx", "priors.yaml"):
        shutil.copyfile(STUDIES / "riders" / name, tmp_path / name)
    typed = [one for name in AT_HOME for one in commands(ENGLISH / f"{name}.md")]
    alone = [one for one in typed if one.command.split()[2] not in ON_A_STUDY]
    assert 8 == len(alone)
    assert [""] * 8 == [differs(one, terminal.run(one.command)) for one in alone]
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"questionnaire.yaml", "plan.yaml", "interface/fa/phone.po"} <= written
    assert any(name.startswith("paper/") and name.endswith(".pdf") for name in written)


@pytest.mark.parametrize("name", NAMES)
def test_each_task_has_a_chinese_page_with_the_same_commands(name):
    """Whoever reads Chinese types what whoever reads English types; each page leads to the other."""
    assert commands(ENGLISH / name) == commands(CHINESE / name)
    assert f"../zh-Hans/tasks/{name}" in (ENGLISH / name).read_text(encoding="utf-8")
    assert f"../../tasks/{name}" in (CHINESE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", [ENGLISH, CHINESE], ids=["en", "zh-Hans"])
def test_the_list_of_tasks_has_every_page(folder):
    """A page that is added stands in the list of its language."""
    listed = (folder / "README.md").read_text(encoding="utf-8")
    assert [] == [name for name in NAMES if name != "README.md" and f"({name})" not in listed]
