"""Hosts that tests of what staff do begin from."""

import pytest
from hosts.collection import Collection, copied
from hosts.host_acts import store_records

from crypto.box import BoxHeader
from survey.settings import Settings

Ready = tuple[Collection, BoxHeader, str, bytes]


@pytest.fixture(scope="session")
def prepared(opened: Collection, tmp_path_factory: pytest.TempPathFactory) -> Ready:
    """Make a host with a box and a registered plan, and a release that would be published."""
    folder = tmp_path_factory.mktemp("prepared")
    host = copied(opened, Settings.from_environ({"SOTTO_HOME": str(folder / "home")}))
    store_records(host, 3)
    plan = host.register_plan()
    header = host.box(folder / "wave.box")
    return host, header, plan, host.release(plan, header)


@pytest.fixture
def ready(settings: Settings, prepared: Ready) -> Ready:
    """Return such a host of one's own, the header of its box, the hash of its plan, and the release."""
    host, *others = prepared
    return copied(host, settings), *others
