"""The shipped compose.yaml as its readers see it, and what in a compose file would open a service further than that."""

from collections.abc import Iterator
from typing import Any

import yaml
from paths import ROOT

# Decision 141.
COMPOSE = ROOT / "deploy" / "container" / "compose.yaml"
CLOSED: dict[str, Any] = {
    "image": "localhost/sotto",
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "ulimits": {"core": 0},
}
"""What each service says word for word."""
KNOWN = {
    *CLOSED, "user", "command", "network_mode", "restart", "pids_limit", "logging", "depends_on", "build", "shm_size",
    "tmpfs", "volumes", "healthcheck", "environment", "secrets", "ports", "stop_signal", "stop_grace_period",
    "sysctls", "profiles",
}  # fmt: skip
"""What a service may say at all: whatever else there is, such as cap_add, devices, pid or group_add, is a fault."""
HOST_FOLDERS = {"./files"}
"""The only folder of the host that a container sees."""


def compose() -> dict[str, Any]:
    """Return the shipped file, its merged keys put in."""
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return document


def faults(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each service that is not closed, with the key that opens it; also volumes that are more than a name."""
    yield from (
        ("compose.yaml", key) for key in document if key not in {"services", "volumes", "secrets"} and key[:2] != "x-"
    )
    yield from (("volumes", name) for name, options in document["volumes"].items() if options)
    for name, service in document["services"].items():
        for key in sorted({*service} - KNOWN):
            yield name, key
        for key, value in CLOSED.items():
            if service.get(key) != value:
                yield name, key
        for key in _open_values(name, service, {*document["volumes"]}):
            yield name, key


def _open_values(name: str, service: dict[str, Any], named: set[str]) -> Iterator[str]:
    web = name == "web"
    right = {
        "user": str(service.get("user", "root")).partition(":")[0] not in {"root", "0"},
        "network_mode": service.get("network_mode") == ("bridge" if web else "none"),
        "ports": service.get("ports", []) == (["80:80", "443:443"] if web else []),
        "sysctls": service.get("sysctls", {}) == ({"net.ipv4.ip_unprivileged_port_start": 0} if web else {}),
        "pids_limit": 0 < service.get("pids_limit", 0) <= 128,
        "volumes": {volume.split(":")[0] for volume in service.get("volumes", [])} <= named | HOST_FOLDERS,
        "tmpfs": {place.partition(":")[0] for place in service.get("tmpfs", [])} <= {"/tmp", "/var/lib/nginx"},
    }
    yield from (key for key, true in right.items() if not true)
