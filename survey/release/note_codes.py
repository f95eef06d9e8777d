"""The codes in which a release, its tables and the rows of its files say what a reader must know. Pure."""

from typing import Final, Literal

DUPLICATES_POSSIBLE: Final = "duplicates-possible"
"""Of a release: on an open link nobody can say which envelopes came from one person."""
REGISTERED_LATE: Final = "registered-late"
"""Of a release: the box does not name the plan, so nobody witnessed that the plan was decided before."""

Debiased = Literal["debiased"]
DEBIASED: Debiased = "debiased"
"""Of a table: its estimates are set right for answers that the phone randomised; its cells are not."""

TooFew = Literal["too-few"]
WeightingAbstention = Literal["class-lost", "margins-unmet"]
Abstention = TooFew | WeightingAbstention
"""Why an estimate says nothing."""
TOO_FEW: Final = "too-few"
CLASS_LOST: Final = "class-lost"
MARGINS_UNMET: Final = "margins-unmet"
ABSTENTIONS: tuple[Abstention, ...] = (TOO_FEW, CLASS_LOST, MARGINS_UNMET)

UNRELIABLE: Final = "unreliable"
"""Of a row: the noise drowns the number, which pages grey."""
TOO_UNCERTAIN: Final = "too-uncertain"
"""Of a row: the margin leaves no number to say in words."""
BAYES: Final = "bayes"
"""Of a row: its interval is Bayesian."""
LIST_EXPERIMENT: Final = "list-experiment"
WEIGHTED: Final = "weighted"
TRIMMED: Final = "trimmed"
"""Of a weighted row: a weight was cut."""
CLASSES_JOINED: Final = "classes-joined"
NOT_THE_POPULATION: Final = "not-the-population"
"""Of a weighted row: its margin does not hold what joined classes or cut weights leave out."""
AS_SENT: Final = "as-sent"
"""Of a row of cells: randomised answers are counted as they were sent."""
NONE_OVER_THRESHOLD: Final = "none-over-threshold"
CUT_OFF_AT_THRESHOLD: Final = "cut-off-at-threshold"
NOT_COUNTED: Final = "not-counted"
"""Of a row of a public margin: its source does not count this level."""
