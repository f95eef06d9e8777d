"""
The dialogue with custodians: what it takes, what it asks again, what it never shows.

analysis/custody/custodian_prompt.py.
"""

import difflib

import pytest
from studies import small_study as small

from analysis.budget.entries import HeadNotRecognisedError
from analysis.custody.cards import short
from analysis.custody.ceremony import CeremonyRequest, hold_ceremony
from analysis.custody.custodian_prompt import CustodianPrompt, ask_ledger_head
from analysis.custody.custody_record import card_record
from analysis.custody.share_files import read_share
from crypto.custody import CustodyError
from crypto.share_words import WORDS, closest_words
from survey.wording.catalogues import load_wordings

SAID = load_wordings("cards")["en"]
CHAIN = tuple(letter * 64 for letter in "abc")


class Played:
    """A screen on which answers were laid ready; `shown` is what it said and asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.shown: list[str] = []
        self.hid = 0

    def say(self, text: str) -> None:
        self.shown.append(text)

    def clear(self) -> None:
        self.shown.append("(cleared)")

    def ask(self, text: str) -> str:
        self.shown.append(text)
        return self.answers.pop(0)

    def hidden(self, text: str) -> str:
        self.hid += 1
        return self.ask(text)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("asking"), number=5)


@pytest.fixture(scope="module")
def cards(world):
    return [read_share(path) for path in world.ceremony.shares]


@pytest.fixture(scope="module")
def later(world, tmp_path_factory):
    """The cards of wave 2 of the same study."""
    wishes = CeremonyRequest(2, 2, 3, tmp_path_factory.mktemp("later") / "shares")
    return [read_share(path) for path in hold_ceremony(world.folder, small.QUESTIONNAIRE, small.TEXTS, wishes).shares]


def ask(world, *answers: str, chain=()) -> tuple[list[str], Played]:
    screen = Played(*answers)
    typed_cards = CustodianPrompt(screen, SAID, card_record(world.folder, world.manifest), chain).quorum()
    assert [] == screen.answers
    return typed_cards, screen


def full_width(text: str) -> str:
    """Return letters, digits and hyphens in full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if sign != " " else sign for sign in text)


def typo(word: str) -> str:
    """Return `word` with a letter lost, such that it is on no list."""
    return word[:-1] + "q"


def test_two_cards_are_taken_one_after_another(world, cards):
    """The words come back as typed; the screen is cleared before each custodian and at the end."""
    typed_cards, screen = ask(world, "1", cards[0], "", "3", cards[2].upper(), "")
    assert [cards[0], cards[2]] == typed_cards
    assert 3 == screen.shown.count("(cleared)")
    assert "(cleared)" == screen.shown[-1]
    assert 2 == screen.hid


def test_what_custodians_have_to_know_stands_before_the_first_question_to_each(world, cards):
    """A notice is said to every custodian, on a clear screen, before anything is asked."""
    screen = Played("1", cards[0], "", "3", cards[2], "")
    CustodianPrompt(screen, SAID, card_record(world.folder, world.manifest), notice="other machines").quorum()
    starts = [index for index, line in enumerate(screen.shown[:-1]) if line == "(cleared)"]
    assert 2 == len(starts)
    assert ["other machines"] * 2 == [screen.shown[index + 1] for index in starts]


def test_words_are_taken_one_by_one_and_taken_back(world, cards):
    """33 single words with one slip, which `-` takes back, are the card."""
    first, second, *rest = cards[0].split()
    typed_cards, _ = ask(world, "1", first, first, "-", second, *rest, "", "2", cards[1], "")
    assert cards[:2] == typed_cards


def test_a_misspelt_word_is_named_by_its_place_with_the_nearest_of_the_list(world, cards):
    """Word 3 misspelt: its number and the word that is meant are shown, no other word; the words before it stay."""
    words = cards[0].split()
    slip = [*words[:2], typo(words[2]), *words[3:]]
    typed_cards, screen = ask(world, "1", " ".join(slip), " ".join(words[2:]), "", "2", cards[1], "")
    assert cards[:2] == typed_cards
    (message,) = [line for line in screen.shown if "not on the list" in line]
    assert message.startswith("Word 3 is not on the list of words.")
    assert words[2] in message
    assert set(message.split("Nearest: ")[1].split(". Type")[0].split(", ")) == set(closest_words(typo(words[2])))


def test_a_wrong_word_of_the_list_is_asked_for_again_by_its_place(world, cards):
    """The checksum finds the place; that one word is asked again, and nobody is told which it should be."""
    words = cards[0].split()
    other = "academic" if words[16] != "academic" else "acid"
    wrong = [*words[:16], other, *words[17:]]
    typed_cards, screen = ask(world, "1", " ".join(wrong), words[16], "", "2", cards[1], "")
    assert cards[:2] == typed_cards
    (message,) = [line for line in screen.shown if "do not fit" in line]
    assert "word 17 is wrong" in message


@pytest.mark.slow
def test_two_wrong_words_ask_for_the_whole_card(world, cards):
    """Two errors have no one place: the card is typed again."""
    words = cards[0].split()
    wrong = ["academic" if place in {5, 25} else word for place, word in enumerate(words)]
    _, screen = ask(world, "1", " ".join(wrong), cards[0], "", "2", cards[1], "")
    assert any("more than one is wrong" in line for line in screen.shown)


def test_too_many_words_are_not_taken(world, cards):
    """A line that would make more than 33 words changes nothing."""
    typed_cards, _ = ask(world, "1", f"{cards[0]} academic", cards[0], "", "2", cards[1], "")
    assert cards[:2] == typed_cards


def test_another_card_of_the_split_is_named(world, cards):
    """Card 2 typed as card 1 is told; a number out of range or given already is asked again."""
    _, screen = ask(world, "4", "0", "one", "1", cards[1], cards[0], "", "1", "2", cards[1], "")
    assert "This is card 2, not card 1." in screen.shown
    assert 4 == screen.shown.count(SAID("ask-no-number", custodians=3))


def test_a_card_of_another_wave_or_ceremony_is_named(world, cards, later, tmp_path):
    """Wave 2's card 2 is called that; a card of another folder is called one of another ceremony."""
    other = small.build(tmp_path, number=5)
    foreign = read_share(other.ceremony.shares[2])
    _, screen = ask(world, "1", later[1], foreign, cards[0], "", "2", cards[1], "")
    assert any("is card 2 of wave 2:" in line for line in screen.shown)
    assert any("is card 3 of another ceremony" in line for line in screen.shown)


def test_too_few_cards_open_nothing_and_clear_the_screen(world, cards):
    """Enter for no more cards ends with how many were given and are needed."""
    screen = Played("1", cards[0], "", "")
    with pytest.raises(CustodyError, match="1 cards were given, 2 are needed"):
        CustodianPrompt(screen, SAID, card_record(world.folder, world.manifest)).quorum()
    assert "(cleared)" == screen.shown[-1]


def test_no_word_but_a_suggested_one_is_ever_shown(world, cards):
    """After a dialogue full of slips no run of three words of any card stands on the screen."""
    words = cards[0].split()
    slip = [*words[:2], typo(words[2])]
    _, screen = ask(world, "1", " ".join(slip), " ".join(words[2:]), "", "2", cards[0], cards[1], "")
    shown = " ".join(screen.shown)
    for card in cards:
        parts = card.split()
        assert not any(" ".join(parts[start : start + 3]) in shown for start in range(WORDS - 2))


@pytest.mark.parametrize(
    "typed", ["c" * 16, "CCCC CCCC CCCC CCCC", "c" * 64], ids=["sixteen digits", "as on the card", "the whole head"]
)
def test_the_head_that_was_noted_is_recognised(typed):
    """Sixteen digits or more of the ledger's head, in any spacing, are it."""
    screen = Played(typed)
    ask_ledger_head(screen, SAID, CHAIN)
    assert [SAID("head-noted")] == screen.shown


def test_a_card_and_its_digits_are_taken_in_full_width(world, cards):
    """What a Chinese input method types where nobody sees it is the card: words, number, digits, `-` and `y`."""
    noted = full_width(CHAIN[0][:16])
    typed = (
        full_width("1"),
        noted,
        full_width("y"),
        full_width("acid"),
        full_width("-"),
        full_width(cards[0].upper()),
        "",
    )
    typed_cards, _ = ask(
        world,
        *typed,
        full_width("3"),
        noted,
        full_width("Y"),
        full_width(cards[2]).replace(" ", "\u3000"),
        "",
        chain=CHAIN,
    )
    assert [cards[0], cards[2]] == typed_cards


@pytest.mark.parametrize("number", ["\u0661", "①", "\u00b9", "\u2160", "1.0"])
def test_a_number_in_other_signs_is_asked_for_again(world, cards, number):
    """Digits of other scripts, in circles, raised or Roman are no number of a card."""
    _, screen = ask(world, number, "1", cards[0], "", "2", cards[1], "")
    assert 1 == screen.shown.count(SAID("ask-no-number", custodians=3))


def test_digits_that_are_asked_for_are_not_on_the_screen():
    """After two slips and a refusal nothing shown or raised has them; control: the first head of all is shown."""
    screen = Played("d" * 16, "cccc", "zebra")
    with pytest.raises(HeadNotRecognisedError) as refused:
        ask_ledger_head(screen, SAID, CHAIN)
    assert [] == [text for text in (*screen.shown, str(refused.value)) if "cccc" in text]
    first = Played("y")
    ask_ledger_head(first, SAID, CHAIN[:1])
    assert f"Head of the ledger: {short(CHAIN[0])}" == first.shown[0]


@pytest.mark.parametrize("typed", ["d" * 16, "c" * 15, "", "y", "zebra"])
def test_a_head_that_the_ledger_never_had_stops_everything(typed):
    """Other digits, too few of them, none, or a y where something was opened before: HeadNotRecognisedError."""
    with pytest.raises(HeadNotRecognisedError):
        ask_ledger_head(Played(typed, typed, typed), SAID, CHAIN)


def test_a_slip_in_the_digits_costs_nobody_their_words(world, cards):
    """Wrong digits are asked for again, twice; the cards that others have typed by then are kept."""
    typed_cards, screen = ask(
        world, "1", "c" * 16, cards[0], "", "2", "c" * 15 + "d", "c" * 15, "c" * 16, cards[1], "", chain=CHAIN
    )
    assert cards[:2] == typed_cards
    assert 2 == screen.shown.count(SAID("head-unknown"))


def test_an_older_head_is_told_and_decided_by_the_custodian():
    """Who noted the first of three heads is told of two openings, and goes on with y alone."""
    screen = Played("a" * 16, "Y")
    ask_ledger_head(screen, SAID, CHAIN)
    assert "2 openings" in screen.shown[-1]
    with pytest.raises(HeadNotRecognisedError, match="stopped"):
        ask_ledger_head(Played("b" * 16, "n"), SAID, CHAIN)


def test_at_the_first_opening_a_yes_is_enough():
    """Nothing was opened before: the digits are those printed on the card, and y says so."""
    ask_ledger_head(Played("y"), SAID, CHAIN[:1])
    ask_ledger_head(Played("aaaa aaaa aaaa aaaa"), SAID, CHAIN[:1])
    with pytest.raises(HeadNotRecognisedError):
        ask_ledger_head(Played(*["b" * 16] * 3), SAID, CHAIN[:1])


def test_heads_are_asked_of_every_custodian(world, cards):
    """Each of two custodians types the digits; the second's other ones stop the release before the words."""
    ask(world, "1", "c" * 16, cards[0], "", "2", "c" * 16, cards[1], "", chain=CHAIN)
    with pytest.raises(HeadNotRecognisedError):
        ask(world, "1", "c" * 16, cards[0], "", "2", *["d" * 16] * 3, chain=CHAIN)


@pytest.mark.parametrize(("typed", "meant"), [("academik", "academic"), ("surprize", "surprise"), ("yeild", "yield")])
def test_the_nearest_words_are_of_the_list(typed, meant):
    """Common slips find the word that was meant first; letters without sense find nothing."""
    assert meant == closest_words(typed)[0]
    assert [] == closest_words("xqxqxq")
    assert difflib.SequenceMatcher(None, typed, meant).ratio() >= 0.6
