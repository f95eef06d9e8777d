"""Forms of the desk's own pages alone: what another site's page sends with a good token is refused."""

import dataclasses

import pytest
from hosts.applications import desk_app
from hosts.collection import PASSWORD
from hosts.desk_client import token_in


@pytest.fixture
def app(collection):
    app = desk_app(collection.settings)
    yield app
    app.extensions["sotto"].engine.dispose()


OWN = "https://localhost"
PAGES_OF_OTHERS = {
    "another site": {"Origin": "https://evil.example"},
    "another site, with a referer of ours": {"Origin": "https://evil.example", "Referer": f"{OWN}/"},
    "a page without an origin": {"Origin": "null", "Referer": f"{OWN}/"},
    "our name without TLS": {"Origin": "http://localhost"},
    "our name without TLS, behind a proxy that says TLS": {"Origin": "http://localhost", "X-Forwarded-Proto": "https"},
    "a longer name": {"Origin": "https://localhost.evil.example"},
    "our name as a user's": {"Origin": "https://localhost@evil.example"},
    "no port": {"Origin": "https://localhost:x"},
    "an empty one": {"Origin": ""},
    "another referer": {"Referer": "https://evil.example/"},
    "nothing": {},
}


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_only_our_own_pages_send_forms(app, scheme):
    """
    With a good token and the cookie, a form of each other page is refused, over TLS and as it comes behind nginx.

    The control: the same form of our own page, by Referer alone and by both headers, signs in.
    """
    app.config["SESSION_COOKIE_SECURE"] = False  # so that the client has a cookie where nginx has taken TLS away
    base, referer = f"{scheme}://localhost", {"Referer": f"{OWN}/login"}
    for headers in (referer, referer | {"Origin": OWN}):
        client = app.test_client()
        form = {"name": "li", "password": PASSWORD, "csrf_token": token_in(client.get("/login", base_url=base))}
        for what, others in PAGES_OF_OTHERS.items():
            assert 400 == client.post("/login", base_url=base, data=form, headers=others).status_code, what
        assert 303 == client.post("/login", base_url=base, data=form, headers=headers).status_code


def test_an_onion_service_sends_forms_without_tls(collection):
    """Tor has its own encryption, and browsers name such a page by http; its name is none of ours under another."""
    onion = f"{'a' * 56}.onion"
    settings = dataclasses.replace(collection.settings, hosts=("localhost", onion))
    app = desk_app(settings)
    app.config["SESSION_COOKIE_SECURE"] = False
    for base, status in ((f"http://{onion}", 303), ("http://localhost", 400)):
        client = app.test_client()
        form = {"name": "li", "password": PASSWORD, "csrf_token": token_in(client.get("/login", base_url=base))}
        assert (
            status == client.post("/login", base_url=base, data=form, headers={"Origin": f"http://{onion}"}).status_code
        )
    app.extensions["sotto"].engine.dispose()
