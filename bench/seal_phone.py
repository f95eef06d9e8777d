"""What a phone's first seal costs: the browser's own cryptography beside hpke-js, and the check that chooses."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/lib"))
from interaction import CPU_SLOWDOWN
from phone.site import PHONE, Site, chromium, serving
from playwright.sync_api import Browser
from studies.market import Study
from work_phone import pages_cpu, summary

from crypto.canonical import from_base64url

ROOT = Path(__file__).parents[1]
GOALS = {"first_seal_cpu_ms_at_6": 60}
MODULES = "".join(f'export * from "./survey/browser/sealing/{name}";' for name in ("hpke_native", "hpke_library"))
# What each way does first in a page that has done nothing else; "nothing" is what asking a page costs.
WAYS = {
    "nothing": "async () => undefined",
    "native": "() => Seals.nativeSeal(key, info, plaintext)",
    "check": "() => Seals.isNativeRight()",
    "check_and_native": "async () => { await Seals.isNativeRight(); await Seals.nativeSeal(key, info, plaintext); }",
    "hpke_js": "() => Seals.librarySeal(key, info, plaintext)",
}
FIRST = """
async (given) => {
  const [key, info, plaintext] = [Uint8Array.from(given), new Uint8Array(106), new Uint8Array(256)];
  const start = performance.now();
  await (%s)();
  return performance.now() - start;
}
"""


def bundled() -> str:
    """Return both ways as the page's scripts have them, under a name that a bench can call."""
    options = ["--bundle", "--minify", "--format=iife", "--global-name=Seals", "--target=chrome67"]
    shims = ["--external:crypto", "--define:globalThis=self", "--supported:destructuring=true"]
    command = ["node_modules/.bin/esbuild", *options, *shims]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, input=MODULES).stdout


def first(browser: Browser, site: Site, script: str, way: str, rate: int) -> tuple[float, float]:
    """Return milliseconds by the clock and of CPU, of all threads, of one call in a page that never sealed."""
    with browser.new_context(**PHONE, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(site.base + "/healthz")
        page.add_script_tag(content=script)
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
        before = pages_cpu(browser)
        clock: float = page.evaluate(FIRST % WAYS[way], list(from_base64url(site.study.manifest.key)))
        return clock, pages_cpu(browser) - before


def measure(runs: int) -> dict[str, object]:
    """Measure each way in turn: CPU at full speed, times the slowdown, and the clock with the main thread slowed."""
    rows: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    script = bundled()
    with serving(Study()) as site, chromium() as browser:
        for _ in range(runs):
            for way, found in rows.items():
                clock, cpu = first(browser, site, script, way, 1)
                slow, _ = first(browser, site, script, way, CPU_SLOWDOWN)
                found.append({"clock": clock, "cpu_at_6": cpu * CPU_SLOWDOWN, "clock_main_thread_at_6": slow})
    return {way: summary(found) for way, found in rows.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    print(json.dumps({"ms": measure(parser.parse_args().runs), "goals": GOALS}, indent=1))
