"""Dinur and Nissim's setting: known groups, one secret bit a person, and tables of the bit by group as they publish."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from studies import small_study as small

from analysis.__main__ import main
from analysis.custody.ceremony import CeremonyRequest, hold_ceremony
from analysis.study.folder import StudyFolder
from crypto.canonical import canonical
from survey.plan.plan import Plan
from survey.questionnaire.payload import SurveyResponse, encode
from survey.questionnaire.questionnaire import Questionnaire, Texts

GROUPS = tuple(range(100, 200))


@dataclass(frozen=True)
class Setting:
    """So many people, each in one of a hundred groups in every round; the attacker knows in which.

    `secrets` (people,) are fair bits that nobody knows; `groups` (rounds, people) are public.
    """

    people: int
    rounds: int
    seed: int = 5

    @cached_property
    def secrets(self):
        """The bits, 0 or 1 (people,)."""
        return np.random.default_rng(self.seed).integers(0, 2, self.people)

    @cached_property
    def groups(self):
        """The place of each person's group in every round (rounds, people)."""
        return np.random.default_rng(self.seed + 1).integers(0, len(GROUPS), (self.rounds, self.people))

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """The bit and the groups, asked on an open link."""
        items = [_item("SECRET", (0, 1)), *(_item(f"G{number}", GROUPS) for number in range(self.rounds))]
        document = {"format": "sotto-questionnaire-3", "study": "attack", "version": "1", "locales": ["en"],
                    "mode": "open", "sealing": "phone", "strata": ["open"], "forms": [{"id": "all"}], "items": items,
                    "pairs": [], "derived": []}  # fmt: skip
        return Questionnaire.from_bytes(canonical(document))

    @property
    def texts(self) -> dict[str, Texts]:
        """What the questionnaire says, in English."""
        names = {
            item.id: {"text": item.id, "options": {str(code): str(code) for code in item.codes}}
            for item in self.questionnaire.items
        }
        study = {"study": "attack", "locale": "en", "items": names, "derived": {}}
        return {"en": Texts.from_bytes(canonical(small.ENGLISH.to_json() | study))}

    def plan(self, nano_rho: int) -> Plan:
        """Return a plan of one table of the bit by group a round, for all of `nano_rho`."""
        tables = [
            {"id": f"T{number}", "dimensions": ["SECRET", f"G{number}"], "population": None,
             "nano_rho": nano_rho // self.rounds, "reason": "x", "hypotheses": []}
            for number in range(self.rounds)
        ]  # fmt: skip
        document = {"format": "sotto-plan-2", "study": "attack", "wave": 1, "parent": None, "title": "x", "reason": "x",
                    "nano_rho": nano_rho, "tables": tables}  # fmt: skip
        return Plan.from_bytes(canonical(document))

    def payload(self, person: int) -> bytes:
        """Return what a person's phone seals."""
        given = {f"G{number}": GROUPS[self.groups[number, person]] for number in range(self.rounds)}
        answered = {"SECRET": int(self.secrets[person])} | given
        return encode(self.questionnaire, SurveyResponse("en", "self", "all", "open", answered))

    @property
    def memberships(self):
        """Which question counts which person, (2, rounds * people): for release_attacks.py."""
        questions = np.concatenate([number * len(GROUPS) + self.groups[number] for number in range(self.rounds)])
        return np.array([questions, np.tile(np.arange(self.people), self.rounds)])

    def counted(self, tables):
        """Return the yes answers of each group, (rounds * groups,), from tables (2, groups) and known sizes."""
        sizes = [np.bincount(places, minlength=len(GROUPS)) for places in self.groups]
        sums = [(cells[1] - cells[0] + size) / 2 for cells, size in zip(tables, sizes, strict=True)]
        return np.concatenate(sums)

    def exact(self):
        """Return the tables (2, groups) without noise, a round each."""
        tables = [np.zeros((2, len(GROUPS))) for _ in range(self.rounds)]
        for cells, places in zip(tables, self.groups, strict=True):
            np.add.at(cells, (self.secrets, places), 1)
        return tables

    def right(self, guessed) -> float:
        """Return the part of the bits that was guessed rightly."""
        return float((guessed == self.secrets).mean())


def _item(name: str, codes: tuple[int, ...]) -> dict[str, object]:
    return {"id": name, "type": "single", "block": "core", "forms": ["all"], "missing": [], "shuffle": False,
            "options": [{"code": code} for code in codes]}  # fmt: skip


def published(setting: Setting, root: Path, nano_rho: int):
    """Let `sotto release` spend `nano_rho`, a whole lifetime's budget, on the setting; return tables (2, groups).

    All is as in the field: ceremony, sealed records, a box, `sotto plan register`, `sotto release` with the shares of a
    quorum, its ledger. What is returned is read off the consistent cells of the signed file that it wrote.
    """
    folder = StudyFolder(root / "study")
    wishes = CeremonyRequest(wave=1, threshold=2, custodians=3, shares=root / "shares", total=nano_rho)
    ceremony = hold_ceremony(folder, setting.questionnaire, setting.texts, wishes)
    plan = setting.plan(nano_rho)
    (root / "plan.json").write_bytes(plan.to_bytes())
    _sotto("plan", "register", root / "plan.json", "--study", folder.root)
    small.write(
        root / "wave-1.box", ceremony.manifest, [setting.payload(n) for n in range(setting.people)], (plan.digest,)
    )
    shares = [part for path in ceremony.shares[:2] for part in ("--shares", path)]
    where = ("--box", root / "wave-1.box", "--study", folder.root)
    _sotto("key", "intent", root / "plan.json", *where, "--yes")
    _sotto("release", root / "plan.json", *where, "-o", root / "out", *shares, "--workers", 1, "--few", "--yes")
    with folder.open_ledger() as ledger:
        if ledger.spent != nano_rho:
            raise AssertionError(f"the ledger says {ledger.spent}")
    return [_by_group(table) for table in json.loads((root / "out" / "release.json").read_bytes())["tables"]]


def _sotto(*arguments: object) -> None:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    if done.exit_code:
        raise AssertionError(done.output)


def _by_group(table):
    """Return the cells (2, groups) of a released table without not asked and unreadable."""
    bits, groups = ([axis["codes"].index(code) for code in codes] for axis, codes in
                    zip(table["dimensions"], ((0, 1), GROUPS), strict=True))  # fmt: skip
    shape = [len(axis["codes"]) for axis in table["dimensions"]]
    return np.array(table["consistent"]).reshape(shape)[np.ix_(bits, groups)]
