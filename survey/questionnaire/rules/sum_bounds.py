"""The least and the largest value of a derived sum, from the codes alone: levels are fixed before fieldwork."""

from collections.abc import Iterator
from itertools import combinations

from crypto.errors import RefusedError
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import Answer, truth
from survey.questionnaire.indicators import term_value
from survey.questionnaire.items import Item
from survey.questionnaire.levels import levels_of
from survey.questionnaire.questionnaire import AnsweredWith, Count, Derived, Questionnaire, Term, ValueOf
from survey.questionnaire.rules.reachability import term_names

MOST_NAMED = 12
"""Options of one multi item that one sum may name before its bounds become too many to try."""


class BoundsError(RefusedError):
    """A sum whose bounds cannot be worked out."""


def sum_bounds(derived: Derived, questionnaire: Questionnaire) -> tuple[int, int]:
    """Return the least and the greatest value of a sum; raise BoundsError where there are too many cases to try.

    Terms about one item are taken together; answers that the population or `undefined_if` exclude by themselves are
    left out. The bounds hold for every answer; a sum over several items may not reach them.
    """
    groups: dict[frozenset[str], list[Term]] = {}
    for term in derived.sum or ():
        groups.setdefault(term_names(term), []).append(term)
    parts = [_part(names, terms, derived, questionnaire) for names, terms in groups.items()]
    return sum(low for low, _ in parts), sum(high for _, high in parts)


def _part(names: frozenset[str], terms: list[Term], derived: Derived, questionnaire: Questionnaire) -> tuple[int, int]:
    if len(names) != 1:
        alone = [_loose(term, questionnaire) for term in terms]
        return sum(low for low, _ in alone), sum(high for _, high in alone)
    (name,) = names
    values = [
        sum(term_value(term, {name: state}, questionnaire) for term in terms)
        for state in _states(name, terms, questionnaire)
        if _inside(derived, name, state)
    ]
    return (min(values), max(values)) if values else (0, 0)


def _loose(term: Term, questionnaire: Questionnaire) -> tuple[int, int]:
    if isinstance(term, AnsweredWith):
        counted = [item for item in questionnaire.items if item.decides]
        return 0, sum(term.answers == NOT_ASKED or term.answers in item.missing for item in counted)
    add = getattr(term, "add", 0)
    return min(0, add), max(0, add)


def _inside(derived: Derived, name: str, state: Answer) -> bool:
    values = {name: state}
    outside = derived.population is not None and truth(derived.population, values) is False
    return not outside and not (derived.undefined_if is not None and truth(derived.undefined_if, values) is True)


def _states(name: str, terms: list[Term], questionnaire: Questionnaire) -> Iterator[Answer]:
    if name in questionnaire.derived_by_id:
        yield from levels_of(questionnaire, name)[:-1]
        return
    item = questionnaire.item(name)
    if item.ask_if is not None or len(item.forms) < len(questionnaire.forms):
        yield NOT_ASKED
    yield from item.missing
    yield from _chosen(item, terms) if item.multi else item.codes


def _chosen(item: Item, terms: list[Term]) -> Iterator[Answer]:
    """Yield one choice for every set of the options that `terms` name: the others add nothing."""
    counts = [term for term in terms if isinstance(term, Count)]
    only_counts = len(counts) == sum(not isinstance(term, ValueOf) for term in terms)
    counted = {code for term in counts for code in (*term.of, *term.minus)}
    codes = [code for code in item.codes if code in counted or not only_counts]
    if len(codes) > MOST_NAMED:
        raise BoundsError("one sum names too many options of one item")
    most = item.cap or len(item.codes)
    for number in range(min(most, len(codes)) + 1):
        # What stands alone adds to nothing else.
        yield from (choice for choice in combinations(codes, number) if number < 2 or not item.exclusive & {*choice})  # noqa: PLR2004 - two stand together
