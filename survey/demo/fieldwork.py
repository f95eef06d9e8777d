"""`sotto study rehearse`: invented answers to a wave that is open on this host under the key of a demo."""

import tempfile
from pathlib import Path

from survey.demo.respondents import HTTP_LIMIT, insert_in_bulk, sealed_records, send_over_http
from survey.operations.demonstrations import open_demonstration
from survey.serving.servers import Server, free_port, running
from survey.settings import Settings
from survey.simulation.first_priors import first_priors
from survey.simulation.respondents import Priors, respondents


def rehearse_fieldwork(settings: Settings, study: str, priors: Path | None, number: int, seed: int) -> int:
    """
    Hand `number` invented answers in to the open wave of `study`, as phones do; return how many were stored.

    The respond app runs for as long as that takes, on a free port of this machine. Without `priors` every answer is as
    likely as any other. Raises OperationError where no wave is open, for a wave by invitation and for one whose key is
    no demo's, PriorsError for priors that do not fit, and HandInError where an answer is refused.
    """
    questionnaire, manifest = open_demonstration(settings, study)
    beliefs = Priors.read(priors) if priors else first_priors(questionnaire)
    next(respondents(questionnaire, beliefs, seed))  # priors that do not fit are refused before anything is sent
    people = sealed_records(questionnaire, manifest, beliefs, seed, number)
    if number > HTTP_LIMIT or questionnaire.work:
        return insert_in_bulk(settings.answers_url, manifest, people)
    server = Server("respond", "127.0.0.1", free_port())
    folder = tempfile.TemporaryDirectory(prefix="sotto-rehearse-")
    with folder as name, running([server], {}, Path(name) / "respond.log"):
        return send_over_http(server, study, people)
