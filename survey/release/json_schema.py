"""The release document's JSON Schema, made from the models that read it: for checking one without this program.

`python -m survey.release.json_schema` writes survey/schemas again after the models changed.
"""

import json
from pathlib import Path
from typing import Any

from survey.release.release import Release

FILE = "sotto-release-4.schema.json"
FOLDER = Path(__file__).parents[1] / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = "urn:sotto:schema:release-3"
TITLE = "Sotto release, format 3 (sotto-release-4)"


def release_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `sotto-release-4`.

    It holds types, bounds, patterns and closed sets of members. That sums, hashes and signatures are right no schema
    can say: `sotto verify` does.
    """
    schema = Release.model_json_schema(by_alias=True)
    return {"$schema": DRAFT, "$id": IDENTIFIER, **schema, "title": TITLE}


def schema_text() -> str:
    """Return the schema as the text that ships."""
    return json.dumps(release_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def shipped() -> str:
    """Return the schema that ships with the package."""
    return (FOLDER / FILE).read_text("utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / FILE).write_text(schema_text(), "utf-8")
