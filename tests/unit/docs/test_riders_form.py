"""The tutorial's workbook is what its script writes, byte for byte."""

import subprocess
import sys

from paths import ROOT, STUDIES


def test_the_workbook_of_the_tutorial_is_the_one_that_its_script_writes():
    """No cell of survey/studies/riders/form.xlsx was changed by hand: the script's source is what it holds."""
    code = "import sys; from make_riders_form import workbook; sys.stdout.buffer.write(workbook())"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "scripts", capture_output=True, check=True).stdout
    assert made == (STUDIES / "riders" / "form.xlsx").read_bytes()
