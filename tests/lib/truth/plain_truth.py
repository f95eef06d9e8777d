"""The truth about invented people, counted from their plain answers; a test says that nothing of `analysis` is used.

Bases, medians and groups are written here a second time, in the words of docs/numbers.md, so that an error in the code
that a release goes through is not repeated by what judges it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.questionnaire.conditions import Condition, holds
from survey.questionnaire.indicators import derive
from survey.questionnaire.payload import SurveyResponse
from survey.questionnaire.questionnaire import MODES, Questionnaire

Flags = NDArray[np.bool_]
Group = tuple[tuple[str, int], ...]
"""Levels of later dimensions that hold: (dimension, code); empty for everyone."""

OUTSIDE_OF_BASE = {"asked": {97}, "answered": {97, 99}, "substantive": {97, 98, 99}}
SECOND_LIST = 40
"""From this code on the answers to a list experiment are of the longer list."""
FIRST_MISSING = 90
"""From this code on an answer to a list experiment is no number, and shows no list."""
Classes = Iterable[tuple[str, Collection[int], float]]
"""Classes that answers are weighted to: a dimension, its codes, their public share."""


class PlainAnswers:
    """The answers of all people, indicators and header included: a dictionary for each, and the members of levels."""

    def __init__(self, questionnaire: Questionnaire, people: Iterable[SurveyResponse]) -> None:
        self.questionnaire = questionnaire
        self.values = [{**one.answers, **derive(questionnaire, one.answers), **self._header(one)} for one in people]
        self._standing: dict[str, dict[int, Flags]] = {}

    def standing(self, name: str) -> dict[int, Flags]:
        """Return the members of each level of a dimension, by code; people with several answers are in several."""
        if name not in self._standing:
            flags_by_code: dict[int, Flags] = {}
            for place, one in enumerate(self.values):
                for code in self.levels(one, name):
                    flags_by_code.setdefault(code, np.zeros(len(self.values), dtype=bool))[place] = True
            self._standing[name] = flags_by_code
        return self._standing[name]

    def levels(self, one: Mapping[str, object], name: str) -> tuple[int, ...]:
        """Return every level of a dimension that a person is in."""
        group = self.questionnaire.groups_by_id.get(name)
        if group is not None:
            return tuple(one.get(item, 97) for item in group.items)
        answer = one.get(name, 97)
        return answer if isinstance(answer, tuple) else (answer,)

    def _header(self, one: SurveyResponse) -> dict[str, int]:
        asked = self.questionnaire
        forms = [form.id for form in asked.forms]
        return {
            "@locale": asked.locales.index(one.locale),
            "@mode": MODES.index(one.mode),
            "@form": forms.index(one.form),
            "@stratum": asked.strata.index(one.stratum),
            "@quality": one.quality,
        }


@dataclass(frozen=True)
class PlainTruth:
    """Shares, means and numbers of people on every base; `times` (n,) is how often each person of `answers` counts."""

    answers: PlainAnswers
    times: NDArray[np.int64]

    def inside(self, population: Condition | None) -> Flags:
        """Return who is inside a table's filter."""
        if population is None:
            return np.ones(len(self.times), dtype=bool)
        return np.array([holds(population, one) for one in self.answers.values])

    def is_in_level(self, name: str, code: int) -> Flags:
        """Return who is in a level; of several answers or a ranking also those who named others beside it."""
        return self.answers.standing(name).get(code, ~self.inside(None))

    def within(self, name: str, base: str) -> Flags:
        """Return who is in a base of an item, indicator, ranking or dimension of the header."""
        return ~np.logical_or.reduce([self.is_in_level(name, code) for code in OUTSIDE_OF_BASE[base]])

    def group(self, group: Iterable[tuple[str, int]]) -> Flags:
        """Return who is in all levels of a group."""
        flags = self.inside(None)
        for name, code in group:
            flags = flags & self.is_in_level(name, code)
        return flags

    def number(self, flags: Flags) -> int:
        """Return how many people that is."""
        return int(self.times[flags].sum())

    def share(self, who: Flags, levels: Mapping[str, Collection[int]], base: str) -> float:
        """Return the share of those in `levels` of every dimension, of those of `who` in the base of every dimension.

        The two lists of a list experiment are apart: the share of a number is of those who were shown its list.
        """
        whole = who
        for name, codes in levels.items():
            whole = whole & self.within(name, base) & self._list_of(name, codes)
        part = whole
        for name, codes in levels.items():
            part = part & np.logical_or.reduce([self.is_in_level(name, code) for code in codes])
        return self.number(part) / self.number(whole)

    def mean(self, who: Flags, name: str) -> float:
        """Return the mean score of those who have one."""
        scores, times = self._scores(who, name)
        return float(scores @ times / times.sum())

    def median(self, who: Flags, name: str) -> int:
        """Return the smallest level that half of those with a score reach."""
        scores, times = self._scores(who, name)
        return min(int(level) for level in np.unique(scores) if 2 * times[scores <= level].sum() >= times.sum())

    def difference(self, who: Flags, name: str) -> float:
        """Return by how many lines the mean number of a list experiment's longer list is above the shorter one's."""
        scores, times = self._scores(who, name)
        longer = scores >= SECOND_LIST
        means = [float((scores % 10)[flags] @ times[flags] / times[flags].sum()) for flags in (longer, ~longer)]
        return means[0] - means[1]

    def weighted_share(self, who: Flags, name: str, codes: Collection[int], base: str, classes: Classes) -> float:
        """Return a share as it were if each class had its public share of those in the base."""
        parts = [(share, self._class(who, *one)) for *one, share in classes]
        whole = sum(share for share, _ in parts)
        return sum(share * self.share(flags, {name: codes}, base) for share, flags in parts) / whole

    def weighted_mean(self, who: Flags, name: str, base: str, classes: Classes) -> float:
        """Return the mean of those with a score as it were if each class had its public share of those in the base."""
        total, scored = 0.0, 0.0
        for dimension, codes, share in classes:
            flags = self._class(who, dimension, codes)
            scores, times = self._scores(flags, name)
            people = self.number(flags & self.within(name, base))
            total, scored = total + share * float(scores @ times) / people, scored + share * times.sum() / people
        return total / scored

    def _class(self, who: Flags, dimension: str, codes: Collection[int]) -> Flags:
        return who & np.logical_or.reduce([self.is_in_level(dimension, code) for code in codes])

    def _scores(self, who: Flags, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        flags = who & self.within(name, "substantive")
        chosen = np.flatnonzero(flags & (self.times > 0))
        scores = [self.answers.values[person][name] for person in chosen]
        return np.array(scores, dtype=np.float64), self.times[chosen].astype(np.float64)

    def _list_of(self, name: str, codes: Collection[int]) -> Flags:
        item = self.answers.questionnaire.by_id.get(name)
        if item is None or item.type != "list" or max(codes) >= FIRST_MISSING:
            return self.inside(None)
        second = max(codes) >= SECOND_LIST
        lists = [code for code in self.answers.standing(name) if (code >= SECOND_LIST) == second]
        return np.logical_or.reduce([self.is_in_level(name, code) for code in lists])
