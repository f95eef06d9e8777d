"""Fixtures that every test may use."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from cheap.templates import CompiledTemplates
from flask import Flask
from hosts.collection import Collection, copied, published
from hosts.invited import Inviting, authored
from hosts.pgserver import Server, running_server
from hosts.published_life import hand_in, live
from kinds import kind_of, longest_first

from survey.operations import releases
from survey.release.release import Release
from survey.settings import Settings

pytest.register_assert_rewrite("engines.proof", "hosts.schema_proof")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, before any is chosen by a marker, and put them in the order of their length."""
    for item in items:
        item.add_marker(kind_of(item.path, getattr(item, "fixturenames", ())))
    longest_first(items)


def pytest_configure() -> None:
    """Search for no garbage while modules and tests are made: they stay. Compile each template once for all tests."""
    gc.disable()
    Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}


def pytest_collection_finish() -> None:
    """Leave modules and tests out of every later search for garbage: looking through them took 2.7 s each time."""
    gc.freeze()
    gc.enable()


def settings_in(folder: Path) -> Settings:
    """Return the settings of a collection host that is all in one folder."""
    return Settings.from_environ({"SOTTO_HOME": str(folder / "home")})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a collection host that is all in one folder."""
    return settings_in(tmp_path)


def tiny_workbook(_release: Release, _locale: str) -> list[tuple[str, bytes]]:
    """Stand in for a release's workbook."""
    return [("release.xlsx", b"not a workbook")]


@pytest.fixture
def tiny_workbooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish releases with workbooks that are none: real ones are most of the two seconds that publishing takes."""
    monkeypatch.setattr(releases, "xlsx_files", tiny_workbook)


# Hosts that several tests begin from are made once for each process; each test gets a copy.


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Make a migrated collection host with the Sesame study and one account."""
    host = Collection(settings_in(tmp_path_factory.mktemp("begun")))
    host.begin()
    return host


@pytest.fixture(scope="session")
def opened(begun: Collection, tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Make such a host with its first wave open."""
    host = copied(begun, settings_in(tmp_path_factory.mktemp("opened")))
    host.open_wave()
    return host


@pytest.fixture(scope="session")
def released(begun: Collection, tmp_path_factory: pytest.TempPathFactory) -> tuple[Collection, str]:
    """Take such a host to a published release; return it with the release's hash."""
    folder = tmp_path_factory.mktemp("released")
    host = copied(begun, settings_in(folder))
    return host, published(host, folder / "box")


@pytest.fixture(scope="session")
def boxed(opened: Collection, tmp_path_factory: pytest.TempPathFactory) -> tuple[Collection, list[str]]:
    """Make a host with one box of twelve envelopes; return it with their receipts."""
    folder = tmp_path_factory.mktemp("boxed")
    host = copied(opened, settings_in(folder))
    receipts = hand_in(host, 1, 12)
    host.box(folder / "wave.box")
    return host, receipts


@pytest.fixture(scope="session")
def life(begun: Collection, tmp_path_factory: pytest.TempPathFactory) -> tuple[Collection, list[str]]:
    """Take a host through a whole life of two waves; return it with the receipts of its first wave."""
    folder = tmp_path_factory.mktemp("life")
    host = copied(begun, settings_in(folder))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(releases, "xlsx_files", tiny_workbook)
        return host, live(host, folder / "home")


@pytest.fixture
def collection(settings: Settings, begun: Collection) -> Collection:
    """Return a collection host of one's own."""
    return copied(begun, settings)


@pytest.fixture
def open_collection(settings: Settings, opened: Collection) -> Collection:
    """Return a collection host of one's own, with its first wave open."""
    return copied(opened, settings)


@pytest.fixture
def boxed_collection(settings: Settings, boxed: tuple[Collection, list[str]]) -> tuple[Collection, list[str]]:
    """Return a collection host of one's own with one box of twelve envelopes, and their receipts."""
    host, receipts = boxed
    return copied(host, settings), receipts


@pytest.fixture
def released_collection(settings: Settings, released: tuple[Collection, str]) -> tuple[Collection, str]:
    """Return a collection host of one's own with a published release, and the release's hash."""
    host, name = released
    return copied(host, settings), name


@pytest.fixture(scope="session")
def inviting(tmp_path_factory: pytest.TempPathFactory) -> Inviting:
    """Make a collection host with a study answered by invitation and its issuer's key."""
    folder = tmp_path_factory.mktemp("inviting")
    host = Inviting(settings_in(folder), file=authored(folder))
    host.begin()
    return host


@pytest.fixture(scope="session")
def inviting_opened(inviting: Inviting, tmp_path_factory: pytest.TempPathFactory) -> Inviting:
    """Make such a host with its first wave open."""
    host = copied(inviting, settings_in(tmp_path_factory.mktemp("inviting-opened")))
    host.open_wave()
    return host


@pytest.fixture
def invited(inviting_opened: Inviting, tmp_path: Path) -> Inviting:
    """Return such a host of one's own, with its first wave open."""
    return copied(inviting_opened, settings_in(tmp_path / "invited"))


@pytest.fixture(scope="module")
def pg_server() -> Iterator[Server]:
    """Run a throwaway PostgreSQL server with our roles."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    """Run Chromium for the tests of a module."""
    from phone.site import headless_shell

    with headless_shell() as browser:
        yield browser


@pytest.fixture(scope="module")
def study():
    """Return the small study about a market."""
    from studies.market import Study

    return Study()


@pytest.fixture
def site(study):
    """Serve the study of the module, with faults on demand."""
    from phone.site import serving

    with serving(study) as site:
        yield site


@pytest.fixture
def phone(browser, site):
    """Return a phone of one's own, with a blank page."""
    from phone.site import PHONE, Phone

    with browser.new_context(**PHONE) as context:
        yield Phone(context, site)
