"""What a file format will not hold of a questionnaire or a plan as it is written, before anything is spent. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from survey.plan.plan import Plan
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.release.format_rules import (
    CSV,
    FILE,
    SHEET,
    SPSS_LABEL,
    SPSS_VALUE,
    STATA_LABEL,
    STATISTICAL,
    VARIABLE,
    XML,
    NameRule,
)


@dataclass(frozen=True)
class FormatLimit:
    """Something that some formats hold in another form; `where` is its place in the document."""

    formats: str
    where: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.formats}: {self.message}. {self.remedy}."


def questionnaire_limits(questionnaire: Questionnaire, texts: Mapping[str, Texts]) -> tuple[FormatLimit, ...]:
    """Return what formats will not hold as it is: ids of items, groups and indicators, and their texts."""
    places = [f"items.{name}" for name in (*questionnaire.by_id, *questionnaire.groups_by_id)]
    places += [f"derived.{derived.id}" for derived in questionnaire.derived]
    limits = [limit for where in places for limit in _name_limits(VARIABLE, where, where.split(".")[1])]
    for locale, translated in texts.items():
        labels = [*_labels(translated)]
        limits += [limit for where, text in labels for limit in _text_limits(f"{where}.{locale}", text)]
        limits += _long_labels(locale, labels)
    return tuple(limits)


def plan_limits(plan: Plan) -> tuple[FormatLimit, ...]:
    """Return the ids of tables and lists of words that are no name of a file or a sheet."""
    ids = [("tables", table.id) for table in plan.tables] + [("words", one.id) for one in plan.words or ()]
    return tuple(
        limit for where, name in ids for rule in (FILE, SHEET) for limit in _name_limits(rule, f"{where}.{name}", name)
    )


def _name_limits(rule: NameRule, where: str, name: str) -> Iterator[FormatLimit]:
    if not rule.holds(name):
        message = f"no {rule.kind} can be called {name}: it will be called {rule.name(name)}"
        yield FormatLimit(rule.formats, where, message, "Choose another id where that will not do")


def _labels(texts: Texts) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of everything that becomes a label."""
    for name, item in texts.items.items():
        yield f"items.{name}.text", item.text
        yield from ((f"items.{name}.options.{code}", text) for code, text in item.options.items())
    for name, derived in texts.derived.items():
        yield f"derived.{name}.text", derived.text
        yield from ((f"derived.{name}.labels.{code}", text) for code, text in derived.levels.items())
    yield from ((f"items.{name}.text", text) for name, text in texts.groups.items())
    yield from ((f"missing.{code}", text) for code, text in texts.missing.items())


def _text_limits(where: str, text: str) -> Iterator[FormatLimit]:
    for rule in (XML, STATISTICAL, CSV):
        if bad := rule.unwritable.search(text):
            message = f"the character U+{ord(bad[0]):04X} cannot be held: U+FFFD will stand for it"
            yield FormatLimit(rule.formats, where, message, "Take it out")


def _long_labels(locale: str, labels: Iterable[tuple[str, str]]) -> Iterator[FormatLimit]:
    """Yield how many labels are cut, one line a format: long questions are common and nothing to mend."""
    questions, answers = [], []
    for where, text in labels:
        name = where.split(".")[1]
        (questions.append(f"{name}: {text}") if where.endswith(".text") else answers.append(text))
    cut = {
        ("Stata", f"labels of questions are cut after {STATA_LABEL} characters"): sum(
            len(text) > STATA_LABEL for text in questions
        ),
        ("SPSS", f"labels of questions are cut after {SPSS_LABEL} bytes"): _longer(questions, SPSS_LABEL),
        ("SPSS", f"labels of answers are cut after {SPSS_VALUE} bytes"): _longer(answers, SPSS_VALUE),
    }
    for (formats, message), number in cut.items():
        if number:
            yield FormatLimit(formats, f"texts.{locale}", f"{number} {message}", "Other formats keep them whole")


def _longer(texts: Iterable[str], most: int) -> int:
    return sum(len(text.encode(errors="replace")) > most for text in texts)
