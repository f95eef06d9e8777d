"""A fresh Debian, booted by systemd, from nothing to a box and on, with the commands of docs/deployment.md."""

import base64
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import pyrage
import pytest
from hosts.collection import PASSWORD, QUESTIONNAIRE, STUDY, compiled
from hosts.journey import opened_answers
from phone.person import Answer, Person
from phone.site import PHONE, Phone
from playwright.sync_api import expect
from whole_host.alarm_hook import MAIL, WEBHOOK, assert_told, start_hook
from whole_host.booted_host import BootedHost, booted_host
from whole_host.debian_root import PYTHON, fresh_root, wheels_of_libraries, wheels_of_versions
from whole_host.entered_host import EnteredHost
from whole_host.installed_host import ANSWERS

from crypto.one_time_codes import code_at
from survey.wave.manifest import Manifest

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.geteuid() != 0, reason="a host of its own needs root")]
EVERYBODY = "/etc/ssl/certs/ca-certificates.crt"
PICTURES = Path("test-output/booted-host")
COUNT = "SELECT count(*) FROM sealed"
UNITS = (
    "sotto-respond.service", "sotto-desk.service", "sotto-compact.timer", "sotto-check.timer", "sotto-metrics.timer",
    "sotto-operator.service", "nginx.service",
)  # fmt: skip
ALARMS = {"bookworm": WEBHOOK, "trixie": MAIL}
"""Where each release's host says its alarms."""


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The tree's wheel and a later version's."""
    return wheels_of_versions(tmp_path_factory.mktemp("versions"))


@dataclass(frozen=True)
class FieldWave:
    """A wave whose key was made on this machine, with what its phones and its analysis need."""

    folder: Path

    @cached_property
    def manifest(self) -> Manifest:
        return Manifest.from_bytes((self.folder / "study/waves/1/manifest.json").read_bytes())

    @property
    def link(self) -> str:
        return f"https://survey.example/s/{STUDY}#k={self.manifest.pin}"

    @property
    def study(self) -> SimpleNamespace:
        """What the phone's helper reads: the texts a person sees."""
        questionnaire, texts = compiled()
        return SimpleNamespace(questionnaire=questionnaire, texts=texts)


@pytest.mark.parametrize("release", PYTHON)
def test_from_a_fresh_debian_to_a_box_an_upgrade_and_a_reboot(
    release: str, tmp_path: Path, versions: tuple[Path, Path]
) -> None:
    """
    Under real systemd the documented commands give a host that `sotto doctor` finds well, and that an upgrade and a
    reboot leave well; what a person chose in Chromium over its TLS is what the box holds; each fault is an alarm;
    metrics are written; uninstalling keeps the data.
    """
    with fresh_root(tmp_path, release) as root:
        index = root / "srv" / "wheels"
        wheels_of_libraries(index, release)
        shutil.copy(versions[0], index)
        with booted_host(root) as host:
            start_hook(host)
            link = installed(host, ALARMS[release])
            backed_up(host)
            assert_well(host)
            wave = opened_wave(host, tmp_path)
            assert metrics(host) > {"sotto_database_up 1", 'sotto_waves{state="open"} 1', *ACTIVE}
            assert_alarms(host, ALARMS[release])
            assert_well(host)
            pressed = answered(host, wave)
            sign_in(host, link)
            assert [pressed] == boxed(host, wave)
            shutil.copy(versions[1], index)
            upgrade(host)
            host.reboot()
            assert_well(host)
            assert "200" == host.status(f"https://survey.example/s/{STUDY}")
            uninstall(host)


def installed(host: EnteredHost, alarm: str) -> str:
    """Install the program and the host, with alarms and metrics; return the link that was shown."""
    host.shell("python3 -m venv /opt/sotto; /opt/sotto/bin/pip install -q 'sotto-survey[web]'")
    host.shell("cat > /root/host.toml", given=ANSWERS.replace('alarm = ""', f'alarm = "{alarm}"') + 'metrics = "yes"\n')
    said = host.run("/opt/sotto/bin/sotto", "install", "--answers", "/root/host.toml").stdout
    (link,) = re.findall(r"https://desk\.example/welcome/\S+", said)
    return str(link)


def backed_up(host: EnteredHost) -> None:
    """Name who may read backups, and have the nightly units run now."""
    recipient = pyrage.x25519.Identity.generate().to_public()
    host.shell("cat > /etc/sotto/backup.txt", given=f"{recipient}\n")
    host.shell("systemctl start sotto-compact.service; systemctl start sotto-backup.service")


def assert_well(host: EnteredHost) -> None:
    """Check that the doctor finds nothing wrong, that it looked at everything, and that the units run."""
    found = host.doctor(trusting=EVERYBODY)
    assert {} == {name: state for name, state in found.items() if state not in {"fine", "not here"}}
    assert len(found) > 120
    assert ["active"] * len(UNITS) == host.run("systemctl", "is-active", *UNITS, check=False).stdout.split()


ACTIVE = {
    f'sotto_unit_active{{unit="{name}"}} 1' for name in ("sotto-respond.service", "nginx.service", "postgresql.service")
}


def metrics(host: EnteredHost) -> set[str]:
    """Have the timer's service write its file now; return the lines, as the node exporter's account reads them."""
    host.run("systemctl", "start", "sotto-metrics.service")
    return set(host.run("cat", "/run/sotto-metrics/sotto.prom", account="nobody").stdout.splitlines())


MISSED = (
    "UPDATE wave SET opened = current_date - 9; "
    "UPDATE last_compaction SET day = current_date - 3"
)  # fmt: skip
CAUGHT_UP = "UPDATE wave SET opened = current_date"


def assert_alarms(host: EnteredHost, alarm: str) -> None:
    """Break one thing after the other: each unit that fails is told where the answers say, and then mended."""
    host.shell("cp /etc/sotto/backup.txt /root/; echo age1nobody > /etc/sotto/backup.txt")
    host.run("systemctl", "start", "sotto-backup.service", check=False)
    assert_told(host, "sotto-backup.service", alarm)
    host.shell("cp /root/backup.txt /etc/sotto/")
    host.psql("sotto_office", MISSED, "postgres", "postgres")
    host.run("systemctl", "start", "sotto-check.service", check=False)
    assert_told(host, "sotto-check.service", alarm)
    host.psql("sotto_office", CAUGHT_UP, "postgres", "postgres")
    (database,) = host.shell(
        "cd /etc/postgresql; for one in */main; do echo postgresql@${one%/main}-main; done"
    ).split()
    host.run("systemctl", "kill", "--signal=KILL", database)
    assert_told(host, f"{database}.service", alarm)
    host.run("systemctl", "start", "sotto-compact.service", check=False)
    assert_told(host, "sotto-compact.service", alarm)
    assert "sotto_database_up 0" in metrics(host)
    for name in (database, "sotto-compact.service", "sotto-backup.service"):
        host.run("systemctl", "start", name)
    host.shell("cp -p /etc/sotto/respond.env /root/; echo SOTTO_LOG_KEY=/none >> /etc/sotto/respond.env")
    host.shell("echo no directive > /etc/nginx/conf.d/zz.conf")
    for name in ("sotto-respond.service", "nginx.service"):
        host.run("systemctl", "restart", "--no-block", name)
    for name in ("sotto-respond.service", "nginx.service"):
        assert_told(host, name, alarm)
    host.shell("cp -p /root/respond.env /etc/sotto/; rm /etc/nginx/conf.d/zz.conf; sotto install")
    assert "200" == host.status("https://survey.example/healthz")


def opened_wave(host: EnteredHost, folder: Path) -> FieldWave:
    """Make a key on this machine as custodians do, and open its wave on the host."""
    sotto = Path(sys.executable).with_name("sotto")
    made = (QUESTIONNAIRE, "--threshold", "2", "--custodians", "3", "--wave", "1", "-o", "study", "--shares", "shares")
    for command in (("ceremony", *made), ("drill", "study", "--wave", "1", "--shares")):
        given = shares(folder) if command[0] == "drill" else ()
        subprocess.run([sotto, "key", *command, *given], cwd=folder, check=True, capture_output=True, umask=0o077)
    wave = folder / "study" / "waves" / "1"
    for file in (QUESTIONNAIRE, wave / "manifest.json", wave / "drill.json"):
        host.shell(f"cat > /srv/{file.name}; chmod 644 /srv/{file.name}", given=file.read_text("utf-8"))
    host.run("sotto", "study", "new", "/srv/questionnaire.yaml")
    host.run("sotto", "study", "open", STUDY, "--manifest", "/srv/manifest.json", "--drill", "/srv/drill.json")
    return FieldWave(folder)


def shares(folder: Path) -> list[Path]:
    """Return the custodians' files, all three."""
    return sorted((folder / "shares").glob("*.txt"))


def answered(host: BootedHost, wave: FieldWave) -> dict[str, Answer]:
    """Answer on a phone, by TLS; return what was pressed."""
    with host.browser() as browser, browser.new_context(**PHONE) as context:
        phone = Phone(context, wave)
        pressed = Person(phone, wave, "en", 1).answer_all()
        phone.send()
        phone.heading(phone.word("stored-title"))
        phone.page.screenshot(path=PICTURES / "stored.png")
        assert ([], [], []) == (phone.violations(), phone.problems, context.cookies())
    return pressed


def sign_in(host: BootedHost, link: str) -> None:
    """Sign in to the desk for the first time in a browser, by TLS, and see the wave."""
    with host.browser() as browser, browser.new_context(locale="en") as context:
        page = context.new_page()
        page.goto(link)
        page.locator("#password").fill(PASSWORD)
        page.locator("#again").fill(PASSWORD)
        secret = base64.b32decode(page.locator("code.secret").inner_text().replace(" ", ""))
        page.locator("#code").fill(code_at(secret, int(time.time())))
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_role("heading", name="Studies")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text=STUDY)).to_contain_text("Wave 1")
        page.screenshot(path=PICTURES / "desk.png")


def boxed(host: BootedHost, wave: FieldWave) -> list[dict[str, Answer]]:
    """Close the wave, make its box, and open that with the custodians' key; return the answers in it."""
    host.run("sotto", "study", "close", STUDY, "--yes")
    host.run("sotto", "box", STUDY, "1", "-o", "/var/lib/sotto/owner/wave-1.box", "--yes")
    opened = opened_answers(wave.folder / "study", shares(wave.folder), host.root / "var/lib/sotto/owner/wave-1.box")
    return [{**answers.answers} for answers, _ in opened]


def upgrade(host: EnteredHost) -> None:
    """Upgrade to the newest version that the index has; every process is another one afterwards."""
    asked = ("systemctl", "show", "-P", "MainPID", "sotto-respond.service", "sotto-desk.service")
    before = set(host.run(*asked).stdout.split())
    assert "999.0" not in host.run("sotto", "--version").stdout
    said = host.run("env", f"SSL_CERT_FILE={EVERYBODY}", "sotto", "upgrade").stdout
    assert "0 to be mended" in said
    assert "999.0" in host.run("sotto", "--version").stdout
    assert not before & set(host.run(*asked).stdout.split())


def uninstall(host: EnteredHost) -> None:
    """Take the service off: nothing of it runs or is started at boot, and the answer and the keys are there."""
    key = host.shell("sha256sum /var/lib/sotto/owner/log.key /etc/sotto/desk.secret")
    host.run("sotto", "uninstall")
    assert "" == host.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "sotto-*").stdout
    assert "000" == host.status("https://survey.example/healthz")
    assert "1\n" == host.psql("sotto_answers", COUNT, "postgres", "postgres").stdout
    assert key == host.shell("sha256sum /var/lib/sotto/owner/log.key /etc/sotto/desk.secret")
