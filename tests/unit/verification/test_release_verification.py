"""What an outsider can check of a release, and that every edit is caught: analysis/verification/verify.py."""

import copy
import json
from dataclasses import asdict

import pytest
from studies import small_study as small

import survey.document
from analysis.releasing.run import make_release
from analysis.verification import verify as verification
from analysis.verification.verify import VerifiedField, verify
from crypto.box import BoxFile
from crypto.canonical import canonical, parse
from crypto.signing import SignatureError
from survey.questionnaire.study_metadata import StudyMetadata, fieldwork_path
from survey.release.release import Release
from survey.wave.custody import Intent


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("verify"))


ABSENT = {"words", "corrections", "version"}


@pytest.fixture(scope="module")
def document(world):
    """Return a release with every member but those of phrases and corrections, which the small study has not."""
    metadata = StudyMetadata(format="sotto-about-3", study=small.QUESTIONNAIRE.study, version="1", licence="CC-BY-4.0")
    world.folder.about_path(1).write_bytes(metadata.compact().to_bytes())
    with BoxFile.open(world.box) as box:
        root = box.header.root
    wave = {"format": "sotto-fieldwork-1", "study": metadata.study, "wave": 1, "root": root, "answered": 300}
    wave |= {"opened": "2026-03-01", "closed": "2026-04-30"}
    fieldwork_path(world.box).write_bytes(canonical(wave))
    return json.loads(make_release(world.request(small.plan())).path.read_bytes())


def resigned(world, edited):
    """Return the bytes of an edited release, signed again by the study's own key: a cheating analyst."""
    unsigned = {key: value for key, value in edited.items() if key != "signature"}
    signature = world.folder.signing_key().sign(canonical(unsigned), "release")
    return canonical(unsigned | {"signature": signature.to_json()})


def other(value):
    """Return a value like `value` but not it."""
    if isinstance(value, str):
        return value[:-1] + ("0" if value[-1:] != "0" else "1")
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list):
        return value[:-1] if len(value) > 1 else [*value, "another-note"]
    key = min(value)
    return value | {key: other(value[key])}


def test_an_honest_release_is_verified_alone_and_with_everything(world, document):
    """Alone some checks cannot be made; with study and box all are, and none fails."""
    alone, whole = verify(canonical(document)), verify(canonical(document), world.folder, world.box)
    assert alone.verified
    assert whole.verified
    assert any(finding.ok is None for finding in alone.findings)
    assert all(finding.ok for finding in whole.findings)
    assert {"verified": True, "failed": []} == {key: whole.to_json()[key] for key in ("verified", "failed")}
    (first, *_), field = whole.to_json()["checks"], whole.findings[0]
    assert asdict(field) == first


def test_each_document_is_read_once(world, document, monkeypatch):
    """One verification parses the release and each file of the study that it needs once, and no part of them again."""
    parsed = []

    def counted(data):
        parsed.append(data)
        return parse(data)

    monkeypatch.setattr(survey.document, "parse", counted)
    assert verify(canonical(document), world.folder, world.box).verified
    wave, plan = world.folder.wave(document["wave"]), document["plan"]
    files = [
        wave / "manifest.json",
        wave / "manifest.sig.json",
        world.folder.root / "questionnaire.json",
        *(world.folder.root / "texts").glob("*.json"),
        world.folder.release_folder(plan) / "plan.json",
        world.folder.plan_folder(plan) / "registration.json",
        world.folder.plan_folder(plan) / "intent.json",
        fieldwork_path(world.box),
    ]
    assert sorted([canonical(document), *(file.read_bytes() for file in files)]) == sorted(parsed)


@pytest.mark.parametrize("field", [name for name in Release.model_fields if name not in {"format", *ABSENT}])
def test_every_edited_top_level_field_is_caught(document, field):
    """Any member changed by hand breaks the signature, or the document itself."""
    edited = copy.deepcopy(document)
    edited[field] = other(edited[field])
    assert edited != document
    report = verify(canonical(edited))
    assert not report.verified
    assert {"signature", "release"} & set(report.failed)


@pytest.mark.parametrize("field", sorted({*Release.model_fields} - ABSENT))
def test_a_missing_top_level_field_is_caught(document, field):
    """Leaving any member out is caught too."""
    edited = {key: value for key, value in document.items() if key != field}
    assert not verify(canonical(edited)).verified


EDITS = {
    "ledger.entry": lambda d: d["ledger"].update(nonce="f" * 32),
    "ledger.history": lambda d: d["ledger"].update(previous="f" * 64, history=["f" * 64]),
    "release": lambda d: d["ledger"].update(sequence=2),
    "release ": lambda d: d["budget"].pop("curve"),
    "release  ": lambda d: d["tables"][5].pop("sensitivity_squared"),
    "release   ": lambda d: d["fieldwork"].update(answered=299),
    "ledger.entry ": lambda d: d["budget"].update(total=200_000_000),
    "ledger.entry  ": lambda d: (d["box"].update(count=299), d["fieldwork"].update(answered=299)),
    "budget.total": lambda d: d["budget"].update(total=200_000_000),
    "budget.total ": lambda d: d["budget"]["atto_delta"].update(total=200_000_000),
    "budget.epsilon": lambda d: d["budget"]["epsilon"].update({"1e-6": 9.9}),
    "budget.curve": lambda d: d["budget"]["curve"]["epsilon"].update({"1e-6": 0.1}),
    "budget.curve ": lambda d: d["budget"]["curve"].update(least_sigma=d["budget"]["curve"]["least_sigma"] + 1),
    "mechanism": lambda d: d["mechanism"].update(name="laplace"),
    "unit": lambda d: d.update(unit="respondent"),
    "notes": lambda d: d.update(notes=[]),
    "tables.T1.sigma": lambda d: d["tables"][0].update(sigma=d["tables"][0]["sigma"] / 2),
    "tables.T4.sigma": lambda d: d["tables"][3].update(l2_squared=3, sensitivity_squared=6),
    "tables.T1.measurement": lambda d: d["tables"][0].update(measurement=d["tables"][1]["measurement"] + " "),
    "tables.T1.estimates": lambda d: d["tables"][0]["counts"].__setitem__(0, 10**6),
    "tables.T2.estimates": lambda d: d["tables"][1]["estimates"][0]["sizes"]["asked"].update(number=1.0),
    "tables.T1.consistent": lambda d: d["tables"][0]["consistent"].__setitem__(0, 1.5),
    "tables.T3.consistent": lambda d: d["tables"][1]["counts"].__setitem__(0, 10**6),
    "tables.T1.variances": lambda d: d["tables"][0]["variances"].__setitem__(0, 0.5),
    "tables.T1.notes": lambda d: d["tables"][0].update(notes=["debiased"]),
    "tables.T2.weighted": lambda d: d["tables"][1]["weighted"].update(trimmed=True, covers_population=False),
    "tables.T2.weighted ": lambda d: d["tables"][1]["weighted"].update(classes=[[[1], [2], [3]]]),
    "tables.T2.weight_by": lambda d: d["tables"][1].pop("weighted"),
    "margins": lambda d: d["margins"][0].update(status="verified"),
    "tables.T4.dimensions": lambda d: d["tables"][3].update(l2_squared=1, sensitivity_squared=2),
    "tables.T4.dimensions ": lambda d: d["tables"][3].update(sensitivity_squared=4),
    "demo": lambda d: d.update(demo=True),
    "mode": lambda d: (
        d.update(mode="invitation", unit="respondent", notes=[]),
        d["fieldwork"].update(invited=400, issued=300),
    ),
    "fieldwork": lambda d: d["fieldwork"].update(opened="2026-02-28"),
    "release    ": lambda d: d["fieldwork"].update(closed="9999-01-01"),
    "release     ": lambda d: d["fieldwork"].update(invited=400, issued=300),
    "release      ": lambda d: d["fieldwork"].update(wave=2),
    "release       ": lambda d: d["fieldwork"].update(study="other-study"),
    "release        ": lambda d: d["about"].update(study="other-study"),
    "release         ": lambda d: d.update(mode="invitation", unit="respondent", notes=[]),
    "questionnaire": lambda d: d.update(questionnaire="0" * 64),
    "manifest": lambda d: d.update(manifest="0" * 64),
    "plan": lambda d: d.update(plan="0" * 64),
    "intent": lambda d: d.update(intent="0" * 64),
    "title": lambda d: d["title"].update(en="Another title"),
    "tables": lambda d: d["tables"][0].update(id="T9"),
    "tables.T1.reason": lambda d: d["tables"][0].update(reason="another reason"),
    "tables.T1.hypotheses": lambda d: d["tables"][0].update(hypotheses=["H9"]),
    "tables.T1.nano_rho": lambda d: d["tables"][0].update(nano_rho=999_999),
    "tables.T3.population": lambda d: d["tables"][2]["population"].update({"in": [1]}),
    "tables.T5.population": lambda d: d["tables"][4].update(population={"item": "AGE", "in": [1]}),
    "labels.en": lambda d: d["labels"]["en"]["AGE"].update(text="Income"),
    "labels.en ": lambda d: d["labels"]["en"]["AGE"]["levels"].update({"1": "Rich"}),
    "labels.fr": lambda d: (d["title"].update(fr="x"), d["labels"].update(fr=d["labels"]["en"])),
    "box": lambda d: (d["box"].update(root="0" * 64), d["fieldwork"].update(root="0" * 64)),
    "study": lambda d: [part.update(study="other-study") for part in (d, d["about"], d["fieldwork"])],
    "signer": lambda d: d["signer"].update(ed25519="A" * 43),
}


@pytest.mark.parametrize("field", EDITS)
def test_a_cheat_who_signs_again_is_caught_by_the_field(world, document, field):
    """Even under the study's own signature, what can be recomputed is, and the field that disagrees is named."""
    edited = copy.deepcopy(document)
    EDITS[field](edited)
    report = verify(resigned(world, edited), world.folder, world.box)
    named = {"plan": "ledger.entry", "signer": "signature"}.get(field, field.strip())
    assert named in report.failed


def test_an_intent_for_something_else_is_caught(world, document):
    """Signed by the study, for another head, box or plan or of a later day: the release that names it is caught."""
    path = world.folder.plan_folder(document["plan"]) / "intent.json"
    whole = Intent.from_bytes(path.read_bytes())
    try:
        for changes in ({"head": "0" * 64}, {"box": "0" * 64}, {"plan": "0" * 64}, {"day": "2999-01-01"}):
            other = whole.model_copy(update=changes).signed(world.folder.signing_key())
            path.write_bytes(other.to_bytes())
            named = resigned(world, document | {"intent": other.digest})
            assert ("intent",) == verify(named, world.folder, world.box).failed
        path.unlink()
        assert ("intent",) == verify(canonical(document), world.folder, world.box).failed
    finally:
        path.write_bytes(whole.to_bytes())
    assert verify(canonical(document), world.folder, world.box).verified


BREAKING = {
    "signer": lambda d: d["signer"].update(ed25519="AAAA"),
    "budget.epsilon": lambda d: d["budget"].update(spent=2**53 - 1, total=2**53 - 1),
    "tables.T1.sigma": lambda d: d["tables"][0].update(sigma=1e-320),
    "tables.T1.measurement": lambda d: d["tables"][0].update(sigma=1e300),
    "tables.T1.estimates": lambda d: d["tables"][0].update(sigma=1e300),
    "tables.T4.estimates": lambda d: rename(d["tables"][3]["dimensions"][0]["codes"], 97, 96),
    "tables.T4.dimensions": lambda d: (
        d["tables"][3]["dimensions"][0].update(id="NOWHERE")
        or [labels.update(NOWHERE=labels["USES"]) for labels in d["labels"].values()]
    ),
}
"""Edits on which a recomputation falls over instead of disagreeing."""


def rename(codes, old, new):
    codes[codes.index(old)] = new


@pytest.mark.parametrize("field", BREAKING)
def test_an_edit_that_breaks_a_recomputation_is_named_and_not_raised(world, document, field):
    """A short key, a huge budget, impossible noise, a lost code and an unknown item: each field is named."""
    edited = copy.deepcopy(document)
    BREAKING[field](edited)
    assert field in verify(resigned(world, edited), world.folder, world.box).failed


def test_without_the_helper_the_same_edits_are_raised(world, document, monkeypatch):
    """Control: recomputing with no net under it, an edit that breaks a recomputation ends in its exception."""
    edited = copy.deepcopy(document)
    BREAKING["signer"](edited)
    monkeypatch.setattr(verification, "_recomputed", lambda field, detail, check: VerifiedField(field, check(), detail))
    with pytest.raises(SignatureError):
        verify(resigned(world, edited), world.folder, world.box)


def test_weighted_shares_are_made_and_recomputed(tmp_path):
    """With little noise a table is weighted to its public margin; a changed share or margin is named."""
    world = small.build(tmp_path, total=500_000_000)
    made = make_release(world.request(small.plan(each=70_000_000)))
    document = json.loads(made.path.read_bytes())
    weighted = document["tables"][1]["weighted"]
    assert ("post-stratified", None) == (weighted["method"], weighted["abstained"])
    assert verify(canonical(document), world.folder).verified
    weighted["shares"][0]["share"] += 0.01
    assert ("tables.T2.weighted",) == verify(resigned(world, document)).failed
    weighted["shares"][0]["share"] -= 0.01
    document["margins"][0]["shares"].update({"1": 31_000, "2": 39_000})
    assert "tables.T2.weighted" in verify(resigned(world, document)).failed


def test_another_box_and_a_broken_box_are_caught(world, document, tmp_path):
    """A box of other answers, a box with a flipped byte and a missing box: `box` is named."""
    small.write(tmp_path / "other.box", world.manifest, small.payloads(299))
    data = world.box.read_bytes()
    (tmp_path / "broken.box").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    for name in ("other.box", "broken.box", "none.box"):
        assert ("box",) == verify(canonical(document), world.folder, tmp_path / name).failed


@pytest.mark.parametrize("data", [b"", b"nonsense", b"{}", b"[1]", b'{"format": "sotto-release-4"}'])
def test_bytes_that_are_no_release_are_not_verified(data):
    """Anything that is not canonical JSON of a release fails as a whole, with no traceback."""
    assert ("release",) == verify(data).failed


def test_a_study_folder_of_another_study_is_a_finding(document, tmp_path):
    """A folder without this wave's manifest is named, not raised."""
    from analysis.study.folder import StudyFolder

    assert ("manifest",) == verify(canonical(document), StudyFolder(tmp_path)).failed


def test_a_description_by_another_version_of_opendp_must_say_the_same(world, document):
    """A release of OpenDP 0.15 is checked by what its description says: scale, measure and version."""
    edited = copy.deepcopy(document)
    edited["mechanism"]["version"] = "0.15.0"
    for table in edited["tables"]:
        table["measurement"] = table["measurement"].replace("0.16.0", "0.15.0")
    assert () == verify(resigned(world, edited)).failed
    edited["tables"][0]["measurement"] = edited["tables"][3]["measurement"]
    edited["tables"][1]["measurement"] = "nonsense"
    assert ("tables.T1.measurement", "tables.T2.measurement") == verify(resigned(world, edited)).failed
