"""Commands of a run over several machines: what custodians read before it, whose a secret is, how long it waits.

analysis.commands.shards.
"""

import os

import pytest
from click.testing import CliRunner
from studies import small_study as small

from analysis.__main__ import main
from crypto.errors import ExitCode
from crypto.keys import RunSecret

made, world = small.fixtures(number=5)


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "400"})


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "run.secret"
    path.write_bytes(RunSecret.new().to_bytes())
    path.chmod(0o600)
    return path


def released(world, secret, *more):
    """Ask for a release with words that are none: what stands on stderr then stood there before they were read."""
    world.announce(small.plan())
    words = world.folder.root.parent / "words.txt"
    words.write_text("no words of a card")
    asked = ("release", world.plan_file(small.plan()), "--box", world.box, "--study", world.folder.root)
    return run(*asked, "--few", "--shares", words, *more)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "memory of up to 16 other machines, which meet in the folder"),
        ("zh-Hans", "最多 16 台其他机器的内存"),
        ("zh-Hant", "最多 16 台其他機器的記憶體"),
    ],
)
def test_custodians_read_where_their_key_goes_before_any_word_is_taken(world, secret, tmp_path, lang, said):
    """With --run it stands on stderr, in their language, with --yes too; control: of one machine nothing is said."""
    more = ("--run", tmp_path / "run", "--of", 16, "--secret", secret)
    told = released(world, secret, "--yes", "--lang", lang, *more)
    assert ExitCode.DONE != told.exit_code
    assert said in told.stderr
    assert str(tmp_path / "run") in told.stderr
    doubt = "Look: the whole key goes into the memory of up to 16 other machines"
    assert -1 < told.stderr.index(doubt) < told.stderr.index(said)
    alone = released(world, secret, "--yes", "--lang", lang)
    assert said not in alone.stderr
    assert doubt not in alone.stderr


def test_a_key_goes_to_no_other_machine_unasked(world, secret, tmp_path):
    """Without a terminal and without --yes it stops where other machines would get the key, and no run begins."""
    refused = released(world, secret, "--run", tmp_path / "run", "--of", 16, "--secret", secret)
    assert ExitCode.REFUSED == refused.exit_code
    assert "the whole key goes into the memory of up to 16 other machines" in refused.output
    assert "give --yes" in refused.output
    assert not (tmp_path / "run").exists()


def test_a_secret_is_its_owner_s_alone_in_a_folder_of_a_group_too(tmp_path):
    """In a folder whose files its group inherits and reads, the secret of a run is nobody else's all the same."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    assert 0 == run("shard-secret", shared / "run.secret").exit_code
    assert 0o600 == (shared / "run.secret").stat().st_mode & 0o777


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o660, 0o604, 0o602])
def test_a_secret_that_other_accounts_have_is_refused(secret, tmp_path, mode):
    """Of one's own file the group reads nothing; control: for its owner alone the same file is taken."""
    worker = ("open-shard", secret, "--index", 0, "--of", 2, "--run", tmp_path / "run", "--secret", secret)
    assert "other accounts than yours" not in run(*worker).output
    secret.chmod(mode)
    refused = run(*worker)
    assert ExitCode.REFUSED == refused.exit_code
    assert "may be read or written by other accounts than yours" in refused.output


def test_a_scheduler_s_secret_is_read_by_its_group(secret, tmp_path, monkeypatch):
    """A file of another account, as a volume of Kubernetes holds it, may be read by the group, not written."""
    monkeypatch.setattr(os, "geteuid", lambda: secret.stat().st_uid + 1)
    worker = ("open-shard", secret, "--index", 0, "--of", 2, "--run", tmp_path / "run", "--secret", secret)
    for mode, refused in ((0o440, False), (0o460, True), (0o444, True)):
        secret.chmod(mode)
        assert refused == ("other accounts than yours" in run(*worker).output), oct(mode)


@pytest.mark.parametrize("wait", ["nan", "inf", "0", "-1"])
def test_no_number_waits_for_ever(secret, tmp_path, wait):
    """`--wait` takes minutes, and more than none of them."""
    worker = ("open-shard", secret, "--index", 0, "--of", 2, "--run", tmp_path, "--secret", secret, "--wait", wait)
    assert ExitCode.USAGE == run(*worker).exit_code
