"""A PostgreSQL server that is away for a while costs nobody more than waiting: no process stops for it."""

import contextlib
import os
import re
import signal
import time
from dataclasses import replace

import pytest
from hosts.applications import desk_app, issuer_app, respond_app
from hosts.collection import PASSWORD
from hosts.gunicorn_server import RESPOND, environ, running

from survey.database.engine import DatabaseSettingsError, connect
from survey.database.migration import migrate
from survey.settings import Settings

APPLICATIONS = (respond_app, desk_app, issuer_app)


@pytest.fixture(scope="module")
def urls(pg_server):
    """Return the server with both schemas, and the addresses of both databases by role."""
    owner = {
        "SOTTO_ANSWERS_URL": pg_server.url("sotto_answers", "sotto_owner"),
        "SOTTO_OFFICE_URL": pg_server.url("sotto_office", "sotto_owner"),
    }
    migrate(Settings.from_environ(owner))
    return pg_server


@pytest.fixture
def made():
    """Return a way to make applications whose connections are closed at the end."""
    with contextlib.ExitStack() as stack:

        def make(factory, *arguments, **options):
            app = factory(*arguments, **options)
            held = app.extensions.get("sotto") or app.extensions["issuer"]
            stack.callback(held.engine.dispose)
            return app

        yield make


def role_settings(urls, settings: Settings, make) -> Settings:
    """Return settings with the addresses of the role of the application that `make` returns."""
    role = {respond_app: "sotto_respond", desk_app: "sotto_desk", issuer_app: "sotto_issuer"}[make]
    return replace(settings, answers_url=urls.url("sotto_answers", role), office_url=urls.url("sotto_office", role))


@contextlib.contextmanager
def away(server):
    """Have the server stopped until the block ends."""
    server.control("-m", "immediate", "stop")
    try:
        yield
    finally:
        server.control("start")


@pytest.mark.parametrize("make", APPLICATIONS, ids=["respond", "desk", "issuer"])
def test_an_application_that_starts_without_its_server_works_once_it_is_there(urls, settings, made, make):
    """It starts, runs, is not ready, and is ready by itself when the server comes; its role is checked then."""
    own = role_settings(urls, settings, make)
    with away(urls):
        client = made(make, own).test_client()
        assert [200, 503] == [client.get(path).status_code for path in ("/healthz", "/readyz")]
    assert 200 == client.get("/readyz").status_code


def test_a_role_that_may_too_much_is_refused_also_where_the_server_came_later(urls, settings, made):
    """The check of the role is not skipped by starting while the server was away: the owner's role inserts nothing."""
    own = replace(role_settings(urls, settings, respond_app), answers_url=urls.url("sotto_answers", "sotto_owner"))
    with away(urls):
        app = made(respond_app, own)
    with pytest.raises(DatabaseSettingsError, match="sotto_respond"):
        app.extensions["sotto"].engine.connect()
    assert 503 == app.test_client().get("/readyz").status_code
    with pytest.raises(DatabaseSettingsError, match="sotto_respond"):
        respond_app(own)


def test_the_desk_says_that_its_database_is_away_and_works_after_a_restart(urls, settings, made):
    """Away: what to do, 503, in the visitor's language. Restarted: the first page works, over an old pool."""
    client = made(desk_app, role_settings(urls, settings, desk_app), insecure_cookies=True).test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login").text)[1]
    form = {"name": "li", "password": PASSWORD, "csrf_token": token}
    own = {"Origin": "http://localhost"}
    assert 401 == client.post("/login", data=form, headers=own).status_code
    with away(urls):
        for language, words in (("en", "Wait a minute"), ("zh-CN", "请等一分钟"), ("zh-TW", "請等一分鐘")):
            answer = client.post("/login", data=form, headers=own | {"Accept-Language": language})
            assert (503, True, "60") == (answer.status_code, words in answer.text, answer.headers["Retry-After"])
    urls.control("-m", "immediate", "restart")
    assert 401 == client.post("/login", data=form, headers=own).status_code


def test_the_control_an_old_pool_fails_once_where_it_asks_nothing(urls):
    """An engine that commits by itself asks before no statement: after a restart its first one fails, as hand-ins'."""
    engine = connect(urls.url("sotto_office", "sotto_desk"), begin=None)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    urls.control("-m", "immediate", "restart")
    with pytest.raises(Exception, match=r"terminat|closed|connection"), engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    engine.dispose()


def test_a_worker_that_dies_while_the_server_is_away_is_replaced(urls, collection, tmp_path):
    """gunicorn goes on with new workers, which are ready once the server is back; it gave up for good before."""
    env = environ(collection.settings, tmp_path, SOTTO_ANSWERS_URL=urls.url("sotto_answers", "sotto_respond"))
    with running(RESPOND, env, tmp_path) as server:
        with away(urls):
            for worker in server.children:
                os.kill(worker, signal.SIGKILL)
            assert (200, 503) == (status(server, "/healthz"), status(server, "/readyz"))
            assert server.process.poll() is None
        assert 200 == status(server, "/readyz")


def status(server, path: str) -> int:
    """Return the status of a path, asked until a worker answers."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return server.request("GET", path)[0]
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
