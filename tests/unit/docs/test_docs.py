"""The documentation names everything there is: settings, routes, commands, modules' places, vectors."""

import ast
import re
import tomllib

import click
import pytest
from paths import ROOT

from analysis.__main__ import main as analysis_main
from survey import environment
from survey.commands.main import main

MODULES = sorted(path for part in ("survey", "crypto", "analysis") for path in (ROOT / part).rglob("*.py"))
PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")) + [ROOT / "crypto" / "ENVELOPE.md"]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group: click.Group, prefix: str = "sotto"):
    """Yield the full name of every command below `group`."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def test_every_setting_is_documented():
    """docs/settings.md names each variable that survey.environment knows, and no other."""
    assert environment.NAMES == set(re.findall(r"SOTTO_[A-Z_]+", page("docs/settings.md")))


def test_every_command_is_documented():
    """docs/commands.md names each command of `sotto`, and no other."""
    named = set(re.findall(r"`(sotto(?: [a-z][a-z-]*)+)", page("docs/commands.md")))
    assert {name for name, _ in commands(main)} == named


@pytest.mark.parametrize("group", [main, analysis_main], ids=["sotto", "analysis"])
def test_every_command_has_an_example(group):
    """The help of each command that is not passed through shows an example of its use."""
    passed = {"sotto " + name for name, _ in _paths(analysis_main)} if group is main else set()
    without = [
        name for name, command in commands(group) if name not in passed and "Example: " not in (command.help or "")
    ]
    assert [] == without


def _paths(group: click.Group):
    return ((name.removeprefix("sotto "), command) for name, command in commands(group))


def test_commands_that_pass_through_exist_on_the_other_side():
    """Each command that `sotto` hands to the analysis is one there, and none there is out of reach."""
    ours = {name for name, _ in commands(main)}
    assert {name for name, _ in commands(analysis_main)} <= ours


def test_every_route_is_documented(tmp_path):
    """docs/architecture.md names each route of the three applications."""
    from hosts.applications import desk_app, issuer_app, respond_app

    from survey.database.migration import migrate
    from survey.settings import Settings

    where = Settings.from_environ({"SOTTO_HOME": str(tmp_path)})
    migrate(where)
    text = page("docs/architecture.md")
    for app in (respond_app(where), desk_app(where), issuer_app(where)):
        for rule in app.url_map.iter_rules():
            shown = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule.rule)
            assert f"`{shown}`" in text or f"GET {shown}`" in text or f"POST {shown}`" in text, shown


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_its_place(path):
    """A module begins with a docstring whose first line is a whole sentence."""
    if "migrations" in path.parts:
        return
    first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
    assert first.endswith((".", "?")), path


def test_every_security_property_names_a_module_and_a_test_that_exist():
    """A line of SECURITY.md points at files and tests that are there."""
    rows = re.findall(r"^\| S\d+ \|.*$", page("SECURITY.md"), re.MULTILINE)
    assert len(rows) >= 20
    sources = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
    scripts = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "survey" / "browser" / "tests").rglob("*.ts")
    )
    missing = []
    for row in rows:
        modules = re.findall(r"`((?:survey|crypto|analysis|deploy|templates|verifier)/[\w./-]+)`", row)
        tests = re.findall(r"`(test_\w+)(?:::(test_\w+))?`", row)
        assert modules, row
        assert tests or ".test.ts" in row, row
        assert all((ROOT / module).exists() for module in modules), row
        missing += [
            f"{file}::{name}"
            for file, name in tests
            if (f"def {name}(" if name else "") not in sources.get(f"{file}.py", "")
        ]
        missing += [file for file, _ in tests if f"{file}.py" not in sources]
    assert missing == []
    assert scripts


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(path):
    """Each relative link of a page names a file that is there."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_locks_name_no_addresses():
    """Lock files carry versions and hashes, and no registry's address."""
    for lock in [*(ROOT / "requirements").glob("*.txt"), ROOT / "package-lock.json"]:
        text = lock.read_text(encoding="utf-8")
        assert "index-url" not in text
        assert '"resolved"' not in text
        assert "://" not in re.sub(r'"url": "[^"]*"', "", text) or lock.suffix == ".json"


def test_the_extras_are_what_the_walls_need():
    """[web] has no OpenDP, [analysis] no Flask and no database."""
    extras = tomllib.loads(page("pyproject.toml"))["project"]["optional-dependencies"]
    assert not any(name.startswith(("opendp", "numpy", "scipy", "shamir")) for name in extras["web"])
    assert not any(
        name.startswith(("flask", "sqlmodel", "alembic", "psycopg", "gunicorn")) for name in extras["analysis"]
    )


def test_every_page_but_the_decisions_is_in_the_navigation():
    """A page that is added stands in docs/site.toml, and what stands there is a page."""
    listed = set(re.findall(r'= "([\w/-]+\.md)"', page("docs/site.toml")))
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")}
    decisions = {name for name in there if name.startswith("docs/decisions/0")}
    assert there - decisions | {"README.md", "SECURITY.md", "CHANGELOG.md", "crypto/ENVELOPE.md"} == listed
