"""Piping, the label of an earlier answer inside a text: its syntax and the rules for the answer that is piped."""

from collections.abc import Iterator

from survey.authoring.item_options import included, members, written
from survey.authoring.schema import AuthoredItem, AuthoredOption, AuthoredStudy, Localised
from survey.faults import Fault, Where, said
from survey.questionnaire.pipes import PIPE
from survey.questionnaire.questionnaire import Questionnaire

_REMEDY = "pipe from an earlier item of one code that is neither randomised nor a list experiment"


def piping_faults(study: AuthoredStudy, questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield every `{ITEM|words}` without an earlier answer to ITEM, or without words for a missing answer."""
    for item in study.items:
        if included(item, study):
            for where, text in item_texts(item):
                about = frozenset(name for name, _ in pipes(text))
                yield from (
                    Fault(where, message, remedy, about) for message, remedy in _pipes(item, text, study, questionnaire)
                )
    for name, options in study.option_sets.items():
        for option in options:
            if option.text is not None and pipes(option.text):
                where = ("option_sets", name, str(option.code), "text")
                yield Fault(where, "an option set does not pipe", "write the options in their item")


def item_texts(item: AuthoredItem) -> Iterator[tuple[Where, Localised]]:
    """Yield every text of one item with its path, without those of option sets."""
    where = ("items", item.id)
    yield (*where, "text"), item.text
    if item.hint is not None:
        yield (*where, "hint"), item.hint
    if item.units is not None:
        yield (*where, "units"), item.units
    for part, options in (("options", item.options), ("bands", item.bands)):
        for option in options if isinstance(options, list) else ():
            if option.text is not None:
                yield (*where, part, str(option.code), "text"), option.text
    for index, end in enumerate(item.ends or ()):
        yield (*where, "ends", index), end
    for index, row in enumerate(item.rows or ()):
        yield (*where, "rows", index, "text"), row.text
    for index, check in enumerate(item.checks or ()):
        yield (*where, "checks", index, "text"), check.text
    for index, line in enumerate(item.list_experiment.lines if item.list_experiment else ()):
        yield (*where, "list_experiment", "lines", index), line


def pipes(text: Localised) -> list[tuple[str, str]]:
    """Return the name and the words of every pipe in any locale of `text`."""
    return [pipe for part in ([text] if isinstance(text, str) else text.values()) for pipe in PIPE.findall(part)]


def _pipes(
    item: AuthoredItem, text: Localised, study: AuthoredStudy, questionnaire: Questionnaire
) -> Iterator[tuple[str, str]]:
    own = [member.id for member in members(item)]
    order = [*questionnaire.by_id]
    earlier = {*order[: order.index(own[0])]} if own and own[0] in order else set()
    paired = {first for first, second in questionnaire.pairs if second in own}
    for name, words in pipes(text):
        if not words.strip():
            yield said("{{name}|} has no words", name=name), "write after the bar what to read where there is no answer"
        if name not in earlier - paired:
            yield said("{name} is not answered before this text is read", name=name), _REMEDY
        elif not _has_label(name, questionnaire):
            yield said("the answer to {name} cannot be shown", name=name), _REMEDY
        elif questionnaire.item(name).private and not item.private:
            yield (
                said("{name} is private, and an assistant would read its answer here", name=name),
                "make this item private too",
            )
        elif any(pipes(option.text or "") for option in _options_of(name, study)):
            yield said("the options of {name} are piped themselves", name=name), "pipe from an item with plain options"


def _has_label(name: str, questionnaire: Questionnaire) -> bool:
    item = questionnaire.item(name)
    return item.coded and item.randomise is None and item.type != "list"


def _options_of(name: str, study: AuthoredStudy) -> Iterator[AuthoredOption]:
    for item in study.items:
        if name in {member.id for member in members(item)}:
            yield from (*written(item, study), *(item.bands or ()))
