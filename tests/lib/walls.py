"""The guards of the walls as functions over any copy of the tree, and the mutations that they are shown."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paths import ROOT

PARTS = ("survey", "crypto", "analysis", "templates", "deploy")

WEB = {
    "flask",
    "werkzeug",
    "jinja2",
    "sqlmodel",
    "sqlalchemy",
    "survey.respond_app.app",
    "survey.answers_db.insert_only",
}
OPENERS = {"crypto.opening", "crypto.custody", "crypto.seed"}

# A web process: migrated databases, both factories, one request that reaches the hand-in.
SERVE = """
import os, sys, tempfile
os.environ.update(SOTTO_HOME=tempfile.mkdtemp(), SOTTO_SECRET_KEY="s" * 40)
from survey.settings import Settings
settings = Settings.from_environ(os.environ)
from survey.database.migration import migrate
migrate(settings)
settings.public.mkdir(parents=True, exist_ok=True)
from survey.desk_app.app import desk_app
from survey.respond_app.app import respond_app
respond_app(settings).test_client().post("/s/none", data=b"x", content_type="application/octet-stream")
desk_app(settings).test_client().get("/login")
"""
# The issuer: one request that reaches the look-up of a code.
ISSUE = """
import os, sys, tempfile
os.environ.update(SOTTO_HOME=tempfile.mkdtemp())
from survey.settings import Settings
settings = Settings.from_environ(os.environ)
from survey.database.migration import upgrade
from survey.database.engine import connect
upgrade(connect(settings.office_url, create=True), "office")
from survey.issuer_app.app import issuer_app
body = {"data": b"\\x01" + b"0" * 17, "content_type": "application/octet-stream"}
issuer_app(settings).test_client().post("/t/none/check", **body)
"""
PROCESSES = {
    "web": (SERVE, OPENERS | {"analysis", "opendp", "numpy", "crypto.issuing", "survey.issuer_app.views"}),
    "issuer": (
        ISSUE,
        OPENERS
        | {
            "analysis",
            "opendp",
            "numpy",
            "survey.answers_db.insert_only",
            "survey.respond_app.phone_page",
            "survey.desk_app.views",
        },
    ),
    "analysis": ("import analysis.__main__, analysis.opening.answers, analysis.exports.export", WEB),
    "sealing": ("import crypto.sealing, crypto.box", OPENERS | {"analysis", "opendp", "survey"} | WEB),
    "command": ("import survey.commands.main", OPENERS | {"analysis", "opendp", "flask", "sqlmodel"}),
}
TRIGGER = "WALLS_TRIGGER"


@dataclass(frozen=True)
class Mutation:
    """One way to break the walls, and which guards must see it (None: that guard has no say)."""

    name: str
    file: str
    code: str
    linter: bool
    fresh: bool | None
    bolt: bool | None
    inside: str = ""


RESPOND = "survey/respond_app/phone_page.py"
MUTATIONS = (
    Mutation("respond imports opening", RESPOND, "from crypto import opening", True, True, True),
    Mutation(
        "respond imports opening lazily", RESPOND, "from crypto import opening", True, True, True, inside="hand_in"
    ),
    Mutation("crypto re-exports opening", "crypto/__init__.py", "from crypto import opening", True, True, True),
    Mutation(
        "importlib at import", RESPOND, "import importlib; importlib.import_module('crypto.opening')", False, True, True
    ),
    Mutation(
        "__import__ where no test comes by",
        RESPOND,
        f"import os; os.environ.get('{TRIGGER}') and __import__('crypto.opening')",
        False,
        False,
        True,
        inside="hand_in",
    ),
    Mutation(
        "the issuer imports the store", "survey/issuer_app/views.py", "from survey import store", True, True, None
    ),
    Mutation("respond imports the signer", RESPOND, "from crypto import issuing", True, True, True),
    Mutation("flask in survey's root", "survey/__init__.py", "import flask", True, True, None),
    Mutation("flask in the questionnaire", "survey/questionnaire/questionnaire.py", "import flask", True, True, None),
    Mutation("opendp in the export", "analysis/exports/export.py", "import opendp", True, None, None),
    Mutation("the store in the answers", "analysis/opening/answers.py", "from survey import store", True, True, None),
)


def copy_tree(to: Path) -> Path:
    """Copy what is shipped, with the linter's configuration."""
    for part in PARTS:
        shutil.copytree(ROOT / part, to / part, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


@contextmanager
def mutated(tree: Path, mutation: Mutation) -> Iterator[None]:
    """Break the walls in `tree` for a while."""
    path = tree / mutation.file
    before = path.read_text(encoding="utf-8")
    path.write_text(_insert(before, mutation), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def _insert(source: str, mutation: Mutation) -> str:
    if not mutation.inside:
        return f"{source}\n{mutation.code}\n"
    # Behind the function's docstring, so that the first call runs into it.
    pattern = rf'(def {mutation.inside}\([^\n]*\n(?:    """(?:.|\n)*?"""\n)?)'
    changed, found = re.subn(pattern, rf"\1    {mutation.code}\n", source, count=1)
    if not found:
        raise LookupError(f"no function {mutation.inside} in {mutation.file}")
    return changed


def linter_objects(tree: Path) -> bool:
    """Run import-linter's contracts over `tree`."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    return bool(_run(command, tree).returncode)


def fresh_interpreter_objects(tree: Path) -> bool:
    """Look at what each kind of process has loaded after it did its work."""
    return any(unwanted(tree, code, never) for code, never in PROCESSES.values())


def unwanted(tree: Path, code: str, never: set[str]) -> set[str]:
    """Return the modules of `never` that a fresh interpreter has loaded after `code`; a crash counts as one."""
    result = _run([sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"], tree)
    return set(result.stdout.split()) & never if result.returncode == 0 else {result.stderr[-2000:]}


def bolt_objects(tree: Path, home: Path) -> bool:
    """Serve `tree` under real gunicorn with the shipped configuration, hand something in, see whether that fails."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{port}"]
    environ = _environ(tree) | {"SOTTO_HOME": str(home), TRIGGER: "1"}
    child = subprocess.Popen(
        [*command, "survey.respond_app.app:respond_app_from_environ()"],
        cwd=tree,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return _hand_in_fails(port, child)
    finally:
        child.terminate()
        child.wait(20)


def _hand_in_fails(port: int, child: subprocess.Popen[bytes]) -> bool:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/s/none", data=b"x", headers={"Content-Type": "application/octet-stream"}
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and child.poll() is None:
        try:
            urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as error:
            with error:
                return error.code >= 500
        except OSError:
            time.sleep(0.1)
    return True


def _run(command: list[str], tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=tree, env=_environ(tree), capture_output=True, text=True, check=False, timeout=120
    )


def _environ(tree: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOTTO_")}
    return kept | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
