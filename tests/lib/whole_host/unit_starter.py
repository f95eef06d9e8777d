"""Starts the shipped units in a host without systemd: sockets with owners, processes with accounts and settings."""

import grp
import os
import pwd
import socket
import subprocess
from pathlib import Path

UNITS = Path("/etc/systemd/system")
LOG = Path("/run/starter.log")


def keys(name: str) -> dict[str, list[str]]:
    """Return what a unit says, each key with all its values; an empty one takes back those before it."""
    found: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key] = [*found.get(key, []), value] if value else []
    return found


def listening(name: str) -> socket.socket:
    """Make a unit's socket with its owner and rights."""
    unit = keys(name)
    (path,) = unit["ListenStream"]
    Path(path).unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX)
    made.bind(path)
    os.chown(path, pwd.getpwnam(unit["SocketUser"][0]).pw_uid, grp.getgrnam(unit["SocketGroup"][0]).gr_gid)
    Path(path).chmod(int(unit["SocketMode"][0], 8))
    made.listen(int(unit["Backlog"][0]))
    return made


def settings(unit: dict[str, list[str]], credentials: Path) -> dict[str, str]:
    """Return the environment of a service; its credentials lie in a folder that its account reads."""
    account = pwd.getpwnam(unit["User"][0])
    env = {"PATH": "/usr/bin:/bin", "HOME": account.pw_dir, "USER": account.pw_name, "LOGNAME": account.pw_name}
    for file in unit["EnvironmentFile"]:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        env |= dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    credentials.mkdir(parents=True, exist_ok=True)
    for credential in unit.get("LoadCredential", []):
        name, _, source = credential.partition(":")
        (credentials / name).write_bytes(Path(source).read_bytes())
        os.chown(credentials / name, account.pw_uid, account.pw_gid)
        (credentials / name).chmod(0o400)
    for variable in unit.get("Environment", []):
        name, _, value = variable.partition("=")
        env[name] = value.replace("%d", str(credentials))
    return env


def start(name: str) -> None:
    """Start a process with its socket, as its account."""
    unit, made = keys(f"sotto-{name}.service"), listening(f"sotto-{name}.socket")
    account = pwd.getpwnam(unit["User"][0])
    env = settings(unit, Path("/run/credentials") / name)
    (log,) = unit["StandardOutput"]
    if os.fork():
        return
    os.setsid()
    output = os.open(log.removeprefix("append:"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    for number in (1, 2):
        os.dup2(output, number)
    os.dup2(made.fileno(), 3)
    os.set_inheritable(3, True)
    os.umask(int(unit["UMask"][0], 8))
    os.setgroups([account.pw_gid])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.chdir("/")
    (command,) = unit["ExecStart"]
    arguments = command.split()
    os.execve(arguments[0], arguments, env | {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())})


def start_nginx() -> None:
    """Start Debian's nginx as the shipped lines of its unit have it."""
    unit = keys("nginx.service.d/sotto.conf")
    capability = unit["AmbientCapabilities"][0].removeprefix("CAP_").lower()
    rights = [f"--ambient-caps=+{capability}", f"--inh-caps=+{capability}", f"--bounding-set=-all,+{capability}"]
    account = ["--reuid", unit["User"][0], "--regid", unit["Group"][0], "--init-groups"]
    (command,) = unit["ExecStart"]
    with LOG.open("a", encoding="utf-8") as log:
        subprocess.Popen(
            ["setpriv", *account, *rights, "--no-new-privs", "sh", "-c", f"exec {command}"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip


if __name__ == "__main__":
    for one in ("respond", "desk", "issuer"):
        start(one)
    start_nginx()
