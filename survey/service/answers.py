"""What an administrator decides about a host: five answers, kept in /etc/sotto/host.toml."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from crypto.errors import ContentError

HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
ACME = re.compile(r"acme:[^\s@]+@[^\s@]+")
ALARM = re.compile(r"|mailto:[^\s@,?&]+@[^\s@,?&]+|https://[^\s\"]+")
ONION = re.compile(r"|[a-z2-7]{56}\.onion")
"""A name of an onion service of version 3 (rend-spec-v3, section 6)."""
ACCOUNT = re.compile(r"[a-z][a-z0-9._-]{0,31}")


class AnswersError(ContentError):
    """The answers cannot be used; the message names the one and says what it may be."""


@dataclass(frozen=True)
class HostAnswers:
    """
    The answers; each is a text. The last three are not asked for, and may be left out of a file.

    `host`: the name that respondents come to. `desk_host`: that of staff. `certificates`: "acme:MAIL" for certificates
    by Debian's certbot, or the folder of fullchain.pem and privkey.pem, good for both names. `alarm`: "mailto:ADDRESS",
    an https address that takes a POST, or "" for none. `staff`: the first account of the desk. `onion`, `desk_onion`:
    the names of both onion services, or "" for none. `metrics`: "yes" for a file of metrics, else "".
    """

    host: str
    desk_host: str
    certificates: str
    alarm: str
    staff: str
    onion: str = ""
    desk_onion: str = ""
    metrics: str = ""

    @property
    def by_acme(self) -> bool:
        """Whether certbot gets the certificates."""
        return self.certificates.startswith("acme:")

    def to_toml(self) -> str:
        """Return them as the file that `read_answers` reads."""
        # A JSON text of printable characters is a basic string of TOML.
        lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in asdict(self).items())
        return f"# What was answered to sotto install; change it and run that again.\n{''.join(lines)}"


QUESTIONS: Mapping[str, str] = {
    "host": "The name that respondents come to, as survey.example. The network reads it: nothing of the topic",
    "desk_host": "The name that staff come to, as desk.example",
    "certificates": "The folder of fullchain.pem and privkey.pem for both names; or acme:YOU@EXAMPLE, which gets them "
    "from Let's Encrypt, whose public logs show both names to everybody, for ever",
    "alarm": "Where alarms go: mailto:YOU@EXAMPLE, an https address, or nothing",
    "staff": "The name of the first staff account of the desk",
}
"""One question for each answer, in the order in which they are asked."""
_RULES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "host": (HOST, "a host's name in small letters, with a dot"),
    "desk_host": (HOST, "a host's name in small letters, with a dot"),
    "certificates": (re.compile(rf"{ACME.pattern}|/[^\s\"]*"), "acme:YOU@EXAMPLE or the absolute path of a folder"),
    "alarm": (ALARM, "mailto:YOU@EXAMPLE, an https address, or nothing"),
    "staff": (ACCOUNT, "a name of at most 32 small letters, digits, dots and hyphens"),
    "onion": (ONION, "the line of /var/lib/tor/sotto-survey/hostname, or nothing"),
    "desk_onion": (ONION, "the line of /var/lib/tor/sotto-desk/hostname, or nothing"),
    "metrics": (re.compile("yes|"), "yes, or nothing"),
}


def checked(name: str, answer: str) -> str:
    """Return an answer that can be used; raise AnswersError for any other."""
    pattern, words = _RULES[name]
    if not pattern.fullmatch(answer):
        raise AnswersError(f"{name}: {answer!r} is not {words}")
    return answer


def host_answers(answers: Mapping[str, object]) -> HostAnswers:
    """Return the answers of a mapping with exactly their names; raise AnswersError for any other."""
    names = {one.name for one in fields(HostAnswers)}
    if not QUESTIONS.keys() <= answers.keys() <= names:
        beside = ", ".join(sorted(names - QUESTIONS.keys()))
        raise AnswersError(f"a file of answers has {', '.join(QUESTIONS)}, perhaps {beside}, and nothing else")
    found = HostAnswers(**{name: checked(name, str(answer)) for name, answer in answers.items()})
    if bool(found.onion) != bool(found.desk_onion) or (found.onion and found.onion == found.desk_onion):
        raise AnswersError("onion, desk_onion: give both names, which differ, or neither")
    if found.host == found.desk_host:
        raise AnswersError("desk_host: staff need a name of their own, because cookies and limits go by name")
    return found


def read_answers(path: Path) -> HostAnswers:
    """Read a file of answers (TOML); raise AnswersError for one that has a fault, OSError where it cannot be read."""
    try:
        return host_answers(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AnswersError(f"{path} is no TOML: {error}") from None
