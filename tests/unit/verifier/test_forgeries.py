"""Every forged folder of the corpus is named by the independent verifier by its one fault, and each check is needed."""

import ast
import importlib.util
from pathlib import Path

import pytest
from forged.corpus import FORGERIES
from forged.forgery import Forgery
from forged.mutations import SOURCE, Mutation, holds, module_of, mutations, raising_lines
from forged.site import WrittenSite, is_a_release
from paths import ROOT

SCRIPT = ROOT / "verifier" / "verify.py"
MUTATIONS = tuple(mutations())
EVERY = 12
"""In `make test` one check of so many is taken out, in `make long` each."""


def verifier_of():
    spec = importlib.util.spec_from_file_location("independent_verifier", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFY = verifier_of()


def faults(folder: Path) -> list[str]:
    """Return what the verifier finds wrong, each sentence once."""
    verifier = VERIFY.Verifier(str(folder))
    verifier.run()
    return list(dict.fromkeys(seen for _, held, seen in verifier.rows if held is False))


class Corpus:
    """The forged folders, each written and signed once, when it is first asked for; nobody changes one afterwards."""

    def __init__(self, root: Path) -> None:
        self.root, self.written = root, dict[str, Path]()
        self.receipts = WrittenSite(root / "honest").write().folder / "receipts"

    def folder(self, forgery: Forgery) -> Path:
        """Return the folder of a forgery."""
        if forgery.name not in self.written:
            folder = self.root / str(len(self.written))
            site = WrittenSite(folder, forgery.edits, receipts=self.receipts).write()
            if forgery.after:
                forgery.after(site)
            self.written[forgery.name] = folder
        return self.written[forgery.name]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return Corpus(tmp_path_factory.mktemp("forged"))


def test_no_two_forgeries_have_one_name():
    """Each has a folder of its own."""
    assert len(FORGERIES) == len({forgery.name for forgery in FORGERIES})


def test_the_folder_that_is_forged_holds_before(tmp_path):
    """Written without an edit the folder holds, with both releases as their format reads them."""
    site = WrittenSite(tmp_path).write()
    assert [] == faults(tmp_path)
    assert [1, 2] == [is_a_release(site, wave).wave for wave in (1, 2)]


@pytest.mark.slow
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_a_forged_folder_is_named(forgery, corpus):
    """What was changed is told; where the forgery is named as one that a single check sees, nothing else is."""
    told = faults(corpus.folder(forgery))
    assert [] != [one for one in told if forgery.said in one], told
    assert forgery.also or len(told) == 1, told


@pytest.fixture(scope="module")
def folders(corpus):
    """Each forged folder, with the lines of the verifier through which its fault was raised."""
    honest = module_of(ast.parse(SOURCE))
    every = (str(corpus.folder(forgery)) for forgery in FORGERIES)
    return {folder: raising_lines(honest, folder) for folder in every}


def passes_something(mutation: Mutation, folders: dict[str, set[int]]) -> bool:
    """Say whether some forged folder holds for the verifier without one of its checks."""
    module = module_of(mutation.program())
    receipts = mutation.function == "receipts"
    reached = (folder for folder, lines in folders.items() if lines & {*mutation.lines})
    return any(holds(module, folder, receipts=receipts) for folder in reached)


def seen_otherwise(mutation: Mutation) -> list[str]:
    """Return the beginnings in the list below with which a check begins."""
    return [start for start in SEEN_OTHERWISE if mutation.name.startswith(start)]


@pytest.mark.slow
def test_without_a_check_a_forged_folder_passes(folders):
    """Of every twelfth check; the control: the whole verifier passes none of the folders."""
    assert not any(holds(module_of(ast.parse(SOURCE)), folder, receipts=True) for folder in [*folders][::EVERY])
    sample = [one for one in MUTATIONS[::EVERY] if not seen_otherwise(one)]
    assert [] == [one.name for one in sample if not passes_something(one, folders)]


@pytest.mark.long
def test_without_any_check_a_forged_folder_passes(folders):
    """Of each check but those that are listed with the test that holds them instead."""
    unseen = [one for one in MUTATIONS if not passes_something(one, folders)]
    assert [] == [one.name for one in unseen if not seen_otherwise(one)]
    assert {*SEEN_OTHERWISE} == {start for one in unseen for start in seen_otherwise(one)}


SEEN_OTHERWISE = {
    "require_cosignature: mldsa": "test_verifier_witnesses::test_a_witness_may_sign_with_ml_dsa_44",
    "require_threshold: require(sigma <": "bounds the work; so much noise needs 1,000 phrases a person",
    "fetch: require(status not in": "test_verifier::test_it_reads_a_mirror_by_http",
    "fetch: require(len(raw) <=": "test_fetched_answers::test_a_key_without_end_is_not_read_to_its_end",
    "fetch: require(encoding": "test_verifier_pages::test_what_a_host_serves_otherwise_is_named",
    "fetch: require(not 0 <": "test_verifier_pages::test_what_a_host_serves_otherwise_is_named",
    "fetch: require(not (lines": "test_fetched_answers::test_an_answer_that_a_browser_may_read_otherwise_is_refused",
    "fetch: require(unzip.eof": "test_fetched_answers::test_an_answer_that_a_browser_may_read_otherwise_is_refused",
    "newest: require(self.key in": "test_verifier::test_a_log_that_grew_continues_the_head_that_somebody_kept",
    "log: require(len(lines) >=": "fewer lines have another root: it says which of the two it is",
    "log: require(len(lines) ==": "more lines have another root: it says which of the two it is",
    "fits: require(self.leaves": "no lines have another root: it says which of the two it is",
    "fits: require(size <=": "a larger head has another root: it says which of the two it is",
    "entry: require(entry['kind'] in": "an unknown kind is a fault of the next line, in worse words",
    "entry: require(right": "each document must have the hash that the line names, and name the same study",
    "decision: require(waves": "no manifest to take is a fault of the next line, in worse words",
    "manifest: same mode=": "test_new_version::test_the_outside_verifier_names_a_change_that_goes_untold",
    "served: require(named,": "no entry to take is a fault of the next line, in worse words",
    "page: require(": "test_verifier_pages::test_what_a_host_serves_otherwise_is_named",
    "box: require(not self.earlier('box'": "test_verifier::test_an_entry_twice_is_named",
    "receipts: require(every ==": "test_verifier::test_a_receipt_that_was_left_out_is_named",
    "alive: require(self.earlier('box'": "no box to take is a fault of the next line, in worse words",
    "alive: require(not any(": "test_withdrawn_plans::test_what_a_withdrawn_plan_came_to_is_named",
    "release: in_order(place, release['registered']": "its intent was logged after its plan and before it",
    "ledger: require(len({one['plan']": "the waves of the corpus have one plan and one release each",
}
"""Beginnings of checks that no forgery of the corpus needs alone: the test that holds each, or what else sees it."""
