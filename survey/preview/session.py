"""One preview: the file as it was last read, the last version of it that compiled, and who waits for the next."""

import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crypto.errors import SottoError
from survey.faults import Say
from survey.preview.loaded import Load, Loaded, Note
from survey.preview.wave import PreviewWave, PreviewWaves
from survey.preview.ways import way_to
from survey.questionnaire.questionnaire import Questionnaire, Texts


@dataclass
class PreviewSession:
    """A preview of one file; `token` is the secret in its address. Its methods may be called from several threads."""

    load: Load
    waves: PreviewWaves
    file: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    version: int = 0
    wave: PreviewWave | None = None
    loaded: Loaded = field(default_factory=lambda: Loaded(None, ()))
    _changed: threading.Condition = field(default_factory=threading.Condition, repr=False)

    @classmethod
    def begin(cls, load: Load, folder: Path, file: str) -> "PreviewSession":
        """Return a preview that has read its file once."""
        session = cls(load, PreviewWaves(folder), file)
        session.refresh()
        return session

    def refresh(self) -> None:
        """Read the file again; where it cannot be compiled the last version that could stays."""
        loaded, wave = self.load(), self.wave
        try:
            wave = self.waves.publish(loaded.compiled) if loaded.compiled else wave
        except SottoError as error:
            # What compiles may still be too large for an envelope, or for one length in all languages.
            loaded = Loaded(None, (Note("problem", "", str(error), ""), *loaded.notes))
        with self._changed:
            self.loaded, self.wave = loaded, wave
            self.version += 1
            self._changed.notify_all()

    def wait_for(self, version: int, seconds: float, say: Say = str) -> dict[str, Any]:
        """Return the state in the language of `say`, once it is newer than `version` or `seconds` have passed."""
        with self._changed:
            self._changed.wait_for(lambda: self.version > version, seconds)
            return self.state(say)

    def state(self, say: Say = str) -> dict[str, Any]:
        """Return what the preview's page shows, as plain JSON values, in the language of `say`."""
        wave, notes = self.wave, [note.told(say) for note in self.loaded.notes]
        head = {"version": self.version, "broken": self.loaded.compiled is None, "notes": notes}
        if wave is None:
            return head | {"page": None}
        questionnaire, texts = wave.compiled.questionnaire, wave.compiled.texts
        page = {
            "study": questionnaire.study,
            "pin": wave.pin,
            "code": wave.code,
            "strata": [*questionnaire.strata],
            "locales": {locale: {"name": text.name, "dir": text.dir} for locale, text in texts.items()},
            "items": _items(questionnaire, texts),
            "times": [str(time) for time in wave.compiled.times],
        }
        return head | {"page": page}

    def way(self, item: str, locale: str) -> dict[str, Any] | None:
        """Return the way to an item ("" is the end) in a language, None where there is no such thing."""
        wave = self.wave
        if wave is None or locale not in wave.compiled.texts:
            return None
        questionnaire, texts = wave.compiled.questionnaire, wave.compiled.texts[locale]
        if item and item not in questionnaire.by_id:
            return None
        return way_to(item, questionnaire, texts).to_json()


def _items(questionnaire: Questionnaire, texts: dict[str, Texts]) -> list[dict[str, Any]]:
    """Return the screens by their items: of a ranking the first place, of a grid each row under the grid's words."""
    groups = {name: group for group in questionnaire.groups for name in group.items}
    shown = []
    for item in questionnaire.items:
        group = groups.get(item.id)
        if group and group.kind == "ranking" and item.id != group.items[0]:
            continue
        grid = bool(group and group.kind == "grid")
        words = {
            locale: {
                "title": text.groups[group.id] if group else text.items[item.id].text,
                "row": text.items[item.id].text if grid else None,
            }
            for locale, text in texts.items()
        }
        shown.append({"id": item.id, "type": group.kind if group else item.type, "words": words})
    return shown
