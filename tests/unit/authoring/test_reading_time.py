"""How long a study takes: counted from its texts, along the longest way, at published rates."""

import math
import re
from itertools import product

import pytest
from paths import STUDIES, VECTORS
from studies.places import places
from studies.small_study import ENGLISH
from studies.small_study import QUESTIONNAIRE as SMALL
from studies.tools import tools

from crypto.canonical import canonical
from survey.authoring.compiler import compile_with_media
from survey.authoring.reading_time import ReadingTime, promise_faults, reading_times, with_minutes
from survey.faults import AuthoringError
from survey.questionnaire.questionnaire import Questionnaire, form_of, is_asked
from survey.questionnaire.rules.reachability import Reachability

SESAME = STUDIES / "sesame_credit" / "questionnaire.yaml"
STUDY = """
study: tiny
version: "1"
title: {en: "Tea", zh-Hans: "茶"}
locales: {en: {name: English, dir: ltr}, zh-Hans: {name: 简体中文, dir: ltr}}
mode: open
sealing: phone
strata: [open]
facts: {mainland_fieldwork: false}
consent:
  paragraphs: [{text: {en: "PARAGRAPH", zh-Hans: "段落"}}]
  question: {en: "Do you agree?", zh-Hans: "同意吗？"}
  agree: {en: "Yes", zh-Hans: "同意"}
  decline: {en: "No", zh-Hans: "不"}
endings: {no-consent: "."}
thanks: [{text: "."}]
debrief: "."
missing: {99: {en: "Won't say", zh-Hans: "不想回答"}}
forms: FORMS
items:
  - {id: HOW, type: single, block: a, missing: [], text: {en: "How?", zh-Hans: "怎么答？"}, options: [{code: 1, text: "1"}, {code: 2, text: "2"}]}
  - {id: MANY, type: multi, block: a, missing: [99], cap: 2, ask_if: {item: HOW, in: [2]}, text: {en: "Which ones?", zh-Hans: "哪些？"}, hint: {en: "Take two.", zh-Hans: "选两个。"}, options: [{code: 1, text: "1"}, {code: 2, text: "2"}]}
  - {id: AGE, type: number, block: a, missing: [99], text: {en: "How old are you?", zh-Hans: "您多大？"}, bands: [{code: 1, from: 0, to: 9}, {code: 2, from: 10, to: 99}]}
"""  # noqa: E501 - YAML as people write it
ONE = "[{id: all}]"
TWO = "[{id: short-one, when: {item: HOW, in: [1]}}, {id: long}]"


def compiled(folder, paragraph="Hello, you.", forms=ONE, more=""):
    path = folder / "questionnaire.yaml"
    path.write_text(STUDY.replace("FORMS", forms).replace("PARAGRAPH", paragraph) + more, encoding="utf-8")
    return compile_with_media(path)


def test_words_and_characters_answers_and_presses_of_the_longest_way_are_counted(tmp_path):
    """By hand: the consent, each question with its hint and answers, the screen before Send; bands are not read."""
    whole = compiled(tmp_path)
    english, chinese = whole.times
    ready = ("ready-title", "ready-kept", "ready-sealed", "ready-final", "send")
    words = sum(len(whole.texts["en"].interface[key].split()) for key in ready)
    # Hello you | Do you agree | Yes | No | How 1 2 | Which ones Take two 1 2 Won't say | How old are you Won't say
    assert ("words", 2 + 3 + 1 + 1 + 3 + 8 + 6 + words) == (english.unit, english.amount)
    # Two presses for each of several options and for a typed number, one for all else.
    assert (5, 7) == (english.screens, english.presses) == (chinese.screens, chinese.presses)
    pause = (5 * 5 + 2 * 1.3) / 60
    assert english.fluent == pytest.approx(english.amount / 228 + pause)
    assert english.slow == pytest.approx(english.amount / 105 + pause)
    characters = sum(one.isalnum() for key in ready for one in whole.texts["zh-Hans"].interface[key])
    assert ("characters", 2 + 3 + 2 + 1 + 5 + 11 + 7 + characters) == (chinese.unit, chinese.amount)
    assert chinese.fluent == pytest.approx(chinese.amount / 255 + pause)


RANKING = """
  - {id: BEST, type: ranking, block: a, missing: [99], top: 3, text: "Which?", options: [{code: 1, text: "1"}, {code: 2, text: "2"}, {code: 3, text: "3"}, {code: 4, text: "4"}]}
"""  # noqa: E501 - YAML as people write it
MONTH = """
  - {id: SINCE, type: date, unit: month, block: a, missing: [99], text: "Since when?", bands: [{code: 1, from: 202001, to: 202012}, {code: 2, from: 202101, to: 202112}]}
"""  # noqa: E501 - as above
YEAR = MONTH.replace("month", "year").replace("01,", ",").replace("12}", "}")


@pytest.mark.parametrize(("item", "presses"), [(RANKING, 4), (MONTH, 3), (YEAR, 2)], ids=["ranking", "month", "year"])
def test_each_place_of_a_ranking_and_both_lists_of_a_month_are_pressed(tmp_path, item, presses):
    """On the phone each place takes a press, and so do year and month; Next comes after them."""
    without = compiled(tmp_path).times[0]
    with_it = compiled(tmp_path, more=item).times[0]
    assert (1, presses) == (with_it.screens - without.screens, with_it.presses - without.presses)


def test_the_longest_way_is_one_that_somebody_can_go():
    """Of the Sesame study no way asks current users and former ones alike; every possible answer is tried here."""
    whole = compile_with_media(SESAME)
    asked = whole.questionnaire
    deciding = [item for item in asked.items if item.id in {"MODE", "USE", "CONSENT2"}]
    ways: dict[str, int] = {}
    for codes in product(*(item.domain for item in deciding)):
        values = dict(zip((item.id for item in deciding), codes, strict=True))
        form = form_of(asked, values)
        number = sum(is_asked(item, form, values) for item in asked.items)
        ways[form] = max(ways.get(form, 0), number)
    assert {form: number + 2 for form, number in ways.items()} == {time.form: time.screens for time in whole.times}
    assert ways["standard"] < sum("standard" in item.forms for item in asked.items)


def test_the_short_form_of_the_shipped_study_fits_ten_minutes_of_a_slow_reader():
    """It is the first answer to the first question, in every language; the long one says there how long it takes."""
    whole = compile_with_media(SESAME)
    assert {True} == {time.slow <= 10 for time in whole.times if time.form == "short"}
    assert {False} == {time.slow <= 10 for time in whole.times if time.form == "standard"}
    first = whole.questionnaire.items[0]
    assert "short" == form_of(whole.questionnaire, {first.id: first.options[0].code})
    for locale, texts in whole.texts.items():
        minutes = {time.form: time.minutes for time in whole.times if time.locale == locale}
        short, standard = (texts.items[first.id].options[str(option.code)] for option in first.options[:2])
        assert minutes["short"] in short
        assert minutes["standard"] in standard


def test_a_study_of_too_many_ways_counts_every_question():
    """Where the ways cannot be gone through, the time is that of all questions of a form: no less than anybody's."""
    document = SMALL.to_json()
    many = [SMALL.item("MANY").to_json() | {"id": f"MANY{number}"} for number in range(5)]
    last = document["items"].pop()
    document["items"] += [*many, last | {"ask_if": {"all": [{"item": one["id"], "has": [1]} for one in many]}}]
    whole = Questionnaire.from_bytes(canonical(document))
    texts = ENGLISH.model_copy(update={"items": ENGLISH.items | {one["id"]: ENGLISH.items["MANY"] for one in many}})
    assert [] == Reachability(whole).ways()
    screens = {time.form: time.screens for time in reading_times(whole, {"en": texts})}
    assert {form: sum(form in item.forms for item in whole.items) + 2 for form in screens} == screens


@pytest.mark.parametrize(
    ("paragraph", "forms", "filled"),
    [
        ("It takes {MINUTES} minutes.", ONE, "It takes {0} minutes."),
        ("{MINUTES_ALL} minutes.", ONE, "{0} minutes."),
        ("{MINUTES_SHORT_ONE} or {MINUTES_LONG}", TWO, "{0} or {1}"),
    ],
)
def test_the_minutes_of_a_consent_are_filled_in(tmp_path, paragraph, forms, filled):
    """Those of a form, fluent to slow and rounded up; the only form needs no name."""
    whole = compiled(tmp_path, paragraph, forms)
    times = [time for time in whole.times if time.locale == "en"]
    minutes = [f"{math.ceil(time.fluent)}-{math.ceil(time.slow)}" for time in times]
    minutes = [each if each.split("-")[0] != each.split("-")[1] else each.split("-")[0] for each in minutes]
    assert (filled.format(*minutes),) == whole.texts["en"].consent.paragraphs


@pytest.mark.parametrize(
    ("paragraph", "forms", "message"),
    [
        ("{MINUTES}", TWO, "in en {MINUTES} names no form"),
        ("{MINUTES_SHORT}", TWO, "in en {MINUTES_SHORT} names no form"),
        ("It takes 0 minutes.", ONE, "in en the text promises 0 minutes, and a fluent reader needs 1"),
    ],
)
def test_minutes_that_are_nobodys_are_refused(tmp_path, paragraph, forms, message):
    """A form that there is not, and fewer minutes than a fluent reader needs; more may be promised."""
    with pytest.raises(AuthoringError) as raised:
        compiled(tmp_path, paragraph, forms)
    assert message in {problem.message for problem in raised.value.problems}
    compiled(tmp_path, "It takes 90 minutes.", forms)


@pytest.mark.parametrize(("unit", "locale"), [("minutes", "en"), ("分钟", "zh-Hans"), ("分鐘", "zh-Hant")])
def test_a_consent_that_promises_too_few_minutes_is_refused(tmp_path, unit, locale):
    """Of the Sesame study three are too few even for the short form, in each language, and the fault says where."""
    source = SESAME.read_text(encoding="utf-8")
    path = tmp_path / "questionnaire.yaml"
    path.write_text(source.replace("{MINUTES_SHORT}", "3"), encoding="utf-8")
    with pytest.raises(AuthoringError) as raised:
        compile_with_media(path)
    (said,) = (problem for problem in raised.value.problems if problem.message.startswith(f"in {locale} "))
    assert ("consent.paragraphs.0.text", True) == (said.where, unit in source)


TIMES = (
    ReadingTime("zh-Hans", "short", 9, 900, "characters", 9, 5.2, 9.9),
    ReadingTime("zh-Hans", "all", 9, 900, "characters", 9, 13.1, 24.4),
)
IN_WORDS = (
    "大约十分钟。",
    "只要两三分钟",
    "3来分钟就好",
    "几分钟",
    "十几分鐘",
    "花您一刻钟",
    "半小时",
    "半个小时",
    "半個鐘頭",
    "三刻鐘",
    "It takes ten minutes.",
    "a few minutes",
    "A five-minute survey",
    "a quarter of an hour",
    "half an hour",
    "Half-hour",
    "three quarters of an hour",
    "0.5 hours",
    "½ hour",
    "ئون مىنۇت",
    "يېرىم سائەت",
    "10 to 30 minutes, or ten minutes",
    "{MINUTES_SHORT}分钟，最多十分钟",
)
READ = (
    "{MINUTES_SHORT}分钟，全部要{MINUTES_ALL}分钟",
    "{MINUTES_SHORT} to {MINUTES_ALL} minutes",
    "6-25分钟",
    "10 to 25 minutes",
    "A 20-minute survey",
    "\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT FIVE} مىنۇت",
    "６到２５分钟",
    "Deleted within 24 hours, and 1 hour later for good.",
    "此刻不答，十分重要",
    "It is administered once; 一小时内删除。",
    "The minister of an admin has minimal minutiae.",
    "{MINUTES_SHORT}, {MINUTES_ALL}",
)


@pytest.mark.parametrize("text", IN_WORDS)
def test_a_time_in_words_is_refused(text):
    """Of "ten minutes" nobody can say that they do: it names them, the minutes that are needed, and what to write."""
    ((said, remedy), *_) = promise_faults(text, TIMES)
    assert re.search(r'a time in words, ".+", which nothing is compared with: a fluent reader needs 6-14 minutes', said)
    assert "write {MINUTES_SHORT}, {MINUTES_ALL}, which the compiler fills in" == remedy


@pytest.mark.parametrize("text", READ)
def test_a_time_in_digits_is_compared_and_other_words_are_let_be(text):
    """Control: what the compiler fills in, what is enough in digits of any script, hours of deletion, other words."""
    assert [] == [*promise_faults(text, TIMES)]


@pytest.mark.parametrize("text", ["2-10分钟", "3 to 20 minutes", "A 5-minute survey", "６到１３分钟", "5 MINUTES"])
def test_both_ends_of_a_range_are_compared(text):
    """The fewest must do for the shortest form and the most for the longest."""
    ((said, _),) = promise_faults(text, TIMES)
    assert "the text promises" in said


def test_texts_without_minutes_stay_as_they_are():
    """Filling in changes nothing else of a document."""
    assert ENGLISH.to_bytes() == with_minutes(ENGLISH, reading_times(SMALL, {"en": ENGLISH})).to_bytes()
    assert VECTORS.joinpath("texts-small-en.json").read_bytes() == ENGLISH.to_bytes()


def test_a_long_list_is_searched_and_not_read():
    """Of 134 towns none is counted among the words; the field, three letters and the answer are its presses."""
    whole, _ = places()
    english = whole.times[0]
    words = [*whole.texts["en"].items["TOWN"].options.values()]
    assert (english.locale, english.presses, len(words)) == ("en", 2 + 5 + 1, 134)
    assert english.amount < len(words)


def test_words_of_an_option_are_read_and_typed_on_a_screen_that_is_there_already():
    """Two phrases add their words and presses to three screens, and no screen."""
    whole, _ = tools()
    time = reading_times(whole.questionnaire, whole.texts)[0]
    screens = [item for item in whole.questionnaire.items if item.specifies is None]
    assert len(screens) + 2 == time.screens
    assert time.presses > time.screens + 2


def test_the_places_that_minutes_were_filled_into_are_told():
    """In every language the consent's paragraph and the options with a placeholder, and no other text."""
    whole = compile_with_media(SESAME)
    at = whole.timed["en"]
    assert {*whole.texts} == {*whole.timed}
    assert [at] * len(whole.timed) == [*whole.timed.values()]
    filled = [place.rpartition(".")[0] for place in sorted(at)]
    assert ["consent.paragraphs", *5 * ["items.MODE.options"]] == filled
