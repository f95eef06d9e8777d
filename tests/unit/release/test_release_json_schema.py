"""The JSON Schema of a release: what ships is what the models say, real releases keep to it, edited ones do not."""

import copy
import json

import jsonschema
import pytest
from studies import small_study as small
from studies.exported import planted

from analysis.releasing.run import make_release
from survey.release.json_schema import FILE, FOLDER, schema_text, shipped

VALIDATOR = jsonschema.Draft202012Validator(json.loads(shipped()))


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    world = small.build(tmp_path_factory.mktemp("schema"))
    return make_release(world.request(small.plan(each=10_000_000))).release


def test_what_ships_is_what_the_models_say():
    """survey/schemas is `python -m survey.release.json_schema` of these models, and a schema by its own standard."""
    assert schema_text() == (FOLDER / FILE).read_text("utf-8")
    VALIDATOR.check_schema(json.loads(shipped()))


def test_real_releases_keep_to_it(release):
    """A release as it was made, and one with words, differences and top boxes, have no error."""
    for one in (release, planted(release)):
        assert [] == [error.message for error in VALIDATOR.iter_errors(one.to_json())]


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d.update(extra=1),
        lambda d: d.pop("ledger"),
        lambda d: d.update(format="sotto-release-1"),
        lambda d: d["box"].update(count=-1),
        lambda d: d["box"].update(count=1.5),
        lambda d: d["tables"][0].update(sigma=0),
        lambda d: d["tables"][0]["estimates"][0].update(respondents=["x"]),
        lambda d: d["tables"][0]["estimates"][0].update(abstained="lost"),
        lambda d: d["tables"][0]["variances"].__setitem__(0, -1.0),
        lambda d: d["mechanism"].update(neighbours="add-remove"),
        lambda d: d["budget"]["epsilon"].update({"1e-2": 1.0}),
        lambda d: d.update(plan="0" * 63),
    ],
)
def test_edited_releases_do_not(release, edit):
    """Members more or less, other types, other bounds and other words are each found."""
    document = copy.deepcopy(release.to_json())
    assert VALIDATOR.is_valid(document)
    edit(document)
    assert not VALIDATOR.is_valid(document)
