"""Every question and derived indicator as printed: text, codes, routing, randomisation. No files are read."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import groupby

from survey.media_types import content_type
from survey.questionnaire.conditions import ItemHas, ItemIn
from survey.questionnaire.items import Item, ItemGroup, Option
from survey.questionnaire.number_words import number_words
from survey.questionnaire.pipes import PIPE
from survey.questionnaire.questionnaire import AddWhen, AnsweredWith, Count, Derived, Term, ValueOf
from survey.questionnaire.randomised_response import SPACE, actual_epsilon, threshold
from survey.wording.catalogues import Wording
from survey.wording.routing_words import ConditionRenderer

MAX_NUMBER_LINES = 4
"""More number options than this, where each number is its own level, are printed as one line with their range."""
Reasons = Mapping[str, tuple[tuple[str, str], ...]]
"""The purpose and similar notes of the study file for an item or group, as (heading, text), by its id."""


@dataclass(frozen=True)
class AnswerLine:
    """One answer: `mark` is the box printed before it (`one`, `many`, `line` or none); `notes` follow its text."""

    code: str
    text: str
    mark: str = "one"
    notes: tuple[str, ...] = ()
    picture: str | None = None
    light: bool = False


@dataclass(frozen=True)
class PrintedQuestion:
    """One question, one row of a grid, or one place of a ranking; `who` says which respondents are asked it."""

    id: str
    number: int | None
    kind: str
    text: str
    hint: str | None = None
    who: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    lines: tuple[AnswerLine, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PrintedGroup:
    """A grid or ranking: its text, its rows (of a ranking its places), and the answer options that they share."""

    id: str
    kind: str
    text: str
    hint: str | None
    rows: tuple[PrintedQuestion, ...]
    who: tuple[str, ...]
    facts: tuple[str, ...]
    lines: tuple[AnswerLine, ...]
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PrintedBlock:
    """Consecutive questions of one named block."""

    name: str
    parts: tuple[PrintedQuestion | PrintedGroup, ...]


def blocks(
    renderer: ConditionRenderer, words: Wording, media: Mapping[str, bytes], reasons: Reasons
) -> Iterator[PrintedBlock]:
    """Yield the questions block by block; `media` holds pictures by SHA-256."""
    writer = _BlockWriter(renderer, words, media, reasons)
    for name, items in groupby(renderer.questionnaire.items, key=lambda item: item.block):
        yield PrintedBlock(name, tuple(writer.parts([*items])))


class _BlockWriter:
    def __init__(
        self, renderer: ConditionRenderer, words: Wording, media: Mapping[str, bytes], reasons: Reasons
    ) -> None:
        self._renderer = renderer
        self._words = words
        self._media = media
        self._reasons = reasons
        self._groups = {name: group for group in renderer.questionnaire.groups for name in group.items}

    def parts(self, items: list[Item]) -> Iterator[PrintedQuestion | PrintedGroup]:
        """Yield the questions of a block; those of a group as one part."""
        for group, members in groupby(items, key=lambda item: self._groups.get(item.id)):
            if group is None:
                yield from map(self._entry, members)
            else:
                yield self._group(group, [*members])

    def _entry(self, item: Item) -> PrintedQuestion:
        return PrintedQuestion(
            item.id,
            self._renderer.numbers.get(item.id),
            self._of_forms(self._kind(item), item),
            self._piped(self._renderer.texts.items[item.id].text),
            self._hint(item.id),
            self._renderer.routing(item),
            (*self._facts(item), *self._paired_with(item)),
            (*self._list_lines(item), *self._answers(item)),
            self._reasons.get(item.id, ()),
        )

    def _group(self, group: ItemGroup, items: list[Item]) -> PrintedGroup:
        ranked = group.kind == "ranking"
        shuffled = "shuffled" if ranked else "rows-shuffled"
        return PrintedGroup(
            group.id,
            self._of_forms(self._words(f"t-{group.kind}", n=len(items)), items[0]),
            self._piped(self._renderer.texts.groups[group.id]),
            self._hint(group.id),
            tuple(self._row(group, number, item) for number, item in enumerate(items, 1)),
            self._renderer.routing(items[0]),
            (self._words(shuffled),) if group.shuffle else (),
            self._answers(items[0]),
            self._reasons.get(group.id, ()),
        )

    def _row(self, group: ItemGroup, number: int, item: Item) -> PrintedQuestion:
        kind = self._words("place" if group.kind == "ranking" else "row", n=number)
        text = "" if group.kind == "ranking" else self._piped(self._renderer.texts.items[item.id].text)
        facts = tuple(self._facts(item)) if group.kind == "grid" else ()
        return PrintedQuestion(item.id, self._renderer.numbers[item.id], kind, text, facts=facts)

    def _hint(self, name: str) -> str | None:
        hint = self._renderer.texts.hints.get(name)
        return None if hint is None else self._piped(hint)

    def _kind(self, item: Item) -> str:
        if item.multi:
            return self._words("t-multi", n=item.cap or len(item.options))
        if item.phrase:
            return self._words("t-phrase", count=item.count, words=item.words, length=item.length)
        if item.type == "number" and all(option.low == option.high for option in item.options):
            return self._words("t-number-each")
        return self._words("t-date-month" if (item.type, item.unit) == ("date", "month") else f"t-{item.type}")

    def _of_forms(self, kind: str, item: Item) -> str:
        """Return the name of the question type, with the forms that ask it where not all do."""
        every = {form.id for form in self._renderer.questionnaire.forms}
        return kind if {*item.forms} >= every else f"{kind} · {self._words('in-forms', names=', '.join(item.forms))}"

    def _facts(self, item: Item) -> Iterator[str]:
        ends = self._renderer.texts.items[item.id].ends
        if ends is not None:
            yield self._words("far", low=self._piped(ends[0]), high=self._piped(ends[1]))
        if item.type == "list":
            short = (item.lines or 0) - len(item.treatment or ())
            yield self._words("list-arms", short=short, long=item.lines)
        if item.randomise is not None:
            yield self._randomisation(item, item.randomise.epsilon)
        if item.shuffle:
            yield self._words("shuffled")
        if item.specifies is not None:
            yield self._words("specifies")
        if item.private:
            yield self._words("private")
        for message in self._renderer.texts.items[item.id].checks or ():
            yield self._words("checked", message=self._renderer.quoted([self._piped(message)]))

    def _randomisation(self, item: Item, epsilon: str) -> str:
        number = len(item.domain)
        kept_threshold = threshold(epsilon, number)
        factor = actual_epsilon(kept_threshold, number).exp()
        return self._words(
            "randomised",
            epsilon=epsilon,
            kept=f"{Decimal(kept_threshold) * 100 / SPACE:.1f}",
            others=number - 1,
            # It is a bound, so it is rounded up.
            factor=factor.quantize(Decimal("0.1"), ROUND_CEILING),
        )

    def _paired_with(self, item: Item) -> Iterator[str]:
        for pair in self._renderer.questionnaire.pairs:
            if item.id in pair:
                partner = pair[0] if pair[1] == item.id else pair[1]
                yield self._words("paired", n=self._renderer.numbers[partner])

    def _list_lines(self, item: Item) -> Iterator[AnswerLine]:
        for number, line in enumerate(self._renderer.texts.items[item.id].lines or (), 1):
            notes = (self._words("longer-only"),) if number in (item.treatment or ()) else ()
            yield AnswerLine("", self._piped(line), "line", notes)

    def _answers(self, item: Item) -> tuple[AnswerLine, ...]:
        missing = tuple(
            AnswerLine(str(code), self._renderer.texts.missing[str(code)], light=True) for code in item.missing
        )
        return (*(self._number_range(item) or self._options(item)), *missing)

    def _number_range(self, item: Item) -> tuple[AnswerLine, ...]:
        """Return one line for more than MAX_NUMBER_LINES options that are plain numbers; otherwise no line."""
        labels = self._renderer.texts.items[item.id].options
        are_numbers = all(
            option.low == option.high == option.code and labels[str(option.code)] == str(option.code)
            for option in item.options
        )
        if not are_numbers or len(item.options) <= MAX_NUMBER_LINES:
            return ()
        low, high = item.options[0].code, item.options[-1].code
        return (
            AnswerLine(f"{low}–{high}", self._words("band", low=low, high=high), notes=(self._words("each-number"),)),
        )

    def _options(self, item: Item) -> tuple[AnswerLine, ...]:
        text = self._renderer.texts.items[item.id]
        mark = "many" if item.multi else "one"
        return tuple(
            AnswerLine(str(option.code), self._piped(text.options[str(option.code)]), mark,
                 tuple(self._option_notes(item, option)),
                 self._picture((text.pictures or {}).get(str(option.code))))
            for option in item.options
        )  # fmt: skip

    def _option_notes(self, item: Item, option: Option) -> Iterator[str]:
        if item.type in {"number", "date"} and option.low is not None and option.low != option.high:
            low, high = _bound_text(option.low, item), _bound_text(option.high, item)
            label = self._renderer.texts.items[item.id].options[str(option.code)]
            if not (low in label and high in label):
                yield self._words("band", low=low, high=high)
        if option.only_for is not None and item.choice_filter is not None:
            several = self._renderer.questionnaire.item(item.choice_filter).multi
            own = {"has" if several else "in": option.only_for}
            after = (ItemHas if several else ItemIn)(item=item.choice_filter, **own)
            yield self._words("offered", when=self._renderer.text_of(after))
        if option.arm is not None:
            yield self._words("shorter", n=(item.lines or 0) - (0 if option.arm else len(item.treatment or ())))
        if option.last and item.shuffle:
            yield self._words("last")
        if option.exclusive:
            yield self._words("alone")
        if option.end:
            yield f"{self._words('ends')} ({option.end})"

    def _picture(self, name: str | None) -> str | None:
        """Return a picture as a data: address, so that the page needs no other file; None where it is missing."""
        if name is None or name not in self._media:
            return None
        data = self._media[name]
        return f"data:{content_type(data)};base64,{base64.b64encode(data).decode('ascii')}"

    def _piped(self, text: str) -> str:
        """Return a text in which each pipe is replaced by the number of the question whose answer is inserted."""

        def reference(name: str, words: str) -> str:
            return f"[{self._words('piped', n=self._renderer.numbers[name], text=words)}]"

        return PIPE.sub(lambda match: reference(match[1], match[2]), text)


def _bound_text(bound: int | None, item: Item) -> str:
    text = str(bound)
    return f"{text[:4]}-{text[4:]}" if (item.type, item.unit) == ("date", "month") else number_words(bound or 0)


@dataclass(frozen=True)
class Indicator:
    """One indicator: `rules` are (heading, text); `levels` are (value, label, condition of the case or "")."""

    id: str
    text: str
    rules: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, str, str], ...]


def indicators(renderer: ConditionRenderer, words: Wording) -> Iterator[Indicator]:
    """Yield the indicators in their order."""
    return (_IndicatorWriter(renderer, words).indicator(derived) for derived in renderer.questionnaire.derived)


class _IndicatorWriter:
    def __init__(self, renderer: ConditionRenderer, words: Wording) -> None:
        self._renderer = renderer
        self._words = words

    def indicator(self, derived: Derived) -> Indicator:
        """Return one indicator."""
        text = self._renderer.texts.derived[derived.id]
        cases: dict[int, list[str]] = {case.value: [] for case in derived.cases or ()}
        for case in derived.cases or ():
            cases[case.value].append(self._words("case-if", condition=self._renderer.text_of(case.when)))
        if derived.cases and derived.else_ is not None:
            cases.setdefault(derived.else_, []).append(self._words("case-else"))
        between = self._renderer.words("semicolon")
        levels = [(str(level), text.levels[str(level)], between.join(cases.get(level, ()))) for level in derived.levels]
        rules = [*self._rules(derived)]
        if not derived.cases and all(value == label for value, label, _ in levels):
            rules.append((self._words("levels"), self._words("band", low=levels[0][0], high=levels[-1][0])))
            levels = []
        return Indicator(derived.id, text.text, tuple(rules), tuple(levels))

    def _rules(self, derived: Derived) -> Iterator[tuple[str, str]]:
        if derived.population is not None:
            yield self._words("population"), self._renderer.text_of(derived.population)
        if derived.undefined_if is not None:
            yield self._words("undefined"), self._renderer.text_of(derived.undefined_if)
        if derived.sum:
            yield self._words("sum"), self._renderer.words("semicolon").join(map(self._term, derived.sum))
        if derived.score:
            yield "", self._words("score")

    def _term(self, term: Term) -> str:
        match term:
            case ValueOf():
                return self._value(term)
            case AddWhen():
                return self._words("term-when", add=term.add, condition=self._renderer.text_of(term.when))
            case Count():
                return self._count(term)
            case AnsweredWith():
                answer = self._renderer.texts.missing.get(str(term.answers), str(term.answers))
                return self._words("term-answers", answer=self._renderer.quoted([answer]))

    def _value(self, term: ValueOf) -> str:
        text = self._words("term-value", name=term.value_of)
        if term.times != 1:
            text = self._words("term-times", times=term.times, term=text)
        pairs = [f"{code} → {value}" for code, value in (term.map or {}).items()]
        if term.else_ is not None:
            pairs.append(self._words("term-other", value=term.else_))
        joined = self._renderer.words("comma").join(pairs)
        return self._words("term-map", term=text, pairs=joined) if pairs else text

    def _count(self, term: Count) -> str:
        parts = [self._words("term-count", options=_codes(term.of), name=term.count)] if term.of else []
        if term.minus:
            parts.append(self._words("term-minus", options=_codes(term.minus), name=term.count))
        if term.floor is not None:
            parts.append(self._words("term-floor", floor=term.floor))
        return self._renderer.words("comma").join(parts)


def _codes(codes: Iterable[int]) -> str:
    return ", ".join(map(str, codes))
