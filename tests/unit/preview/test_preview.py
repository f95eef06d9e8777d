"""The preview serves what a wave would, to who has its address alone, and keeps nothing."""

import hashlib
import shutil
import time
from http import HTTPStatus

import pytest
from paths import STUDIES

from crypto.envelope import Record, body
from crypto.sealing import Sealer
from survey.admission.respond_resources import RespondResources
from survey.authoring.compiler import compile_with_media
from survey.commands.preview import loader_of
from survey.preview.app import preview_app
from survey.preview.serve import serving
from survey.preview.session import PreviewSession
from survey.preview.watch import signature, watching
from survey.publication.bundles import bundle_documents, bundle_name
from survey.respond_app.app import application
from survey.respond_app.settings import RespondSettings
from survey.wave.manifest import Manifest

OCTETS = "application/octet-stream"
ORIGIN = "http://127.0.0.1"


@pytest.fixture
def file(tmp_path):
    """A copy of the showcase, with its recordings and pictures, to edit."""
    shutil.copytree(STUDIES / "showcase", tmp_path / "study")
    return tmp_path / "study" / "questionnaire.yaml"


def begun(file, folder):
    """Return a preview of `file` that has read it once."""
    folder.mkdir()
    return PreviewSession.begin(loader_of(file), folder, file.name)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A preview of the showcase, which no test edits."""
    return begun(STUDIES / "showcase" / "questionnaire.yaml", tmp_path_factory.mktemp("preview") / "folder")


@pytest.fixture(scope="module")
def client(session):
    """A browser at its application."""
    return preview_app(session).test_client()


def manifest_of(client, session):
    """Return the manifest that the phone is given."""
    bundle = client.get(f"/b/{session.wave.pin}/{bundle_name(0)}.json", base_url=ORIGIN)
    return Manifest.from_bytes(bundle_documents(bundle.data)["manifest"])


def test_the_page_and_its_documents_are_those_of_a_wave(client, session):
    """Page, scripts and texts are byte for byte the respond app's over the same folder, compiled from the same file."""
    root = session.waves.published.root
    settings = RespondSettings("", root, root / "none", ("127.0.0.1",))
    real = application(settings, RespondResources(None, session.waves.published)).test_client()
    page = client.get(f"/s/s1?t={session.token}", base_url=ORIGIN)
    assert page.data == real.get("/s/s1", base_url=ORIGIN).data
    compiled = compile_with_media(STUDIES / "showcase" / "questionnaire.yaml")
    manifest = manifest_of(client, session)
    assert compiled.questionnaire.digest == manifest.questionnaire
    assert {locale: text.digest for locale, text in compiled.texts.items()} == manifest.texts
    for name, content in compiled.media.items():
        assert content == client.get(f"/m/{name}", base_url=ORIGIN).data


def test_its_policy_is_that_of_a_wave_but_for_the_frame(client, session):
    """Every header is the respond app's; only who may frame the page is other: this origin, and nobody else."""
    root = session.waves.published.root
    settings = RespondSettings("", root, root / "none", ("127.0.0.1",))
    real = application(settings, RespondResources(None, session.waves.published)).test_client()
    own = dict(client.get(f"/s/s1?t={session.token}", base_url=ORIGIN).headers)
    other = dict(real.get("/s/s1", base_url=ORIGIN).headers)
    different = {name for name in own.keys() | other.keys() if own.get(name) != other.get(name)}
    assert {"Content-Security-Policy", "X-Frame-Options"} == different
    policies = [dict(part.split(" ", 1) for part in one["Content-Security-Policy"].split("; ")) for one in (own, other)]
    assert {"frame-ancestors"} == {name for name in policies[0] if policies[0][name] != policies[1].get(name)}
    assert ("'self'", "'none'") == tuple(one["frame-ancestors"] for one in policies)


CLOSED = (
    "/", "/s/s1", "/s/s1?t=", "/s/s1?t=wrong", "/preview/wrong", "/preview/wrong/state", "/preview/wrong/preview.js",
    "/preview/wrong/way/en/AGE", "/k/s1", "/w/s1", "/r/s1", "/f/s1", "/c/s1", "/log/checkpoint", "/healthz",
)  # fmt: skip


def test_who_does_not_know_the_address_sees_nothing(client, session):
    """Without the token every page is a 404; so is every page, with the token, under a name that is not this host's."""
    for path in CLOSED:
        assert HTTPStatus.NOT_FOUND == client.get(path, base_url=ORIGIN).status_code, path
        known = path.replace("wrong", session.token)
        assert HTTPStatus.NOT_FOUND == client.get(known, base_url="http://rebound.example").status_code, path


def test_with_the_token_its_pages_are_there(client, session):
    """The control of the test above: the same paths with the token, and a pin that only its page knows."""
    paths = ["/preview/{}", "/preview/{}/state", "/preview/{}/preview.js", "/preview/{}/way/en/AGE", "/s/s1?t={}"]
    for path in paths:
        assert HTTPStatus.OK == client.get(path.format(session.token), base_url=ORIGIN).status_code
    assert HTTPStatus.NOT_FOUND == client.get(f"/b/{'A' * 32}/{bundle_name(0)}.json", base_url=ORIGIN).status_code
    assert len(session.token) >= 32


def test_an_answer_is_taken_with_its_receipt_and_dropped(client, session):
    """A sealed answer gets the receipt that a phone compares, what is none gets 400, and no file changes."""
    manifest = manifest_of(client, session)
    sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
    record = Record.open_link(sealer.seal(bytes(session.wave.compiled.questionnaire.payload_width)))
    before = {path: path.read_bytes() for path in session.waves.folder.rglob("*") if path.is_file()}
    answer = client.post("/s/s1", data=body(record), content_type=OCTETS, base_url=ORIGIN)
    assert (HTTPStatus.CREATED, hashlib.sha256(record.envelope).hexdigest()) == (
        answer.status_code,
        answer.text.strip(),
    )
    assert 64 == len(answer.data)
    foreign = client.post("/s/s1", data=body(record)[:-1], content_type=OCTETS, base_url=ORIGIN)
    assert HTTPStatus.BAD_REQUEST == foreign.status_code
    assert before == {path: path.read_bytes() for path in session.waves.folder.rglob("*") if path.is_file()}


def test_a_broken_file_keeps_the_last_page_and_names_its_lines(file, tmp_path):
    """Every problem comes with its line and item; the page stays until the file compiles again, with another pin.

    Of what was saved before, two pins stay.
    """
    session = begun(file, tmp_path / "folder")
    client = preview_app(session).test_client()
    pin = session.wave.pin
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("type: scale", "type: scales", 1), encoding="utf-8")
    session.refresh()
    state = client.get(f"/preview/{session.token}/state", base_url=ORIGIN).json
    line = 1 + text[: text.index("type: scale")].count("\n")
    assert (True, pin) == (state["broken"], state["page"]["pin"])
    assert any(one["place"].startswith(f"{line}: items.") and one["remedy"] for one in state["notes"])
    assert {one["item"] for one in state["notes"]} & {one["id"] for one in state["page"]["items"]}
    assert HTTPStatus.OK == client.get(f"/b/{pin}/{bundle_name(0)}.json", base_url=ORIGIN).status_code
    file.write_text(text.replace("How old are you?", "What is your age?"), encoding="utf-8")
    session.refresh()
    state = session.state()
    session.refresh()
    pins = sorted(path.name for path in (session.waves.published.root / "b").iterdir())
    assert (2, True) == (len(pins), session.wave.pin in pins)
    assert not state["broken"]
    assert pin != state["page"]["pin"]
    assert (
        "What is your age?" == next(one for one in state["page"]["items"] if one["id"] == "AGE")["words"]["en"]["title"]
    )


def test_problems_are_said_in_the_language_of_the_page(tmp_path):
    """The page offers the three languages, and the list of problems comes in the one it is shown in."""
    path = tmp_path / "questionnaire.yaml"
    path.write_text("study: q26\nstudy: q27\n", encoding="utf-8")
    session = begun(path, tmp_path / "folder")
    client = preview_app(session).test_client()
    said = {
        "en": "the key study stands here twice",
        "zh-Hans": "键study在这里出现了两次",
        "zh-Hant": "鍵study在這裡出現了兩次",
    }
    for locale, words in said.items():
        page = client.get(f"/preview/{session.token}?lang={locale}", base_url=ORIGIN).text
        assert all(f'href="?lang={other}"' in page for other in said)
        state = client.get(f"/preview/{session.token}/state?lang={locale}", base_url=ORIGIN).json
        assert words in [note["message"] for note in state["notes"]]


def test_a_file_that_never_compiled_has_problems_and_no_page(tmp_path):
    """Whatever is wrong from the start is told: no YAML, a file that is gone, a workbook that is none."""
    for name, content in {"a.yaml": b"{", "b.yaml": b"", "c.xlsx": b"not a workbook", "d.yaml": None}.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        state = begun(path, tmp_path / f"folder of {name}").state()
        assert (True, None) == (state["broken"], state["page"])
        assert state["notes"][0]["message"]


def test_a_saved_change_is_read_once_it_stands_still(file):
    """One call for a file saved in two steps, one for a new recording beside it, none where nothing changed."""
    calls = []
    with watching(file, signature(file), lambda: calls.append(time.monotonic())):
        time.sleep(0.5)
        assert [] == calls
        file.write_text("half", encoding="utf-8")
        file.write_text("whole", encoding="utf-8")
        wait(lambda: len(calls) == 1)
        (file.parent / "audio" / "new.mp3").parent.mkdir(exist_ok=True)
        (file.parent / "audio" / "new.mp3").write_bytes(b"1")
        wait(lambda: len(calls) == 2)
    assert 2 == len(calls)


def wait(until, seconds=10.0):
    """Wait for something to be so."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_nothing_is_written_but_into_a_folder_that_is_deleted(file, tmp_path, monkeypatch):
    """While it serves there is one new folder, among temporary files; afterwards every file is as it was."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with serving(file, loader_of(file)) as (address, session):
        assert address.startswith("http://127.0.0.1:")
        assert address.endswith(f"/preview/{session.token}")
        (folder,) = temporary.iterdir()
        new = {path for path in tmp_path.rglob("*") if path.is_file()} - before.keys()
        assert new
        assert all(path.is_relative_to(folder) for path in new)
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert [] == [*temporary.iterdir()]


def test_each_preview_has_a_key_and_an_address_of_its_own(file, session, tmp_path):
    """Nothing that one preview sealed to, or was reached by, is of use at another of the same file."""
    other = begun(file, tmp_path / "other")
    documents = [manifest_of(preview_app(one).test_client(), one) for one in (session, other)]
    assert documents[0].questionnaire == documents[1].questionnaire
    assert documents[0].key != documents[1].key
    assert 4 == len({session.token, other.token, session.wave.pin, other.wave.pin})
