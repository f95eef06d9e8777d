"""
What the template of a results page renders: immutable texts and geometry, in one language.

Made by survey/release/page_view_builder.py. Pure.
"""

from dataclasses import dataclass

from survey.release.corrections import ReleasedVersion


@dataclass(frozen=True)
class Bar:
    """One share: its label, its words, and where bar and margin begin and end, in percent of the whole width.

    `base`: what it is of, where that is not what the others of its group are of; else "".
    """

    label: str
    share: str
    margin: str
    width: float
    low: float
    high: float
    reliable: bool
    base: str = ""
    vague: bool = False


@dataclass(frozen=True)
class Scored:
    """What means, medians and top boxes are of: about how many people, and how many of those asked they leave out.

    `left` is "" where that is nobody.
    """

    base: str
    total: str
    left: str


@dataclass(frozen=True)
class Average:
    """One mean: its words, and where it and its margin stand between the lowest and the highest score, in percent."""

    value: str
    margin: str
    lowest: str
    highest: str
    at: float
    low: float
    high: float
    vague: bool = False


@dataclass(frozen=True)
class PageFigure:
    """One number in words with its margin; of a middle level, `value` and the levels that it lies between."""

    value: str
    margin: str = ""
    low: str = ""
    high: str = ""
    vague: bool = False


@dataclass(frozen=True)
class PageGroup:
    """What one group answered; `bars` is empty where too few answered to say anything.

    `base`: what the shares are of, `total` about how many people that is. `scored`: what the mean, median and top box
    of a score are of. `top`: the highest levels together; `difference`: of the two lists of a list experiment, as a
    share of people. `mean_lost`: too few have a score for a mean.
    """

    name: str
    base: str
    total: str
    margin: str
    scored: Scored | None
    abstained: bool
    mean: Average | None
    median: PageFigure | None
    top: PageFigure | None
    difference: PageFigure | None
    bars: tuple[Bar, ...]
    mean_lost: bool = False


@dataclass(frozen=True)
class WeightedView:
    """Everyone's shares weighted to public margins: to what, how dear that is; no bars where it abstains.

    `design_effect` is empty where classes are joined.
    """

    by: tuple[str, ...]
    design_effect: str
    trimmed: bool
    joined: tuple[str, ...]
    covers_population: bool
    unmet: bool
    mean: Average | None
    bars: tuple[Bar, ...]
    mean_lost: bool = False


@dataclass(frozen=True)
class MarginView:
    """Public figures of one dimension: what it is called, of whom they are, where they were read."""

    name: str
    of: str
    source: str


@dataclass(frozen=True)
class WordBar:
    """One phrase: its number in words and as a part of the largest, in percent."""

    phrase: str
    count: str
    width: float


@dataclass(frozen=True)
class WordsView:
    """A list of open words: what was asked, which phrases passed the threshold, what they cost."""

    id: str
    title: str
    reason: str
    phrases: tuple[WordBar, ...]
    margin: str
    threshold: str
    most: int
    sigma: str
    rho: str
    delta: str


@dataclass(frozen=True)
class PageSection:
    """Groups side by side, under the level of a third dimension where there is one; `silent` are names alone."""

    name: str
    groups: tuple[PageGroup, ...]
    silent: tuple[str, ...]


@dataclass(frozen=True)
class TableView:
    """One table: its question, its `population` ("" for everyone), its results and its price."""

    id: str
    title: str
    by: tuple[str, ...]
    population: str
    everyone: PageGroup | None
    weighted: WeightedView | None
    debiased: bool
    sections: tuple[PageSection, ...]
    reason: str
    sigma: str
    rho: str
    cap: int
    unreliable: bool


@dataclass(frozen=True)
class BudgetView:
    """The price in plain words: rho as decimals, how much of the life's budget is gone, what that means for odds.

    `epsilons`: one in how many, and epsilon there; `converted`: the looser ones, in the same order.
    """

    cost: str
    spent: str
    total: str
    percent: int
    part: str
    odds: str
    one_in: str
    epsilons: tuple[tuple[str, str], ...]
    converted: tuple[str, ...]


@dataclass(frozen=True)
class CorrectionView:
    """A correction of wording: since which day, why, and of each text its place, its language, old and new words."""

    since: str
    reason: str
    changes: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class ReleaseView:
    """A release in one language."""

    hash: str
    study: str
    title: str
    wave: int
    day: str
    demo: bool
    envelopes: bool
    duplicates: bool
    late: bool
    version: ReleasedVersion | None
    corrections: tuple[CorrectionView, ...]
    count: str
    tables: tuple[TableView, ...]
    words: tuple[WordsView, ...]
    margins: tuple[MarginView, ...]
    budget: BudgetView
    mechanism: str
    plan: str
    manifest: str
    root: str
    signer: str
