"""Reads published files: from a copied folder, or from the host or a mirror by HTTP."""

from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

from crypto.errors import RefusedError
from survey.http_client import Client, HttpError

TIMEOUT = 60
LARGEST = 64 * 1024 * 1024
CLIENT = Client(TIMEOUT, LARGEST)


class PublishedSourceError(RefusedError):
    """A published file cannot be read; the message says which and what to do."""


@dataclass(frozen=True)
class PublishedSource:
    """A published folder: `location` is a path, or an address with http:// or https://."""

    location: str

    @property
    def remote(self) -> bool:
        """Whether this is an address and not a folder."""
        return self.location.startswith(("http://", "https://"))

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where it does not exist; raise PublishedSourceError where it cannot be read."""
        if self.remote:
            return self._fetch(f"{self.location.rstrip('/')}/{name}")
        folder = Path(self.location)
        if not folder.is_dir():
            raise PublishedSourceError(
                f"{self.location} is no folder: give a copied published folder, or https:// and a host"
            )
        try:
            return (folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read_required(self, name: str) -> bytes:
        """Return a file that must exist; raise PublishedSourceError where it does not."""
        content = self.read(name)
        if content is None:
            raise PublishedSourceError(
                f"{self.location} has no {name}: is it a published folder, and has anything been decided?"
            )
        return content

    @cached_property
    def _client(self) -> Client:
        return CLIENT.for_many(self.location)

    def _fetch(self, address: str) -> bytes | None:
        try:
            answer = self._client.get(address)
        except HttpError as error:
            raise PublishedSourceError(f"{address} {error}: compare the address, try again later") from None
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if not answer.ok:
            raise PublishedSourceError(f"{address} answers {answer.status}: try again later")
        return answer.content
