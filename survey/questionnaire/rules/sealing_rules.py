"""What must be true where a server may lock answers, phones must work for them, or a tab keeps a slip."""

from collections.abc import Collection, Iterator

from survey.faults import Fault, said
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire

ON_THE_PHONE = "list"
"""A list experiment's arm is drawn on the phone and sealed there: a server that asked it would know both."""


def unanswerable(questionnaire: Questionnaire) -> Iterator[Item]:
    """Yield the items that only a phone can ask: what is drawn or randomised there must not be seen by a server."""
    return (item for item in questionnaire.items if item.randomise or item.type == ON_THE_PHONE)


# Decision 23.
def sealing_faults(questionnaire: Questionnaire, worded: Collection[str]) -> Iterator[Fault]:
    """Yield what forbids `sealing: phone-or-server`; `worded` are the locales in which that form has its own texts."""
    if questionnaire.sealing == "phone":
        return
    if questionnaire.mode != "open":
        message = "a server that locks answers of invited people could tell whose they are"
        yield Fault(("sealing",), message, "use `sealing: phone`, or `mode: open`")
    for item in unanswerable(questionnaire):
        message = "a server that asks this would see what chance is to hide, and 97 must stand only where nobody asked"
        where = ("items", item.id, "randomise" if item.randomise else "type")
        yield Fault(where, message, "use `sealing: phone`, or leave this item out", frozenset({item.id}))
    for locale in questionnaire.locales:
        if locale not in worded:
            message = "the form without JavaScript has no texts in this locale"
            yield Fault(
                ("locales", locale),
                message,
                said("use `sealing: phone`: that form is in {worded} alone", worded=", ".join(sorted(worded))),
            )


def work_faults(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield what forbids `work: true`."""
    if not questionnaire.work:
        return
    if questionnaire.mode != "open":
        yield Fault(("work",), "who was invited shows a token, and no other proof", "leave `work` out, or `mode: open`")
    if questionnaire.sealing != "phone":
        message = "a browser without JavaScript can do no work, and robots would use its form"
        yield Fault(("work",), message, "use `sealing: phone`, or leave `work` out")


def resume_faults(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Yield what forbids `resume: tab`."""
    if questionnaire.resume and questionnaire.mode != "invitation":
        message = "on an open link there is no slip that a reload could cost"
        yield Fault(("resume",), message, "leave `resume` out, or `mode: invitation`")
