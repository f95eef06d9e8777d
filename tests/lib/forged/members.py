"""Forged folders whose documents have a member too many inside, or one that does not follow from others."""

from collections.abc import Mapping

from crypto.canonical import canonical, digest, parse
from forged.forgery import NOBODY, Forgery, inside, one, sets
from forged.open_wave import STUDY
from forged.site import Edit, WrittenSite

MORE = "members that are not documented: more"
NUMBER, SIZE = {"value": 1.5, "margin": 0.5}, {"number": 9.5, "margin": 0.5}
SHARE = {"code": 1, "base": "answered", "share": 0.5, "margin": 0.1, "reliable": True}
ESTIMATE, ABOUT = ("tables", 0, "estimates", 0), {"format": "sotto-about-3", "study": STUDY, "version": "1"}


ENGLISH = ("texts en", "corrected 2 en", "corrected 3 en")
"""The texts of one locale at first and after each correction, which must follow from them."""


def released_alone(site: WrittenSite) -> None:
    """Log a release of a study of which no wave ever opened, and which nobody can check."""
    content = canonical(parse((site.folder / site.place("release 1")).read_bytes()) | {"study": "s2"})
    (site.folder / "results/s2").mkdir()
    (site.folder / f"results/s2/{digest(content)}.json").write_bytes(content)
    last = site.entries[-1]["day"]
    entry = {"format": "sotto-log-entry-1", "kind": "release", "study": "s2", "wave": 1, "day": last, "ledger": NOBODY}
    site.sign_log([canonical(said) for said in [*site.entries, {**entry, "hash": digest(content)}]])


def more(document: str, *path: str | int) -> Mapping[str, Edit]:
    """Return the edit that adds a member to what lies at `path` in a document."""
    return {document: inside(*path, more=1)}


def adds(document: str, *path: str | int, **members: object) -> Mapping[str, Edit]:
    """Return the edit that puts members, each with a member too many, into what lies at `path` in a document."""
    return {document: inside(*path, **{name: _with_more(value) for name, value in members.items()})}


def _with_more(value: object) -> object:
    return [_with_more(each) for each in value] if isinstance(value, list) else {**dict(value), "more": 1}


BY_PLACE: Mapping[str, Mapping[str, Edit]] = {
    "manifests.budget": {name: edit for wave in "123" for name, edit in more(f"manifest {wave}", "budget").items()},
    "manifests.witnesses": more("manifest 3", "witnesses"),
    "questionnaires.forms[]": more("questionnaire", "forms", 0),
    "questionnaires.items[]": more("questionnaire", "items", 0),
    "questionnaires.items[].options[]": more("questionnaire", "items", 1, "options", 0),
    "questionnaires.items[].randomise": more("questionnaire", "items", 20, "randomise"),
    "questionnaires.derived[]": more("questionnaire", "derived", 0),
    "questionnaires.derived[].sum[]": more("questionnaire", "derived", 0, "sum", 0),
    "questionnaires.derived[].cases[]": more("questionnaire", "derived", 1, "cases", 0),
    "questionnaires.groups[]": more("questionnaire", "groups", 0),
    "questionnaires.drafts": more("questionnaire", "drafts"),
    "texts.consent": {name: inside("consent", more=1) for name in ENGLISH},
    "texts.items.*": {name: inside("items", "LIKE", more=1) for name in ENGLISH},
    "texts.derived.*": {name: inside("derived", "BUYER", more=1) for name in ENGLISH},
    "pages.pages.*": more("pages 3", "pages", "/s/s1"),
    "corrections.changes[]": more("correction 3", "changes", 0),
    "plans.tables[]": more("plan 1", "tables", 0),
    "plans.words[]": more("plan 1", "words", 0),
    "plans.margins[]": {**more("plan 1", "margins", 0), **more("release 1", "margins", 0)},
    "plans.expects[]": adds("plan 1", expects=[{"dimension": "LIKE", "codes": [1], "reason": "r"}]),
    "results.budget": more("release 1", "budget"),
    "results.budget.atto_delta": more("release 1", "budget", "atto_delta"),
    "results.budget.curve": more("release 1", "budget", "curve"),
    "results.budget.epsilon": more("release 1", "budget", "epsilon"),
    "results.budget.curve.epsilon": more("release 1", "budget", "curve", "epsilon"),
    "results.mechanism": more("release 1", "mechanism"),
    "results.ledger": more("release 1", "ledger"),
    "results.about": adds("release 1", about=ABOUT),
    "results.about.authors[]": {"release 1": sets(about={**ABOUT, "authors": [{"name": "A", "more": 1}]})},
    "results.version": adds("release 1", version={"number": 1, "since": 1}),
    "results.fieldwork": more("release 1", "fieldwork"),
    "results.words[]": more("release 1", "words", 0),
    "results.words[].phrases[]": more("release 1", "words", 0, "phrases", 0),
    "results.tables[]": more("release 1", "tables", 0),
    "results.tables[].estimates[]": more("release 1", *ESTIMATE),
    "results.tables[].estimates[].sizes": more("release 1", *ESTIMATE, "sizes"),
    "results.tables[].estimates[].sizes.asked": adds("release 1", *ESTIMATE, "sizes", asked=SIZE),
    "results.tables[].estimates[].sizes.answered": adds("release 1", *ESTIMATE, "sizes", answered=SIZE),
    "results.tables[].estimates[].sizes.substantive": adds("release 1", *ESTIMATE, "sizes", substantive=SIZE),
    "results.tables[].estimates[].mean": adds("release 1", *ESTIMATE, mean=NUMBER),
    "results.tables[].estimates[].difference": adds("release 1", *ESTIMATE, difference=NUMBER),
    "results.tables[].estimates[].median": adds("release 1", *ESTIMATE, median={"value": 2, "low": 1, "high": 3}),
    "results.tables[].estimates[].top": adds("release 1", *ESTIMATE, top={"codes": [1], "share": 0.5, "margin": 0.1}),
    "results.tables[].estimates[].shares[]": adds("release 1", *ESTIMATE, shares=[SHARE]),
    "results.tables[].weighted": more("release 1", "tables", 0, "weighted"),
    "results.tables[].weighted.mean": adds("release 1", "tables", 0, "weighted", mean=NUMBER),
    "results.tables[].weighted.shares[]": adds("release 1", "tables", 0, "weighted", shares=[SHARE]),
    "destructions.splits[]": more("destruction 1", "splits", 0),
    "drills.signature": more("drill 1 signed", "signature"),
    "custodies.signature": more("custody 1 signed", "signature"),
    "corrections.signature": more("correction 3 signed", "signature"),
    "registrations.signature": more("registration 1 signed", "signature"),
    "intents.signature": more("intent 1 signed", "signature"),
    "results.signature": more("release 1 signed", "signature"),
    "destructions.signature": more("destruction 1 signed", "signature"),
}
"""Of each place inside documents whose members the verifier lists: the edit that adds one there."""

READ_BEFORE_OTHERS = ("manifests.budget", "questionnaires", "texts", "corrections")
"""Where such a document is at fault, others that are read with it are not read, or are at fault as well."""

OF_MEMBERS = (
    *(Forgery(f"a member too many in {place}", MORE, edits, also=place.startswith(READ_BEFORE_OTHERS))
      for place, edits in BY_PLACE.items()),
    one("no issuer in a wave by invitation", "has not its mode's issuer_key", "manifest 3", sets(issuer_key=None)),
    one("another key's id", "is of another key_id", "manifest 3", sets(key_id="0" * 16)),
    one("answers of another size than asked for", "is of another plaintext_size", "manifest 3",
        sets(plaintext_size=4096)),
    one("an answer drawn otherwise than declared", "is of another thresholds", "manifest 3",
        lambda said: said["thresholds"].update(WORRY=1)),
    one("an answer said to be drawn that is not", "is of another thresholds", "manifest 3",
        lambda said: said["thresholds"].update(LIKE=1)),
    one("records of another size", "is of another record_size", "box 1", sets(record_size=4096)),
    one("pages without headers", "/blank lacks headers", "pages 3",
        lambda said: [page.pop("headers") for page in said["pages"].values()]),
    one("a page without its hash", "/blank lacks sha256", "pages 3",
        lambda said: said["pages"]["/blank"].pop("sha256")),
    one("a budget without its curve", "budget lacks curve", "release 1", lambda said: said["budget"].pop("curve")),
    one("a budget whose delta is one number", "is not written as it must be", "paid release 1",
        inside("budget", atto_delta=5)),
    one("an epsilon at another delta", "epsilon lacks 1e-9", "release 1",
        lambda said: said["budget"]["epsilon"].update({"1e-7": said["budget"]["epsilon"].pop("1e-9")})),
    one("who made another study", "about is of another study", "release 1", sets(about={**ABOUT, "study": "s2"})),
    one("who made a study, in another format", "about is of another format", "release 1",
        sets(about={**ABOUT, "format": "sotto-about-9"})),
    one("fieldwork in another format", "fieldwork is of another format", "release 1",
        inside("fieldwork", format="sotto-fieldwork-9")),
    one("a wave that is true", "is of another wave", "plan 1", sets(wave=True)),
    Forgery("a release of a study that never opened", "has no open wave", after=released_alone, also=True),
)  # fmt: skip
