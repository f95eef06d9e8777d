"""
Phones of people with invitations, some of whom withdraw; run as a script beside those of the open link.

Each trades its code for a token, hands in, notes it, and one in ten takes its answer back a while later. A request that
is refused, or gets no answer, is sent again with the identical bytes.
"""

import hashlib
import json
import secrets
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crypto.envelope import BODY_VERSION, body
from crypto.withdrawal import Withdrawal
from survey.simulation.tokens import InvitedPhone
from survey.wave.manifest import Manifest
from traffic.day import ENVELOPE
from traffic.phones import CLOSED, GIVE_UP, STORED, said

TAKEN, SIGNED = 202, 200
ONE_IN = 10
"""One in so many withdraws."""
LATER = 20
"""After so many more invitations were answered by the same phone."""


@dataclass(frozen=True)
class Invited:
    """Where invited phones come, the files of the wave's manifest and of their codes, and where they note."""

    address: str
    manifest: str
    codes: str
    folder: str
    trusted: str
    threads: int = 2


@dataclass(frozen=True)
class InvitedAnswer:
    """One invitation: what the issuer, the hand-in and, where there was one, the withdrawal were told last."""

    issued: int
    stored: int
    withdrawn: int
    receipt: str


def asked(aim: Invited, path: str, content: bytes) -> tuple[int, bytes]:
    """Send a body until more than an apology comes; return the status, 0 where none came, and the answer."""
    name, began = urlsplit(aim.address).hostname or "", time.monotonic()
    context = ssl.create_default_context(cafile=aim.trusted)
    lines = (
        f"POST {path} HTTP/1.1", f"Host: {name}", "Content-Type: application/octet-stream",
        f"Content-Length: {len(content)}", "Connection: close", "", "",
    )  # fmt: skip
    while time.monotonic() - began < GIVE_UP:
        with (
            suppress(OSError),
            socket.create_connection((name, 443), timeout=30) as plain,
            context.wrap_socket(plain, server_hostname=name) as secure,
        ):
            head, _, text = said(secure, "\r\n".join(lines).encode() + content).partition(b"\r\n\r\n")
            status = int(head[9:12] or 0)
            if status in {SIGNED, STORED, TAKEN, CLOSED, 404, 409}:
                return status, text
        time.sleep(0.2)
    return 0, b""


class NoTokenError(Exception):
    """The issuer gives no token."""


class InvitedPeople:
    """What one phone after the other does with the codes of a list."""

    def __init__(self, aim: Invited) -> None:
        self.aim, self.manifest = aim, Manifest.from_bytes(Path(aim.manifest).read_bytes())
        self.phone = InvitedPhone.of(self.manifest)
        self.waiting: list[tuple[InvitedAnswer, bytes]] = []

    def answer(self, code: str) -> tuple[InvitedAnswer, bytes]:
        """Trade a code and hand in; return what was told, and the owner secret of the answer."""
        secret, told = secrets.token_bytes(32), [0]

        def sign(blinded: bytes) -> bytes:
            told[0], signature = asked(self.aim, f"/t/{self.manifest.study}", BODY_VERSION + code.encode() + blinded)
            if told[0] != SIGNED:
                raise NoTokenError
            return signature

        try:
            content = body(self.phone.record(b"answers", sign, secret))
        except NoTokenError:
            return InvitedAnswer(told[0], 0, 0, ""), secret
        status, receipt = asked(self.aim, f"/s/{self.manifest.study}", content)
        own = hashlib.sha256(content[len(BODY_VERSION) + ENVELOPE :]).hexdigest()
        return InvitedAnswer(told[0], status if receipt.decode() == own or status == CLOSED else 0, 0, own), secret

    def withdraw(self, one: InvitedAnswer, secret: bytes) -> InvitedAnswer:
        """Take an answer back; return it with what was told."""
        content = Withdrawal(bytes.fromhex(self.manifest.key_id), secret).to_bytes()
        status, _ = asked(self.aim, f"/w/{self.manifest.study}", content)
        return InvitedAnswer(one.issued, one.stored, status, one.receipt)

    def lives(self, codes: list[str]) -> Iterator[InvitedAnswer]:
        """Yield what became of each code, of those who withdraw when they have."""
        for number, code in enumerate(codes):
            one, secret = self.answer(code)
            if number % ONE_IN == 0 and one.stored == STORED:
                self.waiting.append((one, secret))
            else:
                yield one
            if len(self.waiting) > LATER // ONE_IN:
                yield self.withdraw(*self.waiting.pop(0))
            if CLOSED in {one.issued, one.stored}:
                break
        yield from (self.withdraw(*one) for one in self.waiting)


def work(aim: Invited, number: int, codes: list[str]) -> None:
    """Note what became of each code, one line each."""
    with (Path(aim.folder) / f"invited-{number}.lines").open("w", encoding="ascii") as file:
        for one in InvitedPeople(aim).lives(codes):
            file.write(json.dumps([one.issued, one.stored, one.withdrawn, one.receipt]) + "\n")
            file.flush()


def main(aim: Invited) -> None:
    """Divide the codes among the phones and wait for them."""
    codes = json.loads(Path(aim.codes).read_bytes())["codes"]
    threads = [
        threading.Thread(target=work, args=(aim, number, codes[number :: aim.threads])) for number in range(aim.threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(Invited(**json.loads(sys.argv[1])))
