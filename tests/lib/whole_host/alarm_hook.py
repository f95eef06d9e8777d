"""What takes a booted host's alarms: a webhook on its own loopback, and a sendmail that hands each mail to it."""

import json
import time
from collections.abc import Mapping

from whole_host.entered_host import EnteredHost

CAME = "/srv/alarms"
WEBHOOK, MAIL = "https://survey.example:8443/webhook", "mailto:mei@ngo.example"
HOOK = f"""
import http.server, json, ssl
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open("{CAME}", "a", encoding="utf-8") as file:
            print(json.dumps([self.path, body]), file=file)
        self.send_response(204)
        self.end_headers()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8443), Hook)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/root/tls/fullchain.pem", "/root/tls/privkey.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
SENDMAIL = """#!/bin/sh
exec curl -sf --data-binary @- https://survey.example:8443/mail
"""
SECONDS = 300


def start_hook(host: EnteredHost) -> None:
    """Start the webhook, a unit of its own that does not outlive a reboot, and put sendmail where Debian has it."""
    host.shell(f"touch {CAME}; cat > /srv/hook.py", given=HOOK)
    host.shell("cat > /usr/sbin/sendmail; chmod 755 /usr/sbin/sendmail", given=SENDMAIL)
    host.run("systemd-run", "--quiet", "--unit=hook", "python3", "/srv/hook.py")


def told(host: EnteredHost) -> Mapping[str, str]:
    """Return the units that were told as failed, each with the way that it came, the last one's."""
    lines = [json.loads(line) for line in host.shell(f"cat {CAME}").splitlines()]
    return dict(_read(path, body) for path, body in lines)


def _read(path: str, body: str) -> tuple[str, str]:
    if path == "/webhook":
        return json.loads(body)["unit"], path
    subject = next(line for line in body.splitlines() if line.startswith("Subject: "))
    assert "To: mei@ngo.example" in body
    return subject.removeprefix("Subject: ").removesuffix(" has failed"), path


def assert_told(host: EnteredHost, unit: str, alarm: str) -> None:
    """Wait until an alarm of a unit came by the way of `alarm`; forget it."""
    deadline = time.monotonic() + SECONDS
    while unit not in told(host):
        assert time.monotonic() < deadline, (unit, told(host), host.shell("systemctl --failed; journalctl -n 40"))
        time.sleep(0.5)
    assert told(host)[unit] == ("/webhook" if alarm == WEBHOOK else "/mail")
    host.shell(f"sed -i '\\|{unit}|d' {CAME}")
