"""Counts the phrases that people wrote, exactly and in memory: only a threshold and noise make a list of it."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from analysis.opening.columns import Columns
from survey.plan.plan import PhraseList
from survey.release.reliability import Z95

Phrases = Counter[str]


def words_margin(sigma: float) -> float:
    """Return the 95 % half-width of a phrase's noisy number, of the noise alone."""
    return round(Z95 * sigma, 6)


def count_words(columns: Columns, lists: Sequence[PhraseList]) -> dict[str, Phrases]:
    """Return each list's phrases with how many records of the chunk hold them.

    A readable record holds at most the item's `count` phrases, each once and normalised: `payload_decoder` refused
    every other record. Changing one record takes away at most so many counts of one and adds as many.
    """
    return {phrase_list.id: Counter(chain.from_iterable(columns.phrases(phrase_list.item))) for phrase_list in lists}
