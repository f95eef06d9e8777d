"""Checks of accounts, folders, files and sockets: what is installed is what is shipped, and nobody else may read it."""

import grp
import pwd
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from survey.service.changes import LinesBefore, WriteFile
from survey.service.doctor.check import Check, NotHereError
from survey.service.doctor.host_view import CannotLookError, HostView, grouped
from survey.service.installation import ONION_SITE, shipped, shipped_files, with_names
from survey.service.places import (
    DATA,
    NGINX,
    PROCESSES,
    PROGRAM,
    SETTINGS,
    SHIPPED,
    SOCKETS,
    STAFF_ACCOUNT,
    TLS,
    UNITS,
    WRAPPER,
)  # fmt: skip

AGAIN = "sudo sotto install"
ACCOUNTS = (STAFF_ACCOUNT, *(f"sotto-{name}" for name in PROCESSES))
FILES = {
    **{SETTINGS / f"{name}.env": (0o600, "root", "root") for name in PROCESSES},
    SETTINGS / "owner.env": (0o640, "root", STAFF_ACCOUNT),
    SETTINGS / "desk.secret": (0o600, "root", "root"),
    TLS / "privkey.pem": (0o640, "root", "www-data"),
    TLS / "desk-privkey.pem": (0o640, "root", "www-data"),
    DATA / "owner" / "log.key": (0o600, STAFF_ACCOUNT, STAFF_ACCOUNT),
}
"""Files with secrets: their rights, owner and group."""


def file_checks() -> Iterator[Check]:
    """Yield the checks of this module."""
    yield from (_account(name) for name in ACCOUNTS)
    yield from (
        _folder(line.split()) for line in shipped("tmpfiles.d/sotto.conf").splitlines() if line.startswith("d ")
    )
    yield from (_secret(path, rights) for path, rights in FILES.items())
    yield from (_socket(name) for name in PROCESSES)
    yield Check("units", "other units have other rights, or start nothing", AGAIN, _units)
    yield Check("web-site", "the front's promises stand in these files", f"{AGAIN}; see `nginx -T`", _web_site)
    yield Check("settings-names", "a process answers to these names alone", AGAIN, _names)
    yield Check("peer-lines", "PostgreSQL takes the first line that fits", AGAIN, _peer_lines)
    yield Check("log-rotation", "logs would fill the disk and be kept for ever", AGAIN, _log_rotation)
    yield Check("program", "units start what stands there", AGAIN, _program)
    yield Check(
        "no-keys-in-public",
        "everything there is read by strangers",
        "move the file away, and make another key",
        _public,
    )
    yield Check(
        "issuer-keys", "the issuer reads them as its group, nobody else may; without them slips are worth nothing",
        f"chown {STAFF_ACCOUNT}:sotto-issuer {DATA}/issuer/*.pem; chmod 640 {DATA}/issuer/*.pem", _issuer_keys,
    )  # fmt: skip
    yield Check(
        "logs-of-processes", "a line with an address or a path tells who came",
        "look at the line, delete the file, tell the makers", _logs,
    )  # fmt: skip


def _account(name: str) -> Check:
    def look(_host: HostView) -> str | None:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            return f"there is no account {name}"
        if not account.pw_shell.endswith(("nologin", "false")):
            return f"somebody may log in as {name} ({account.pw_shell})"
        others = [group.gr_name for group in grp.getgrall() if name in group.gr_mem]
        return f"{name} is in other groups: {', '.join(others)}" if others else None

    return Check(f"account {name}", "each process has an account of its own, as which nobody logs in",
                 f"systemd-sysusers; usermod -s /usr/sbin/nologin -G '' {name}", look)  # fmt: skip


def _folder(words: list[str]) -> Check:
    path, mode, owner, group = Path(words[1]), int(words[2], 8), words[3], words[4]
    look = partial(_rights, path=path, rights=(mode, owner, group))
    mend = "systemd-tmpfiles --create /etc/tmpfiles.d/sotto.conf"
    return Check(f"folder {path}", "another account could read or change what lies there", mend, look)


def _secret(path: Path, rights: tuple[int, str, str]) -> Check:
    mode, owner, group = rights
    mend = f"chown {owner}:{group} {path}; chmod {mode:o} {path}"
    return Check(f"file {path}", "who else reads it has what is for one account alone", mend,
                 partial(_rights, path=path, rights=rights))  # fmt: skip


def _rights(_host: HostView, *, path: Path, rights: tuple[int, str, str]) -> str | None:
    if not path.exists():
        return f"{path} is not there"
    have = (stat.S_IMODE(path.stat().st_mode), path.owner(), path.group())
    return None if have == rights else f"{path} is {_shown(have)} and should be {_shown(rights)}"


def _shown(rights: tuple[int, str, str]) -> str:
    return f"{rights[0]:04o} {rights[1]}:{rights[2]}"


def _socket(name: str) -> Check:
    path = SOCKETS / f"{name}.sock"

    def look(host: HostView) -> str | None:
        if wrong := _rights(host, path=path, rights=(0o660, "root", "www-data")):
            return wrong
        return None if path.is_socket() else f"{path} is no socket"

    return Check(f"socket {path}", "the web server must open it, and no other account may",
                 f"systemctl restart sotto-{name}.socket sotto-{name}.service", look)  # fmt: skip


def _units(_host: HostView) -> str | None:
    wanted = [WriteFile(UNITS / path, shipped(f"systemd/{path}")) for path in shipped_files("systemd")]
    return grouped([f"{one.path} is not as shipped" for one in wanted if not one.done()])


def _web_site(host: HostView) -> str | None:
    site = WriteFile(NGINX / "conf.d" / "sotto.conf", with_names(shipped("nginx/sotto.conf"), host.answers))
    parts = (
        WriteFile(NGINX / "sotto" / path.name, path.read_text("utf-8")) for path in (SHIPPED / "nginx").glob("*.inc")
    )
    onion = WriteFile(ONION_SITE, with_names(shipped("nginx/onion.conf"), host.answers)) if host.answers.onion else site
    return grouped([f"{one.path} is not as shipped" for one in (site, *parts, onion) if not one.done()])


def _names(host: HostView) -> str | None:
    answers = host.answers
    respondents, staff = {answers.host, answers.onion} - {""}, {answers.desk_host, answers.desk_onion} - {""}
    wanted = {"respond": respondents, "issuer": respondents, "owner": respondents, "desk": staff}
    lacking = {
        name: names - {*host.environment(name).get("SOTTO_HOSTS", "").split(",")} for name, names in wanted.items()
    }
    return grouped(
        [
            f"SOTTO_HOSTS in {SETTINGS}/{name}.env lacks {', '.join(sorted(names))}"
            for name, names in lacking.items()
            if names
        ]
    )


def _peer_lines(host: HostView) -> str | None:
    files = ("pg_hba.conf", "pg_ident.conf")
    wrong = [name for name in files if not LinesBefore(host.cluster / name, shipped(f"postgres/{name}")).done()]
    return grouped([f"the lines of Sotto do not stand first in {host.cluster / name}" for name in wrong])


def _log_rotation(_host: HostView) -> str | None:
    path = Path("/etc/logrotate.d/sotto")
    return None if WriteFile(path, shipped("logrotate.d/sotto")).done() else f"{path} is not as shipped"


def _program(_host: HostView) -> str | None:
    link, wrapper = PROGRAM / "deploy", WriteFile(WRAPPER, shipped("bin/sotto"), 0o755)
    wrong = [] if link.is_symlink() and link.readlink() == SHIPPED else [f"{link} does not lead to {SHIPPED}"]
    return grouped([*wrong, *([] if wrapper.done() else [f"{WRAPPER} is not as shipped"])])


def _public(_host: HostView) -> str | None:
    found = [path for path in (DATA / "public").rglob("*") if path.suffix in {".key", ".pem", ".sqlite", ".env"}]
    return grouped([f"{path} lies in the published folder" for path in found])


def _issuer_keys(_host: HostView) -> str | None:
    keys = [*(DATA / "issuer").glob("*.pem")]
    if not keys:
        raise NotHereError("there is no wave with invitations")
    rights = (0o640, STAFF_ACCOUNT, "sotto-issuer")
    return grouped([wrong for path in keys if (wrong := _rights(_host, path=path, rights=rights))])


def _logs(_host: HostView) -> str | None:
    telling = ("GET /", "POST /", "HTTP/1.", "Mozilla/")
    found = []
    for path in Path("/var/log/sotto").glob("*.log"):
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path} holds requests" for _ in [0] if any(word in text for word in telling)]
    if not Path("/var/log/sotto").is_dir():
        raise CannotLookError("/var/log/sotto is not there")
    return grouped(found)
