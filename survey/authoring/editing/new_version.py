"""What another questionnaire must be to become a study's next version: other than the last, and told apart by name."""

from collections.abc import Sequence

from survey.authoring.editing.wording_changes import AllTexts, TimedPlaces, corrected_words, other_changes
from survey.questionnaire.questionnaire import Questionnaire


# Decision 157.
def version_fault(
    asked: Sequence[Questionnaire], before: AllTexts, edited: Questionnaire, after: AllTexts, timed: TimedPlaces
) -> str | None:
    """Return why a questionnaire is no new version of a study, in a sentence with the remedy; None where it is one.

    `asked`: what the study's waves asked, the newest last; `before`: the newest texts, after all corrections.
    """
    last = asked[-1]
    if edited.study != last.study:
        return f"the file is of the study {edited.study}, and a version stays in its study: write `study: {last.study}`"
    if edited.mode != last.mode:
        return (
            f"the study is answered by {_WAYS[last.mode]} and the file says {_WAYS[edited.mode]}: one budget protects "
            "one kind of person, so keep `mode`, or make another study of it"
        )
    others = other_changes(last, before, edited, after, timed)
    if next(others, None) is None and next(corrected_words(before, after, timed), None) is None:
        return "nothing differs from the questionnaire that the study has: leave --new-version out"
    if edited.version in {one.version for one in asked}:
        return (
            f"its `version` is “{edited.version}”, which an earlier version of the study had: write another one, by "
            "which people tell them apart"
        )
    return None


_WAYS = {"open": "an open link", "invitation": "invitations"}
