"""A staff member's client of the desk, and a clock that tests move."""

import re

from hosts.collection import PASSWORD

HTTPS = "https://localhost"


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


def sign_in(client, name: str = "li", password: str = PASSWORD):
    token = token_in(get(client, "/login"))
    return post(client, "/login", {"csrf_token": token, "name": name, "password": password})
