"""Satisfiability of conditions: whether any answers that the routing allows make a condition hold."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from crypto.errors import SottoError
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import Answer, Condition, holds, items_named, truth
from survey.questionnaire.indicators import DerivedError, value_of
from survey.questionnaire.items import Item
from survey.questionnaire.payload import is_offered
from survey.questionnaire.questionnaire import (
    AddWhen,
    AnsweredWith,
    Count,
    Derived,
    Questionnaire,
    Term,
    ValueOf,
    form_of,
    is_asked,
)

STEPS = 20_000
"""Answers tried before a question is left undecided."""
MOST_ITEMS = 100
"""Items that may matter to one question; every one is a step deeper."""


_Test = Callable[[dict[str, Answer]], bool]


class _UndecidedError(SottoError):
    pass


class Reachability:
    """Searches a questionnaire's answers in routing order, over the items that are relevant to a condition only.

    Answers that break a check are none, but for those to the item called `unchecked`.
    """

    def __init__(self, questionnaire: Questionnaire, unchecked: str | None = None) -> None:
        self._questionnaire = questionnaire
        self._unchecked = unchecked
        self._steps = 0

    def asks(self, item: Item) -> bool:
        """Say whether some answers lead to `item`; true where it cannot be decided."""
        names = items_named(item.ask_if) - {item.id}

        def reached(values: dict[str, Answer]) -> bool:
            return is_asked(item, form_of(self._questionnaire, values), values)

        return self._search(names, item.ask_if, reached)

    def way_to(self, item: Item) -> dict[str, Answer] | None:
        """Return answers, to the items that decide it, that lead to `item`; None where there are none or too many."""
        try:
            items = self._closure(items_named(item.ask_if) - {item.id})
            self._steps = 0
            ways = self._walk(items, {}, item.ask_if)
            return next((one for one in ways if is_asked(item, form_of(self._questionnaire, one), one)), None)
        except (_UndecidedError, DerivedError):
            return None

    def allows(self, condition: Condition) -> bool:
        """Say whether some answers make `condition` hold; true where it cannot be decided."""

        def reached(values: dict[str, Answer]) -> bool:
            return holds(condition, self._with_derived(values, items_named(condition)))

        return self._search(items_named(condition), condition, reached)

    def stops_at(self, item: Item) -> bool:
        """Say whether some answers lead to `item` after which no answer keeps its checks; false where undecided."""
        names = self._needs(item.id)
        try:
            items = self._closure(names)
            self._steps = 0
            return any(self._stops(item, values) for values in self._walk(items, {}, item.ask_if))
        except (_UndecidedError, DerivedError):
            return False

    def _stops(self, item: Item, values: dict[str, Answer]) -> bool:
        if not is_asked(item, form_of(self._questionnaire, values), values):
            return False
        for answer in possible_answers(item):
            self._steps += 1
            if self._steps > STEPS:
                raise _UndecidedError
            if self._may_give(item, {**values, item.id: answer}):
                return False
        return True

    def ways(self) -> list[dict[str, Answer]]:
        """Return the answers, to the items that others are asked by, of every way; empty where there are too many."""
        names = frozenset().union(*(items_named(item.ask_if) for item in self._questionnaire.items))
        try:
            self._steps = 0
            return [self._with_derived(values, names) for values in self._walk(self._closure(names), {}, None)]
        except (_UndecidedError, DerivedError):
            return []

    def _search(self, names: Iterable[str], condition: Condition | None, reached: _Test) -> bool:
        try:
            items = self._closure(names)
            self._steps = 0
            return any(reached(values) for values in self._walk(items, {}, condition))
        except (_UndecidedError, DerivedError):
            return True

    def _walk(
        self, items: list[Item], values: dict[str, Answer], condition: Condition | None
    ) -> Iterator[dict[str, Answer]]:
        self._steps += 1
        if self._steps > STEPS:
            raise _UndecidedError
        if condition is not None and truth(condition, values) is False:
            return
        if len(values) == len(items):
            yield values
            return
        item = items[len(values)]
        for state in self._states(item, values):
            yield from self._walk(items, {**values, item.id: state}, condition)

    def _states(self, item: Item, values: dict[str, Answer]) -> Iterable[Answer]:
        if not is_asked(item, form_of(self._questionnaire, values), values):
            return (NOT_ASKED,)
        answers = possible_answers(item)
        if item.choice_filter is None and not item.checks:
            return answers
        return (answer for answer in answers if self._may_give(item, {**values, item.id: answer}))

    def _may_give(self, item: Item, values: dict[str, Answer]) -> bool:
        """Say whether an answer among `values` is offered, and keeps the checks of its item."""
        if item.choice_filter is not None and not is_offered(item, values):
            return False
        return item.id == self._unchecked or item.broken_check(values) is None

    def _closure(self, names: Iterable[str]) -> list[Item]:
        """Return the items that decide `names`: those named, what their routing names, and what the forms name."""
        todo = {*names, *(name for form in self._questionnaire.forms for name in items_named(form.when))}
        names_found: set[str] = set()
        while todo:
            name = todo.pop()
            names_found.add(name)
            todo |= self._needs(name) - names_found
        if len(names_found) > MOST_ITEMS:
            raise _UndecidedError
        return [item for item in self._questionnaire.by_id.values() if item.id in names_found]

    def _needs(self, name: str) -> frozenset[str]:
        if name in self._questionnaire.by_id:
            item = self._questionnaire.by_id[name]
            names = items_named(item.ask_if).union(*map(items_named, item.checks or ())) - {name}
            return names | ({item.choice_filter} if item.choice_filter else frozenset())
        derived = self._questionnaire.derived_by_id.get(name)
        if derived is None or any(isinstance(term, AnsweredWith) for term in derived.sum or ()):
            raise _UndecidedError
        return names_of(derived)

    def _with_derived(self, values: dict[str, Answer], names: frozenset[str]) -> dict[str, Answer]:
        needed = self._derived_needed(names)
        extended = dict(values)
        for derived in self._questionnaire.derived:
            if derived.id in needed:
                extended[derived.id] = value_of(derived, extended, self._questionnaire)
        return extended

    def _derived_needed(self, names: frozenset[str]) -> set[str]:
        needed: set[str] = set()
        todo = set(names & self._questionnaire.derived_by_id.keys())
        while todo:
            name = todo.pop()
            needed.add(name)
            todo |= (
                names_of(self._questionnaire.derived_by_id[name]) & self._questionnaire.derived_by_id.keys() - needed
            )
        return needed


def possible_answers(item: Item) -> Iterator[Answer]:
    """Yield every answer that `item` can have when it is asked; of a multi item there may be very many."""
    if not item.multi:
        yield from item.codes
    else:
        yield from ((code,) for code in item.exclusive)
        together = [code for code in item.codes if code not in item.exclusive]
        for number in range(1, (item.cap or len(item.codes)) + 1):
            yield from combinations(together, number)
    yield from item.missing


def names_of(derived: Derived) -> frozenset[str]:
    """Return the ids of the items and indicators that `derived` looks at directly."""
    conditions = [derived.population, derived.undefined_if, *(case.when for case in derived.cases or ())]
    parts = [items_named(condition) for condition in conditions] + [term_names(term) for term in derived.sum or ()]
    return frozenset().union(*parts)


def term_names(term: Term) -> frozenset[str]:
    """Return the ids that one term looks at."""
    match term:
        case ValueOf():
            return frozenset({term.value_of})
        case AddWhen():
            return items_named(term.when)
        case Count():
            return frozenset({term.count})
        case AnsweredWith():
            return frozenset()
