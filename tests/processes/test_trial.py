"""`sotto study try` takes a workbook to a report by the real path, and leaves that report alone behind."""

import json
import subprocess
import sys

import pytest
from paths import ROOT
from pypdf import PdfReader
from studies.forms import form

SOTTO = [sys.executable, "-c", "from survey.commands.main import main; main(prog_name='sotto')"]
ASKED = [
    {"type": "select_one yn", "name": "shop", "label": "Do you shop here?"},
    {"type": "select_multiple fruit", "name": "fruit", "label": "What do you buy?", "relevant": "${shop} = 'yes'"},
]


def tried(folder, *arguments):
    """Run `sotto study try` in `folder`, with its temporary files there too."""
    (folder / "tmp").mkdir(exist_ok=True)
    command = [*SOTTO, "study", "try", *map(str, arguments)]
    environ = {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.long
def test_a_workbook_becomes_a_report_that_says_demonstration_on_every_page(tmp_path):
    """300 invented answers are stored, opened and verified; the PDF is all that is left, in the folder or elsewhere."""
    path = form(tmp_path, *ASKED)
    before = {*tmp_path.rglob("*")} | {tmp_path / "tmp", tmp_path / "report.pdf"}
    result = tried(tmp_path, path, "--responses", 300, "-o", "report.pdf", "--json")
    assert 0 == result.returncode, result.stderr
    summary = json.loads(result.stdout)
    assert (300, 300, 300, 0, True) == tuple(
        summary[key] for key in ("responses", "stored", "opened", "invalid", "verified")
    )
    # Of the 150 who shop so few are left for each fruit that no table would tell it.
    assert (1, ["FRUIT"]) == (summary["tables"], summary["left_out"])
    assert 2 == summary["import"]["counts"]["questions"]
    assert "consent" in summary["notes"][0]
    pages = [page.extract_text() for page in PdfReader(tmp_path / "report.pdf").pages]
    assert "Do you shop here?" in pages[0]
    assert all("DEMONSTRATION" in page for page in pages)
    assert before == {*tmp_path.rglob("*")}


@pytest.mark.slow
def test_what_a_trial_cannot_use_is_said_before_anything_is_invented(tmp_path):
    """Few answers, a foreign plan, priors of another study, an unknown kind of report: each 3 or 2, and no file."""
    path = form(tmp_path, *ASKED)
    sesame = ROOT / "survey" / "studies" / "sesame_credit"
    cases = {
        ("--responses", 299): "give 300 or more",
        ("-o", "report.docx"): "neither in .html nor in .pdf",
        ("--plan", sesame / "plan.yaml"): "there is no item, indicator or group",
        ("--priors", sesame / "priors.yaml"): "the priors need every item",
    }
    for arguments, said in cases.items():
        result = tried(tmp_path, path, *arguments)
        assert (3, "") == (result.returncode, result.stdout)
        assert said in result.stderr
        assert [path.name, "tmp"] == sorted(one.name for one in tmp_path.iterdir())
        assert [] == [*(tmp_path / "tmp").iterdir()]
