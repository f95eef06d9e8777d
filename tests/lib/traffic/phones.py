"""Phones that hand in one answer after the other until the wave is closed; run as a script.

Each hand-in is a connection of its own. A phone that is refused, or gets no answer, sends the identical bytes again.
"""

import hashlib
import json
import multiprocessing
import secrets
import socket
import ssl
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crypto.envelope import SUITE, Record, body, envelope_size

STORED, CLOSED = 201, 410
PROGRESS = 100
"""A process says so after each so many receipts."""
GIVE_UP = 60.0
"""Seconds for which a phone tries to hand one answer in."""
LONGEST = 3600.0
"""Seconds after which phones end by themselves, whatever is left of those who started them."""


@dataclass(frozen=True)
class Aim:
    """Where phones hand in, and answers of which wave; `trusted` is a file of certificates, empty for plain http."""

    address: str
    path: str
    key_id: str
    plaintext_size: int
    folder: str
    trusted: str = ""
    processes: int = 2
    threads: int = 4

    @classmethod
    def of(cls, address: str, manifest, folder: str, trusted: str = "") -> "Aim":
        """Return the aim of phones that have a wave's manifest."""
        return cls(address, f"/s/{manifest.study}", manifest.key_id, manifest.plaintext_size, folder, trusted)

    def body(self) -> bytes:
        """Return a body as a phone submits it: well-formed, with random bytes in place of a ciphertext."""
        head = SUITE + bytes.fromhex(self.key_id)
        random = secrets.token_bytes(envelope_size(self.plaintext_size) - len(head))
        return body(Record.open_link(head + random))

    def request(self, content: bytes) -> bytes:
        """Return a hand-in as one whole request."""
        lines = (
            f"POST {self.path} HTTP/1.1",
            f"Host: {urlsplit(self.address).hostname}",
            "Content-Type: application/octet-stream",
            f"Content-Length: {len(content)}",
            "Connection: close",
        )
        return "\r\n".join((*lines, "", "")).encode() + content


class Phone:
    """One phone after the other: whoever hands in next comes by a new connection."""

    def __init__(self, aim: Aim) -> None:
        parts = urlsplit(aim.address)
        self.aim, self.name = aim, parts.hostname or ""
        self.place = (self.name, parts.port or 443)
        self.context = ssl.create_default_context(cafile=aim.trusted) if aim.trusted else None

    def hand_in(self) -> tuple[float, float, float, int, str]:
        """Hand one answer in; return when, the seconds it took and was refused, the last status and its receipt."""
        content = self.aim.body()
        request, receipt = self.aim.request(content), hashlib.sha256(content[353:]).hexdigest()
        began, refused, status = time.time(), 0.0, 0
        while True:
            with suppress(OSError):
                status = self.asked(request, receipt)
            now = time.time()
            if status in {STORED, CLOSED} or now - began > GIVE_UP:
                return began, now - began, now - refused if refused else 0.0, status, receipt
            refused = refused or now
            status = 0
            time.sleep(0.05)

    def asked(self, request: bytes, receipt: str) -> int:
        """Send a request; return the status, 0 for an answer that is cut off or does not have the receipt."""
        with socket.create_connection(self.place, timeout=30) as plain:
            if self.context is None:
                answer = said(plain, request)
            else:
                with self.context.wrap_socket(plain, server_hostname=self.name) as secure:
                    answer = said(secure, request)
        head, _, text = answer.partition(b"\r\n\r\n")
        status = int(head[9:12] or 0)
        return 0 if status == STORED and text.decode() != receipt else status


def said(connection: socket.socket, request: bytes) -> bytes:
    """Return all that is answered."""
    connection.sendall(request)
    parts = []
    while part := connection.recv(16_384):
        parts.append(part)
    return b"".join(parts)


def work(aim: Aim, process: int) -> None:
    """Let the phones of one process hand in, and say how far they are."""
    lock, stored = threading.Lock(), [0]
    ends = time.monotonic() + LONGEST

    def one(number: int) -> None:
        phone = Phone(aim)
        with (Path(aim.folder) / f"{process}-{number}.json").open("w", encoding="ascii") as file:
            status = STORED
            while status == STORED and time.monotonic() < ends:
                told = phone.hand_in()
                status = told[3]
                file.write(json.dumps(told) + "\n")
                with lock:
                    stored[0] += status == STORED
                    if status == STORED and stored[0] % PROGRESS == 0:
                        print(PROGRESS, flush=True)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(aim.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(aim: Aim) -> None:
    """Start the processes and wait for them."""
    processes = [multiprocessing.Process(target=work, args=(aim, number)) for number in range(aim.processes)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


if __name__ == "__main__":
    main(Aim(**json.loads(sys.argv[1])))
