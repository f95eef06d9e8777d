"""Where the Chromium of this machine is, for tests, pictures of pages and measurements."""

import shutil


class ChromiumMissingError(RuntimeError):
    """No Chromium is installed; the message says how to install it."""


def chromium_path() -> str:
    """Return the path of the `chromium` command; raise ChromiumMissingError where there is none."""
    path = shutil.which("chromium")
    if path is None:
        raise ChromiumMissingError("there is no `chromium` on the PATH: `scripts/setup` or `apt-get install chromium`")
    return path
