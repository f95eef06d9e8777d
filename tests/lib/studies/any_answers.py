"""Valid answers of invented people to any questionnaire, every type of item included, without priors."""

import random

from survey.questionnaire.items import Item
from survey.questionnaire.payload import SERVER, SurveyResponse, encode
from survey.questionnaire.questionnaire import MODES, Questionnaire, form_of, is_asked

PHRASES = ("apple", "pear", "good tea", "苹果", "豆腐", "fish", "a b c", "rock'n'roll")


def answers(questionnaire: Questionnaire, chance: random.Random) -> SurveyResponse:
    """Return valid answers of one invented person."""
    given = {}
    ranked = {name: group for group in questionnaire.groups if group.kind == "ranking" for name in group.items}
    for item in questionnaire.items:
        if item.note or item.id in given or not is_asked(item, form_of(questionnaire, given), given):
            continue
        if item.id in ranked:
            given |= ranking(item, ranked[item.id].items, chance)
        else:
            given[item.id] = answer(item, chance)
    names = (questionnaire.locales, MODES, questionnaire.strata)
    locale, mode, stratum = (chance.choice(choice) for choice in names)
    quality = 0 if mode == SERVER else chance.choice((0, 0, 1))
    return SurveyResponse(locale, mode, form_of(questionnaire, given), stratum, given, quality)


def answer(item: Item, chance: random.Random):
    """Return a code, chosen options, phrases, or a missing code."""
    if item.missing and chance.random() < 0.2:
        return chance.choice(item.missing)
    if item.phrase:
        fitting = [one for one in PHRASES if len(one) <= item.length and one.count(" ") < item.words]
        return tuple(sorted(chance.sample(fitting, chance.randint(1, item.count)), key=str.encode))
    if item.coded:
        return chance.choice(item.codes)
    if item.exclusive and chance.random() < 0.1:
        return (chance.choice(sorted(item.exclusive)),)
    together = [code for code in item.codes if code not in item.exclusive]
    chosen = {*chance.sample(together, chance.randint(1, min(item.cap, len(together))))}
    return tuple(code for code in item.codes if code in chosen)


def ranking(item: Item, places: tuple[str, ...], chance: random.Random):
    """Return different options for all places, or one missing code for all."""
    if item.missing and chance.random() < 0.2:
        return dict.fromkeys(places, chance.choice(item.missing))
    return dict(zip(places, chance.sample(item.codes, len(places)), strict=True))


def payloads(questionnaire: Questionnaire, number: int, seed: int = 1) -> list[bytes]:
    """Return the payloads of `number` invented people, always the same ones for a seed."""
    chance = random.Random(seed)
    return [encode(questionnaire, answers(questionnaire, chance)) for _ in range(number)]
