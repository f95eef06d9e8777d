"""What stands in for a missing part of a questionnaire while the rest is checked; nothing of it is ever compiled."""

from collections.abc import Iterator, Mapping
from typing import Any

from survey.questionnaire.codes import MISSING
from survey.questionnaire.items import NO_CONSENT

_WORDS = "…"


def stand_ins(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for every key that a questionnaire must have, such that no other part is at odds with it."""
    items = [item for item in data.get("items") or () if isinstance(item, dict)]
    return {
        "study": "q0",
        "version": "1",
        "title": _WORDS,
        "locales": {name: {"name": name, "dir": "ltr"} for name in dict.fromkeys(_locales(items)) or ["en"]},
        "mode": "open",
        "sealing": "phone",
        "strata": ["open"],
        "facts": {"mainland_fieldwork": False},
        "consent": {"paragraphs": [], "question": _WORDS, "agree": "1", "decline": "2"},
        "endings": dict.fromkeys([NO_CONSENT, *_endings(data, items)], _WORDS),
        "thanks": [],
        "debrief": _WORDS,
        "missing": {str(code): f"{_WORDS}{code}" for code in MISSING},
        "forms": [{"id": name} for name in dict.fromkeys(_forms(items)) or ["full"]],
        "items": [],
    }


def _locales(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        yield from item["text"] if isinstance(item.get("text"), dict) else ()


def _forms(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        forms = item.get("forms")
        yield from (name for name in (forms if isinstance(forms, list) else ()) if isinstance(name, str))


def _endings(data: Mapping[str, Any], items: list[dict[str, Any]]) -> Iterator[str]:
    sets = data.get("option_sets")
    lists = [*(sets.values() if isinstance(sets, dict) else ())]
    lists += [item.get(key) for item in items for key in ("options", "bands")]
    for options in lists:
        for option in options if isinstance(options, list) else ():
            if isinstance(option, dict) and isinstance(option.get("end"), str):
                yield option["end"]
