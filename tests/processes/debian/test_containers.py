"""The shipped Containerfile is built by buildah, and the services of compose.yaml answer from it, closed as it says."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from hosts.collection import QUESTIONNAIRE, STUDY, Collection, made_body
from whole_host.compose_file import compose
from whole_host.container_host import ContainerHost, built_image, container_host
from whole_host.debian_root import base_of_images, built_wheel, certificate, wheels_of_libraries

from survey.settings import Settings

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.geteuid() != 0, reason="buildah and systemd-nspawn need root")]
RELEASE = "bookworm"
OWNER = 2001
"""The staff's account in the image, as docs/deployment.md has it."""
RUNNING = {
    "database": "postgres", "respond": "sotto-respond", "desk": "sotto-desk", "issuer": "sotto-issuer",
    "web": "www-data",
}  # fmt: skip


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerHost]:
    """The services, from a fresh image."""
    folder = tmp_path_factory.mktemp("containers")
    wheels = folder / "wheels"
    wheels_of_libraries(wheels, RELEASE)
    built_wheel(wheels)
    with base_of_images(folder, RELEASE) as base, built_image(base, wheels, folder) as image:
        certificate(folder / "secrets")
        write_secrets(folder / "secrets")
        (folder / "files").mkdir()
        os.chown(folder / "files", OWNER, OWNER)
        with container_host(image) as running:
            running.start_all()
            yield running


def write_secrets(secrets: Path) -> None:
    """Write what docs/deployment.md says: certificates, the desk's secret, who reads backups."""
    for name in ("fullchain.pem", "privkey.pem"):
        (secrets / f"desk-{name}").write_bytes((secrets / name).read_bytes())
    (secrets / "desk.secret").write_text("s" * 64, encoding="ascii")
    (secrets / "backup.txt").write_text(f"{pyrage.x25519.Identity.generate().to_public()}\n", encoding="ascii")
    for path in secrets.iterdir():
        path.chmod(0o644)


def test_an_answer_goes_by_tls_into_the_box(host: ContainerHost, settings: Settings) -> None:
    """With staff commands in their container a wave opens, a body sent by TLS is stored, and it is in the box."""
    study = Collection(settings)
    manifest = study.manifests[1] = study.manifest()
    files = host.image.folder / "files"
    for name, content in (("manifest", manifest.to_bytes()), ("drill", study.drill(manifest))):
        (files / f"{name}.json").write_bytes(content)
    (files / "questionnaire.yaml").write_bytes(QUESTIONNAIRE.read_bytes())
    host.run("staff", "sotto", "study", "new", "/files/questionnaire.yaml")
    opened = ("--manifest", "/files/manifest.json", "--drill", "/files/drill.json", "--demo")
    host.run("staff", "sotto", "study", "open", STUDY, *opened)
    (files / "body").write_bytes(made_body(manifest))
    page = f"https://survey.example/s/{STUDY}"
    assert "200" == host.status(page)
    sent = ("--data-binary", f"@{files / 'body'}", "-H", "Content-Type: application/octet-stream")
    assert "201" == host.status(page, *sent)
    assert "200" == host.status("https://desk.example/login")
    # The issuer refuses a form; where it is away, the web server says 503.
    assert "415" == host.status("https://survey.example/t/nothing", "-d", "x")
    host.run("staff", "sotto", "study", "close", STUDY, "--yes")
    boxed = host.run("staff", "sotto", "box", STUDY, "1", "-o", "/files/wave.box", "--yes", "--json").stdout
    assert 1 == json.loads(boxed)["count"]


def test_every_service_runs_as_its_account_without_a_capability(host: ContainerHost) -> None:
    """The kernel says so of each process: account, no capability that it has or could get, no new privileges."""
    for name, account in RUNNING.items():
        number = re.search(rf"^{account}:x:(\d+):", (host.image.root / "etc/passwd").read_text("utf-8"), re.MULTILINE)[
            1
        ]
        seen = list(host.processes(name))
        assert seen, name
        for one in seen:
            assert {number} == set(one["Uid"].split()), (name, one["Name"])
            assert ({"0" * 16}, "1") == (
                {one[f"Cap{kind}"] for kind in ("Eff", "Prm", "Bnd", "Amb")},
                one["NoNewPrivs"],
            )


@pytest.mark.parametrize("name", compose()["services"])
def test_a_service_cannot_change_its_image(host: ContainerHost, name: str) -> None:
    """In each container /etc, /usr, /opt and /var refuse a file, since the file system is read-only."""
    said = host.run(name, "sh", "-c", "for one in etc usr opt var; do touch /$one/new; done", check=False).stderr
    assert 4 == said.count("Read-only file system"), said


def test_the_night_compacts_and_writes_a_copy(host: ContainerHost) -> None:
    """What stands in the timers' place leaves an encrypted copy; without a recipient none, and no date of one."""
    volumes, recipients = host.image.folder / "volumes", host.image.folder / "secrets" / "backup.txt"
    kept = recipients.read_bytes()
    for given, copies in ((b"", 0), (kept, 1)):
        recipients.write_bytes(given)
        host.run("nightly", "sh", "/opt/sotto/deploy/container/nightly", "now")
        assert copies == len(list((volumes / "backup").glob("*.age"))) == (volumes / "owner" / "backed-up").exists()
    host.run("nightly", *compose()["services"]["nightly"]["healthcheck"]["test"][1:])
