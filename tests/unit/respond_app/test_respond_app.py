"""Handing in over HTTP: every answer of the contract, and nothing about the person anywhere."""

import gzip
import hashlib
import json
import logging
import re

import brotli
import pytest
from hosts.applications import respond_app
from hosts.collection import STUDY, made_body
from sqlalchemy import event

from crypto.envelope import Record, body
from survey.admission.respond_resources import RespondResources
from survey.answers_db import store_errors
from survey.database.engine import connect
from survey.operations import waves
from survey.publication.bundles import bundle_name
from survey.respond_app.page_assets import PAGES, PageAssets

URL = f"/s/{STUDY}"
OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def app(open_collection):
    app = respond_app(open_collection.settings)
    yield app
    app.extensions["sotto"].engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


def with_engine(host: RespondResources, engine) -> RespondResources:
    """The same host with another database."""
    return RespondResources(engine, host.published)


def post(client, data: bytes, **headers: str):
    return client.post(URL, data=data, headers=OCTETS | headers)


def test_a_body_is_stored_and_acknowledged_by_hash(client, open_collection, tmp_path):
    """201 with the hex SHA-256 of the envelope, the same the first time and again, and one record in the box."""
    sent = open_collection.body()
    answers = [post(client, sent) for _ in range(3)]
    assert {(201, hashlib.sha256(sent[353:]).hexdigest())} == {(a.status_code, a.text) for a in answers}
    assert 1 == len({str(sorted(a.headers)) for a in answers})
    assert 1 == open_collection.box(tmp_path / "box").count


def test_a_closed_study_says_so(client, open_collection):
    """After the close a new body gets 410, and one that had been stored is still acknowledged."""
    kept = open_collection.body()
    post(client, kept)
    waves.close_wave(open_collection.settings, STUDY)
    assert 410 == post(client, open_collection.body()).status_code
    assert 201 == post(client, kept).status_code


def test_a_late_retry_of_an_earlier_wave_is_answered(client, open_collection, tmp_path):
    """With a second wave open, a body of the first gets 201 where it had been stored and 410 where not."""
    kept, late = open_collection.body(), open_collection.body()
    post(client, kept)
    waves.close_wave(open_collection.settings, STUDY)
    open_collection.open_wave(2)
    assert (201, hashlib.sha256(kept[353:]).hexdigest()) == ((again := post(client, kept)).status_code, again.text)
    assert 410 == post(client, late).status_code
    assert 201 == post(client, open_collection.body(2)).status_code
    assert [1, 1] == [open_collection.box(tmp_path / f"box-{wave}", wave).count for wave in (1, 2)]


def test_what_is_no_body_of_this_wave_is_refused(client, open_collection, tmp_path):
    """Truncated anywhere, extended, of another version, wave, study or mode: 400, and nothing is stored."""
    sent = open_collection.body()
    other = made_body(open_collection.manifest())
    token = body(Record(b"1" * 32, b"2" * 32, b"3" * 32, b"4" * 256, sent[353:]))
    mixed = sent[:1] + b"9" + sent[2:]
    version, suite = b"\x01" + sent[1:], sent[:353] + b"\x01\x02" + sent[355:]
    wrong = [b"", sent[:-1], sent + b"\x00", sent[1:], version, suite, other, token, mixed]
    wrong += [sent[:size] for size in range(0, len(sent), 97)]
    assert {400} == {post(client, data).status_code for data in wrong}
    assert 0 == open_collection.box(tmp_path / "box").count


def test_too_large_is_too_large(client):
    """A body larger than any study's gets 413, with or without a length in front."""
    large = b"\x01" * 70_000
    assert 413 == post(client, large).status_code
    chunked = {"input_stream": __import__("io").BytesIO(large), "environ_overrides": {"wsgi.input_terminated": True}}
    assert 413 == client.post(URL, headers=OCTETS, **chunked).status_code


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""])
def test_a_form_of_another_site_is_refused(client, open_collection, kind):
    """Only application/octet-stream, which no form can send, is read; anything else gets 415."""
    assert 415 == client.post(URL, data=open_collection.body(), headers={"Content-Type": kind}).status_code


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("none", 403), ("same-origin", 201)]
)
def test_another_origin_is_refused(client, open_collection, site, status):
    """Where the browser says from where the request comes, only our own page may hand in."""
    assert status == post(client, open_collection.body(), **{"Sec-Fetch-Site": site}).status_code


def test_compressed_bodies_are_refused(client, open_collection):
    """A Content-Encoding gets 415: nothing is ever unpacked."""
    assert 415 == post(client, open_collection.body(), **{"Content-Encoding": "gzip"}).status_code


@pytest.mark.parametrize("study", ["nope", "..%2f..%2fetc", "%00", "a" * 300, "Sesame-Credit"])
def test_an_unknown_study_is_not_found(client, study):
    """Any name that is not a study's gets 404 on every route."""
    assert {404} == {
        client.get(f"/s/{study}").status_code,
        client.post(f"/s/{study}", data=b"x", headers=OCTETS).status_code,
        client.get(f"/r/{study}").status_code,
        client.get(f"/b/{study}/00.json").status_code,
    }


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(client, method):
    """Anything but GET, HEAD and POST gets 405."""
    assert 405 == client.open(URL, method=method).status_code


def test_a_study_before_its_first_wave_is_not_found(collection):
    """Without a wave there is no page and nothing to hand in to."""
    client = respond_app(collection.settings).test_client()
    assert {404} == {client.get(URL).status_code, post(client, b"x").status_code}


def test_a_full_disk_is_said(app, client, open_collection):
    """507 tells the phone that nothing was stored; with room again, the same body gets 201."""
    small = connect(open_collection.settings.answers_url, guard=None, begin=None)
    limit = {"pages": 12}
    event.listen(small, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {limit['pages']}"))
    app.extensions["sotto"] = with_engine(app.extensions["sotto"], small)
    statuses = []
    while 507 not in statuses and len(statuses) < 300:
        last = open_collection.body()
        statuses.append(post(client, last).status_code)
    assert {201, 507} == set(statuses)
    small.dispose()
    limit["pages"] = 500
    assert 201 == post(client, last).status_code
    small.dispose()


def test_a_database_that_is_away_is_said(app, client, open_collection):
    """503 tells the phone that nothing was stored just now."""
    away = connect("postgresql+psycopg://nobody@127.0.0.1:1/none", begin=None)
    app.extensions["sotto"] = with_engine(app.extensions["sotto"], away)
    answer = post(client, open_collection.body())
    assert 503 == answer.status_code


def test_no_cookie_anywhere(client, open_collection):
    """The whole way of a respondent and of a reader sets no cookie and never varies by one."""
    pin = open_collection.manifests[1].pin
    paths = [URL, f"/b/{pin}/00.json", "/static/pages.css", f"/r/{STUDY}", "/healthz", "/nowhere"]
    answers = [client.get(path, headers={"Cookie": "sotto=1"}) for path in paths]
    answers.append(post(client, open_collection.body()))
    assert [] == [value for answer in answers for value in answer.headers.getlist("Set-Cookie")]
    assert not any("Cookie" in answer.headers.get("Vary", "") for answer in answers)


def test_the_log_holds_no_word_of_a_request(app, client, open_collection, caplog, capfd):
    """Failures log a type and a route's template: no path, body, header or address, whatever goes wrong."""
    canary = "CANARY-7731"
    headers = {"User-Agent": canary, "Referer": canary, "X-Forwarded-For": canary, "Cookie": canary}
    away = connect("postgresql+psycopg://nobody@127.0.0.1:1/none", begin=None)
    broken = open_collection.settings.public / "studies" / "canary-7731.json"
    broken.write_text(canary, encoding="utf-8")
    with caplog.at_level(logging.DEBUG):
        post(client, canary.encode(), **headers)
        client.get(f"/s/canary-7731?x={canary}", headers=headers)
        client.get(f"/{canary}", headers=headers)
        app.extensions["sotto"] = with_engine(app.extensions["sotto"], away)
        post(client, open_collection.body(), **headers)
    log_text = caplog.text + "".join(capfd.readouterr())
    assert "PublishedError at /s/<study>" in log_text
    assert "StoreUnavailableError at /s/<study>" in log_text
    assert not re.search(r"canary-7731|127\.0\.0\.1", log_text, re.IGNORECASE)


def test_the_page_is_the_same_for_everyone(client):
    """Two very different browsers get the same bytes, and the page's only style is the one in its policy."""
    first = client.get(URL)
    second = client.get(URL, headers={"User-Agent": "x", "Accept-Language": "zh-TW", "Referer": "y"})
    assert 200 == first.status_code
    assert first.data == second.data
    style = re.search(r"<style>(.*?)</style>", first.text, re.DOTALL).group(1)
    fingerprint = __import__("base64").b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{fingerprint}'" in first.headers["Content-Security-Policy"]
    assert "unsafe" not in first.headers["Content-Security-Policy"]
    assert brotli.decompress(client.get(URL, headers={"Accept-Encoding": "br"}).data) == first.data


def test_the_scripts_of_the_page_are_served(client):
    """Both scripts that the page names come as JavaScript, compressed for who takes it, the same bytes."""
    names = re.findall(r'src="(/static/[^"]+)"', client.get(URL).text)
    assert 2 == len(names)
    for name in names:
        plain = client.get(name)
        assert "text/javascript; charset=utf-8" == plain.headers["Content-Type"]
        small = client.get(name, headers={"Accept-Encoding": "gzip, br"})
        assert "br" == small.headers["Content-Encoding"]
        assert brotli.decompress(small.data) == plain.data
        assert gzip.decompress(client.get(name, headers={"Accept-Encoding": "gzip"}).data) == plain.data


@pytest.mark.parametrize("name", ["..%2fapp.py", "%2e%2e/app.py", "bundle.json", "nothing.js", ".env"])
def test_nothing_else_is_served(client, name):
    """Only known asset names are files."""
    assert 404 == client.get(f"/static/{name}").status_code


def test_the_pinned_documents_are_what_the_link_says(client, open_collection):
    """The bundle of each locale holds the exact bytes whose hashes the manifest and the pin give, and then spaces."""
    manifest = open_collection.manifests[1]
    for place, locale in enumerate(open_collection.documents[0].locales):
        path = f"/b/{manifest.pin}/{bundle_name(place)}.json"
        answer = client.get(path)
        parts = json.loads(answer.data)
        assert manifest.to_bytes().decode() == parts["manifest"]
        assert manifest.questionnaire == hashlib.sha256(parts["questionnaire"].encode()).hexdigest()
        assert manifest.texts[locale] == hashlib.sha256(parts["texts"].encode()).hexdigest()
        small = client.get(path, headers={"Accept-Encoding": "br"})
        assert answer.data.rstrip(b" ") == brotli.decompress(small.data)


def test_a_closed_study_has_a_page_that_says_so(client, open_collection):
    """The page of a closed study says in every language that it has ended, and loads no script; before, it does."""
    assert b"<script" in client.get(f"/s/{STUDY}").data
    waves.close_wave(open_collection.settings, STUDY)
    text = client.get(f"/s/{STUDY}").text
    assert "<script" not in text
    assert all(sentence in text for sentence in ("This survey has ended", "这次问答已经结束", "這次問答已經結束"))
    assert f'href="/r/{STUDY}?lang=zh-Hans"' in text


def test_a_closed_wave_takes_its_documents_away(client, open_collection):
    """After the close an old link finds no documents, so that no phone seals answers nobody will count."""
    pin = open_collection.manifests[1].pin
    waves.close_wave(open_collection.settings, STUDY)
    assert 404 == client.get(f"/b/{pin}/00.json").status_code


def test_every_store_error_has_an_answer():
    """No error of the store reaches a phone as a 500."""
    from survey.admission.respond_resources import REFUSALS

    assert set(store_errors.StoreError.__subclasses__()) == set(REFUSALS)


def test_compressed_pages_are_kept_once_and_not_for_ever(app, monkeypatch):
    """A page is compressed once for all visitors, and a process that has seen many pages keeps a fixed number."""
    compressed, compress = [], brotli.compress

    def counted(page):
        compressed.append(page)
        return compress(page)

    monkeypatch.setattr(brotli, "compress", counted)
    host = PageAssets(app.extensions["pages"].files)
    assert brotli.decompress(host.compressed(b"page")) == b"page"
    assert host.compressed(b"page") is host.compressed(b"page")
    assert [b"page"] == compressed
    for number in range(PAGES):
        host.compressed(b"%d" % number)
    host.compressed(b"page")
    assert [b"page", b"page"] == [compressed[0], compressed[-1]]


def test_all_parts_of_the_app_share_one_published_folder(app):
    """A file that was read for one page is not read again for another."""
    published = app.extensions["published"]
    assert published is app.extensions["sotto"].published is app.extensions["work"].published
