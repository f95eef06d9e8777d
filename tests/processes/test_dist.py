"""What is handed out: the same bytes from two checkouts, with a bill of what is in it and of what it was made."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from paths import ROOT

# Everything of an environment that a build could write into what it makes.
ELSEWHERE = {"TZ": "Asia/Shanghai", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "7", "HOME": "/nonexistent"}
# What no clone has: things that were made in the tree, by whoever works in it.
MADE_AT_TOP = {
    ".git",
    ".venv",
    "node_modules",
    "dist",
    "build",
    "out",
    "demo",
    "trial",
    "sotto-data",
    "test-output",
    ".hypothesis",
}
STATIC = Path("survey/static")
KINDS = (".cdx.json", ".provenance.json", ".tar.gz", ".whl")
PAGES = """
import sys
from survey.respond_app.served_pages import StudyPages
from survey.respond_app.settings import RespondSettings
settings = RespondSettings.from_environ({"SOTTO_HOME": sys.argv[1], "SOTTO_HOSTS": "survey.example"})
print(StudyPages(settings).document(sys.argv[2], 1, "f" * 64).to_bytes().decode())
"""


@pytest.fixture(scope="module")
def program():
    """Return scripts/dist.py as a module."""
    spec = importlib.util.spec_from_file_location("dist", ROOT / "scripts/dist.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["dist"] = module  # where its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def run(*command: str | Path, folder: Path, environ: dict[str, str], umask: int = -1) -> str:
    done = subprocess.run(
        [*map(str, command)], cwd=folder, env=os.environ | environ, umask=umask, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def checkout(folder: Path, year: int, *, built: bool) -> Path:
    """Copy the tree's own files, as of a day of `year`, with the phone's scripts where they are `built`."""

    def left_out(inside: str, names: list[str]) -> set[str]:
        at = Path(inside).relative_to(ROOT)
        made = {name for name in names if name == "__pycache__" or name.endswith("_cache")}
        return (
            made | (MADE_AT_TOP if inside == str(ROOT) else set()) | ({"dist"} if at == STATIC and not built else set())
        )

    shutil.copytree(ROOT, folder, ignore=left_out, dirs_exist_ok=True)
    moment = datetime(year, 5, 6, tzinfo=UTC).timestamp()
    for path in folder.rglob("*"):
        os.utime(path, (moment, moment))
    return folder


def wheel(folder: Path, umask: int = -1, to: str = "out", **environ: str) -> Path:
    """Build the wheel of a checkout into its folder `to`; return the file."""
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", to)
    run(*command, folder=folder, environ=environ, umask=umask)
    return next((folder / to).glob("*.whl"))


def unpacked(file: Path) -> Path:
    folder = file.parent / "unpacked"
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    return folder


def pages(program: Path, home: Path, study: str, **environ: str) -> str:
    """Return what the respond app of an unpacked wheel serves as a study's pages, as the public log names them."""
    return run(sys.executable, "-c", PAGES, home, study, folder=home, environ={"PYTHONPATH": str(program), **environ})


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> tuple[Path, Path]:
    """The wheels of two checkouts in two folders, of other days, accounts and countries."""
    one = checkout(tmp_path_factory.mktemp("one"), 2019, built=True)
    other = checkout(tmp_path_factory.mktemp("other") / "much deeper" / "below", 2031, built=True)
    return wheel(one, 0o022), wheel(other, 0o077, **ELSEWHERE)


def test_two_checkouts_give_the_same_wheel(wheels):
    """Folder, day, time zone, language, home and umask change no byte of the wheel; a time that is asked for does."""
    one, other = wheels
    assert one.read_bytes() == other.read_bytes()
    assert one.name == other.name
    dated = wheel(one.parents[1], to="dated", SOURCE_DATE_EPOCH="1000000000")
    assert dated.read_bytes() != other.read_bytes()


def test_two_installations_serve_the_same_pages(wheels, open_collection):
    """Each page and header that the public log names is the same from both; with a changed template it is not."""
    home, study = open_collection.settings.public.parent, "q26"
    one, other = map(unpacked, wheels)
    served = pages(one, home, study)
    assert len(json.loads(served)["pages"]) >= 10
    assert served == pages(other, home, study, **ELSEWHERE)
    page = one / "templates/respond/page.html"
    page.write_text(page.read_text(encoding="utf-8") + "<!-- -->", encoding="utf-8")
    assert served != pages(one, home, study)


def test_the_bill_names_what_is_installed_and_what_the_scripts_hold(program, wheels):
    """CycloneDX's own schema takes it; it names the locks' packages and hpke-js, and not what only builds or tests."""
    text = program.bill(ROOT, wheels[0], datetime(2026, 11, 30, tzinfo=UTC))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text.replace('"library"', '"book"')) is not None
    bill = json.loads(text)
    parts = {part["bom-ref"].rpartition("@")[0]: part for part in bill["components"]}
    assert {"pkg:pypi/opendp", "pkg:pypi/flask", "pkg:npm/%40hpke/core", "pkg:npm/mlkem"} <= parts.keys()
    assert {"pkg:pypi/pytest", "pkg:npm/esbuild", "pkg:npm/terser", "pkg:npm/acorn"}.isdisjoint(parts)
    assert ["analysis"] == [one["value"] for one in parts["pkg:pypi/opendp"]["properties"]]
    assert text == program.bill(ROOT, wheels[1], datetime(2026, 11, 30, tzinfo=UTC))
    (digest,) = bill["metadata"]["component"]["hashes"]
    assert hashlib.sha256(wheels[0].read_bytes()).hexdigest() == digest["content"]


def test_provenance_names_files_commit_and_locks(program, wheels):
    """The statement is in-toto's with SLSA's predicate: each file, the commit and each lock by its hash, no time."""
    commit = program.Commit("a" * 40, datetime(2026, 11, 30, tzinfo=UTC))
    said = json.loads(program.provenance(ROOT, [wheels[0]], commit, {"node": "v22"}))
    assert ("https://in-toto.io/Statement/v1", "https://slsa.dev/provenance/v1") == (
        said["_type"],
        said["predicateType"],
    )
    (subject,) = said["subject"]
    assert hashlib.sha256(wheels[0].read_bytes()).hexdigest() == subject["digest"]["sha256"]
    definition = said["predicate"]["buildDefinition"]
    made_of = {one["name"]: one["digest"] for one in definition["resolvedDependencies"]}
    assert {"gitCommit": "a" * 40} == made_of["sotto-survey"]
    assert (
        hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest() == made_of["package-lock.json"]["sha256"]
    )
    assert {"buildType", "externalParameters", "internalParameters", "resolvedDependencies"} == definition.keys()


@pytest.fixture
def repository(tmp_path):
    """A checkout that is a repository of one commit, with nothing built."""
    return committed(checkout(tmp_path / "first", 2019, built=False))


def committed(folder: Path) -> Path:
    day = {"GIT_AUTHOR_DATE": "2026-11-30T12:00:00Z", "GIT_COMMITTER_DATE": "2026-11-30T12:00:00Z"}
    who = ("-c", "user.name=a", "-c", "user.email=a@host.example", "-c", "commit.gpgsign=false")
    for command in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "All")):
        run("git", *command, folder=folder, environ=day)
    (folder / ".git/info/exclude").write_text("node_modules\n", encoding="ascii")  # a link is no folder to .gitignore
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return folder


def test_a_tree_that_is_no_commit_is_refused(tmp_path):
    """Where a file is not as in the last commit, nothing is made, and the file is named."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/dist.py", tmp_path / "scripts")
    (tmp_path / ".gitignore").write_text("node_modules\n")
    folder = committed(tmp_path)
    (folder / "more.txt").touch()
    command = [sys.executable, "scripts/dist.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (1, True) == (done.returncode, "more.txt" in done.stderr), done.stderr
    assert not (folder / "dist").exists()


@pytest.mark.long
def test_two_checkouts_hand_out_the_same_files(repository, tmp_path):
    """From sources alone wheel, source distribution, bill and provenance have the same bytes from two repositories."""
    other = committed(checkout(tmp_path / "second" / "deeper", 2031, built=False))
    names = []
    for folder, environ, umask in ((repository, {}, 0o022), (other, ELSEWHERE, 0o077)):
        run(sys.executable, "scripts/dist.py", folder=folder, environ=environ, umask=umask)
        names.append({path.name: path.read_bytes() for path in (folder / "dist").iterdir()})
    assert [*KINDS] == sorted(kind for name in names[0] for kind in KINDS if name.endswith(kind))
    assert names[0] == names[1]


@pytest.mark.long
def test_whoever_has_no_node_runs_a_demo_from_the_wheel(wheels, tmp_path):
    """In an empty environment, with no Node to be found, the wheel and its locked packages run a whole demo."""
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / "bin"
    install = (programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    for extra in ("web", "analysis"):
        lock = ROOT / "requirements" / f"{extra}.txt"
        run(*install, "--require-hashes", "-r", lock, folder=tmp_path, environ={})
    run(*install, "--no-deps", wheels[0], folder=tmp_path, environ={})
    alone = {"PATH": str(programs)}
    assert shutil.which("node", path=alone["PATH"]) is None
    command = (programs / "sotto", "demo", "--once", "--json", "--responses", "30")
    summary = json.loads(run(*command, folder=tmp_path, environ=alone))
    assert (30, True) == (summary["opened"], summary["verified"])
