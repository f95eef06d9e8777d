"""What a release's dimensions and levels are called where its own labels name them by code alone. Pure."""

from survey.questionnaire.conditions import NOT_ASKED
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS, OUTSIDE, UNREADABLE
from survey.release.release import Release

DEFAULT = "en"
RESERVED_LEVELS = {
    "en": {NOT_ASKED: "not asked", OUTSIDE: "outside the population", UNREADABLE: "unreadable"},
    "zh-Hans": {NOT_ASKED: "未被问到", OUTSIDE: "不在所选人群内", UNREADABLE: "无法读取"},
    "zh-Hant": {NOT_ASKED: "未被問到", OUTSIDE: "不在所選人群內", UNREADABLE: "無法讀取"},
}
"""Levels of every table that no questionnaire names; other locales read English."""
HEADER_TEXTS = {
    "en": {
        "@locale": "Language of the questionnaire",
        "@mode": "How the answers were given",
        "@form": "Form of the questionnaire",
        "@stratum": "Which link was used",
        "@quality": "Haste, judged on the phone",
    },
    "zh-Hans": {
        "@locale": "问卷语言",
        "@mode": "作答方式",
        "@form": "问卷版本",
        "@stratum": "所用的链接",
        "@quality": "是否仓促作答（由手机判断）",
    },
    "zh-Hant": {
        "@locale": "問卷語言",
        "@mode": "作答方式",
        "@form": "問卷版本",
        "@stratum": "所用的連結",
        "@quality": "是否倉促作答（由手機判斷）",
    },
}
HEADER_LEVELS = {
    "en": {
        "self": "On a phone of one's own",
        "kiosk": "On a shared device",
        "assisted": "With an assistant",
        "server": "On the plain form",
        "nothing-noticed": "Nothing noticed",
        "hasty": "Answered in haste",
    },
    "zh-Hans": {
        "self": "本人用自己的手机",
        "kiosk": "用公用设备",
        "assisted": "由调查员协助",
        "server": "用无 JavaScript 的简易表单",
        "nothing-noticed": "未见异常",
        "hasty": "仓促作答",
    },
    "zh-Hant": {
        "self": "本人用自己的手機",
        "kiosk": "用公用設備",
        "assisted": "由調查員協助",
        "server": "用無 JavaScript 的簡易表單",
        "nothing-noticed": "未見異常",
        "hasty": "倉促作答",
    },
}
"""Modes and qualities; forms and strata keep the names that the study gave them."""
LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ug": "ئۇيغۇرچە", "bo": "བོད་ཡིག"}


def dimension_text(release: Release, name: str, locale: str) -> str:
    """Return what a dimension is called; of the payload's header in words, an unknown one by its own name."""
    if name in HEADER_DIMENSIONS:
        return HEADER_TEXTS.get(locale, HEADER_TEXTS[DEFAULT])[name]
    known = release.labels[locale].get(name)
    return name if known is None else known.text


def row_label(release: Release, row: str, locale: str) -> str:
    """Return what a grid's row is called; its id where the release does not say."""
    return dimension_text(release, row, locale)


def label(release: Release, dimension: str, code: int, locale: str) -> str:
    """Return what a level is called; a reserved code without a text by what it is, any other by its number."""
    told = release.labels[locale][dimension].levels.get(str(code))
    if told is None:
        return RESERVED_LEVELS.get(locale, RESERVED_LEVELS[DEFAULT]).get(code, str(code))
    if dimension == "@locale":
        return LANGUAGES.get(told, told)
    if dimension in HEADER_DIMENSIONS:
        return HEADER_LEVELS.get(locale, HEADER_LEVELS[DEFAULT]).get(told, told)
    return told
