"""Faults that would break the promise, planted on purpose: each must be seen by the audit that is there to see it.

Every test runs its audit twice: on the code as it is, where it is quiet, and on the mutated code, where it is not.
"""

import sqlite3

import numpy as np
import pytest
from adversaries.neighbours import public_part, released
from adversaries.noise_checks import variance_is_right
from studies import small_study as small

from analysis.budget.entries import Debit
from analysis.budget.ledger import Ledger
from analysis.consistency.blocks import BlockError
from analysis.noise import noise as release
from analysis.noise.noise import Noise, gaussian_for
from analysis.releasing import signed_release
from analysis.releasing.run import make_release
from analysis.releasing.signed_release import Subject
from analysis.verification.verify import verify
from survey.document import DocumentError
from survey.release.release import Release

PLAN = small.plan()
AGAIN = PLAN.model_copy(update={"title": "again", "parent": PLAN.digest})
REUSED = 0.2
"""Two draws of sigma 31 agree in one cell of a hundred; in one of five only where noise was used twice (< 1e-9)."""

made, world = small.fixtures(number=10)


def halve_sigma(patch):
    """Draw half the noise that is paid for, and switch off both checks of the price."""
    honest = release.sigma_for
    patch.setattr(release, "sigma_for", lambda nano_rho, moved: honest(nano_rho, moved) / 2)
    patch.setattr(release, "exact_nano_rho", lambda *_: 0)
    patch.setattr(release, "_nano_rho", lambda *_: 0)


def drawn():
    return np.array(gaussian_for(40_000_000, 2).add(np.zeros(20_000, dtype=np.int64)))


def test_halved_noise_turns_red(world, monkeypatch):
    """The variance audit (false alarm 1e-7) and verify both see half a sigma that is paid as a whole one."""
    assert variance_is_right(drawn(), 5.0)
    halve_sigma(monkeypatch)
    assert not variance_is_right(drawn(), 5.0)
    outcome = make_release(world.request(PLAN))
    monkeypatch.undo()
    assert "tables.T1.sigma" in verify(outcome.path.read_bytes(), world.folder).failed


def test_a_price_check_alone_refuses_halved_noise(monkeypatch):
    """With only sigma mutated the price no longer covers it: the noise is made stronger until it does, never weaker."""
    honest = release.sigma_for
    paid = gaussian_for(1_000_000_000, 2).sigma
    monkeypatch.setattr(release, "sigma_for", lambda nano_rho, moved: honest(nano_rho, moved) * (1 - 1e-11))
    assert paid <= gaussian_for(1_000_000_000, 2).sigma * (1 + 1e-10)


def debit_is_durable_before_noise(world, patch):
    """Look into the ledger's file, as another process would, whenever noise is drawn."""
    seen = []
    whole = Noise.add

    def add(self, counts):
        database = sqlite3.connect(f"file:{world.folder.ledger_path}?mode=ro", uri=True)
        seen.append(database.execute("SELECT spent FROM budget").fetchone()[0])
        database.close()
        return whole(self, counts)

    patch.setattr(Noise, "add", add)
    make_release(world.request(PLAN))
    return set(seen) == {PLAN.nano_rho}


def test_a_skipped_debit_turns_red(made, tmp_path, monkeypatch):
    """Noise is drawn only when the ledger's file says paid; with the debit skipped it does not say so."""
    with monkeypatch.context() as patch:
        assert debit_is_durable_before_noise(made.copy(tmp_path / "honest"), patch)
    mutated = made.copy(tmp_path / "mutated")
    monkeypatch.setattr(Ledger, "debit", lambda self, charge: Debit(self.next_entry(charge), replayed=False))
    assert not debit_is_durable_before_noise(mutated, monkeypatch)


def test_a_debit_after_the_noise_turns_red(made, tmp_path, monkeypatch):
    """With the order turned round, noise first and the debit after it, the same audit sees it."""
    honest = signed_release.compose

    def debit_late(self, charge):
        return Debit(self.next_entry(charge), replayed=False)

    def noise_first(subject: Subject, paid, counts, noises) -> Release:
        document = honest(subject, paid, counts, noises)
        with sqlite3.connect(tmp_path / "study" / "ledger.sqlite") as database:
            database.execute("UPDATE budget SET spent = ?", (paid.entry.spent,))
        database.close()
        return document

    monkeypatch.setattr(Ledger, "debit", debit_late)
    monkeypatch.setattr(signed_release, "compose", noise_first)
    assert not debit_is_durable_before_noise(made.copy(tmp_path), monkeypatch)


def noise_is_fresh(world):
    """Release the same tables twice from the same box, and compare the two draws of noise cell by cell."""
    one, two = (make_release(world.request(plan)).release for plan in (PLAN, AGAIN))
    pairs = [
        (a, b) for x, y in zip(one.tables, two.tables, strict=True) for a, b in zip(x.counts, y.counts, strict=True)
    ]
    return sum(a == b for a, b in pairs) / len(pairs) < REUSED


def test_reused_noise_turns_red(made, tmp_path, monkeypatch):
    """Two releases of the same counts differ in nearly every cell; with one generator's noise used twice in none."""
    assert noise_is_fresh(made.copy(tmp_path / "honest"))
    kept: dict[int, np.ndarray] = {}
    whole = Noise.add

    def add(self, counts):
        noise = kept.setdefault(len(counts), np.array(whole(self, np.zeros_like(counts))))
        return [int(cell) for cell in counts + noise]

    monkeypatch.setattr(Noise, "add", add)
    assert not noise_is_fresh(made.copy(tmp_path / "mutated"))


def swap_is_invisible(world, root):
    """One of 30 answers becomes unreadable: all that is not noisy stays as it was."""
    contents = small.payloads(30)
    one, *_ = released(root, world, contents, "one")
    two, *_ = released(root, world, [b"no payload at all", *contents[1:]], "two")
    return public_part(one) == public_part(two)


@pytest.mark.parametrize("where", ["notes", "tables", "title"])
def test_the_exact_readable_count_released_anywhere_turns_red(made, tmp_path, monkeypatch, where):
    """A release that carries the exact number of readable records, in whatever member, is not alike for neighbours."""
    (tmp_path / "honest").mkdir()
    assert swap_is_invisible(made, tmp_path / "honest")
    exact = {}
    draw, build = signed_release.compose, signed_release._document

    def keep(subject, paid, counts, noises):
        exact["readable"] = int(counts["T1"][:-1].sum())
        return draw(subject, paid, counts, noises)

    def leak(*arguments):
        draft, readable = build(*arguments), exact.get("readable", 0)
        first, *others = draft.tables
        leaks = {
            "notes": (*draft.notes, "readable-" + "x" * readable),
            "tables": (first.model_copy(update={"reason": f"{first.reason} ({readable})"}), *others),
            "title": {locale: f"{title} {readable}" for locale, title in draft.title.items()},
        }
        return draft.model_copy(update={where: leaks[where]})

    monkeypatch.setattr(signed_release, "compose", keep)
    monkeypatch.setattr(signed_release, "_document", leak)
    (tmp_path / "mutated").mkdir()
    assert not swap_is_invisible(made, tmp_path / "mutated")


def test_a_level_that_is_released_only_where_somebody_chose_it_turns_red(made, tmp_path, monkeypatch):
    """Empty cells left out, as a group-by would: the shape depends on one record, and the swap shows it."""
    from analysis.releasing import run

    whole = run.count_box

    def without_empty(*arguments, **more):
        counts = whole(*arguments, **more)
        return {name: cells if cells[-1] else cells[:-1] for name, cells in counts.items()}

    monkeypatch.setattr(run, "count_box", without_empty)
    contents = small.payloads(5)
    world = made.copy(tmp_path)
    small.write(tmp_path / "readable.box", made.manifest, contents)
    with pytest.raises((BlockError, DocumentError), match="counts"):
        make_release(world.request(PLAN, tmp_path / "readable.box"))
