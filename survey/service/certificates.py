"""Certificates of a host: copied from a folder of one's own, or from where Debian's certbot keeps them."""

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from survey.service.answers import HostAnswers
from survey.service.changes import Change, HostRefusedError, Run, WriteFile, output
from survey.service.places import TLS

CERTBOT = Path("/etc/letsencrypt/live/sotto")
HOOK = Path("/etc/letsencrypt/renewal-hooks/deploy/sotto")
COPIES = {"fullchain.pem": "fullchain.pem", "privkey.pem": "privkey.pem"}
NAMES = ("", "desk-")
"""What stands before a file's name: nothing for respondents, desk- for staff; one certificate is for both names."""
RENEWED = """#!/bin/sh
# Certbot has new certificates: the web server takes copies that its account may read.
set -eu
for name in fullchain privkey; do
  for before in '' desk-; do
    install -m 0640 -o root -g www-data /etc/letsencrypt/live/sotto/$name.pem /etc/sotto/tls/$before$name.pem
  done
done
systemctl reload-or-restart nginx
"""


def certificate_changes(answers: HostAnswers) -> Iterator[Change]:
    """Yield what puts certificates where the web server reads them; raise HostRefusedError for wrong ones."""
    if answers.by_acme:
        yield from _by_acme(answers)
        return
    folder = Path(answers.certificates)
    require_fitting(folder / "fullchain.pem", [answers.host, answers.desk_host])
    for before in NAMES:
        for name in COPIES:
            content = (folder / name).read_text(encoding="ascii")
            yield WriteFile(TLS / f"{before}{name}", content, 0o640, "root:www-data", secret=name == "privkey.pem")


def warning_of_public_logs(answers: HostAnswers) -> str | None:
    """Return what whoever installs must know before certbot asks for certificates; None where it asks for none."""
    if not answers.by_acme or _got(answers):
        return None
    return (
        f"Let's Encrypt writes {answers.host} and {answers.desk_host} into public logs of certificates, where "
        "everybody finds them, for ever. A name that nobody may find needs certificates of your own: give their folder"
    )


def require_fitting(certificate: Path, names: Sequence[str]) -> None:
    """Raise HostRefusedError unless a certificate is good for each name."""
    for name in names:
        if not is_for(certificate, name):
            raise HostRefusedError(
                f"{certificate} is not good for {name}: get one for {' and '.join(names)}, then run this again "
                "(nothing was changed)"
            )


def is_for(certificate: Path, name: str) -> bool:
    """Return whether a certificate is good for a host's name; raise HostError where it cannot be read."""
    return "does match" in output(["openssl", "x509", "-noout", "-checkhost", name, "-in", certificate])


def expires_within(certificate: Path, days: int) -> bool:
    """Return whether a certificate has run out so many days from now; raise HostError where it cannot be read."""
    dated = output(["openssl", "x509", "-noout", "-enddate", "-dateopt", "iso_8601", "-in", certificate])
    end = dt.datetime.strptime(dated.strip().partition("=")[2], "%Y-%m-%d %H:%M:%SZ").replace(tzinfo=dt.UTC)
    return end - dt.datetime.now(tz=dt.UTC) < dt.timedelta(days=days)


def _by_acme(answers: HostAnswers) -> Iterator[Change]:
    if shutil.which("certbot") is None:
        yield Run(["apt-get", "install", "-y", "certbot"])
    names = [part for name in (answers.host, answers.desk_host) for part in ("-d", name)]
    stop_and_start = ["--pre-hook", "systemctl stop nginx", "--post-hook", "systemctl start nginx"]
    agreed = ["--non-interactive", "--agree-tos", "-m", answers.certificates.removeprefix("acme:")]
    yield WriteFile(HOOK, RENEWED, 0o755)
    # Where the answers name other hosts than before, it gets a certificate for those.
    how = ["--standalone", "--cert-name", "sotto", "--renew-with-new-domains"]
    yield Run(["certbot", "certonly", *how, *agreed, *stop_and_start, *names], unless=partial(_got, answers))
    yield Run([HOOK], unless=_copied)


def _got(answers: HostAnswers) -> bool:
    """Return whether certbot has a certificate for both names of the answers."""
    got = CERTBOT / "fullchain.pem"
    return got.exists() and all(is_for(got, name) for name in (answers.host, answers.desk_host))


def _copied() -> bool:
    """Return whether the web server has the certificate that certbot has, for both names."""
    copies = [TLS / f"{before}fullchain.pem" for before in NAMES]
    got = (CERTBOT / "fullchain.pem").read_bytes()
    return all(copy.exists() and copy.read_bytes() == got for copy in copies)
