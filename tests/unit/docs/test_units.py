"""The shipped units, accounts, folders and settings: known to systemd, closed, and naming one another rightly."""

import configparser
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from paths import ROOT

from survey.desk_app.settings import DeskSettings
from survey.issuer_app.settings import IssuerSettings
from survey.respond_app.settings import RespondSettings
from survey.service.places import APPLICATIONS as PROCESS_MODULES
from survey.serving.servers import FACTORIES
from survey.settings import Settings

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("sotto-*"))
APPLICATIONS = ("respond", "desk", "issuer")
NGINX = Path("/lib/systemd/system/nginx.service")


def unit(name: str) -> dict[str, list[str]]:
    """Return the keys of a unit, each with all its values."""
    pairs = [line.partition("=") for line in (DEPLOY / "systemd" / name).read_text("utf-8").splitlines()]
    found: dict[str, list[str]] = {}
    for key, equals, value in pairs:
        if equals and not key.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def lines(file: str) -> Iterator[list[str]]:
    """Yield the words of each line of a configuration that is no comment."""
    for line in (DEPLOY / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split()


def environment(name: str) -> dict[str, str]:
    """Return a file of settings as systemd reads it."""
    return dict("".join(words).split("=", 1) for words in lines(f"env/{name}.env"))


def verified(folder: Path) -> str:
    """Return what systemd says of all units in a folder, whose programs are stood in for."""
    for path in folder.iterdir():
        path.write_text(path.read_text("utf-8").replace("/opt/sotto/bin/", "/bin/echo /opt/sotto/bin/"), "utf-8")
    units = sorted(path for path in folder.iterdir() if path.is_file())
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    return done.stderr + done.stdout


def test_systemd_knows_every_key_and_every_name(tmp_path):
    """`systemd-analyze verify` says nothing at all of the shipped units (it ends well with an unknown key too)."""
    for path in UNITS:
        shutil.copy(path, tmp_path)
    assert not verified(tmp_path)


def test_the_control_a_misspelt_key_is_told(tmp_path):
    """With one letter less in one unit the same check speaks."""
    for path in UNITS:
        shutil.copy(path, tmp_path)
    one = tmp_path / "sotto-respond.service"
    one.write_text(one.read_text("utf-8").replace("ProtectSystem=", "ProtectSystm="), "utf-8")
    assert "ProtectSystm" in verified(tmp_path)


def exposure(path: Path) -> float:
    """Return how exposed a service is by systemd's own count, 0 to 10."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", path],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


JOBS = {"sotto-alarm@.service": 1.5, "sotto-check.service": 5.0}
"""What a service may be exposed that must reach a network, or look at everything as root; all others at most 0.5."""


@pytest.mark.parametrize("name", [path.name for path in UNITS if path.suffix == ".service"])
def test_a_service_is_hardly_exposed(name):
    """Applications, compaction and backup at most 0.5 of 10; who says alarms 1.5, and who looks at everything 5."""
    assert exposure(DEPLOY / "systemd" / name) <= JOBS.get(name, 0.5)


def test_every_failure_is_told():
    """Each service and socket, nginx and PostgreSQL too, starts the alarm when it fails; the alarm itself does not."""
    ours = [path.name for path in UNITS if path.suffix in {".service", ".socket"} and "alarm" not in path.name]
    assert len(ours) >= 10
    beside = sorted(path for path in (DEPLOY / "systemd").iterdir() if path.is_dir())
    assert ["nginx.service.d", "postgresql@.service.d"] == [path.name for path in beside]
    for name in (*ours, *(f"{path.name}/sotto.conf" for path in beside)):
        assert ["sotto-alarm@%n.service"] == unit(name)["OnFailure"], name
    assert "OnFailure" not in unit("sotto-alarm@.service")


def test_a_job_that_is_stopped_has_failed_where_its_work_is_then_missing():
    """Whoever stops a look or metrics gets no alarm; a compaction or a copy that was cut off is missing until told."""
    stopped = {path.name for path in UNITS if unit(path.name).get("SuccessExitStatus") == ["SIGTERM"]}
    assert {"sotto-check.service", "sotto-metrics.service"} == stopped
    assert ["sotto-backup.service"] == unit("sotto-compact.service")["OnSuccess"]


DEFAULT_START_SECONDS = 90
"""systemd-system.conf(5), DefaultTimeoutStartSec."""


RESTARTED = (*(f"sotto-{name}.service" for name in (*APPLICATIONS, "operator")), "nginx.service.d/sotto.conf")


@pytest.mark.parametrize("name", RESTARTED)
def test_what_never_starts_has_failed_in_the_end(name):
    """
    Starts in vain reach their limit, however long each takes: a service that is restarted for ever never fails.

    systemd.unit(5): a service with Restart= enters the failed state, which is the alarm, when that limit is reached.
    """
    said = unit(name)
    (interval,) = re.fullmatch(r"(\d+)min", said["StartLimitIntervalSec"][0]).groups()
    one = DEFAULT_START_SECONDS + int(said["RestartSec"][0])
    assert int(said["StartLimitBurst"][0]) * one < int(interval) * 60
    assert ["on-failure"] == said["Restart"]


def calls_of(group: str) -> set[str]:
    """Return the calls and groups of a group of system calls, as this systemd has it."""
    command = ["systemd-analyze", "syscall-filter", "--no-pager", group]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_the_desk_may_start_its_child_and_the_child_gains_nothing():
    """
    The unit's calls have those that start a program and set its limits, and nothing of it was opened for that.

    A child is in the unit of its parent: no network but the sockets of the file system, no new privilege, a folder
    for temporary files of its own.
    """
    said = unit("sotto-desk.service")
    assert {"clone", "wait4", "kill"} <= calls_of("@process")
    assert "execve" in calls_of("@default"), "which every list of allowed calls has"
    assert "@process" in calls_of("@system-service")
    assert ["@system-service", "~@privileged @resources", "setrlimit prlimit64"] == said["SystemCallFilter"]
    closed = ("NoNewPrivileges", "PrivateTmp", "PrivateNetwork", "PrivateUsers", "MemoryDenyWriteExecute")
    assert {name: ["yes"] for name in closed} == {name: said[name] for name in closed}
    assert ["AF_UNIX"] == said["RestrictAddressFamilies"]
    assert [""] == said["CapabilityBoundingSet"]


def test_nginx_with_our_lines_is_little_exposed(tmp_path):
    """At most 1.5 of 10 for Debian's unit with the shipped lines; without them it is far more."""
    shutil.copy(NGINX, tmp_path)
    bare = exposure(tmp_path / NGINX.name)
    shutil.copytree(DEPLOY / "systemd" / "nginx.service.d", tmp_path / "nginx.service.d")
    assert bare > 8
    assert exposure(tmp_path / NGINX.name) <= 1.5


def accounts() -> set[str]:
    return {words[1] for words in lines("sysusers.d/sotto.conf")}


def test_unit_container_doctor_and_program_start_one_module(tmp_path):
    """The doctor looks for, and a container starts, the very applications that the program serves."""
    script = (ROOT / "deploy" / "container" / "application").read_text(encoding="utf-8")
    script = script.replace('"/etc/sotto/$name.env"', "/dev/null").replace("exec /opt/sotto/bin/gunicorn", "echo")
    for name, module in PROCESS_MODULES.items():
        told = subprocess.check_output(["sh", "-c", script, "application", name], text=True)
        assert FACTORIES[name] == told.split()[-1] == f"{module}:{name}_app_from_environ()"


@pytest.mark.parametrize("name", APPLICATIONS)
def test_sockets_accounts_settings_and_the_web_server_name_one_another(name):
    """nginx asks the socket that systemd makes for its group; the service takes it, under an account of its own."""
    socket, service, front = (
        unit(f"sotto-{name}.socket"),
        unit(f"sotto-{name}.service"),
        unit("nginx.service.d/sotto.conf"),
    )
    (path,) = socket["ListenStream"]
    assert f"proxy_pass http://unix:{path};" in (DEPLOY / "nginx/sotto.conf").read_text("utf-8")
    assert (front["Group"], ["0660"], ["root"]) == (socket["SocketGroup"], socket["SocketMode"], socket["SocketUser"])
    assert [f"sotto-{name}.socket"] == service["Requires"]
    assert [f"sotto-{name}"] == service["User"]
    assert {f"sotto-{name}", "sotto-owner"} <= accounts()
    assert [f"/etc/sotto/{name}.env"] == service["EnvironmentFile"]
    (command,) = service["ExecStart"]
    room = "desk_process" if name == "desk" else f"{name}_app"
    assert f"--config /opt/sotto/deploy/gunicorn.conf.py survey.{room}.app:{name}_app_from_environ()" in command
    assert "--bind" not in command


def test_each_process_takes_its_shipped_settings_and_each_database_its_own_role():
    """Every file of settings is read by its process, which refuses others' variables, and names its own role."""
    secret = {"SOTTO_SECRET_KEY": "s" * 40}
    respond = RespondSettings.from_environ(environment("respond"))
    desk = DeskSettings.from_environ(environment("desk") | secret)
    issuer = IssuerSettings.from_environ(environment("issuer"))
    owner = Settings.from_environ(environment("owner"))
    for role, *urls in (
        ("respond", respond.answers_url),
        ("desk", desk.office_url),
        ("issuer", issuer.office_url),
        ("owner", owner.answers_url, owner.office_url),
    ):
        assert all(f"//sotto_{role}@/" in url for url in urls)
    assert respond.public == issuer.public == owner.public
    assert (respond.work_key, issuer.issuer_keys) == (owner.work_key, owner.issuer_keys)


def test_every_folder_of_the_settings_is_made_with_an_account_that_there_is():
    """tmpfiles.d makes what settings and units name; owners and groups are made by sysusers.d, or are Debian's."""
    folders = {words[1]: words[2:] for words in lines("tmpfiles.d/sotto.conf") if words[0] == "d"}
    known = {*accounts(), "root", "adm", "www-data"}
    assert all({user, group} <= known for _, user, group in folders.values())
    owner = Settings.from_environ(environment("owner"))
    assert {"0755", "sotto-owner"} == {*folders[str(owner.public)]}
    assert ["0700", "sotto-owner", "sotto-owner"] == folders[str(owner.log_key.parent)]
    assert ["2750", "sotto-owner", "sotto-issuer"] == folders[str(owner.issuer_keys)]
    assert ["2750", "sotto-owner", "sotto-respond"] == folders[str(owner.work_key.parent)]
    for name in APPLICATIONS:
        (log,) = unit(f"sotto-{name}.service")["StandardOutput"]
        assert str(Path(log.removeprefix("append:")).parent) in folders


def test_each_account_comes_as_its_role_and_nobody_else_comes():
    """pg_ident.conf maps the accounts of sysusers.d to the roles of roles.sql; pg_hba.conf lets in no others."""
    mapped = {account: role for _, account, role in lines("postgres/pg_ident.conf")}
    roles = set(re.findall(r"ALTER ROLE (\w+) LOGIN", (DEPLOY / "postgres/roles.sql").read_text("utf-8")))
    assert mapped == {account: account.replace("-", "_") for account in accounts()}
    assert roles == {*mapped.values()}
    rules = list(lines("postgres/pg_hba.conf"))
    assert roles == {*rules[0][2].split(",")}
    assert ["peer", "map=sotto"] == rules[0][3:]
    assert all(rule[-1] in {"peer", "reject", "map=sotto"} for rule in rules)


def test_logs_of_the_processes_are_rotated_without_a_start():
    """logrotate takes exactly the folder that units write to, and empties the files that systemd holds open."""
    text = (DEPLOY / "logrotate.d/sotto").read_text("utf-8")
    folders = {str(Path(unit(f"sotto-{name}.service")["StandardOutput"][0][7:]).parent) for name in APPLICATIONS}
    assert folders == {text.split("/*.log {")[0].splitlines()[-1]}
    assert "copytruncate" in text


def test_timers_start_a_job_that_there_is_and_make_up_for_a_missed_one():
    """Each timer has a service of its name and is persistent."""
    timers = [path for path in UNITS if path.suffix == ".timer"]
    assert timers
    for path in timers:
        assert path.with_suffix(".service").exists()
        assert ["yes"] == unit(path.name)["Persistent"]


def test_units_are_files_that_other_readers_take_too():
    """Control of the reader here: the standard library finds the same sections in every unit."""
    for path in UNITS:
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str
        parser.read(path, encoding="utf-8")
        assert {key for section in parser.sections() for key in parser[section]} == {*unit(path.name)}
