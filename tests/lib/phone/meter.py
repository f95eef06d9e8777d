"""Counts what Chromium asks for and what comes over the wire."""

from typing import Any

from playwright.sync_api import CDPSession


class Meter:
    """`requests` are addresses in their order; `bytes` what came over the wire, headers included."""

    def __init__(self, session: CDPSession) -> None:
        self.requests: list[str] = []
        self.bytes = 0
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda event: self.requests.append(event["request"]["url"]))
        session.on("Network.loadingFinished", self._add)

    def _add(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])
