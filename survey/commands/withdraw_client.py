"""Client of the withdrawal page for an assistant at a keyboard; the eight words never leave this machine."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from urllib.parse import SplitResult, urlunsplit

from crypto.canonical import STUDY
from crypto.envelope import study_id
from crypto.errors import RefusedError
from crypto.withdrawal import Withdrawal, owner_secret
from crypto.word_codes import CodeWordsError, WordIndexes, read_words
from survey.addresses import split_address
from survey.http_client import Client, HttpError, HttpResponse
from survey.loopback import LOOPBACK

TIMEOUT_SECONDS = 60.0
"""Long enough for Tor."""

PAGE_MAX = 1 << 20
CLIENT = Client(TIMEOUT_SECONDS, PAGE_MAX, direct=True)
TRIES = 5
_PATH = re.compile(rf"/[sw]/({STUDY})/?")
_KEY_ID_ATTRIBUTE = re.compile(r'data-epoch="([0-9a-f]{16})"')


class WithdrawalRefusedError(RefusedError):
    """Nothing was withdrawn; the message says why, and holds nothing of the code."""


@dataclass(frozen=True)
class WithdrawalClient:
    """Withdraws answers of one study at the host with this address."""

    address: SplitResult
    study: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Read the address of a study's page; raise WithdrawalRefusedError for any other, and for one without TLS."""
        address = split_address(url if "://" in url else f"https://{url}")
        path = _PATH.fullmatch(address.path) if address else None
        if address is None or address.scheme not in {"https", "http"} or path is None:
            raise WithdrawalRefusedError("give the address where the answer is withdrawn, as https://HOST/w/STUDY")
        host = address.hostname or ""
        if address.scheme == "http" and host not in LOOPBACK and not host.endswith(".onion"):
            raise WithdrawalRefusedError(
                "this address has no TLS, so others could read what is sent: give one with https://"
            )
        return cls(address, path[1])

    def withdraw(self, word_indexes: WordIndexes) -> None:
        """Derive the owner secret and hand it in; raise WithdrawalRefusedError unless the host took it."""
        key_id = self._key_id()
        body = Withdrawal(key_id, owner_secret(word_indexes, study_id(self.study), key_id)).to_bytes()
        status = _sent(lambda: CLIENT.post(self._page, body)).status
        if status == HTTPStatus.ACCEPTED:
            return
        if status == HTTPStatus.GONE:
            raise WithdrawalRefusedError(_closed_message(self.study))
        raise WithdrawalRefusedError(f"the host did not take it (status {status}): please try again later")

    def _key_id(self) -> bytes:
        """Return the key id (8 bytes) of the open wave, which the page names."""
        answer = _sent(lambda: CLIENT.get(self._page))
        status, match = answer.status, _KEY_ID_ATTRIBUTE.search(answer.content.decode("utf-8", "replace"))
        if status == HTTPStatus.NOT_FOUND:
            raise WithdrawalRefusedError(f"there is no study {self.study} at this address: compare it with the paper")
        if status != HTTPStatus.OK:
            raise WithdrawalRefusedError(
                f"the host did not answer as it should (status {status}): please try again later"
            )
        if match is None:
            raise WithdrawalRefusedError(_closed_message(self.study))
        return bytes.fromhex(match[1])

    @property
    def _page(self) -> str:
        return urlunsplit((self.address.scheme, self.address.netloc, f"/w/{self.study}", "", ""))


def _sent(ask: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return ask()
    except HttpError as error:
        raise WithdrawalRefusedError(f"the host {error}: nothing was sent") from None


def read_typed_code(ask: Callable[[], str], say: Callable[[str], None], tries: int = TRIES) -> WordIndexes:
    """
    Return the code that `ask` returns.

    After a wrong code `say` gets a message that suggests the nearest word, and `ask` is called again.

    Raises WithdrawalRefusedError after the last of `tries`.
    """
    for tries_left in range(tries - 1, -1, -1):
        try:
            return read_words(ask())
        except CodeWordsError as error:
            if tries_left:
                say(f"{_sentence(error)} Please type all eight words again.")
            else:
                raise WithdrawalRefusedError(f"{_sentence(error)} Nothing was sent.") from None
    raise WithdrawalRefusedError("no code was typed: nothing was sent")


def _sentence(error: Exception) -> str:
    """Return what is wrong as a sentence; a suggestion ends with its own question mark."""
    return str(error) if str(error).endswith("?") else f"{error}."


def _closed_message(study: str) -> str:
    return (
        f"no answer to {study} can be withdrawn: it is closed, or its answers came without invitations. "
        "What was handed in can no longer be told apart"
    )
