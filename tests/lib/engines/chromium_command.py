"""Where the Chromium of this machine is, for tests, pictures of pages and measurements."""

import shutil

WHOLE = "chromium"
# The same engine without the browser's own window: each page of the whole one starts a renderer for its toolbar, which
# takes a quarter of the processor's time of a test. Proofs about profiles, engines and speed use the whole one.
SHELL = "chromium-headless-shell"


class ChromiumMissingError(RuntimeError):
    """No Chromium is installed; the message says how to install it."""


def chromium_path(command: str = WHOLE) -> str:
    """Return the path of a command of Chromium, WHOLE or SHELL; raise ChromiumMissingError where there is none."""
    path = shutil.which(command)
    if path is None:
        raise ChromiumMissingError(
            f"there is no `{command}` on the PATH: `scripts/setup test` or `apt-get install {command}`"
        )
    return path
