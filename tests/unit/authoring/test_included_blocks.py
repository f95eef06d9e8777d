"""An included block asks what it would ask written out; its faults are named in its own file and line."""

import pytest
import yaml
from paths import STUDIES

from survey.authoring.compiler import compile_with_media
from survey.authoring.editing.included_blocks import LIBRARY
from survey.faults import AuthoringError

PLAIN = yaml.safe_load((STUDIES / "showcase/questionnaire.yaml").read_text(encoding="utf-8"))


def study(folder, *items: dict, locales=("en", "zh-Hans", "zh-Hant")):
    """Write a questionnaire of these items in some languages, and return its path."""

    def kept(value):
        if isinstance(value, dict) and {*value} == {"en", "zh-Hans", "zh-Hant"}:
            return {locale: value[locale] for locale in locales}
        if isinstance(value, dict):
            return {str(key): kept(part) for key, part in value.items()}
        return [kept(part) for part in value] if isinstance(value, list) else value

    frame = {key: PLAIN[key] for key in ("study", "version", "title", "mode", "sealing", "facts", "debrief", "missing")}
    data = kept({
        **frame, "locales": PLAIN["locales"], "strata": ["open"], "thanks": [], "forms": [{"id": "full"}],
        "consent": {**PLAIN["consent"], "paragraphs": []}, "endings": {"no-consent": PLAIN["endings"]["no-consent"]},
        "items": list(items),
    })  # fmt: skip
    path = folder / "questionnaire.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def problems(path) -> list[tuple[str, int, str]]:
    """Return the file's name, line and message of every problem."""
    with pytest.raises(AuthoringError) as caught:
        compile_with_media(path)
    return [(one.file.rpartition("/")[2], one.line, one.message) for one in caught.value.problems]


@pytest.mark.parametrize("name", sorted(path.stem for path in LIBRARY.glob("*.yaml")))
@pytest.mark.parametrize("locales", [("en", "zh-Hans", "zh-Hant"), ("zh-Hant",)])
def test_every_block_of_the_library_compiles_in_all_its_languages(tmp_path, name, locales):
    """With its source at each item, its texts in the study's languages, and the same items as written out."""
    included = compile_with_media(study(tmp_path, {"include": f"library/{name}"}, locales=locales))
    block = yaml.safe_load((LIBRARY / f"{name}.yaml").read_text(encoding="utf-8"))
    assert [item.id for item in included.authored.items] == [item["id"] for item in block["items"]]
    assert {item.note for item in included.authored.items} == {block["source"]}
    assert [*included.texts] == [*locales]
    assert "Apache-2.0" in block["source"]


def test_a_block_is_what_it_would_be_written_out(tmp_path):
    """Between other items, a part of a block compiles to the same bytes as its items in the file itself."""
    before = {"id": "FIRST", "type": "note", "block": "a", "text": "1"}
    after = {"id": "LAST", "type": "note", "block": "a", "text": "2"}
    block = yaml.safe_load((LIBRARY / "demographics.yaml").read_text(encoding="utf-8"))
    own = [item for item in block["items"] if item["id"] in ("SEX", "EDU")]
    one = compile_with_media(
        study(tmp_path, before, {"include": "library/demographics", "only": ["SEX", "EDU"]}, after)
    )
    other = compile_with_media(study(tmp_path, before, *own, after))
    assert one.questionnaire.to_bytes() == other.questionnaire.to_bytes()
    assert one.texts == other.texts


def test_a_fault_in_a_block_is_named_in_its_own_file_and_line(tmp_path):
    """A fault before, in and behind a block each stand where they are written."""
    (tmp_path / "block.yaml").write_text(
        "source: ours, CC0\nitems:\n  - {id: OK, type: note, block: b, text: x}\n"
        "  - id: BAD\n    type: note\n    block: b\n    text: y\n    ask_if: nowhere\n",
        encoding="utf-8",
    )
    last = {"id": "LAST", "type": "note", "block": "a", "text": "z", "ask_if": "neither"}
    path = study(tmp_path, {"include": "block.yaml"}, last)
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "ask_if" in text)
    assert problems(path) == [
        ("block.yaml", 8, "there is no condition nowhere"),
        ("questionnaire.yaml", line, "there is no condition neither"),
    ]


@pytest.mark.parametrize(
    ("entry", "content", "said"),
    [
        ({"include": "nowhere.yaml"}, None, "there is no block nowhere.yaml"),
        ({"include": "library/nothing"}, None, "there is no block library/nothing"),
        ({"include": "../block.yaml"}, None, "lies outside this folder"),
        ({"include": "/etc/passwd"}, None, "lies outside this folder"),
        ({"include": "block.yaml", "when": "x"}, None, "an include has the name of a file"),
        ({"include": "block.yaml"}, "items: []", "is no block: it needs `source`"),
        ({"include": "block.yaml"}, "source: x\nitems: [{include: block.yaml}]", "includes another block"),
        ({"include": "block.yaml"}, "source: [", "not YAML"),
        ({"include": "library/trust", "only": ["NONE"]}, None, "the block has no item NONE"),
    ],
)
def test_what_cannot_be_included_is_named_with_the_entry(tmp_path, entry, content, said):
    """A file that is missing, outside, none, nested or broken, and an id that it lacks."""
    if content is not None:
        (tmp_path / "block.yaml").write_text(content, encoding="utf-8")
    assert any(said in message for _, _, message in problems(study(tmp_path, entry)))
