"""The closed, public levels of everything that a table may have as a dimension: fixed before fieldwork."""

from survey.questionnaire.codes import NOT_ASKED, UNREADABLE
from survey.questionnaire.questionnaire import HEADER_DIMENSIONS, Questionnaire, header_names
from survey.questionnaire.undefined import undefined_levels


def levels_of(questionnaire: Questionnaire, name: str) -> tuple[int, ...]:
    """Return every level of a dimension: substantive codes, 90, 98, 99 where offered, 97, 255; KeyError if unknown.

    A group has those of its items (of a grid the levels of one row: its cells are rows by levels); an indicator has 98
    and 99 where it can be undefined because somebody did not know or refused; a dimension of the header (@locale,
    @mode, @form, @stratum, @quality) has its indexes and 255.
    """
    if name in HEADER_DIMENSIONS:
        return (*range(len(header_names(questionnaire)[name])), UNREADABLE)
    derived = questionnaire.derived_by_id.get(name)
    if derived is not None:
        return (*derived.levels, *undefined_levels(derived, questionnaire), NOT_ASKED, UNREADABLE)
    group = questionnaire.groups_by_id.get(name)
    return (*questionnaire.by_id[group.items[0] if group else name].domain, NOT_ASKED, UNREADABLE)
