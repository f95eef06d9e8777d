"""
The HTTP Observatory's scoring of a page: its tests with their modifiers, and the grade.

Written after its documentation (developer.mozilla.org/en-US/observatory/docs/tests_and_scoring, repository mdn/yari,
copy/observatory/tests_and_scoring.md, read 2026-11-30). Where that leaves room, what costs more is taken: every cookie
is one of a session, and Strict-Transport-Security is never known to be preloaded.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

HALF_A_YEAR = 15_768_000
BONUSES_FROM = 90
"""Bonuses count only for a page that has this score without them."""
GRADES = {
    100: "A+", 90: "A", 85: "A-", 80: "B+", 70: "B", 65: "B-", 60: "C+", 50: "C", 45: "C-", 40: "D+", 30: "D", 25: "D-",
    0: "F",
}  # fmt: skip
BROAD = frozenset({"*", "http:", "https:", "ftp:"})
PRIVATE = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})
UNSAFE = frozenset({"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"})
PASSIVE = frozenset({"img-src", "media-src"})


@dataclass(frozen=True)
class Visit:
    """An answer over https with its headers by their names in lower case, and how http leads to it."""

    url: str
    headers: Mapping[str, str]
    cookies: tuple[str, ...] = ()
    body: str = ""
    by_http: str | None = ""
    """Where http leads; "" where it answers and leads nowhere, None where it does not answer."""


@dataclass(frozen=True)
class Rating:
    """What each test found, as (result, modifier) by its name."""

    results: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def score(self) -> int:
        """The score: 100 less the penalties, with the bonuses where that is enough; 0 at the least."""
        modifiers = [modifier for _, modifier in self.results.values()]
        without = 100 + sum(one for one in modifiers if one < 0)
        return max(0, without + sum(one for one in modifiers if one > 0) * (without >= BONUSES_FROM))

    @property
    def grade(self) -> str:
        """The grade of the score."""
        return next(grade for least, grade in GRADES.items() if self.score >= least)


Result = tuple[str, int]


def rated(visit: Visit) -> Rating:
    """Return what every test finds."""
    return Rating({name: test(visit) for name, test in TESTS.items()})


def directives(policy: str) -> dict[str, set[str]] | None:
    """Return a policy's directives, None for one that cannot be read: empty, or with a directive twice."""
    parts = [part.split() for part in policy.split(";") if part.strip()]
    found = {name.lower(): {*values} for name, *values in parts}
    return found if found and len(found) == len(parts) else None


def content_security_policy(visit: Visit) -> Result:
    """Judge what may be loaded and run."""
    header = visit.headers.get("content-security-policy")
    if header is None:
        return "csp-not-implemented", -25
    policy = directives(header)
    if policy is None:
        return "csp-header-invalid", -25
    return next(_csp_faults(policy), None) or (
        ("csp-implemented-with-no-unsafe-default-src-none", 10)
        if policy.get("default-src") == {"'none'"}
        else ("csp-implemented-with-no-unsafe", 5)
    )


def _csp_faults(policy: dict[str, set[str]]) -> Iterator[Result]:
    otherwise = policy.get("default-src", {"*"})
    script, style, objects = (policy.get(name, otherwise) for name in ("script-src", "style-src", "object-src"))
    named = any(re.match("'(nonce|sha(256|384|512))-", source) for source in script)
    if script & {*BROAD, "data:"} or ("'unsafe-inline'" in script and not named) or objects & BROAD:
        yield "csp-implemented-with-unsafe-inline", -20
    insecure = {name for name, sources in policy.items() if any(one.startswith(("http:", "ftp:")) for one in sources)}
    if insecure - PASSIVE:
        yield "csp-implemented-with-insecure-scheme", -20
    if "'unsafe-eval'" in script | style:
        yield "csp-implemented-with-unsafe-eval", -10
    if insecure:
        yield "csp-implemented-with-insecure-scheme-in-passive-content-only", -10
    if style & {*BROAD, "'unsafe-inline'", "data:"}:
        yield "csp-implemented-with-unsafe-inline-in-style-src-only", 0


def cookies(visit: Visit) -> Result:
    """Judge every cookie; the worst counts."""
    if not visit.cookies:
        return "cookies-not-found", 0
    held = strict_transport_security(visit)[1] == 0
    return min((_cookie(one, protected=held) for one in visit.cookies), key=lambda result: result[1])


def _cookie(text: str, *, protected: bool) -> Result:
    parts = dict(part.strip().partition("=")[::2] for part in text.lower().split(";")[1:])
    name, same = text.partition("=")[0].lower(), parts.get("samesite")
    if "secure" not in parts:
        how = "cookies-session-without-secure-flag"
        return (f"{how}-but-protected-by-hsts", -10) if protected else (how, -40)
    if "httponly" not in parts:
        return "cookies-session-without-httponly-flag", -30
    if same is not None and same not in {"strict", "lax"}:
        return "cookies-samesite-flag-invalid", -20
    if same is None:
        return ("cookies-anticsrf-without-samesite-flag", -20) if "csrf" in name else (
            "cookies-secure-with-httponly-sessions", 0)  # fmt: skip
    return "cookies-secure-with-httponly-sessions-and-samesite", 5


def cross_origin_resource_sharing(visit: Visit) -> Result:
    """Judge whether other sites may read the page."""
    allowed = visit.headers.get("access-control-allow-origin")
    if allowed is None:
        return "cross-origin-resource-sharing-not-implemented", 0
    if visit.headers.get("access-control-allow-credentials") == "true":
        return "cross-origin-resource-sharing-implemented-with-universal-access", -50
    access = "public" if allowed == "*" else "restricted"
    return f"cross-origin-resource-sharing-implemented-with-{access}-access", 0


def strict_transport_security(visit: Visit) -> Result:
    """Judge for how long browsers come by TLS alone."""
    header = visit.headers.get("strict-transport-security")
    if header is None:
        return "hsts-not-implemented", -20
    age = re.fullmatch(r"max-age=(\d+)(;.*)?", header.strip(), re.IGNORECASE)
    if age is None:
        return "hsts-header-invalid", -20
    if int(age[1]) < HALF_A_YEAR:
        return "hsts-implemented-max-age-less-than-six-months", -10
    return "hsts-implemented-max-age-at-least-six-months", 0


def redirection(visit: Visit) -> Result:
    """Judge where http leads."""
    if visit.by_http is None:
        return "redirection-not-needed-no-http", 0
    if not visit.by_http:
        return "redirection-missing", -20
    to, own = urlsplit(visit.by_http), urlsplit(visit.url).hostname
    if to.scheme != "https":
        return "redirection-not-to-https", -20
    return ("redirection-to-https", 0) if to.hostname == own else ("redirection-off-host-from-http", -5)


def referrer_policy(visit: Visit) -> Result:
    """Judge what other sites learn of where a visitor comes from."""
    header = visit.headers.get("referrer-policy")
    if header is None:
        return "referrer-policy-not-implemented", 0
    last = header.split(",")[-1].strip().lower()
    if last in PRIVATE:
        return "referrer-policy-private", 5
    return ("referrer-policy-unsafe", -5) if last in UNSAFE else ("referrer-policy-header-invalid", -5)


class _Scripts(HTMLParser):
    """The source and the integrity of each script of a page that has a source."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "script" and named.get("src"):
            self.found.append((str(named["src"]), bool(named.get("integrity"))))


def subresource_integrity(visit: Visit) -> Result:
    """Judge whether scripts are those that were meant; the worst counts."""
    if not visit.headers.get("content-type", "").startswith("text/html"):
        return "sri-not-implemented-response-not-html", 0
    scripts = _Scripts()
    scripts.feed(visit.body)
    if not scripts.found:
        return "sri-not-implemented-but-no-scripts-loaded", 0
    return min((_script(visit, *one) for one in scripts.found), key=lambda result: result[1])


def _script(visit: Visit, source: str, integrity: bool) -> Result:
    to = urlsplit(source)
    external = bool(to.hostname) and to.hostname != urlsplit(visit.url).hostname
    if to.scheme == "http":
        how = "sri-implemented-but" if integrity else "sri-not-implemented-and"
        return f"{how}-external-scripts-not-loaded-securely", -20 if integrity else -50
    if integrity:
        return f"sri-implemented-and-{'external' if external else 'all'}-scripts-loaded-securely", 5
    if external:
        return "sri-not-implemented-but-external-scripts-loaded-securely", -5
    return "sri-not-implemented-but-all-scripts-loaded-from-secure-origin", 0


def x_content_type_options(visit: Visit) -> Result:
    """Judge whether a browser may guess what a file is."""
    header = visit.headers.get("x-content-type-options")
    if header is None:
        return "x-content-type-options-not-implemented", -5
    fine = header.strip().lower() == "nosniff"
    return ("x-content-type-options-nosniff", 0) if fine else ("x-content-type-options-header-invalid", -5)


def x_frame_options(visit: Visit) -> Result:
    """Judge who may show the page in a frame."""
    policy = directives(visit.headers.get("content-security-policy", "")) or {}
    if "frame-ancestors" in policy and not policy["frame-ancestors"] & BROAD:
        return "x-frame-options-implemented-via-csp", 5
    header = visit.headers.get("x-frame-options")
    if header is None:
        return "x-frame-options-not-implemented", -20
    if header.strip().upper().startswith("ALLOW-FROM "):
        return "x-frame-options-allow-from-origin", 0
    fine = header.strip().upper() in {"SAMEORIGIN", "DENY"}
    return ("x-frame-options-sameorigin-or-deny", 0) if fine else ("x-frame-options-header-invalid", -20)


def cross_origin_resource_policy(visit: Visit) -> Result:
    """Judge who may load the page into theirs."""
    header = visit.headers.get("cross-origin-resource-policy")
    if header is None:
        return "corp-not-implemented", 5
    value = header.strip().lower()
    if value not in {"same-origin", "same-site", "cross-origin"}:
        return "corp-header-invalid", -20
    return f"corp-implemented-with-{value}", -20 if value == "cross-origin" else 0


TESTS: dict[str, Callable[[Visit], Result]] = {
    test.__name__: test
    for test in (
        content_security_policy, cookies, cross_origin_resource_sharing, strict_transport_security, redirection,
        referrer_policy, subresource_integrity, x_content_type_options, x_frame_options, cross_origin_resource_policy,
    )
}  # fmt: skip
