"""The schema for editors is what the compiler reads with, ships as it is made, and accepts what compiles."""

import json
import re

import pytest
import yaml
from jsonschema import Draft202012Validator
from paths import ROOT, STUDIES

from survey.authoring.editing.json_schema import FOLDER, NAME, authored_schema, parts_left_out, reference, schema_text


def plain(data):
    """Return YAML data as an editor sees it: keys are texts."""
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}
    return [plain(value) for value in data] if isinstance(data, list) else data


def errors(name: str, **changes: object) -> list[str]:
    """Return where the schema finds fault with a shipped questionnaire that is changed."""
    data = plain(yaml.safe_load((STUDIES / name / "questionnaire.yaml").read_text(encoding="utf-8")))
    data["items"][1] |= changes
    return [error.json_path for error in Draft202012Validator(authored_schema()).iter_errors(data)]


def test_what_ships_is_what_the_command_prints():
    """survey/schemas holds the schema of these models, which is one by its own standard."""
    assert (FOLDER / NAME).read_text("utf-8") == schema_text()
    Draft202012Validator.check_schema(json.loads(schema_text()))


@pytest.mark.parametrize("name", ["showcase", "sesame_credit"])
def test_shipped_questionnaires_keep_to_it_and_a_typo_does_not(name):
    """Nothing that compiles is underlined; an unknown key, a wrong type and a word of no list are."""
    assert errors(name) == []
    assert errors(name, optoins=[]) == ["$.items[1]"]
    assert errors(name, cap="three") == ["$.items[1].cap"]
    assert errors(name, type="singel") == ["$.items[1].type"]
    assert "$.items[1]" in errors(name, include="library/trust")


def test_the_reference_in_the_docs_is_the_schema():
    """docs/authoring.md lists every key of every part, as `sotto study schema --reference` prints it."""
    text = (ROOT / "docs/authoring.md").read_text(encoding="utf-8")
    (printed,) = re.findall(r"<!-- reference -->\n(.*)<!-- end of the reference -->", text, re.DOTALL)
    assert printed.strip() == reference().strip()
    assert parts_left_out() == frozenset()
