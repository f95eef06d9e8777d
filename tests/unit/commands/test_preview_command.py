"""`sotto study preview`: what it says of a file, with lines or cells, and of a port that is taken."""

import shutil
import socket

import pytest
from click.testing import CliRunner
from paths import STUDIES
from studies.forms import form

from crypto.errors import ExitCode
from survey.commands.main import main
from survey.commands.preview import loader_of

PHOTO = {"type": "image", "name": "photo", "label": "Photo"}
QUESTION = {"type": "select_one yn", "name": "shop", "label": "Do you shop here?"}


def test_a_port_that_is_taken_is_refused_with_what_to_do():
    """Exit code 3, the port and the option are named, and no preview is left running."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = CliRunner().invoke(
            main,
            ["study", "preview", str(STUDIES / "showcase" / "questionnaire.yaml"), "--port", str(port), "--no-open"],
        )
    assert 3 == result.exit_code
    assert f"port {port} on 127.0.0.1 is taken" in result.stderr
    assert "--port" in result.stderr


def test_what_an_import_refuses_stands_first_with_its_cell_and_the_rest_is_shown(tmp_path):
    """A refused row keeps nothing else from the phone; what a wave lacks comes last."""
    loaded = loader_of(form(tmp_path, QUESTION, PHOTO))()
    assert ["SHOP"] == [item.id for item in loaded.compiled.questionnaire.items]
    first, last = loaded.notes[0], loaded.notes[-1]
    assert ("refused", "survey!3 photo", "PHOTO") == (first.kind, first.place, first.item)
    assert first.remedy
    assert "lacks" == last.kind


def test_what_a_colleague_would_say_of_a_questionnaire_has_its_line(tmp_path):
    """Advice of `sotto study check` stands beside the preview, and does not make the file broken."""
    text = (STUDIES / "showcase" / "questionnaire.yaml").read_text(encoding="utf-8")
    path = tmp_path / "questionnaire.yaml"
    path.write_text(text.replace("How old are you?", "How old are you? " * 60), encoding="utf-8")
    for name in ("audio", "pictures"):
        shutil.copytree(STUDIES / "showcase" / name, tmp_path / name)
    loaded = loader_of(path)()
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "How old are you?" in one)
    assert loaded.compiled
    assert any(note.kind == "advice" and note.place.startswith(f"{line}: items.AGE") for note in loaded.notes)


@pytest.mark.parametrize("name", ["missing.yaml", "folder.yaml"])
def test_what_is_no_file_starts_no_preview(tmp_path, name):
    """A file that is not there and a folder end with 2 and their path; what is wrong in a file is shown beside it."""
    (tmp_path / "folder.yaml").mkdir()
    result = CliRunner().invoke(main, ["study", "preview", str(tmp_path / name), "--no-open"])
    assert ExitCode.USAGE == result.exit_code
    assert str(tmp_path / name) in result.stderr
