"""The scoring of the HTTP Observatory, as its documentation has it: each fault costs what it says."""

from dataclasses import replace

import pytest
from front.observatory import Visit, rated

from survey.web.headers import COMMON_HEADERS

GOOD = Visit(
    "https://survey.example/",
    {
        **{name.lower(): value for name, value in COMMON_HEADERS.items()},
        "content-security-policy": "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
        "strict-transport-security": "max-age=63072000",
        "referrer-policy": "no-referrer",
        "content-type": "text/html; charset=utf-8",
    },
    by_http="https://survey.example/",
)
COOKIE = "__Host-sotto=1; Secure; HttpOnly; Path=/; SameSite=Strict"
BARE = Visit(
    "https://survey.example/",
    {"content-type": "text/html", "access-control-allow-origin": "https://evil.example",
     "access-control-allow-credentials": "true"},
    ("session=1",),
    '<script src="http://other.example/a.js"></script>',
)  # fmt: skip
"""A page as a framework serves it that nobody told anything, with what others may load."""


def with_header(name: str, value: str | None) -> Visit:
    """Return the good page with one header in place of its own, or without it."""
    left = {other: text for other, text in GOOD.headers.items() if other != name}
    return replace(GOOD, headers=left if value is None else left | {name: value})


def policy(text: str) -> Visit:
    return with_header("content-security-policy", f"frame-ancestors 'none'; {text}")


FAULTS = {
    "no policy": (with_header("content-security-policy", None), 75),
    "a directive twice": (policy("default-src 'none'; default-src 'self'"), 75),
    "scripts in the page": (policy("default-src 'none'; script-src 'unsafe-inline'"), 80),
    "no source of scripts": (policy("img-src 'self'"), 80),
    "scripts by http": (policy("default-src 'none'; script-src http://a.example"), 80),
    "eval": (policy("default-src 'none'; script-src 'self' 'unsafe-eval'"), 100),
    "pictures by http": (policy("default-src 'none'; img-src http://a.example"), 100),
    "styles in the page": (policy("default-src 'none'; style-src 'unsafe-inline'"), 110),
    "from the own site": (policy("default-src 'self'"), 115),
    "no hsts": (with_header("strict-transport-security", None), 80),
    "a day of hsts": (with_header("strict-transport-security", "max-age=86400"), 110),
    "hsts that is none": (with_header("strict-transport-security", "forever"), 80),
    "no referrer policy": (with_header("referrer-policy", None), 115),
    "the whole address to others": (with_header("referrer-policy", "unsafe-url"), 110),
    "files of guessed kinds": (with_header("x-content-type-options", None), 115),
    "for everybody's pages": (with_header("cross-origin-resource-policy", "cross-origin"), 80),
    "in everybody's frames": (
        replace(with_header("content-security-policy", "default-src 'none'"),
                headers={name: text for name, text in with_header("content-security-policy", "default-src 'none'")
                         .headers.items() if name != "x-frame-options"}), 80),
    "no way from http": (replace(GOOD, by_http=""), 80),
    "to http": (replace(GOOD, by_http="http://survey.example/a"), 80),
    "to another host": (replace(GOOD, by_http="https://www.survey.example/"), 115),
    "a cookie without Secure": (replace(GOOD, cookies=(COOKIE.replace("Secure; ", ""),)), 110),
    "a cookie for scripts": (replace(GOOD, cookies=(COOKIE.replace("HttpOnly; ", ""),)), 70),
    "a cookie for other sites": (replace(GOOD, cookies=(COOKIE.replace("Strict", "None"),)), 80),
    "one bad cookie of two": (replace(GOOD, cookies=(COOKIE, COOKIE.replace("HttpOnly; ", ""))), 70),
    "a script of others": (replace(GOOD, body='<script src="https://a.example/a.js"></script>'), 115),
    "a script by http": (replace(GOOD, body='<script src="http://a.example/a.js"></script>'), 50),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_what_the_documentation_says(name):
    """Of the 120 points of a good page one fault takes its modifier, and with it the bonuses below 90 points."""
    visit, score = FAULTS[name]
    assert 120 == rated(GOOD).score
    assert score == rated(visit).score


def test_a_bare_page_fails():
    """Control: a page that was told nothing scores F."""
    assert ("F", 0) == (rated(BARE).grade, rated(BARE).score)


def test_bonuses_are_for_what_is_more_than_was_asked():
    """Cookies of one site and scripts by their hash add to a good page."""
    page = '<script src="/static/a.js" integrity="sha256-aaaa"></script>'
    assert 130 == rated(replace(GOOD, cookies=(COOKIE,), body=page)).score
