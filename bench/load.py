"""A load generator that costs little: prepared requests over raw sockets on loopback, bounded in number."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """What one round of requests gave."""

    stored: int
    refused: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Requests a second, by the wall clock of the round."""
        return self.stored / self.seconds


def request_bytes(path: str, body: bytes, host: str) -> bytes:
    """Return one whole HTTP request that asks for the connection to be closed."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def send_all(port: int, requests: list[bytes], processes: list[int], connections: int = 8) -> Outcome:
    """Send every request once, over `connections` at a time; `processes` are the server's, for their CPU time."""
    before, start = cpu_seconds(processes), time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        results = list(pool.map(lambda data: _send(port, data), requests))
    took = time.perf_counter() - start
    return Outcome(results.count(True), results.count(False), took, cpu_seconds(processes) - before)


def _send(port: int, data: bytes) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(data)
        answer = connection.recv(4096)
        while connection.recv(4096):
            pass
    return answer.startswith(b"HTTP/1.1 201")


def children(pid: int) -> list[int]:
    """Return the children of a process (gunicorn's workers)."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def cpu_seconds(processes: list[int]) -> float:
    """Return the user and system time that the processes have used so far."""
    ticks = 0
    for pid in processes:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / 100
