"""The issuer as a process: bolted away from answers, behind the phone's own origin, and quiet."""

import subprocess
import sys

import pytest
from hosts.gunicorn_server import CONFIGURATION, DESK, RESPOND
from hosts.invited import STUDY, message
from paths import ROOT

from crypto.invitation_codes import code_hash
from survey.http_client import HttpResponse
from survey.serving.servers import Server, free_port, with_issuer
from survey.serving.servers import running as running_places

ISSUER = "survey.issuer_app.app:issuer_app_from_environ()"


def post(place: Server, path: str, body: bytes) -> HttpResponse:
    """Return the answer to a body that the study's own page sends."""
    return place.client().post(f"{place.url}{path}", body, {"Sec-Fetch-Site": "same-origin"})


def test_a_phone_reaches_page_and_issuer_under_one_origin(invited, tmp_path):
    """In development `/t/` and `/s/` answer at one address, from two processes; no log line names a code."""
    codes, log = invited.codes(), tmp_path / "log"
    respond, issuer = with_issuer(Server("respond", "127.0.0.1", free_port()), free_port())
    home = {"SOTTO_HOME": str(invited.settings.public.parent)}
    with running_places([respond, issuer], home, log):
        code = b"\x02" + codes[0].encode()
        issued = post(respond, f"/t/{STUDY}", code + message(1))
        alone, door = post(issuer, f"/t/{STUDY}", code + message(1)), post(issuer, f"/s/{STUDY}", b"x")
        page = post(respond, f"/s/{STUDY}", b"x")
    assert (200, 256) == (issued.status, len(issued.content))
    assert (200, issued.content) == (alone.status, alone.content)
    assert (404, 400) == (door.status, page.status)
    assert not [header for header in issued.headers if header.lower() == "set-cookie"]
    assert not any(text in log.read_text() for text in (codes[0], codes[0][:6], code_hash(codes[0]).hex(), "/t/q26"))


# Which applications may import it under the shipped configuration.
MAY = {
    "survey.answers_db.insert_only": {RESPOND},
    "survey.answers_db.owner_access": set(),
    "survey.respond_app.hand_in": {RESPOND},
    "survey.office_db.tables": {DESK},
    "survey.office_db.owner_access": set(),
    "survey.office_db.desk_access": {DESK},
    "survey.office_db.people.sign_in": {DESK},
    "survey.office_db.invitations": {ISSUER},
    "survey.issuer_app.views": {ISSUER},
    "crypto.issuing": {ISSUER},
    "survey.operations.boxes": set(),
    "alembic": set(),
}


@pytest.mark.parametrize("factory", [ISSUER, RESPOND, DESK], ids=["issuer", "respond", "desk"])
def test_the_bolt_keeps_codes_answers_and_staff_apart(factory):
    """Under the configuration each application imports its own half and no other's; without it, every one of them."""
    configured = f"import runpy, sys; sys.argv.append({factory!r}); runpy.run_path({str(CONFIGURATION)!r})"
    assert {module for module, apps in MAY.items() if factory in apps} == imported(configured)
    assert {*MAY} == imported("")


def imported(before: str) -> set[str]:
    """Return which of the modules a fresh interpreter can import after it ran `before`."""
    code = f"""
{before}
for module in {[*MAY]}:
    try:
        __import__(module)
        print(module)
    except ModuleNotFoundError:
        pass
"""
    return set(subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).split())
