"""A study whose people write phrases, a plan that lists them, and a world in which the list is released."""

from dataclasses import dataclass
from pathlib import Path

from paths import STUDIES

from analysis.custody.ceremony import Ceremony, CeremonyRequest, hold_ceremony
from analysis.releasing.run import Request
from analysis.study.folder import StudyFolder
from crypto.canonical import canonical
from studies import any_answers
from studies import small_study as small
from survey.authoring.compiler import compile_study
from survey.plan.plan import Plan

STUDY = STUDIES / "showcase" / "questionnaire.yaml"
QUESTIONNAIRE, TEXTS = compile_study(STUDY)
PEOPLE = any_answers.payloads(QUESTIONNAIRE, 400, seed=3)
LIST = {"id": "W1", "item": "WORDS", "nano_rho": 60_000_000, "atto_delta": 10_000_000, "reason": "r", "hypotheses": []}
FIRST = "READER"


def plan(**changes) -> Plan:
    table = {
        "id": "T1",
        "dimensions": [FIRST],
        "population": None,
        "nano_rho": 1_000_000,
        "reason": "r",
        "hypotheses": [],
    }
    document = {
        "format": "sotto-plan-2", "study": QUESTIONNAIRE.study, "wave": 1, "parent": None, "title": "t", "reason": "r",
        "nano_rho": 61_000_000, "tables": [table], "words": [LIST],
    }  # fmt: skip
    return Plan.from_bytes(canonical(document | changes))


@dataclass(frozen=True)
class World:
    folder: StudyFolder
    ceremony: Ceremony
    box: Path

    def request(self, asked: Plan) -> Request:
        return Request(self.folder, asked, self.box, self.ceremony.shares[:1], workers=1)


def build(root: Path) -> World:
    """Hold the ceremony of one custodian in `root`, and put what all people answered into a box."""
    folder = StudyFolder(root / "study")
    wishes = CeremonyRequest(wave=1, threshold=1, custodians=1, shares=root / "shares", demo=True)
    ceremony = hold_ceremony(folder, QUESTIONNAIRE, TEXTS, wishes)
    small.write(root / "wave.box", ceremony.manifest, PEOPLE)
    return World(folder, ceremony, root / "wave.box")
