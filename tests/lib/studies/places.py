"""A study about places, whose list of towns is as long as real ones: 134 names in two languages."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from studies.market import Study
from survey.authoring.compiler import Compiled, compile_with_media

NAMED = (("Ürümqi", "乌鲁木齐"), ("Łódź", "罗兹"), ("Beijing", "北京"), ("Nanjing", "南京"))
"""Towns that a search must find without accents and in the middle of a name; codes from 1."""
TOWNS = (*NAMED, *((f"Town {number}", f"第{number}镇") for number in range(len(NAMED) + 1, 135)))
CODES = tuple(code for code in range(1, 145) if not 90 <= code <= 99)[: len(TOWNS)]


def both(english: str, chinese: str) -> dict[str, str]:
    return {"en": english, "zh-Hans": chinese}


def authored() -> dict[str, Any]:
    """Return the questionnaire as its author would write it."""
    towns = [{"code": code, "text": both(*names)} for code, names in zip(CODES, TOWNS, strict=True)]
    question = {"type": "single", "block": "main", "missing": [99]}
    return {
        "study": "p26", "version": "1", "title": "Places", "mode": "open", "sealing": "phone", "strata": ["open"],
        "locales": {"en": {"name": "English", "dir": "ltr"}, "zh-Hans": {"name": "简体中文", "dir": "ltr"}},
        "facts": {"mainland_fieldwork": False},
        "consent": {
            "paragraphs": [{"text": both("A study of places.", "关于地方的调查。")}],
            "question": both("Do you agree?", "同意吗？"), "agree": both("Yes", "同意"), "decline": both("No", "不"),
        },
        "endings": {"no-consent": "."}, "thanks": [{"text": both("Thank you.", "谢谢。")}],
        "debrief": both("About places.", "关于地方。"),
        "missing": {"99": both("I don't want to answer", "不想回答")},
        "forms": [{"id": "all"}],
        "items": [
            {**question, "id": "TOWN", "text": both("Where do you live?", "您住在哪里？"), "options": towns},
            {**question, "id": "LIKES", "text": both("Do you like it?", "您喜欢那里吗？"), "options": [
                {"code": 1, "text": both("Yes", "喜欢")}, {"code": 2, "text": both("No", "不喜欢")}]},
        ],
    }  # fmt: skip


@cache
def places() -> tuple[Compiled, Study]:
    """Compile the study of places and give it a wave."""
    return compiled_study(authored())


@cache
def cascade() -> tuple[Compiled, Study]:
    """Compile the study of provinces and their towns, and give it a wave."""
    return compiled_study(cascading())


def compiled_study(document: dict[str, Any]) -> tuple[Compiled, Study]:
    """Compile an authored questionnaire and give it a wave."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "questionnaire.yaml")
        path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
        whole = compile_with_media(path)
    return whole, Study(whole.questionnaire, dict(whole.texts))


def cascading() -> dict[str, Any]:
    """Return a questionnaire as its author would write it, whose towns and sights are those of a province."""
    question = {"block": "main", "missing": [99]}
    names = [("North", "北省"), ("South", "南省"), ("West", "西省")]
    towns = [(11, [1], "Aa", "甲"), (12, [1, 3], "Bb", "乙"), (21, [2], "Cc", "丙"), (30, None, "Elsewhere", "别处")]
    sights = [
        (11, [1], "Tower", "塔"),
        (12, [1], "Lake", "湖"),
        (21, [2], "Bridge", "桥"),
        (40, [1, 2, 3], "Park", "公园"),
    ]

    def options(rows: list[tuple[int, list[int] | None, str, str]]) -> list[dict[str, Any]]:
        return [{"code": code, **({"for": after} if after else {}), "text": both(*text)} for code, after, *text in rows]

    provinces = [{"code": code, "text": both(*name)} for code, name in enumerate(names, 1)]
    items = [
        {**question, "id": "PROVINCE", "type": "single", "options": provinces,
         "text": both("Which province?", "哪个省？")},
        {**question, "id": "TOWN", "type": "single", "choice_filter": "PROVINCE", "options": options(towns),
         "text": both("Which town?", "哪个镇？")},
        {**question, "id": "SIGHTS", "type": "multi", "choice_filter": "PROVINCE", "options": options(sights),
         "text": both("What did you see there?", "您在那里看过什么？")},
    ]  # fmt: skip
    return {**authored(), "study": "c26", "sealing": "phone-or-server", "items": items}
