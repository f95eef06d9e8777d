"""A release of a shipped study with invented people: a 1-of-1 demo key, a sealed box, real noise, a signature."""

from itertools import islice
from pathlib import Path

from paths import ROOT

from analysis.custody.ceremony import CeremonyRequest, hold_ceremony
from analysis.releasing.run import Request, make_release
from analysis.study.folder import StudyFolder
from crypto.box import write_box
from crypto.envelope import Record, record_size
from crypto.sealing import Sealer
from survey.authoring.compiler import compile_study
from survey.authoring.plan_compiler import compile_plan
from survey.questionnaire.payload import encode
from survey.release.release import Release
from survey.simulation.respondents import Priors, respondents

STUDIES = ROOT / "survey/studies"


def released(root: Path, study: str, plan: str, number: int) -> Release:
    """Return the release of a study's plan over `number` invented people, always the same people."""
    source = STUDIES / study
    questionnaire, texts = compile_study(source / "questionnaire.yaml")
    folder = StudyFolder(root / "study")
    made = hold_ceremony(
        folder, questionnaire, texts, CeremonyRequest(1, 1, 1, root / "shares", demo=True, total=200_000_000)
    )
    manifest, compiled = made.manifest, compile_plan(source / plan, questionnaire)
    sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
    people = islice(respondents(questionnaire, Priors.read(source / "priors.yaml"), 7), number)
    records = [Record.open_link(sealer.seal(encode(questionnaire, one))) for one in people]
    names = {name: getattr(manifest, name) for name in ("study", "wave", "mode", "key_id")}
    write_box(
        root / "wave.box",
        **names,
        manifest=manifest.digest,
        record_size=record_size(manifest.plaintext_size),
        records=iter([record.to_bytes() for record in sorted(records, key=lambda record: record.row_key)]),
        plans=(compiled.digest,),
    )
    return make_release(Request(folder, compiled, root / "wave.box", made.shares, workers=1)).release
