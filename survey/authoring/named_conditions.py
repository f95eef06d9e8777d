"""Named conditions of an authored file, substituted wherever they are used."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from survey.authoring.schema import Written
from survey.authoring.schema_errors import report_validation
from survey.authoring.yaml_source import YamlSource
from survey.faults import Where, said
from survey.questionnaire.conditions import Condition

_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


class Conditions:
    """The named conditions of one file; `broken` are names whose own problem has been reported."""

    def __init__(self, source: YamlSource, conditions: dict[str, Written], broken: frozenset[str]) -> None:
        self._source = source
        self._named = conditions
        self._broken = broken

    def condition(self, written: Written, where: Where) -> Condition | None:
        """Return the condition with its names substituted; report a problem and return None if it is invalid."""
        plain = self.plain(written, where)
        if plain is None:
            return None
        try:
            return _CONDITION.validate_json(json.dumps(plain))
        except ValidationError as error:
            report_validation(self._source, where, error)
            return None

    def plain(self, written: object, where: Where, above: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - plain data
        """Return `written` with every name replaced by its condition; None if a name is undefined."""
        if isinstance(written, str):
            return self._by_name(written, where, above)
        if not isinstance(written, dict):
            return written
        parts = {key: self._part(key, value, (*where, key), above) for key, value in written.items()}
        return None if None in parts.values() else parts

    def _part(self, key: str, value: object, where: Where, above: tuple[str, ...]) -> Any:  # noqa: ANN401 - plain data
        if key == "not":
            return self.plain(value, where, above)
        if key not in ("all", "any", "count") or not isinstance(value, list):
            return value
        parts = [self.plain(part, (*where, index), above) for index, part in enumerate(value)]
        return None if None in parts else parts

    def _by_name(self, name: str, where: Where, above: tuple[str, ...]) -> Any:  # noqa: ANN401 - plain data
        if name in above:
            self._source.report(
                where, said("the condition {name} leads back to itself", name=name), "write one of them out"
            )
        elif name in self._named:
            return self.plain(self._named[name], ("conditions", name), (*above, name))
        elif name not in self._broken:
            self._source.report(
                where, said("there is no condition {name}", name=name), "name one of `conditions`, or write it out"
            )
        return None


def uses_names(written: object) -> bool:
    """Return whether a condition as written refers to a named one."""
    if isinstance(written, dict):
        several = [part for key in ("all", "any", "count") for part in written.get(key) or () if key in written]
        return any(uses_names(part) for part in (written.get("not"), *several))
    return isinstance(written, str)
