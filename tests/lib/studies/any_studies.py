"""Authored questionnaires that compile, drawn by hypothesis: every type of item, odd texts, routes."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy], Any]
# Texts that a spreadsheet, a form or JSON could take for something else.
ODD = ("", "=1+1", "+1", "@x", "1", "true", "null", '"q"', "[1]", "{ORG}", "$ x", "'", "_x", "a\nb", "a\u00a0b", "  in",
       "<b>", "&amp;", "中文，", "“”", "\U0001f600", "-5", "1.0", "::", "(en)", "#N/A", "yes")  # fmt: skip
MODES = ("single", "scale", "number", "date", "multi", "phrase", "note", "grid", "ranking", "list")
words = st.text("abc é,.%-=\"'()[]:;#|&<>", min_size=0, max_size=12)


class _Study:
    """Draws the items of one study; each text begins with a number of its own, so that no two are alike."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.number = 0
        self.conditions: list[dict] = []

    def text(self) -> Any:
        self.number += 1
        same = self.draw(st.booleans())
        made = {
            code: f"{self.draw(st.sampled_from(ODD))} t{self.number} {self.draw(words)}" for code in ("en", "zh-Hans")
        }
        return made["en"] if same else made

    def options(self, count: int, **more: Any) -> list[dict]:
        return [{"code": code, "text": self.text(), **more} for code in range(1, count + 1)]

    def missing(self) -> list[int]:
        return sorted(self.draw(st.sets(st.sampled_from((90, 98, 99)))))

    def item(self, name: str) -> dict:
        kind = self.draw(st.sampled_from(MODES))
        item = {"id": name, "type": kind, "block": "main", "text": self.text()}
        if kind != "note":
            item["missing"] = self.missing()
            if self.draw(st.booleans()):
                item["hint"] = self.text()
        item |= getattr(self, f"_{kind}")(name, item.get("missing"))
        if self.conditions and self.draw(st.booleans()):
            item["ask_if"] = self.condition()
        for key in ("why", "note"):
            if self.draw(st.booleans()):
                item[key] = self.draw(st.sampled_from(ODD[1:]))
        tests = item.pop("tests", [])
        # Only of items that everybody is asked, so that every condition holds for somebody.
        self.conditions += [] if "ask_if" in item else tests
        return item

    def items(self, name: str) -> list[dict]:
        """Return an item, now and then with words of its first option on its screen."""
        item = self.item(name)
        if item["type"] not in ("single", "multi") or not self.draw(st.booleans()):
            return [item]
        chosen = {"item": name, "has" if item["type"] == "multi" else "in": [1]}
        missing = [99] if self.draw(st.booleans()) else []
        size = {"count": 1, "words": 2, "length": 9}
        words = {
            "id": f"{name}_OWN",
            "type": "phrase",
            "block": "main",
            "text": self.text(),
            "missing": missing,
            **size,
        }
        return [item, words | {"specifies": name, "ask_if": chosen}]

    def condition(self) -> dict:
        leaf = st.sampled_from(self.conditions)
        parts = self.draw(st.lists(leaf, min_size=1, max_size=3))
        return self.draw(st.sampled_from([
            parts[0], {"all": parts}, {"any": parts}, {"not": parts[0]}, {"count": parts, "range": [1, len(parts)]},
        ]))  # fmt: skip

    def _single(self, name: str, missing: list[int]) -> dict:
        members = {"options": self.options(self.draw(st.integers(2, 5))), "shuffle": self.draw(st.booleans())}
        codes = {1, *self.draw(st.sets(st.sampled_from([97, *missing])))}
        return members | {"tests": [{"item": name, "in": sorted(codes)}]}

    def _scale(self, name: str, missing: list[int]) -> dict:
        low = self.draw(st.integers(0, 2))
        own = self.draw(st.booleans())
        levels = {"from": low, "to": low + 4} if own else {"options": self.options(3)}
        codes = {low + 1 if own else 1, *self.draw(st.sets(st.sampled_from([97, *missing])))}
        return {"ends": [self.text(), self.text()], **levels, "tests": [{"item": name, "in": sorted(codes)}]}

    def _number(self, name: str, missing: list[int]) -> dict:
        if self.draw(st.booleans()):
            return {"from": 2, "to": 7, "units": self.text(), "tests": [{"item": name, "in": [3, 5]}]}
        bands = [{"code": 1, "from": 0, "to": 9}, {"code": 2, "from": 10, "to": 20, "text": self.text()}]
        return {"bands": bands, "tests": [{"item": name, "in": [2, 97, *missing]}]}

    def _date(self, name: str, missing: list[int]) -> dict:
        if self.draw(st.booleans()):
            bands = [{"code": 1, "from": 202001, "to": 202012}, {"code": 2, "from": 202101, "to": 202106}]
            return {"unit": "month", "bands": bands, "tests": [{"item": name, "in": [1]}]}
        bands = [{"code": 1, "from": 1950, "to": 1999}, {"code": 2, "from": 2000, "to": 2020}]
        return {"bands": bands, "tests": [{"item": name, "in": [2, 97]}]}

    def _multi(self, name: str, missing: list[int]) -> dict:
        options = self.options(4)
        if self.draw(st.booleans()):
            options[-1]["exclusive"] = True
        tests = [
            {"item": name, "has": [1, 3]},
            {"item": name, "chosen": [1, 2]},
            {"item": name, "in": [0]},
        ]
        return {"options": options, "tests": tests, **({"cap": 3} if self.draw(st.booleans()) else {})}

    def _phrase(self, _name: str, _missing: list[int]) -> dict:
        return {"count": 2, "words": 3, "length": 20}

    def _note(self, _name: str, _missing: None) -> dict:
        return {}

    def _grid(self, name: str, missing: list[int]) -> dict:
        rows = [{"text": self.text()}, {"text": self.text(), "id": f"{name}_OWN"}]
        first = {"item": f"{name}_1", "in": [1, *missing]}
        return {"rows": rows, "options": self.options(3), "tests": [first, {"item": f"{name}_OWN", "in": [2]}]}

    def _ranking(self, name: str, _missing: list[int]) -> dict:
        return {"top": 2, "options": self.options(3), "tests": [{"item": f"{name}_2", "in": [1, 3, 97]}]}

    def _list(self, _name: str, _missing: list[int]) -> dict:
        return {"list_experiment": {"lines": [self.text() for _ in range(4)], "treatment": [4]}}


@st.composite
def studies(draw: Draw) -> dict:
    """Return the plain data of an authored questionnaire in two languages that compiles."""
    made = _Study(draw)
    items = [part for number in range(1, draw(st.integers(1, 7)) + 1) for part in made.items(f"Q{number}")]
    both = {"en": "No answer {}", "zh-Hans": "没有回答{}"}
    return {
        "study": "q26",
        "version": draw(st.sampled_from(("1", "1.0", "2026-11", "true"))),
        "title": made.text(),
        "locales": {"en": {"name": "English", "dir": "ltr"}, "zh-Hans": {"name": "简体中文", "dir": "ltr"}},
        "mode": "open",
        "sealing": "phone",
        "strata": ["open"],
        "facts": {"org": "The makers", "mainland_fieldwork": draw(st.booleans())},
        "consent": {
            "paragraphs": [{"text": made.text(), "only": "open"}, {"text": made.text()}],
            "question": made.text(), "agree": made.text(), "decline": made.text(),
        },
        "endings": {"no-consent": made.text()},
        "thanks": [{"text": made.text()}] if draw(st.booleans()) else [],
        "debrief": made.text(),
        "missing": {str(n): {code: text.format(n) for code, text in both.items()} for n in (90, 98, 99)},
        "forms": [{"id": "full"}],
        "items": items,
        **({"why": draw(st.sampled_from(ODD[1:]))} if draw(st.booleans()) else {}),
    }  # fmt: skip
