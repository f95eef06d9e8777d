"""Checkpoints are signed notes as other logs write them; any other bytes are refused."""

import pickle

import pytest

from crypto.checkpoints import Checkpoint, CheckpointError, LogSigner, LogVerifier

# The example of the C2SP signed-note format that its Go, Rust and Elixir implementations share.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
ROOT = bytes(range(32))


@pytest.fixture(scope="module")
def signer():
    return LogSigner.generate("sotto/example.org")


def test_a_published_note_verifies():
    """The signature, the key id and the key's spelling are those of the format's own example."""
    verifier = LogVerifier.from_text(VKEY)
    assert "This is an example message.\n" == verifier.open_note(NOTE)
    assert VKEY == verifier.to_text()


def test_a_head_comes_back(signer):
    """What was signed is read again, and the same head is always the same bytes."""
    note = signer.sign(7, ROOT)
    assert Checkpoint("sotto/example.org", 7, ROOT) == signer.verifier.open(note)
    assert note == LogSigner.from_text(signer.to_text()).sign(7, ROOT)
    assert 5 == note.count(b"\n")


def test_every_byte_of_a_checkpoint_counts(signer):
    """A checkpoint with any one byte changed is refused."""
    note = signer.sign(12, ROOT)
    for place in range(len(note)):
        with pytest.raises(CheckpointError):
            signer.verifier.open(note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :])


def test_signatures_of_witnesses_are_let_pass(signer):
    """A line of another key changes nothing; without a line of this one there is no checkpoint."""
    note, other = signer.sign(3, ROOT), LogSigner.generate("witness.example").sign(3, ROOT)
    line = other.split(b"\n")[-2] + b"\n"
    assert 3 == signer.verifier.open(note + line).size
    with pytest.raises(CheckpointError, match="not signed by this log"):
        signer.verifier.open(note.rpartition("—".encode())[0] + line)


def test_another_logs_checkpoint_is_refused(signer):
    """A checkpoint that this key signed under another origin is not this log's."""
    other = LogSigner.from_text(signer.to_text())
    text = Checkpoint("sotto/elsewhere", 1, ROOT).to_text()
    note = other.sign(1, ROOT)
    with pytest.raises(CheckpointError):
        signer.verifier.open(text.encode() + note.partition(b"=\n")[2])


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n", "a\n1\n\n", "\n1\n" + "A" * 43 + "=\n", "a\n1\nb"],
)
def test_what_is_no_checkpoint_is_refused(text):
    """Too few lines, odd numbers, short hashes and empty lines are no checkpoint."""
    with pytest.raises(CheckpointError):
        Checkpoint.from_text(text)


@pytest.mark.parametrize("note", [b"", b"\xff", b"a\n1\nb\n", b"a\n\n- b AAAA\n", NOTE[:-1], NOTE.replace(b"=", b"")])
def test_what_is_no_note_is_refused(note):
    """Bytes without a signature line as the format has it are no note."""
    with pytest.raises(CheckpointError):
        LogVerifier.from_text(VKEY).open_note(note)


@pytest.mark.parametrize("text", ["", VKEY[:-4], VKEY.replace("530d903a", "530d903b"), VKEY.replace("+A", "+B")])
def test_a_mistyped_key_is_refused(text):
    """A key whose id does not fit, or that is cut short, is no key."""
    with pytest.raises(CheckpointError):
        LogVerifier.from_text(text)


def test_the_private_key_stays_where_it_is(signer):
    """Its repr has the name alone, pickling fails, and a damaged or public one is refused."""
    assert "LogSigner(sotto/example.org)" == repr(signer)
    with pytest.raises(TypeError):
        pickle.dumps(signer)
    for text in ("", VKEY, signer.to_text()[:-6], signer.to_text().replace("PRIVATE", "Private")):
        with pytest.raises(CheckpointError, match="private key"):
            LogSigner.from_text(text)


def test_a_name_with_a_space_is_refused():
    """A name with white space or a plus sign could not be told apart in a note."""
    for name in ("", "a b", "a+b"):
        with pytest.raises(CheckpointError, match="name"):
            LogSigner.generate(name)
