"""A study of every type of item that the form without JavaScript asks, published, with a key that its tests hold."""

import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from budgets import BUDGET
from cheap.databases import migrated

from crypto.canonical import canonical
from crypto.envelope import Context, key_id, record_size, study_id
from crypto.opening import Opener
from crypto.seed import expand, public_bytes
from studies.market import LANGUAGES
from survey.answers_db.owner_access import connect_owner, iter_records, start_accepting
from survey.plain_form.fields import BLANK, NO, YES
from survey.publication.folder import Published, StudyState
from survey.questionnaire.payload import SurveyResponse, decode
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.settings import Settings
from survey.wave.manifest import Manifest, build_manifest

STUDY = "p7"
URL = f"/f/{STUDY}"
QUESTIONS = f"{URL}/questions"
"""The first page of the form, and what its press asks for by POST."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SEED = hashlib.sha256(b"the plain study's test key").digest()
PICTURE = hashlib.sha256(b"a picture").hexdigest()
HEARD = {"item": "USE", "in": [1, 2, 99]}
OLDER = {"item": "AGE", "in": [2]}
SMILES = {"item": "FACE", "in": [1]}


def item(
    name: str, kind: str, codes: tuple[int, ...] = (), missing: tuple[int, ...] = (98, 99), **more: object
) -> dict:
    """Return an item as the document has it."""
    options = [{"code": code, "end": "too-young"} if (name, code) == ("AGE", 0) else {"code": code} for code in codes]
    asked = {"id": name, "type": kind, "block": "main", "forms": ["short", "long"], "options": options}
    return {**asked, "missing": [*missing], "shuffle": False, **more}


def bands(*ends: tuple[int, int, int]) -> list[dict]:
    """Return options of (code, from, to)."""
    return [{"code": code, "from": low, "to": high} for code, low, high in ends]


ITEMS = [
    item("MODE", "single", (1, 2), ()),
    item("AGE", "single", (0, 1, 2), (99,)),
    item("USE", "single", (1, 2, 3)),
    item("HOW", "scale", (1, 2, 3, 4, 5), ask_if=HEARD),
    item("INTRO", "note", missing=(), ask_if=HEARD),
    item("BUY", "multi", (1, 2, 3, 4), (90, 98, 99), cap=2),
    item("WHY", "single", (1, 2), (98, 99), ask_if={"item": "BUY", "has": [2, 3]}),
    item("TWO", "single", (1, 2), (99,), ask_if={"item": "BUY", "chosen": [2, 2]}),
    item("ROOMS", "number", ask_if={"not": {"item": "WHY", "in": [97]}}) | {"options": bands((1, 0, 2), (2, 3, 9))},
    item("KIDS", "number") | {"options": bands(*((number, number, number) for number in range(20)))},
    item("SINCE", "date", unit="year") | {"options": bands((1, 1950, 1999), (2, 2000, 2026))},
    item("FACE", "picture", (1, 2)),
    item("G_A", "single", (1, 2, 3), ask_if={"any": [HEARD, OLDER]}),
    item("G_B", "single", (1, 2, 3), ask_if={"any": [HEARD, OLDER]}),
    item("R_1", "single", (1, 2, 3, 4), (99,)),
    item("R_2", "single", (1, 2, 3, 4), (99,)),
    item("WORDS", "phrase", missing=(99,), count=2, words=3, length=24),
    item("ONLY", "multi", (1, 2, 3), (), forms=["long"]),
    item("SUM", "single", (1, 2), (99,), ask_if={"count": [HEARD, OLDER, SMILES], "range": [2, 3]}),
]  # fmt: skip
ITEMS[17]["options"][2]["exclusive"] = True


def questionnaire(**changes: object) -> Questionnaire:
    """Return the questionnaire; `changes` replace members."""
    document = {
        "format": "sotto-questionnaire-3", "study": STUDY, "version": "1", "mode": "open", "sealing": "phone-or-server",
        "locales": [locale for locale, _, _ in LANGUAGES], "strata": ["open"],
        "forms": [{"id": "short", "when": {"item": "MODE", "in": [2]}}, {"id": "long"}], "items": ITEMS, "pairs": [],
        "derived": [], "groups": [{"id": "G", "kind": "grid", "items": ["G_A", "G_B"], "shuffle": False},
                                  {"id": "R", "kind": "ranking", "items": ["R_1", "R_2"], "shuffle": False}],
    }  # fmt: skip
    return Questionnaire.from_bytes(canonical({**document, **changes}))


WORDS = {
    "en": {
        "ask": "Question about {}",
        "option": "Answer {} of {}",
        "group": "These belong together",
        "99": "No answer",
    },
    "zh-Hans": {"ask": "关于{}的问题", "option": "{}号回答（{}）", "group": "这几个一起回答", "99": "不想回答"},
    "zh-Hant": {"ask": "關於{}的問題", "option": "{}號回答（{}）", "group": "這幾個一起回答", "99": "不想回答"},
}


def texts(locale: str, asked: Questionnaire) -> Texts:
    """Return invented texts in one locale."""
    words = WORDS[locale]
    item_texts = {
        one.id: {
            "text": words["ask"].format(one.id) + (" {USE|…}" if one.id == "HOW" else ""),
            "options": {str(option.code): words["option"].format(option.code, one.id) for option in one.options},
            **({"ends": [words["99"], words["group"]]} if one.type == "scale" else {}),
            **({"pictures": {str(code): PICTURE for code in one.codes}} if one.type == "picture" else {}),
        }
        for one in asked.items
    }
    consent = {"paragraphs": [words["group"]], "question": words["ask"].format("?"), "agree": "+1", "decline": "-1"}
    document = {
        "format": "sotto-texts-2", "study": STUDY, "locale": locale, "dir": "ltr", "name": locale, "title": "-",
        "consent": consent, "endings": {"no-consent": "declined!", "too-young": "young!"}, "thanks": [words["99"]],
        "debrief": words["group"], "items": item_texts, "derived": {}, "interface": {},
        "missing": {"90": "90", "98": "98", "99": words["99"]}, "groups": {"G": words["group"], "R": words["group"]},
        "hints": {"ROOMS": "{USE|<b>} ?", "G": "& ?"},
    }  # fmt: skip
    return Texts.from_bytes(canonical(document))


@dataclass
class PlainStudy:
    """The study with its wave published in a folder, and the key that only its tests have."""

    settings: Settings
    questionnaire: Questionnaire = field(default_factory=questionnaire)
    texts: dict[str, Texts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.texts = {name: texts(name, self.questionnaire) for name in self.questionnaire.locales} | self.texts
        key = public_bytes(expand(SEED))
        self.manifest: Manifest = build_manifest(
            self.questionnaire, self.texts, wave=1, key=key, signer="0" * 64, budget=BUDGET
        )
        context = Context(study_id(STUDY), self.manifest.hash, key_id(key))
        self._opener = Opener(SEED, context, self.manifest.plaintext_size)

    @property
    def epoch(self) -> bytes:
        return bytes.fromhex(self.manifest.key_id)

    def publish(self) -> "PlainStudy":
        """Write the published folder and open the wave, as the staff commands do."""
        migrated(self.settings)
        owner = connect_owner(self.settings.answers_url)
        start_accepting(owner, self.epoch, record_size(self.manifest.plaintext_size))
        owner.dispose()
        contents = {locale: one.to_bytes() for locale, one in self.texts.items()}
        folder = Published(self.settings.public)
        folder.write_bundles(self.manifest.pin, self.manifest.to_bytes(), self.questionnaire.to_bytes(), contents)
        self.state("open")
        return self

    def state(self, state: str, **changes: object) -> None:
        """Publish the state of the study."""
        names, directions = ({one[0]: one[at] for one in LANGUAGES} for at in (1, 2))
        members = {
            "study": STUDY, "state": state, "wave": 1, "mode": "open", "sealing": self.questionnaire.sealing,
            "pin": self.manifest.pin, "epoch": self.manifest.key_id, "earlier": (),
            "record_size": record_size(self.manifest.plaintext_size),
            "locales": tuple(names), "names": names, "directions": directions, "titles": dict.fromkeys(names, "-"),
        }  # fmt: skip
        Published(self.settings.public).write_study(StudyState(**{**members, **changes}))

    def envelopes(self) -> list[bytes]:
        """Return the records that the host has stored."""
        owner = connect_owner(self.settings.answers_url)
        try:
            return list(iter_records(owner, self.epoch))
        finally:
            owner.dispose()

    def opened(self) -> list[SurveyResponse]:
        """Return what the stored records hold, as the analysis host will see it."""
        return [decode(self.questionnaire, self._opener.open_record(record)) for record in self.envelopes()]


SHORTEST = {"MODE": "001", "AGE": "001", "USE": "003", "BUY_s": "090", "KIDS": "005", "SINCE": "002", "FACE": "002",
            "R_1": "004", "R_2": "001", "WORDS_s": "099", "ONLY_o002": YES}  # fmt: skip
WHOLE = SHORTEST | {
    "MODE": "001", "AGE": "002", "USE": "001", "HOW": "004", "BUY_s": "256", "BUY_o002": YES, "BUY_o004": YES,
    "WHY": "002", "TWO": "099", "ROOMS": "002", "KIDS": "019", "SINCE": "098", "FACE": "001", "G_A": "003",
    "G_B": "098", "R_1": "002", "R_2": "004", "WORDS_s": "256", "WORDS_p1": "  Warm   SOUP ", "WORDS_p2": "蔬菜",
    "SUM": "002",
}  # fmt: skip


def fields(html: str) -> dict[str, str]:
    """Return what a browser would send of a page: every control's name with the value it has now."""
    fields_by_name = {}
    for tag in re.findall(r"<input[^>]*>", html):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes["type"] not in {"radio", "checkbox"} or re.search(r"\schecked\b", tag):
            fields_by_name[attributes["name"]] = attributes.get("value", "")
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r"<option[^>]*\sselected\b[^>]*>", inside)
        fields_by_name[name] = re.search(r'value="(\d+)"', chosen[0])[1] if chosen else BLANK
    return fields_by_name


def body(html: str, marks: dict[str, str] | None = None, *, agreed: bool = True) -> bytes:
    """Return the body of the form in `html` with consent given and `marks` filled in."""
    given = SHORTEST if marks is None else marks
    sent = {**fields(html), "consent": YES if agreed else NO, **given, "ready": YES}
    return urlencode(sent).encode()


@cache
def _begun() -> tempfile.TemporaryDirectory:
    """Return a folder with the published study, made once; it goes when the tests end."""
    folder = tempfile.TemporaryDirectory()
    PlainStudy(home(Path(folder.name) / "home")).publish()
    return folder


def fresh(folder: Path) -> PlainStudy:
    """Return the published study on a host of its own."""
    shutil.copytree(Path(_begun().name) / "home", folder / "home")
    return PlainStudy(home(folder / "home"))


def home(folder: Path) -> Settings:
    """Return settings of a host that is all in one folder."""
    return Settings.from_environ({"SOTTO_HOME": str(folder)})
