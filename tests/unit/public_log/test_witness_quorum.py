"""`sotto log verify` asks for the cosignatures that the manifests in the log name, and names what does not count."""

import shutil
import time

import pytest
from click.testing import CliRunner
from forged.site import WrittenSite
from forged.witnesses import Signatory, cosigned

from crypto.canonical import canonical
from crypto.checkpoints import LogSigner
from survey.commands.main import main
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog
from survey.public_log.witness_quorum import OLDEST, WitnessCheck

LIN, MEI, ZHANG, LATER = (Signatory(f"{name}.example") for name in ("lin", "mei", "zhang", "later"))
THREE = {"keys": [one.key.to_text() for one in (LIN, MEI, ZHANG)], "quorum": 2}
NOW = 1_800_000_000


def naming(witnesses):
    return lambda manifest: manifest.update(witnesses=witnesses)


def closed(entries):
    """Leave out the wave that is open, so that two closed ones are left."""
    del entries[next(at for at, one in enumerate(entries) if (one["kind"], one["wave"]) == ("manifest", 3)) :]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A real published folder of two closed waves, both of whose manifests name the three witnesses."""
    edits = {"manifest 1": naming(THREE), "manifest 2": naming(THREE), "entries": closed}
    made = WrittenSite(tmp_path_factory.mktemp("written"), edits).write()
    shutil.rmtree(made.folder / "log/cosignatures")
    return made


@pytest.fixture
def site(written, tmp_path):
    """A copy of it, to cosign and to spoil; with its number of entries and its newest note."""
    shutil.copytree(written.folder, tmp_path / "site")
    return tmp_path / "site"


def newest(site) -> tuple[int, bytes]:
    note = (site / "log/checkpoint").read_bytes()
    return int(note.split(b"\n")[1]), note


def faults(site, now: int = NOW) -> str:
    return " ".join(WitnessCheck(PublishedLog.read(PublishedSource(str(site))), now).faults())


def signed(site, *witnesses: Signatory, seconds: int = NOW) -> None:
    size, note = newest(site)
    cosigned(site, size, *(one.line(note, seconds) for one in witnesses))


@pytest.mark.parametrize(("witnesses", "fine"), [((LIN, MEI), True), ((LIN, MEI, ZHANG), True), ((LIN,), False)])
def test_a_head_needs_the_quorum_of_the_manifest(site, witnesses, fine):
    """Two of three, and three, are enough; one is not, and it is said how many are lacking and by which manifest."""
    signed(site, *witnesses)
    size, _ = newest(site)
    told = faults(site)
    assert fine == (told == "")
    assert fine or f"of {size} entries, has 1 of the 2 cosignatures that the manifest of s1, wave 2, asks for" in told


def test_without_any_cosignature_the_log_does_not_hold(site):
    """The control of all: the same folder as it was written, before anybody cosigned."""
    assert "has 0 of the 2 cosignatures" in faults(site)


def test_one_witness_given_twice_does_not_make_two(site):
    """The same line twice, and two lines of one key, count once."""
    size, note = newest(site)
    for second in (LIN.line(note, NOW), LIN.line(note, NOW - 1)):
        cosigned(site, size, LIN.line(note, NOW), second)
        assert "has 1 of the 2" in faults(site)


def test_the_host_appoints_no_witness(site):
    """Lines of keys that no manifest names are let pass and count for nothing, also under a witness's own name."""
    impostor = Signatory("mei.example")
    signed(site, LIN, impostor, LATER)
    assert "has 1 of the 2" in faults(site)
    signed(site, LIN, impostor, LATER, MEI)
    assert "" == faults(site)


def test_a_cosignature_from_the_future_is_named_and_does_not_count(site):
    """One second ahead of the reader's clock is refused; the same line a second later holds."""
    size, note = newest(site)
    cosigned(site, size, LIN.line(note, NOW), MEI.line(note, NOW + 1))
    told = faults(site)
    assert "the cosignature of mei.example is from the future" in told
    assert "has 1 of the 2" in told
    assert "" == faults(site, NOW + 1)


def test_a_cosignature_that_is_not_counted_spoils_no_quorum(site):
    """With two others one from the future is a remark and no fault; the control has a false one in its place."""
    size, note = newest(site)
    two = LIN.line(note, NOW), MEI.line(note, NOW)
    cosigned(site, size, *two, ZHANG.line(note, NOW + 1))
    check = WitnessCheck(PublishedLog.read(PublishedSource(str(site))), NOW)
    assert ([], True) == ([*check.faults()], any("zhang.example is from the future" in one for one in check.remarks()))
    cosigned(site, size, *two, ZHANG.line((site / "log/heads/3").read_bytes(), NOW))
    assert "the cosignature of zhang.example does not hold" in faults(site)


def test_an_old_cosignature_counts_only_where_no_wave_is_open(site, tmp_path):
    """After 14 days a head of an open wave needs its witnesses again; of a closed study old ones stay good."""
    edits = {f"manifest {wave}": naming(THREE) for wave in (1, 2, 3)}
    still_open = WrittenSite(tmp_path / "open", edits).write().folder
    for folder in (site, still_open):
        signed(folder, LIN, MEI)
        assert "" == faults(folder, NOW + OLDEST)
    assert "" == faults(site, NOW + OLDEST + 1)
    told = faults(still_open, NOW + OLDEST + 1)
    assert "of lin.example is older than 14 days while s1, wave 3, is open" in told
    assert "has 0 of the 2" in told


def test_a_split_view_is_named(written, site, tmp_path):
    """Cosignatures that witnesses gave for one log do not hold under another of the same size and key."""
    signed(site, LIN, MEI)
    other = tmp_path / "other"
    shutil.copytree(site, other)
    lines = [canonical(one) for one in written.entries]
    lines[-1] = lines[-1].replace(b"2026-", b"2027-")
    WrittenSite(other, signer=written.signer).sign_log(lines)
    size, _ = newest(site)
    assert size == newest(other)[0]
    shutil.copy(site / f"log/cosignatures/{size}", other / "log/cosignatures")
    told = faults(other)
    assert "the cosignature of lin.example does not hold: it is of another head" in told
    assert "a split view" in told
    assert "" == faults(site)


def test_a_head_that_grew_since_says_which_one_was_witnessed(written, site):
    """Entries after the last cosigned head are told from a split view by that head, which still holds."""
    size, _ = newest(site)
    cosigned(site, size - 2, *(one.line((site / f"log/heads/{size - 2}").read_bytes(), NOW) for one in (LIN, MEI)))
    assert f"the newest head that has them counts {size - 2}" in faults(site)


def test_old_witnesses_hand_over_to_new_ones(tmp_path):
    """Where wave 2 names other witnesses, or none, those of wave 1 must have signed a head that holds that manifest."""
    for place, later in enumerate(({"keys": [LATER.key.to_text()], "quorum": 1}, None)):
        edits = {"manifest 1": naming(THREE), "manifest 2": naming(later), "entries": closed}
        site = WrittenSite(tmp_path / str(place), edits).write().folder
        signed(site, LATER)
        assert "the witnesses of s1, wave 1, cosigned no head that holds the study's next manifest" in faults(site)
        at = 1 + next(
            at for at, one in enumerate(PublishedLog.read(PublishedSource(str(site))).entries)
            if (one.kind, one.wave) == ("manifest", 2)
        )  # fmt: skip
        early, first = ((site / f"log/heads/{size}").read_bytes() for size in (at - 1, at))
        cosigned(site, at - 1, LIN.line(early, NOW), MEI.line(early, NOW))
        assert "cosigned no head that holds" in faults(site)
        cosigned(site, at, LIN.line(first, NOW), MEI.line(first, NOW))
        assert "" == faults(site)


def test_what_is_no_file_of_cosignatures_is_named(site):
    """An empty, a cut and a foreign file are told, and count for nothing."""
    size, note = newest(site)
    for content in (b"", LIN.line(note, NOW)[:-1], b"\xff\n", b"nothing\n", LIN.line(note, NOW) * 1000):
        cosigned(site, size, content)
        assert f"log/cosignatures/{size} is no file of cosignatures" in faults(site)


def test_the_command_says_who_stands_in_for_the_host(site, tmp_path):
    """With a quorum it names them; without witnesses it says that nobody does, and the log holds all the same."""
    signed(site, LIN, MEI, seconds=int(time.time()) - 60)
    told = CliRunner().invoke(main, ["log", "verify", str(site)])
    assert (0, True) == (
        told.exit_code,
        "Witnesses of s1, wave 2: 2 of 3; signed: lin.example, mei.example" in told.output,
    )
    signed(site, LIN)
    assert 5 == CliRunner().invoke(main, ["log", "verify", str(site)]).exit_code
    edits = {"manifest 1": naming(None), "manifest 2": naming(None), "entries": closed}
    bare = WrittenSite(tmp_path / "bare", edits).write().folder
    told = CliRunner().invoke(main, ["log", "verify", str(bare)])
    assert (0, True) == (
        told.exit_code,
        "Nobody stands in for the host: the manifest of s1, wave 2, names no" in told.output,
    )


def test_a_log_under_another_key_is_not_the_one_that_was_witnessed(written, site):
    """The same entries signed anew by another log's key: the cosignatures are of another head."""
    signed(site, LIN, MEI)
    signer = LogSigner.generate("sotto/another.example")
    size, _ = newest(site)
    cosignatures = (site / f"log/cosignatures/{size}").read_bytes()
    WrittenSite(site, signer=signer).sign_log([canonical(one) for one in written.entries])
    cosigned(site, size, cosignatures)
    assert "does not hold: it is of another head" in faults(site)
