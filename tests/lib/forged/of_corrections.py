"""Forged folders whose corrections of wording are unsigned, untold, left out, or put in the place of others."""

from typing import Any

from crypto.canonical import canonical
from forged.forgery import NOBODY, Forgery, gone, one, sets, stranger
from forged.open_wave import OPEN
from forged.site import Doc, WrittenSite
from forged.study import CORRECTED, texts_of

LAST, RELEASED, BOX = f"correction {OPEN}", f"correction {CORRECTED}", f"box {CORRECTED}"
PIPED = "The results will be seen, {READER|you}."
QUESTION = "Will you?"


def words(place: int, **members: str) -> Any:
    """Return an edit of one change of a correction, or of a release's account of it."""
    return lambda document: document["changes"][place].update(members)


def of_older_texts(manifest: Doc) -> None:
    """Let a wave begin with the words from before the corrections."""
    manifest["texts"] = {locale: text.digest for locale, text in texts_of(1).items()}


def of_older_wave(site: WrittenSite) -> None:
    """Take the last correction back, as one of the wave before the open one."""
    said, last = site._document(LAST), site.entries[-1]["day"]
    for member in ("signer", "signature"):
        said.pop(member)
    for change in said["changes"]:
        change["old"], change["new"] = change["new"], change["old"]
    about = {"wave": CORRECTED, "manifest": site.hashes[f"manifest {CORRECTED}"], "previous": site.hashes[LAST]}
    texts = {locale: text.digest for locale, text in texts_of(CORRECTED).items()}
    site._statement("correction again", CORRECTED, 1, {**said, **about, "texts": texts})
    site.entries[-1]["day"] = last
    site.sign_log([canonical(entry) for entry in site.entries])


def without_the_last(entries: list[Doc]) -> None:
    """Take the last correction out of the log."""
    entries[:] = [entry for entry in entries if (entry["kind"], entry["wave"]) != ("correction", OPEN)]


def taken_away(site: WrittenSite) -> None:
    """Take the last correction and its texts out of the folder."""
    gone(LAST)(site)
    gone(f"corrected {OPEN} en")(site)


def consented(document: Doc) -> None:
    """Add a change of the consent, to which people agreed."""
    old = texts_of(CORRECTED)["en"].consent.question
    document["changes"].insert(0, {"locale": "en", "place": "consent.question", "old": old, "new": QUESTION})


def without_chinese(document: Doc) -> None:
    """Leave a language out of a manifest, or of what a correction gives."""
    document["texts"].pop("zh-Hant")


def told_without_chinese(release: Doc) -> None:
    """Leave a language out of a release."""
    for member in ("title", "labels"):
        release[member].pop("zh-Hant")


OF_CORRECTIONS = (
    one("a correction by somebody else", "is not signed by the key", f"{LAST} key", stranger),
    one("a correction of another manifest", "is of another manifest", LAST, sets(manifest=NOBODY)),
    Forgery("a correction of a wave that is over", "is of another manifest", after=of_older_wave),
    one("a correction that follows none", "is of another previous", LAST, sets(previous=NOBODY)),
    one("an older correction in the place of a newer", "is of another previous", LAST, sets(previous=None)),
    one("a correction of words that were not there", "had other words, or is none", LAST, words(0, old="Apples")),
    one("a correction that tells other words than it gives", "gives other texts than the words", LAST,
        words(0, new="Apples")),
    one("a correction without its declaration", "is of another meaning", LAST, sets(meaning="other"), also=True),
    one("a correction of another format", "is of another format", LAST, sets(format="sotto-correction-9"), also=True),
    Forgery("a correction of the consent", "is none that may be corrected", {
        f"corrected {OPEN} en": lambda texts: texts["consent"].update(question=QUESTION), LAST: consented}),
    Forgery("a correction that shows other answers", "shows other answers than before", {
        f"corrected {OPEN} en": lambda texts: texts["items"]["GOODS"]["options"].update({"2": PIPED}),
        LAST: words(0, new=PIPED)}),
    one("a box that names no correction", "is of another corrections", BOX, sets(corrections=[])),
    one("a box that dates a correction later", "is of another corrections", BOX,
        lambda box: box["corrections"][0].update(since="2026-04-07")),
    one("a release that names no correction", "is of another named", f"release {CORRECTED}",
        lambda release: release.pop("corrections")),
    one("a release that tells other words of a correction", "is of another named", f"release {CORRECTED}",
        lambda release: words(1, old="Fruit")(release["corrections"][0])),
    one("a release of a version of the questionnaire that is none", "version is of another number, since",
        f"release {CORRECTED}", sets(version={"number": 2, "since": 2})),
    Forgery("a wave that begins with the words from before a correction", "is of another texts", {
        f"manifest {OPEN}": of_older_texts, "entries": without_the_last}, after=taken_away),
)  # fmt: skip
