"""The shipped compose.yaml: every service closed, with the account and volumes of its unit."""

import copy
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from paths import ROOT
from whole_host.compose_file import compose, faults

FOLDER = ROOT / "deploy" / "container"
COMPOSE = compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WRITES = {
    "database": {"database", "database-socket"},
    "roles": {"database-socket"},
    "respond": {"database-socket", "respond-socket", "respond-log"},
    "desk": {"database-socket", "desk-socket", "desk-log"},
    "issuer": {"database-socket", "issuer-socket", "issuer-log"},
    "web": set(),
    "operator": {"database-socket", "public", "owner", "issuer-keys", "work"},
}
READS = {"respond": {"public", "work"}, "issuer": {"public", "issuer-keys"}, "desk": set(),
         "web": {"respond-socket", "desk-socket", "issuer-socket"}, "database": set(), "roles": set(),
         "operator": set()}  # fmt: skip


def volumes(name: str, *, writable: bool) -> set[str]:
    """Return the volumes that a service may write, or may only read."""
    pairs = [volume.split(":") for volume in SERVICES[name].get("volumes", [])]
    return {source for source, _, *rights in pairs if (rights != ["ro"]) == writable}


def test_every_service_is_closed() -> None:
    """Not root, read-only, no capability or way to more rights, no network but the web's, no folder of the host."""
    assert [] == [*faults(COMPOSE)]
    assert {*WRITES, "migrations", "nightly", "staff"} == {*SERVICES}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("read_only", False),
        ("read_only", None),
        ("cap_drop", ["NET_RAW"]),
        ("cap_drop", None),
        ("cap_add", ["NET_BIND_SERVICE"]),
        ("privileged", True),
        ("security_opt", ["no-new-privileges:false"]),
        ("security_opt", ["no-new-privileges:true", "seccomp=unconfined"]),
        ("user", "root"),
        ("user", "0:0"),
        ("user", None),
        ("network_mode", "host"),
        ("network_mode", None),
        ("networks", ["default"]),
        ("ports", ["5432:5432"]),
        ("sysctls", {"kernel.core_pattern": "core"}),
        ("ulimits", {"core": -1}),
        ("pids_limit", None),
        ("pid", "host"),
        ("ipc", "host"),
        ("userns_mode", "host"),
        ("devices", ["/dev/sda"]),
        ("group_add", ["docker"]),
        ("volumes_from", ["database"]),
        ("env_file", "secrets.env"),
        ("volumes", ["/run/podman/podman.sock:/run/podman.sock"]),
        ("volumes", ["/:/host:ro"]),
        ("tmpfs", ["/etc"]),
        ("image", "docker.io/library/postgres"),
    ],
)
def test_a_service_that_is_opened_is_seen(key: str, value: object) -> None:
    """Control: each of these in any one service is a fault of that service and key, and of no other."""
    for name in SERVICES:
        opened = copy.deepcopy(COMPOSE)
        opened["services"][name] |= {key: value}
        if value is None:
            del opened["services"][name][key]
        assert [(name, key)] == [*faults(opened)]


def test_a_volume_that_is_a_folder_of_the_host_is_seen() -> None:
    """Control: a named volume with options, and a network for all, are faults."""
    opened = copy.deepcopy(COMPOSE)
    opened["volumes"]["public"] = {"driver_opts": {"type": "none", "o": "bind", "device": "/"}}
    opened["networks"] = {"default": {"driver": "host"}}
    assert [("compose.yaml", "networks"), ("volumes", "public")] == [*faults(opened)]


@pytest.mark.parametrize("name", WRITES)
def test_a_service_sees_its_own_volumes_alone(name: str) -> None:
    """What it writes and what it reads is what its unit has: no other process's socket, key or data."""
    assert WRITES[name] == volumes(name, writable=True)
    assert READS[name] == volumes(name, writable=False)


@pytest.mark.parametrize("name", ["respond", "desk", "issuer", "web"])
def test_no_log_of_who_came(name: str) -> None:
    """An engine's log would stamp each line with its second: what stands before respondents and staff has none."""
    assert {"driver": "none"} == SERVICES[name]["logging"]


@pytest.mark.parametrize("name", ["respond", "desk", "issuer"])
def test_an_application_runs_as_the_account_of_its_unit(name: str) -> None:
    """The account, the configuration and the module are those of the shipped unit."""
    unit = (ROOT / "deploy" / "systemd" / f"sotto-{name}.service").read_text(encoding="utf-8")
    script = (FOLDER / "application").read_text(encoding="utf-8")
    (started,) = re.findall(r"^ExecStart=(\S+ --config \S+) (survey\S+)$", unit, re.MULTILINE)
    assert f"User={SERVICES[name]['user']}\n" in unit
    script = script.replace('"/etc/sotto/$name.env"', "/dev/null").replace("exec ", "echo ")
    said = subprocess.check_output(["sh", "-c", script, "application", name], text=True)
    assert all(part in said for part in started)
    assert ["sh", "/opt/sotto/deploy/container/application", name] == SERVICES[name]["command"]


def test_secrets_come_as_files_to_who_needs_them() -> None:
    """Each lies in a file beside compose.yaml, none in the environment or the image, and one service reads it."""
    assert all(re.fullmatch(r"\./secrets/[a-z.-]+", secret["file"]) for secret in COMPOSE["secrets"].values())
    given = {
        name: {one if isinstance(one, str) else one["source"] for one in service.get("secrets", [])}
        for name, service in SERVICES.items()
    }
    assert {"desk_secret"} == given["desk"]
    assert {"fullchain", "privkey", "desk_fullchain", "desk_privkey"} == given["web"]
    assert {"backup_recipients"} == given["nightly"]
    assert {"desk", "web", "nightly"} == {name for name, secrets in given.items() if secrets}
    assert [{"SOTTO_SECRET_KEY_FILE": "/run/secrets/desk_secret"}] == [
        service["environment"] for service in SERVICES.values() if "environment" in service
    ]


def test_every_volume_and_file_that_is_named_is_there() -> None:
    """Declared volumes are those that services use, and the scripts that commands name are shipped."""
    named = {source for name in SERVICES for writable in (True, False) for source in volumes(name, writable=writable)}
    assert set(COMPOSE["volumes"]) == {source for source in named if not source.startswith("./")}
    scripts = re.findall(r"/opt/sotto/deploy/(container/\w+)", (FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    assert {"container/database", "container/application", "container/nightly"} == set(scripts)
    assert all((ROOT / "deploy" / script).is_file() for script in scripts)
    assert Path(FOLDER / "prepare").is_file()
