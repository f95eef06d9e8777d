"""Certificates by Debian's certbot on a whole host, with a stand-in that signs them itself: got, renewed, taken up."""

from collections.abc import Iterator

import pytest
from whole_host.installed_host import ANSWERS, InstalledHost, empty_host

pytestmark = pytest.mark.slow
LIVE = "/etc/letsencrypt/live/sotto"
CERTBOT = f"""#!/bin/sh
# Notes how it is called; makes what certbot would get; runs deploy hooks at a renewal alone, as certbot does.
set -eu
echo "$@" >> /root/certbot.said
[ "$1" = renew ] || echo "$@" | grep -o -- '-d [^ ]*' | sed 's/-d /DNS:/' | paste -sd, > /root/certbot.names
mkdir -p {LIVE}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 90 -subj /CN=sotto \\
  -addext subjectAltName=$(cat /root/certbot.names) -keyout {LIVE}/privkey.pem -out {LIVE}/fullchain.pem 2>/dev/null
chmod 600 {LIVE}/privkey.pem
[ "$1" != renew ] || for hook in /etc/letsencrypt/renewal-hooks/deploy/*; do "$hook"; done
"""
SYSTEMCTL = """#!/bin/sh
# This host has no systemd: what reloads nginx does so by its signal, where it runs.
echo "$@" >> /root/systemctl.said
[ "$*" != "reload-or-restart nginx" ] || [ ! -s /run/nginx.pid ] || kill -HUP "$(cat /run/nginx.pid)"
"""


@pytest.fixture(scope="module")
def host() -> Iterator[InstalledHost]:
    """Give a host whose answers ask for certificates by ACME, on which nothing was installed."""
    with empty_host() as one:
        for name, text in (("certbot", CERTBOT), ("systemctl", SYSTEMCTL)):
            one.shell(f"cat > /usr/local/bin/{name}; chmod 755 /usr/local/bin/{name}", given=text)
        asked = ANSWERS.replace("/root/tls", "acme:mei@ngo.example")
        one.shell("cat > /root/host.toml", given=asked)
        yield one


def install(host: InstalledHost, *options: str) -> tuple[str, str]:
    """Run `sotto install` with those answers; return what it says, and of what it warns."""
    done = host.run("/opt/sotto/bin/sotto", "install", "--answers", "/root/host.toml", *options)
    return done.stdout, done.stderr


def served(host: InstalledHost, name: str) -> str:
    """Return the serial number of the certificate that a visitor of a name is shown."""
    ask = f"openssl s_client -connect {name}:443 -servername {name} </dev/null 2>/dev/null"
    return host.shell(f"{ask} | openssl x509 -noout -serial")


def test_certbot_is_asked_for_both_names_and_its_certificates_are_served(host):
    """A dry run and the installation warn of public logs; the copies are the web server's alone; again asks nobody."""
    said, warned = install(host, "--dry-run")
    assert "run: certbot certonly --standalone --cert-name sotto --renew-with-new-domains --non-interactive" in said
    assert "public logs" in warned
    assert "survey.example and desk.example" in warned
    assert "" == host.shell("ls /root/certbot.said 2>/dev/null || true")
    assert "public logs" in install(host)[1]
    (asked,) = host.shell("cat /root/certbot.said").splitlines()
    assert all(part in asked for part in ("-m mei@ngo.example", "-d survey.example -d desk.example"))
    rights = host.shell("stat -c '%a %U:%G' /etc/sotto/tls/privkey.pem /etc/sotto/tls/desk-privkey.pem").splitlines()
    assert ["640 root:www-data"] * 2 == rights
    host.shell(f"cp {LIVE}/fullchain.pem /root/tls/")  # whom those who start the host trust
    host.start()
    got = host.shell(f"openssl x509 -noout -serial -in {LIVE}/fullchain.pem")
    assert got == served(host, "survey.example") == served(host, "desk.example")
    assert "public logs" not in install(host)[1]
    assert 1 == len(host.shell("cat /root/certbot.said").splitlines())


def test_a_renewal_reaches_visitors_without_anybody(host):
    """Certbot's timer renews and runs the hook: new copies lie in place, and nginx shows them after a reload."""
    before = served(host, "survey.example")
    host.shell("certbot renew; sleep 1")
    new = host.shell(f"openssl x509 -noout -serial -in {LIVE}/fullchain.pem")
    assert before != new
    assert new == served(host, "survey.example") == served(host, "desk.example")
    assert "640 root:www-data\n" == host.shell("stat -c '%a %U:%G' /etc/sotto/tls/privkey.pem")


def test_other_names_get_another_certificate(host):
    """Where the answers name another desk, certbot is asked for it, after a warning, and the web server has it."""
    host.shell("sed -i 's/desk.example/office.example/' /root/host.toml")
    assert "survey.example and office.example" in install(host)[1]
    assert "-d survey.example -d office.example" in host.shell("tail -n1 /root/certbot.said")
    match = host.shell("openssl x509 -noout -checkhost office.example -in /etc/sotto/tls/desk-fullchain.pem")
    assert "does match" in match
    host.shell("sed -i 's/office.example/desk.example/' /root/host.toml")
    install(host)
    host.shell("kill -HUP $(cat /run/nginx.pid); sleep 1")


def test_without_its_hook_a_renewal_reaches_nobody(host):
    """Control: where the hook is gone certbot renews, and visitors are shown the old certificate."""
    before = served(host, "survey.example")
    host.shell("rm /etc/letsencrypt/renewal-hooks/deploy/sotto; touch /etc/letsencrypt/renewal-hooks/deploy/none; "
               "chmod 755 /etc/letsencrypt/renewal-hooks/deploy/none; certbot renew; sleep 1")  # fmt: skip
    assert before == served(host, "survey.example")
    assert before != host.shell(f"openssl x509 -noout -serial -in {LIVE}/fullchain.pem")
