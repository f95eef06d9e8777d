"""The small study of tests/vectors, whole: invented answers, a study folder with its key, a sealed box."""

import random
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from paths import VECTORS

from analysis.custody.ceremony import Ceremony, CeremonyRequest, hold_ceremony
from analysis.custody.share_files import combine_share_files
from analysis.releasing.run import Request, announce
from analysis.study.folder import StudyFolder
from crypto.box import write_box
from crypto.canonical import canonical
from crypto.envelope import Record, record_size
from crypto.errors import SottoError
from crypto.sealing import Sealer
from survey.plan.plan import Plan
from survey.questionnaire.payload import SurveyResponse, encode
from survey.questionnaire.questionnaire import MODES, Questionnaire, Texts, form_of, is_asked
from survey.wave.manifest import Manifest

QUESTIONNAIRE = Questionnaire.from_bytes((VECTORS / "questionnaire-small.json").read_bytes())
ENGLISH = Texts.from_bytes((VECTORS / "texts-small-en.json").read_bytes())
TEXTS = {locale: ENGLISH.model_copy(update={"locale": locale}) for locale in QUESTIONNAIRE.locales}


def answers(chance: random.Random) -> SurveyResponse:
    """Return valid answers of one invented person."""
    given = {}
    for item in QUESTIONNAIRE.items:
        if is_asked(item, form_of(QUESTIONNAIRE, given), given):
            given[item.id] = answer(item, chance)
    names = (QUESTIONNAIRE.locales, MODES, QUESTIONNAIRE.strata)
    locale, mode, stratum = (chance.choice(choice) for choice in names)
    return SurveyResponse(locale, mode, form_of(QUESTIONNAIRE, given), stratum, given)


def answer(item, chance):
    """Return a code of a single item, chosen options of a multi item, or a missing code."""
    if item.missing and chance.random() < 0.2:
        return chance.choice(item.missing)
    if not item.multi:
        return chance.choice(item.codes)
    return tuple(sorted(chance.sample(item.codes, chance.randint(1, item.cap))))


def payloads(number: int, seed: int = 1) -> list[bytes]:
    """Return the payloads of `number` invented people, always the same ones for a seed."""
    chance = random.Random(seed)
    return [encode(QUESTIONNAIRE, answers(chance)) for _ in range(number)]


def plan(each: int = 1_000_000, **changes) -> Plan:
    """Return a plan of one table of every kind at `each` nano-rho; `changes` replace members."""
    table = {"population": None, "nano_rho": each, "reason": "a test", "hypotheses": []}
    document = {
        "format": "sotto-plan-2",
        "study": QUESTIONNAIRE.study,
        "wave": 1,
        "parent": None,
        "title": "A plan",
        "reason": "a test",
        "nano_rho": 7 * each,
        "tables": [
            table | {"id": "T1", "dimensions": ["AGE"]},
            table | {"id": "T2", "dimensions": ["TA", "AGE"], "weight_by": ["AGE"]},
            table | {"id": "T3", "dimensions": ["GAP", "AGE"], "population": {"item": "HOW", "in": [1, 2]}},
            table | {"id": "T4", "dimensions": ["USES"]},
            table | {"id": "T5", "dimensions": ["MANY", "AGE"], "population": {"item": "USES", "has": [1]}},
            table | {"id": "T6", "dimensions": ["TB", "USES"]},
            table | {"id": "T7", "dimensions": ["BAND", "AGE", "HOW"]},
        ],
    }
    shares = {"1": 30_000, "2": 40_000, "3": 30_000}
    margin = {"dimension": "AGE", "shares": shares, "without": [], "of": "all", "source": "a test", "status": "memory"}
    return Plan.from_bytes(canonical(document | {"margins": [margin]} | changes))


@dataclass(frozen=True)
class World:
    """A study folder with wave 1's key among three custodians, two of whom open, and a box of that wave."""

    folder: StudyFolder
    ceremony: Ceremony
    box: Path

    @property
    def manifest(self) -> Manifest:
        return self.ceremony.manifest

    @property
    def shares(self) -> tuple[Path, ...]:
        return self.ceremony.shares[:2]

    @property
    def seed(self) -> bytes:
        return combine_share_files(self.folder, self.manifest, self.shares)

    def request(self, plan: Plan, box: Path | None = None) -> Request:
        """Return a request of two custodians that was announced, where it can be: else a release is refused alike."""
        self.announce(plan, box)
        return self.unannounced(plan, box)

    def announce(self, plan: Plan, box: Path | None = None) -> None:
        """Declare what will be opened, as `sotto key intent` does, where that can be."""
        with suppress(SottoError):
            announce(self.unannounced(plan, box))

    def unannounced(self, plan: Plan, box: Path | None = None) -> Request:
        """Return a request of two custodians of which no intent was declared."""
        return Request(self.folder, plan, box or self.box, self.shares, workers=1)

    def plan_file(self, plan: Plan, name: str = "plan.json") -> Path:
        path = self.folder.root.parent / name
        path.write_bytes(plan.to_bytes())
        return path

    def copy(self, root: Path) -> "World":
        """Return the same world in another place, to spend and break."""
        shutil.copytree(self.folder.root, root / "study")
        return World(StudyFolder(root / "study"), self.ceremony, self.box)


def build(root: Path, number: int = 300, total: int = 100_000_000, *, demo: bool = False) -> World:
    """Hold a ceremony in `root` and fill a box with `number` invented people."""
    folder = StudyFolder(root / "study")
    wishes = CeremonyRequest(wave=1, threshold=2, custodians=3, shares=root / "shares", total=total, demo=demo)
    ceremony = hold_ceremony(folder, QUESTIONNAIRE, TEXTS, wishes)
    world = World(folder, ceremony, root / "wave-1.box")
    write(world.box, ceremony.manifest, payloads(number))
    return world


def fixtures(number: int = 300):
    """Return two fixtures: the world of a module, built once with `number` people, and a copy of it for each test."""

    @pytest.fixture(scope="module")
    def made(tmp_path_factory) -> World:
        return build(tmp_path_factory.mktemp("small-study"), number)

    @pytest.fixture
    def world(made, tmp_path) -> World:
        return made.copy(tmp_path)

    return made, world


def seal_all(manifest: Manifest, contents: list[bytes]) -> list[bytes]:
    """Return the records of `contents`, sealed for `manifest` on an open link, in the order of a box."""
    sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
    return ordered(Record.open_link(sealer.seal(content)) for content in contents)


def ordered(records) -> list[bytes]:
    return [record.to_bytes() for record in sorted(records, key=lambda record: record.row_key)]


def write(path: Path, manifest: Manifest, contents: list[bytes], plans: tuple[str, ...] | None = None) -> None:
    """Write a box of sealed `contents`, made after `plans` were published (the plan of these tests where not given)."""
    write_records(path, manifest, seal_all(manifest, contents), plans)


def write_records(path: Path, manifest: Manifest, records: list[bytes], plans: tuple[str, ...] | None = None) -> None:
    """Write a box of finished records."""
    write_box(
        path,
        study=manifest.study,
        wave=manifest.wave,
        mode=manifest.mode,
        manifest=manifest.digest,
        key_id=manifest.key_id,
        record_size=record_size(manifest.plaintext_size),
        records=iter(records),
        plans=(plan().digest,) if plans is None else plans,
    )
