"""What a seized phone would tell of an invitation: after Send and a withdrawal, no file holds code, words or token."""

import re
from collections.abc import Callable

import pytest
from adversaries.profile_search import matches_by_file, unreadable
from adversaries.seized_browser import EACH, ENGINES, KEPT, control_page, left, remembered, settled
from engines.engine import Visitor
from phone.invited_site import InvitedSite, inviting

from crypto.canonical import from_base64url
from crypto.envelope import parse_body, study_id
from crypto.invitation_codes import grouped
from crypto.withdrawal import owner_secret
from crypto.word_codes import read_words

ADDRESSES = re.compile(
    r"/(History|Top Sites|Sessions/|ukm_db|Network Action Predictor|Shortcuts)|^(places|sessionstore)", re.IGNORECASE
)
LISTED = "[...document.querySelectorAll('.code li')].map((one) => one.textContent)"


def answered(visitor: Visitor, then: Callable[[], None] = lambda: None) -> str:
    """Answer and send; return the eight words, after doing something while they are shown."""
    visitor.do("agree")
    for code in (2, 90):
        visitor.answer(code)
    visitor.do("next")
    visitor.answer(3, 1, 2)
    visitor.stored("en")
    visitor.do("takeback")
    visitor.sees(".code li")
    words = visitor.read(LISTED)
    then()
    visitor.do("close")
    left(visitor)
    return " ".join(words)


def withdrawn(visitor: Visitor, words: str) -> None:
    visitor.open(f"{visitor.site.base}/w/market")
    visitor.type("#code", words)
    visitor.do("withdraw")
    visitor.sees("[data-press=again]")
    visitor.do("leave")
    left(visitor)


def secret_of(site: InvitedSite, words: str) -> bytes:
    return owner_secret(read_words(words), study_id("market"), bytes.fromhex(site.study.manifest.key_id))


@pytest.fixture(scope="module", params=EACH)
def profile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Answer with a typed code and with a link's, take the first answer back, quit; return what was secret."""
    folder = tmp_path_factory.mktemp("profile")
    with inviting() as site, control_page() as control, ENGINES[request.param](folder) as engine:
        typed, linked = site.slips(2)
        visitor = Visitor(engine, site)
        visitor.open()
        visitor.press("[data-locale=en] summary")
        visitor.type("#invitation", typed)
        visitor.do("code")
        words = answered(visitor, lambda: settled(visitor, folder))
        withdrawn(visitor, words)
        visitor.open(site.slip(linked))
        visitor.press("[data-locale=en] summary")
        visitor.do("code")
        answered(visitor)
        name = reloaded(visitor, site)
        remembered(engine, control, folder)
        assert secret_of(site, words) == site.posts[1][9:]
        records = [parse_body(body, 256) for body in site.posts if len(body) > 41]
    return folder, typed, linked, words, secret_of(site, words), records, name


def reloaded(visitor: Visitor, site: InvitedSite) -> str:
    """Redeem a third slip, reload, go on to the first question and stay there; return the tab's name."""
    (code,) = site.slips()
    visitor.open()
    for press in (visitor.engine.reload, lambda: visitor.do("agree")):
        visitor.press("[data-locale=en] summary")
        visitor.type("#invitation", code)
        visitor.do("code")
        visitor.sees("[data-press=agree]")
        press()
    visitor.sees("[data-code='2']")
    return visitor.read("window.name")


def test_neither_the_typed_code_nor_the_words_nor_w_is_in_any_file(profile):
    """In no spelling, plain or compressed, does the profile hold what was typed, shown or derived, nor any token."""
    folder, typed, _, words, secret, records, _ = profile
    assert [] == unreadable(folder)
    assert 2 == len({record.row_key for record in records})
    tokens = [part for one in records for part in (one.row_key, one.t, one.c, one.prefix, one.signature)]
    needles = [
        typed,
        grouped(typed),
        grouped(typed).lower(),
        words,
        words.replace(" ", ""),
        secret,
        secret.hex(),
        *tokens,
    ]
    assert {} == matches_by_file(folder, needles)


def test_a_links_code_stands_only_where_the_browser_notes_addresses(profile):
    """
    A browser notes the address that it was given before any script runs, and no page can undo that (SECURITY.md).

    So a slip's link leaves its code in the lists of visited pages, as any link does; in storage and caches it is not.
    """
    folder, _, linked, *_ = profile
    names = [name for name in matches_by_file(folder, [linked]) if not ADDRESSES.search(name)]
    assert [] == names


def test_what_a_tab_keeps_over_a_reload_is_in_no_file(profile):
    """A slip that was reloaded and is still open when the browser quits: its tab's name is in no file, nor a part."""
    folder, *_, name = profile
    assert 850 == len(name)
    assert {} == matches_by_file(
        folder, [name, *(name[at : at + 50] for at in range(0, 850, 50)), from_base64url(name)]
    )


def test_the_search_finds_what_a_page_keeps(profile):
    """A control's words are in the same profile: the search sees them."""
    folder, *_ = profile
    assert matches_by_file(folder, [KEPT["field"]])
