"""What a colleague would ask about a questionnaire that compiles: long texts, chance unexplained, idle questions."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from survey.authoring.compiler import Compiled
from survey.authoring.item_options import included, members, written
from survey.authoring.plan_compiler import compile_plan
from survey.authoring.schema import AuthoredItem, AuthoredStudy, Localised
from survey.authoring.texts import texts_of
from survey.authoring.wording_checks import folded
from survey.faults import AuthoringError, Fault, Problem, said
from survey.plan.plan import Plan
from survey.questionnaire.conditions import Condition, items_named
from survey.questionnaire.questionnaire import AddWhen, AnsweredWith, Count, Derived, Questionnaire, ValueOf
from survey.wording.catalogues import locales_of
from survey.wording.language_file import direction

# A phone of 360 by 640 points shows about 16 lines of a question, each of some 42 letters or 20 Chinese characters of
# 16 points; an answer is read at a glance in four lines. Estimates from the size of the type, not measured on people.
_SCREEN, _GLANCE = 16 * 42, 4 * 42
_PAGES = {
    "withdraw": said("the withdrawal page"),
    "receipt": said("the page that checks a receipt"),
    "print": said("the printed form"),
}
_WIDE_AS = 2
"""Letters that one Chinese, Japanese or Korean character is as wide as."""


class PlansBeside(NamedTuple):
    """The plans beside a questionnaire by the names of their files, and the names of those that do not compile."""

    plans: Mapping[str, Plan]
    faulty: tuple[str, ...] = ()


def advise(file: Path, compiled: Compiled, beside: PlansBeside) -> list[Problem]:
    """Return what a colleague would ask about a compiled questionnaire and the plans beside its file, by line."""
    plans, faulty = beside
    found = [
        compiled.lines.problem(fault.where, fault.message, fault.remedy)
        for fault in advice(compiled.authored, compiled.questionnaire, {} if faulty else plans)
    ]
    remedy = "see why by sotto plan check, or give it another name"
    return sorted({*found, *(Problem(str(file.with_name(name)), 1, "file", "this plan does not compile", remedy)
                             for name in faulty)})  # fmt: skip


def advice(study: AuthoredStudy, whole: Questionnaire, plans: Mapping[str, Plan]) -> Iterator[Fault]:
    """Yield what does not stop anything, with its place and what to do; plans are by the names of their files."""
    yield from _languages(study)
    yield from _long_texts(study)
    yield from _unexplained(study)
    yield from _worded_as_missing(study)
    if plans:
        yield from _idle(study, whole, [*plans.values()])


def _languages(study: AuthoredStudy) -> Iterator[Fault]:
    """Yield languages that run the other way than said, and those whose pages beside the questions are in English."""
    known = {name: locales_of(name) for name in _PAGES}
    for name, locale in study.locales.items():
        if (way := direction(name)) != locale.dir:
            yield Fault(
                ("locales", name, "dir"),
                said("{name} is written {way}", name=name, way=way),
                said("write `dir: {way}`", way=way),
            )
        if missing := [page for catalogue, page in _PAGES.items() if name not in known[catalogue]]:
            message = said("in {name} these stand in English: {missing}", name=name, missing=tuple(missing))
            yield Fault(("locales", name), message, "say so to respondents, or translate them in Sotto itself")


def width(text: str) -> int:
    """Return how many letters wide a text is on a screen."""
    return sum(_WIDE_AS if sign >= "\u1100" else 1 for sign in text)


def _long_texts(study: AuthoredStudy) -> Iterator[Fault]:
    for where, text in texts_of(study):
        question = where[0] == "items" and where[2] in ("text", "hint")
        answer = where[0] == "option_sets" or (
            where[0] == "items" and where[2] in ("options", "bands", "rows", "checks")
        )
        most = _SCREEN if question else _GLANCE
        wide = [locale for locale, words in _by_locale(study, text).items() if width(words) > most]
        if wide and (question or answer):
            named = ", ".join(wide)
            if question:
                message = said("in {locales} this text is longer than a screen of a small phone", locales=named)
                yield Fault(where, message, "say it shorter, or put a note before it")
            else:
                message = said("in {locales} this answer is longer than what is read at a glance", locales=named)
                yield Fault(where, message, "say it shorter")


def _by_locale(study: AuthoredStudy, text: Localised) -> Mapping[str, str]:
    return dict.fromkeys(study.locales, text) if isinstance(text, str) else text


def _unexplained(study: AuthoredStudy) -> Iterator[Fault]:
    """Yield the first item whose answer chance may change, where no text says so before it."""
    asked = [item for item in study.items if included(item, study)]
    drawn = [index for index, item in enumerate(asked) if item.randomise is not None and item.randomise.use]
    if not drawn:
        return
    where = ("items", asked[drawn[0]].id, "randomise")
    if not any(paragraph.only == "randomised" for paragraph in study.consent.paragraphs):
        remedy = "add a paragraph with `only: randomised` that says what the phone does, and why"
        yield Fault(where, "its answer is changed by chance, and the consent does not say so", remedy)
    if not any(item.type == "note" and item.block == asked[drawn[0]].block for item in asked[: drawn[0]]):
        remedy = "put a `note` before it, in the same block, that says what the phone does"
        yield Fault(where, "its answer is changed by chance, and no note before it explains that", remedy)


def _worded_as_missing(study: AuthoredStudy) -> Iterator[Fault]:
    """Yield options worded like a missing answer that their item does not offer: elsewhere that is counted apart."""
    remedy = "if it is meant so, give its code under `missing` of this item in place of the option"
    for item in (item for item in study.items if included(item, study)):
        offered = {str(code) for code in item.missing or ()}
        others = {code: words for code, words in study.missing.items() if code not in offered}
        for option in written(item, study):
            for code, words in others.items():
                if option.text is not None and _same_words(study, option.text, words):
                    alike = {"code": option.code, "missing": code}
                    message = said("answer {code} says what the missing answer {missing} says", **alike)
                    yield Fault(("items", item.id, "options"), message, remedy)


def _same_words(study: AuthoredStudy, one: Localised, other: Localised) -> bool:
    # In every language: Chinese says “I don’t know” and “I did not know that” alike.
    pairs = ((_by_locale(study, one).get(name, ""), _by_locale(study, other).get(name, "")) for name in study.locales)
    return all(words.strip() and folded(words) == folded(others) for words, others in pairs)


def _idle(study: AuthoredStudy, whole: Questionnaire, plans: Iterable[Plan]) -> Iterator[Fault]:
    used = used_names(whole, plans)
    for item in study.items:
        if included(item, study) and item.type != "note" and not used & {item.id, *(one.id for one in members(item))}:
            yield Fault(
                ("items", item.id), "no table of the plans beside this file uses its answers", _remedy(item, study)
            )


def plans_beside(file: Path, whole: Questionnaire) -> PlansBeside:
    """Compile the plans beside a questionnaire (`plan.yaml`, `plan-….yaml`), each once."""
    plans: dict[str, Plan] = {}
    faulty: list[str] = []
    for path in sorted(file.parent.glob("plan*.yaml")):
        try:
            plans[path.name] = compile_plan(path, whole)
        except AuthoringError:
            faulty.append(path.name)
    return PlansBeside(plans, tuple(faulty))


def _remedy(item: AuthoredItem, study: AuthoredStudy) -> str:
    if any(option.end for option in written(item, study)):
        return "it decides who takes part; if nothing else, leave it as it is"
    return "give it a table, or do not ask it: every question costs time, and some people leave at it"


def used_names(whole: Questionnaire, plans: Iterable[Plan]) -> frozenset[str]:
    """Return the items, groups and indicators that tables need, or that decide who is asked what."""
    names = {name for plan in plans for table in plan.tables for name in table.dimensions}
    names |= {name for plan in plans for table in plan.tables for name in items_named(table.population)}
    names |= {entry.item for plan in plans for entry in plan.words or ()}
    for condition in (*(item.ask_if for item in whole.items), *(form.when for form in whole.forms)):
        names |= items_named(condition)
    for group in whole.groups:
        names |= {*group.items} if group.id in names else set()
    for derived in reversed(whole.derived):
        names |= _needed(derived, whole) if derived.id in names else set()
    return frozenset(names)


def _needed(derived: Derived, whole: Questionnaire) -> set[str]:
    conditions: list[Condition | None] = [derived.population, derived.undefined_if]
    conditions += [case.when for case in derived.cases or ()]
    names: set[str] = set()
    for term in derived.sum or ():
        match term:
            case ValueOf():
                names.add(term.value_of)
            case AddWhen():
                conditions.append(term.when)
            case Count():
                names.add(term.count)
            case AnsweredWith():
                names |= {item.id for item in whole.items if item.decides}
    return names.union(*(items_named(condition) for condition in conditions))
