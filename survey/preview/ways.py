"""The way to an item: answers that a person can give to all that is asked before it, as the phone's page takes them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from survey.questionnaire.codes import NOT_ASKED
from survey.questionnaire.conditions import Answer
from survey.questionnaire.items import Item, ItemGroup
from survey.questionnaire.questionnaire import Questionnaire, Texts, form_of, is_asked
from survey.questionnaire.rules.reachability import Reachability


@dataclass(frozen=True, slots=True)
class Step:
    """What is done on one screen: codes to press, or what is typed or chosen from lists; then Next, where `next`.

    `title` and `row` are the words by which the screen is known, as rows of a grid and questions of a pair come in an
    order that the phone draws. `any`: whichever option is there first, as the phone draws which list is shown.
    """

    item: str
    title: str
    row: str | None
    press: tuple[int, ...] = ()
    type: tuple[str, ...] = ()
    pick: tuple[str, ...] = ()
    next: bool = False
    any: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """The steps up to an item, whose screen has `title` and `row`; `found`: whether answers lead to it.

    With the item "" it is the way to the end.
    """

    item: str
    title: str
    row: str | None
    found: bool
    steps: tuple[Step, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def way_to(name: str, questionnaire: Questionnaire, texts: Texts) -> Way:
    """Return the way to an item, or with the name "" to the end."""
    target, walk = questionnaire.by_id.get(name), _Walk(questionnaire, texts)
    decided: dict[str, Answer] | None = {} if target is None else Reachability(questionnaire).way_to(target)
    title, row = walk.words(target) if target else ("", None)
    steps = () if decided is None else tuple(walk.steps(target, decided))
    return Way(name, title, row, found=decided is not None, steps=steps)


class _Walk:
    def __init__(self, questionnaire: Questionnaire, texts: Texts) -> None:
        self._questionnaire = questionnaire
        self._texts = texts
        self._groups = {name: group for group in questionnaire.groups for name in group.items}

    def words(self, item: Item) -> tuple[str, str | None]:
        """Return the heading of an item's screen, and its row where it is one of a grid."""
        # An option's phrase stands on the screen of its question.
        item = self._questionnaire.item(item.specifies or item.id)
        group, own = self._groups.get(item.id), self._texts.items[item.id].text
        if group is None:
            return own, None
        return self._texts.groups[group.id], own if group.kind == "grid" else None

    def steps(self, target: Item | None, decided: dict[str, Answer]) -> Iterator[Step]:
        """Yield the steps; what `decided` does not name gets the first answer there is."""
        given: dict[str, Answer] = {}
        for item in self._before(target):
            if is_asked(item, form_of(self._questionnaire, given), given):
                group = self._groups.get(item.id)
                answer = given[item.id] = decided.get(item.id, _first_answer(item, group, given))
                ranking = group if group and group.kind == "ranking" else None
                # One screen for all places of a ranking, pressed in their order.
                if ranking is None or item.id == ranking.items[-1]:
                    names = (item.id,) if ranking is None else ranking.items
                    yield self._step(item, answer if ranking is None else tuple(int(str(given[one])) for one in names))

    def _before(self, target: Item | None) -> list[Item]:
        """Return the items that may be asked before `target`.

        Of its grid, or its pair, all others are among them: they come in any order.
        """
        items = [*self._questionnaire.items]
        if target is None:
            return items
        group = self._groups.get(target.id)
        pair = next((pair for pair in self._questionnaire.pairs if target.id in pair), ())
        together = {target.id, *pair, *(group.items if group else ())}
        places = [place for place, item in enumerate(items) if item.id in together]
        if group is not None and group.kind == "ranking":
            return items[: places[0]]
        return [item for item in items[: places[-1] + 1] if item is not target]

    def _step(self, item: Item, answer: Answer) -> Step:
        """Return what is pressed or typed on the screen of an item; a tuple is of several answers, or of a ranking."""
        several = item.multi or isinstance(answer, tuple)
        codes = answer if isinstance(answer, tuple) else (answer,)
        specified = any(one.specifies == item.id and one.specified in codes for one in self._questionnaire.items)
        step = Step(item.id, *self.words(item), next=(several or item.note) and not specified)
        if item.note:
            return step
        if item.specifies is not None and codes[0] in item.missing:
            return replace(step, next=True)
        if item.phrase and codes[0] not in item.missing:
            return replace(step, type=tuple(map(str, codes)))
        if codes[0] in item.missing:
            return replace(step, press=(int(codes[0]),), next=item.multi)
        if item.type in {"number", "date"}:
            return _typed(step, item, codes[0])
        return replace(step, press=tuple(map(int, codes)), any=item.type == "list")


def _typed(step: Step, item: Item, code: object) -> Step:
    """Return the step with what is typed or chosen from lists for a band: its lowest number, year or month."""
    low = next(option.low for option in item.options if option.code == code) or 0
    if item.type == "number":
        return replace(step, type=(str(low),), next=True)
    fields = divmod(low, 100) if item.unit == "month" else (low,)
    return replace(step, pick=tuple(map(str, fields)), next=True)


def _first_answer(item: Item, group: ItemGroup | None, given: dict[str, Answer]) -> Answer:
    """Return an answer that the phone takes; the places of a ranking get different ones, and no phrase is typed."""
    if item.note:
        return 0
    if item.phrase:
        return item.missing[0] if item.missing else ("a",)
    if group is not None and group.kind == "ranking":
        return item.codes[group.items.index(item.id)]
    offered = {option.code for option in item.offered(given.get(item.choice_filter or "", NOT_ASKED))}
    first = next((code for code in item.codes if code in offered), None)
    if first is None:
        return item.missing[0]
    return (first,) if item.multi else first
