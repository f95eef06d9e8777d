"""Fixtures of the tests of the desk."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from cheap.passwords import cheap_passwords
from flask.testing import FlaskClient
from hosts.applications import desk_app
from hosts.collection import Collection
from hosts.desk_client import Clock, sign_in

SignsIn = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def _cheap() -> Iterator[None]:
    """Sign in at next to no cost: a tenth of a second each would be a quarter of what these tests take."""
    with cheap_passwords():
        yield


@pytest.fixture
def desk() -> Iterator[SignsIn]:
    """Return what signs somebody in to the desk of a host; every desk is ended."""
    with ExitStack() as ends:

        def signed_in(collection: Collection, name: str = "li", clock: Clock | None = None) -> FlaskClient:
            app = desk_app(collection.settings, clock or Clock())
            ends.callback(app.extensions["sotto"].engine.dispose)
            client = app.test_client()
            assert 303 == sign_in(client, name).status_code
            return client

        yield signed_in
