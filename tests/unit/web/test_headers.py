"""Every answer of both apps carries the same strict headers once, errors included."""

import re

import pytest
from hosts.applications import desk_app, respond_app
from hosts.collection import PASSWORD, STUDY

from survey.web.headers import DENY_ALL

# Written out here, and not taken from the code: one that is taken out there must be missed.
ALWAYS = {
    "Cache-Control": {"no-store"},
    "Content-Security-Policy": None,
    "Cross-Origin-Embedder-Policy": {"require-corp"},
    "Cross-Origin-Opener-Policy": {"same-origin"},
    "Cross-Origin-Resource-Policy": {"same-origin"},
    "Referrer-Policy": {"no-referrer", "same-origin"},
    "X-Content-Type-Options": {"nosniff"},
    "X-Frame-Options": {"DENY"},
}
"""Each header that every answer carries once, with the values that it may have, where they are few."""
FEATURES = {"accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb"}


@pytest.fixture
def apps(released_collection):
    collection, name = released_collection
    (collection.settings.public / "studies" / "broken.json").write_text("{", encoding="utf-8")
    return respond_app(collection.settings), desk_app(collection.settings), name


def respondent_answers(app, name):
    client = app.test_client()
    paths = ["/healthz", f"/s/{STUDY}", f"/r/{STUDY}", f"/r/{STUDY}/{name}/release.json", f"/r/{STUDY}/{name}/T02.csv"]
    paths += ["/static/pages.css", "/nowhere", "/s/broken", f"/r/{STUDY}/{'0' * 64}/release.json"]
    yield from ((200 if path in paths[:6] else None, client.get(path)) for path in paths)
    yield 405, client.put("/healthz")
    yield 413, client.post(f"/s/{STUDY}", data=b"x" * 80_000, headers={"Content-Type": "application/octet-stream"})
    yield 415, client.post(f"/s/{STUDY}", data=b"x")
    yield 400, client.get("/healthz", headers={"Host": "evil.example"})
    yield 400, client.get("/healthz", headers={"Host": "a b"})
    yield 500, client.get("/s/broken")
    yield 404, client.get("/%2e%2e/%2e%2e/etc/passwd")


def staff_answers(app, name):
    client = app.test_client()
    client.get("/login", base_url="https://localhost")
    yield 200, client.get("/login")
    yield 303, client.get("/")
    yield 400, client.post("/login", data={"name": "li", "password": PASSWORD})
    yield 404, client.get("/nowhere")
    yield 400, client.get("/login", headers={"Host": "evil.example"})
    yield 303, client.get(f"/releases/{name}")
    yield 405, client.delete("/login")


def once(answer, name, values) -> bool:
    """Say whether an answer has a header once, with one of its values."""
    found = answer.headers.getlist(name)
    return 1 == len(found) and (not values or found[0] in values)


FILES = {"text/javascript", "application/json", "application/octet-stream"}


def permits_rightly(answer) -> bool:
    """Say whether an answer that a browser makes a document of denies every feature, and any other says nothing."""
    found = answer.headers.getlist("Permissions-Policy")
    if answer.mimetype in FILES:
        return found == []
    return 1 == len(found) and set(found[0].replace("=()", "").split(", ")) >= FEATURES


def checked(answers) -> list[object]:
    wrong = []
    for status, answer in answers:
        if status not in {None, answer.status_code}:
            wrong.append((answer.request.path, status, answer.status_code))
        wrong += [(answer.request.path, n) for n, values in ALWAYS.items() if not once(answer, n, values)]
        wrong += [] if permits_rightly(answer) else [(answer.request.path, "Permissions-Policy")]
        wrong += [
            (answer.request.path, n) for n in ("Server", "ETag", "Last-Modified", "X-Powered-By") if n in answer.headers
        ]
    return wrong


@pytest.mark.slow
def test_every_answer_carries_every_header_once(apps):
    """Pages, files, refusals and failures alike, in both apps."""
    respond, desk, name = apps
    assert [] == checked(respondent_answers(respond, name))
    assert [] == checked(staff_answers(desk, name))


def test_no_answer_allows_what_it_does_not_need(apps):
    """No policy has unsafe anything, everything starts from none, nobody frames us, and nothing is kept."""
    respond, desk, name = apps
    for _, answer in (*respondent_answers(respond, name), *staff_answers(desk, name)):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; base-uri 'none'; form-action ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "no-store" == answer.headers["Cache-Control"]


def test_no_page_runs_what_is_written_into_it(apps):
    """Pages name no script but files of ours and no style but such files or one hash, and let no text become script."""
    respond, desk, name = apps
    answers = [answer for _, answer in (*respondent_answers(respond, name), *staff_answers(desk, name))]
    pages = [answer for answer in answers if (200, "text/html") == (answer.status_code, answer.mimetype)]
    assert {f"/s/{STUDY}", f"/r/{STUDY}", "/login"} <= {answer.request.path for answer in pages}
    for answer in pages:
        policy = dict(part.partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy.get("script-src", "'self'") == "'self'"
        assert re.fullmatch(r"'self'|'sha256-[\w+/]{43}='", policy["style-src"])
        assert ("'script'", "'none'") == (policy.get("require-trusted-types-for"), policy.get("trusted-types"))
        assert not re.search(r"<script(?![^>]*\ssrc=)|<[^>]*\son\w+=", answer.text)
        denied = set(answer.headers["Permissions-Policy"].replace("=()", "").split(", "))
        assert FEATURES <= denied


def test_a_failure_says_nothing_of_itself(apps):
    """A 500 is one plain line under the strictest policy, or a page that is the same for each: no trace, no path."""
    client = apps[0].test_client()
    line, page = client.get("/k/broken/sw.js"), client.get("/s/broken")
    assert (500, "500 Internal Server Error\n") == (line.status_code, line.text)
    assert DENY_ALL == line.headers["Content-Security-Policy"]
    assert (500, page.data) == (page.status_code, client.get("/w/broken").data)
    assert not re.search(r"broken|Error|published|studies", page.text)


def test_referrers_stay_home(apps):
    """Respondents' browsers send no referrer; staff pages send one only to themselves, which their forms need."""
    assert "no-referrer" == apps[0].test_client().get("/healthz").headers["Referrer-Policy"]
    assert "same-origin" == apps[1].test_client().get("/healthz").headers["Referrer-Policy"]
