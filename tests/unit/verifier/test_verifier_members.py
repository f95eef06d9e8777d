"""The independent verifier's table of members names all that a document may have inside, and each line is needed."""

import ast
from collections.abc import Iterator
from typing import Annotated, get_args, get_origin

import pytest
from forged.members import BY_PLACE
from forged.mutations import SOURCE, holds, module_of
from forged.site import WrittenSite
from pydantic import BaseModel

from crypto.box import FORMAT as BOX_FORMAT
from crypto.box import BoxHeader
from survey.page_identity.pages_document import PagesDocument
from survey.plan.plan import Plan
from survey.plan.registration import Registration
from survey.publication.frontend_hashes import FrontendDocument
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.release.budget import DELTAS
from survey.release.release import Release
from survey.wave.correction import Correction
from survey.wave.custody import Custody, Destruction, Drill, Intent
from survey.wave.manifest import Manifest

VERIFY = module_of(ast.parse(SOURCE))


@pytest.fixture(scope="module")
def receipts(tmp_path_factory):
    """The lists of receipts that all these folders share."""
    return WrittenSite(tmp_path_factory.mktemp("written")).write().folder / "receipts"


def test_each_place_inside_documents_has_its_forged_folder():
    """A line of the table for which the corpus has no folder, or the other way round, is named."""
    assert {place for place in VERIFY.MEMBERS if "." in place} == {*BY_PLACE}


@pytest.mark.long
@pytest.mark.parametrize("place", BY_PLACE)
def test_without_a_line_of_the_table_a_forged_folder_passes(place, receipts, tmp_path, monkeypatch):
    """The member too many that only this line refuses is refused with it, and passes where it is taken out."""
    site = WrittenSite(tmp_path, BY_PLACE[place], receipts=receipts).write()
    assert not holds(VERIFY, str(site.folder))
    monkeypatch.delitem(VERIFY.MEMBERS, place)
    assert holds(VERIFY, str(site.folder))


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("results.mechanism", {"library": "mine"}, "mechanism is of another library"),
        ("results.mechanism", {"measure": "pure"}, "mechanism is of another measure"),
        ("results.fieldwork", {"format": "sotto-fieldwork-9"}, "fieldwork is of another format"),
    ],
)
def test_a_value_that_the_table_fixes_may_be_no_other(kind, given, told):
    """Of one honest object each value with = in the table is needed; the control is the object as it should be."""
    due = dict(one.split("=") if "=" in one else (one, 1) for one in VERIFY.MEMBERS[kind].partition("|")[0].split())
    VERIFY.walk("mechanism", kind, due)
    with pytest.raises(VERIFY.Fault, match=told):
        VERIFY.walk(kind.partition(".")[2], kind, due | given)


@pytest.mark.parametrize("other", [5, "text", ["a list"], [{}], True])
def test_what_is_no_object_is_not_passed_over(other):
    """Where the table lists members, a number, a text or a list in an object's place is a fault."""
    with pytest.raises(VERIFY.BROKEN):
        VERIFY.walk("a release", "results.budget", other)


MODELS = {
    "manifests": Manifest, "questionnaires": Questionnaire, "texts": Texts, "drills": Drill, "custodies": Custody,
    "plans": Plan, "registrations": Registration, "intents": Intent, "results": Release, "destructions": Destruction,
    "frontends": FrontendDocument, "pages": PagesDocument, "corrections": Correction,
}  # fmt: skip
COMPARED = {
    "results.corrections[]", "results.corrections[].changes[]", "corrections.signer",
    "results.box", "results.margins[]", "results.labels.*.*", "results.tables[].dimensions[]", "drills.signer",
    "custodies.signer", "registrations.signer", "intents.signer", "results.signer", "destructions.signer",
}  # fmt: skip
"""Objects that are compared as a whole with what they must be, so that a member too many in them is named as well."""
CONDITIONS, FREE = "survey.questionnaire.conditions", {"texts.audio"}
"""Beside conditions recordings are what docs/verifying.md says is not looked into."""


def objects(kind: str, models: set[type[BaseModel]]) -> Iterator[tuple[str, set[type[BaseModel]]]]:
    """Yield the place of each object that a document has inside, and the models that it may be of."""
    yield kind, models
    found: dict[str, set[type[BaseModel]]] = {}
    for model in models:
        for name, field in model.model_fields.items():
            for place, inner in within(f"{kind}.{field.alias or name}", field.annotation):
                found.setdefault(place, set()).add(inner)
    for place, inside in found.items():
        yield from objects(place, inside)


def within(place: str, annotation: object) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield the models that a type is made of, with [] behind a list's place and .* behind that of a table by name.

    Conditions, which stand in each other, are not looked into.
    """
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation.__module__ != CONDITIONS:
        yield place, annotation
    origin, of = get_origin(annotation), get_args(annotation)
    more = {tuple: "[]", list: "[]", dict: ".*"}.get(origin, "")
    for one in of[1:] if origin is dict else of[:1] if origin is Annotated else of:
        yield from within(place + more, one)


def members(models: set[type[BaseModel]]) -> tuple[set[str], set[str]]:
    """Return the members that an object of one of these models must have, and those that it may have besides."""
    every = [{field.alias or name: field for name, field in model.model_fields.items()} for model in models]
    always = [{name for name, field in one.items() if field.is_required() or name == "signature"} for one in every]
    due = set.intersection(*always)
    return due, {name for one in every for name in one} - due


def test_the_table_has_the_members_of_each_model_that_writes_a_document():
    """At each place of a document the members are those of the model: no more, no fewer, the same ones optional."""
    found = {place: models for kind, model in MODELS.items() for place, models in objects(kind, {model})}
    table = {place: line.partition("|") for place, line in VERIFY.MEMBERS.items() if place not in WITHOUT_MODEL}
    names = {place: [{one.partition("=")[0] for one in part.split()} for part in (due, more)]
             for place, (due, _, more) in table.items()}  # fmt: skip
    assert {place: members(found[place]) for place in names} == {
        place: (due, more) for place, (due, more) in names.items()
    }
    assert {*found} - {*table} == COMPARED | FREE


WITHOUT_MODEL = {"boxes", "results.budget.epsilon", "results.budget.curve.epsilon"}


def test_the_table_has_the_members_of_what_has_no_model():
    """A box's header is written by hand; an epsilon has a number for each delta."""
    assert {" ".join(DELTAS)} == {VERIFY.MEMBERS[place] for place in WITHOUT_MODEL if "." in place}
    due = VERIFY.MEMBERS["boxes"].removeprefix("format=")
    assert (BOX_FORMAT, {*BoxHeader.__slots__}) == (due.partition(" ")[0], {*due.split()[1:]})


@pytest.mark.parametrize("kind", MODELS)
def test_it_knows_each_format_by_its_name(kind):
    """The format that the table fixes is the one that is written."""
    (due,) = get_args(MODELS[kind].model_fields["format"].annotation)
    assert VERIFY.MEMBERS[kind].startswith(f"format={due} ")
