"""The witness (verifier/witness.py) signs a head that continues the last one it signed, and nothing else."""

import base64
import json
import os
import shutil
import stat
import subprocess
import sys

import pytest
from forged.witnesses import PROGRAM, witness_program

from crypto.checkpoints import LogSigner
from crypto.cosignatures import Cosignature, CosignatureError, WitnessKey
from crypto.durable import write_file
from crypto.merkle import leaf_hash
from crypto.proofs import root_of
from survey.public_log.log import Log
from survey.public_log.log_entry import LogEntry

WITNESS = witness_program()
NAME = "lin.example.org"


def entry(number: int, day: str = "2026-11-22") -> LogEntry:
    about = {"format": "sotto-log-entry-1", "kind": "release", "study": "q26", "wave": 1, "day": day}
    return LogEntry.model_validate(about | {"hash": f"{number:064x}", "ledger": f"{number:064x}"})


@pytest.fixture
def log(tmp_path):
    """A host's log with three entries, as staff commands write it."""
    made = Log(tmp_path / "public", tmp_path / "private" / "log.key", "sotto/local")
    for number in range(3):
        made.append(entry(number))
    return made


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "lin.key"
    WITNESS.new_key(path, NAME)
    return path


def cosign(where, key, *, first=False, given=None):
    """Cosign as the command does; return the line and what the person reads."""
    memory = key.with_name(f"{key.name}.memory")
    return WITNESS.cosign(WITNESS.Source(str(where)), WITNESS.Key.read(key), memory, given, first=first)


def run(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-I", str(PROGRAM), *map(str, arguments)], capture_output=True, check=False)


def reforged(log: Log, folder, entries: list[LogEntry]):
    """Write another log of these entries under the same key, as a dishonest host can; return its folder."""
    signer = LogSigner.from_text(log.key.read_text())
    shutil.copytree(log.public, folder)
    note = signer.sign(len(entries), root_of([one.leaf for one in entries]))
    write_file(folder / "log/entries.jsonl", b"".join(one.to_bytes() + b"\n" for one in entries))
    write_file(folder / "log/checkpoint", note)
    return folder


def test_a_log_is_cosigned_as_others_read_it_and_again_when_it_grew(log, key):
    """The line is of the printed key and of this head; a grown log is signed too, and what is new is told."""
    line, words = cosign(log.public, key, first=True)
    vkey = WitnessKey.from_text(WITNESS.Key.read(key).vkey())
    text = (log.public / "log/checkpoint").read_text().partition("\n\n")[0] + "\n"
    cosignature = Cosignature.from_line(line.removesuffix("\n"))
    assert vkey.made(cosignature)
    vkey.check(cosignature, text)
    assert 3 == sum("q26, wave 1: release" in one for one in words)
    log.append(entry(3))
    grown, words = cosign(log.public, key)
    assert 1 == sum("q26, wave 1: release" in one for one in words)
    with pytest.raises(CosignatureError):
        vkey.check(Cosignature.from_line(grown.removesuffix("\n")), text)


def test_a_shrunk_and_a_forked_log_are_refused_and_the_memory_stays(log, key, tmp_path):
    """Both under the log's own key, whole and well signed; the control is the honest log, which is signed before."""
    cosign(log.public, key, first=True)
    memory = key.with_name("lin.key.memory")
    before, honest = memory.read_bytes(), list(log.entries())
    shrunk = reforged(log, tmp_path / "shrunk", honest[:2])
    with pytest.raises(WITNESS.Refused, match="the log shrank: the head that was signed last counts 3 entries"):
        cosign(shrunk, key)
    for name, entries in (
        ("same", [*honest[:2], entry(9)]),
        ("longer", [honest[0], entry(9), honest[2], entry(8)]),
        ("turned", [honest[1], honest[0], honest[2]]),
    ):
        with pytest.raises(WITNESS.Refused, match="the log forked: its first 3 entries"):
            cosign(reforged(log, tmp_path / name, entries), key)
    assert before == memory.read_bytes()
    cosign(reforged(log, tmp_path / "honest", [*honest, entry(7)]), key)


def test_two_witnesses_of_a_split_view_sign_two_heads_and_neither_signs_the_other(log, key, tmp_path):
    """A host that shows two logs needs a different witness for each: who signed one refuses the other."""
    other, honest = tmp_path / "mei.key", list(log.entries())
    WITNESS.new_key(other, "mei.example.org")
    split = reforged(log, tmp_path / "split", [*honest[:2], entry(9)])
    cosign(log.public, key, first=True)
    cosign(split, other, first=True)
    for where, who in ((split, key), (log.public, other)):
        with pytest.raises(WITNESS.Refused, match="forked"):
            cosign(where, who)


def test_another_key_is_refused(log, key, tmp_path):
    """A log that goes on under another key, of the same name or another, is another log, remembered or given."""
    cosign(log.public, key, first=True)
    vkey = (log.public / "log/key").read_text().strip()
    for name in ("sotto/local", "sotto/other"):
        other = Log(tmp_path / name / "public", tmp_path / name / "log.key", name)
        for one in log.entries():
            other.append(one)
        with pytest.raises(WITNESS.Refused, match="the log's key is another"):
            cosign(other.public, key)
        with pytest.raises(WITNESS.Refused, match="not the one that you gave"):
            cosign(other.public, key, given=vkey)
    cosign(log.public, key, given=vkey)


def test_a_start_without_memory_is_refused_unless_it_is_the_first(log, key):
    """A memory that is lost, damaged or asked to be forgotten stops everything; the first time is said aloud."""
    memory = key.with_name("lin.key.memory")
    with pytest.raises(WITNESS.Refused, match="no head is remembered"):
        cosign(log.public, key)
    assert not memory.exists()
    cosign(log.public, key, first=True)
    with pytest.raises(WITNESS.Refused, match="remembered already"):
        cosign(log.public, key, first=True)
    for damaged in (b"", b"{}", memory.read_bytes()[:-9], memory.read_bytes().replace(b"sotto/local", b"sotto/locaI")):
        memory.write_bytes(damaged)
        for first in (False, True):
            with pytest.raises(WITNESS.Refused, match="was damaged"):
                cosign(log.public, key, first=first)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda log: (log / "entries.jsonl").write_bytes(b""), "the log shrank: its head counts 3 entries, 0"),
        (lambda log: (log / "entries.jsonl").write_bytes((log / "entries.jsonl").read_bytes() + b"{}\n"), "more than"),
        (lambda log: (log / "entries.jsonl").write_bytes(
            (log / "entries.jsonl").read_bytes().replace(b"q26", b"q27", 1)), "were edited, or a fork"),
        (lambda log: (log / "checkpoint").write_bytes((log / "checkpoint").read_bytes().replace(b"\n3\n", b"\n4\n")),
         "does not hold"),
        (lambda log: (log / "checkpoint").write_bytes(b"x"), "is no head of this log"),
        (lambda log: (log / "checkpoint").write_bytes(b"x" * 20_000), "longer than"),
        (lambda log: (log / "checkpoint").write_bytes(b"\xff"), "is no head of this log"),
        (lambda log: (log / "checkpoint").unlink(), "log/checkpoint is missing"),
        (lambda log: (log / "key").write_text("sotto/local+00000000+AAAA"), "is no log's key"),
    ],
)  # fmt: skip
def test_a_spoilt_log_is_not_signed(log, key, spoil, words):
    """An edited entry, a head of something else, a false signature and a missing or endless file are named."""
    spoil(log.public / "log")
    with pytest.raises(WITNESS.Refused, match=words):
        cosign(log.public, key, first=True)
    assert not key.with_name("lin.key.memory").exists()


def test_the_head_is_on_disk_before_the_line_is_out_of_hand(log, key, monkeypatch):
    """Where the memory cannot be written nothing is returned; the file is synced before it gets its name."""
    steps = []
    sync, replace = os.fsync, WITNESS.Path.replace
    monkeypatch.setattr(WITNESS.os, "fsync", lambda handle: (steps.append("sync"), sync(handle)))
    monkeypatch.setattr(WITNESS.Path, "replace", lambda new, path: (steps.append("named"), replace(new, path)))
    cosign(log.public, key, first=True)
    assert ["sync", "named", "sync"] == steps
    log.append(entry(3))

    def full(_new, _path):
        raise OSError("no space left")

    monkeypatch.setattr(WITNESS.Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        cosign(log.public, key)
    assert "\n3\n" in json.loads(key.with_name("lin.key.memory").read_bytes())["note"]


def test_one_run_at_a_time_and_no_clock_that_went_back(log, key, monkeypatch):
    """A second run that begins meanwhile is refused; so is a time before the last cosignature."""
    lock = key.with_name("lin.key.memory.lock")
    lock.touch()
    with pytest.raises(WITNESS.Refused, match="another run is under way"):
        cosign(log.public, key, first=True)
    lock.unlink()
    cosign(log.public, key, first=True)
    assert not lock.exists()
    monkeypatch.setattr(WITNESS.time, "time", lambda: 1_000_000_000)
    with pytest.raises(WITNESS.Refused, match="clock is behind"):
        cosign(log.public, key)


def test_a_key_is_for_its_owner_alone_and_never_written_over(key, tmp_path):
    """Rights 0600, refused where others can read it, damaged, or taken; a name that could not be read back is none."""
    assert 0o600 == stat.S_IMODE(key.stat().st_mode)
    with pytest.raises(WITNESS.Refused, match="never written over"):
        WITNESS.new_key(key, NAME)
    for name in ("", "a b", "a+b", "é", "x" * 65, "\x1b[2J"):
        with pytest.raises(WITNESS.Refused, match="name"):
            WITNESS.new_key(tmp_path / "other.key", name)
    key.chmod(0o640)
    with pytest.raises(WITNESS.Refused, match="read by others"):
        WITNESS.Key.read(key)
    key.chmod(0o600)
    key.write_text(key.read_text().replace(NAME, "mei.example.org"))
    with pytest.raises(WITNESS.Refused, match="damaged"):
        WITNESS.Key.read(key)


@pytest.mark.slow
def test_the_program_says_how_it_ended(log, tmp_path):
    """0 with the line alone on stdout, 1 refused, 2 called wrongly, 3 could not look; nothing outside is unescaped."""
    key = tmp_path / "lin.key"
    made = run("new", "--name", NAME, "--key", key)
    assert (0, made.stdout) == (made.returncode, run("show", "--key", key).stdout)
    assert 1 == run("cosign", log.public, "--key", key).returncode
    signed = run("cosign", log.public, "--key", key, "--first")
    assert (0, 1, "— lin.example.org ") == (signed.returncode, signed.stdout.count(b"\n"), signed.stdout.decode()[:18])
    assert [2, 2] == [run(*one).returncode for one in ((), ("cosign",))]
    assert 3 == run("cosign", "http://127.0.0.1:9", "--key", key).returncode
    (log.public / "log/key").write_text("sotto/\x1b[2J+00000000+AAAA\n")
    told = run("cosign", log.public, "--key", key)
    assert (1, b"", False) == (told.returncode, told.stdout, b"\x1b" in told.stderr)


@pytest.mark.slow
def test_a_line_nested_without_end_is_refused(log, tmp_path):
    """A log whose key signed 100,000 brackets is refused with status 1 and a sentence, and nothing breaks off."""
    key, line = tmp_path / "lin.key", b"[" * 100_000
    assert 0 == run("new", "--name", NAME, "--key", key).returncode
    (log.public / "log/entries.jsonl").write_bytes(line + b"\n")
    signer = LogSigner.from_text(log.key.read_text())
    (log.public / "log/checkpoint").write_bytes(signer.sign(1, root_of([leaf_hash(line)])))
    told = run("cosign", log.public, "--key", key, "--first")
    assert (1, True, False) == (told.returncode, told.stderr.startswith(b"REFUSED"), b"Traceback" in told.stderr)


def test_a_head_of_another_log_under_the_same_key_is_refused(log, key):
    """The log's key signed a head under another origin: it is not this log's."""
    signer = LogSigner.from_text(log.key.read_text())
    text = (log.public / "log/checkpoint").read_text().partition("\n\n")[0].replace("sotto/local", "sotto/other")
    signature = signer._key.sign(f"{text}\n".encode())
    line = base64.b64encode(signer.verifier.key_id + signature).decode()
    (log.public / "log/checkpoint").write_text(f"{text}\n\n— sotto/local {line}\n")
    with pytest.raises(WITNESS.Refused, match="is no head of this log"):
        cosign(log.public, key, first=True)
