"""The built wheel carries everything, and each half works in an environment that has only its own extra."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from installed import OURS, claims
from paths import ROOT


def run(*command: str | Path, folder: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)], cwd=folder, capture_output=True, text=True, check=False, timeout=600, **options
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a source distribution as an index would."""
    folder = tmp_path_factory.mktemp("wheel")
    result = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    assert 0 == result.returncode, result.stdout + result.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module", params=["web", "analysis"])
def half(request, wheel, tmp_path_factory):
    """A virtual environment with the wheel and the locked packages of one extra."""
    folder = tmp_path_factory.mktemp(request.param)
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    lock = ROOT / "requirements" / f"{request.param}.txt"
    install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    for arguments in (("--require-hashes", "-r", lock), ("--no-deps", wheel)):
        result = run(*install, *arguments, folder=folder)
        assert 0 == result.returncode, result.stderr
    return request.param, python, folder


def test_the_wheel_carries_templates_bundle_study_and_configuration(wheel):
    """Pages, the browser's scripts in three encodings, the study, translations and deployment are inside."""
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "templates/respond/page.html",
        "survey/studies/sesame_credit/questionnaire.yaml",
        "survey/interface/zh-Hant/phone.po",
        "deploy/gunicorn.conf.py",
        "survey/static/dist/bundle.json",
        "crypto/ENVELOPE.md",
    ):
        assert wanted in names
    assert {".js", ".br", ".gz"} <= {Path(name).suffix for name in names if name.startswith("survey/static/dist/")}
    assert not [name for name in names if name.endswith((".sqlite", ".ts")) or "node_modules" in name]


def test_our_packages_share_their_folders_with_no_other(half):
    """In the installed environment nothing but our wheel has a file in `crypto`, `Crypto`, or another name of ours."""
    _, python, folder = half
    result = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder)
    assert {(name, "sotto-survey") for name in OURS} == claims(result.stdout.strip())


def test_a_half_works_alone(half):
    """With one extra its program runs; the other half's libraries are absent and its commands say what to install."""
    extra, python, folder = half
    other = {"web": "opendp", "analysis": "flask"}[extra]
    assert 0 != run(python, "-c", f"import {other}", folder=folder).returncode
    works = {
        "web": "import os; os.environ['SOTTO_HOME'] = 'home'\n"
        "from survey.settings import Settings; from survey.database.migration import migrate\n"
        "settings = Settings.from_environ(os.environ); migrate(settings)\n"
        "from survey.respond_app.app import respond_app\n"
        "assert respond_app(settings).test_client().get('/healthz').status_code == 200",
        "analysis": "import analysis.__main__, analysis.noise.noise, analysis.opening.answers",
    }[extra]
    result = run(python, "-c", works, folder=folder)
    assert 0 == result.returncode, result.stderr
    missing = {"web": ("verify", "x.json"), "analysis": ("study", "list")}[extra]
    refused = run(python.with_name("sotto"), *missing, folder=folder)
    assert 3 == refused.returncode
    assert f"sotto-survey[{ {'web': 'analysis', 'analysis': 'web'}[extra] }]" in refused.stderr
