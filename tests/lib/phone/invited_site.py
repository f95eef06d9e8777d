"""The market study by invitation: the respond app and the real issuer behind one origin, with faults on demand."""

import io
import json
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from budgets import BUDGET
from hosts.applications import issuer_app
from hosts.threaded_server import answering
from paths import ROOT
from playwright.sync_api import expect
from sqlalchemy import insert, update
from studies.market import Study, questionnaire
from werkzeug.wrappers import Response

from crypto.canonical import canonical
from crypto.invitation_codes import code_hash, new_code
from crypto.issuing import Issuer
from phone.site import LOST, Phone, Site
from survey.office_db.invitations import BATCH, BATCH_ID_SIZE, INVITATION
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.tables import AUDIT
from survey.questionnaire.questionnaire import Questionnaire
from survey.settings import Settings
from survey.wave.issuer_key import issuer_id
from survey.wave.manifest import Manifest, build_manifest

AFTER = -1  # instead of a status: the issuer signs, and its answer is lost on the way


@cache
def issuer_key() -> Issuer:
    """Return the first issuer of the shared vectors: making one takes a second."""
    vectors = json.loads((ROOT / "tests/vectors/token.json").read_bytes())
    return Issuer.of(vectors["issuers"][0]["pem"].encode())


def by_invitation(**more: object) -> Questionnaire:
    """Return the market's questionnaire with slips; `more` replaces members, None takes one out."""
    invited = {"mode": "invitation", "strata": ["city", "country"], "resume": "tab"}
    document = questionnaire().to_json() | invited | more
    return Questionnaire.from_bytes(canonical({name: value for name, value in document.items() if value is not None}))


@dataclass
class InvitedStudy(Study):
    """The market study, to which people are invited."""

    questionnaire: Questionnaire = field(default_factory=by_invitation)

    def wave(self, key: bytes) -> Manifest:
        issuer = issuer_key().public
        documents = (self.questionnaire, self.texts)
        return build_manifest(*documents, wave=1, key=key, signer="0" * 64, budget=BUDGET, issuer_key=issuer)


class InvitedSite(Site):
    """`asked` has what came to the issuer, `heads` every POST's headers; `issued` is what a test has it answer."""

    def __init__(self, study: Study, folder: Path) -> None:
        super().__init__(study, folder)
        self.settings = Settings.from_environ({"SOTTO_HOME": str(folder)})
        self.asked: list[tuple[str, bytes]] = []
        self.heads: list[tuple[str, dict[str, str]]] = []
        self.issued: list[int] = []
        self._make_issuer()
        self.issuer = issuer_app(self.settings)

    def _make_issuer(self) -> None:
        folder = self.settings.issuer_keys
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / f"{issuer_id(issuer_key().public)}.pem").write_bytes(issuer_key().pem)
        tables = AUDIT.metadata.tables
        slug, empty = self.study.questionnaire.study, "0" * 64
        study = {"slug": slug, "source": empty, "questionnaire": empty, "texts": {}, "lacking": [], "since": date.min}
        self._run(
            insert(tables["document"]).values(hash=empty, kind="questionnaire", content=b"-"),
            insert(tables["study"]).values(**study),
        )

    def _run(self, *statements: Any) -> None:
        engine = connect_staff_database(self.settings.office_url)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(statement)
        engine.dispose()

    def slips(self, count: int = 1, *, open_: bool = True) -> list[str]:
        """Return codes of a new batch, which is closed where a test says so."""
        codes = [new_code() for _ in range(count)]
        batch = secrets.token_bytes(BATCH_ID_SIZE)
        made = {"id": batch, "study": self.study.questionnaire.study, "wave": 1, "name": batch.hex(), "stratum": "city"}
        rows = [{"code_hash": code_hash(code), "batch": batch} for code in codes]
        self._run(
            insert(BATCH).values(**made, open=open_, invited=count),
            insert(INVITATION).values(rows),
        )
        return codes

    def use(self, code: str) -> None:
        """Use a slip on another device."""
        self._run(update(INVITATION).where(INVITATION.c.code_hash == code_hash(code)).values(blinded_hash=b"b" * 32))

    def slip(self, code: str) -> str:
        return f"{self.link}&s=country&c={code}"

    def answer(self, environ: dict[str, Any], method: str, path: str) -> Any:
        """Let the issuer answer what is its own."""
        if method == "POST":
            heads = {name: value for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_TYPE"))}
            self.heads.append((path, heads))
        if not path.startswith("/t/"):
            return super().answer(environ, method, path)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        self.asked.append((path, body))
        wanted = self.issued.pop(0) if self.issued else None
        if wanted == AFTER:
            Response.from_app(self.issuer, environ)
        if wanted in {AFTER, LOST}:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return self.issuer if wanted is None else Response("no", status=max(wanted, 500))


class Guest(Phone):
    """A person with a slip."""

    def enter(self, link: str, locale: str = "en") -> "Guest":
        """Open a link and choose a language; nothing is expected of the next screen."""
        self.open("about:blank")
        self.open(link)
        self.page.locator(f"[data-locale={locale}] summary").tap()
        return self

    def choose(self, locale: str) -> None:
        """Choose a language, and press where the link's code is shown."""
        self.page.locator(f"[data-locale={locale}] summary").tap()
        self.do("code")
        self.consent()

    def redeem(self, link: str, locale: str = "en") -> "Guest":
        """Open a link with a code, press where the code is shown, and wait for the consent."""
        self.open("about:blank")
        self.open(link)
        self.choose(locale)
        return self

    def consent(self) -> None:
        expect(self.page.locator("h2#ask")).to_be_visible()

    def code(self, typed: str) -> None:
        """Type a code as people do, sign by sign, and go on."""
        self.page.locator("#invitation").fill("")
        self.page.locator("#invitation").press_sequentially(typed)
        self.do("code")

    def expect_message(self, key: str, **values: object) -> None:
        expect(self.page.locator("#said")).to_have_text(self.word(key).format(**values))

    def answer_all(self, locale: str = "en") -> None:
        self.do("agree")
        self.asks("AGE", locale)
        self.to_send(locale)

    def stored(self, locale: str = "en") -> None:
        self.heading(self.word("stored-title", locale))

    def words(self) -> list[str]:
        """Ask for the eight words, and return them."""
        self.do("takeback")
        expect(self.page.locator(".code li")).to_have_count(8)
        return self.page.locator(".code li").all_inner_texts()


@contextmanager
def inviting(study: Study | None = None, kind: type[InvitedSite] = InvitedSite) -> Iterator[Any]:
    """Serve the study until the block ends; `kind`: the class of the site."""
    with tempfile.TemporaryDirectory() as folder:
        site = kind(study or InvitedStudy(), Path(folder))
        engines = (site.app.extensions["sotto"].engine, site.issuer.extensions["issuer"].engine)
        with answering(site.server, *engines):
            yield site
