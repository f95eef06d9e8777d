"""The applications start as children over http and https, with a certificate of one's own or one that a CA signed."""

import datetime as dt
import ipaddress
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from survey.database.migration import migrate
from survey.serving.servers import Certificate, Server, ServerError, free_port, require_free, running
from survey.settings import Settings


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def signed(subject: str, key, issuer: str, issuer_key, *, ca: bool) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return (
        builder.add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(alternative, False)
        .sign(issuer_key, hashes.SHA256())
    )


def certificate(folder: Path, *, by_a_ca: bool) -> Certificate:
    key, ca_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = ("A CA", ca_key) if by_a_ca else ("leaf", key)
    made = signed("leaf", key, *issuer, ca=not by_a_ca)
    files = Certificate(folder / "cert.pem", folder / "key.pem")
    files.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    files.key.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return files


@pytest.mark.parametrize("by_a_ca", [False, True], ids=["self-signed", "signed by a CA"])
def test_an_application_starts_behind_either_kind_of_certificate(tmp_path, by_a_ca):
    """A certificate file that holds only the leaf is enough, whoever signed it."""
    environ = {"SOTTO_HOME": str(tmp_path / "home")}
    migrate(Settings.from_environ(environ))
    place = Server("respond", "127.0.0.1", free_port(), certificate(tmp_path, by_a_ca=by_a_ca))
    with running([place], environ, tmp_path / "log"):
        assert 200 == place.client().get(f"{place.url}/healthz").status


def test_an_application_that_does_not_start_says_why(tmp_path):
    """Without a database the reason stands in the error, and nothing is left running."""
    place = Server("respond", "127.0.0.1", free_port())
    with (
        pytest.raises(ServerError, match=r"sotto migrate|database"),
        running([place], {"SOTTO_HOME": str(tmp_path)}, tmp_path / "log"),
    ):
        pass
    require_free(place, "--port")


@pytest.mark.parametrize(("host", "says"), [("0.0.0.0", "name the address"), ("192.0.2.7", "--tls-cert")])
def test_an_address_that_no_phone_could_use_is_refused_before_anything_is_made(tmp_path, host, says):
    """A wildcard, or plain http away from this machine, is refused with the remedy, and no folder is touched."""
    program = "from survey.commands.main import main; main(prog_name='sotto')"
    command = [sys.executable, "-c", program, "demo", "--host", host, "--dir", str(tmp_path / "demo")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert 3 == result.returncode
    assert says in result.stderr
    assert not (tmp_path / "demo").exists()
