"""The study of the written folders: the showcase by invitation, its plans, and the correction of its wording."""

from functools import cache
from typing import Any

from paths import STUDIES

from crypto.canonical import canonical
from forged.open_wave import OPEN, STUDY
from survey.authoring.compiler import compile_study
from survey.plan.plan import Plan
from survey.plan.plan_labels import label_names, labels
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wave.correction import TextChange, changed_texts

Doc = dict[str, Any]
CORRECTED = 2
"""The wave with a release whose wording is corrected while it is open."""
CHANGES = {
    CORRECTED: (
        TextChange(locale="en", place="derived.BUYER.text", old="Kind of buyer", new="The kind of buyer"),
        TextChange(locale="en", place="items.GOODS.options.1", old="Vegetables", new="Vegetables and herbs"),
        TextChange(
            locale="en",
            place="thanks.1",
            old="The results will be at: the results page of this showcase.",
            new="The results will be on the results page of this showcase.",
        ),
    ),
    OPEN: (TextChange(locale="en", place="items.GOODS.options.2", old="Fruit", new="Fruit and berries"),),
}
"""What is corrected in each wave."""
CITY = {
    "dimension": "READER", "shares": {"1": 60_000, "2": 40_000}, "without": [], "of": "everyone", "source": "a census",
    "status": "verified",
}  # fmt: skip


def table(name: str, *axes: str, population: Doc | None = None, **more: object) -> Doc:
    """Return a table of a plan."""
    about = {"nano_rho": 5_000_000, "reason": "a test", "hypotheses": []}
    return {"id": name, "dimensions": [*axes], "population": population, **about, **more}


TABLES = (
    table("T1", "LIKE", "READER", weight_by=["READER"]),
    table("T2", "GOODS"),
    table("T3", "VIEWS"),
    table("T4", "TOP"),
    table("T5", "CHANGE", "@locale"),
    table("T6", "WORRY"),
    table("T7", "LIKE", "BUYER", population={"item": "READER", "in": [1]}),
)
WORDS = {"id": "W1", "item": "WORDS", "nano_rho": 15_000_000, "atto_delta": 10_000_000, "reason": "r", "hypotheses": []}
NANO_RHO = 5_000_000 * len(TABLES) + 15_000_000


@cache
def study() -> tuple[Questionnaire, dict[str, Texts]]:
    """Return the showcase as a study by invitation."""
    questionnaire, texts = compile_study(STUDIES / "showcase" / "questionnaire.yaml")
    return Questionnaire.from_bytes(canonical(questionnaire.to_json() | {"mode": "invitation"})), dict(texts)


def plan_of(wave: int, parent: str | None) -> Doc:
    """Return the plan of a wave."""
    return {
        "format": "sotto-plan-2", "study": STUDY, "wave": wave, "parent": parent, "title": "t", "reason": "r",
        "nano_rho": NANO_RHO, "tables": [dict(one) for one in TABLES], "words": [dict(WORDS)], "margins": [CITY],
    }  # fmt: skip


@cache
def texts_of(wave: int) -> dict[str, Texts]:
    """Return the study's texts at the end of a wave, or as they are in the open one."""
    before = study()[1] if wave == 1 else texts_of(wave - 1)
    return changed_texts(before, CHANGES.get(wave, ()))


def labels_of(wave: int) -> Doc:
    """Return the labels of a wave's release."""
    plan, (questionnaire, _) = Plan.from_bytes(canonical(plan_of(1, None))), study()
    names = label_names(plan.tables, [WORDS["item"]])
    return {locale: labels(names, questionnaire, text) for locale, text in texts_of(wave).items()}
