"""YAML text as nodes with line numbers, parsed by libyaml; errors have the messages of PyYAML's own parser."""

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
