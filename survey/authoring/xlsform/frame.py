"""What stands around the questions of an imported form: a study that compiles, for its author to complete."""

import hashlib
from typing import Any

from survey.authoring.xlsform.sheets.languages import Languages, own_name
from survey.authoring.xlsform.wording import plain_text
from survey.questionnaire.codes import MISSING
from survey.questionnaire.items import NO_CONSENT
from survey.wording.catalogues import Wordings, in_locale
from survey.wording.language_file import direction

CATALOGUE = "form"
"""The catalogue of the words that an import adds; a locale that lacks it or the phone's own texts is not supported."""


def supported_locales(words: Wordings, phone: Wordings) -> frozenset[str]:
    """Return the locales in which a study can be shown and framed."""
    return frozenset({*words} & {*phone})


def study_frame(
    settings: dict[str, str], languages: Languages, words: Wordings, content: bytes, file_name: str
) -> dict[str, Any]:
    """Return the members of a study beside its items: its name says nothing, as the name in an address must not."""
    own = {locale: in_locale(words, locale) for locale in languages.locales}

    def text(key: str) -> dict[str, str]:
        return {locale: wording(key) for locale, wording in own.items()}

    name = f"q{hashlib.sha256(content).hexdigest()[:4]}"
    return {
        "study": name,
        "version": settings.get("version") or "1",
        "title": _title(settings.get("form_title", "")) or _title(file_name) or name,
        "locales": {locale: {"name": own_name(locale), "dir": direction(locale)} for locale in languages.locales},
        "mode": "open",
        "sealing": "phone",
        "strata": ["open"],
        "facts": {"mainland_fieldwork": False},
        "consent": {"paragraphs": [], **{key: text(key) for key in ("question", "agree", "decline")}},
        "endings": {NO_CONSENT: text("no-consent")},
        "thanks": [{"text": text("thanks")}],
        "debrief": text("debrief"),
        "missing": {str(code): text(f"missing-{code}") for code in MISSING},
        "forms": [{"id": "full"}],
    }


def _title(written: str) -> str:
    return plain_text(written).replace("{", "(").replace("}", ")").replace("_", " ").strip()
