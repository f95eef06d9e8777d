"""A quorum at the keyboard: one custodian after another recognises the ledger's head, then types the card unseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis.budget.entries import HEAD_DIGITS, HeadNotRecognisedError
from analysis.custody.cards import grouped, short
from analysis.custody.custody_record import CardRecord
from crypto import custody
from crypto.custody import CustodyError, WrongWordsError
from crypto.share_words import WORDS, closest_words, folded, unlisted_positions
from survey.wording.catalogues import Wording

BACK, YES = "-", "y"
HEAD_TRIES = 3
"""How often a custodian may type the ledger's digits: others have typed 33 words by then."""


class Screen(Protocol):
    """What is needed of a terminal (analysis.custody.terminal)."""

    def say(self, text: str) -> None: ...
    def clear(self) -> None: ...
    def ask(self, text: str) -> str: ...
    def hidden(self, text: str) -> str: ...


@dataclass(frozen=True)
class CustodianPrompt:
    """Who asks, in whose language, for the cards of which wave; `chain` is the ledger's, () where no head is shown.

    `notice`: what each custodian reads before anything is asked, "" where there is nothing to say.
    """

    screen: Screen
    wording: Wording
    record: CardRecord
    chain: tuple[str, ...] = ()
    notice: str = ""

    def quorum(self) -> list[str]:
        """Return the words of as many cards as open the wave."""
        return self.cards(self.record.custody.threshold)

    def cards(self, needed: int) -> list[str]:
        """
        Return the words of `needed` cards, the screen cleared between any two custodians and at the end.

        Raises CustodyError where fewer are given, HeadNotRecognisedError where a custodian does not know the ledger's
        head.
        """
        words_by_card: dict[int, str] = {}
        try:
            while len(words_by_card) < needed:
                self._call_next(len(words_by_card), needed)
                number = self._number(words_by_card)
                if number is None:
                    raise CustodyError(
                        f"{len(words_by_card)} cards were given, {needed} are needed (nothing was opened)"
                    )
                if self.chain:
                    ask_ledger_head(self.screen, self.wording, self.chain)
                words_by_card[number] = self._card(number)
                self._confirm_card(number, words_by_card[number])
        finally:
            self.screen.clear()
        return list(words_by_card.values())

    def _call_next(self, given: int, needed: int) -> None:
        self.screen.clear()
        if self.notice:
            self.screen.say(self.notice)
        self.screen.say(self.wording("ask-next", given=given, needed=needed))

    def _number(self, words_by_card: dict[int, str]) -> int | None:
        while True:
            typed = folded(self.screen.ask(self.wording("ask-number")))
            if not typed:
                return None
            if (
                typed.isascii()
                and typed.isdecimal()
                and 1 <= int(typed) <= self.record.custody.custodians
                and int(typed) not in words_by_card
            ):
                return int(typed)
            self.screen.say(self.wording("ask-no-number", custodians=self.record.custody.custodians))

    def _card(self, number: int) -> str:
        """Ask for one card until its words are right; a wrong one is asked for again by its place."""
        self.screen.say(self.wording("ask-how", number=number))
        words = self._words()
        while True:
            try:
                card_number = self.record.card(
                    " ".join(words), self.wording("title", number=number, custodians=self._of)
                )
            except WrongWordsError as error:
                words = self._mended(words, error.positions)
                continue
            except CustodyError as error:
                self.screen.say(str(error))
            else:
                if card_number == number:
                    return " ".join(words)
                self.screen.say(self.wording("ask-other-card", found=card_number, number=number))
            words = self._words()

    @property
    def _of(self) -> int:
        return self.record.custody.custodians

    def _words(self) -> list[str]:
        words: list[str] = []
        while len(words) < WORDS:
            typed = self._typed(len(words) + 1)
            if typed == [BACK]:
                del words[-1:]
            elif len(words) + len(typed) > WORDS:
                self.screen.say(self.wording("ask-many", words=WORDS))
            else:
                words += typed[: self._listed_words(typed, len(words) + 1)]
        return words

    def _listed_words(self, typed: Sequence[str], start: int) -> int:
        """Return how many of the words `typed` can be taken: up to the first that is on no list, which is reported."""
        strange = unlisted_positions(typed)
        if not strange:
            return len(typed)
        count = strange[0] - 1
        near = ", ".join(closest_words(typed[count])) or self.wording("ask-nothing-near")
        self.screen.say(self.wording("ask-unknown", place=start + count, nearest=near))
        return count

    def _typed(self, position: int) -> list[str]:
        return folded(self.screen.hidden(self.wording("ask-word", place=position, words=WORDS))).split()

    def _mended(self, words: list[str], places: Sequence[int]) -> list[str]:
        if len(places) != 1:
            self.screen.say(self.wording("ask-wrong-many"))
            return self._words()
        self.screen.say(self.wording("ask-wrong-one", place=places[0]))
        typed = self._typed(places[0])
        while len(typed) != 1 or not self._listed_words(typed, places[0]):
            typed = self._typed(places[0])
        return [*words[: places[0] - 1], *typed, *words[places[0] :]]

    def _confirm_card(self, number: int, words: str) -> None:
        check = grouped(custody.commitment(words)[: custody.SHORT_COMMITMENT_DIGITS])
        self.screen.say(self.wording("ask-taken", number=number, check=check))
        self.screen.ask(self.wording("ask-enter"))


# Decision 58.
def ask_ledger_head(screen: Screen, wording: Wording, chain: Sequence[str]) -> None:
    """
    Have a custodian type the digits of the ledger's head from the card; only the first head of all is shown.

    Whoever sees the digits that are asked for copies them from the screen, and a rewound ledger goes unseen.

    Raises HeadNotRecognisedError for other digits. Any head of the chain is one that a custodian may have noted last:
    whoever was absent since is told so and decides.
    More than half come together each time, so among any two quorums is one who saw the newest head.
    """
    if len(chain) == 1:
        screen.say(wording("head-now", head=short(chain[-1])))
    missed = len(chain) - 1 - _noted(screen, wording, chain)
    if missed and folded(screen.ask(wording("head-older", number=missed))) != YES:
        raise HeadNotRecognisedError(
            "a custodian stopped: openings were made since the digits noted (nothing was opened)"
        )


def _noted(screen: Screen, wording: Wording, chain: Sequence[str]) -> int:
    """Return which head of the chain a custodian noted; slips of the finger are asked for again, HEAD_TRIES in all."""
    first = len(chain) == 1
    for tries in range(HEAD_TRIES):
        if tries:
            screen.say(wording("head-unknown"))
        typed = "".join(folded(screen.ask(wording("head-first" if first else "head-noted"))).split())
        if first and typed == YES:
            return 0
        matches = [index for index, head in enumerate(chain) if len(typed) >= HEAD_DIGITS and head.startswith(typed)]
        if matches:
            return matches[-1]
    raise HeadNotRecognisedError(
        "a custodian noted digits that the ledger never had: compare the card with `sotto ledger show`; if an older "
        "copy was put back, restore the newest ledger and anchor (nothing was opened)"
    )
