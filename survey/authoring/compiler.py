"""Compiles an authored YAML file into the questionnaire and its texts, or reports all of its problems at once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from survey.authoring.checks.stand_ins import stand_ins
from survey.authoring.editing.included_blocks import include_blocks
from survey.authoring.item_options import choices, compiled, included, members
from survey.authoring.item_type_rules import type_faults, unexpected_members
from survey.authoring.media_files import Media, read_media
from survey.authoring.named_conditions import Conditions, uses_names
from survey.authoring.piping import piping_faults
from survey.authoring.reading_time import (
    ReadingTime,
    name_faults,
    promise_faults,
    reading_times,
    timed_places,
    with_minutes,
)
from survey.authoring.references import references
from survey.authoring.schema import AuthoredDerived, AuthoredForm, AuthoredItem, AuthoredStudy, Written
from survey.authoring.schema_errors import parse_model, report_validation
from survey.authoring.texts import TextsWriter, applicable_paragraphs, check_name, check_texts, texts_of
from survey.authoring.wording_checks import check_wording
from survey.authoring.yaml_source import YamlSource
from survey.faults import AuthoringError, Fault, Where, said
from survey.questionnaire.conditions import Condition
from survey.questionnaire.items import Item, ItemGroup
from survey.questionnaire.questionnaire import Derived, Form, Questionnaire, Texts
from survey.questionnaire.rules.condition_rules import condition_faults
from survey.questionnaire.rules.indicator_rules import derived_faults
from survey.questionnaire.rules.questionnaire_rules import faults
from survey.questionnaire.rules.sealing_rules import resume_faults, sealing_faults, work_faults
from survey.wording.catalogues import load_wordings
from survey.wording.phone_catalogue import Interface, read_interface, shown_in

INTERFACE = "interface"
"""The folder beside a questionnaire with the phone page's texts in languages of its own."""
_CHOOSING = ("single", "picture", "multi", "grid", "ranking")


@dataclass(frozen=True)
class Compiled:
    """A compiled study: the questionnaire, the texts by locale, recordings and pictures by SHA-256.

    `authored` is the source file, which also holds what is written for authors alone, and `source` its very bytes.
    `times`: how long each form takes in each locale; `timed`: by locale the places of texts that state it, because the
    compiler filled it in. `lines`: the file with its lines, for who has more to say of it.
    """

    questionnaire: Questionnaire
    texts: dict[str, Texts]
    media: dict[str, bytes]
    authored: AuthoredStudy
    source: bytes
    times: tuple[ReadingTime, ...]
    timed: dict[str, frozenset[str]]
    lines: YamlSource


def compile_study(path: Path, interface: Interface | None = None) -> tuple[Questionnaire, dict[str, Texts]]:
    """Return the questionnaire and its texts by locale; raise AuthoringError with every problem at once.

    `interface` are the phone page's own texts, by default those of `survey/interface`.
    """
    compiled = compile_with_media(path, interface)
    return compiled.questionnaire, compiled.texts


def compile_with_media(path: Path, interface: Interface | None = None, *, media_folder: Path | None = None) -> Compiled:
    """Return the questionnaire, its texts, and its recordings and pictures; raise AuthoringError as compile_study.

    Recordings, pictures and interface texts are looked for in `media_folder`, by default beside the file.
    """
    source = YamlSource(path)
    include_blocks(source, media_folder or path.parent)
    study, broken = parse_model(source, AuthoredStudy, stand_ins)
    if study is None:
        raise AuthoringError(source.problems)
    beside = (media_folder or path.parent) / INTERFACE
    words = interface or read_interface([*study.locales], beside=beside)
    source.problems += words.problems
    for locale in study.locales:
        if interface and not interface.texts.get(locale):
            source.report(("locales", locale), "the phone page has no texts in this locale", "translate its interface")
    questionnaire = _Compiler(source, study, broken).questionnaire()
    check_texts(source, study)
    check_name(source, study)
    check_wording(source, study)
    media = read_media(source, study, media_folder or path.parent, whole=not broken)
    if source.problems:
        raise AuthoringError(source.problems)
    texts = _texts(study, questionnaire, words, media)
    times = reading_times(questionnaire, texts)
    _check_minutes(source, study, times)
    if source.problems:
        raise AuthoringError(source.problems)
    filled = {locale: with_minutes(text, times) for locale, text in texts.items()}
    timed = {locale: timed_places(text) for locale, text in texts.items()}
    return Compiled(questionnaire, filled, media.files, study, source.content, times, timed, source)


def _check_minutes(source: YamlSource, study: AuthoredStudy, times: tuple[ReadingTime, ...]) -> None:
    """Report minutes of a form that there is not, and those of a consent that no reader can keep."""
    for where, text in texts_of(study):
        for locale in study.locales:
            words = text if isinstance(text, str) else text[locale]
            own = [time for time in times if time.locale == locale]
            for fault in (*name_faults(words, own), *(promise_faults(words, own) if where[0] == "consent" else ())):
                source.report(where, said("in {locale} {fault}", locale=locale, fault=fault[0]), fault[1])


def _texts(study: AuthoredStudy, questionnaire: Questionnaire, words: Interface, media: Media) -> dict[str, Texts]:
    needed = {
        locale: shown_in(questionnaire, words.texts[locale], recorded=study.audio is not None)
        for locale in study.locales
    }
    return {
        locale: TextsWriter(study, questionnaire, locale, media).draft(needed[locale]).validated()
        for locale in study.locales
    }


def missing_for_opening(study: AuthoredStudy) -> tuple[str, ...]:
    """Return a description of everything that a compiled study needs before a wave may open; empty if complete."""
    facts = study.facts
    required = {
        said("a consent text (`consent.paragraphs`)"): bool(applicable_paragraphs(study.consent.paragraphs, study)),
        said("who runs it (`facts.org`)"): facts.org,
        said("the ethics review and its number (`facts.ethics`)"): facts.ethics,
        said("a contact for respondents (`facts.contact`)"): facts.contact,
        said("the day it closes (`facts.close_date`)"): facts.close_date,
        said("where results will be found (`facts.results_place`)"): facts.results_place,
        said("the permit for fieldwork in mainland China (`facts.permit`)"): facts.permit
        or not facts.mainland_fieldwork,
    }
    return tuple(name for name, value in required.items() if not value)


def _resume(study: AuthoredStudy) -> Literal["tab"] | None:
    """Return where a phone keeps a slip over a reload: in the tab, unless a study by invitation says `none`."""
    wanted = study.resume or ("tab" if study.mode == "invitation" else "none")
    return None if wanted == "none" else wanted


class _Compiler:
    """Compiles one authored file into a questionnaire and reports problems to its source."""

    def __init__(self, source: YamlSource, study: AuthoredStudy, broken: frozenset[str]) -> None:
        self._source = source
        self._study = study
        self._broken = {*broken}
        self._conditions = Conditions(source, study.conditions, broken)
        self._items = [item for item in study.items if included(item, study)]
        self._of_member = {member.id: item.id for item in self._items for member in members(item)}

    def questionnaire(self) -> Questionnaire:
        """Return the questionnaire; it is complete only if no problem was reported."""
        study = self._study
        for item in study.items:
            self._check_type(item)
        whole = self._draft().validated()
        self._check(whole)
        return whole

    def _draft(self) -> Questionnaire:
        """Return the questionnaire before it is validated."""
        study = self._study
        groups = tuple(group for group in map(self._group, self._items) if group)
        draft = Questionnaire.model_construct(
            format="sotto-questionnaire-3",
            study=study.study,
            version=study.version,
            locales=tuple(study.locales),
            mode=study.mode,
            sealing=study.sealing,
            strata=tuple(study.strata),
            forms=tuple(map(self._form, study.forms)),
            items=tuple(member for item in self._items for member in self._members(item)),
            pairs=tuple(study.pairs),
            derived=tuple(derived for derived in map(self._derived, study.derived) if derived),
            drafts=study.drafts,
            resume=_resume(study),
            voice=True if study.voice else None,
            work=True if study.work else None,
            overview=None if study.overview else False,
        ).compact()
        return draft.model_copy(update={"groups": groups}) if groups else draft

    def _check_type(self, item: AuthoredItem) -> None:
        type_problems = [*type_faults(item, self._study)]
        for fault in (*type_problems, *unexpected_members(item)):
            self._source.report_fault(fault)
        # An item without options because of a fault of its type gets no second report for the missing options.
        self._broken |= (
            {item.id} if type_problems or (not choices(item, self._study) and item.type in _CHOOSING) else set()
        )

    def _group(self, item: AuthoredItem) -> ItemGroup | None:
        ids = tuple(member.id for member in members(item))
        match item.type:
            case "grid" | "ranking" as kind if len(ids) > 1:
                return ItemGroup.model_construct(id=item.id, kind=kind, items=ids, shuffle=item.shuffle)
        return None

    def _form(self, form: AuthoredForm) -> Form:
        when = self._condition(form.when, ("forms", form.id, "when"))
        return Form.model_construct(id=form.id, when=when).compact()

    def _condition(self, written: Written | None, where: Where) -> Condition | None:
        condition = None if written is None else self._conditions.condition(written, where)
        if written is not None and condition is None and where[0] == "derived":
            # An item without its condition can still be checked; an indicator would seem to exceed its levels.
            self._broken.add(str(where[1]))
        return condition

    def _plain_condition(self, key: str, written: Written | None, where: Where) -> dict[str, Any]:
        condition = self._condition(written, (*where, key))
        return {} if condition is None else {key: condition.model_dump(mode="json", by_alias=True, exclude_unset=True)}

    def _members(self, item: AuthoredItem) -> Iterator[Item]:
        """Yield the compiled item, or each of a group's."""
        routing = self._condition(item.ask_if, ("items", item.id, "ask_if"))
        own: dict[str, object] = {} if routing is None else {"ask_if": routing}
        own |= self._checks(item)
        common = compiled(item, self._study)
        routed = common.model_copy(update=own) if own else common
        yield from (routed.model_copy(update={"id": member.id}) for member in members(item))

    def _checks(self, item: AuthoredItem) -> dict[str, object]:
        places = [("items", item.id, "checks", index, "holds") for index in range(len(item.checks or ()))]
        written = zip(item.checks or (), places, strict=True)
        checks = tuple(check for one, where in written if (check := self._condition(one.holds, where)) is not None)
        return {"checks": checks} if checks else {}

    def _derived(self, derived: AuthoredDerived) -> Derived | None:
        where = ("derived", derived.id)
        plain = {
            "id": derived.id,
            "levels": self._levels(derived),
            "score": derived.score,
            **({} if derived.base is None else {"base": derived.base}),
            **self._plain_condition("population", derived.population, where),
            **self._plain_condition("undefined_if", derived.undefined_if, where),
            **({} if derived.else_ is None else {"else": derived.else_}),
            **{
                key: self._parts(key, getattr(derived, key), where) for key in ("sum", "cases") if getattr(derived, key)
            },
        }
        try:
            whole = Derived.model_validate_json(json.dumps(plain))
        except ValidationError as error:
            report_validation(self._source, where, error)
            self._broken.add(derived.id)
            return None
        return None if derived.id in self._broken else whole

    def _levels(self, derived: AuthoredDerived) -> list[int]:
        run = derived.levels
        labelled = [int(level) for level in derived.labels] if isinstance(derived.labels, dict) else []
        levels = labelled if run is None else [*range(run.low, run.high + 1)]
        if labelled and sorted(labelled) != sorted(levels):
            message = "the labels are not those of the levels"
            self._source.report(("derived", derived.id, "labels"), message, "give one label for each level")
        return levels

    def _parts(self, key: str, parts: list[dict[str, Any]], where: Where) -> list[dict[str, Any]]:
        return [self._part(part, (*where, key, index)) for index, part in enumerate(parts)]

    def _part(self, part: dict[str, Any], where: Where) -> dict[str, Any]:
        return {**part, **self._plain_condition("when", part["when"], where)} if "when" in part else part

    def _check(self, whole: Questionnaire) -> None:
        condition_problems = [fault for name in self._study.conditions for fault in self._named_faults(name, whole)]
        for fault in condition_problems:
            self._report(fault)
        reported = {fault.message for fault in condition_problems}
        for fault in (*references(self._study), *piping_faults(self._study, whole)):
            if not fault.names & self._broken:
                self._source.report_fault(fault)
        for fault in (
            *faults(whole),
            *derived_faults(whole),
            *sealing_faults(whole, load_wordings("plain")),
            *work_faults(whole),
            *resume_faults(whole),
        ):
            if fault.message not in reported or not uses_names(self._written(self._written_as(fault.where))):
                self._report(fault)

    def _named_faults(self, name: str, whole: Questionnaire) -> Iterator[Fault]:
        where = ("conditions", name)
        condition = self._conditions.condition(name, where)
        if condition is not None:
            names = [*whole.by_id], [*whole.derived_by_id]
            yield from condition_faults(condition, where, whole, items=names[0], derived=names[1])

    def _written(self, where: Where) -> object:
        value = self._source.data
        for step in self._source.resolve(where):
            value = value[step]
        return value.get("when", value) if isinstance(value, dict) else value

    def _report(self, fault: Fault) -> None:
        where = self._written_as(fault.where)
        names = {self._of_member.get(name, name) for name in fault.names}
        if not {*names, *map(str, where[:2])} & self._broken:
            self._source.report_fault(replace(fault, where=where))

    def _written_as(self, where: Where) -> Where:
        """Return the path in the authored file: a group for its items, bands for options, labels for levels."""
        match where:
            case ("derived", name, "levels", *rest) if "levels" not in self._source.resolve(where):
                return ("derived", name, "labels", *rest)
            case ("groups", str(name), *rest):
                return ("items", name, *rest)
            case ("items", str(name), "options", *rest) if self._has_bands(name):
                return ("items", name, "bands", *rest)
            case ("items", str(name), *rest):
                return ("items", self._of_member.get(name, name), *rest)
        return where

    def _has_bands(self, name: str) -> bool:
        return any(item.id == name and item.bands is not None for item in self._items)
