"""Withdrawal codes: the same words as the phone's, the same secret from them, and clear faults; shared vectors."""

import hashlib

import pytest
from paths import vectors

from crypto.envelope import study_id
from crypto.tokens import owner_hash
from crypto.withdrawal import Withdrawal, WithdrawalError, owner_secret, withdrawn_row_key
from crypto.word_codes import LISTS, CodeWordsError, read_words, words, write_words

VECTORS = vectors("withdrawal")


@pytest.mark.parametrize("locale", LISTS)
def test_the_lists_are_those_of_the_phone(locale):
    """Each list has 2048 different words and the hash that the phone's list has, too."""
    assert 2048 == len(set(words(locale)))
    assert VECTORS["lists"][locale] == hashlib.sha256("\n".join(words(locale)).encode()).hexdigest()


def test_a_language_without_a_list_reads_english():
    """Uyghur has no list of its own: its codes are spelt in English."""
    assert words("en") == words("ug")


@pytest.mark.parametrize("one", VECTORS["codes"])
def test_a_code_gives_the_written_secret(one):
    """Words in every language give the places, these w, t, tag and the body; the body gives the tag back."""
    places, study, key = tuple(one["places"]), study_id(one["slug"]), bytes.fromhex(one["key_id"])
    for locale, typed in one["words"].items():
        assert typed == write_words(places, locale)
        assert places == read_words(typed)
    w = owner_secret(places, study, key)
    assert (one["w"], one["t"], one["row_key"]) == (w.hex(), owner_hash(w).hex(), withdrawn_row_key(w).hex())
    sent = Withdrawal.from_bytes(bytes.fromhex(one["body"]))
    assert (one["row_key"], one["body"]) == (sent.row_key.hex(), sent.to_bytes().hex())


@pytest.mark.parametrize("one", VECTORS["typed"])
def test_what_people_type_is_understood(one):
    """Capitals, commas, no spaces between characters and two lists in one code are read."""
    assert tuple(one["places"]) == read_words(one["typed"])


@pytest.mark.parametrize("one", VECTORS["bad"])
def test_what_is_no_code_is_told_apart(one):
    """Too few or too many words are counted; a word of no list is named with its neighbours, and never repeated."""
    with pytest.raises(CodeWordsError) as caught:
        read_words(one["typed"])
    error, fault = caught.value, one["fault"]
    near = [words("en")[place] for place in error.near]
    assert (fault.get("count"), fault.get("unknown"), fault.get("near", [])) == (error.count, error.unknown, near)
    for word in (word for word in one["typed"].split() if not word.isdigit()):
        assert word not in str(error).split()


def test_secrets_differ_by_study_and_wave():
    """One code gives other secrets for another study or key, so that it withdraws in one place only."""
    places = tuple(VECTORS["codes"][1]["places"])
    study, key = bytes(16), bytes(8)
    secrets_seen = {owner_secret(places, *where) for where in ((study, key), (b"1" * 16, key), (study, b"1" * 8))}
    assert 3 == len(secrets_seen)


@pytest.mark.parametrize(
    ("places", "study", "key"),
    [
        ((0,) * 7, bytes(16), bytes(8)),
        ((0,) * 7 + (2048,), bytes(16), bytes(8)),
        ((0,) * 7 + (-1,), bytes(16), bytes(8)),
        ((0,) * 8, bytes(15), bytes(8)),
        ((0,) * 8, bytes(16), bytes(9)),
    ],
)
def test_parts_of_another_size_are_refused(places, study, key):
    """A code of other places, and a study or key id of another size, derive nothing."""
    with pytest.raises(WithdrawalError):
        owner_secret(places, study, key)


@pytest.mark.parametrize("body", VECTORS["bad_bodies"])
def test_other_bodies_are_refused(body):
    """Any other length or version is no withdrawal."""
    with pytest.raises(WithdrawalError):
        Withdrawal.from_bytes(bytes.fromhex(body))


def test_a_printed_withdrawal_hides_its_secret():
    """The representation shows the wave and not what withdraws."""
    assert "aa" not in repr(Withdrawal(bytes(8), b"\xaa" * 32)).lower()
