"""A wrong word on a card is found by its place, never corrected; k - 1 cards say nothing. share_words.py, custody."""

import itertools
import random
import string
import unicodedata
from dataclasses import replace

import pytest
from shamir_mnemonic import Share
from shamir_mnemonic.wordlist import WORDLIST

from crypto.custody import (
    SHORT_COMMITMENT_DIGITS,
    CustodyError,
    LabelledShare,
    WrongWordsError,
    card_number,
    check_share,
    combine,
    commitment,
    split,
)
from crypto.share_words import closest_words, folded, normalised, suspect_positions, unlisted_positions

SEED = bytes(range(32))
SHARES = split(SEED, 3, 5)


@pytest.mark.slow
@pytest.mark.parametrize("place", [1, 4, 17, 33])
def test_one_wrong_word_is_found_by_its_place(place):
    """Any single other word of the list: the checksum names its place and nothing else of it."""
    words = SHARES[0].split()
    words[place - 1] = next(word for word in WORDLIST if word not in words)
    assert (place,) == suspect_positions(words)
    with pytest.raises(WrongWordsError, match=f"look at word {place};") as caught:
        check_share(LabelledShare(" ".join(words), "card"))
    assert (place,) == caught.value.positions


def test_two_swapped_words_are_found():
    """Neighbours that changed places are named together."""
    words = SHARES[1].split()
    place = next(place for place in range(9, 32) if words[place] != words[place + 1])
    words[place : place + 2] = words[place + 1], words[place]
    with pytest.raises(WrongWordsError, match=f"words {place + 1} and {place + 2} may have changed places"):
        check_share(LabelledShare(" ".join(words), "card"))


def test_a_right_card_has_no_suspects_to_speak_of():
    """Control: a whole card passes and says its number."""
    assert [1, 2, 3, 4, 5] == [card_number(share) for share in SHARES]
    assert [] == unlisted_positions(SHARES[0].split())


def test_only_the_cards_own_signs_are_folded():
    """Of all of Unicode 65 signs are changed, each as NFKC and lower case have it, and none into another's place."""
    changed = {chr(code) for code in range(0x110000) if folded(chr(code)) != chr(code)}
    own = string.ascii_letters + string.digits + "-"
    full = {chr(ord(sign) + 0xFEE0) for sign in own}
    assert {*string.ascii_uppercase, *full, "\u3000"} == changed
    assert [] == [sign for sign in changed if folded(sign) != unicodedata.normalize("NFKC", sign).lower()]


def test_a_card_in_full_width_is_the_same_card():
    """Its commitment, its number and its seed are those of the card; the control in lower case too."""
    wide = [share.upper().translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}) for share in SHARES[:3]]
    assert [normalised(share) for share in wide] == SHARES[:3]
    assert [commitment(share) for share in wide] == [commitment(share) for share in SHARES[:3]]
    assert SEED == combine(wide, commitments=[commitment(share) for share in SHARES])


@pytest.mark.parametrize("sign", ["\u212a", "\u0430", "ⓐ", "\uff41\u0301", "ª", "\U0001d41a", "\u200ba"])
def test_signs_that_look_alike_make_no_word(sign):
    """Kelvin's K, Cyrillic, circled, accented, raised and mathematical letters, an unseen sign: the word is named."""
    words, letter = SHARES[0].split(), "k" if sign == "\u212a" else "a"
    # A word of the list, since the card's own are drawn and may have no such letter.
    words[6] = next(word for word in WORDLIST if letter in word).replace(letter, sign, 1)
    assert [7] == unlisted_positions(words)
    with pytest.raises(WrongWordsError, match="is word 7;"):
        check_share(LabelledShare(" ".join(words), "card"))


def test_the_digits_on_a_card_have_64_bits():
    """Those of the words and those of the ledger: fewer are found by trying."""
    assert 64 <= 4 * SHORT_COMMITMENT_DIGITS


def test_a_missing_word_is_counted():
    """32 words are told to be 32."""
    with pytest.raises(WrongWordsError, match="it has 32 words and a card has 33"):
        check_share(LabelledShare(" ".join(SHARES[0].split()[:-1]), "card"))


@pytest.mark.parametrize("quorum", list(itertools.combinations(range(5), 2)), ids=str)
def test_one_card_less_than_a_quorum_opens_nothing_even_where_it_lies(quorum):
    """Two cards of 3-of-5, and the same two rewritten to claim that two suffice, give one refusal each and no seed."""
    chosen = [SHARES[place] for place in quorum]
    with pytest.raises(CustodyError, match="2 shares were given, 3 are needed"):
        combine(chosen)
    lying = [replace(Share.from_mnemonic(share), member_threshold=2).mnemonic() for share in chosen]
    with pytest.raises(CustodyError, match="a wrong share is among") as caught:
        combine(lying)
    assert all(commitment(share) in str(caught.value) for share in lying)
    with pytest.raises(CustodyError, match="not among the ceremony's published commitments"):
        combine(lying, commitments=[commitment(share) for share in SHARES])


def test_a_third_card_that_was_made_up_opens_nothing():
    """Two real cards and 20 invented third ones of the right form: refused each time (chance of a hit 20 * 2^-32)."""
    chance = random.Random(5)
    third = Share.from_mnemonic(SHARES[2])
    for _ in range(20):
        made_up = replace(third, value=chance.randbytes(32)).mnemonic()
        with pytest.raises(CustodyError, match="a wrong share is among"):
            combine([*SHARES[:2], made_up])


def test_a_new_split_of_the_seed_never_fits_the_old_one():
    """A split made `unlike` another differs in identifier, so mixed quorums are refused as of two ceremonies."""
    new = split(SEED, 3, 5, unlike=SHARES[:1])
    assert Share.from_mnemonic(SHARES[0]).identifier != Share.from_mnemonic(new[0]).identifier
    with pytest.raises(CustodyError, match="not of one ceremony"):
        combine([*SHARES[:2], new[2]])


def test_every_quorum_is_tried_before_a_card_is_handed_out():
    """Progress is told once for each of the ten groups of three."""
    tried = []
    split(SEED, 3, 5, on_progress=tried.append)
    assert [1] * 10 == tried


def test_named_shares_show_no_word():
    """A share in messages and tracebacks has its label or its card number only."""
    named = LabelledShare(SHARES[3], "typed", [commitment(share) for share in SHARES])
    assert ("card 4", "LabelledShare(card 4)") == (str(named), repr(named))


def test_nothing_near_gives_no_suggestion():
    """A word without likeness gets none; one that begins as a word of the list gets that one first."""
    assert [] == closest_words("zzzz")
    assert "academic" == closest_words("acad")[0]
