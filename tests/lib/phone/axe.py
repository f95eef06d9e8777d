"""axe-core in a page: its script, the rules that are run, and the dresses in which a screen is looked at."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

from phone.site import PHONE

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Colours and sizes change nothing for the rules that look at structure alone.
LOOKS = ["cat.color", "cat.sensory-and-visual-cues", "wcag22aa"]
RUN = """(tags) => axe.run(document, {runOnly: tags, resultTypes: ["violations"]}).then(({violations}) =>
  violations.map(({id, nodes}) => [id, nodes.map(({html}) => html)]))"""
DRESSES = {"light": ("light", "1"), "dark": ("dark", "1"), "contrast": ("contrast", "1"), "large": ("light", "3")}
DRESS = "([colours, size]) => Object.assign(document.documentElement.dataset, {colours, size})"
UNDRESS = "() => { for (const name of ['colours', 'size']) delete document.documentElement.dataset[name]; }"
# Phones where a rule looks at moving things have them stand still; axe is a script, which our policy rightly refuses.
# A tall screen, since what the bar at the bottom half covers is too small a target only until one scrolls.
STILL = {**PHONE, "bypass_csp": True, "reduced_motion": "reduce", "viewport": {"width": 360, "height": 2400}}


def violations(page: Page, name: str) -> list[object]:
    """Return what axe objects to on the screen as it is, in each dress."""
    wrong = []
    for dress, values in DRESSES.items():
        page.evaluate(DRESS, values)
        wrong += [(name, dress, *one) for one in page.evaluate(RUN, TAGS if dress == "light" else LOOKS)]
    page.evaluate(UNDRESS)
    return wrong
