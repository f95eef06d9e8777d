"""Keeps what a release holds in memory, words and keys, out of core dumps and away from other programs of the user."""

import ctypes  # noqa: TID251 - prctl, which Python does not have
import resource

_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """Allow this process no core file and, on Linux, no dump and no reader of its memory; children call it anew.

    Sources: setrlimit(2) RLIMIT_CORE, which children inherit; prctl(2) PR_SET_DUMPABLE, which exec resets.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
