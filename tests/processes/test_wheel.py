"""The built wheel carries everything, and each half works where only its own extra's libraries are."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from paths import ROOT
from walls.installed import OURS, claims

OTHER = {"web": "analysis", "analysis": "web"}
# What a program of each half does; a library of the other's; a command that the other half alone has.
WORKS = {
    "web": "import os; os.environ['SOTTO_HOME'] = 'home'\n"
    "from survey.settings import Settings; from survey.database.migration import migrate\n"
    "migrate(Settings.from_environ(os.environ))\n"
    "from survey.respond_app.app import respond_app_from_environ\n"
    "assert respond_app_from_environ().test_client().get('/healthz').status_code == 200",
    "analysis": "import analysis.__main__, analysis.noise.noise, analysis.opening.answers",
}
FOREIGN = {"web": "opendp", "analysis": "flask"}
MISSING = {"web": ("verify", "x.json"), "analysis": ("study", "list")}
SOTTO = "from survey.commands.main import main; main(prog_name='sotto')"
# Found by every Python that has the folder in its path, children too.
HIDING = """
import sys
from importlib.machinery import PathFinder

class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {hidden!r} else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
"""


def run(*command: str | Path, folder: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)], cwd=folder, capture_output=True, text=True, check=False, timeout=600, **options
    )


@dataclass(frozen=True)
class Half:
    """Somewhere that only one half can run: its extra, its Python, the program `sotto`, where to run and with what."""

    extra: str
    python: Path
    sotto: tuple[str | Path, ...]
    folder: Path
    environ: dict[str, str] | None = None

    def runs(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return run(*command, folder=self.folder, env=self.environ)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a source distribution as an index would."""
    folder = tmp_path_factory.mktemp("wheel")
    result = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    assert 0 == result.returncode, result.stdout + result.stderr
    return next(folder.glob("*.whl"))


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def hidden_from(extra: str) -> set[str]:
    """Return the top-level names of every installed library that the lock of an extra does not name."""
    lock = (ROOT / "requirements" / f"{extra}.txt").read_text(encoding="utf-8")
    locked = {normalised(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)} | {"sotto-survey"}
    return {name for name, owners in packages_distributions().items() if not locked & {*map(normalised, owners)}}


@pytest.fixture(scope="module", params=OTHER)
def unpacked(request, wheel, tmp_path_factory):
    """The wheel's files on this Python, from which every library is hidden that the extra's lock does not name."""
    folder = tmp_path_factory.mktemp(request.param)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "wheel")
    (folder / "wheel" / "sitecustomize.py").write_text(HIDING.format(hidden=hidden_from(request.param)), "utf-8")
    environ = os.environ | {"PYTHONPATH": str(folder / "wheel")}
    python = Path(sys.executable)
    return Half(request.param, python, (python, "-c", SOTTO), folder, environ)


@pytest.fixture(scope="module", params=OTHER)
def environment(request, wheel, tmp_path_factory):
    """A virtual environment with the wheel and the locked packages of one extra."""
    folder = tmp_path_factory.mktemp(request.param)
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    lock = ROOT / "requirements" / f"{request.param}.txt"
    install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    for arguments in (("--require-hashes", "-r", lock), ("--no-deps", wheel)):
        result = run(*install, *arguments, folder=folder)
        assert 0 == result.returncode, result.stderr
    return Half(request.param, python, (python.with_name("sotto"),), folder)


def test_the_wheel_carries_templates_bundle_study_and_configuration(wheel):
    """Pages, the browser's scripts in three encodings, the study, translations and deployment are inside."""
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "templates/respond/page.html",
        "survey/studies/sesame_credit/questionnaire.yaml",
        "survey/interface/zh-Hant/phone.po",
        "deploy/gunicorn.conf.py",
        "deploy/nginx/sotto.conf",
        "deploy/systemd/sotto-respond.socket",
        "survey/static/dist/bundle.json",
        "crypto/ENVELOPE.md",
    ):
        assert wanted in names
    assert {".js", ".br", ".gz"} <= {Path(name).suffix for name in names if name.startswith("survey/static/dist/")}
    assert not [name for name in names if name.endswith((".sqlite", ".ts")) or "node_modules" in name]


def assert_works_alone(half: Half) -> None:
    """Check that its program runs, the other half's library is absent, and its commands say what to install."""
    assert "ModuleNotFoundError" in half.runs(half.python, "-c", f"import {FOREIGN[half.extra]}").stderr
    result = half.runs(half.python, "-c", WORKS[half.extra])
    assert 0 == result.returncode, result.stderr
    refused = half.runs(*half.sotto, *MISSING[half.extra])
    assert 3 == refused.returncode
    assert f"sotto-survey[{OTHER[half.extra]}]" in refused.stderr


def test_the_wheel_works_with_the_libraries_of_one_half(unpacked):
    """From the wheel alone, with every library hidden that the extra's lock does not name, one half works."""
    where = unpacked.runs(unpacked.python, "-c", "import survey; print(survey.__file__)").stdout
    assert str(unpacked.folder / "wheel") in where
    assert_works_alone(unpacked)


@pytest.mark.long
def test_a_half_installed_by_pip_works_alone(environment):
    """In a fresh environment with the locked packages of one extra, installed by their hashes, one half works."""
    assert_works_alone(environment)


@pytest.mark.long
def test_our_packages_share_their_folders_with_no_other(environment):
    """In the installed environment nothing but our wheel has a file in `crypto`, `Crypto`, or another name of ours."""
    result = environment.runs(environment.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    assert {(name, "sotto-survey") for name in OURS} == claims(result.stdout.strip())
