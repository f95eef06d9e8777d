"""`make docs`: the pages as a site that is searched in English and Chinese, and fetches nothing from elsewhere."""

import functools
import html
import http.server
import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import unquote

import pytest
from paths import ROOT

pytestmark = pytest.mark.slow
# From the middle of a sentence, with Chinese on both sides of it, and on one page alone.
CHINESE, ITS_PAGE = "信得过谁", "zh-Hans/tutorial.html"


class Silent(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Build the site once."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, ROOT / "scripts" / "docs_site.py", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return folder


@pytest.fixture(scope="module")
def address(built):
    """Serve the site on this machine until the tests are done."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=built))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def opened(browser, address, place, width=1280, height=800):
    """Open a page of the site; return it, and what it asks other hosts for."""
    page, elsewhere = browser.new_page(viewport={"width": width, "height": height}), []
    own = (address, "blob:", "data:")
    page.on("request", lambda asked: None if asked.url.startswith(own) else elsewhere.append(asked.url))
    page.goto(f"{address}/{place}")
    return page, elsewhere


HITS = "a[href*='?h=']"


def search(page, words):
    """Type words into the search of a page, which a key opens."""
    page.keyboard.press("/")
    page.get_by_placeholder("Search").or_(page.locator("input:not([type])")).first.fill(words)


def hits(page, words):
    """Search for words that are there; return where each hit leads. The index loads meanwhile."""
    search(page, words)
    page.locator(HITS).first.wait_for(state="attached")
    return [link.get_attribute("href").rpartition("?h=")[0] for link in page.locator(HITS).all()]


def test_a_chinese_word_from_the_middle_of_a_sentence_is_found(browser, address):
    """The word has Chinese before it and no space, and its page is a hit; words of no page then leave no hit."""
    assert re.search(rf"[\u4e00-\u9fff]{CHINESE}", (ROOT / "docs/zh-Hans/tutorial.md").read_text(encoding="utf-8"))
    page, elsewhere = opened(browser, address, "index.html")
    found = hits(page, CHINESE)
    assert any(one.endswith(ITS_PAGE) for one in found), found
    page.get_by_placeholder("Search").or_(page.locator("input:not([type])")).first.fill("胡说八道的")
    page.locator(HITS).first.wait_for(state="detached")
    assert [] == elsewhere
    page.close()


def test_an_english_word_leads_to_its_page(browser, address):
    """A word of the tutorial is found from another page, and the hit opens it with nothing asked of another host."""
    page, elsewhere = opened(browser, address, "SECURITY.html", width=360, height=640)
    assert any(one.endswith("/tutorial.html") for one in hits(page, "rehearse riders"))
    page.locator("a[href*='tutorial.html?h=']").first.click()
    page.wait_for_url("**/tutorial.html*")
    assert [] == elsewhere
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_every_link_of_the_site_leads_to_a_place_in_it(built):
    """Each link that is no address has its file, and each anchor its element; no page names a host that it loads."""
    texts = {path: path.read_text(encoding="utf-8") for path in built.rglob("*.html")}
    ids = {path.resolve(): set(re.findall(r'\bid="?([^"\s>]+)', text)) for path, text in texts.items()}
    wrong = []
    for path, text in texts.items():
        if path.name == "404.html":
            continue
        for link in re.findall(r'<a\b[^>]*?\bhref="?([^"\s>]+)', text):
            name, _, anchor = html.unescape(unquote(link)).partition("#")
            if re.match(r"[a-z]+:", name):
                continue
            target = (path.parent / name).resolve() if name else path.resolve()
            target = target / "index.html" if target.is_dir() else target
            if not target.exists() or (anchor and anchor not in ids.get(target, ())):
                wrong.append((path.relative_to(built).as_posix(), link))
        assert not re.search(
            r'<(?:script|img|iframe|source)[^>]*\bsrc="?https?:|<link[^>]*stylesheet[^>]*https?:', text
        )
    assert [] == sorted(set(wrong))
