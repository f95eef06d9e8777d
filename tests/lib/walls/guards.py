"""The guards of the walls (decision 70) as functions over any copy of the tree, which mutations.py breaks."""

import ast
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosts.gunicorn_server import GRACEFUL, PATIENCE
from paths import ROOT

CONFIGURATION = ROOT / "deploy" / "gunicorn.conf.py"
PARTS = ("survey", "crypto", "analysis", "templates", "deploy")

# What a process must never have loaded, after it was imported and did its work: each name with all below it.
NOT_FOR_THE_WEB = {"analysis", "opendp", "numpy", "crypto.opening", "crypto.custody", "crypto.seed", "alembic"}
STAFF_ALONE = {
    "survey.operations", "survey.commands", "survey.serving", "survey.demo",
    "survey.database.migration", "survey.database.compaction", "survey.database.row_copy", "survey.http_client",
    "survey.service",
    "survey.settings",
    "survey.simulation", "survey.paper", "survey.wave.invitation_codes", "crypto.blinding",
    "webbrowser", "smtplib", "ftplib", "xmlrpc", "requests",
}  # fmt: skip
TAKES_ANSWERS = {"survey.answers_db", "survey.admission", "survey.plain_form", "survey.respond_app"}
WEB_LIBRARIES = {"flask", "werkzeug", "sqlmodel", "sqlalchemy", "alembic"}
PURE = {
    "document", "signed", "faults", "errors", "names", "loopback", "addresses", "media_types", "questionnaire", "wave",
    "plan", "release", "wording", "authoring", "simulation", "workbook", "yaml_text",
    "typesetting",
}  # fmt: skip
"""The modules and rooms of survey that analysis may import: documents and what computes on them, no input or output."""


def rooms(tree: Path) -> set[str]:
    """Return the names of survey's modules and of its folders that hold code."""
    folders = {path.parent.name for path in (tree / "survey").glob("*/*.py")}
    return folders | {path.stem for path in (tree / "survey").glob("*.py")} - {"__init__"}


# One request each that reaches what the application is there for: a hand-in, the staff's database, a code.
RESPOND = """
from survey.respond_app.app import respond_app_from_environ
respond_app_from_environ().test_client().post("/s/none", data=b"x", content_type="application/octet-stream")
"""
DESK = """
import os
os.environ["SOTTO_SECRET_KEY"] = "s" * 40
from survey.desk_process.app import desk_app_from_environ
desk_app_from_environ().test_client().get("/login")
"""
ISSUE = """
from survey.issuer_app.app import issuer_app_from_environ
body = {"data": b"\\x02" + b"0" * 273, "content_type": "application/octet-stream"}
issuer_app_from_environ().test_client().post("/t/none", **body)
"""
# argon2 is not in the first list: altcha loads it for itself wherever it is installed. The bolt keeps it out.
PROCESSES = {
    "respond": (
        RESPOND,
        NOT_FOR_THE_WEB
        | STAFF_ALONE
        | {"survey.office_db", "survey.desk_app", "survey.issuer_app", "crypto.issuing", "flask_wtf"}
        | {"crypto.invitation_codes"}
        | {"survey.answers_db.owner_access", "survey.answers_db.compaction", "survey.answers_db.row_checks"}
        | {"survey.public_log.log", "survey.public_log.log_events"},
    ),
    "desk": (
        DESK,
        NOT_FOR_THE_WEB
        | STAFF_ALONE
        | TAKES_ANSWERS
        | {"survey.issuer_app", "survey.office_db.invitations", "survey.office_db.owner_access", "survey.public_log"}
        | {"survey.authoring", "survey.preview", "survey.workbook", "pyxform", "openpyxl", "xlrd", "lark"}
        | {"crypto.issuing", "crypto.box", "crypto.sealing", "crypto.invitation_codes"},
    ),
    "issuer": (
        ISSUE,
        NOT_FOR_THE_WEB
        | STAFF_ALONE
        | TAKES_ANSWERS
        | {"survey.desk_app", "survey.office_db.people", "survey.office_db.study_status", "survey.public_log"}
        | {"survey.office_db.tables", "survey.office_db.owner_access", "survey.office_db.desk_access"}
        | {"crypto.box", "crypto.sealing", "argon2", "flask_wtf", "urllib.request"},
    ),
    "analysis": (
        (
            "import analysis.__main__, analysis.opening.answers, analysis.exports.export\n"
            "import analysis.releasing.signed_release"
        ),
        WEB_LIBRARIES | {f"survey.{room}" for room in rooms(ROOT) - PURE},
    ),
    "sealing": (
        "import crypto.sealing, crypto.box",
        NOT_FOR_THE_WEB | WEB_LIBRARIES | {"survey", "crypto.issuing", "crypto.signing"},
    ),
    "command": ("import survey.commands.main", NOT_FOR_THE_WEB | WEB_LIBRARIES | {"survey.operations"}),
}
TRIGGER = "WALLS_TRIGGER"
EXPENDABLE = {"argon2"}
"""What a library looks for and does without: the bolt refuses it in the unbroken tree too."""

# Runs before gunicorn does (sitecustomize): its log keeps the words of an error back, and an application may catch it.
LISTENER = """
import builtins, functools, importlib, sys
def listening(load):
    @functools.wraps(load)
    def listen(*arguments, **options):
        try:
            return load(*arguments, **options)
        except ModuleNotFoundError as error:
            parts = (error.name or "").split(".")
            if any(sys.modules.get(".".join(parts[:count]), 0) is None for count in range(1, len(parts) + 1)):
                print(f"the bolt refused {error.name}", file=sys.stderr, flush=True)
            raise
    return listen
builtins.__import__, importlib.import_module = listening(builtins.__import__), listening(importlib.import_module)
"""


@dataclass(frozen=True)
class Application:
    """What gunicorn runs under the shipped configuration, and a request that reaches its work."""

    factory: str
    method: str
    path: str
    body: bytes | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


APPLICATIONS = {
    "respond": Application("survey.respond_app.app:respond_app_from_environ()", "POST", "/s/none", b"x"),
    "desk": Application(
        "survey.desk_process.app:desk_app_from_environ()", "GET", "/login", environ={"SOTTO_SECRET_KEY": "s" * 40}
    ),
    "issuer": Application("survey.issuer_app.app:issuer_app_from_environ()", "POST", "/t/none", b"\x02" + b"0" * 273),
}


@dataclass(frozen=True)
class Mutation:
    """
    One way to break the walls, and by what each guard must see it.

    `linter`: the id of a contract that breaks, "" for none. `fresh`: what the interpreter of `process` has loaded, ""
    for nothing. `bolt`: the module whose import the application of `process` fails at. None: that guard has no say.
    `banned`: the name that ruff bans in `file`, "" for none.
    """

    name: str
    file: str
    code: str
    linter: str
    fresh: str | None
    bolt: str | None
    process: str
    inside: str = ""
    banned: str = ""


def copy_tree(to: Path) -> Path:
    """Copy what is shipped, with the linter's configuration."""
    for part in PARTS:
        shutil.copytree(ROOT / part, to / part, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


@contextmanager
def mutated(tree: Path, mutation: Mutation) -> Iterator[None]:
    """Break the walls in `tree` for a while, in a file that is there or in one that the mutation makes."""
    path = tree / mutation.file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    _write(path, _insert(before or "", mutation))
    try:
        yield
    finally:
        if before is None:
            shutil.rmtree(path.parent)
        else:
            _write(path, before)


def _write(path: Path, source: str) -> None:
    """Write a source with a time of its own: compiled files are told apart by seconds and sizes."""
    path.write_text(source, encoding="utf-8")
    moment = zlib.crc32(source.encode()) >> 1
    os.utime(path, (moment, moment))


def _insert(source: str, mutation: Mutation) -> str:
    if not mutation.inside:
        return f"{source}\n{mutation.code}\n"
    # Behind the function's docstring, so that the first call runs into it.
    pattern = rf'(def {mutation.inside}\([^\n]*\n(?:    """(?:.|\n)*?"""\n)?)'
    changed, replacements = re.subn(pattern, rf"\1    {mutation.code}\n", source, count=1)
    if not replacements:
        raise LookupError(f"no function {mutation.inside} in {mutation.file}")
    return changed


def broken_contracts(tree: Path) -> set[str]:
    """Return the ids of import-linter's contracts that `tree` breaks."""
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    result = _run([sys.executable, "-c", lint, "--no-cache"], tree, COLUMNS="500")
    broken = {name for name, one in contracts(tree).items() if f"\n{one['name']} BROKEN" in result.stdout}
    if bool(broken) != bool(result.returncode):
        raise RuntimeError(f"import-linter gave no verdict: {result.stdout[-2000:]}{result.stderr[-2000:]}")
    return broken


def banned_names(tree: Path, file: str) -> set[str]:
    """Return the names in a file of `tree` that the configuration bans, excused there or not."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--isolated",
        "--select",
        "TID251,INP001",
        "--ignore-noqa",
    ]
    with (tree / "pyproject.toml").open("rb") as configuration:
        banned = tomllib.load(configuration)["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    inline = ", ".join(f'"{name}".msg = "{one["msg"]}"' for name, one in banned.items())
    command += ["--config", f"lint.flake8-tidy-imports.banned-api = {{ {inline} }}", file]
    # ruff knows `builtins.__import__`, and not that name alone.
    names = ast.walk(ast.parse((tree / file).read_text(encoding="utf-8")))
    bare = {"builtins.__import__" for one in names if isinstance(one, ast.Name) and one.id == "__import__"}
    output = _run(command, tree).stdout
    outside = {"a folder that is no package"} if "INP001" in output and file.startswith("survey/") else set()
    return bare | outside | set(re.findall(r"`(\S+)` is banned", output))


def contracts(tree: Path) -> dict[str, dict[str, Any]]:
    """Return import-linter's contracts by their id."""
    with (tree / "pyproject.toml").open("rb") as file:
        return {one["id"]: one for one in tomllib.load(file)["tool"]["importlinter"]["contracts"]}


def unwanted(tree: Path, home: Path, process: str) -> set[str]:
    """
    Return the forbidden modules that a kind of process has loaded after its work, alone in its interpreter.

    `home` has migrated databases: an application that made its own would load what migrates. A crash is one more.
    """
    code, never = PROCESSES[process]
    listing = "import atexit, sys; atexit.register(lambda: print(*sys.modules))"
    result = _run([sys.executable, "-c", f"{listing}\n{code}"], tree, SOTTO_HOME=str(home))
    loaded = {name for name in result.stdout.split() if any(f"{name}.".startswith(f"{one}.") for one in never)}
    return loaded | ({result.stderr[-2000:]} if result.returncode else set())


def refused(tree: Path, home: Path, process: str) -> set[str]:
    """
    Serve an application of `tree` under real gunicorn with the shipped configuration, and ask it for its work.

    Return the modules whose import the bolt refused where the work fails, nothing where it succeeds. Raise RuntimeError
    where it fails without the bolt: that is a fault of the mutation or of the test.
    """
    application, port = APPLICATIONS[process], _free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{port}"]
    environ = _environ(tree) | {"SOTTO_HOME": str(home), TRIGGER: "1"} | application.environ
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+", encoding="utf-8") as log:
        (Path(folder) / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
        environ["PYTHONPATH"] += f":{folder}"
        child = subprocess.Popen(
            [*command, application.factory], cwd=tree, env=environ, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            failure = _failure(application, port, child)
        finally:
            child.terminate()
            child.wait(2 * GRACEFUL)
        log.seek(0)
        return _refused_modules(failure, log.read()) if failure else set()


def _refused_modules(failure: str, log: str) -> set[str]:
    modules = set(re.findall(r"^the bolt refused (\S+)$", log, re.MULTILINE))
    if not modules - EXPENDABLE:
        raise RuntimeError(f"{failure}, but the bolt refused nothing: {log[-2000:]}")
    return modules


def bolted(factory: str) -> set[str]:
    """Return what gunicorn's configuration keeps the application `factory` from importing."""
    configured = f"import runpy, sys; sys.argv.append({factory!r}); runpy.run_path({str(CONFIGURATION)!r}); "
    listed = "print(*(name for name, module in sys.modules.items() if module is None))"
    return set(subprocess.check_output([sys.executable, "-c", configured + listed], text=True).split())


def _failure(application: Application, port: int, child: subprocess.Popen[bytes]) -> str:
    """Return how the application's work fails, "" where it does not."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{application.path}",
        data=application.body,
        headers={"Content-Type": "application/octet-stream"} if application.body else {},
        method=application.method,
    )
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE):
                return ""
        except urllib.error.HTTPError as error:
            with error:
                return f"status {error.code}" if error.code >= 500 else ""
        except OSError:
            time.sleep(0.1)
    return f"no answer in {PATIENCE} seconds" if child.poll() is None else f"gunicorn ended with {child.returncode}"


def _run(command: list[str], tree: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=tree, env=_environ(tree) | more, capture_output=True, text=True, check=False, timeout=120
    )


def _environ(tree: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOTTO_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # else each process compiles the copy anew
    return kept | {"PYTHONPATH": str(tree)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
