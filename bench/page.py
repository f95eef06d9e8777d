"""Weight and speed of the phone page on a slow phone, beside a static page of the same text in the same run."""

import argparse
import html
import json
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/lib"))
from hosts.journey import Wave, open_wave
from interaction import CPU_SLOWDOWN, interactions
from phone.meter import Meter
from phone.person import Person
from phone.site import PHONE, Phone, chromium
from playwright.sync_api import Browser, Page

# Chrome DevTools' "Slow 3G": 500 kbit/s times 0.8, and 2000 ms added to each request.
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
GOALS = {"bytes": 60_000, "requests": 5, "lcp_ms": 2600, "press_ms": 200, "seal_ms": 300}
OBSERVE = """
window.lcp = 0;
new PerformanceObserver((list) => { for (const e of list.getEntries()) window.lcp = e.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
"""


def whole_survey(browser: Browser, wave: Wave, locale: str) -> dict[str, object]:
    """Answer the whole survey in one locale; return what it cost to transfer."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, wave)
        meter = Meter(context.new_cdp_session(phone.page))
        Person(phone, wave, locale, 1, {"MODE": 1, "USE": 1}).answer_all()
        phone.send()
        phone.heading(phone.word("stored-title", locale))
        return {"locale": locale, "requests": len(meter.requests), "bytes": meter.bytes}


def first_visit(browser: Browser, url: str) -> tuple[float, int, int]:
    """Return largest contentful paint in ms, requests and bytes on a slow phone with a slow network."""
    with browser.new_context(**PHONE, device_scale_factor=2) as context:
        page: Page = context.new_page()
        session = context.new_cdp_session(page)
        meter = Meter(session)
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
        page.add_init_script(OBSERVE)
        page.goto(url, wait_until="load", timeout=120_000)
        page.wait_for_timeout(1500)
        asked = [one for one in meter.requests if not one.startswith("data:")]
        return float(page.evaluate("window.lcp")), len(asked), meter.bytes


@contextmanager
def static_page(wave: Wave) -> Iterator[str]:
    """Serve the whole questionnaire's text as one static page, compressed: the floor."""
    texts = wave.study.texts["zh-Hans"]
    lines = [*texts.consent.paragraphs, *(item.text for item in texts.items.values())]
    lines += [option for item in texts.items.values() for option in item.options.values()]
    body = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    content = brotli.compress(f"<!doctype html><meta charset=utf-8><title>.</title>{body}".encode())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Encoding", "br")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def measure(runs: int) -> dict[str, object]:
    """Measure both pages in turn, whole surveys, and presses."""
    with open_wave() as wave, chromium() as browser, static_page(wave) as rival:
        surveys = [whole_survey(browser, wave, locale) for locale in ("en", "zh-Hans", "zh-Hant")]
        visits: dict[str, list[tuple[float, int, int]]] = {"sotto": [], "static": []}
        for _ in range(runs):
            visits["sotto"].append(first_visit(browser, wave.link))
            visits["static"].append(first_visit(browser, rival))
        slow = interactions(browser)
    return {"whole_survey": surveys, "first_visit": compared(visits), "slow_phone_ms": slow, "goals": GOALS}


def compared(visits: dict[str, list[tuple[float, int, int]]]) -> dict[str, object]:
    """Return medians of paint, requests and bytes of both pages, and what Sotto's are of the static page's."""
    names = ("lcp_ms", "requests", "bytes")
    medians = {
        which: [round(statistics.median(column)) for column in zip(*rows, strict=True)]
        for which, rows in visits.items()
    }
    ratios = [round(ours / theirs, 2) for ours, theirs in zip(medians["sotto"], medians["static"], strict=True)]
    return {name: dict(zip(names, row, strict=True)) for name, row in [*medians.items(), ("ratio", ratios)]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    print(json.dumps(measure(parser.parse_args().runs), indent=1))
