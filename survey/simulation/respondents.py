"""Simulated respondents for the demo and for tests, drawn from a study's priors and routed as on a phone."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path
from random import Random
from statistics import NormalDist
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError

from crypto.canonical import CanonicalError, canonical
from crypto.errors import RefusedError, file_fault
from survey.document import Document, error_paths
from survey.questionnaire.codes import DONT_KNOW, NONE_OF_THESE, NOT_ASKED, REFUSED
from survey.questionnaire.conditions import Answer, Condition, Values, holds
from survey.questionnaire.items import Item
from survey.questionnaire.payload import SERVER, SurveyResponse
from survey.questionnaire.questionnaire import MODES, Questionnaire, form_of
from survey.questionnaire.randomised_response import thresholds, with_draws
from survey.simulation.answers_by_type import (
    Missing,
    PhraseDraws,
    Ranking,
    checked_answer,
    drawn_missing,
    offered_answer,
    phrases_fit,
)
from survey.yaml_text import load

PER_MILLE = 1000
Weights = Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]


class PriorsError(RefusedError):
    """Priors that do not fit the questionnaire."""


class Load(Document):
    """Correlation of an answer with a latent factor, in per cent, -99 to 99."""

    factor: str
    percent: Annotated[int, Field(ge=-99, le=99)]


class ItemPrior(Document):
    """The prior of one item, for each group of an item drawn before (`by`); `other` is for all remaining groups.

    One code: `weights` of `codes`, these in the order in which the factor raises them (of a list experiment the codes
    of both arms). Multi: `weights` are the chances of each code in per mille, and `against` are codes that the factor
    lowers. Ranking (by the id of its group): `weights` of `codes`, drawn one after the other. Phrase: `weights` of
    `phrases`. `missing` codes come first, with their chances in per mille.
    """

    id: str
    codes: tuple[int, ...] = ()
    phrases: tuple[str, ...] = ()
    by: str | None = None
    weights: dict[str, Weights]
    missing: dict[str, int] = Field(default_factory=dict)
    load: Load | None = None
    against: tuple[int, ...] = ()


class Assisted(Document):
    """Where `when` holds, the interview was assisted: the payload's mode is `mode`."""

    when: Condition
    mode: Literal["kiosk", "assisted", "server"]


class Priors(Document):
    """Assumed distributions of a study's answers, in the order in which they are drawn; `hasty` is in per mille."""

    study: str
    why: str
    locales: dict[str, int]
    strata: dict[str, int]
    assisted: Assisted | None = None
    factors: tuple[str, ...]
    hasty: Annotated[int, Field(ge=0, le=PER_MILLE)] = 0
    items: tuple[ItemPrior, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the priors in a YAML file; raise PriorsError where they are not valid."""
        try:
            return cls.model_validate_json(canonical(load(path.read_text(encoding="utf-8"))))
        except ValidationError as error:
            raise PriorsError(f"{path} holds no priors: {error_paths(error)}") from None
        except OSError as error:
            raise PriorsError(f"{path}: {file_fault(error)}") from None
        except (CanonicalError, ValueError):
            raise PriorsError(f"{path} is no YAML of texts and whole numbers in UTF-8: give a priors.yaml") from None


def respondents(questionnaire: Questionnaire, priors: Priors, seed: int) -> Iterator[SurveyResponse]:
    """Yield simulated respondents without end, the same for the same seed; raise PriorsError where priors do not fit.

    Marginal shares are exactly those of the priors within each group, because latent factors enter through normal
    scores (a Gaussian copula); what routing leaves out is not asked, and what the phone randomises is drawn. Only of a
    question of several answers that must be answered are they higher, as nobody can choose nothing of it.
    """
    _check(questionnaire, priors)
    random = Random(seed)  # noqa: S311 - invented people, and repeatable on purpose
    samplers = [_sampler(questionnaire, prior) for prior in priors.items]
    items_of_all_forms = frozenset(
        item.id for item in questionnaire.items if len({*item.forms}) == len(questionnaire.forms)
    )
    item_thresholds = thresholds(questionnaire)
    while True:
        factors = {name: random.gauss() for name in priors.factors}
        intended: dict[str, Answer] = {}
        for sampler in samplers:
            intended |= sampler.draw(random, factors, intended)
        response = _routed(questionnaire, items_of_all_forms, priors, intended, random)
        if item_thresholds:
            response = replace(
                response,
                answers=with_draws(questionnaire, response.answers, item_thresholds, lambda: random.getrandbits(32)),
            )
        yield response


def _routed(
    questionnaire: Questionnaire, items_of_all_forms: frozenset[str], priors: Priors, intended: Values, random: Random
) -> SurveyResponse:
    """Return the intended answers that routing lets the questionnaire ask, with randomised items drawn."""
    answered: dict[str, Answer] = {}
    form = None
    for item in questionnaire.items:
        if item.note:
            continue
        if form is None and item.id not in items_of_all_forms:
            form = form_of(questionnaire, answered)
        in_form = form is None or form in item.forms
        if in_form and (item.ask_if is None or holds(item.ask_if, answered)):
            answer = offered_answer(item, intended[item.id], answered, random)
            answered[item.id] = checked_answer(item, answer, answered, random)
        else:
            answered[item.id] = NOT_ASKED
    was_assisted = priors.assisted is not None and holds(priors.assisted.when, answered)
    mode = priors.assisted.mode if priors.assisted and was_assisted else MODES[0]
    locale, stratum = _weighted(random, priors.locales), _weighted(random, priors.strata)
    given = {name: answer for name, answer in answered.items() if answer != NOT_ASKED}
    hasty = bool(priors.hasty) and mode != SERVER and random.random() * PER_MILLE < priors.hasty
    return SurveyResponse(locale, mode, form or form_of(questionnaire, answered), stratum, given, int(hasty))


def _weighted(random: Random, weights: dict[str, int]) -> str:
    return random.choices([*weights], [*weights.values()])[0]


@dataclass(frozen=True, slots=True)
class _Group:
    """Thresholds of one group on the normal scale: between the codes of a single item, or one per option of a multi."""

    cuts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Sampler:
    id: str
    by: str | None
    multi: bool
    codes: tuple[int, ...]
    groups: dict[str, _Group]
    missing: tuple[tuple[int, float], ...]
    factor: str | None
    loads: tuple[float, ...]
    rest: float
    empty: int
    cap: int
    alone: frozenset[int]

    def draw(self, random: Random, factors: dict[str, float], intended: Values) -> dict[str, Answer]:
        """Draw the answer to one item, given the latent factors and the answers drawn before."""
        missing = drawn_missing(random, self.missing)
        return {self.id: self._substantive(random, factors, intended) if missing is None else missing}

    def _substantive(self, random: Random, factors: dict[str, float], intended: Values) -> Answer:
        group = self.groups.get(str(intended[self.by]) if self.by else "all") or self.groups["other"]
        factor = factors[self.factor] if self.factor else 0.0
        if self.multi:
            return self._choose(random, factor, group)
        return self.codes[bisect(group.cuts, self.loads[0] * factor + self.rest * random.gauss())]

    def _choose(self, random: Random, factor: float, group: _Group) -> Answer:
        scored = zip(self.codes, self.loads, group.cuts, strict=True)
        above = {code: load * factor + self.rest * random.gauss() - cut for code, load, cut in scored}
        chosen = tuple(code for code, excess in above.items() if excess > 0)
        alone = [code for code in chosen if code in self.alone]
        # Where no missing code may be given, whoever would choose nothing chooses what came nearest.
        nothing = self.empty or (max(above, key=lambda code: above[code]),)
        return (alone[0],) if alone else chosen[: self.cap] or nothing


def _sampler(questionnaire: Questionnaire, prior: ItemPrior) -> "_Sampler | Ranking | PhraseDraws":
    below, missing = 0.0, []
    for code, chance in prior.missing.items():
        below += chance / PER_MILLE
        missing.append((int(code), below))
    group = questionnaire.groups_by_id.get(prior.id)
    if group is not None:
        return Ranking(group.items, prior.by, prior.codes, prior.weights, tuple(missing))
    item = questionnaire.item(prior.id)
    if item.phrase:
        return PhraseDraws(item.id, prior.phrases, prior.weights["all"], item.count or 1, tuple(missing))
    return _item_sampler(item, prior, tuple(missing))


def _item_sampler(item: Item, prior: ItemPrior, missing: Missing) -> _Sampler:
    load = prior.load.percent / 100 if prior.load else 0.0
    return _Sampler(
        id=item.id,
        by=prior.by,
        multi=item.multi,
        codes=prior.codes,
        groups={name: _Group(_cuts(item, weights)) for name, weights in prior.weights.items()},
        missing=missing,
        factor=prior.load.factor if prior.load else None,
        loads=tuple(-load if code in prior.against else load for code in prior.codes),
        rest=sqrt(1 - load * load),
        empty=next((code for code in (NONE_OF_THESE, DONT_KNOW, REFUSED) if code in item.missing), 0),
        cap=item.cap or len(item.codes),
        alone=item.exclusive,
    )


def _cuts(item: Item, weights: Weights) -> tuple[float, ...]:
    if item.multi:
        return tuple(_score(1 - chance / PER_MILLE) for chance in weights)
    total, below = sum(weights), 0
    cuts = []
    for weight in weights[:-1]:
        below += weight
        cuts.append(_score(below / total))
    return tuple(cuts)


def _score(share: float) -> float:
    """Return the standard normal quantile of `share`."""
    if 0 < share < 1:
        return NormalDist().inv_cdf(share)
    return float("inf") if share >= 1 else float("-inf")


def _check(questionnaire: Questionnaire, priors: Priors) -> None:
    """Raise PriorsError unless each item has one prior with its own codes, and groups are of items drawn earlier."""
    ids = [prior.id for prior in priors.items]
    if sorted(ids) != sorted(_prior_ids(questionnaire)):
        raise PriorsError("the priors need every item of the questionnaire once (a ranking as one, no notes), no other")
    unknown = {*priors.locales} - {*questionnaire.locales} or {*priors.strata} - {*questionnaire.strata}
    if unknown or priors.study != questionnaire.study:
        raise PriorsError("the priors name another study, locale or stratum")
    for index, prior in enumerate(priors.items):
        group = questionnaire.groups_by_id.get(prior.id)
        item = questionnaire.item(group.items[0] if group else prior.id)
        fault = _fault(item, prior, {*ids[:index]}, {*priors.factors})
        fault = fault or ("a ranking with a factor" if group and prior.load else None)
        if fault:
            raise PriorsError(f"{prior.id}: {fault}")


def _prior_ids(questionnaire: Questionnaire) -> Iterator[str]:
    """Yield the ids that need a prior: every item but notes, and each ranking by the id of its group."""
    rankings = [group for group in questionnaire.groups if group.kind == "ranking"]
    places = {name for group in rankings for name in group.items}
    yield from (item.id for item in questionnaire.items if not item.note and item.id not in places)
    yield from (group.id for group in rankings)


def _fault(item: Item, prior: ItemPrior, earlier: set[str], factors: set[str]) -> str | None:
    allowed = item.codes if item.multi else item.domain
    faults = {
        "codes that the item does not have": not {*prior.codes} <= {*allowed} or not {*prior.against} <= {*prior.codes},
        "missing codes that it does not offer": not {*map(int, prior.missing)} <= {*item.missing},
        "groups of an item that is not drawn before": prior.by is not None and prior.by not in earlier,
        "no weights for all others": ("all" if prior.by is None else "other") not in prior.weights,
        "not one weight for each code": any(
            len(w) != len(prior.codes or prior.phrases) for w in prior.weights.values()
        ),
        "phrases that nobody can send": not phrases_fit(item, prior.phrases),
        "weights of nothing": (not item.multi or not item.missing)
        and any(sum(weights) == 0 for weights in prior.weights.values()),
        "chances above 1000 per mille": item.multi and any(max(w) > PER_MILLE for w in prior.weights.values()),
        "an unknown factor": prior.load is not None and prior.load.factor not in factors,
    }
    return next((name for name, wrong in faults.items() if wrong), None)
