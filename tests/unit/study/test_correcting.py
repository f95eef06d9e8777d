"""Corrections on the analysis host: what an edited questionnaire may differ in, and what the study folder keeps."""

import shutil

import pytest
from studies import small_study as small

from analysis.custody.ceremony import CeremonyError, CeremonyRequest, hold_ceremony
from analysis.releasing.run import make_release
from analysis.study.correcting import keep_correction, new_correction
from analysis.study.folder import StudyError
from analysis.verification.verify import verify
from crypto.box import BoxFile, write_box
from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.release.corrections import ReleasedCorrection

made, world = small.fixtures(number=10)
REASON = "a typing error"


def edited(path, words):
    """Return the small study's texts with other words at a path in English."""
    texts = dict(small.TEXTS)
    document = texts["en"].to_json()
    *way, last = path
    part = document
    for name in way:
        part = part[name]
    part[last] = words
    return texts | {"en": Texts.from_bytes(canonical(document))}


AGE = edited(("items", "AGE", "text"), "How old are you?")


def correct(world, texts=None, questionnaire=small.QUESTIONNAIRE):
    return keep_correction(world.folder, new_correction(world.folder, questionnaire, texts or AGE, REASON))


def test_a_correction_is_signed_kept_and_of_the_words_that_differ(world):
    """It names old and new words of one place, and the study's texts are the new ones from then on."""
    said = correct(world)
    assert [("en", "items.AGE.text", "Question AGE?", "How old are you?")] == [
        (one.locale, one.place, one.old, one.new) for one in said.changes
    ]
    assert world.manifest.signer == said.check().fingerprint
    assert (said,) == world.folder.corrections()
    assert "How old are you?" == world.folder.texts()["en"].items["AGE"].text
    assert "Question AGE?" == world.folder.wave_documents(1).texts["en"].items["AGE"].text
    second = correct(world, edited(("items", "AGE", "text"), "Your age?"))
    assert (said.digest, 2) == (second.previous, len(world.folder.corrections()))


def test_what_is_no_wording_is_refused_and_named(world):
    """Codes, routing, consent, another language, and no difference at all: each by name, and nothing is kept."""
    asked = small.QUESTIONNAIRE.to_json()
    asked["items"][0]["options"].pop()
    other = Questionnaire.from_bytes(canonical(asked))
    with pytest.raises(StudyError, match=r"no correction of wording: .*HOW .codes"):
        correct(world, questionnaire=other)
    with pytest.raises(StudyError, match=r"consent\.question in en"):
        correct(world, edited(("consent", "question"), "Do you agree?"))
    with pytest.raises(StudyError, match="nothing differs"):
        correct(world, small.TEXTS)
    with pytest.raises(StudyError, match="answers to other questions"):
        correct(world, edited(("items", "USES", "text"), "Asked of {AGE|you}"))
    assert not (world.folder.root / "corrections").exists()


def test_another_version_of_the_program_changes_no_word_of_a_study(world):
    """A newer program's words of the page and another version number are no difference; the study keeps its own."""
    newer = {
        locale: Texts.from_bytes(canonical(text.to_json() | {"interface": {"next": "Onward"}}))
        for locale, text in AGE.items()
    }
    version = Questionnaire.from_bytes(canonical(small.QUESTIONNAIRE.to_json() | {"version": "9"}))
    correct(world, newer, version)
    kept = world.folder.texts()["en"]
    assert ("How old are you?", small.TEXTS["en"].interface) == (kept.items["AGE"].text, kept.interface)
    request = CeremonyRequest(wave=2, threshold=2, custodians=3, shares=world.folder.root.parent / "shares-2")
    second = hold_ceremony(world.folder, version, newer, request).manifest
    assert (small.QUESTIONNAIRE.digest, kept.digest) == (second.questionnaire, second.texts["en"])
    # The control: words of the study that were not corrected are refused.
    request = CeremonyRequest(wave=3, threshold=2, custodians=3, shares=world.folder.root.parent / "shares-3")
    with pytest.raises(CeremonyError, match=r"Question AGE\?.*sotto study correct|How old.*sotto study correct"):
        hold_ceremony(world.folder, small.QUESTIONNAIRE, small.TEXTS, request)


def test_minutes_are_words_where_the_author_wrote_them(world):
    """An option of 30 to 60 minutes that becomes 30 to 59 is corrected; minutes that the compiler reckons never are."""
    option = ("items", "AGE", "options", "1")
    correct(world, edited(option, "30 to 60 minutes"))
    said = correct(world, edited(option, "30 to 59 minutes"))
    assert [("items.AGE.options.1", "30 to 60 minutes", "30 to 59 minutes")] == [
        (one.place, one.old, one.new) for one in said.changes
    ]
    later, filled = edited(option, "30 to 58 minutes"), {"en": {"items.AGE.options.1"}}
    with pytest.raises(StudyError, match="nothing differs"):
        new_correction(world.folder, small.QUESTIONNAIRE, later, REASON, filled)


def boxed(world, corrections):
    """Write the world's box again, with corrections in its header."""
    path = world.box.parent / "corrected.box"
    with BoxFile.open(world.box) as box:
        header, records = box.header, [*box.records()]
    about = {name: getattr(header, name) for name in ("study", "wave", "mode", "manifest", "key_id", "record_size")}
    write_box(path, **about, records=iter(records), plans=header.plans, corrections=corrections)
    return path


def test_a_release_names_the_corrections_of_its_box_and_has_their_words(world, tmp_path):
    """Labels are those after the last correction; `sotto verify` takes it, and names it where it is left out."""
    said = correct(world)
    box = boxed(world, ((said.digest, "2026-11-28"),))
    release = make_release(world.request(small.plan(), box)).release
    assert (ReleasedCorrection.of(said, "2026-11-28"),) == release.corrections
    assert "How old are you?" == release.labels["en"]["AGE"].text
    assert verify(release.to_bytes(), world.folder, box).verified
    dated = release.corrections[0].model_copy(update={"since": "2026-11-02"})
    for wrong in (None, (dated,)):
        changed = release.model_copy(update={"corrections": wrong}).compact().signed(world.folder.signing_key())
        assert "corrections" in verify(changed.to_bytes(), world.folder, box).failed


def test_a_box_with_a_correction_that_the_folder_lacks_is_refused_before_anything_is_spent(world):
    """Also where a correction in the folder was edited; the ledger stays as it was."""
    said = correct(world)
    shutil.move(world.folder.root / "corrections", world.folder.root / "elsewhere")
    with pytest.raises(StudyError, match=r"names the correction .*nothing was spent"):
        make_release(world.request(small.plan(), boxed(world, ((said.digest, "2026-11-28"),))))
    shutil.move(world.folder.root / "elsewhere", world.folder.root / "corrections")
    path = world.folder.correction_path(1)
    path.write_bytes(path.read_bytes().replace(b"a typing error", b"another reason"))
    with pytest.raises(StudyError, match="not signed by the study's key"):
        world.folder.wave_documents(1)
    path.unlink()
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent
