"""A staff member's client of the desk, and a clock that tests move."""

import base64
import re

from crypto.one_time_codes import code_at
from hosts.collection import PASSWORD

HTTPS = "https://localhost"
FOR_STRANGERS = {
    "entry.sign_in",
    "entry.sign_out",
    "entry.first",
    "passkeys.sign_in",
    "passkeys.first",
    "desk.static",
    "health",
    "ready",
}
"""The endpoints that are open to whoever is not signed in."""


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_800_000_000

    def __call__(self) -> int:
        return self.now


def get(client, path: str, **headers: str):
    return client.get(path, base_url=HTTPS, headers=headers)


def token_in(page) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text).group(1)


def post(client, path: str, data: dict[str, str], referer: str | None = f"{HTTPS}/login"):
    return client.post(path, base_url=HTTPS, data=data, headers={"Referer": referer} if referer else {})


def sign_in(client, name: str = "li", password: str = PASSWORD, code: str = ""):
    token = token_in(get(client, "/login"))
    return post(client, "/login", {"csrf_token": token, "name": name, "password": password, "code": code})


def shown_secret(page) -> bytes:
    """Return the secret that a page shows for an authenticator app."""
    return base64.b32decode(re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)[1].replace(" ", ""))


def first_sign_in(client, token: str, now: int, password: str = PASSWORD):
    """Sign in by a link; return the secret that was shown and the answer, which has the recovery codes."""
    page = get(client, f"/welcome/{token}")
    secret = shown_secret(page)
    form = {"csrf_token": token_in(page), "password": password, "again": password, "code": code_at(secret, now)}
    return secret, post(client, f"/welcome/{token}", form)
