"""The Sesame Credit study as data: complete in three languages, routed as the method says, every hypothesis covered."""

import re
from itertools import pairwise

import pytest
import yaml
from paths import STUDIES, VECTORS

from survey.authoring.compiler import compile_study, compile_with_media, missing_for_opening
from survey.authoring.plan_compiler import compile_plan
from survey.plan.plan import dimensions
from survey.questionnaire.questionnaire import form_of, items_asked
from survey.questionnaire.randomised_response import threshold, thresholds
from survey.wording.phone_catalogue import read_interface

FOLDER = STUDIES / "sesame_credit"
SOURCE = FOLDER / "questionnaire.yaml"
AUTHORED = yaml.load(SOURCE.read_text(encoding="utf-8"), yaml.CSafeLoader)
OPTIONAL = {"LOWFRIEND", "COLLECT", "LDPNOTE", "FREE", "LISTEXP", "REGKNOW"}
INDICATORS = {
    "USEGRP", "USE4", "KSCORE", "KBAND", "NEVERSEEN", "OVERCONF", "NONFIN", "FOLKIDX", "TRUSTGAP", "LOWBANK",
    "APPYESBANKNO", "LOCKIN", "CCA", "RESIGN", "NRBAND", "URB2", "HARD2", "MIG2", "MODE2",
}  # fmt: skip


@pytest.fixture(scope="module")
def study():
    return compile_study(SOURCE)


@pytest.fixture(scope="module")
def questionnaire(study):
    return study[0]


def with_changes(folder, *changes):
    text = SOURCE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "questionnaire.yaml"
    path.write_text(text, encoding="utf-8")
    return compile_study(path)


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def test_the_committed_fixture_is_what_the_file_compiles_to(questionnaire):
    """The shared questionnaire is current: write `compile_study(...)[0].to_bytes()` there after a change."""
    fixture = VECTORS / "questionnaire-sesame.json"
    assert fixture.read_bytes() == questionnaire.to_bytes()


def test_forty_items_and_two_screens_are_asked_in_the_order_of_the_method(questionnaire):
    """MODE comes first, the separate consent right before the loan question, the quiz before opinions on data."""
    ids = [item.id for item in questionnaire.items]
    assert 42 == len(ids)
    assert ["MODE", "AGE", "USE"] == ids[:3]
    assert ("CONSENT2", "LOAN", "HARD") == tuple(ids[ids.index("CONSENT2") :][:3])
    assert ids.index("KRIGHT") < ids.index("ALLOW") < ids.index("TENCENT") < ids.index("WECHAT")
    assert OPTIONAL == {item["id"] for item in AUTHORED["items"]} - {*ids}


# Items on each path in method 2.1; MODE and CONSENT2 come on top here, because they are items of the questionnaire.
PATHS = [(1, 38, 27), (2, 38, 27), (3, 38, 28), (4, 36, 26), (5, 36, 26), (6, 23, 17), (98, 23, 17), (99, 23, 17)]


@pytest.mark.parametrize(("use", "standard", "core"), PATHS)
def test_every_path_has_the_length_of_the_method(questionnaire, use, standard, core):
    """Users, former users, refusers, excluded and unaware people are asked as many items as the method counts."""
    for mode, number in ((1, standard), (2, standard), (3, core), (4, core)):
        answers = {"MODE": mode, "USE": use, "CONSENT2": 1}
        asked = {item.id for item in items_asked(questionnaire, answers)} - {"MODE", "CONSENT2"}
        # The attention check is part of the 38 items and of no assisted path.
        assert number == len(asked)
        assert ("core" if mode in (3, 4) else "standard") == form_of(questionnaire, answers)


def test_without_the_separate_consent_nothing_is_asked_about_money(questionnaire):
    """A refusal of CONSENT2 skips LOAN and HARD and nothing else."""
    asked = [{i.id for i in items_asked(questionnaire, {"MODE": 1, "USE": 1, "CONSENT2": code})} for code in (1, 2)]
    assert {"LOAN", "HARD"} == asked[0] - asked[1]


def test_every_text_stands_in_every_language(study):
    """No locale lacks an item, option, label, ending or interface text, and none is empty."""
    questionnaire, texts = study
    assert ["en", "zh-Hans", "zh-Hant"] == [*texts]
    for text in texts.values():
        for item in questionnaire.items:
            assert {str(option.code) for option in item.options} == text.items[item.id].options.keys()
        for derived in questionnaire.derived:
            assert {str(level) for level in derived.levels} == text.derived[derived.id].levels.keys()
        assert all(part.strip() for part in strings(text.to_json()))
    (keys,) = {frozenset(key.partition(".")[0] for key in text.interface) for text in texts.values()}
    assert {"next", "send", "leave", "choose-first"} <= keys


def test_words_that_the_study_never_shows_are_not_fetched(study):
    """This study has no drafts, numbers, dates or phrases: the showcase, which has, fetches the words for them."""
    showcase = compile_study(STUDIES / "showcase/questionnaire.yaml")[1]
    here, there = set(study[1]["en"].interface), set(showcase["en"].interface)
    assert here < there
    assert {"draft", "number", "date", "phrase", "list", "rank", "chance"} <= {
        key.split("-")[0] for key in there - here
    }
    # Neither study invites people, asks phones for work, or has a list that is long enough to be searched.
    others = {key for key in read_interface(["en"]).texts["en"] if key.startswith(("invite-", "work-", "find"))}
    assert set(read_interface(["en"]).texts["en"]) - others == there


def test_no_placeholder_is_left_for_a_respondent_to_read(study):
    """Braces stand only in the phone page's own texts, where the page fills them."""
    for text in study[1].values():
        own = {key: value for key, value in text.to_json().items() if key != "interface"}
        assert [] == [part for part in strings(own) if re.search(r"[{}]", part)]


@pytest.mark.parametrize(("locale", "encoding"), [("zh-Hans", "gb2312"), ("zh-Hant", "big5")])
def test_no_script_leaks_into_the_other(study, locale, encoding):
    """Every character of simplified texts is in GB2312, every one of traditional texts in Big5, interface included."""
    parts = strings(study[1][locale].to_json())
    leaked = {character for part in parts for character in part if not encodable(character, encoding)}
    assert set() == leaked


def test_the_leak_test_would_see_a_leak():
    """Control: a traditional character is not in GB2312, nor a simplified one in Big5."""
    assert not encodable("誰", "gb2312")
    assert not encodable("谁", "big5")


def encodable(character, encoding):
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def test_each_way_to_answer_says_how_long_its_form_takes():
    """Also who is read to, or has a borrowed device, learns the minutes of the form that follows, in each language."""
    whole = compile_with_media(SOURCE)
    times = {(time.locale, time.form): time.minutes for time in whole.times}
    forms = {code: form_of(whole.questionnaire, {"MODE": code}) for code in (1, 2, 3, 4, 5)}
    assert {"standard", "core", "short"} == {*forms.values()}
    for locale, texts in whole.texts.items():
        for code, form in forms.items():
            assert times[locale, form] in texts.items["MODE"].options[str(code)]


@pytest.mark.parametrize("word", ["withdrawal", "撤回码", "撤回碼"])
def test_an_open_link_promises_no_withdrawal_code(study, word):
    """What an open link cannot do is not promised in any language."""
    assert [] == [part for text in study[1].values() for part in strings(text.to_json()) if word in part]


def test_an_invitation_does_promise_it(tmp_path):
    """Control: the same file for invitations promises the code in three languages."""
    _, texts = with_changes(tmp_path, ("mode: open\n", "mode: invitation\n"))
    for locale, word in (("en", "withdrawal code"), ("zh-Hans", "撤回码"), ("zh-Hant", "撤回碼")):
        assert any(word in part for part in texts[locale].consent.paragraphs)


def test_random_answers_are_spoken_of_only_where_the_phone_draws_them(study):
    """No item is randomised yet, so the consent does not say that one is."""
    assert not any("random answer" in paragraph for paragraph in study[1]["en"].consent.paragraphs)


@pytest.mark.parametrize("module", ["low-friends", "collecting", "regulation"])
def test_optional_modules_can_be_switched_on(tmp_path, questionnaire, module):
    """Each plain module adds its one item and still compiles."""
    changed, _ = with_changes(tmp_path, (f"  {module}: false", f"  {module}: true"))
    assert 1 == len(changed.items) - len(questionnaire.items)


def test_self_censorship_is_drawn_on_the_phone_and_said_so(tmp_path, questionnaire):
    """With the module on, FREE is randomised over four answers, after a note, and the consent says so."""
    changed, texts = with_changes(tmp_path, ("  self-censorship: false", "  self-censorship: true"))
    assert ["LDPNOTE", "FREE"] == [item.id for item in changed.items if item.id not in questionnaire.by_id]
    assert {"FREE": threshold("1.1", 4)} == thresholds(changed)
    assert "random answer" in texts["en"].items["LDPNOTE"].text
    assert any("random answer" in paragraph for paragraph in texts["en"].consent.paragraphs)


def test_the_list_experiment_has_two_arms(tmp_path):
    """Who sees four lines counts to four and who sees five counts to five, with codes of their own."""
    changed, texts = with_changes(tmp_path, ("  list-experiment: false", "  list-experiment: true"))
    assert (*range(10, 15), *range(40, 46)) == changed.item("LISTEXP").codes
    assert 5 == len(texts["zh-Hant"].items["LISTEXP"].lines)
    assert "3件" == texts["zh-Hans"].items["LISTEXP"].options["43"]


def test_the_demonstration_says_that_it_is_one_and_could_open(study):
    """The facts are complete, and everybody who reads the consent sees that the data are invented."""
    assert () == missing_for_opening(compile_with_media(SOURCE).authored)
    assert all(
        word in " ".join(study[1][locale].consent.paragraphs)
        for locale, word in (("en", "invented"), ("zh-Hans", "编造"), ("zh-Hant", "虛構"))
    )


def test_every_hypothesis_has_an_item_and_reasons_are_kept():
    """H01 to H31 are each named by an item; every standard item says why it is asked."""
    assert [f"H{number:02}" for number in range(1, 32)] == sorted(AUTHORED["hypotheses"])
    assert {*AUTHORED["hypotheses"]} == {name for item in AUTHORED["items"] for name in item.get("hypotheses", [])}
    assert [] == [item["id"] for item in AUTHORED["items"] if "why" not in item and item["id"] not in OPTIONAL]
    assert {"F1", "F2", "F3", "F4", "F5", "F6"} == {*AUTHORED["sources"]}


def test_the_indicators_of_the_method_are_all_there(questionnaire):
    """Every indicator of section 2.6 exists, and each derived looks only backwards."""
    ids = [derived.id for derived in questionnaire.derived]
    assert INDICATORS <= {*ids}
    assert all(first != second for first, second in pairwise(ids))


def test_the_first_plan_answers_the_four_findings(questionnaire):
    """Twelve tables of few groups cost 0.04 together, and name at least one hypothesis of each finding."""
    plan = compile_plan(FOLDER / "plan.yaml", questionnaire)
    assert 12 == len(plan.tables)
    assert 40_000_000 == plan.nano_rho >= sum(table.nano_rho for table in plan.tables)
    named = {name for table in plan.tables for name in table.hypotheses}
    for finding in ({"H03", "H04", "H05", "H06"}, {"H12", "H15"}, {"H17", "H18"}, {"H20", "H23"}):
        assert finding <= named
    groups = [len(axis.codes) for table in plan.tables for axis in dimensions(table, questionnaire).dimensions[1:]]
    assert max(groups) <= 6
    assert all(table.reason for table in plan.tables)
