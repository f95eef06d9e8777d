"""`sotto upgrade` on a host of its own: what can fail comes first, and people see a page while the program changes.

systemctl and pip stand in there: the one starts and stops what the shipped units say, the other looks at what people
see while a package is put in place, and makes the schema one that is older than the program which then arrives.
"""

import sys
from collections.abc import Iterator

import pytest
from hosts.collection import STUDY
from whole_host.fieldwork import handed_in, opened
from whole_host.installed_host import STARTER, TREE, InstalledHost, installed_host

from survey.database.schema_version import REVISIONS

pytestmark = (
    pytest.mark.long
)  # tests/unit/service/test_upgrade_steps.py has the order, the refusals and what a failure leaves
SYSTEMCTL = f"""#!/bin/sh
echo "systemctl $*" >> /root/said
case "$*" in
"stop "*sotto-respond.service*) pkill -f 'survey[.](respond|desk|issuer)_app'; rm -f /run/sotto/*.sock ;;
"enable --now "* | "start sotto-"*) [ -S /run/sotto/respond.sock ] || {sys.executable} -P {STARTER} ;;
esac
exit 0
"""
PIP = f"""#!/bin/sh
echo "pip $*" >> /root/said
[ "$1" = install ] || exit 0
curl -s --cacert /root/tls/fullchain.pem -i https://survey.example/ > /root/respondents
curl -s --cacert /root/tls/fullchain.pem -i https://desk.example/ > /root/staff
runuser -u sotto-owner -- env PYTHONPATH={TREE} {sys.executable} -c "
from survey.database.engine import connect
from survey.database.migration import downgrade
address = 'postgresql+psycopg://sotto_owner@/sotto_office?host=/run/postgresql'
downgrade(connect(address, guard=None), 'office', 'o2')"
runuser -u sotto-owner -- psql -XAtq -U sotto_owner -d sotto_office -c \\
  "SELECT version_num FROM alembic_version" > /root/came
test ! -e /root/broken
"""
REVISION = "SELECT version_num FROM alembic_version"
HEALTH = "https://survey.example/healthz"


@pytest.fixture(scope="module")
def host() -> Iterator[InstalledHost]:
    with installed_host() as running:
        running.shell("mkdir -p /run/systemd/system")
        for path, text in (("/usr/local/bin/systemctl", SYSTEMCTL), ("/opt/sotto/bin/pip", PIP)):
            running.shell(f"cat > {path}; chmod 755 {path}", given=text)
        yield running


def upgraded(host: InstalledHost, *options: str) -> tuple[int, str, list[str]]:
    """Run the upgrade; return how it ended, what it said, and what it asked of pip and systemctl."""
    host.shell(": > /root/said")
    trusting = ("env", "SSL_CERT_FILE=/root/tls/fullchain.pem")
    done = host.run(*trusting, "/usr/local/bin/sotto", "upgrade", *options, check=False)
    return done.returncode, done.stdout + done.stderr, host.shell("cat /root/said").splitlines()


def test_without_a_backup_nothing_is_begun(host):
    """Where nobody is named who may read a copy, and where none can be made, the old version serves on, unstopped."""
    code, said, asked = upgraded(host)
    assert (3, []) == (code, asked)
    assert "there is no /etc/sotto/backup.txt" in said
    host.shell("echo age1nobody > /etc/sotto/backup.txt")
    code, said, asked = upgraded(host)
    assert (1, ["pip download"]) == (code, [line[:12] for line in asked])
    assert "sotto backup" in said
    assert "200" == host.status(HEALTH)
    host.compact()


def test_an_upgrade_in_order(host, settings):
    """An open wave stops it; then the page is away while the program changes, and what was stored is there."""
    assert "201" == handed_in(host, opened(host, settings))
    code, said, asked = upgraded(host)
    assert (3, []) == (code, asked)
    assert f"{STUDY}/1: a wave is open" in said
    copies = set(host.shell("ls /var/lib/sotto/backup").split())
    code, said, asked = upgraded(host, "--while-open", "sotto-survey[web]==9")
    assert 0 == code, said
    order = ["pip download", "systemctl stop sotto-", "pip install", "systemctl daemon-reload",
             "systemctl enable --now sotto-respond.socket"]  # fmt: skip
    places = [next(at for at, line in enumerate(asked) if line.startswith(begin)) for begin in order]
    assert places == sorted(places)
    assert "sotto-survey[web]==9" in asked[0]
    assert "--no-index" in asked[places[2]]
    assert set(host.shell("ls /var/lib/sotto/backup").split()) - copies
    for seen in ("respondents", "staff"):
        page = host.shell(f"cat /root/{seen}")
        assert "503" in page.splitlines()[0]
        assert all(words in page for words in ("Nothing is lost", "什么都没有丢失", "什麼都沒有遺失", "ھېچنېمە يوقاپ"))
    assert "o2\n" == host.shell("cat /root/came"), "the control: the schema was the former one"
    assert f"{REVISIONS['office'][-1]}\n" == host.psql("sotto_office", REVISION, "sotto-owner", "sotto_owner").stdout
    assert "1\n" == host.psql("sotto_answers", "SELECT count(*) FROM sealed", "sotto-owner", "sotto_owner").stdout
    assert "200" == host.status(f"https://survey.example/s/{STUDY}")
    assert "0 to be mended" in said


def test_a_version_that_cannot_be_put_in_place_leaves_the_old_one_serving(host):
    """pip fails after the stop: the processes are started again, nothing is migrated, and the message says so."""
    host.shell("touch /root/broken")
    code, said, asked = upgraded(host, "--while-open")
    host.shell("rm /root/broken")
    assert 1 == code
    assert "the old one was started again" in said
    assert asked[-1].startswith("systemctl start sotto-respond.socket")
    assert "o2\n" == host.psql("sotto_office", REVISION, "sotto-owner", "sotto_owner").stdout
    assert "200" == host.status(f"https://survey.example/s/{STUDY}")


def test_a_dry_run_says_every_step_and_does_none(host):
    """It prints the commands in their order, and neither pip nor systemctl is asked."""
    code, said, asked = upgraded(host, "--dry-run")
    assert (0, []) == (code, asked)
    words = ("pip download", "sotto backup", "systemctl stop", "pip install", "sotto install", "sotto doctor")
    places = [said.index(word) for word in words]
    assert places == sorted(places)
