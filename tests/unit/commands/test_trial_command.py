"""`sotto study priors` and the refusals of `sotto study try`: what an author is told, and that no file is written."""

from click.testing import CliRunner
from paths import STUDIES
from studies.forms import form

from survey.authoring.compiler import compile_study
from survey.commands.main import main
from survey.simulation.first_priors import first_priors
from survey.simulation.respondents import Priors

SHOWCASE = STUDIES / "showcase" / "questionnaire.yaml"
NOTE = {"type": "select_one yn", "name": "q", "label": "Q"}
PHOTO = {"type": "image", "name": "photo", "label": "Photo"}


def run(command, *arguments):
    """Run `sotto study` with these arguments."""
    return CliRunner().invoke(main, ["study", command, *map(str, arguments)])


def test_priors_are_written_once(tmp_path):
    """The file holds the first priors of the questionnaire; a file that is there is never written over."""
    output = tmp_path / "priors.yaml"
    assert 0 == run("priors", SHOWCASE, "-o", output).exit_code
    assert Priors.read(output) == first_priors(compile_study(SHOWCASE)[0])
    output.write_text("mine", encoding="utf-8")
    assert 3 == run("priors", SHOWCASE, "-o", output).exit_code
    assert "mine" == output.read_text(encoding="utf-8")


def test_what_is_refused_of_a_workbook_stops_both_commands_unless_it_may_be_left_out(tmp_path):
    """Each names the cell and the option; with --leave-out priors are of what is left."""
    path, output = form(tmp_path, PHOTO, NOTE), tmp_path / "priors.yaml"
    for command in ("try", "priors"):
        result = run(command, path, "-o", output.with_suffix(".html") if command == "try" else output)
        assert 3 == result.exit_code
        assert "survey!2 photo: a picture tells who answers" in result.stderr
        assert "go on without it: give --leave-out" in result.stderr
    assert [path] == [*tmp_path.iterdir()]
    assert 0 == run("priors", path, "-o", output, "--leave-out").exit_code
    assert ["Q"] == [one.id for one in Priors.read(output).items]


def test_a_report_that_could_not_stand_is_refused_before_anything_is_invented(tmp_path):
    """Fewer than 300 answers, another ending, a folder that is not there: 3, or the system's reason."""
    path = form(tmp_path, NOTE)
    cases = {("--responses", 299): "300 or more", ("-o", tmp_path / "a.doc"): "ends neither in .html nor in .pdf"}
    for arguments, said in cases.items():
        result = run("try", path, *arguments)
        assert 3 == result.exit_code
        assert said in result.stderr
    assert 0 != run("try", path, "-o", tmp_path / "none" / "a.html").exit_code
    assert [path] == [*tmp_path.iterdir()]
