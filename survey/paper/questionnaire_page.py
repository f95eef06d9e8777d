"""The printed questionnaire in one locale, complete for an ethics board. No files are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crypto.canonical import canonical, digest
from survey.paper.item_blocks import Indicator, PrintedBlock, Reasons, blocks, indicators
from survey.questionnaire.items import NO_CONSENT
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.questionnaire.randomised_response import item_epsilons, person_epsilon
from survey.wording.catalogues import Wording
from survey.wording.routing_words import ConditionRenderer


@dataclass(frozen=True)
class Background:
    """What only the authored study file has: who runs the study and, optionally, why each question is asked."""

    facts: tuple[tuple[str, str], ...] = ()
    reasons: Reasons = field(default_factory=dict)
    hypotheses: tuple[tuple[str, str], ...] = ()
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class QuestionnairePage:
    """The questionnaire of one locale, in the form that its template renders."""

    questionnaire: Questionnaire
    texts: Texts
    fingerprint: str
    fingerprints: tuple[tuple[str, str], ...]
    background: Background
    how: tuple[str, ...]
    forms: tuple[str, ...]
    blocks: tuple[PrintedBlock, ...]
    endings: tuple[tuple[str, str], ...]
    indicators: tuple[Indicator, ...]


# Decision 26.
def fingerprint(questionnaire: Questionnaire, texts: Mapping[str, Texts]) -> str:
    """Return SHA-256 (hex) of the manifest's `questionnaire` and `texts` in canonical JSON: what a board approves."""
    members = {"questionnaire": questionnaire.digest, "texts": {locale: text.digest for locale, text in texts.items()}}
    return digest(canonical(members))


def questionnaire_page(
    renderer: ConditionRenderer,
    words: Wording,
    texts: Mapping[str, Texts],
    media: Mapping[str, bytes],
    background: Background,
) -> QuestionnairePage:
    """Return the printed questionnaire in the renderer's locale; `texts` of all locales are part of the fingerprint."""
    questionnaire, locale_texts = renderer.questionnaire, renderer.texts
    hashes = {words("fp-texts", name=text.name): text.digest for text in texts.values()}
    return QuestionnairePage(
        questionnaire,
        locale_texts,
        fingerprint(questionnaire, texts),
        ((words("fp-questionnaire"), questionnaire.digest), *hashes.items()),
        background,
        tuple(_procedure(questionnaire, words)),
        tuple(_forms(renderer, words)),
        tuple(blocks(renderer, words, media, background.reasons)),
        tuple(_endings(locale_texts, words)),
        tuple(indicators(renderer, words)),
    )


def _procedure(questionnaire: Questionnaire, words: Wording) -> list[str]:
    epsilons = item_epsilons(questionnaire)
    sentences = [words(f"mode-{questionnaire.mode}"), words(f"sealing-{questionnaire.sealing}"), words("released")]
    sentences += _kept(questionnaire, words)
    if len(questionnaire.strata) > 1:
        sentences.append(words("strata", names=", ".join(questionnaire.strata)))
    epsilon_list = ", ".join(f"{name} (epsilon {epsilon})" for name, epsilon in epsilons.items())
    none = words("randomised-none")
    sentences.append(
        words("randomised-some", items=epsilon_list, person=person_epsilon(questionnaire)) if epsilons else none
    )
    return [*sentences, words("not-asked")]


def _kept(questionnaire: Questionnaire, words: Wording) -> list[str]:
    """Return what a phone keeps of an interview."""
    drafts = [words("drafts", days=questionnaire.drafts.days)] if questionnaire.drafts else []
    return [*drafts, *([words("resume")] if questionnaire.resume else [])] or [words("no-drafts")]


def _forms(renderer: ConditionRenderer, words: Wording) -> list[str]:
    forms = renderer.questionnaire.forms
    if len(forms) == 1:
        return []
    return [
        words("form-else", name=form.id)
        if form.when is None
        else words("form-when", name=form.id, condition=renderer.text_of(form.when))
        for form in forms
    ]


def _endings(texts: Texts, words: Wording) -> list[tuple[str, str]]:
    names = {NO_CONSENT: words("no-consent")}
    endings = [(names.get(name, name), text) for name, text in texts.endings.items()]
    return [*endings, (words("thanks"), "\n".join(texts.thanks)), (words("debrief"), texts.debrief)]
