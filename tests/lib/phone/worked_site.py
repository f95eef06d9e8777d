"""The market study with proof of work: the respond app on a port, with challenges on demand."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosts.threaded_server import answering
from studies.market import STUDY, Study, questionnaire
from werkzeug.wrappers import Response

from crypto.canonical import canonical
from phone.site import Site
from survey.admission.proof_of_work import LIFETIME, ProofOfWork
from survey.admission.work_secret import create_secret, load_secret
from survey.publication.folder import Published
from survey.questionnaire.questionnaire import Questionnaire
from survey.settings import Settings

OLD, HARD = "old", "hard"
"""Challenges that a test may ask for: one that ran out, and one that takes a phone a minute and more."""


def with_work() -> Questionnaire:
    return Questionnaire.from_bytes(canonical(questionnaire().to_json() | {"work": True}))


@dataclass
class WorkedStudy(Study):
    """The market study, whose answers cost work."""

    questionnaire: Questionnaire = field(default_factory=with_work)


class WorkedSite(Site):
    """`challenges` is what a test has the host say instead of a challenge: a status, OLD or HARD; `works` what came."""

    def __init__(self, study: Study, folder: Path) -> None:
        super().__init__(study, folder)
        settings = Settings.from_environ({"SOTTO_HOME": str(folder)})
        published = Published(settings.public)
        published.write_study(published.study(STUDY).model_copy(update={"work": True}))
        create_secret(settings.work_key)
        self.work = load_secret(settings.work_key)
        self.works: list[str | None] = []
        self.challenges: list[int | str] = []

    def answer(self, environ: dict[str, Any], method: str, path: str) -> Any:
        """Answer with the challenge that a test has in store."""
        if method == "POST":
            self.works.append(environ.get("HTTP_SOTTO_WORK"))
        if path == f"/s/{STUDY}/work" and self.challenges:
            wanted = self.challenges.pop(0)
            return Response("no", status=wanted) if isinstance(wanted, int) else Response(self._challenge(wanted))
        return super().answer(environ, method, path)

    def _challenge(self, wanted: str) -> bytes:
        if wanted == OLD:
            return ProofOfWork(self.work.secret, clock=lambda: time.time() - LIFETIME - 10).challenge(STUDY)
        challenge = json.loads(self.work.challenge(STUDY))
        challenge["parameters"]["keyPrefix"] = "00" * 16
        return json.dumps(challenge).encode()


@contextmanager
def working() -> Iterator[WorkedSite]:
    """Serve the study until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        site = WorkedSite(WorkedStudy(), Path(folder))
        with answering(site.server, site.app.extensions["sotto"].engine):
            yield site
