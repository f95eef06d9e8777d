"""A small study about a market, with every kind of screen once and a key that its tests hold."""

import hashlib
import json
from dataclasses import dataclass, field

from budgets import BUDGET
from paths import ROOT

from crypto.canonical import canonical
from crypto.envelope import Context, key_id, parse_body, study_id
from crypto.opening import Opener
from crypto.seed import expand, public_bytes
from survey.questionnaire.payload import SurveyResponse, decode
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wave.manifest import Manifest, build_manifest
from survey.wording.phone_catalogue import read_interface

STUDY = "market"
SEED = hashlib.sha256(b"the market study's test key").digest()
LANGUAGES = (("en", "English", "ltr"), ("zh-Hans", "简体中文", "ltr"), ("zh-Hant", "繁體中文", "ltr"))


def _item(name: str, codes: tuple[int, ...], missing: tuple[int, ...], **more: object) -> dict[str, object]:
    options = [{"code": code, "end": "too-young"} if (name, code) == ("AGE", 0) else {"code": code} for code in codes]
    item = {"id": name, "type": "single", "block": "main", "forms": ["all"], "options": options, "missing": [*missing]}
    return {**item, "shuffle": False, **more}


def questionnaire() -> Questionnaire:
    """Every kind of screen once: an ending, a shuffled multi item with a cap, a pair, two routes."""
    items = [
        _item("AGE", (0, 1, 2), (99,)),
        _item("BUY", (1, 2, 3, 4, 5), (90, 98, 99), type="multi", shuffle=True, cap=3),
        _item("WHY", (1, 2, 3), (98, 99), shuffle=True, ask_if={"item": "BUY", "in": [0]}),
        _item("TA", (3, 2, 1, 0), (98, 99)),
        _item("TB", (3, 2, 1, 0), (98, 99)),
        _item("LAST", (1, 2), (99,), ask_if={"item": "WHY", "in": [97, 98]}),
    ]
    document = {
        "format": "sotto-questionnaire-3", "study": STUDY, "version": "1", "mode": "open", "sealing": "phone",
        "locales": [locale for locale, _, _ in LANGUAGES], "strata": ["open"], "forms": [{"id": "all"}],
        "items": items, "pairs": [["TA", "TB"]], "derived": [],
    }  # fmt: skip
    return Questionnaire.from_bytes(canonical(document))


def texts(locale: str) -> Texts:
    """Return what a respondent reads in `locale`, the interface's own words included."""
    words = json.loads((ROOT / "tests/data/market.json").read_text(encoding="utf-8"))[locale]
    fixed = {"format": "sotto-texts-2", "study": STUDY, "locale": locale, "dir": "ltr", "title": "-", "derived": {}}
    return Texts.from_bytes(canonical({**fixed, **words, "interface": dict(read_interface([locale]).texts[locale])}))


@dataclass
class Study:
    """A study with its wave, and its key, which no server would have."""

    questionnaire: Questionnaire = field(default_factory=questionnaire)
    texts: dict[str, Texts] = field(default_factory=lambda: {locale: texts(locale) for locale, _, _ in LANGUAGES})

    def __post_init__(self) -> None:
        key = public_bytes(expand(SEED))
        self.manifest = self.wave(key)
        context = Context(study_id(self.questionnaire.study), self.manifest.hash, key_id(key))
        self.opener = Opener(SEED, context, self.manifest.plaintext_size)

    def wave(self, key: bytes) -> Manifest:
        return build_manifest(self.questionnaire, self.texts, wave=1, key=key, signer="0" * 64, budget=BUDGET)

    def bundle(self, locale: str) -> dict[str, str]:
        documents = (self.manifest, self.questionnaire, self.texts[locale])
        names = ("manifest", "questionnaire", "texts")
        return {name: one.to_bytes().decode() for name, one in zip(names, documents, strict=True)}

    def opened(self, body: bytes) -> SurveyResponse:
        """Open what a phone handed in, as the analysis host will."""
        record = parse_body(body, self.manifest.plaintext_size)
        return decode(self.questionnaire, self.opener.open_record(record.to_bytes()))
