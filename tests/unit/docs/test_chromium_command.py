"""The browser that tests and pictures use is looked for, and its absence says what to install."""

import pytest
from engines.chromium_command import ChromiumMissingError, chromium_path


def test_a_missing_chromium_says_what_to_install(tmp_path, monkeypatch):
    """Without the command no browser is begun by a path that is not there: the message names script and package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ChromiumMissingError, match=r"scripts/setup.*apt-get install chromium"):
        chromium_path()
    command = tmp_path / "chromium"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    assert chromium_path() == str(command)
