"""A study about tools: answers with words of their own (other, specify), and answers carried forward."""

from functools import cache
from typing import Any

from studies.market import Study
from studies.places import authored, both, compiled_study
from survey.authoring.compiler import Compiled

WORDS = {"block": "main", "type": "phrase", "count": 1, "words": 3, "length": 20}


@cache
def tools() -> tuple[Compiled, Study]:
    """Compile the study of tools and give it a wave."""
    return compiled_study(authored_tools())


def authored_tools() -> dict[str, Any]:
    """Return a questionnaire as its author would write it: the other tool may stay unnamed, the other place may not."""
    question = {"block": "main", "missing": [99]}
    used = [(1, "A knife", "刀"), (2, "A pot", "锅"), (3, "A stove", "炉子"), (7, "Another tool", "别的工具")]
    places = [(1, "At home", "家里"), (2, "At work", "单位"), (3, "Elsewhere", "别处")]

    def options(rows: list[tuple[int, str, str]]) -> list[dict[str, Any]]:
        return [{"code": code, "text": both(*text)} for code, *text in rows]

    carried = [{**one, "for": [one["code"]]} for one in options(used)]
    none = {"code": 8, "exclusive": True, "text": both("No tool", "都不用")}
    items = [
        {**question, "id": "USE", "type": "multi", "options": [*options(used), none],
         "text": both("Which tools do you use?", "您用哪些工具？")},
        {**WORDS, "id": "USE_OTHER", "specifies": "USE", "ask_if": {"item": "USE", "has": [7]}, "missing": [99],
         "text": both("Which other tool?", "是哪种工具？")},
        {**question, "id": "MOST", "type": "single", "choice_filter": "USE",
         "ask_if": {"item": "USE", "has": [1, 2, 3, 7]}, "options": [*carried, *options([(9, "All", "都差不多")])],
         "text": both("Which of these do you use most?", "这些里您用得最多的是哪个？")},
        {**question, "id": "WHERE", "type": "single", "options": options(places),
         "text": both("Where do you use them?", "您在哪里用？")},
        {**WORDS, "id": "WHERE_OTHER", "specifies": "WHERE", "ask_if": {"item": "WHERE", "in": [3]}, "missing": [],
         "text": both("Where else?", "还在哪里？"), "hint": both("A kind of place", "哪一类地方")},
        {**question, "id": "LIKE", "type": "single", "options": options([(1, "Yes", "喜欢"), (2, "No", "不喜欢")]),
         "text": both("Do you like to cook?", "您喜欢做饭吗？")},
    ]  # fmt: skip
    return {**authored(), "study": "t26", "title": "Tools", "sealing": "phone-or-server", "items": items}
