"""What the proof of work of an open link costs a slow phone, and what a challenge and its check cost the host."""

import argparse
import base64
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from altcha import Challenge, Payload, solve_challenge

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/lib"))
from interaction import CPU_SLOWDOWN
from phone.site import PHONE, Phone, chromium
from phone.worked_site import WorkedSite, working
from playwright.sync_api import Browser, expect
from studies.market import STUDY
from tokens_phone import CLOCK

from survey.admission.proof_of_work import COST, COUNTERS, ProofOfWork

ROOT = Path(__file__).parents[1]
DESK = ProofOfWork(bytes(32))
GOALS = {"sum_ms_at_6": 2000, "host_ms": 5}
MEAN = statistics.mean(COUNTERS) + 1
WAIT = 120_000


def pages_cpu(browser: Browser) -> float:
    """Return milliseconds of CPU that all threads of Chromium's pages have had: the sum is not on the main one."""
    processes: list[dict[str, Any]] = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    threads = [
        one for page in processes if page["type"] == "renderer" for one in Path(f"/proc/{page['id']}/task").iterdir()
    ]
    return sum(int((one / "schedstat").read_text(encoding="ascii").split()[0]) for one in threads) / 1e6


def alone(browser: Browser, site: WorkedSite) -> dict[str, float]:
    """Solve one challenge in a fresh page at full speed; return ms by the clock and of CPU, for the mean of tries."""
    challenge = json.loads(DESK.challenge(STUDY))
    with browser.new_context(**PHONE, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(site.base + "/healthz")
        page.add_script_tag(content=bundled())
        before = pages_cpu(browser)
        took, header = page.evaluate(
            """async (challenge) => {
              const start = performance.now();
              const header = await Work.workFor(challenge, new AbortController().signal);
              return [performance.now() - start, header];
            }""",
            challenge,
        )
        spent = pages_cpu(browser) - before
    scale = MEAN / tried(header)
    return {"clock": took * scale, "cpu": spent * scale, "cpu_at_6": spent * scale * CPU_SLOWDOWN}


def bundled() -> str:
    """Return proof_of_work.ts as the page's script has it, under a name that a bench can call."""
    options = ["--bundle", "--minify", "--format=iife", "--global-name=Work", "--target=chrome67"]
    source = "survey/browser/delivery/proof_of_work.ts"
    command = ["node_modules/.bin/esbuild", source, *options, "--supported:destructuring=true"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def send(browser: Browser, site: WorkedSite, rate: int) -> dict[str, float]:
    """Answer once, the main thread slowed down; return ms from the challenge to the hand-in, for the mean of tries."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        phone.page.add_init_script(CLOCK)
        phone.start()
        phone.to_send()
        context.new_cdp_session(phone.page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
        phone.page.locator("[data-press=send]").evaluate("(one) => one.click()")
        expect(phone.page.locator("h1")).to_have_text(phone.word("stored-title"), timeout=WAIT)
        marks = phone.page.evaluate("marks")
    return {"challenge_to_hand_in": between(marks) * MEAN / tried(site.works[-1])}


def between(marks: list[list[Any]]) -> float:
    """Return milliseconds from the challenge's arrival to the hand-in."""
    at = {(url, what): when for url, what, when in marks}
    return float(at[f"/s/{STUDY}", "asked"] - at[f"/s/{STUDY}/work", "answered"])


def tried(header: str | None) -> int:
    """Return how many tries a header took: the first has the number 0."""
    counter: int = json.loads(base64.b64decode(header or ""))["solution"]["counter"]
    return counter + 1


def host(rounds: int = 50) -> dict[str, float]:
    """Return milliseconds of CPU that a challenge and the check of its answer cost the host, and a robot's sum."""
    challenge = Challenge.from_dict(json.loads(DESK.challenge(STUDY)))
    solution = solve_challenge(challenge)
    if solution is None:
        raise RuntimeError("the challenge was not solved in time")
    header = Payload(challenge, solution).to_base64()
    robot = cpu_ms(lambda: solve_challenge(challenge), 3) * MEAN / tried(header)
    challenged = cpu_ms(lambda: DESK.challenge(STUDY), rounds)
    checked = cpu_ms(lambda: DESK.spent(header, STUDY, bytes(32)), rounds)
    return {"challenge": challenged, "check": checked, "robot_in_python": round(robot)}


def cpu_ms(run: Callable[[], object], rounds: int) -> float:
    start = time.process_time()
    for _ in range(rounds):
        run()
    return round(1000 * (time.process_time() - start) / rounds, 3)


def measure(runs: int) -> dict[str, object]:
    """Measure the sum alone and Send, at full speed and slowed down in turn, and the host."""
    sums: list[dict[str, float]] = []
    sends: dict[int, list[dict[str, float]]] = {1: [], CPU_SLOWDOWN: []}
    with working() as site, chromium() as browser:
        for _ in range(runs):
            sums.append(alone(browser, site))
            for rate, times in sends.items():
                times.append(send(browser, site, rate))
    phone = {"sum": summary(sums), "send": {rate: summary(times) for rate, times in sends.items()}}
    return {"rounds": COST, "tries": [1, len(COUNTERS)], "phone_ms": phone, "host_ms": host()}


def summary(rows: list[dict[str, float]]) -> dict[str, list[int]]:
    """Return the median and the best of each figure."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return {name: [round(statistics.median(column)), round(min(column))] for name, column in columns.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    print(json.dumps(measure(parser.parse_args().runs) | {"goals": GOALS}, indent=1))
