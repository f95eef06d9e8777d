"""What must hold of the form without JavaScript in every browser engine, once somebody sent it or left."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hosts.applications import respond_app
from hosts.threaded_server import answering
from studies.plain_study import STUDY, PlainStudy, fresh
from werkzeug.serving import WSGIRequestHandler, make_server

from engines.engine import Engine, EngineError, Visitor, until

MARKED = ("MODE-001", "AGE-001", "USE-003", "BUY_s-090", "SINCE-002", "FACE-002", "ONLY_o002-001")
PICKED = {"KIDS": "005", "R_1": "004", "R_2": "001"}
TYPED = "warm soup"
# What a person can see of answers: marked controls in sight, but for a No, which is so from the start; chosen; typed.
SEEN = """
(() => {
  const inSight = (one) => one.getClientRects().length > 0;
  const marked = [...document.querySelectorAll("input[type=radio]:checked")].filter((one) => one.value !== "000");
  const chosen = [...document.querySelectorAll("select")].filter((one) => one.value !== "256");
  const typed = [...document.querySelectorAll("input[type=text]")].filter((one) => one.value);
  return [...marked, ...chosen, ...typed].filter(inSight).map((one) => one.id);
})()
"""
HEADING = "document.querySelector('h1')?.textContent"


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Keep the test's output quiet."""


@contextlib.contextmanager
def served(folder: Path, *, by_get: bool = False) -> Iterator[tuple[PlainStudy, str]]:
    """Yield a study and the address of its form; `by_get` lets the questions answer GET, as they must not."""
    study = fresh(folder)
    app = respond_app(study.settings)
    whole = app.wsgi_app

    def application(environ, start_response):
        if by_get and environ["PATH_INFO"].endswith("/questions"):
            environ["REQUEST_METHOD"] = "POST"
        return whole(environ, start_response)

    app.wsgi_app = application
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    with answering(server, app.extensions["sotto"].engine) as origin:
        yield study, f"{origin}/f/{STUDY}"


class PlainFormProof:
    """A subclass in a module with an `engine` fixture runs it in that engine."""

    @pytest.mark.parametrize("mended", [False, True], ids=["at once", "after a fault"])
    def test_back_and_forward_after_send_show_nothing(self, engine: Engine, tmp_path, mended: bool):
        """However often somebody goes back and forward after the thanks, no answer can be seen on any page."""
        with served(tmp_path) as (study, address):
            visitor = filled_in(engine, f"{address}?lang=en", press=True)
            assert {"AGE-001", "KIDS", "WORDS_p1"} <= set(visitor.read(SEEN))
            if mended:
                visitor.pick("#R_2", "004")
                visitor.press("label[for=ready]")
                visitor.press("button.main")
                visitor.sees("[role=alert]")
                assert [] == visitor.read(SEEN)
                visitor.pick("#R_1", "004")
                visitor.pick("#R_2", "001")
            visitor.press("label[for=ready]")
            visitor.press("button.main")
            visitor.sees("code")
            for move in (engine.back, engine.forward, engine.back, engine.back, engine.forward, engine.back):
                move_on(move)
                assert [] == seen(visitor)
            assert len(study.envelopes()) >= 1

    def test_back_after_leaving_shows_nothing(self, engine: Engine, tmp_path):
        """Leave now opens an empty page; going back from there shows no answer."""
        with served(tmp_path) as (study, address):
            visitor = filled_in(engine, f"{address}?lang=en", press=True)
            visitor.press("a.leave")
            visitor.expect_value("location.href", "about:blank")
            for move in (engine.back, engine.back, engine.forward):
                move_on(move)
                assert [] == seen(visitor)
            assert [] == study.envelopes()

    def test_going_back_is_seen_where_nothing_hinders_it(self, engine: Engine, tmp_path):
        """Control: one step back from the thanks leads to the page where they were given, if that answers GET."""
        with served(tmp_path, by_get=True) as (_, address):
            visitor = filled_in(engine, f"{address}/questions?lang=en", press=False)
            visitor.press("label[for=ready]")
            visitor.press("button.main")
            visitor.sees("code")
            move_on(engine.back)
            visitor.expect_value(HEADING, "Before you answer")


def filled_in(engine: Engine, address: str, *, press: bool) -> Visitor:
    """Return a visitor who has filled in the form at an address, after the press for its questions."""
    visitor = Visitor(engine, SimpleNamespace(link=address)).open()
    if press:
        visitor.press("button.main")
    for name in ("consent-001", *MARKED):
        visitor.press(f"label[for={name}]")
    for name, value in PICKED.items():
        visitor.pick(f"#{name}", value)
    visitor.type("#WORDS_p1", TYPED)
    return visitor


def move_on(move) -> None:
    """Go back or forward; a driver may complain of the browser's own page about sending again."""
    with contextlib.suppress(EngineError):
        move()


def seen(visitor: Visitor) -> list[str]:
    """Return the controls that show an answer, once a page is there; Firefox's, where it does not ask, is empty."""
    return until(lambda: visitor.read(SEEN), lambda those: those is not None, f"{visitor.engine.name} shows no page")
