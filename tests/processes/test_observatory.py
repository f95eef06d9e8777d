"""Every kind of page of the three applications, behind the shipped nginx, has the HTTP Observatory's best grade."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from front.nginx_front import Front, asked, front
from front.observatory import Visit, rated
from hosts.applications import desk_app, issuer_app, respond_app
from hosts.collection import PASSWORD, STUDY
from hosts.host_acts import asks
from studies import plain_study
from werkzeug.serving import BaseWSGIServer, make_server

from survey.office_db.people.role import Role
from survey.operations.staff import invite_user

pytestmark = pytest.mark.slow
SURVEY, DESK = "survey.example", "desk.example"
SITES = {"respond": SURVEY, "issuer": SURVEY, "desk": DESK}
APPLICATIONS = {"respond": respond_app, "issuer": issuer_app, "desk": desk_app}


@dataclass
class Site:
    """A running front, the applications behind it, and the cookie of whoever signed in to the desk."""

    front: Front
    apps: dict[str, Flask]
    values: dict[str, str]
    """What stands in the addresses of pages, by the names of their rules."""
    cookie: str = ""

    def visit(self, path: str, name: str = SURVEY, method: str = "GET", body: bytes | None = None, **headers: str):
        """Return the status of an answer, and the visit as the Observatory sees it."""
        own = {"Cookie": self.cookie} if name == DESK else {}
        answer = self.front.answer(method, path, body, name, own | headers)
        cookies = tuple(value for header, value in answer.getheaders() if header.lower() == "set-cookie")
        named = {header.lower(): value for header, value in answer.getheaders()}
        text = answer.content.decode("utf-8", "replace")
        return answer.status, Visit(f"https://{name}{path}", named, cookies, text, self.led(path, name))

    def led(self, path: str, name: str) -> str | None:
        """Return where http leads, None where nobody answers."""
        with self.front.plain("plain.sock") as plain:
            try:
                return asked(plain, "GET", path[:200], name=name).getheader("Location") or ""
            except ConnectionError:
                return None

    def sign_in(self) -> Visit:
        """Sign in to the desk; return the answer, with its cookie."""
        _, page = self.visit("/login", DESK)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.body)[1]
        self.cookie = page.cookies[0].partition(";")[0]
        form = f"csrf_token={token}&name=li&password={PASSWORD.replace(' ', '+')}".encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{DESK}/login"}
        status, answer = self.visit("/login", DESK, "POST", form, **kind)
        assert 303 == status
        self.cookie = answer.cookies[0].partition(";")[0]
        return answer

    def rules(self, app: str) -> Iterator[tuple[str, str]]:
        """Yield each rule of an application that answers GET, with an address of it."""
        for rule in self.apps[app].url_map.iter_rules():
            if "GET" in rule.methods:
                release = {"name": self.values["release"]} if rule.rule.startswith("/results") else {}
                values = self.values | release | OF_RULES.get(rule.rule, {})
                path = rule.rule
                for name in rule.arguments:
                    path = re.sub(f"<(int:)?{name}>", values[name], path)
                yield rule.rule, path


PICTURE = b"\x89PNG\r\n\x1a\n and no more"
OF_RULES = {
    "/b/<pin>/<name>.json": {"name": "00"},
    "/<kind>/<name>.json": {"kind": "pages"},
    "/m/<name>": {"name": hashlib.sha256(PICTURE).hexdigest()},
    "/studies/<study>/waves/<int:wave>/<kind>": {"kind": "close-wave", "wave": "2"},
    "/studies/<study>/waves/<int:wave>/<kind>/signed": {"kind": "close-wave", "wave": "2"},
    "/studies/<study>/waves/<int:wave>/documents/<name>": {"name": "manifest.json"},
    "/releases/<release>/<paper>.json": {"paper": "plan"},
    "/f/<study>": {"study": plain_study.STUDY},
    "/f/<study>/questions": {"study": plain_study.STUDY},
}
"""Where a rule's argument means something else than elsewhere."""


def values_of(public: Path, pin: str, release: str) -> dict[str, str]:
    """Return what stands in the addresses of pages, by the names of arguments."""
    pages = next((public / "pages").iterdir()).stem
    names = {"study": STUDY, "pin": pin, "release": release, "name": pages, "table": "T02", "size": "1", "wave": "1"}
    return names | {"bucket": "00", "file": "pages.css", "number": "1"}


@contextmanager
def running(collection, release: str, folder: Path) -> Iterator[Site]:
    """Run the shipped front before the three applications of a host."""
    settings = replace(collection.settings, hosts=(SURVEY, DESK))
    apps = {name: make(settings) for name, make in APPLICATIONS.items()}

    def served(path: Path) -> BaseWSGIServer:
        return make_server(f"unix://{path}", 0, apps[path.stem], threaded=True)

    pin = collection.open_wave(2).pin
    asks(collection, {"kind": "close-wave", "typed": STUDY, "on": None}, wave=2)
    with front(folder, application=served) as shipped:
        welcome = {"token": invite_user(settings, "lan", Role.RESEARCHER)}
        yield Site(shipped, apps, values_of(settings.public, pin, release) | welcome)
    for app in apps.values():
        (app.extensions.get("sotto") or app.extensions["issuer"]).engine.dispose()


@pytest.fixture
def site(released_collection, tmp_path) -> Iterator[Site]:
    """Give a host with a release, an open wave, and a study that has the form without JavaScript."""
    collection, release = released_collection
    plain = plain_study.fresh(tmp_path / "plain").settings.public
    public = collection.settings.public
    shutil.copytree(plain, public, ignore=shutil.ignore_patterns("log"), dirs_exist_ok=True)
    (public / "media").mkdir(exist_ok=True)
    (public / "media" / hashlib.sha256(PICTURE).hexdigest()).write_bytes(PICTURE)
    (public / "studies" / "broken.json").write_text("{", encoding="utf-8")
    # Not below tmp_path: the path of a socket has 108 bytes at most.
    with (
        tempfile.TemporaryDirectory(prefix="sotto-front-", dir="/tmp") as folder,
        running(collection, release, Path(folder)) as one,
    ):
        yield one


def short_of(visits: dict[str, Visit]) -> dict[str, object]:
    """Return what is rated lower than A+, with what each test found."""
    ratings = {name: rated(visit) for name, visit in visits.items()}
    return {name: (one.grade, one.results) for name, one in ratings.items() if one.grade != "A+"}


NOT_HERE = {"/log/cosignatures/<int:size>", "/s/<study>/work", "/readyz"}
"""What this host has not, witnesses and proofs of work, and what the front hides."""


def test_every_page_of_respondents_and_the_public_has_the_best_grade(site):
    """Each rule that answers GET is asked under its address; of what one sees there nothing is rated below A+."""
    found = {rule: site.visit(path) for rule, path in site.rules("respond")}
    found["the form"] = site.visit(plain_study.QUESTIONS, method="POST")
    assert {rule for rule, (status, _) in found.items() if status not in {200, 303}} == NOT_HERE
    assert {} == short_of({rule: visit for rule, (_, visit) in found.items()})
    kinds = {visit.headers["content-type"].partition(";")[0] for _, visit in found.values()}
    assert {"text/html", "application/json", "text/csv", "text/javascript", "text/plain"} <= kinds


def test_every_page_of_the_desk_has_the_best_grade(site):
    """Signed in or not: sign-in, its redirection with the cookie, lists, a study, a release and its files."""
    outside = {path: site.visit(path, DESK)[1] for path in ("/login", "/")}
    outside["signed in"] = site.sign_in()
    assert "__Host-sotto" in outside["signed in"].cookies[0]
    found = {rule: site.visit(path, DESK) for rule, path in site.rules("desk")}
    assert {rule for rule, (status, _) in found.items() if status not in {200, 303}} == {"/readyz"}
    assert {} == short_of(outside | {rule: visit for rule, (_, visit) in found.items()})


LONG = "x" * 9_000
ERRORS = {
    "a lost address": (404, "/nowhere", {}),
    "a failure": (500, "/s/broken", {}),
    "a method": (405, "/healthz", {"method": "PUT"}),
    "no sealed answer": (415, f"/s/{STUDY}", {"method": "POST", "body": b"x"}),
    "too large for nginx": (413, f"/s/{STUDY}", {"method": "POST", "body": b"x" * 20_000}),
    "too long for nginx": (414, f"/{LONG}", {}),
    "hidden by nginx": (404, "/readyz", {}),
    "no code": (415, f"/t/{STUDY}", {"method": "POST", "body": b"x"}),
    "no such thing of the issuer": (405, f"/t/{STUDY}", {}),
    "a lost address of the desk": (404, "/nowhere", {"name": DESK}),
    "a form without its token": (400, "/login", {"name": DESK, "method": "POST", "body": b"name=li"}),
}


def test_every_error_has_the_best_grade(site):
    """Refusals and failures of each application, and nginx's own, with a process that is away."""
    found = {name: site.visit(path, **more) for name, (_, path, more) in ERRORS.items()}
    assert {name: status for name, (status, _, _) in ERRORS.items()} == {n: status for n, (status, _) in found.items()}
    site.front.applications["respond"].server_close()
    (site.front.folder / "respond.sock").unlink(missing_ok=True)
    found["away"] = site.visit("/s/away")
    assert 503 == found["away"][0]
    assert {} == short_of({name: visit for name, (_, visit) in found.items()})


def test_a_front_that_takes_headers_away_is_rated_lower(tmp_path):
    """Control: behind a front that hides the policy and says nothing of TLS the same page has a poor grade."""
    hidden = "proxy_hide_header Content-Security-Policy; proxy_hide_header X-Frame-Options; proxy_http_version 1.1;"
    changes = {
        "add_header Strict-Transport-Security $strict_transport_security always;\n\n": "",
        "proxy_http_version 1.1;": hidden,
    }
    with front(tmp_path, changes) as shipped:
        answer = shipped.answer("GET", "/")
        named = {header.lower(): value for header, value in answer.getheaders()}
    assert "F" == rated(Visit("https://survey.example/", named)).grade
