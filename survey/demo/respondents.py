"""The demo's simulated respondents: drawn from the priors, sealed, and submitted by HTTP or inserted in bulk."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http import HTTPStatus

from crypto.envelope import Record, body
from crypto.errors import RefusedError
from crypto.sealing import Sealer
from survey.answers_db import owner_access
from survey.questionnaire.payload import encode
from survey.questionnaire.questionnaire import Questionnaire
from survey.serving.servers import Server
from survey.simulation.respondents import Priors, respondents
from survey.wave.manifest import Manifest

# Above this number the sealed answers are inserted directly into the database, to keep the demo short.
HTTP_LIMIT = 5_000
CONNECTIONS = 4


class HandInError(RefusedError):
    """The host did not store the answers of a simulated phone."""


def sealed_records(
    questionnaire: Questionnaire, manifest: Manifest, priors: Priors, seed: int, number: int
) -> Iterator[Record]:
    """Draw and seal `number` respondents."""
    sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
    people = respondents(questionnaire, priors, seed)
    for _ in range(number):
        yield Record.open_link(sealer.seal(encode(questionnaire, next(people))))


def send_over_http(server: Server, study: str, records: Iterable[Record]) -> int:
    """Send each record in a request of its own, as phones do; return how many the host acknowledged."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(lambda record: _post(server, study, record), records))


def insert_in_bulk(answers_url: str, manifest: Manifest, records: Iterable[Record]) -> int:
    """Insert the records into the answers database directly, for large simulations; return their number."""
    engine = owner_access.connect_owner(answers_url)
    rows = ((record.row_key, record.to_bytes()) for record in records)
    try:
        return owner_access.insert_records(engine, bytes.fromhex(manifest.key_id), rows)
    finally:
        engine.dispose()


def _post(server: Server, study: str, record: Record) -> bool:
    answer = server.client().post(f"{server.url}/s/{study}", body(record))
    receipt = answer.content.decode("ascii", "replace").strip()
    if answer.status != HTTPStatus.CREATED or receipt != sha256(record.envelope).hexdigest():
        raise HandInError(f"a simulated phone was answered {answer.status}")
    return True
