"""Reads what a host published as anybody can: from a copied folder, or from the host or a mirror by HTTP."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from crypto.errors import RefusedError
from survey.http_client import Client, HttpError

TIMEOUT = 60
LARGEST = 64 * 1024 * 1024
CLIENT = Client(TIMEOUT, LARGEST)


class MirrorError(RefusedError):
    """What was published cannot be read; the message says where, and what to do."""


@dataclass(frozen=True)
class Mirror:
    """A published folder: `where` is a path or begins with http:// or https://."""

    where: str

    @property
    def remote(self) -> bool:
        """Whether this is an address and not a folder."""
        return self.where.startswith(("http://", "https://"))

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none; raise MirrorError where it cannot be told."""
        if self.remote:
            return self._fetch(f"{self.where.rstrip('/')}/{name}")
        folder = Path(self.where)
        if not folder.is_dir():
            raise MirrorError(f"{self.where} is no folder: give a copied published folder, or https:// and a host")
        try:
            return (folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def need(self, name: str) -> bytes:
        """Return a file that must be there; raise MirrorError where it is not."""
        content = self.read(name)
        if content is None:
            raise MirrorError(f"{self.where} has no {name}: is it a published folder, and has anything been decided?")
        return content

    def _fetch(self, address: str) -> bytes | None:
        try:
            answer = CLIENT.get(address)
        except HttpError as error:
            raise MirrorError(f"{address} {error}: compare the address, try again later") from None
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if not answer.ok:
            raise MirrorError(f"{address} answers {answer.status}: try again later")
        return answer.content
