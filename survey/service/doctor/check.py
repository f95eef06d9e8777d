"""What a check of a host is, what it may find, and how a whole table of them is run."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crypto.errors import RefusedError
from survey.service.doctor.host_view import CannotLookError, HostView

MOST_KEPT = 2000
"""The longest sentence that is kept, in characters: a program may have said much before it failed."""


class State(StrEnum):
    """How a check ended."""

    FINE = "fine"
    WRONG = "wrong"
    UNKNOWN = "unknown"  # it could not be looked at, for the reason that is told
    NOT_HERE = "not here"  # it is about what this host does not have


class NotHereError(RefusedError):
    """A check is about what this host does not have; the message says what."""


Look = Callable[[HostView], str | None]
"""Looks at a host: returns what is wrong, in a sentence without a full stop, or None."""


@dataclass(frozen=True)
class Check:
    """One thing to look at: its name, why it matters, the command that mends it, and the look itself."""

    name: str
    why: str
    mend: str
    look: Look


@dataclass(frozen=True)
class Result:
    """What one check found."""

    check: Check
    state: State
    found: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it for a program; `why` and `mend` where something is to be done."""
        told = {"name": self.check.name, "state": self.state.value}
        if self.state in {State.WRONG, State.UNKNOWN}:
            told |= {"found": self.found, "why": self.check.why, "mend": self.check.mend}
        return told

    def kept(self) -> dict[str, str]:
        """Return it as the desk's page of the server shows it; what must be done where something must be."""
        bad = self.state in {State.WRONG, State.UNKNOWN}
        told = {"name": self.check.name, "state": self.state.value, "found": self.found[:MOST_KEPT]}
        return told | {"why": self.check.why * bad, "mend": self.check.mend * bad}

    def to_text(self) -> str:
        """Return it for a person."""
        if self.state in {State.FINE, State.NOT_HERE}:
            return f"{self.state.value:8} {self.check.name}"
        return (
            f"{self.state.value:8} {self.check.name}: {self.found}\n"
            f"         why: {self.check.why}\n         do:  {self.check.mend}"
        )


def results(checks: Iterable[Check], host: HostView) -> Iterator[Result]:
    """Yield what each check finds, one after the other; none stops those behind it."""
    for check in checks:
        try:
            found = check.look(host)
        except NotHereError as reason:
            yield Result(check, State.NOT_HERE, str(reason))
        except CannotLookError as reason:
            yield Result(check, State.UNKNOWN, str(reason))
        except (OSError, ValueError) as error:
            # A file that is not there, or is not what it should be: the kind of the error alone, never its content.
            yield Result(check, State.UNKNOWN, f"it could not be looked at ({type(error).__name__})")
        else:
            yield Result(check, State.WRONG if found else State.FINE, found or "")
