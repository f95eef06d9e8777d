"""YAML text as nodes with line numbers or as plain data, parsed by libyaml; the only reader and writer of YAML."""

from typing import Any

import yaml
from yaml.composer import Composer


class _Loader(Composer, yaml.CSafeLoader):
    """Libyaml's events, composed in Python.

    CSafeLoader composes in C too, recursively and without a limit: a file of some thousand levels, which is a
    RecursionError here, would end the process.
    """

    def __init__(self, stream: str) -> None:
        yaml.CSafeLoader.__init__(self, stream)
        Composer.__init__(self)


def compose(text: str) -> yaml.Node | None:
    """Return the root node of a YAML document, None where there is no document.

    Raises yaml.YAMLError as yaml.SafeLoader words it, and RecursionError for what is nested too deeply.
    """
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError:
        # libyaml words its errors differently, and differs in a few unusual texts that it accepts or refuses.
        return yaml.compose(text, Loader=yaml.SafeLoader)


def load(text: str) -> Any:  # noqa: ANN401 - any YAML value
    """Return a YAML document as plain data, None where there is no document; raise ValueError for no YAML."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - the constructor is CSafeLoader's
    except (yaml.YAMLError, RecursionError):
        raise ValueError("no YAML, or nested too deeply to be read") from None


def dump(value: object, width: int = 110, *, flow_leaves: bool = False) -> str:
    """Return plain data as YAML, its members in their order, in lines of about `width` characters.

    With `flow_leaves` what holds only plain values stands on one line, in brackets.
    """
    style = None if flow_leaves else False
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=width, default_flow_style=style)
