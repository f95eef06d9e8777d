"""What an edited questionnaire changes of a study that people answered already: words, or more than words."""

from collections.abc import Collection, Iterator, Mapping

from survey.authoring.editing.study_diff import study_changes
from survey.authoring.reading_time import without_minutes
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wave.correction import TextChange
from survey.wave.text_places import is_correctable, words_by_place

AllTexts = Mapping[str, Texts]
TimedPlaces = Mapping[str, Collection[str]]
"""By locale the places into which the compiler filled minutes (`Compiled.timed`)."""


def other_changes(
    kept: Questionnaire, before: AllTexts, edited: Questionnaire, after: AllTexts, timed: TimedPlaces
) -> Iterator[str]:
    """Yield, in words, all that an edited questionnaire changes and a correction does not.

    The interface's words are the program's: another version of it may have others, and the study keeps its own.
    """
    if _unversioned(kept) != _unversioned(edited):
        said = [
            f"{change.where} ({change.kind}): {change.words}"
            for change in study_changes(kept, edited, before, after)
            if change.kind != "wording"
        ]
        yield from said or ["the questionnaire itself"]
    for locale in sorted(before.keys() & after.keys()):
        for place, old, new in _differing(before[locale], after[locale], timed):
            if not is_correctable(place) or old is None or new is None:
                yield f"{place} in {locale}: {_quoted(old)} became {_quoted(new)}"


def corrected_words(before: AllTexts, after: AllTexts, timed: TimedPlaces) -> Iterator[TextChange]:
    """Yield each correctable text that differs, in the order of locale and place."""
    for locale in sorted(before.keys() & after.keys()):
        for place, old, new in _differing(before[locale], after[locale], timed):
            if is_correctable(place) and old is not None and new is not None:
                yield TextChange(locale=locale, place=place, old=old, new=new)


def _differing(before: Texts, after: Texts, timed: TimedPlaces) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield place, old and new words in the order of places; minutes alone, where the compiler fills them in, are none.

    A consent's always are: it is not corrected, and people agreed to the minutes that it had.
    """
    filled = timed.get(after.locale, ())
    old, new = words_by_place(before), words_by_place(after)
    for place in sorted(old.keys() | new.keys()):
        one, other = old.get(place), new.get(place)
        if one is not None and other is not None and (place in filled or place.startswith("consent.")):
            if without_minutes(one) != without_minutes(other):
                yield place, one, other
        elif one != other:
            yield place, one, other


def _unversioned(questionnaire: Questionnaire) -> dict[str, object]:
    return {name: value for name, value in questionnaire.to_json().items() if name != "version"}


def _quoted(words: str | None) -> str:
    return "nothing" if words is None else f"“{words}”"
