"""The rehearsal's simulated phones: each has its token signed by the issuer and submits in a second request."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from crypto.envelope import BODY_VERSION, Record, body
from crypto.tokens import TokenError
from survey.demo.respondents import CONNECTIONS, HandInError
from survey.serving.servers import Server
from survey.simulation.tokens import FetchedToken, InvitedPhone
from survey.wave.manifest import Manifest


@dataclass(frozen=True)
class Phones:
    """Phones of one study and wave; `server` forwards to the respond app and the issuer."""

    server: Server
    study: str
    invited: InvitedPhone

    @classmethod
    def of(cls, front: Server, manifest: Manifest) -> "Phones":
        """Return the phones of a wave by invitation."""
        return cls(front, manifest.study, InvitedPhone.of(manifest))

    def fetch(self, code: str, secret: bytes | None = None) -> FetchedToken:
        """Redeem an invitation for a token, as at the code screen; raise HandInError where it is refused."""
        try:
            return self.invited.fetch(partial(self._sign, code), secret)
        except TokenError as error:
            raise HandInError(str(error)) from None

    def seal(self, code: str, payload: bytes, secret: bytes | None = None) -> Record:
        """Redeem an invitation and seal an answer at once; raise HandInError where it is refused."""
        return self.invited.seal(payload, self.fetch(code, secret))

    def send(self, record: Record) -> int:
        """Send a record; return the HTTP status of the response."""
        return self._post(f"/s/{self.study}", body(record))[0]

    def answer_all(self, codes: Iterable[str], payloads: Iterable[bytes]) -> int:
        """Submit one payload per code; return how many answers were stored; raise HandInError for a refusal."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            return sum(pool.map(self._answer, codes, payloads))

    def _answer(self, code: str, payload: bytes) -> bool:
        status = self.send(self.seal(code, payload))
        if status != HTTPStatus.CREATED:
            raise HandInError(f"a simulated phone was answered {status}")
        return True

    def _sign(self, code: str, blinded: bytes) -> bytes:
        status, signature = self._post(f"/t/{self.study}", BODY_VERSION + code.encode("ascii") + blinded)
        if status != HTTPStatus.OK:
            raise HandInError(f"the issuer answered {status}")
        return signature

    def _post(self, path: str, data: bytes) -> tuple[int, bytes]:
        answer = self.server.client().post(f"{self.server.url}{path}", data)
        return answer.status, answer.content
