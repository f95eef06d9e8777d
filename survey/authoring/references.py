"""Checks that names used in an authored file are defined: option sets, modules, endings, hypotheses, facts, keys."""

from collections.abc import Iterator

from survey.authoring.item_options import written
from survey.authoring.schema import AuthoredItem, AuthoredStudy
from survey.faults import Fault, said
from survey.questionnaire.codes import MISSING
from survey.questionnaire.items import NO_CONSENT


def references(study: AuthoredStudy) -> Iterator[Fault]:
    """Yield every name that is undefined or unused."""
    for item in study.items:
        yield from _item(item, study)
    yield from _endings(study)
    yield from _missing(study)
    yield from _modules(study)


def _item(item: AuthoredItem, study: AuthoredStudy) -> Iterator[Fault]:
    where = ("items", item.id)
    if isinstance(item.options, str) and item.options not in study.option_sets:
        message = said("there is no option set {options}", options=item.options)
        yield Fault((*where, "options"), message, "name one of `option_sets`", frozenset({item.options}))
    for name in item.hypotheses:
        if name not in study.hypotheses:
            message = said("there is no hypothesis {name}", name=name)
            yield Fault((*where, "hypotheses"), message, "add it to `hypotheses`", frozenset({name}))
    for name in item.facts:
        if name not in study.sources:
            yield Fault(
                (*where, "facts"),
                said("there is no source {name}", name=name),
                "add it to `sources`",
                frozenset({name}),
            )
    codes = {option.code for option in written(item, study)}
    for code in item.key or ():
        if codes and code not in codes:
            yield Fault((*where, "key"), said("the key {code} is no option", code=code), "correct the code")
    if item.module is not None and item.module not in study.modules:
        yield Fault(
            (*where, "module"),
            said("there is no module {module}", module=item.module),
            "add it to `modules`, true or false",
        )


def _endings(study: AuthoredStudy) -> Iterator[Fault]:
    used = {NO_CONSENT}
    for item in study.items:
        for option in (*written(item, study), *(item.bands or ())):
            if option.end:
                used.add(option.end)
            if option.end and option.end not in study.endings:
                where = ("items", item.id, "bands" if item.bands else "options", str(option.code))
                yield Fault(where, said("the ending {end} has no text", end=option.end), "add it to `endings`")
    if NO_CONSENT not in study.endings:
        yield Fault(
            ("endings",),
            said("the ending {name} is missing", name=NO_CONSENT),
            "it is shown to those who decline: write it",
        )
    for name in study.endings:
        if name not in used:
            yield Fault(("endings", name), "no option leads to this ending", "remove it, or give it to an option")


def _missing(study: AuthoredStudy) -> Iterator[Fault]:
    for code in {code for item in study.items for code in item.missing or ()}:
        if str(code) not in study.missing:
            yield Fault(("missing",), said("the missing code {code} has no text", code=code), "write it")
    for name in study.missing:
        if int(name) not in MISSING:
            yield Fault(("missing", name), said("{name} is no missing code", name=name), "use 90, 98 or 99")


def _modules(study: AuthoredStudy) -> Iterator[Fault]:
    used = {item.module for item in study.items}
    for name in study.modules:
        if name not in used:
            yield Fault(("modules", name), "no item belongs to this module", "remove it, or name it in an item")
