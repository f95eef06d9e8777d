"""Checks that names used in an authored file are defined: option sets, modules, endings, hypotheses, facts, keys."""

from collections.abc import Iterator

from survey.authoring.item_options import written
from survey.authoring.schema import AuthoredItem, AuthoredStudy
from survey.faults import Fault
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
        yield Fault((*where, "options"), f"there is no option set {item.options}", "name one of `option_sets`")
    for name in item.hypotheses:
        if name not in study.hypotheses:
            yield Fault((*where, "hypotheses"), f"there is no hypothesis {name}", "add it to `hypotheses`")
    for name in item.facts:
        if name not in study.sources:
            yield Fault((*where, "facts"), f"there is no source {name}", "add it to `sources`")
    codes = {option.code for option in written(item, study)}
    for code in item.key or ():
        if codes and code not in codes:
            yield Fault((*where, "key"), f"the key {code} is no option", "correct the code")
    if item.module is not None and item.module not in study.modules:
        yield Fault((*where, "module"), f"there is no module {item.module}", "add it to `modules`, true or false")


def _endings(study: AuthoredStudy) -> Iterator[Fault]:
    used = {NO_CONSENT}
    for item in study.items:
        for option in (*written(item, study), *(item.bands or ())):
            if option.end:
                used.add(option.end)
            if option.end and option.end not in study.endings:
                where = ("items", item.id, "bands" if item.bands else "options", str(option.code))
                yield Fault(where, f"the ending {option.end} has no text", "add it to `endings`")
    if NO_CONSENT not in study.endings:
        yield Fault(("endings",), f"the ending {NO_CONSENT} is missing", "it is shown to those who decline: write it")
    for name in study.endings:
        if name not in used:
            yield Fault(("endings", name), "no option leads to this ending", "remove it, or give it to an option")


def _missing(study: AuthoredStudy) -> Iterator[Fault]:
    for code in {code for item in study.items for code in item.missing or ()}:
        if str(code) not in study.missing:
            yield Fault(("missing",), f"the missing code {code} has no text", "write it")
    for name in study.missing:
        if int(name) not in MISSING:
            yield Fault(("missing", name), f"{name} is no missing code", "use 90, 98 or 99")


def _modules(study: AuthoredStudy) -> Iterator[Fault]:
    used = {item.module for item in study.items}
    for name in study.modules:
        if name not in used:
            yield Fault(("modules", name), "no item belongs to this module", "remove it, or name it in an item")
