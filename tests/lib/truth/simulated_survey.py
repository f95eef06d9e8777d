"""Surveys of invented people whose plain answers a test keeps: samples from a known population, and their releases.

A population is a few thousand invented people. A sample draws from it with replacement, so what a share of everybody
truly is can be counted, and sampling is exactly that of independent draws. What a phone randomises is drawn anew in
each sample. Nothing is sealed: the payloads go through the decoder, the counting and all that follows, noise and
signature included, as those of an opened box do.
"""

import random
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from paths import ROOT

from analysis.budget.entries import Charge
from analysis.counting.contingency_tables import Counting, layouts
from analysis.counting.count_box import Counter
from analysis.custody.ceremony import Ceremony, CeremonyRequest, hold_ceremony
from analysis.opening.payload_decoder import Decoder
from analysis.releasing.signed_release import Paid, Subject, compose, prepare
from analysis.study.folder import StudyFolder
from analysis.study.registration import register
from crypto.canonical import canonical
from survey.authoring.compiler import compile_study
from survey.authoring.findings_compiler import Findings, compile_findings
from survey.authoring.plan_compiler import compile_plan
from survey.questionnaire.payload import encode
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.randomised_response import thresholds, with_draws
from survey.release.release import Release
from survey.simulation.respondents import Priors, respondents
from truth.plain_truth import PlainAnswers, PlainTruth

if TYPE_CHECKING:
    from survey.plan.plan import Plan

SHIPPED, OWN = ROOT / "survey/studies", ROOT / "tests/data/truth"
POPULATION = 4000
UNREADABLE = 100
"""One record more in so many cannot be opened: nobody knows whose it is."""


@dataclass(frozen=True)
class Sample:
    """One survey: its release, the truth about those who were drawn, without noise, and how many records came."""

    release: Release
    drawn: PlainTruth
    records: int


class SimulatedStudy:
    """A study with a plan, a population of invented people and a key that its tests hold."""

    def __init__(self, source: Path, home: Path, plan: str = "plan.yaml", seed: int = 7) -> None:
        self.source = source
        self.questionnaire, self.texts = compile_study(source / "questionnaire.yaml")
        self.plan: Plan = compile_plan(source / plan, self.questionnaire)
        priors = Priors.read(source / "priors.yaml")
        self.people = tuple(islice(respondents(undrawn(self.questionnaire), priors, seed), POPULATION))
        self.answers = PlainAnswers(self.questionnaire, self.people)
        self.truth = PlainTruth(self.answers, np.ones(POPULATION, dtype=np.int64))
        self._folder = StudyFolder(home)
        self._made = self._ceremony(home.with_name("shares"))

    @cached_property
    def findings(self) -> Findings | None:
        """What the study wants to know; None where it says nothing of it."""
        path = self.source / "findings.yaml"
        return compile_findings(path, self.questionnaire) if path.exists() else None

    def sample(self, number: int, seed: int) -> Sample:
        """Draw `number` people and release the plan's tables of them; people are those of the seed, noise is new."""
        chance = random.Random(f"{self.questionnaire.study} {number} {seed}")
        drawn = [chance.randrange(POPULATION) for _ in range(number)]
        payloads = [self._payload(person, chance) for person in drawn] + [b""] * (number // UNREADABLE)
        times = np.bincount(drawn, minlength=POPULATION)
        return Sample(self._released(payloads), PlainTruth(self.answers, times), len(payloads))

    def _payload(self, person: int, chance: random.Random) -> bytes:
        if not self._thresholds:
            return self._payloads[person]
        one = self.people[person]
        answers = with_draws(self.questionnaire, one.answers, self._thresholds, lambda: chance.getrandbits(32))
        return encode(self.questionnaire, replace(one, answers=answers))

    @cached_property
    def _thresholds(self) -> dict[str, int]:
        return thresholds(self.questionnaire)

    @cached_property
    def _payloads(self) -> list[bytes]:
        return [encode(self.questionnaire, one) for one in self.people]

    def _released(self, payloads: list[bytes]) -> Release:
        columns = Decoder.of(self.questionnaire).decode(payloads)
        counter = Counter(Counting.of(layouts(self.plan, self.questionnaire)), self.plan.words or ())
        charge = Charge(
            self.plan.study, self.plan.wave, self._made.manifest.digest, self.plan.digest, "0" * 64, len(payloads),
            self.plan.nano_rho, self.plan.atto_delta,
        )  # fmt: skip
        with self._folder.open_ledger() as ledger:
            paid = Paid(ledger.next_entry(charge), tuple(ledger.chain), None)
        return compose(self._subject, paid, counter.count(columns), prepare(self.plan, self.questionnaire))

    @cached_property
    def _subject(self) -> Subject:
        key = self._folder.signing_key_of(self._made.manifest)
        registration = register(self._folder, self.plan, key)
        public = self.plan, self.questionnaire, self.texts, self._made.manifest
        return Subject(*public, registration, None, False, key)

    def _ceremony(self, shares: Path) -> Ceremony:
        wishes = CeremonyRequest(1, 1, 1, shares, demo=True, total=200_000_000)
        return hold_ceremony(self._folder, self.questionnaire, self.texts, wishes)


def undrawn(questionnaire: Questionnaire) -> Questionnaire:
    """Return the questionnaire with no answer randomised: its respondents say what is true."""
    document = questionnaire.to_json()
    document["items"] = [{key: of for key, of in item.items() if key != "randomise"} for item in document["items"]]
    return Questionnaire.from_bytes(canonical(document))
