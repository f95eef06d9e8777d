"""Recordings and pictures are known by their first bytes alone, and served as nothing else."""

import hashlib

import pytest
from cheap.databases import migrated
from hosts.applications import respond_app

from survey.media_types import content_type
from survey.publication.media import publish_media

WAV = b"RIFF\x24\0\0\0WAVEfmt "
KINDS = {
    "audio/wav": WAV,
    "audio/mpeg": b"ID3\x04\0",
    "audio/ogg": b"OggS\0",
    "audio/mp4": b"\0\0\0\x20ftypM4A \0",
    "audio/aac": b"\xff\xf1\x50",
    "audio/flac": b"fLaC\0",
    "audio/webm": b"\x1aE\xdf\xa3",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "image/avif": b"\0\0\0\x20ftypavif",
}


@pytest.fixture
def client(settings):
    """Return who asks a respond app that has a published folder."""
    migrated(settings)
    return respond_app(settings).test_client()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_told_by_its_first_bytes(kind):
    """Each kind that phones play or show has its MIME type."""
    assert kind == content_type(KINDS[kind])


@pytest.mark.parametrize(
    "data", [b"", b"RIFF\x24\0\0\0AVI ", b"<svg xmlns=", b"<!doctype html>", b"GIF89a", b"%PDF-1.7"]
)
def test_everything_else_has_no_kind(data):
    """What could run script, or is no recording or picture, is nothing here."""
    assert content_type(data) is None


def test_a_file_is_served_by_its_hash_and_kept_by_nobody(settings, client):
    """The route gives the exact bytes with the type that they show, nothing to guess and nothing to keep."""
    publish_media(settings.public, {hashlib.sha256(WAV).hexdigest(): WAV})
    answer = client.get(f"/m/{hashlib.sha256(WAV).hexdigest()}")
    assert (200, "audio/wav", WAV) == (answer.status_code, answer.content_type, answer.data)
    assert ("no-store", "nosniff") == (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"])
    assert "autoplay=()" in answer.headers["Permissions-Policy"]


def test_nothing_but_recordings_and_pictures_is_served(settings, client):
    """Neither an unknown name, nor a way out of the folder, nor a page somebody put there is answered."""
    html = b"<!doctype html><script>alert(1)</script>"
    name = hashlib.sha256(html).hexdigest()
    publish_media(settings.public, {name: html})
    for path in (name, "0" * 64, "..%2fstudies%2fx.json", name.upper(), ""):
        assert 404 == client.get(f"/m/{path}").status_code


def test_the_blank_page_is_empty(client):
    """What stands in the history in the survey's place has no words and needs nothing."""
    answer = client.get("/blank")
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.content_type)
    assert "<!doctype html><title>\N{NO-BREAK SPACE}</title>" == answer.text
