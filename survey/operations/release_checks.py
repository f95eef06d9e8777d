"""What an outsider would object to in a release besides the documents that it names: noise, price, kind and day.

`verifier/verify.py` checks the same with code of its own.
"""

from collections.abc import Iterator

from survey.document import dated_ahead
from survey.plan.noise_price import is_paid_noise
from survey.plan.plan import Plan
from survey.plan.threshold_delta import exact_atto_delta
from survey.questionnaire.questionnaire import Questionnaire
from survey.release.phrase_lists import Words
from survey.release.release import Release

MECHANISM = ("opendp", "discrete-gaussian", "zCDP", "change-one")


def release_faults(release: Release, plan: Plan, questionnaire: Questionnaire) -> Iterator[str]:
    """Yield a sentence for each thing that does not follow from price, plan and questionnaire."""
    made = release.mechanism
    if (made.library, made.name, made.measure, made.neighbours) != MECHANISM:
        yield "its noise is of another kind than this program draws"
    for table in release.tables:
        if not is_paid_noise(table.sigma, table.sensitivity_squared, table.nano_rho):
            yield f"table {table.id} has other noise than its price pays for"
    for words in release.words or ():
        yield from _of_words(words, questionnaire)
    sigmas = [table.sigma for table in release.tables] + [words.sigma for words in release.words or ()]
    if release.budget.curve.least_sigma > min(sigmas):
        yield "its epsilon is of stronger noise than it has"
    if (release.unit == "envelope") != (release.mode == "open"):
        yield "it names another unit than its mode protects"
    if release.budget.cost != plan.nano_rho:
        yield "it says that another price was paid than its plan has"
    if ahead := dated_ahead(release.day):
        yield ahead


def _of_words(words: Words, questionnaire: Questionnaire) -> Iterator[str]:
    most = questionnaire.item(words.item).count
    if words.most != most or not is_paid_noise(words.sigma, 2 * words.most, words.nano_rho):
        yield f"list {words.id} has other noise than its price pays for"
    elif exact_atto_delta(words.sigma, words.threshold, words.most) > words.atto_delta:
        yield f"list {words.id} has a lower threshold than its price pays for"
    if any(phrase.count < words.threshold for phrase in words.phrases):
        yield f"list {words.id} has a phrase under its threshold"
