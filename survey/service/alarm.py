"""An alarm: a message that a unit has failed, by mail or to an address, with no count and nothing of a visitor."""

import json
import ssl
from email.message import EmailMessage
from pathlib import Path

from survey.http_client import Client, HttpError
from survey.service.answers import HostAnswers
from survey.service.changes import HostError, output

SENDMAIL = Path("/usr/sbin/sendmail")
SECONDS = 30


def send_alarm(answers: HostAnswers, unit: str, *, sendmail: Path = SENDMAIL, tls: ssl.SSLContext | None = None) -> str:
    """Say where the host's answers want it that a unit has failed; return where. Raise HostError if it is not taken."""
    if answers.alarm.startswith("mailto:"):
        _mail(answers, unit, sendmail)
    elif answers.alarm:
        _post(answers, unit, tls)
    else:
        return "nowhere: /etc/sotto/host.toml names no alarm"
    return answers.alarm


def words(answers: HostAnswers, unit: str) -> str:
    """Return what is told of a unit that failed."""
    return f"{unit} has failed on {answers.host}.\nOn the host:\n  sudo sotto doctor\n  journalctl -u {unit}\n"


def _mail(answers: HostAnswers, unit: str, sendmail: Path) -> None:
    message = EmailMessage()
    message["To"] = answers.alarm.removeprefix("mailto:")
    message["Subject"] = f"{unit} has failed"
    message.set_content(words(answers, unit))
    output([sendmail, "-t", "-i"], given=message.as_string())


def _post(answers: HostAnswers, unit: str, tls: ssl.SSLContext | None) -> None:
    body = json.dumps({"host": answers.host, "unit": unit, "text": words(answers, unit)}).encode()
    client = Client(timeout=SECONDS, largest=1 << 16, tls=tls, whole=2 * SECONDS)
    try:
        answer = client.post(answers.alarm, body, {"Content-Type": "application/json"})
    except HttpError as error:
        raise HostError(f"the address for alarms {error}") from None
    if answer.status >= 300:  # noqa: PLR2004 - what is no success
        raise HostError(f"the address for alarms answers {answer.status}")
