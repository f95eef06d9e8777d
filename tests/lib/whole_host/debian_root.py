"""A fresh root of Debian in a folder, and what its host is given: packages, the program's wheels, certificates.

Packages come from the archive that this machine's apt knows. The booted root has no network: what `apt-get install` and
`pip` fetch there lies in it beforehand, in apt's own cache and in the folder that its /etc/pip.conf names as the index.
"""

import contextlib
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from paths import ROOT

PYTHON = {"bookworm": "3.11", "trixie": "3.13"}
"""The Python of each release of Debian that the documentation names."""
BASE = ("systemd", "systemd-sysv", "dbus", "python3-venv", "ca-certificates")
FETCHED_BY_INSTALL = ("nginx", "postgresql", "openssl", "curl", "procps", "logrotate")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
CERTIFICATE = """
mkdir -p {tls}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 90 -subj /CN=survey.example \
  -addext subjectAltName=DNS:survey.example,DNS:desk.example -keyout {tls}/privkey.pem -out {tls}/fullchain.pem
"""
SETTLED = """
mkdir -p {root}/usr/local/share/ca-certificates
cp {root}/root/tls/fullchain.pem {root}/usr/local/share/ca-certificates/survey.crt
TMPDIR=/tmp chroot {root} update-ca-certificates
echo '127.0.0.1 localhost survey.example desk.example' > {root}/etc/hosts
echo survey > {root}/etc/hostname
printf '[global]\\nno-index = true\\nfind-links = /srv/wheels\\n' > {root}/etc/pip.conf
mkdir -p {root}/srv/wheels
"""


def done(*command: str | Path, folder: Path | None = None) -> str:
    """Run a command on this machine; return what it prints."""
    ended = subprocess.run([*map(str, command)], cwd=folder, capture_output=True, text=True, check=False, timeout=1800)
    assert 0 == ended.returncode, (command, ended.stdout[-3000:], ended.stderr[-3000:])
    return ended.stdout


@contextlib.contextmanager
def fresh_root(folder: Path, release: str) -> Iterator[Path]:
    """Give a root of a release with systemd and Python, ready to boot; it is removed at the end of the block."""
    fetch = f"apt-get -qq -y -o APT::Install-Recommends=true install --download-only {' '.join(FETCHED_BY_INSTALL)}"
    with _root(folder, release, BASE, f'--customize-hook=chroot "$1" {fetch}') as root:
        certificate(root / "root" / "tls")
        done("sh", "-ec", SETTLED.format(root=root))
        yield root


@contextlib.contextmanager
def base_of_images(folder: Path, release: str) -> Iterator[Path]:
    """Give a root of a release with nothing more than an image of Debian has; it is removed at the end of the block."""
    with _root(folder, release, ("ca-certificates",)) as root:
        yield root


@contextlib.contextmanager
def _root(folder: Path, release: str, packages: Sequence[str], *more: str) -> Iterator[Path]:
    sources, root = folder / "sources.list", folder / "root"
    sources.write_text("".join(f"{line}\n" for line in archive(release)), encoding="utf-8")
    form = ("--mode=root", "--variant=minbase", "--format=directory", "--dpkgopt=force-unsafe-io", "--skip=cleanup/apt")
    try:
        done("mmdebstrap", *form, f"--include={','.join(packages)}", *more, release, root, sources)
        yield root
    finally:
        done("rm", "-rf", "--one-file-system", root)


def certificate(folder: Path) -> None:
    """Make a certificate that nobody signed, for both names, as fullchain.pem with privkey.pem."""
    done("sh", "-ec", CERTIFICATE.format(tls=folder))


def archive(release: str) -> list[str]:
    """Return the lines of a sources.list for a release: from where this machine has its own packages of Debian."""
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)"
    known = done("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()
    (own,) = re.findall(r"^VERSION_CODENAME=(\w+)$", Path("/etc/os-release").read_text("utf-8"), re.MULTILINE)
    parts = {tuple(line.split()) for line in known}
    found = [
        f"deb [signed-by={KEYRING}] {address} {suite.replace(own, release, 1)} {component}"
        for address, suite, component, *origin in sorted(parts)
        if origin == ["Debian"] and suite.partition("-")[0] == own
    ]
    assert found, "apt knows no archive of Debian: apt-get update"
    return found


def wheels_of_libraries(folder: Path, release: str) -> None:
    """Fetch the locked libraries of a collection host for a release's Python into `folder`."""
    own = ("--only-binary=:all:", "--implementation", "cp", "--python-version", PYTHON[release])
    lock = ROOT / "requirements" / "web.txt"
    done(sys.executable, "-m", "pip", "download", "-q", "-d", folder, *own, "--require-hashes", "-r", lock)


def wheels_of_versions(folder: Path) -> tuple[Path, Path]:
    """Build the tree's wheel, and one of a version after it that is the same otherwise; return both."""
    done(sys.executable, "-m", "build", "--no-isolation", "--sdist", "--outdir", folder, ROOT)
    (packed,) = folder.glob("*.tar.gz")
    with tarfile.open(packed) as sources:
        sources.extractall(folder, filter="data")
    tree = folder / packed.name.removesuffix(".tar.gz")
    first = built_wheel(folder / "first", tree)
    project = tree / "pyproject.toml"
    text, changed = re.subn(r'^version = ".*"$', r'version = "999.0"', project.read_text("utf-8"), flags=re.MULTILINE)
    assert changed == 1
    project.write_text(text, encoding="utf-8")
    return first, built_wheel(folder / "next", tree)


def built_wheel(folder: Path, tree: Path = ROOT) -> Path:
    """Build a tree's wheel into a folder; return the wheel."""
    done(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, tree)
    (wheel,) = folder.glob("sotto_survey-*.whl")
    return wheel
