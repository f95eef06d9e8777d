"""A tablet's file comes into the store: whole or not at all, once however often, and not after the wave."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hosts.collection import STUDY, Collection, close_and_box, made_body
from hosts.queue_files import queue_file

from crypto.envelope import SUITE, Record, parse_body
from crypto.kit_file import QueueFileError
from survey.answers_db import owner_access
from survey.commands.main import main
from survey.operations import waves
from survey.operations.kit_import import TakeInError, TakenIn, take_in


def made(collection: Collection, number: int = 3) -> list[Record]:
    manifest = collection.manifests[1]
    return [parse_body(made_body(manifest), manifest.plaintext_size) for _ in range(number)]


def file_of(tmp_path: Path, records: list[Record], study: str = STUDY) -> Path:
    path = tmp_path / f"{len(records)}.sotto-queue"
    path.write_bytes(queue_file(study, records))
    return path


def stored(collection: Collection) -> int:
    """Close the wave, where it is open, and count."""
    engine = owner_access.connect_owner(collection.settings.answers_url)
    epoch = bytes.fromhex(collection.manifests[1].key_id)
    owner_access.stop_accepting(engine, epoch)
    number = len([*owner_access.iter_records(engine, epoch)])
    engine.dispose()
    return number


def test_a_file_is_taken_in_once_however_often(open_collection: Collection, tmp_path: Path):
    """Taking a file in twice, and then another that holds the same envelopes and one more, stores each once."""
    records = made(open_collection)
    path = file_of(tmp_path, records)
    assert TakenIn(1, 3) == take_in(open_collection.settings, STUDY, path)
    assert TakenIn(1, 3) == take_in(open_collection.settings, STUDY, path)
    assert TakenIn(1, 4) == take_in(
        open_collection.settings, STUDY, file_of(tmp_path, records + made(open_collection, 1))
    )
    assert 4 == stored(open_collection)


def test_after_the_wave_late_envelopes_are_refused_and_counted(open_collection: Collection, tmp_path: Path):
    """Of a file with one envelope that was handed in before, the other two came too late; the first alone is stored."""
    records = made(open_collection)
    take_in(open_collection.settings, STUDY, file_of(tmp_path, records[:1]))
    waves.close_wave(open_collection.settings, STUDY)
    with pytest.raises(TakeInError, match="closed: 2 of 3 envelopes came too late and were not stored; 1 were stored"):
        take_in(open_collection.settings, STUDY, file_of(tmp_path, records))
    assert 1 == stored(open_collection)


def test_after_the_box_a_file_that_is_all_in_it_is_called_stored(open_collection: Collection, tmp_path: Path):
    """Once the box is made nothing is added; a file whose every envelope is in it is no error."""
    path = file_of(tmp_path, made(open_collection))
    take_in(open_collection.settings, STUDY, path)
    header = close_and_box(open_collection.settings, tmp_path / "box")
    assert TakenIn(1, 3) == take_in(open_collection.settings, STUDY, path)
    assert header == close_and_box(open_collection.settings, tmp_path / "box again")


def _of_size(collection: Collection, size: int) -> Record:
    key_id = bytes.fromhex(collection.manifests[1].key_id)
    return Record.open_link(SUITE + key_id + bytes(1120) + bytes(size + 16))


def test_files_of_another_study_wave_or_size_are_refused_whole(open_collection: Collection, tmp_path: Path):
    """Nothing of such a file is stored; the reason says what does not fit."""
    first, second = made(open_collection, 2)
    other_key = Record.open_link(first.envelope[:2] + bytes(8) + first.envelope[10:])
    size = open_collection.manifests[1].plaintext_size + 256
    with_token = Record(*(bytes([1]) * n for n in (32, 32, 32, 256)), second.envelope)
    cases = [
        (file_of(tmp_path, [first], "market"), "of the study market"),
        (file_of(tmp_path / "..", [other_key]), "no wave with the key"),
    ]
    for path, reason in cases:
        with pytest.raises(TakeInError, match=reason):
            take_in(open_collection.settings, STUDY, path)
    for record in (_of_size(open_collection, size), with_token):
        with pytest.raises(TakeInError, match="do not fit wave 1"):
            take_in(open_collection.settings, STUDY, file_of(tmp_path, [record]))
    assert 0 == stored(open_collection)


def test_a_file_that_is_cut_short_is_refused_and_nothing_of_it_stored(open_collection: Collection, tmp_path: Path):
    """A broken copy stores nothing, not even the records that are whole."""
    path = file_of(tmp_path, made(open_collection))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(QueueFileError, match="nothing was taken in"):
        take_in(open_collection.settings, STUDY, path)
    assert 0 == stored(open_collection)


def test_the_command_says_a_total_and_no_more(
    open_collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """`sotto take-in` prints how many of the file are stored and not how many were new; a refusal has exit code 3."""
    monkeypatch.setenv("SOTTO_HOME", str(open_collection.settings.public.parent))
    path = file_of(tmp_path, made(open_collection))
    for _ in range(2):
        result = CliRunner().invoke(main, ["take-in", STUDY, str(path), "--json"])
        assert (0, {"study": STUDY, "wave": 1, "stored": 3}) == (result.exit_code, json.loads(result.output))
    refused = CliRunner().invoke(main, ["take-in", "market", str(path)])
    assert 3 == refused.exit_code
    assert "not of market" in refused.output
