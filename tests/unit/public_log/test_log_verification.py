"""Anybody checks a published log and finds a receipt with `sotto`, from a copied folder or the host itself."""

import json
import shutil
from contextlib import contextmanager
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask import request
from hosts.applications import respond_app
from hosts.published_life import relog
from hosts.threaded_server import answering
from werkzeug.serving import make_server

from crypto.canonical import canonical, digest
from survey.commands.main import main
from survey.public_log.verification import LogCheckError, normal_receipt
from survey.publication.frontend_files import load_assets
from survey.respond_app import app


@pytest.fixture
def site(life, tmp_path):
    """A copy of the published folder, to spoil."""
    shutil.copytree(life[0].settings.public, tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def asked():
    return []


@contextmanager
def serving(settings, asked):
    """Serve a host's pages, noting the paths that are asked for."""
    flask = respond_app(settings)
    flask.before_request(lambda: asked.append(request.full_path.rstrip("?")))
    server = make_server("127.0.0.1", 0, flask, threaded=True)
    with answering(server, flask.extensions["sotto"].engine) as url:
        yield url


@pytest.fixture
def host(life, asked):
    """The host itself, and the paths that it was asked for."""
    with serving(life[0].settings, asked) as where:
        yield where


def run(*arguments: object):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.output


@pytest.mark.slow
def test_an_honest_log_holds_from_folder_and_host(life, site, host):
    """Both are verified with every older head, the noted key and the box; the control after an edit is not."""
    key = (site / "log/key").read_text().strip()
    box = life[0].settings.public.parent / "wave-1.box"
    for where in (site, host):
        code, output = run("log", "verify", where, "--since", site / "log/heads/3", "--key", key, "--box", box)
        assert (0, True) == (code, "The log holds: 20 entries" in output), output
    path = next((site / "plans").iterdir())
    path.write_bytes(path.read_bytes().replace(b"sotto-plan-2", b"sotto-plan-3"))
    code, output = run("log", "verify", site)
    assert (5, True) == (code, f"plans/{path.name} was changed" in output)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda log: (log / "entries.jsonl").write_bytes(b""), "the log shrank: its head counts 20 entries"),
        (
            lambda log: (log / "entries.jsonl").write_bytes((log / "entries.jsonl").read_bytes() + b"{}\n"),
            "1 lines more than its head counts",
        ),
        (lambda log: (log / "heads/4").write_bytes((log / "heads/3").read_bytes()), None),
        (lambda log: (log / "heads/4").unlink(), "log/heads/4 is missing"),
        (lambda log: (log / "heads/4").write_bytes(b"x"), "log/heads/4 is no head of this log"),
        (lambda log: (log / "checkpoint").write_bytes((log / "heads/4").read_bytes()), "16 lines more"),
        (lambda log: (log / "key").write_text("x"), "log/checkpoint or log/key does not hold"),
    ],
)
def test_a_spoilt_log_is_told_in_words(site, spoil, message):
    """What shrank, grew past its head, lost or changed a head is said; an older head twice is no lie."""
    spoil(site / "log")
    code, output = run("log", "verify", site)
    assert (5, True) == (code, message in output) if message else code == 0


def test_a_log_that_went_back_or_parted_is_told_by_the_head_that_somebody_kept(life, site, tmp_path):
    """A shorter log shrank, one with another past forked, and another log's head is none of this one's."""
    kept = tmp_path / "kept"
    shutil.copy(site / "log/checkpoint", kept)
    relog(life[0], site, lambda entries: entries[:-1])
    assert "the log shrank" in run("log", "verify", site, "--since", kept)[1]
    relog(life[0], site, lambda entries: [entries[0] | {"day": "2026-11-23"}, *entries[1:], entries[-1]])
    assert "the log forked" in run("log", "verify", site, "--since", kept)[1]
    kept.write_bytes(b"nothing")
    assert "is no head of this log" in run("log", "verify", site, "--since", kept)[1]


def test_a_box_that_was_not_logged_is_told(life, site):
    """The box of a wave that the log does not have, or whose receipts are others, is told to its custodians."""
    box = life[0].settings.public.parent / "wave-1.box"
    for changes, message in (({"receipts": "0" * 64}, "receipts are not those"), ({"hash": "0" * 64}, "no box like")):
        relog(life[0], site, lambda entries, one=changes: [e | one if e["kind"] == "box" else e for e in entries])
        assert message in run("log", "verify", site, "--box", box)[1]


def test_a_receipt_is_found_and_only_two_digits_are_asked_for(life, host, asked):
    """Sixteen digits with spaces or all 64 find the answer; the host is told one byte."""
    _, receipts = life
    short = " ".join(receipts[0][at : at + 4] for at in range(0, 16, 4)).upper()
    for typed in (short, receipts[0]):
        code, output = run("verify", "--envelope", typed, "--published", host)
        assert (0, True) == (code, "It is there: in the box of q26, wave 1, with 30 answers" in output), output
    lists = {path for path in asked if path.startswith("/receipts")}
    assert {f"/receipts/q26/{wave}/{receipts[0][:2]}.json" for wave in (1, 2)} == lists
    assert not any(receipts[0][:4] in path for path in asked)


def test_a_receipt_that_is_nowhere_is_told(site):
    """A receipt of no box ends with 5 and says what it may mean; `--json` says it for scripts."""
    code, output = run("verify", "--envelope", "0" * 16, "--published", site)
    assert (5, True) == (code, "It is in none of 2 boxes" in output)
    code, output = run("verify", "--envelope", "0" * 64, "--published", site, "--json")
    assert (5, False) == (code, json.loads(output)["found"])


def test_an_edited_list_is_told(life, site):
    """A list without the receipt, and one moved from elsewhere, are not those of the log."""
    _, receipts = life
    path = site / f"receipts/q26/1/{receipts[0][:2]}.json"
    whole = path.read_bytes()
    for content in (whole.replace(receipts[0].encode(), b""), (site / "receipts/q26/2/00.json").read_bytes(), b"{}"):
        path.write_bytes(content)
        code, output = run("verify", "--envelope", receipts[0], "--published", site)
        assert (3, True) == (code, "is not the list that the log names" in output)


@pytest.mark.parametrize("where", ["/nowhere/at/all", "http://127.0.0.1:9", "."])
def test_a_place_without_a_log_is_told(where):
    """A folder that is not there, a host that does not answer and a folder without a log are refused in words."""
    code, output = run("log", "verify", where)
    assert (3, True) == (
        code,
        any(message in output for message in ("is no folder", "cannot be reached", "has no log/key")),
    )


@pytest.mark.parametrize("typed", ["", "0a1b", "g" * 16, "0" * 65])
def test_what_is_no_receipt_is_refused(typed):
    """Too few, too many or other signs are no receipt."""
    with pytest.raises(LogCheckError, match="16 to 64 digits"):
        normal_receipt(typed)


def test_receipts_are_read_alike_here_and_on_the_phone():
    """The normal form is the one of receipt_lists.ts: spaces, hyphens, capitals and full-width signs do not matter."""
    assert {"0a1b2c3d4e5f6071"} == {
        normal_receipt(typed)
        for typed in ("0A1B 2C3D 4e5f 6071", " 0a1b-2c3d-4e5f-6071\n", "０ａ１ｂ2c3d4e5f6071", "0a1b2c3d‑4e5f6071")  # noqa: RUF001
    }


@pytest.mark.slow
def test_what_a_host_serves_is_what_it_logged(collection, monkeypatch):
    """While a wave is open every script is compared with the log's; a mended one that was not logged is told."""
    collection.open_wave()
    known = load_assets()
    name = known.scripts["main"]
    mended = replace(known, files={**known.files, name: replace(known.files[name], forms={"": b"other"})})
    for assets, code in ((known, 0), (mended, 5)):
        monkeypatch.setattr(app, "load_assets", lambda assets=assets: assets)
        with serving(collection.settings, []) as where:
            exit_code, output = run("log", "verify", where)
        assert (code, code == 5) == (exit_code, "is another file than the log says" in output), output
        assert (code == 5) == (f"/static/{name}, asked for as a phone does" in output)
    code, output = run("log", "verify", collection.settings.public)
    assert (0, True) == (code, "No page was compared: only an address" in output), "a copied folder serves nothing"


def test_an_open_wave_whose_pages_are_not_logged_is_told(collection, tmp_path):
    """A host that names no pages, or those of another front end or study, is told so from a copied folder too."""
    collection.open_wave()
    site = tmp_path / "copied"
    shutil.copytree(collection.settings.public, site)
    assert 0 == run("log", "verify", site)[0]
    (path,) = (site / "pages").iterdir()
    document = json.loads(path.read_bytes())
    fewer = {place: page for place, page in document["pages"].items() if not place.startswith("/k/")}
    for changes, message in (
        ({"frontend": "0" * 64}, "is of another study, wave or front end"),
        ({"wave": 2}, "is of another study, wave or front end"),
        ({"pages": fewer}, "the log leaves out the page /k/q26/sw.js"),
    ):
        content = canonical(document | changes)
        (site / f"pages/{digest(content)}.json").write_bytes(content)
        one = {"hash": digest(content)}
        relog(collection, site, lambda entries, one=one: [e | one if e["kind"] == "pages" else e for e in entries])
        code, output = run("log", "verify", site)
        assert (5, True) == (code, message in output), output
    relog(collection, site, lambda entries: [one for one in entries if one["kind"] != "pages"])
    assert "the log has no entry of kind pages" in run("log", "verify", site)[1]
