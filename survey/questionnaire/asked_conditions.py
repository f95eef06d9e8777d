"""Who is asked a question: its forms and its `ask_if` as one condition, and the parts that all must hold."""

from collections.abc import Iterator

from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import AllOf, AnyOf, Condition, ItemIn, Not
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire


def asked_condition(item: Item, questionnaire: Questionnaire) -> Condition | None:
    """Return the condition of `item`, from its forms and its `ask_if` together; None where everyone is asked."""
    parts = [_of_forms(item, questionnaire), item.ask_if]
    present = tuple(part for part in parts if part is not None)
    return AllOf(all=present) if len(present) > 1 else present[0] if present else None


def conjuncts(condition: Condition, questionnaire: Questionnaire) -> Iterator[Condition]:
    """Yield the conjuncts of `condition` in negation normal form (negations moved inwards)."""
    plain = _positive(condition, questionnaire)
    if isinstance(plain, AllOf):
        for part in plain.all:
            yield from conjuncts(part, questionnaire)
    else:
        yield plain


def possible(item: Item, questionnaire: Questionnaire) -> tuple[int, ...]:
    """Return every code or status of an item that a condition can test; of a multi item 0 is "options chosen"."""
    own = (0, *(code for code in item.domain if code in item.missing)) if item.multi else item.domain
    return own if asked_condition(item, questionnaire) is None else (*own, NOT_ASKED)


def complement(leaf: ItemIn, questionnaire: Questionnaire) -> tuple[int, ...]:
    """Return the codes and statuses of the leaf's item that it does not name."""
    every = possible(questionnaire.item(leaf.item), questionnaire)
    return tuple(code for code in every if code not in leaf.codes)


def _of_forms(item: Item, questionnaire: Questionnaire) -> Condition | None:
    if {*item.forms} >= {form.id for form in questionnaire.forms}:
        return None
    parts = tuple(_of_form(index, questionnaire) for index, f in enumerate(questionnaire.forms) if f.id in item.forms)
    return parts[0] if len(parts) == 1 else AnyOf(any=parts)


def _of_form(index: int, questionnaire: Questionnaire) -> Condition:
    """Return the condition that the form at `index` applies: its `when` holds and that of no earlier form."""
    before = tuple(Not(**{"not": form.when}) for form in questionnaire.forms[:index] if form.when is not None)
    own = questionnaire.forms[index].when
    parts: tuple[Condition, ...] = before if own is None else (*before, own)
    return parts[0] if len(parts) == 1 else AllOf(all=parts)


def _positive(condition: Condition, questionnaire: Questionnaire) -> Condition:
    if not isinstance(condition, Not):
        return condition
    inner = condition.negated
    match inner:
        case Not():
            return _positive(inner.negated, questionnaire)
        case AllOf():
            return AnyOf(any=tuple(_negated(part, questionnaire) for part in inner.all))
        case AnyOf():
            return AllOf(all=tuple(_negated(part, questionnaire) for part in inner.any))
        case ItemIn() if others := complement(inner, questionnaire):
            return ItemIn(item=inner.item, **{"in": others})
        case _:
            return condition


def _negated(condition: Condition, questionnaire: Questionnaire) -> Condition:
    return _positive(Not(**{"not": condition}), questionnaire)
