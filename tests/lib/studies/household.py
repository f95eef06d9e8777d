"""A study about a household, whose answers are checked against those before them."""

from functools import cache
from typing import Any

from studies.market import Study
from studies.places import authored, both, compiled_study
from survey.authoring.compiler import Compiled

MORE = both("Not more children than people: {PEOPLE|so many}.", "孩子不能比人多：{PEOPLE|人数}。")
TOGETHER = both("Nobody helps without a helper. Please mark who helps, too.", "请同时选出帮忙的人。")
HELPED = (3,)
"""What nobody does without a helper."""
YEARS = both("You cannot have lived here longer than you are old. Please look at both years again.",
             "您在这里住的时间不能比您的年龄长。请再看看这两个年份。")  # fmt: skip


def number(**members: Any) -> dict[str, Any]:
    return {"type": "number", "block": "main", "missing": [99], **members}


def household() -> dict[str, Any]:
    """Return the questionnaire as its author would write it."""
    at_most: list[dict[str, Any]] = [
        {"all": [{"item": "PEOPLE", "in": [*range(n, 13)]}, {"item": "CHILDREN", "in": [n]}]} for n in range(13)
    ]
    since = [{"all": [{"item": "BORN", "in": [n]}, {"item": "HERE", "in": [*range(n, 4)]}]} for n in (1, 2, 3)]
    years = [{"code": 1, "from": 1940, "to": 1969}, {"code": 2, "from": 1970, "to": 1999},
             {"code": 3, "from": 2000, "to": 2026}]  # fmt: skip
    helpers = [(1, "Mother", "母亲"), (2, "Father", "父亲"), (3, "They cook", "他们做饭"), (4, "Nobody", "没有人")]
    items = [
        number(id="PEOPLE", **{"from": 0, "to": 12}, text=both("How many live with you?", "有几个人和您同住？")),
        number(id="CHILDREN", **{"from": 0, "to": 12}, text=both("How many are children?", "其中几个是孩子？"),
               checks=[{"holds": {"any": [{"item": "PEOPLE", "in": [99]}, *at_most]}, "text": MORE}]),
        {"id": "HELP", "type": "multi", "block": "main", "missing": [99], "text": both("Who helps?", "谁帮忙？"),
         "options": [{"code": code, "text": both(*names), **({"exclusive": True} if code == 4 else {})}
                     for code, *names in helpers],
         "checks": [{"holds": {"any": [{"not": {"item": "HELP", "has": [3]}}, {"item": "HELP", "chosen": [2, 3]}]},
                     "text": TOGETHER}]},
        {"id": "BORN", "type": "date", "block": "main", "missing": [99], "bands": years,
         "text": both("When were you born?", "您是哪一年出生的？")},
        {"id": "HERE", "type": "date", "block": "main", "missing": [99], "bands": years,
         "text": both("Since when do you live here?", "您从哪一年起住在这里？"),
         "checks": [{"holds": {"any": [{"item": "BORN", "in": [99]}, *since]}, "text": YEARS}]},
        {"id": "ALONE", "type": "single", "block": "main", "missing": [],
         "text": both("Do you live alone?", "您独居吗？"),
         "options": [{"code": 1, "text": both("Yes", "是")}, {"code": 2, "text": both("No", "否")}],
         "checks": [{"holds": {"any": [{"item": "ALONE", "in": [2]}, {"item": "PEOPLE", "in": [0, 99]}]},
                     "text": both("You said that somebody lives with you.", "您说过有人和您同住。")}]},
    ]  # fmt: skip
    return {**authored(), "study": "h26", "sealing": "phone-or-server", "items": items}


@cache
def checked() -> tuple[Compiled, Study]:
    """Compile the study of a household and give it a wave."""
    return compiled_study(household())
