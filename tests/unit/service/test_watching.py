"""Alarms and status: said where the host's answers want it, refused with a reason, and no number in them."""

import json
import ssl
import subprocess
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from hosts.threaded_server import in_thread
from sqlalchemy import text

from survey.commands.main import main
from survey.document import today
from survey.operations.transaction import office_session
from survey.operations.watching import note_compaction
from survey.service.alarm import send_alarm
from survey.service.answers import HostAnswers
from survey.service.changes import HostError

ANSWERS = HostAnswers("survey.example", "desk.example", "/root/tls", "mailto:mei@ngo.example", "mei")


def test_a_mail_names_the_unit_and_what_to_do(tmp_path):
    """sendmail gets one mail to the address, with the unit, the host and the command that tells more."""
    sendmail = tmp_path / "sendmail"
    sendmail.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/with\ncat > {tmp_path}/mail\n', encoding="utf-8")
    sendmail.chmod(0o755)
    assert "mailto:mei@ngo.example" == send_alarm(ANSWERS, "sotto-compact.service", sendmail=sendmail)
    mail = (tmp_path / "mail").read_text(encoding="utf-8")
    assert "To: mei@ngo.example\n" in mail
    assert "Subject: sotto-compact.service has failed\n" in mail
    assert "sudo sotto doctor" in mail
    assert "-t -i\n" == (tmp_path / "with").read_text(encoding="utf-8")


def test_a_mail_that_is_not_taken_is_an_error(tmp_path):
    """Without sendmail, and where it refuses, the alarm itself fails, so that systemd shows it."""
    with pytest.raises(HostError, match="not installed"):
        send_alarm(ANSWERS, "x.service", sendmail=tmp_path / "none")
    refuses = tmp_path / "sendmail"
    refuses.write_text("#!/bin/sh\necho no such mailbox >&2; exit 67\n", encoding="utf-8")
    refuses.chmod(0o755)
    with pytest.raises(HostError, match="no such mailbox"):
        send_alarm(ANSWERS, "x.service", sendmail=refuses)


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        """Keep what comes; refuse at /refuse."""
        self.server.came.append(
            (self.headers["Content-Type"], json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        )
        self.send_response(500 if self.path == "/refuse" else 204)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


def test_an_address_gets_one_post(tmp_path):
    """The webhook gets host, unit and text as JSON by TLS that is checked; a refusal is an error."""
    files = ["-keyout", tmp_path / "key", "-out", tmp_path / "cert"]
    kind = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-noenc",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    subprocess.run(["openssl", "req", "-x509", *kind, "-addext", "subjectAltName=DNS:localhost", *files],
                   check=True, capture_output=True)  # fmt: skip
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.came = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    trusting = ssl.create_default_context(cafile=tmp_path / "cert")
    with in_thread(server):
        hook = replace(ANSWERS, alarm=f"https://localhost:{server.server_port}/hook")
        send_alarm(hook, "nginx.service", tls=trusting)
        with pytest.raises(HostError, match="answers 500"):
            send_alarm(replace(hook, alarm=hook.alarm.replace("/hook", "/refuse")), "nginx.service", tls=trusting)
        with pytest.raises(HostError, match="cannot be reached"):
            send_alarm(hook, "nginx.service")
    (kind, body), _ = server.came
    assert ("application/json", "survey.example", "nginx.service") == (kind, body["host"], body["unit"])


def test_no_alarm_is_said_to_be_none():
    """A host without an address for alarms says so in the journal."""
    assert "names no alarm" in send_alarm(replace(ANSWERS, alarm=""), "x.service")


def test_status_shows_waves_and_days_and_no_number(open_collection, tmp_path):
    """A script reads the state of each wave, when the jobs last succeeded, and no count of answers."""
    home = open_collection.settings.public.parent
    env = {"SOTTO_HOME": str(home)}
    shown = json.loads(CliRunner().invoke(main, ["status", "--json"], env=env).stdout)
    assert {"waves", "compacted", "backed_up", "compaction_missed", "units"} == {*shown}
    assert [("open", 1)] == [(wave["state"], wave["wave"]) for wave in shown["waves"]]
    assert {"study", "wave", "state", "fieldwork"} == {*shown["waves"][0]}
    assert shown["compacted"] is shown["backed_up"] is None
    assert shown["compaction_missed"] is False
    note_compaction(open_collection.settings)
    (home / "backed-up").touch()
    again = json.loads(CliRunner().invoke(main, ["status", "--json"], env=env).stdout)
    assert [today().isoformat()] * 2 == [again["compacted"], again["backed_up"]]
    with office_session(open_collection.settings) as session:
        session.connection().execute(text("UPDATE wave SET opened = '2026-01-01'"))
        session.connection().execute(text("UPDATE last_compaction SET day = '2026-01-05'"))
    told = CliRunner().invoke(main, ["status"], env=env).stdout
    assert "compacted: 2026-01-05" in told
    assert "a compaction was missed" in told
