"""What an invitation costs a slow phone: blinding, unblinding, the owner secret; and what its page weighs."""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/lib"))
from interaction import CPU_SLOWDOWN
from phone.invited_site import Guest, InvitedSite, inviting, issuer_key
from phone.meter import Meter
from phone.site import PHONE, chromium
from playwright.sync_api import Browser

from crypto.canonical import from_base64url

ROOT = Path(__file__).parents[1]
GOALS = {"blind_and_unblind_ms": 400}
# Marks what the phone does: from the press on a code to the issuer, and from Send to the door.
CLOCK = """
window.marks = [];
const asked = window.fetch;
window.fetch = async (url, init) => {
  marks.push([String(url), "asked", performance.now()]);
  const answer = await asked(url, init);
  marks.push([String(url), "answered", performance.now()]);
  return answer;
};
"""
# The library alone, in a fresh page each time, since the first use is the one that a phone has; the issuer is in Node.
ALONE = """
async (modulus) => {
  const {blind, finalize, issuerKey} = Token;
  const times = {};
  const timed = async (name, run) => {
    const start = performance.now();
    try { return await run(); } finally { times[name] = performance.now() - start; }
  };
  const key = await issuerKey(Uint8Array.from(modulus));
  const blinding = await timed("blind", () => blind(key, new Uint8Array(103)));
  // Not a good one, which is found after the whole computation: unblinding and verifying.
  await timed("unblind", () => finalize(key, blinding, blinding.blinded).catch(() => null));
  return times;
}
"""


def send(browser: Browser, site: InvitedSite, slowdown: float) -> dict[str, float]:
    """Answer by invitation; return milliseconds of CPU and waiting from each of the two presses to its request."""
    (code,) = site.slips()
    with browser.new_context(**PHONE) as context:
        guest = Guest(context, site)
        guest.page.add_init_script(CLOCK)
        guest.enter(site.slip(code))
        guest.heading(guest.word("invite-title"))
        session = context.new_cdp_session(guest.page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        press(guest, "code")
        guest.consent()
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        guest.answer_all()
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        press(guest, "send")
        guest.stored()
        return between(guest.page.evaluate("marks"))


def press(guest: Guest, name: str) -> None:
    """Press a button, and mark when."""
    guest.page.evaluate("(name) => marks.push([name, 'asked', performance.now()])", name)
    guest.page.locator(f"[data-press={name}]").evaluate("(one) => one.click()")


def between(marks: list[list[Any]]) -> dict[str, float]:
    """Return the stretches that are the phone's own work."""
    at = {(url, what): time for url, what, time in marks}
    return {
        "code_to_issuer": at["/t/market", "asked"] - at["code", "asked"],
        "send_to_door": at["/s/market", "asked"] - at["send", "asked"],
    }


def weight(browser: Browser, site: InvitedSite) -> dict[str, int]:
    """Return requests and bytes of one whole interview by invitation."""
    (code,) = site.slips()
    with browser.new_context(**PHONE) as context:
        guest = Guest(context, site)
        meter = Meter(context.new_cdp_session(guest.page))
        guest.redeem(site.slip(code))
        guest.answer_all()
        guest.send()
        guest.stored()
        guest.page.wait_for_timeout(500)
        return {"requests": len(meter.requests), "bytes": meter.bytes}


def bundled() -> str:
    """Return token.ts as the page's script has it, under a name that a bench can call."""
    command = ["node_modules/.bin/esbuild", "survey/browser/sealing/token.ts", "--bundle", "--minify", "--format=iife",
               "--global-name=Token", "--target=chrome67", "--external:crypto", "--define:globalThis=self",
               "--supported:destructuring=true"]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def alone(browser: Browser, site: InvitedSite, slowdown: float) -> dict[str, float]:
    """Time blinding and unblinding with verification, ms, in a page that has done neither before."""
    with browser.new_context(**PHONE, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(site.base + "/healthz")
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        page.add_script_tag(content=bundled())
        times: dict[str, float] = page.evaluate(ALONE, list(from_base64url(issuer_key().public)))
        return times


def measure(runs: int) -> dict[str, object]:
    """Measure the library, Send at full speed and slowed down, and the weight."""
    rates = (1, CPU_SLOWDOWN)
    with inviting() as site, chromium() as browser:
        alones: dict[int, list[dict[str, float]]] = {rate: [] for rate in rates}
        sends: dict[int, list[dict[str, float]]] = {rate: [] for rate in rates}
        for _ in range(runs):
            for rate in rates:
                alones[rate].append(alone(browser, site, rate))
                sends[rate].append(send(browser, site, rate))
        times = {
            "library_ms": {rate: medians(rows) for rate, rows in alones.items()},
            "library_best_ms": {rate: medians(rows, min) for rate, rows in alones.items()},
            "send_ms": {rate: medians(rows) for rate, rows in sends.items()},
        }
        return times | {"weight": weight(browser, site)}


def medians(rows: list[dict[str, float]], of: Callable[[list[float]], float] = statistics.median) -> dict[str, int]:
    """Return the median, or what `of` makes of it, of each stretch."""
    return {name: round(of([row[name] for row in rows])) for name in rows[0]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    print(json.dumps(measure(parser.parse_args().runs) | {"goals": GOALS}, indent=1))
