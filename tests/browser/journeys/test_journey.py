"""The whole way of real answers: chosen on a phone in three languages, sealed, stored, boxed, opened."""

import base64
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from hosts.journey import Wave, open_wave
from phone.person import Person
from phone.site import PHONE, Phone, headless_shell

from survey.questionnaire.payload import SurveyResponse, encode

LOCALES = ("en", "zh-Hans", "zh-Hant")
USER = {"MODE": 1, "USE": 1}  # a current user alone with a phone: the longest way


@pytest.fixture(scope="module")
def walked():
    """Three people answer in three languages at 360 by 640, the wave is closed; yield what the host's files held."""
    pressed, pictures = {}, Path("test-output/journey")
    with open_wave() as wave, headless_shell() as browser:
        for seed, locale in enumerate(LOCALES):
            with browser.new_context(**PHONE) as context:
                phone = Phone(context, wave)
                person = Person(phone, wave, locale, seed, USER)
                pressed[locale] = person.answer_all()
                phone.page.screenshot(path=pictures / f"{locale}-ready.png")
                phone.send()
                phone.heading(phone.word("stored-title", locale))
                phone.page.screenshot(path=pictures / f"{locale}-stored.png")
                assert ([], [], []) == (phone.violations(), phone.problems, context.cookies())
        needles = [way for payload in payloads(wave, pressed) for way in spellings(canary(payload))]
        found = found_in(collection_files(wave), needles)
        wave.close()
        yield wave, pressed, [*found, *found_in(collection_files(wave), needles)]


@pytest.fixture(scope="module")
def opened(walked):
    """Return the answers in the box, with their payloads."""
    return walked[0].opened()


def payloads(wave: Wave, pressed: dict) -> list[bytes]:
    """Return what the phones seal, made from what was pressed and not from what was stored."""
    questionnaire = wave.study.questionnaire
    return [
        encode(questionnaire, SurveyResponse(locale, "self", "standard", "open", pressed[locale])) for locale in LOCALES
    ]


def test_every_answer_is_found_in_the_opened_box_exactly_as_chosen(walked, opened):
    """What three people pressed on the real study in three languages is what the opened box holds, no more, no less."""
    _, pressed, _ = walked
    opened_answers = {answers.locale: answers.answers for answers, _ in opened}
    assert {locale: {**pressed[locale]} for locale in LOCALES} == opened_answers
    assert {("self", "standard", "open")} == {(one.mode, one.form, one.stratum) for one, _ in opened}


def test_the_way_was_long_enough_to_mean_something(walked):
    """A current user with the standard form meets the questions that the method counts, about 38."""
    _, pressed, _ = walked
    assert all(36 <= len(answers) <= 40 for answers in pressed.values())


def test_no_answer_stands_anywhere_on_the_collection_host(walked):
    """
    The plaintext of the answers is in no file, database, WAL or log, in any of the spellings a leak would have.

    Neither while the wave is open nor after its close, whatever the phones handed in.
    """
    *_, found = walked
    assert [] == found


def test_the_search_for_answers_finds_them_where_they_are_planted(walked, opened, tmp_path):
    """What is searched for is what phones seal; the same search over a planted file finds it in every spelling."""
    wave, pressed, _ = walked
    needles = [canary(payload) for payload in payloads(wave, pressed)]
    assert sorted(needles) == sorted(canary(payload) for _, payload in opened)
    for number, spelling in enumerate(spellings(needles[0])):
        planted = tmp_path / str(number)
        planted.write_bytes(b"before " + spelling + b" after")
        assert [planted] == found_in([planted], spellings(needles[0]))
    for shift in range(3):
        planted = tmp_path / f"base64-{shift}"
        planted.write_bytes(base64.b64encode(bytes(shift) + needles[0] + b"tail"))
        assert [planted] == found_in([planted], spellings(needles[0]))


def canary(payload: bytes) -> bytes:
    """Return a stretch of a payload that no chance repeats: 24 codes behind the header."""
    return payload[6:30]


def collection_files(wave: Wave) -> list[Path]:
    """Return every file of the demo's folder but the box, which is for the analysis host and sealed like the rest."""
    return [path for path in wave.collection.rglob("*") if path.is_file()]


def spellings(needle: bytes) -> list[bytes]:
    """Return the ways in which bytes turn up in files: raw, UTF-16, hex, URL-encoded, base64 at its three offsets."""
    text = "".join(map(chr, needle))
    return [
        needle,
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        needle.hex().encode(),
        needle.hex().upper().encode(),
        quote_from_bytes(needle).encode(),
        "".join(f"%{byte:02x}" for byte in needle).encode(),
        b",".join(str(byte).encode() for byte in needle),
        *(
            _inner_base64(needle, shift, variant)
            for shift in range(3)
            for variant in (base64.b64encode, base64.urlsafe_b64encode)
        ),
    ]


def _inner_base64(needle: bytes, shift: int, encode) -> bytes:
    """Return the characters of base64 that depend on `needle` alone when `shift` bytes stand before it."""
    spelled = encode(bytes(shift) + needle)
    first = -(-shift * 8 // 6)
    last = (shift + len(needle)) * 8 // 6
    return spelled[first:last]


def found_in(files: list[Path], needles: list[bytes]) -> list[Path]:
    """Return the files that hold any of the needles."""
    return [path for path in files if any(needle in path.read_bytes() for needle in needles)]
