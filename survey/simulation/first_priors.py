"""A first file of priors for a questionnaire: every answer that it allows equally likely, for an author to correct."""

from collections.abc import Iterator

from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire
from survey.simulation.respondents import PER_MILLE, ItemPrior, Priors
from survey.yaml_text import dump

MISSING_PER_MILLE = 20
"""The chance of each missing code that an item offers."""
PHRASES = 8
"""How many phrases are invented for an item of phrases, beyond those that one person may give."""
HEADER = """\
# Invented beliefs about the answers of {study}: every answer is as likely as any other. Nobody was asked.
#
# `weights` are parts of any sum, in the order of `codes`; of a question of several answers they are the chances of each
# code in per mille. `missing` are chances in per mille, drawn first. `by: AGE` splits an item by one that stands before
# it; its weights are then given for each code of AGE, and as `other` for all that is not named. What an item's routing
# leaves out is not asked, whatever was drawn. docs/trying.md describes every member.

"""


def first_priors(questionnaire: Questionnaire) -> Priors:
    """Return priors under which every answer that an item allows is equally likely, and each missing code rare."""
    return Priors(
        study=questionnaire.study,
        why="Every answer is as likely as any other: nobody was asked.",
        locales=dict.fromkeys(questionnaire.locales, 1),
        strata=dict.fromkeys(questionnaire.strata, 1),
        factors=(),
        items=tuple(_priors(questionnaire)),
    )


def priors_text(priors: Priors) -> str:
    """Return priors as the YAML file that an author corrects."""
    return HEADER.format(study=priors.study) + dump(priors.compact().to_json(), flow_leaves=True)


def _priors(questionnaire: Questionnaire) -> Iterator[ItemPrior]:
    rankings = {name: group for group in questionnaire.groups if group.kind == "ranking" for name in group.items}
    for item in questionnaire.items:
        group = rankings.get(item.id)
        if item.note or (group and group.items[0] != item.id):
            continue
        yield _of_phrases(item) if item.phrase else _of_codes(item, group.id if group else item.id)


def _of_codes(item: Item, name: str) -> ItemPrior:
    """Return the prior of an item, or of the ranking called `name`, whose first place it is."""
    weight = _chance(item) if item.multi else 1
    return ItemPrior(
        id=name, codes=item.codes, weights={"all": (weight,) * len(item.codes)}, missing=_missing(item)
    ).compact()


def _chance(item: Item) -> int:
    """Return the chance of each option, in per mille, with which a person chooses half of what may be chosen."""
    return PER_MILLE * min(item.cap or len(item.codes), len(item.codes)) // (2 * len(item.codes))


def _of_phrases(item: Item) -> ItemPrior:
    phrases = _phrases(PHRASES + (item.count or 1), item.length or 1)
    return ItemPrior(
        id=item.id, phrases=phrases, weights={"all": tuple(range(len(phrases), 0, -1))}, missing=_missing(item)
    ).compact()


def _phrases(number: int, length: int) -> tuple[str, ...]:
    """Return different words of at most `length` signs that nobody takes for an answer, where there is room for it."""
    words = [f"demo-{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    return tuple(word[-length:].lstrip("-") for word in words[: min(number, len(words))])


def _missing(item: Item) -> dict[str, int]:
    return {str(code): MISSING_PER_MILLE for code in item.missing}
