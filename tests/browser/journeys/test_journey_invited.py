"""The way of an invited answer with issuer and respond as processes of their own: slip, token, answer, withdrawal."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from hosts.invited import STUDY, Inviting, authored
from phone.invited_site import Guest
from phone.person import Person
from phone.site import PHONE, headless_shell
from playwright.sync_api import expect

from crypto.canonical import canonical, to_base64url
from crypto.envelope import Record, key_id
from crypto.opening import Opener
from crypto.seed import expand, public_bytes
from survey.answers_db.compaction import compact
from survey.answers_db.owner_access import connect_owner
from survey.questionnaire.payload import decode
from survey.serving.servers import Server, free_port, running, with_issuer
from survey.settings import Settings
from survey.wave.manifest import Manifest

SEED = hashlib.sha256(b"the invited journey's test key").digest()


class Opening(Inviting):
    """A host whose study key the test holds, so that it can open what was stored."""

    def manifest(self, wave: int = 1, **changes: object) -> Manifest:
        key = public_bytes(expand(SEED))
        named = {"key": to_base64url(key), "key_id": key_id(key).hex()}
        return Manifest.from_bytes(canonical(super().manifest(wave, **changes).to_json() | named))


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory):
    """Open a wave by invitation, serve it by two processes, answer with one slip and take nothing back yet."""
    folder = tmp_path_factory.mktemp("invited-journey")
    settings = Settings.from_environ({"SOTTO_HOME": str(folder / "home")})
    host = Opening(settings, file=authored(folder))
    host.begin()
    manifest = host.open_wave()
    codes = host.codes()
    log = folder / "servers.log"
    respond, issuer = with_issuer(Server("respond", "127.0.0.1", free_port()), free_port())
    environ = {"SOTTO_HOME": str(folder / "home")}
    with running([issuer, respond], environ, log), headless_shell() as browser, browser.new_context(**PHONE) as context:
        questionnaire, texts = host.documents
        link = f"{respond.url}/s/{STUDY}#k={manifest.pin}&s=country&c={codes[0]}"
        study = SimpleNamespace(questionnaire=questionnaire, texts=texts)
        wave = SimpleNamespace(link=link, base=respond.url, study=study)
        guest = Guest(context, wave)
        pressed = Person(guest, wave, "zh-Hans", 3, {"MODE": 1, "USE": 1}).answer_all()
        guest.send()
        guest.stored("zh-Hans")
        yield SimpleNamespace(
            host=host, manifest=manifest, codes=codes, log=log, guest=guest, pressed=pressed, folder=folder / "home"
        )


def sealed(walked: SimpleNamespace) -> list[bytes]:
    path = walked.host.settings.answers_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database:
        return [record for (record,) in database.execute("SELECT record FROM sealed")]


def test_one_answer_is_stored_as_it_was_given_and_its_slip_is_used(walked):
    """The stored record opens under its token to what was pressed; the same slip is refused in a new page."""
    (record,) = (Record.from_bytes(one, walked.manifest.plaintext_size) for one in sealed(walked))
    opened = Opener(SEED, walked.manifest.context, walked.manifest.plaintext_size).open_record(record.to_bytes())
    answers = decode(walked.host.documents[0], opened)
    assert ("country", walked.pressed) == (answers.stratum, dict(answers.answers))
    other = Guest(walked.guest.page.context, walked.guest.site)
    other.enter(walked.guest.site.link, "zh-Hans")
    other.do("code")
    expect(other.page.locator("#said")).to_have_text(other.word("invite-used", "zh-Hans"))


def test_neither_process_wrote_the_code_down(walked):
    """No database, log or other file that the processes keep holds the code; the printer's file does, as a control."""
    holding = [path.name for path in walked.folder.rglob("*") if path.is_file() and holds_code(path, walked.codes[0])]
    assert ["may.json"] == holding
    assert not holds_code(walked.log, walked.codes[0])


def holds_code(path: Path, code: str) -> bool:
    return code.encode() in path.read_bytes()


def test_the_words_take_the_answer_out_of_the_store(walked):
    """Typed on their page, the eight words leave nothing of the row after the next compaction."""
    words = walked.guest.words()
    page = walked.guest.page
    page.goto(f"{walked.guest.site.base}/w/{STUDY}")
    page.locator("#code").fill(" ".join(words))
    walked.guest.do("withdraw")
    expect(page.locator("[data-press=again]")).to_be_visible()
    assert 1 == len(sealed(walked))
    owner = connect_owner(walked.host.settings.answers_url)
    compact(owner, {})
    owner.dispose()
    assert [] == sealed(walked)
