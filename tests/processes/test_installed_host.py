"""`sotto install` on a host of its own: PostgreSQL under peer authentication, nginx and three processes as accounts."""

import base64
import re
import time
from collections.abc import Iterator

import pytest
from hosts.collection import PASSWORD, STUDY
from paths import ROOT
from whole_host.fieldwork import boxed, handed_in, opened
from whole_host.installed_host import ANSWERS, InstalledHost, empty_host, installed_host

from crypto.one_time_codes import code_at
from survey.service.places import APPLICATIONS

pytestmark = pytest.mark.slow
SURVEY_ONION, DESK_ONION = "s" * 56 + ".onion", "d" * 56 + ".onion"
ONIONS = f'onion = "{SURVEY_ONION}"\ndesk_onion = "{DESK_ONION}"\n'


WRITTEN = re.compile(r"^write (\S+) \(0(\d{3}) (\S+)\)$", re.MULTILINE)


@pytest.fixture(scope="module")
def host() -> Iterator[InstalledHost]:
    """A host that root set up whose umask closes every file to others, the program's too."""
    with empty_host() as running:
        running.shell("chmod 700 /opt/sotto /opt/sotto/bin /opt/sotto/bin/*")
        running.said = running.install("077")
        running.start()
        yield running


def test_what_is_written_has_its_rights_whatever_the_umask(host):
    """Each file has the rights and owner that were said, and every account enters its folder but that of keys."""
    written = WRITTEN.findall(host.said)
    assert len(written) > 25
    assert [f"{rights} {owner}" for _, rights, owner in written] == host.shell(
        f"stat -c '%a %U:%G' {' '.join(path for path, *_ in written)}"
    ).splitlines()
    folders = {"/opt/sotto", "/opt/sotto/bin", *(path.rpartition("/")[0] for path, *_ in written)} - {"/etc/sotto/tls"}
    closed = {
        one for one in folders if host.run("test", "-r", one, "-a", "-x", one, account="nobody", check=False).returncode
    }
    assert set() == closed


def test_an_answer_goes_by_tls_into_the_box(host, settings):
    """After the documented commands alone pages open, a sealed body is stored, and it is in the box."""
    study = opened(host, settings)
    assert "200" == host.status(f"https://survey.example/s/{STUDY}")
    assert "201" == handed_in(host, study)
    assert 1 == boxed(host)


@pytest.mark.parametrize("process", ["respond", "desk", "issuer"])
def test_a_process_runs_as_its_account_behind_a_socket_that_no_other_account_opens(host, process):
    """nginx's account connects to it; the other processes, staff's account and nobody do not."""
    users = host.shell(f"ps -eo user:20,args | grep '[ ]{APPLICATIONS[process]}:' | cut -d' ' -f1 | sort -u").split()
    assert [f"sotto-{process}"] == users
    ask = ("curl", "-sf", "--unix-socket", f"/run/sotto/{process}.sock", "http://survey.example/healthz")
    name = "desk" if process == "desk" else "survey"
    ask = (*ask[:-1], f"http://{name}.example/healthz")
    assert "ok\n" == host.run(*ask, account="www-data").stdout
    others = {"sotto-owner", "sotto-respond", "sotto-desk", "sotto-issuer", "nobody"}
    assert [7] * 5 == [host.run(*ask, account=one, check=False).returncode for one in sorted(others)]


def test_each_account_comes_as_its_own_role_alone(host):
    """PostgreSQL lets each account in as the role of its name, refuses every other pair, and all others' accounts."""
    databases = {"owner": "sotto_answers", "respond": "sotto_answers", "desk": "sotto_office", "issuer": "sotto_office"}
    let_in = {
        (account, role)
        for account in (*(f"sotto-{name}" for name in databases), "www-data", "nobody")
        for role, database in databases.items()
        if host.psql(database, "SELECT 1", account, f"sotto_{role}").stdout == "1\n"
    }
    assert let_in == {(f"sotto-{name}", name) for name in databases}
    assert "1\n" == host.psql("sotto_answers", "SELECT 1", "postgres", "postgres").stdout


def test_an_account_without_peer_authentication_would_get_in(host):
    """Control: where the first line says trust, nobody gets in as the owner."""
    hba = "/etc/postgresql/*/main/pg_hba.conf"
    host.shell(f"cp -p {hba} /root/hba; sed -i 's/peer map=sotto/trust/' {hba}; pg_ctlcluster 15 main reload; sleep 1")
    try:
        assert "1\n" == host.psql("sotto_answers", "SELECT 1", "nobody", "sotto_owner").stdout
    finally:
        host.shell(f"cp -p /root/hba {hba}; pg_ctlcluster 15 main reload; sleep 1")


def test_what_others_may_read_of_the_host(host):
    """Of settings, keys and secrets each account reads its own; of the published folder everybody."""
    host.shell("cd /var/lib/sotto; touch issuer/a.pem work/work.key; chmod 640 issuer/a.pem work/work.key; "
               "chown sotto-owner issuer/a.pem work/work.key")  # fmt: skip
    readers = {
        "/var/lib/sotto/owner/log.key": {"sotto-owner"},
        "/var/lib/sotto/issuer/a.pem": {"sotto-owner", "sotto-issuer"},
        "/var/lib/sotto/work/work.key": {"sotto-owner", "sotto-respond"},
        "/etc/sotto/owner.env": {"sotto-owner"},
        "/etc/sotto/desk.secret": set(),
        "/etc/sotto/respond.env": set(),
        "/etc/sotto/tls/privkey.pem": {"www-data"},
    }
    accounts = ("sotto-owner", "sotto-respond", "sotto-desk", "sotto-issuer", "www-data", "nobody")
    found = {
        path: {one for one in accounts if not host.run("head", "-c1", path, account=one, check=False).returncode}
        for path in readers
    }
    assert readers == found
    host.shell("rm /var/lib/sotto/issuer/a.pem /var/lib/sotto/work/work.key")


def test_the_first_account_signs_in_to_the_desk(host):
    """The link that was shown once lets a person choose password and app, over TLS, and the cookie lets them in."""
    link = re.search(r"https://desk\.example/welcome/\S+", host.said)[0]
    page = host.ask(link, "-c", "/root/jar")
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[-1]
    secret = base64.b32decode(re.search(r'<code class="secret">([^<]+)<', page)[1].replace(" ", ""))
    form = ("-b", "/root/jar", "-c", "/root/jar", "-e", link)
    chosen = {"csrf_token": token, "password": PASSWORD, "again": PASSWORD, "code": code_at(secret, int(time.time()))}
    fields = [part for name, value in chosen.items() for part in ("--data-urlencode", f"{name}={value}")]
    assert "303" == host.status("https://desk.example/", *form)
    assert "200" == host.status(link, *form, *fields)
    assert "200" == host.status("https://desk.example/", *form)
    assert "303" == host.status("https://desk.example/")
    assert "404" == host.status(link)


def test_a_second_installation_changes_no_file(host):
    """Only commands that may run at any time run again; no file is written, and no link is made."""
    before = files(host)
    assert "/etc/systemd/system/sotto-desk.service 644 root root" in before
    said = host.install()
    assert [] == [line for line in said.splitlines() if line.startswith(("write", "put", "link", "remove"))]
    assert "welcome" not in said
    assert before == files(host)


def files(host: InstalledHost) -> str:
    """Return the names, rights and contents of what is installed, and of what changed in the tree that is tested."""
    # Python compiles what is not compiled yet, whoever runs it first.
    places, compiled = f"/etc /usr/local /opt/sotto {host.above}/tree.changed", "-name __pycache__ -prune"
    own = f"find {places} -path /opt/sotto/tree -prune -o {compiled} -o -type f"
    return host.shell(f"{own} -printf '%p %m %u %g\\n' | sort; {own} -exec sha256sum {{}} + | sort")


def test_a_dry_run_prints_everything_and_changes_nothing():
    """Every shipped line stands in what it prints, each command as it would be typed, no secret; no file is touched."""
    with empty_host() as host:
        host.shell("cat > /root/host.toml; touch /root/now; sleep 0.1", given=ANSWERS + ONIONS)
        said = host.run("/opt/sotto/bin/sotto", "install", "--dry-run", "--answers", "/root/host.toml").stdout
        changed = "-name tree.changed -prune -o -path '*.changed/*' -newer /root/now -print"
        touched = host.shell(f"find {host.above} {changed}")
        assert [] == touched.split()
        assert "sotto" not in host.shell("cat /etc/passwd")
        assert "BEGIN PRIVATE KEY" not in said
    for path in (ROOT / "deploy").rglob("*"):
        if path.parent.name == "container":
            continue
        if path.is_file() and path.suffix not in {".sql", ".py", ".pyc"} and path.name != "torrc":
            lines = [with_onions(line) for line in path.read_text("utf-8").splitlines() if line]
            assert all(f"    {line}" in said for line in lines), path
    assert "run: runuser -u postgres -- psql -q -v ON_ERROR_STOP=1 -f " in said
    assert "run: systemd-sysusers /etc/sysusers.d/sotto.conf" in said


def with_onions(line: str) -> str:
    """Return a shipped line with what answers that name onion services make of it."""
    line = line.replace("survey.onion", SURVEY_ONION).replace("desk.onion", DESK_ONION)
    hosts = {"SOTTO_HOSTS=survey.example": SURVEY_ONION, "SOTTO_HOSTS=desk.example": DESK_ONION}
    return f"{line},{hosts[line]}" if line in hosts else line


@pytest.mark.long  # tests/unit/docs/test_front_configuration.py holds nginx's lines to what the web's name has
def test_onion_services_are_served_to_tor_on_this_machine(settings):
    """With both names answered pages come over the loopback by these names alone, and the web tells of the onion."""
    with installed_host() as host:
        host.shell("sed -i /onion/d /etc/sotto/host.toml; cat >> /etc/sotto/host.toml", given=ONIONS)
        host.run("/usr/local/bin/sotto", "install")
        host.shell("pkill -f 'survey[.](respond_app|desk_process|issuer_app)'; pkill -x nginx; sleep 1")
        host.start()
        for port, name in ((8180, SURVEY_ONION), (8181, DESK_ONION)):
            address = f"http://127.0.0.1:{port}/healthz"
            seen = host.ask(address, "-i", "-H", f"Host: {name}")
            assert "200 OK" in seen.splitlines()[0]
            assert "strict-transport-security" not in seen.lower()
            assert "000" == host.status(address, "-H", "Host: survey.example")
            assert "404" == host.status(f"http://127.0.0.1:{port}/readyz", "-H", f"Host: {name}")
        opened(host, settings)
        told = f"onion-location: http://{SURVEY_ONION}/s/{STUDY}"
        assert told in host.ask(f"https://survey.example/s/{STUDY}", "-i").lower()
        page = host.ask(f"http://127.0.0.1:8180/s/{STUDY}", "-i", "-H", f"Host: {SURVEY_ONION}").lower()
        assert "200 ok" in page.splitlines()[0]
        assert "onion-location" not in page
        assert set() == {name for name, state in host.doctor().items() if state == "wrong" and name != "backup"}


def test_a_certificate_for_another_name_is_refused_before_anything_is_changed(host):
    """The message names the certificate and the name, and no file of the host is another than before."""
    before = files(host)
    host.shell("cat > /root/wrong.toml", given=ANSWERS.replace("survey.example", "other.example"))
    done = host.run("/opt/sotto/bin/sotto", "install", "--answers", "/root/wrong.toml", check=False)
    assert (3, "") == (done.returncode, done.stdout)
    assert "/root/tls/fullchain.pem is not good for other.example" in done.stderr
    assert before == files(host)


def test_uninstalling_keeps_the_data_and_installing_again_serves_it(host):
    """Units, site and lines for PostgreSQL go; databases, keys and settings stay; a new installation takes them up."""
    key = host.shell("cat /var/lib/sotto/owner/log.key")
    said = host.run("/usr/local/bin/sotto", "uninstall").stdout
    assert "Kept: /var/lib/sotto" in said
    left = host.shell("find /etc /usr/local -name '*sotto*' | sort").split()
    assert left == ["/etc/nginx/sotto", "/etc/postgresql/15/main/conf.d/sotto.conf", "/etc/sotto",
                    "/etc/sysusers.d/sotto.conf", "/etc/tmpfiles.d/sotto.conf"]  # fmt: skip
    assert "sotto" not in host.shell("cat /etc/postgresql/15/main/pg_hba.conf /etc/postgresql/15/main/pg_ident.conf")
    again = host.install()
    assert key == host.shell("cat /var/lib/sotto/owner/log.key")
    assert "welcome" not in again
