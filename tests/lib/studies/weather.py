"""A study with numbers below zero: a change that is a level of its own each, and a temperature in bands."""

from functools import cache
from typing import Any

from studies.market import Study
from studies.places import authored, both, compiled_study
from survey.authoring.compiler import Compiled


def weather() -> dict[str, Any]:
    """Return the questionnaire as its author would write it."""
    question = {"type": "number", "block": "main", "missing": [99]}
    bands = [{"code": 1, "from": -40, "to": -11}, {"code": 2, "from": -10, "to": -1}, {"code": 3, "from": 0, "to": 0},
             {"code": 4, "from": 1, "to": 45}]  # fmt: skip
    items = [
        {**question, "id": "CHANGE", "from": -3, "to": 3, "text": both("How did it change?", "变化多少？")},
        {**question, "id": "COLD", "bands": bands, "units": both("°C, degrees", "度, °C"),
         "text": both("How cold was it?", "那天几度？")},
    ]  # fmt: skip
    values = {str(code): code - 4 for code in range(1, 8)}
    derived = [{"id": "DOUBLE", "text": "Twice the change", "levels": {"from": -6, "to": 6}, "labels": "numbers",
                "sum": [{"value_of": "CHANGE", "times": 2, "map": values}]}]  # fmt: skip
    return {**authored(), "study": "w26", "sealing": "phone-or-server", "items": items, "derived": derived}


@cache
def below_zero() -> tuple[Compiled, Study]:
    """Compile the study of the weather and give it a wave."""
    return compiled_study(weather())
