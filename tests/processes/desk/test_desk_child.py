"""The desk under gunicorn with the shipped configuration: its bolt is closed, and its child reads a workbook."""

import http.client
import io
import re

from hosts.collection import PASSWORD
from hosts.gunicorn_server import DESK, PATIENCE, environ, running
from studies.forms import CHOICES, survey, xlsx
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

FORM = {
    "survey": survey({"type": "image", "name": "photo", "label": "Photo"}, {"type": "note", "name": "n", "label": "N"}),
    "choices": [row[:3] for row in CHOICES],
}


class Visitor:
    """A browser's cookies and forms, over plain http on this machine."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, {}

    def asks(self, path: str, **fields: object) -> tuple[int, str]:
        """Return what an address answers, to a form where fields are given."""
        origin = f"http://127.0.0.1:{self.port}"
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields:
            body, _, boundary = stream_encode_multipart(fields, use_tempfile=False)
            headers |= {"Content-Type": f"multipart/form-data; boundary={boundary}", "Referer": f"{origin}{path}"}
            headers["Origin"] = origin
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("POST" if fields else "GET", path, body.read() if body else None, headers)
        answer = connection.getresponse()
        for name, value in re.findall(r"([\w-]+)=([^;]*)", answer.headers.get("Set-Cookie", ""))[:1]:
            self.cookies[name] = value
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def sends(self, path: str, **fields: object) -> tuple[int, str]:
        """Send a form with the token of its page."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.asks(path)[1])[1]
        return self.asks(path, csrf_token=token, **fields)


def test_a_child_reads_a_workbook_under_the_shipped_configuration(collection, tmp_path):
    """What the desk's process may not even import its child does; the page names the row, and no folder is left."""
    more = {"SOTTO_SECRET_KEY": "s" * 40, "SOTTO_INSECURE_COOKIES": "1", "SOTTO_HOSTS": "127.0.0.1"}
    with running(DESK, environ(collection.settings, tmp_path, **more), tmp_path) as server:
        visitor = Visitor(server.port)
        assert 303 == visitor.sends("/login", name="li", password=PASSWORD, code="")[0]
        file = FileStorage(io.BytesIO(xlsx(FORM)), filename="form.xlsx")
        status, page = visitor.sends("/new-study", file=file)
        assert (200, True) == (status, "survey!2 photo" in page)
        assert [] == [*tmp_path.glob("sotto-file-*")]
