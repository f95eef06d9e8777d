"""The dimensions of a table as a release lists them: levels, and what its readers must know to set answers right."""

from survey.plan.plan import Dimension as Axis
from survey.plan.plan import Shape
from survey.questionnaire.items import Item
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.randomised_response import thresholds
from survey.release.release import Dimension


def axes(shape: Shape, questionnaire: Questionnaire) -> tuple[Dimension, ...]:
    """Return the dimensions of a table of this shape, with a grid's rows and a randomised item's threshold."""
    drawn = thresholds(questionnaire)
    return tuple(_axis(axis, drawn.get(axis.id), questionnaire.by_id.get(axis.id)) for axis in shape.dimensions)


def _axis(axis: Axis, threshold: int | None, item: Item | None) -> Dimension:
    told: dict[str, object] = {"id": axis.id, "codes": axis.levels, "multi": axis.multi, "score": axis.score}
    listed = True if item is not None and item.type == "list" else None
    more = {"rows": axis.rows, "threshold": threshold, "list": listed}
    return Dimension.model_validate(told | {name: value for name, value in more.items() if value is not None})
