"""Fixtures that every test may use."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from collection import Collection
from invited import Inviting, authored, opened
from pgserver import Server, running_server

from survey.settings import Settings

SECRET = "s" * 40
pytest.register_assert_rewrite("engine_proof")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a collection host that is all in one folder."""
    return Settings.from_environ({"SOTTO_HOME": str(tmp_path / "home"), "SOTTO_SECRET_KEY": SECRET})


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a migrated collection host with the Sesame study and one account, once for all tests."""
    home = tmp_path_factory.mktemp("begun") / "home"
    Collection(Settings.from_environ({"SOTTO_HOME": str(home)})).begin()
    return home


@pytest.fixture
def collection(settings: Settings, begun: Path) -> Collection:
    """Return a collection host of one's own."""
    shutil.copytree(begun, settings.public.parent)
    return Collection(settings)


@pytest.fixture(scope="session")
def inviting_host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a collection host with a study answered by invitation and its issuer's key, once for all tests."""
    folder = tmp_path_factory.mktemp("invited")
    Inviting(Settings.from_environ({"SOTTO_HOME": str(folder / "home")}), file=authored(folder)).begin()
    return folder


@pytest.fixture
def invited(inviting_host: Path, tmp_path: Path) -> Inviting:
    """Return such a host of one's own, with its first wave open."""
    return opened(inviting_host, tmp_path / "invited")


@pytest.fixture(scope="module")
def pg_server() -> Iterator[Server]:
    """Run a throwaway PostgreSQL server with our roles."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    """Run Chromium for the tests of a module."""
    from phone_site import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def study():
    """Return the small study about a market."""
    from market import Study

    return Study()


@pytest.fixture
def site(study):
    """Serve the study of the module, with faults on demand."""
    from phone_site import serving

    with serving(study) as site:
        yield site


@pytest.fixture
def phone(browser, site):
    """Return a phone of one's own, with a blank page."""
    from phone_site import PHONE, Phone

    with browser.new_context(**PHONE) as context:
        yield Phone(context, site)
