"""Derived indicators as they are printed: what each is computed from, in words. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from survey.questionnaire.questionnaire import AddWhen, AnsweredWith, Count, Derived, Term, ValueOf
from survey.wording.catalogues import Wording
from survey.wording.routing_words import Speaker


@dataclass(frozen=True)
class Indicator:
    """One indicator: `rules` are (heading, text), `levels` are (value, label, where it is given by a case)."""

    id: str
    text: str
    rules: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, str, str], ...]


def indicators(speaker: Speaker, words: Wording) -> Iterator[Indicator]:
    """Yield the indicators in their order."""
    return (_Writer(speaker, words).indicator(derived) for derived in speaker.questionnaire.derived)


class _Writer:
    def __init__(self, speaker: Speaker, words: Wording) -> None:
        self._speaker = speaker
        self._words = words

    def indicator(self, derived: Derived) -> Indicator:
        """Return one indicator."""
        text = self._speaker.texts.derived[derived.id]
        cases: dict[int, list[str]] = {case.value: [] for case in derived.cases or ()}
        for case in derived.cases or ():
            cases[case.value].append(self._words("case-if", condition=self._speaker.said(case.when)))
        if derived.cases and derived.else_ is not None:
            cases.setdefault(derived.else_, []).append(self._words("case-else"))
        between = self._speaker.words("semicolon")
        levels = [(str(one), text.levels[str(one)], between.join(cases.get(one, ()))) for one in derived.levels]
        rules = [*self._rules(derived)]
        if not derived.cases and all(value == label for value, label, _ in levels):
            rules.append((self._words("levels"), self._words("band", low=levels[0][0], high=levels[-1][0])))
            levels = []
        return Indicator(derived.id, text.text, tuple(rules), tuple(levels))

    def _rules(self, derived: Derived) -> Iterator[tuple[str, str]]:
        if derived.population is not None:
            yield self._words("population"), self._speaker.said(derived.population)
        if derived.undefined_if is not None:
            yield self._words("undefined"), self._speaker.said(derived.undefined_if)
        if derived.sum:
            yield self._words("sum"), self._speaker.words("semicolon").join(map(self._term, derived.sum))
        if derived.score:
            yield "", self._words("score")

    def _term(self, term: Term) -> str:
        match term:
            case ValueOf():
                return self._value(term)
            case AddWhen():
                return self._words("term-when", add=term.add, condition=self._speaker.said(term.when))
            case Count():
                return self._count(term)
            case AnsweredWith():
                answer = self._speaker.texts.missing.get(str(term.answers), str(term.answers))
                return self._words("term-answers", answer=self._speaker.quoted([answer]))

    def _value(self, term: ValueOf) -> str:
        said = self._words("term-value", name=term.value_of)
        if term.times != 1:
            said = self._words("term-times", times=term.times, term=said)
        pairs = [f"{code} → {value}" for code, value in (term.map or {}).items()]
        if term.else_ is not None:
            pairs.append(self._words("term-other", value=term.else_))
        joined = self._speaker.words("comma").join(pairs)
        return self._words("term-map", term=said, pairs=joined) if pairs else said

    def _count(self, term: Count) -> str:
        parts = [self._words("term-count", options=_codes(term.of), name=term.count)] if term.of else []
        if term.minus:
            parts.append(self._words("term-minus", options=_codes(term.minus), name=term.count))
        if term.floor is not None:
            parts.append(self._words("term-floor", floor=term.floor))
        return self._speaker.words("comma").join(parts)


def _codes(codes: Iterable[int]) -> str:
    return ", ".join(map(str, codes))
