"""The drill: a host with an open wave is lost, and another one goes on from last night's copy, on PostgreSQL."""

import base64
import json

import pytest
from hosts.collection import STUDY
from whole_host.fieldwork import boxed, handed_in, opened
from whole_host.installed_host import InstalledHost, installed_host

pytestmark = pytest.mark.long  # tests/unit/service/test_backup.py restores a host without accounts and web server
COPY, KEY = "/var/lib/sotto/owner/copy.age", "/var/lib/sotto/owner/backup.key"


def lost(settings) -> tuple[str, str, object]:
    """Let a host take two answers, copy itself, take a third, and be lost; return the copy, its key and the study."""
    with installed_host() as host:
        study = opened(host, settings)
        assert ["201", "201"] == [handed_in(host, study), handed_in(host, study)]
        host.compact()
        assert "201" == handed_in(host, study)
        assert 0o600 == int(host.shell("stat -c %a /var/lib/sotto/backup/*.age"), 8)
        return host.shell("base64 -w0 /var/lib/sotto/backup/*.age"), str(host.identity), study


def brought(host: InstalledHost, copy: str, key: str) -> None:
    """Bring the copy and its key to another host."""
    host.shell(f"base64 -d > {COPY}; chown sotto-owner {COPY}", given=copy)
    host.shell(f"cat > {KEY}; chown sotto-owner {KEY}", given=f"{key}\n")


def test_another_host_goes_on_from_the_copy(settings):
    """Documented commands alone: answers, accounts, grants and log are back, what is lost is told, hand-ins go on."""
    copy, key, study = lost(settings)
    assert base64.b64decode(copy).startswith(b"age-encryption.org/v1")
    with installed_host() as host:
        brought(host, copy, key)
        told = json.loads(host.run("sotto", "restore", COPY, "--identity", KEY, "--json").stdout)
        assert [f"{STUDY}/1"] == told["open"]
        assert any("withdraw again" in line for line in told["lost"])
        assert "201" == handed_in(host, study)
        host.compact()
        found = host.doctor()
        assert set() == {name for name, state in found.items() if state in {"wrong", "unknown"}}
        assert 3 == boxed(host)
        host.run("sotto", "log", "verify", "/var/lib/sotto/public")
