"""What browsers are served is in the public log by hash, from a wave's opening to its box."""

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hosts.collection import STUDY
from sqlmodel import select

from crypto.canonical import digest, parse
from survey.commands.main import main
from survey.office_db.tables import Wave
from survey.operations import boxes, waves
from survey.operations.transaction import office_session
from survey.public_log import log_events
from survey.publication.frontend_files import AssetError, load_assets, served_paths
from survey.publication.frontend_hashes import frontend


def logged(collection) -> list[tuple[int, str]]:
    """Return wave and hash of each front end in the public log."""
    entries = log_events.host_log(collection.settings).entries()
    return [(entry.wave, entry.hash) for entry in entries if entry.kind == "frontend"]


def test_every_served_file_is_named_by_its_hash(collection):
    """Opening a wave logs exactly the files that the applications serve, each with the SHA-256 of its plain bytes."""
    collection.open_wave()
    ((_, name),) = logged(collection)
    document = parse((collection.settings.public / f"frontends/{name}.json").read_bytes())
    served = {name: hashlib.sha256(one.forms[""]).hexdigest() for name, one in load_assets().files.items()}
    assert {"format": "sotto-frontend-1", "files": served} == document


def test_a_changed_script_is_seen(tmp_path: Path):
    """One byte more in one script changes its hash and no other; a source map is not served and not named."""
    for name, content in (("main-1.js", b"x"), ("page.css", b"y"), ("main-1.js.map", b"z")):
        (tmp_path / name).write_bytes(content)
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "bundle.json").write_text("{}")
    before = parse(frontend(tmp_path, dist))["files"]
    (tmp_path / "main-1.js").write_bytes(b"x ")
    after = parse(frontend(tmp_path, dist))["files"]
    assert {"main-1.js", "page.css"} == {*before}
    assert ["main-1.js"] == [name for name in before if before[name] != after[name]]


def test_a_front_end_that_is_not_built_is_refused_before_a_wave_opens(collection, tmp_path, monkeypatch):
    """Without a build nothing is hashed in silence: hashing is refused, and no wave is opened that would serve none."""
    with pytest.raises(AssetError, match=r"run `npm ci && node scripts/build.mjs`"):
        frontend(tmp_path, tmp_path / "none")
    monkeypatch.setattr(waves, "served_paths", lambda: served_paths(tmp_path, tmp_path / "none"))
    with pytest.raises(AssetError, match="not built"):
        collection.open_wave()
    with office_session(collection.settings) as session:
        assert [] == session.exec(select(Wave)).all()


def test_a_mended_front_end_is_logged_by_the_daily_timer_until_the_box(collection, tmp_path, monkeypatch):
    """Each change is one entry, also the way back to an older front end; after the box the wave has no more of them."""
    collection.open_wave()
    boxes.compact_answers(collection.settings)
    own, mended = digest(frontend()), b'{"files":{},"format":"sotto-frontend-1"}'
    assert [(1, own)] == logged(collection)
    with monkeypatch.context() as patched:
        patched.setattr(log_events, "frontend", lambda: mended)
        boxes.compact_answers(collection.settings)
        boxes.compact_answers(collection.settings)
    assert [(1, own), (1, digest(mended))] == logged(collection)
    waves.close_wave(collection.settings, STUDY)
    done = CliRunner().invoke(main, ["migrate"], env={"SOTTO_HOME": str(collection.settings.public.parent)})
    assert (0, [(1, own), (1, digest(mended)), (1, own)]) == (done.exit_code, logged(collection))
    collection.box(tmp_path / "box")
    monkeypatch.setattr(log_events, "frontend", lambda: mended)
    boxes.compact_answers(collection.settings)
    assert 3 == len(logged(collection))
