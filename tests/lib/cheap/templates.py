"""Templates that are compiled once for a process: each application of a test would compile its own."""

from typing import TYPE_CHECKING

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

if TYPE_CHECKING:
    from types import CodeType


class CompiledTemplates(BytecodeCache):
    """Compiled templates by their source and by what of an environment shapes the code."""

    def __init__(self) -> None:
        self._codes: dict[object, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template's code where it was compiled before."""
        bucket.code = self._codes.get(_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's code."""
        if bucket.code is not None:
            self._codes[_key(bucket)] = bucket.code


def _key(bucket: Bucket) -> tuple[object, ...]:
    environment: Environment = bucket.environment
    newstyle = getattr(environment, "newstyle_gettext", None)
    # Flask's is a method of each application.
    escapes = getattr(environment.autoescape, "__func__", environment.autoescape)
    return bucket.key, bucket.checksum, frozenset(environment.extensions), newstyle, escapes
