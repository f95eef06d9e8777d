"""Every text of an authored file in every locale, its placeholders filled: one texts document for each language."""

import re
from collections.abc import Iterable, Iterator, Mapping

from survey.authoring.item_options import Member, choices, included, members
from survey.authoring.media_files import Media
from survey.authoring.piping import PIPE, item_texts, pipes
from survey.authoring.schema import AuthoredItem, AuthoredStudy, Facts, Localised, Paragraph
from survey.authoring.yaml_source import Source, Where
from survey.questionnaire.questionnaire import Audio, Consent, Derived, DerivedText, ItemText, Questionnaire, Texts

TELLING = 4  # letters from which a word of the title gives a study away
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# What is filled here: a pipe, which has a bar, is filled on the phone.
_FACT = re.compile(r"\{([^{}|]*)\}")
FILLABLE = frozenset(Facts.model_fields) - {"mainland_fieldwork"}


def kept(paragraphs: list[Paragraph], study: AuthoredStudy) -> list[Paragraph]:
    """Return the paragraphs that are true of this study's mode and items."""
    randomised = any(item.randomise and item.randomise.use for item in study.items if included(item, study))
    words = {None, study.mode, *(["randomised"] if randomised else [])}
    return [paragraph for paragraph in paragraphs if paragraph.only in words]


def check_texts(source: Source, study: AuthoredStudy) -> None:
    """Report every text that lacks a locale, is empty, or holds a placeholder that nothing fills."""
    for where, text in texts_of(study):
        _check_locales(source, study, where, text)
        if where[0] not in ("items", "option_sets") and pipes(text):
            source.report(where, "only items can show an earlier answer", "write it without a pipe")
        for part in [text] if isinstance(text, str) else text.values():
            for name in PLACEHOLDER.findall(PIPE.sub("", part)):
                _check_placeholder(source, study, where, name)


def check_name(source: Source, study: AuthoredStudy) -> None:
    """Report a study's name that tells its topic: the name stands in the address that a respondent's phone keeps."""
    titles = " ".join([study.title] if isinstance(study.title, str) else study.title.values()).lower()
    told = [word for word in study.study.split("-") if len(word) >= TELLING and word in titles]
    if told:
        message = f"the name stands in every respondent's address and tells the topic ({', '.join(told)})"
        source.report(("study",), message, "choose a name that says nothing, such as q26")


def texts_of(study: AuthoredStudy) -> Iterator[tuple[Where, Localised]]:
    """Yield every authored text with its place."""
    yield ("title",), study.title
    yield ("debrief",), study.debrief
    yield from _framing(study)
    for name in sorted(FILLABLE):
        fact: Localised | None = getattr(study.facts, name)
        if fact is not None:
            yield ("facts", name), fact
    for item in study.items:
        yield from item_texts(item)
    for set_name, options in study.option_sets.items():
        for option in options:
            if option.text is not None:
                yield ("option_sets", set_name, str(option.code), "text"), option.text
    yield from _derived_texts(study)


def _framing(study: AuthoredStudy) -> Iterator[tuple[Where, Localised]]:
    for place, paragraph in enumerate(study.consent.paragraphs):
        yield ("consent", "paragraphs", place, "text"), paragraph.text
    for name in ("question", "agree", "decline"):
        yield ("consent", name), getattr(study.consent, name)
    for place, paragraph in enumerate(study.thanks):
        yield ("thanks", place, "text"), paragraph.text
    yield from ((("endings", name), text) for name, text in study.endings.items())
    yield from ((("missing", code), text) for code, text in study.missing.items())


def _derived_texts(study: AuthoredStudy) -> Iterator[tuple[Where, Localised]]:
    for derived in study.derived:
        yield ("derived", derived.id, "text"), derived.text
        if isinstance(derived.labels, dict):
            yield from ((("derived", derived.id, "labels", level), text) for level, text in derived.labels.items())


def _check_locales(source: Source, study: AuthoredStudy, where: Where, text: Localised) -> None:
    given = dict.fromkeys(study.locales, text) if isinstance(text, str) else text
    for locale in study.locales:
        if not given.get(locale, "").strip():
            source.report(where, f"there is no text in {locale}", "write it, or remove the locale from `locales`")
    for locale in given:
        if locale not in study.locales:
            source.report((*where, locale), f"{locale} is none of the study's locales", "add it to `locales`")


def _check_placeholder(source: Source, study: AuthoredStudy, where: Where, name: str) -> None:
    if name.lower() not in FILLABLE or name != name.upper():
        remedy = "use one of " + ", ".join(f"{{{fact.upper()}}}" for fact in sorted(FILLABLE))
        source.report(where, f"unknown placeholder {{{name}}}", remedy)
    elif getattr(study.facts, name.lower()) is None:
        source.report(where, f"nothing fills {{{name}}}", f"give `{name.lower()}` under `facts`")


class Writer:
    """Writes the texts of one locale; to be used once `check_texts` found nothing."""

    def __init__(self, study: AuthoredStudy, questionnaire: Questionnaire, locale: str, media: Media) -> None:
        self._study = study
        self._questionnaire = questionnaire
        self._locale = locale
        self._media = media
        self._items = [item for item in study.items if included(item, study)]

    def draft(self, interface: Mapping[str, str]) -> Texts:
        """Return the texts document (`sotto-texts-1`) before it is validated."""
        study, locale = self._study, self._study.locales[self._locale]
        groups = {group.id for group in self._questionnaire.groups}
        grouped = {item.id: self._text(item.text) for item in self._items if item.id in groups}
        draft = Texts.model_construct(
            format="sotto-texts-1",
            study=study.study,
            locale=self._locale,
            dir=locale.dir,
            name=locale.name,
            title=self._text(study.title),
            consent=self._consent(),
            endings={name: self._text(text) for name, text in study.endings.items()},
            thanks=self._paragraphs(study.thanks),
            debrief=self._text(study.debrief),
            items={member.id: self._item(item, member) for item in self._items for member in members(item)},
            missing={code: self._text(text) for code, text in study.missing.items()},
            derived={derived.id: self._derived(derived) for derived in self._questionnaire.derived},
            interface=dict(interface),
            audio=self._audio(),
        ).compact()
        return draft.model_copy(update={"groups": grouped}) if grouped else draft

    def _text(self, text: Localised) -> str:
        plain = text if isinstance(text, str) else text[self._locale]
        return _FACT.sub(lambda match: self._fact(match[1]), plain).strip()

    def _fact(self, name: str) -> str:
        fact: Localised = getattr(self._study.facts, name.lower())
        return (fact if isinstance(fact, str) else fact[self._locale]).strip()

    def _paragraphs(self, paragraphs: list[Paragraph]) -> tuple[str, ...]:
        return tuple(self._text(paragraph.text) for paragraph in kept(paragraphs, self._study))

    def _consent(self) -> Consent:
        consent = self._study.consent
        return Consent.model_construct(
            paragraphs=self._paragraphs(consent.paragraphs),
            question=self._text(consent.question),
            agree=self._text(consent.agree),
            decline=self._text(consent.decline),
        )

    def _item(self, item: AuthoredItem, member: Member) -> ItemText:
        options = choices(item, self._study)
        experiment = item.list_experiment
        codes = [one.option.code for one in options] if item.type == "picture" else []
        return ItemText.model_construct(
            text=self._item_text(item, member),
            options={str(one.option.code): self._text(one.text) for one in options},
            ends=None if item.ends is None else (self._text(item.ends[0]), self._text(item.ends[1])),
            lines=None if experiment is None else tuple(self._text(line) for line in experiment.lines),
            pictures={str(code): self._media.pictures[item.id, code] for code in codes} or None,
        ).compact()

    def _item_text(self, item: AuthoredItem, member: Member) -> str:
        if item.type == "ranking":
            return f"{self._text(item.text)} ({member.row})"
        return self._text(member.row or item.text) if item.type == "grid" else self._text(item.text)

    def _audio(self) -> Audio | None:
        """Return this locale's recordings: the consent's kept paragraphs, missing codes, items and groups."""
        consent = self._study.consent
        kept_places = [place for place, one in enumerate(consent.paragraphs, 1) if one in kept([one], self._study)]
        parts = (*(f"consent-{place}" for place in kept_places), "consent-question", "consent-agree", "consent-decline")
        found: dict[str, object] = {
            "consent": tuple(name for part in parts if (name := self._recording(part))),
            "missing": self._recordings(f"missing-{code}" for code in self._study.missing),
        }
        for item in self._items:
            for name in dict.fromkeys((item.id, *(member.id for member in members(item)))):
                found[name] = self._read_aloud(item, name)
        recorded = {name: value for name, value in found.items() if value}
        return Audio.model_validate(recorded) if recorded else None

    def _read_aloud(self, item: AuthoredItem, name: str) -> dict[str, object]:
        text = self._recording(name)
        # What a row does not say of its own is said of the whole grid or ranking.
        codes = [one.option.code for one in choices(item, self._study)]
        options = {
            str(code): found
            for code in codes
            if (found := self._recording(f"{name}-{code}") or self._recording(f"{item.id}-{code}"))
        }
        return ({"text": text} if text else {}) | ({"options": options} if options else {})

    def _recording(self, name: str) -> str | None:
        return self._media.recordings.get((self._locale, name))

    def _recordings(self, names: Iterable[str]) -> dict[str, str]:
        return {name.rpartition("-")[2]: found for name in names if (found := self._recording(name))}

    def _derived(self, derived: Derived) -> DerivedText:
        authored = next(other for other in self._study.derived if other.id == derived.id)
        labels = (
            {str(level): str(level) for level in derived.levels}
            if isinstance(authored.labels, str)
            else authored.labels
        )
        levels = {level: self._text(text) for level, text in labels.items()}
        return DerivedText.model_construct(text=self._text(authored.text), levels=levels)
