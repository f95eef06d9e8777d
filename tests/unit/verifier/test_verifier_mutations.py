"""Each check of the independent verifier is needed: without it, some forged folder passes."""

import ast

import pytest
from forged.corpus import FORGERIES
from forged.mutations import SOURCE, Mutation, holds, module_of, mutations, raising_lines
from forged.site import WrittenSite

SINGLE = tuple(forgery for forgery in FORGERIES if not forgery.also)
"""The forgeries that one check alone sees: others stay seen, whichever check is gone."""
MUTATIONS = tuple(mutations())
EVERY = 12
"""In `make test` one check of so many is taken out, in `make long` each."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Each forged folder, with the lines of the verifier through which its fault was raised."""
    root, honest = tmp_path_factory.mktemp("forged"), module_of(ast.parse(SOURCE))
    receipts = WrittenSite(root / "honest").write().folder / "receipts"
    found = {}
    for number, forgery in enumerate(SINGLE):
        site = WrittenSite(root / str(number), forgery.edits, receipts=receipts).write()
        if forgery.after:
            forgery.after(site)
        found[str(site.folder)] = raising_lines(honest, str(site.folder))
    return found


def passes_something(mutation: Mutation, folders: dict[str, set[int]]) -> bool:
    """Say whether some forged folder holds for the verifier without one of its checks."""
    module = module_of(mutation.program)
    return any(holds(module, folder) for folder, lines in folders.items() if lines & {*mutation.lines})


@pytest.mark.slow
def test_without_a_check_a_forged_folder_passes(folders):
    """Of every twelfth check; the control: the whole verifier passes none of the folders."""
    assert not any(holds(module_of(ast.parse(SOURCE)), folder) for folder in [*folders][::EVERY])
    sample = [one for one in MUTATIONS[::EVERY] if one.name not in SEEN_OTHERWISE]
    assert [] == [one.name for one in sample if not passes_something(one, folders)]


@pytest.mark.long
def test_without_any_check_a_forged_folder_passes(folders):
    """Of each check but those that are listed with the test that holds them instead."""
    assert [*SEEN_OTHERWISE] == [one.name for one in MUTATIONS if not passes_something(one, folders)]


SEEN_OTHERWISE: dict[str, str] = {}
"""Checks that no forgery of the corpus reaches alone, by their name, and why, or which test holds them."""
