"""`sotto log cosign` publishes what a known witness signed of a head of this log, and nothing else."""

import shutil
import time

import pytest
from click.testing import CliRunner
from forged.site import WrittenSite
from forged.witnesses import Signatory, witness_program

from crypto.checkpoints import LogSigner
from crypto.proofs import root_of
from survey.commands.main import main
from survey.public_log.cosigning import CosigningError, publish_cosignatures
from survey.public_log.log import Log
from survey.settings import Settings

LIN, MEI = Signatory("lin.example"), Signatory("mei.example")
NOW = 1_800_000_000


@pytest.fixture
def host(tmp_path):
    """The log of a host whose manifests name two witnesses."""
    witnesses = {"keys": [LIN.key.to_text(), MEI.key.to_text()], "quorum": 2}
    edits = {f"manifest {wave}": lambda manifest: manifest.update(witnesses=witnesses) for wave in (1, 2)}
    edits["entries"] = lambda entries: entries.__delitem__(slice(17, None))  # the wave that is open, with its witnesses
    settings = Settings.from_environ({"SOTTO_HOME": str(tmp_path)})
    site = WrittenSite(settings.public, edits, signer=LogSigner.generate("sotto/local")).write()
    shutil.rmtree(settings.public / "log/cosignatures")
    settings.log_key.parent.mkdir(parents=True, exist_ok=True)
    settings.log_key.write_text(site.signer.to_text())
    return Log(settings.public, settings.log_key, "sotto/local")


def head(host, size: int | None = None) -> bytes:
    return (host.public / (f"log/heads/{size}" if size else "log/checkpoint")).read_bytes()


def published(host) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (host.public / "log").glob("cosignatures/*")}


def test_lines_lie_beside_the_head_that_they_are_of(host):
    """The newest head's and an older one's each come to their place, with nothing but the lines."""
    lines = LIN.line(head(host), NOW), MEI.line(head(host, 5), NOW)
    assert [("lin.example", 17), ("mei.example", 5)] == [
        (one.name, one.size) for one in publish_cosignatures(host, b"".join(lines), NOW)
    ]
    assert {"17": lines[0], "5": lines[1]} == published(host)


def test_of_one_key_the_newest_stays(host):
    """A newer line takes the older one's place, an older changes nothing, and another witness's stands beside."""
    first, second = LIN.line(head(host), NOW - 9), LIN.line(head(host), NOW)
    for line in (first, second, first, MEI.line(head(host), NOW)):
        publish_cosignatures(host, line, NOW)
    assert {"17": second + MEI.line(head(host), NOW)} == published(host)


def test_what_is_not_of_this_log_or_of_no_witness_is_refused(host):
    """An unknown key, another's name, the future, another log's head, an edited and an empty line; nothing is written.

    The control: the good line that stands before each of them is published alone.
    """
    good = LIN.line(head(host), NOW)
    fork = LogSigner.from_text(host.key.read_text()).sign(17, root_of([bytes(32)] * 17))
    for line, words in (
        (Signatory("zhang.example").line(head(host), NOW), "no manifest in the log names"),
        (Signatory("lin.example").line(head(host), NOW), "no manifest in the log names"),
        (MEI.line(head(host), NOW + 1), "from the future, by 1 seconds"),
        (MEI.line(fork, NOW), "is of no head of this log"),
        (MEI.line(head(host), NOW).replace("—".encode(), b"-"), "no cosignature"),
        (b"\n", "no cosignature"),
        (b"\xff", "no file of cosignatures"),
    ):
        with pytest.raises(CosigningError, match=words):
            publish_cosignatures(host, good + line, NOW)
    assert {} == published(host)
    publish_cosignatures(host, good, NOW)
    assert {"17": good} == published(host)


def test_what_a_witness_prints_is_what_the_command_takes(host, tmp_path):
    """From the witness's own program to the published file, through a file with its line."""
    program, key = witness_program(), tmp_path / "lin.key"
    secret = program.Key("lin.example", LIN.private).secret()
    program.durably(key, secret.encode(), replaces=False)
    line, _ = program.cosign(
        program.Source(str(host.public)), program.Key.read(key), tmp_path / "memory", None, first=True
    )
    (tmp_path / "line.txt").write_text(line, encoding="utf-8")
    environ = {"SOTTO_HOME": str(tmp_path)}
    told = CliRunner().invoke(main, ["log", "cosign", str(tmp_path / "line.txt")], env=environ)
    assert (0, "Published: lin.example, under the head of 17 entries\n") == (told.exit_code, told.output)
    assert {"17": line.encode()} == published(host)
    (tmp_path / "line.txt").write_bytes(MEI.line(head(host), int(time.time()) + 3600))
    told = CliRunner().invoke(main, ["log", "cosign", str(tmp_path / "line.txt")], env=environ)
    assert (3, True) == (told.exit_code, "from the future" in told.output)
