"""Checks the texts of an authored file and writes one texts document for each locale, with placeholders filled."""

import re
from collections.abc import Iterable, Iterator, Mapping

from survey.authoring.checks.wide_signs import plain_letters, wide_placeholder
from survey.authoring.item_options import Member, choices, included, members
from survey.authoring.media_files import Media
from survey.authoring.metadata_compiler import TEXTS as ABOUT
from survey.authoring.piping import item_texts, pipes
from survey.authoring.reading_time import PLACEHOLDER as MINUTES
from survey.authoring.schema import AuthoredItem, AuthoredStudy, Facts, Localised, Paragraph
from survey.authoring.yaml_source import YamlSource
from survey.faults import Where, said
from survey.questionnaire.pipes import PIPE
from survey.questionnaire.questionnaire import Audio, Consent, Derived, DerivedText, ItemText, Questionnaire, Texts
from survey.wording.bidi import END, LEFT_TO_RIGHT

REVEALING_LETTERS = 4  # a word of the title this long in the study's name reveals the topic
MOST_CHARACTERS = 4_000
"""Characters of one text; nobody reads more on a phone."""
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# Only facts are filled here: pipes, which contain a bar, on the phone, and minutes once the texts can be counted.
_SIGNED = re.compile("[-\u2212]\\d[\\d\u2013\u2212 -]*")
_FACT = re.compile(r"\{(?!MINUTES)([^{}|]*)\}")
_COMMAS = re.compile("[,\uff0c\u3001\u060c]")  # as digits.ts has them
TIMED = ("consent", "items", "option_sets")
"""The texts that may say how long the study takes."""
FILLABLE = frozenset(Facts.model_fields) - {"mainland_fieldwork"}


def applicable_paragraphs(paragraphs: list[Paragraph], study: AuthoredStudy) -> list[Paragraph]:
    """Return the paragraphs that apply to this study's mode and items."""
    randomised = any(item.randomise and item.randomise.use for item in study.items if included(item, study))
    words = {None, study.mode, *(["randomised"] if randomised else [])}
    return [paragraph for paragraph in paragraphs if paragraph.only in words]


def check_texts(source: YamlSource, study: AuthoredStudy) -> None:
    """Report every text that lacks a locale, is empty, or holds a placeholder that nothing fills."""
    for where, text in texts_of(study):
        _check_locales(source, study, where, text)
        if where[0] not in ("items", "option_sets") and pipes(text):
            source.report(where, "only items can show an earlier answer", "write it without a pipe")
        for part in [text] if isinstance(text, str) else text.values():
            if wide := wide_placeholder(part):
                remedy = said(
                    "write {plain}, with the brackets and the bar of a plain keyboard",
                    plain=plain_letters(wide),
                )
                source.report(
                    where, said("{wide} stands in full-width brackets, so nothing fills it", wide=wide), remedy
                )
                continue
            plain = MINUTES.sub("", part) if where[0] in TIMED else part
            for name in PLACEHOLDER.findall(PIPE.sub("", plain)):
                _check_placeholder(source, study, where, name)


def check_name(source: YamlSource, study: AuthoredStudy) -> None:
    """Report a study name that reveals the topic: the name is in the address that a respondent's phone stores."""
    titles = " ".join([study.title] if isinstance(study.title, str) else study.title.values()).lower()
    revealing = [word for word in study.study.split("-") if len(word) >= REVEALING_LETTERS and word in titles]
    if revealing:
        message = said(
            "the name stands in every respondent's address and tells the topic ({revealing})",
            revealing=", ".join(revealing),
        )
        source.report(("study",), message, "choose a name that says nothing, such as q26")


def texts_of(study: AuthoredStudy) -> Iterator[tuple[Where, Localised]]:
    """Yield every authored text with its path."""
    yield ("title",), study.title
    yield ("debrief",), study.debrief
    yield from _framing(study)
    for name in sorted(FILLABLE):
        fact: Localised | None = getattr(study.facts, name)
        if fact is not None:
            yield ("facts", name), fact
    for name in ABOUT:
        about: Localised | None = getattr(study.about, name, None)
        if about is not None:
            yield ("about", name), about
    for item in study.items:
        yield from item_texts(item)
    for set_name, options in study.option_sets.items():
        for option in options:
            if option.text is not None:
                yield ("option_sets", set_name, str(option.code), "text"), option.text
    yield from _derived_texts(study)


def _framing(study: AuthoredStudy) -> Iterator[tuple[Where, Localised]]:
    for index, paragraph in enumerate(study.consent.paragraphs):
        yield ("consent", "paragraphs", index, "text"), paragraph.text
    for name in ("question", "agree", "decline"):
        yield ("consent", name), getattr(study.consent, name)
    for index, paragraph in enumerate(study.thanks):
        yield ("thanks", index, "text"), paragraph.text
    yield from ((("endings", name), text) for name, text in study.endings.items())
    yield from ((("missing", code), text) for code, text in study.missing.items())


def _derived_texts(study: AuthoredStudy) -> Iterator[tuple[Where, Localised]]:
    for derived in study.derived:
        yield ("derived", derived.id, "text"), derived.text
        if isinstance(derived.labels, dict):
            yield from ((("derived", derived.id, "labels", level), text) for level, text in derived.labels.items())


def _check_locales(source: YamlSource, study: AuthoredStudy, where: Where, text: Localised) -> None:
    by_locale = dict.fromkeys(study.locales, text) if isinstance(text, str) else text
    for locale in study.locales:
        if (count := len(by_locale.get(locale, ""))) > MOST_CHARACTERS:
            source.report(
                where,
                said("the text in {locale} has {count} characters", locale=locale, count=format(count, ",")),
                said("write at most {most}", most=format(MOST_CHARACTERS, ",")),
            )
        if not by_locale.get(locale, "").strip():
            source.report(
                where,
                said("there is no text in {locale}", locale=locale),
                "write it, or remove the locale from `locales`",
            )
    for locale in by_locale:
        if locale not in study.locales:
            source.report(
                (*where, locale), said("{locale} is none of the study's locales", locale=locale), "add it to `locales`"
            )


def _check_placeholder(source: YamlSource, study: AuthoredStudy, where: Where, name: str) -> None:
    if name.lower() not in FILLABLE or name != name.upper():
        fillable = tuple(f"{{{fact.upper()}}}" for fact in sorted(FILLABLE))
        remedy = said("use one of {fillable}", fillable=fillable)
        source.report(where, said("unknown placeholder {name}", name=f"{{{name}}}"), remedy)
    elif getattr(study.facts, name.lower()) is None:
        source.report(
            where,
            said("nothing fills {name}", name=f"{{{name}}}"),
            said("give `{fact}` under `facts`", fact=name.lower()),
        )


class TextsWriter:
    """Writes the texts document of one locale; valid only after `check_texts` reported no problem."""

    def __init__(self, study: AuthoredStudy, questionnaire: Questionnaire, locale: str, media: Media) -> None:
        self._study = study
        self._questionnaire = questionnaire
        self._locale = locale
        self._media = media
        self._items = [item for item in study.items if included(item, study)]

    def draft(self, interface: Mapping[str, str]) -> Texts:
        """Return the texts document (`sotto-texts-2`) before it is validated."""
        study, locale = self._study, self._study.locales[self._locale]
        groups = {group.id for group in self._questionnaire.groups}
        optional = {
            "groups": {item.id: self._text(item.text) for item in self._items if item.id in groups},
            "hints": {item.id: self._text(item.hint) for item in self._items if item.hint is not None},
        }
        draft = Texts.model_construct(
            format="sotto-texts-2",
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
        return draft.model_copy(update={name: texts for name, texts in optional.items() if texts})

    def _text(self, text: Localised) -> str:
        plain = text if isinstance(text, str) else text[self._locale]
        said = _FACT.sub(lambda match: self._fact(match[1]), plain).strip()
        # Among letters that run from right to left a minus sign would move behind its number.
        backwards = self._study.locales[self._locale].dir == "rtl"
        return f"{LEFT_TO_RIGHT}{said}{END}" if backwards and _SIGNED.fullmatch(said) else said

    def _fact(self, name: str) -> str:
        fact: Localised = getattr(self._study.facts, name.lower())
        return (fact if isinstance(fact, str) else fact[self._locale]).strip()

    def _paragraphs(self, paragraphs: list[Paragraph]) -> tuple[str, ...]:
        return tuple(self._text(paragraph.text) for paragraph in applicable_paragraphs(paragraphs, self._study))

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
        codes = [choice.option.code for choice in options] if item.type == "picture" else []
        return ItemText.model_construct(
            text=self._item_text(item, member),
            options={str(choice.option.code): self._text(choice.text) for choice in options},
            ends=None if item.ends is None else (self._text(item.ends[0]), self._text(item.ends[1])),
            units=None if item.units is None else self._units(item.units),
            lines=None if experiment is None else tuple(self._text(line) for line in experiment.lines),
            checks=tuple(self._text(check.text) for check in item.checks or ()) or None,
            pictures={str(code): self._media.pictures[item.id, code] for code in codes} or None,
        ).compact()

    def _units(self, units: Localised) -> str:
        """Return the units in this locale and then in the study's others: somebody may type another script's."""
        if isinstance(units, str):
            return self._text(units)
        written = (units[self._locale], *units.values())
        named = (unit.strip() for text in written for unit in _COMMAS.split(text))
        return ", ".join(dict.fromkeys(unit for unit in named if unit))

    def _item_text(self, item: AuthoredItem, member: Member) -> str:
        if item.type == "ranking":
            return f"{self._text(item.text)} ({member.row})"
        return self._text(member.row or item.text) if item.type == "grid" else self._text(item.text)

    def _audio(self) -> Audio | None:
        """Return this locale's recordings: the consent's applicable paragraphs, missing codes, items and groups."""
        consent = self._study.consent
        numbers = [
            number
            for number, paragraph in enumerate(consent.paragraphs, 1)
            if paragraph in applicable_paragraphs([paragraph], self._study)
        ]
        parts = (*(f"consent-{number}" for number in numbers), "consent-question", "consent-agree", "consent-decline")
        audio: dict[str, object] = {
            "consent": tuple(name for part in parts if (name := self._recording(part))),
            "missing": self._recordings(f"missing-{code}" for code in self._study.missing),
        }
        for item in self._items:
            for name in dict.fromkeys((item.id, *(member.id for member in members(item)))):
                audio[name] = self._item_audio(item, name)
        recorded = {name: value for name, value in audio.items() if value}
        return Audio.model_validate(recorded) if recorded else None

    def _item_audio(self, item: AuthoredItem, name: str) -> dict[str, object]:
        own = {"text": self._recording(name), "hint": self._recording(f"{name}-hint")}
        # A row without recordings of its own uses those of the whole grid or ranking.
        codes = [choice.option.code for choice in choices(item, self._study)]
        options = {
            str(code): digest
            for code in codes
            if (digest := self._recording(f"{name}-{code}") or self._recording(f"{item.id}-{code}"))
        }
        return {part: recording for part, recording in {**own, "options": options}.items() if recording}

    def _recording(self, name: str) -> str | None:
        return self._media.recordings.get((self._locale, name))

    def _recordings(self, names: Iterable[str]) -> dict[str, str]:
        return {name.rpartition("-")[2]: digest for name in names if (digest := self._recording(name))}

    def _derived(self, derived: Derived) -> DerivedText:
        authored = next(derived_text for derived_text in self._study.derived if derived_text.id == derived.id)
        labels = (
            {str(level): str(level) for level in derived.levels}
            if isinstance(authored.labels, str)
            else authored.labels
        )
        levels = {level: self._text(text) for level, text in labels.items()}
        return DerivedText.model_construct(text=self._text(authored.text), levels=levels)
