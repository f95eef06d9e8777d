"""The routing of a question as text, for the form without JavaScript and for paper."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from survey.questionnaire.asked_conditions import asked_condition, complement, conjuncts
from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import (
    AllOf,
    AnyOf,
    Chosen,
    Condition,
    CountOf,
    InRange,
    ItemHas,
    ItemIn,
    Not,
)
from survey.questionnaire.items import Item, Option
from survey.questionnaire.number_words import band_words
from survey.questionnaire.pipes import unpiped
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wording.catalogues import Wording


def numbering(questionnaire: Questionnaire) -> dict[str, int]:
    """Return the number of each question by item id, from 1; notes are not numbered."""
    return {item.id: number for number, item in enumerate((i for i in questionnaire.items if not i.note), 1)}


@dataclass(frozen=True)
class ConditionRenderer:
    """Renders conditions as text in one locale."""

    questionnaire: Questionnaire
    texts: Texts
    words: Wording

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each question."""
        return numbering(self.questionnaire)

    def routing(self, item: Item) -> tuple[str, ...]:
        """Return sentences that say which respondents are asked `item`; none where everyone is."""
        condition = asked_condition(item, self.questionnaire)
        parts = () if condition is None else conjuncts(condition, self.questionnaire)
        return tuple(dict.fromkeys(self._sentence(part) for part in parts))

    def label(self, item: Item, code: int) -> str:
        """Return the label of a code of `item`."""
        if code in item.missing:
            return self.texts.missing[str(code)]
        return option_label(item, code, self.texts)

    def text_of(self, condition: Condition) -> str:
        """Return a condition as text."""
        match condition:
            case AllOf():
                return self._joined("and", condition.all) or self.words("everyone")
            case AnyOf():
                return self._joined("or", condition.any) or self.words("nobody")
            case Not():
                return self.words("if-not", part=self._inner(condition.negated))
            case CountOf():
                low, high = condition.range
                parts = self.words("semicolon").join(map(self._inner, condition.count))
                return self.words("if-count", low=low, high=high, parts=parts)
            case _:
                return self._leaf(condition)

    def quoted(self, labels: Iterable[str]) -> str:
        """Return labels in quotation marks, as a list with "or" before the last."""
        *most, last = [self.words("quote", text=label) for label in labels]
        return self.words("or").join([self.words("comma").join(most), last]) if most else last

    def _sentence(self, condition: Condition) -> str:
        if isinstance(condition, ItemIn):
            excluded = complement(condition, self.questionnaire)
            if 0 < len(excluded) < len(condition.codes):
                return self.words("skip-if", condition=self._codes(condition.item, excluded))
        return self.words("only-if", condition=self.text_of(condition))

    def _leaf(self, leaf: ItemIn | ItemHas | InRange | Chosen) -> str:
        match leaf:
            case ItemIn():
                return self._codes(leaf.item, leaf.codes)
            case ItemHas():
                item = self.questionnaire.item(leaf.item)
                options = self.quoted(self.label(item, code) for code in leaf.has)
                return self.words("if-marked", options=options, n=self.numbers[leaf.item])
            case InRange():
                return self.words("if-range", name=leaf.item, low=leaf.range[0], high=leaf.range[1])
            case Chosen():
                low, high = leaf.chosen
                key = "if-exactly" if low == high else "if-number"
                return self.words(key, low=low, high=high, n=self.numbers[leaf.item])

    def _codes(self, name: str, codes: Iterable[int]) -> str:
        item, number = self.questionnaire.item(name), self.numbers[name]
        parts = [self.words("if-any-marked", n=number)] if item.multi and 0 in codes else []
        labelled = [code for code in codes if code != NOT_ASKED and not (item.multi and code == 0)]
        if labelled:
            options = self.quoted(self.label(item, code) for code in labelled)
            parts.append(self.words("if-chose", options=options, n=number))
        if NOT_ASKED in codes:
            parts.append(self.words("if-skipped", n=number))
        return self.words("or").join(parts)

    def _joined(self, key: str, parts: Iterable[Condition]) -> str:
        return self.words(key).join(map(self._inner, parts))

    def _inner(self, part: Condition) -> str:
        text = self.text_of(part)
        return self.words("bracket", part=text) if isinstance(part, AllOf | AnyOf | CountOf | Not) else text


def option_label(item: Item, code: int, texts: Texts) -> str:
    """Return the text of an option; of a band without a text its bounds."""
    option = next(option for option in item.options if option.code == code)
    return unpiped(texts.items[item.id].options.get(str(code)) or bounds(option))


def bounds(option: Option) -> str:
    """Return the bounds of a number or date band."""
    return "" if option.low is None or option.high is None else band_words(option.low, option.high)
