"""What browsers are served is published by hash when a wave opens. survey/frontend.py."""

import hashlib
from pathlib import Path

from crypto.canonical import parse
from survey.assets import load_assets
from survey.frontend import frontend, publish_frontend


def test_every_served_file_is_named_by_its_hash(tmp_path: Path):
    """frontend.json has exactly the files that the applications serve, each with the SHA-256 of its plain bytes."""
    publish_frontend(tmp_path)
    said = parse((tmp_path / "frontend.json").read_bytes())
    served = {name: hashlib.sha256(one.forms[""]).hexdigest() for name, one in load_assets().files.items()}
    assert {"format": "sotto-frontend-1", "files": served} == said


def test_a_changed_script_is_seen(tmp_path: Path):
    """One byte more in one script changes its hash and no other; a source map is not served and not named."""
    for name, content in (("main-1.js", b"x"), ("page.css", b"y"), ("main-1.js.map", b"z")):
        (tmp_path / name).write_bytes(content)
    before = parse(frontend(tmp_path, tmp_path / "none"))["files"]
    (tmp_path / "main-1.js").write_bytes(b"x ")
    after = parse(frontend(tmp_path, tmp_path / "none"))["files"]
    assert {"main-1.js", "page.css"} == {*before}
    assert ["main-1.js"] == [name for name in before if before[name] != after[name]]
