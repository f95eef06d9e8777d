"""Audits of lists of open words: noise, threshold, debit and bundle, each with the planted fault that it must see."""

import json
import shutil

import numpy as np
import pytest
from adversaries.noise_checks import CELLS, variance_is_right
from studies import phrase_lists as phrases
from studies import small_study as small

from analysis.budget.entries import DeltaOverspentError
from analysis.noise import noise as release
from analysis.noise.noise import WordsNoise, words_for
from analysis.releasing import signed_release
from analysis.releasing.run import Request, SpentResultLostError, make_release
from analysis.study.folder import StudyFolder
from crypto.canonical import canonical

RHO, DELTA, MOST = 60_000_000, 10_000_000, 3
FAR = 10_000
"""A number so far above the threshold that the phrase is always listed: what is left is noise alone."""


def drawn():
    noise = words_for(RHO, DELTA, MOST)
    listed = noise.add({f"phrase {number}": FAR for number in range(CELLS)})
    return np.array([listed[f"phrase {number}"] - FAR for number in range(CELLS)])


def honest_sigma():
    return (MOST * 1e9 / RHO) ** 0.5


def test_halved_noise_of_a_list_turns_red(monkeypatch):
    """The variance of the numbers is what was paid for (false alarm 1e-7); with half the sigma it is not."""
    assert variance_is_right(drawn(), honest_sigma())
    whole = release.sigma_for
    monkeypatch.setattr(release, "sigma_for", lambda nano_rho, most: whole(nano_rho, most) / 2)
    monkeypatch.setattr(release, "exact_nano_rho", lambda *_: 0)
    price = release.words_price
    monkeypatch.setattr(release, "words_price", lambda *asked: (0, price(*asked)[1]))
    assert not variance_is_right(drawn(), honest_sigma())


def escapes(noise):
    """Return whether any phrase of one person is listed among so many draws of the same noise."""
    return bool(noise.add({f"phrase {number}": 1 for number in range(40_000)}))


def test_a_threshold_four_sigma_lower_turns_red():
    """Of 40,000 phrases of one person none is listed (delta 1e-11 each: false alarm 4e-7); a lower threshold lists."""
    noise = words_for(RHO, DELTA, MOST)
    assert not escapes(noise)
    lower = int(noise.threshold - 4 * noise.sigma)
    assert escapes(WordsNoise(noise.sigma, lower, MOST, "", release._words(noise.sigma, lower)))


@pytest.fixture
def world(tmp_path):
    """A world of one's own: its study folder will be spent from."""
    return phrases.build(tmp_path)


def spent(world):
    with world.folder.open_ledger() as ledger:
        return ledger.spent, ledger.spent_delta


def test_a_crash_while_a_list_is_drawn_is_spent_and_never_drawn_again(world, monkeypatch):
    """Tables drawn, the list not: rho and delta are gone, and the same plan says so for ever."""

    def crash(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(WordsNoise, "add", crash)
        with pytest.raises(MemoryError):
            make_release(world.request(phrases.plan()))
    assert (61_000_000, DELTA) == spent(world)
    monkeypatch.setattr(WordsNoise, "add", lambda *_: pytest.fail("drawn again"))
    with pytest.raises(SpentResultLostError):
        make_release(world.request(phrases.plan()))
    assert (61_000_000, DELTA) == spent(world)


def test_more_delta_than_a_lifetime_has_is_refused_before_anything_is_opened(world, monkeypatch):
    """A list at 2e-10 of 1e-10: refused by name, and neither column moves."""
    from analysis.releasing import run

    monkeypatch.setattr(run, "count_box", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(DeltaOverspentError):
        make_release(world.request(phrases.plan(words=[phrases.LIST | {"atto_delta": 200_000_000}])))
    assert (0, 0) == spent(world)


def bundle(world, path):
    """Return a release of another box of this world without what is drawn, counted with noise, or hashed from it."""
    document = json.loads(
        make_release(Request(world.folder, phrases.plan(), path, world.ceremony.shares[:1], 1)).path.read_bytes()
    )
    for member in ("signature", "ledger", "day", "box"):
        del document[member]
    del document["tables"]
    for one in document["words"]:
        del one["phrases"]
    return canonical(document)


def neighbours_are_alike(tmp_path, world):
    """Release two boxes of which one differs in the first record, from two copies of one study folder."""
    bundles = []
    for name, first in (("one", phrases.PEOPLE[0]), ("two", b"no payload at all")):
        shutil.copytree(world.folder.root, tmp_path / name)
        small.write(tmp_path / f"{name}.box", world.ceremony.manifest, [first, *phrases.PEOPLE[1:]])
        other = phrases.World(StudyFolder(tmp_path / name), world.ceremony, tmp_path / f"{name}.box")
        bundles.append(bundle(other, tmp_path / f"{name}.box"))
    return bundles[0] == bundles[1]


def test_releases_of_neighbours_differ_in_phrases_alone(world, tmp_path):
    """Everything about a list but its phrases and their numbers is the same for a box with one record changed."""
    assert neighbours_are_alike(tmp_path, world)


def test_the_exact_number_of_phrases_told_anywhere_turns_red(world, tmp_path, monkeypatch):
    """Planted: how many phrases were written, in the list's reason. One record changes it, and the swap shows it."""
    whole, counted = signed_release._list, {}
    draw = WordsNoise.add

    def add(self, counts):
        counted["phrases"] = sum(counts.values())
        return draw(self, counts)

    monkeypatch.setattr(WordsNoise, "add", add)

    def leak(*given):
        return whole(*given).model_copy(update={"reason": f"r {counted.get('phrases', 0)}"})

    monkeypatch.setattr(signed_release, "_list", leak)
    assert not neighbours_are_alike(tmp_path, world)
