"""One question and what may be answered to it: the types of items and the bytes each takes, before any routing."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from survey.document import Document
from survey.names import Id, Slug
from survey.questionnaire.bases import Base
from survey.questionnaire.codes import MISSING, NOT_ASKED
from survey.questionnaire.conditions import Condition, ItemHas, ItemIn, Values, truth

NO_CONSENT = "no-consent"
"""The ending that is shown to who declines the consent."""
LONG_LIST = 12
"""A question of one answer with more options than this is a long list: searched, not read."""
LIST_BASES = (10, 40)
"""Where the codes of a list experiment's two arms begin: arm 0 counts from 10, arm 1 (all lines) from 40."""

Code = Annotated[int, Field(ge=0, le=253)]
MOST = 10**12
"""The farthest from zero that a bound of a band may be; the phone reads numbers of up to fifteen digits."""
Bound = Annotated[int, Field(ge=-MOST, le=MOST)]
Epsilon = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]?)(\.[0-9]{1,6})?$")]
ItemType = Literal["single", "scale", "picture", "number", "date", "list", "note", "multi", "phrase"]


class Option(Document):
    """One answer; with `end` it ends the interview with that text and nothing is sent.

    With `last` it keeps its place at the end while the options before it are shuffled; an `exclusive` option of a
    multi item stands alone. `from` and `to` are the bounds of a number or date band, both ends included: a number,
    YYYY, or YYYYMM. `arm` and `count` are of a list experiment: which list was shown, and how many of it hold.
    `for` are the answers to the item's `choice_filter` after which the option is offered; absent: after each of them.
    """

    code: Code
    end: Slug | None = None
    last: Literal[True] | None = None
    exclusive: Literal[True] | None = None
    low: Bound | None = Field(default=None, alias="from")
    high: Bound | None = Field(default=None, alias="to")
    arm: Literal[0, 1] | None = None
    count: Annotated[int, Field(ge=0)] | None = None
    only_for: Annotated[tuple[Code, ...] | None, Field(min_length=1, alias="for")] = None


class Randomise(Document):
    """Local randomised response over the item's codes and offered missing codes; `epsilon` is a decimal."""

    epsilon: Epsilon


# Decision 18.
class Item(Document):
    """One question; the members below `base` belong to some types only (docs/architecture.md, "Item types").

    `base`: what its shares are of; absent, the default of its type. `choice_filter`: the earlier item, of one
    code or multi, whose answer decides which options are offered. `specifies`: the item on whose screen this phrase is
    asked, below the one option that `ask_if` names. `checks`: what must hold of an answer and those before it; missing
    codes need not.
    """

    id: Id
    type: ItemType
    block: Slug
    forms: tuple[Slug, ...]
    options: tuple[Option, ...]
    missing: tuple[Literal[90, 98, 99], ...]
    shuffle: bool
    ask_if: Condition | None = None
    choice_filter: Id | None = None
    specifies: Id | None = None
    checks: Annotated[tuple[Condition, ...] | None, Field(min_length=1)] = None
    base: Base | None = None
    private: Literal[True] | None = None
    randomise: Randomise | None = None
    cap: int | None = None
    unit: Literal["year", "month"] | None = None
    lines: Annotated[int, Field(ge=1)] | None = None
    treatment: tuple[Annotated[int, Field(ge=1)], ...] | None = None
    count: Annotated[int, Field(ge=1)] | None = None
    words: Annotated[int, Field(ge=1)] | None = None
    length: Annotated[int, Field(ge=1)] | None = None

    @cached_property
    def codes(self) -> tuple[int, ...]:
        """The substantive codes: those of the options that do not end the interview, in order."""
        return tuple(option.code for option in self.options if option.end is None)

    @cached_property
    def exclusive(self) -> frozenset[int]:
        """The codes of a multi item that stand alone."""
        return frozenset(option.code for option in self.options if option.exclusive)

    @cached_property
    def domain(self) -> tuple[int, ...]:
        """The codes that may be answered, in the order of levels: substantive ones, then 90, 98 and 99 if offered."""
        return (*self.codes, *(code for code in MISSING if code in self.missing))

    # Decision 137.
    def offered(self, answer: object) -> tuple[Option, ...]:
        """Return the options that are offered after `answer`, a code or the codes chosen, to its `choice_filter`.

        Where no option is for that answer, as for a missing code or an item that was not asked, all of them are.
        """
        chosen = frozenset(answer if isinstance(answer, tuple) else (answer,))
        named = any(not chosen.isdisjoint(option.only_for or ()) for option in self.options)
        return tuple(o for o in self.options if o.only_for is None or not named or not chosen.isdisjoint(o.only_for))

    # Decision 143.
    @property
    def specified(self) -> int | None:
        """The option whose words it asks for, of the item that it `specifies`: the one code that its `ask_if` names."""
        codes: tuple[int, ...] = ()
        if isinstance(self.ask_if, ItemIn | ItemHas) and self.ask_if.item == self.specifies:
            codes = self.ask_if.codes if isinstance(self.ask_if, ItemIn) else self.ask_if.has
        return codes[0] if len(codes) == 1 else None

    # Decision 146.
    def broken_check(self, values: Values) -> int | None:
        """Return the place of the first check that the answer to this item breaks, given it and those before it.

        None where it breaks none, or is a missing code. An item that was not asked has 97 in `values`; a check that
        depends on one that is absent is not broken.
        """
        answer = values.get(self.id, NOT_ASKED)
        if isinstance(answer, int) and answer not in self.codes:
            return None
        return next((place for place, check in enumerate(self.checks or ()) if truth(check, values) is False), None)

    @property
    def multi(self) -> bool:
        return self.type == "multi"

    @property
    def phrase(self) -> bool:
        return self.type == "phrase"

    @property
    def note(self) -> bool:
        return self.type == "note"

    @property
    def coded(self) -> bool:
        """Whether an answer is one code: every type but multi, phrase and note."""
        return self.type not in ("multi", "phrase", "note")

    @property
    def decides(self) -> bool:
        """Whether conditions and indicators may refer to it: only to codes and statuses that are not randomised."""
        return (self.coded or self.multi) and self.randomise is None

    @property
    def long_list(self) -> bool:
        """Whether its options are looked for, and not read one by one."""
        return self.type == "single" and len(self.options) > LONG_LIST

    @property
    def slot(self) -> int:
        """The bytes reserved for one phrase: UTF-8 takes up to four per code point."""
        return 4 * (self.length or 0)

    @property
    def width(self) -> int:
        """The number of bytes of this item in the payload."""
        if self.note:
            return 0
        if self.phrase:
            return 1 + (self.count or 0) * self.slot
        return 1 + (len(self.options) + 7) // 8 if self.multi else 1


class ItemGroup(Document):
    """Neighbouring single items with the same options: rows of a grid, or the places of a ranking, first choice first.

    The items of a ranking name different options; `shuffle` draws the order of rows (of a ranking: of options).
    """

    id: Id
    kind: Literal["grid", "ranking"]
    items: Annotated[tuple[Id, ...], Field(min_length=2)]
    shuffle: bool
