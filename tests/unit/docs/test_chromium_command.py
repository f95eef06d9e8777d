"""The browser that tests and pictures use is looked for, and its absence says what to install."""

import pytest
from engines.chromium_command import SHELL, WHOLE, ChromiumMissingError, chromium_path


@pytest.mark.parametrize("name", [WHOLE, SHELL])
def test_a_missing_chromium_says_what_to_install(tmp_path, monkeypatch, name):
    """Without the command no browser is begun by a path that is not there: the message names script and package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ChromiumMissingError, match=rf"scripts/setup test.*apt-get install {name}`"):
        chromium_path(name)
    command = tmp_path / name
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    assert chromium_path(name) == str(command)
