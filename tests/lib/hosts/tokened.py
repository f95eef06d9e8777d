"""A study with invitations on a host of its own: two waves, each with its issuer and keys that only tests hold."""

import hashlib
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

from budgets import BUDGET
from cheap.databases import migrated
from paths import vectors
from studies.market import LANGUAGES, STUDY, Study
from studies.market import questionnaire as market_questionnaire

from crypto.canonical import canonical
from crypto.envelope import Record, body, record_size
from crypto.issuing import Issuer
from crypto.seed import expand, public_bytes
from survey.answers_db import owner_access
from survey.publication.folder import EarlierWave, Published, StudyState
from survey.questionnaire.questionnaire import Questionnaire
from survey.settings import Settings
from survey.simulation.tokens import InvitedPhone
from survey.wave.manifest import Manifest, build_manifest


@cache
def issuers() -> tuple[Issuer, ...]:
    """Return the two issuers of the shared vectors: making a key takes a second."""
    read = vectors("token")["issuers"]
    return tuple(Issuer.of(one["pem"].encode()) for one in read)


def questionnaire(study: str = STUDY) -> Questionnaire:
    """Return the market's questionnaire, with invitations."""
    return Questionnaire.from_bytes(
        canonical(market_questionnaire().to_json() | {"mode": "invitation", "study": study})
    )


def seed_of(wave: int) -> bytes:
    """Return the secret of a wave's key."""
    return hashlib.sha256(b"the invited study's test key %d" % wave).digest()


def manifest_of(wave: int, study: str = STUDY) -> Manifest:
    """Return the manifest of a wave, with the issuer of that number."""
    texts = {name: text.model_copy(update={"study": study}) for name, text in Study().texts.items()}
    key, issuer = public_bytes(expand(seed_of(wave))), issuers()[wave - 1].public
    return build_manifest(
        questionnaire(study), texts, wave=wave, key=key, signer="0" * 64, budget=BUDGET, issuer_key=issuer
    )


@dataclass
class InvitedStudy:
    """The study with its first wave open on a host."""

    settings: Settings
    study: str = STUDY
    wave: int = 1
    _number: Any = field(default_factory=count)

    def publish(self) -> "InvitedStudy":
        """Open the wave as the staff commands do."""
        migrated(self.settings)
        self.state("open")
        return self

    @property
    def manifest(self) -> Manifest:
        return manifest_of(self.wave, self.study)

    @property
    def epoch(self) -> bytes:
        return bytes.fromhex(self.manifest.key_id)

    def state(self, state: str, **changes: object) -> None:
        """Publish the state of the study, and set the answers database to the same."""
        owner = owner_access.connect_owner(self.settings.answers_url)
        if state == "open":
            owner_access.start_accepting(owner, self.epoch, record_size(self.manifest.plaintext_size))
        else:
            owner_access.stop_accepting(owner, self.epoch)
        owner.dispose()
        names, directions = ({one[0]: one[at] for one in LANGUAGES} for at in (1, 2))
        members: dict[str, Any] = {
            "study": self.study, "state": state, "wave": self.wave, "mode": "invitation", "pin": self.manifest.pin,
            "epoch": self.manifest.key_id, "record_size": record_size(self.manifest.plaintext_size),
            "issuer": self.manifest.issuer_key, "earlier": tuple(self._earlier()),
            "locales": tuple(names), "names": names, "directions": directions, "titles": dict.fromkeys(names, "-"),
        }  # fmt: skip
        Published(self.settings.public).write_study(StudyState(**(members | changes)))

    def next_wave(self) -> None:
        """Close the wave and open the next."""
        self.state("closed")
        self.wave += 1
        self.state("open")

    def record(self, payload: bytes = b"answers", wave: int | None = None, secret: bytes | None = None) -> Record:
        """Return what a phone would make with a good invitation."""
        number = wave or self.wave
        return InvitedPhone.of(manifest_of(number, self.study)).record(payload, issuers()[number - 1].sign, secret)

    def body(self, **more: Any) -> bytes:
        """Return what a phone would hand in."""
        return body(self.record(**more))

    def stored(self) -> list[bytes]:
        """Return the records of the newest wave that the host holds."""
        owner = owner_access.connect_owner(self.settings.answers_url)
        try:
            return list(owner_access.iter_records(owner, self.epoch))
        finally:
            owner.dispose()

    def _earlier(self) -> list[EarlierWave]:
        manifests = [manifest_of(wave, self.study) for wave in range(1, self.wave)]
        return [
            EarlierWave(epoch=m.key_id, record_size=record_size(m.plaintext_size), issuer=m.issuer_key)
            for m in reversed(manifests)
        ]
