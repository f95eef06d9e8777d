"""How the independent verifier behaves towards its reader: exit codes, what reaches the terminal, what it bounds."""

import importlib.util
import os
import subprocess
import sys
from math import prod

import pytest
from forged.forgery import file, wiped, without_log
from forged.of_corrections import LAST
from forged.open_wave import OPEN
from forged.site import WrittenSite
from paths import ROOT
from studies import typed_tables

from crypto.checkpoints import LogSigner
from survey.plan.plan import dimensions
from survey.questionnaire.randomised_response import thresholds

SCRIPT = ROOT / "verifier" / "verify.py"
SPEC = importlib.util.spec_from_file_location("independent_verifier", SCRIPT)
VERIFY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(VERIFY)
BIDI, ESCAPE = "\u202e", "\x1b[2J"


def run(*arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-I", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder that holds."""
    return WrittenSite(tmp_path_factory.mktemp("written")).write()


@pytest.mark.slow
def test_each_exit_code_means_what_is_documented(written, tmp_path):
    """0 for what holds, 1 for a document gone, 2 for a wrong call, 3 for an address where nobody answers."""
    assert 0 == run(written.folder).returncode
    site = WrittenSite(tmp_path / "site").write()
    (site.folder / site.place("intent 1")).unlink()
    assert 1 == run(site.folder).returncode
    assert [2, 2, 2] == [run(*one).returncode for one in ((), (tmp_path / "none",), (site.folder, "--since", tmp_path))]
    unanswered = run("http://127.0.0.1:9")
    assert (3, True) == (unanswered.returncode, "Could not look: log/key cannot be read" in unanswered.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("take_away", [wiped, without_log])
def test_a_wiped_log_is_no_continuation_of_a_kept_head(take_away, tmp_path):
    """With the head that somebody kept, an emptied log and one that is gone are both told as such."""
    site = WrittenSite(tmp_path / "site").write()
    kept = tmp_path / "kept"
    kept.write_bytes((site.folder / "log/checkpoint").read_bytes())
    assert 0 == run(site.folder, "--since", kept).returncode
    take_away(site)
    told = run(site.folder, "--since", kept)
    assert (1, True) == (told.returncode, "no log is there that could continue the head that you kept" in told.stdout)


@pytest.mark.slow
def test_nothing_from_outside_reaches_the_terminal_as_it_is(tmp_path):
    """An escape sequence in the log key's name and a change of direction in an entry's kind are written out."""
    signer = LogSigner.generate(f"sotto/{ESCAPE.replace('[', '(')}host")
    lines = {"entries": lambda entries: entries[-1].update(kind=f"{BIDI}{ESCAPE}")}
    site = WrittenSite(tmp_path, lines, signer=signer).write()
    told = run(site.folder)
    assert (1, True) == (told.returncode, "\\u202e\\u001b[2J" in told.stdout)
    assert [] == [one for one in told.stdout if not one.isprintable() and one != "\n"]
    assert "sotto/\\u001b(2Jhost" in told.stdout


@pytest.mark.slow
def test_a_long_change_of_words_hides_no_other(tmp_path):
    """Each change of a correction has a line, with a mark where it is cut: a swap behind a long text is read."""
    long, (fruit, herbs) = "The kind of buyer" + 800 * ".", ("Fruit", "Vegetables and herbs")

    def given(texts):
        texts["derived"]["BUYER"]["text"] = long
        texts["items"]["GOODS"]["options"].update({"1": fruit, "2": herbs})

    def told(said):
        words = {
            "derived.BUYER.text": ("The kind of buyer", long),
            "items.GOODS.options.1": (herbs, fruit),
            "items.GOODS.options.2": (fruit, herbs),
        }
        said["changes"] = [{"locale": "en", "place": at, "old": old, "new": new} for at, (old, new) in words.items()]

    site = WrittenSite(tmp_path, {f"corrected {OPEN} en": given, LAST: told}).write()
    seen = run(site.folder)
    assert 0 == seen.returncode, seen.stdout
    wave = "        wave 3, since 2026-06-06: "
    lines = [line for line in seen.stdout.splitlines() if line.startswith(wave) and " became " in line]
    assert lines[0].startswith(f"{wave}derived.BUYER.text in en: “The kind of buyer” became “The kind of")
    assert lines[0].endswith("....… (cut)")
    assert lines[1:] == [
        f"{wave}items.GOODS.options.1 in en: “{herbs}” became “{fruit}”",
        f"{wave}items.GOODS.options.2 in en: “{fruit}” became “{herbs}”",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("place", ["log/key", "log/checkpoint", "log/heads/3"])
def test_no_head_of_any_length_is_read(place, tmp_path):
    """A key or head of more than 16 kB is a fault, and no more of it is read."""
    site = WrittenSite(tmp_path).write()
    file(place, bytes(1 << 20))(site)
    verifier = VERIFY.Verifier(str(site.folder))
    assert not verifier.run()
    assert any(f"{place} is longer than the 16384 bytes" in seen for _, held, seen in verifier.rows if held is False)


@pytest.mark.parametrize("put", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_waited_for(put, tmp_path):
    """A pipe, on which a reader would wait for ever, or a folder in the place of a document is told as missing."""
    site = WrittenSite(tmp_path).write()
    (tmp_path / (place := site.place("plan 2"))).unlink()
    put(tmp_path / place)
    verifier = VERIFY.Verifier(str(tmp_path))
    verifier.run()
    assert any(f"{place} is missing" in seen for _, held, seen in verifier.rows if held is False)


def test_nothing_is_asked_for_twice(written):
    """A host cannot give one document to be hashed and another one, which the study did sign, to be verified."""
    asked = []

    class Watched(VERIFY.Verifier):
        def read(self, place):
            asked.append(place)
            return super().read(place)

    assert Watched(str(written.folder)).run()
    assert len(asked) == len({*asked}) > 500


@pytest.mark.parametrize("raw", [b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":Infinity}', b"[" * 100_000])
def test_json_that_says_two_things_or_nothing_is_refused(raw):
    """A name twice, a number that is none and brackets without end are faults, and stop nothing else."""
    verifier = VERIFY.Verifier("somewhere")
    assert not verifier.check("read", VERIFY.parsed, raw)
    assert verifier.check("read", VERIFY.parsed, b'{"a":1}')


def test_it_reckons_every_dimension_and_sensitivity_as_the_project_does():
    """Of tables of every kind of dimension it has the levels, the cells of one record and the squared sensitivity."""
    questionnaire = typed_tables.QUESTIONNAIRE
    questions = VERIFY.Questions(questionnaire.to_json(), thresholds(questionnaire))
    for table in typed_tables.plan().tables:
        shape = dimensions(table, questionnaire)
        due = [axis.to_json() for axis in shape.dimensions]
        own, most = zip(*(questions.dimension(axis["id"], axis["codes"]) for axis in due), strict=True)
        assert due == [*own]
        assert (shape.most, shape.sensitivity_squared) == (prod(most), VERIFY.moved_by(own, prod(most))), table.id
