"""A weighted margin that does not cover the population is nowhere shown without the words that say so."""

import io

import pytest
from rich.console import Console
from studies import small_study as small
from studies.exported import planted

from analysis.pictures.rows import picture
from analysis.pictures.wording import Reader
from analysis.planning.weighting import WeightsCheck
from analysis.releasing.run import make_release
from analysis.terminal_views.plan import weights
from analysis.terminal_views.release import tables
from survey.document import DocumentError
from survey.release.estimate import Weighted
from survey.release.note_codes import NOT_THE_POPULATION
from survey.release.page_view_builder import show
from survey.release.release import Release
from survey.release.table_rows import estimate_rows
from survey.wording.page_languages import load_languages


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Release:
    """Return a release whose first table is weighted with joined classes and a cut weight."""
    world = small.build(tmp_path_factory.mktemp("uncovered"))
    return planted(make_release(world.request(small.plan(each=10_000_000))).release)


def covering(release: Release, *, covers: bool) -> Release:
    """Return the release with its first table alone, whose weighted margins cover the population, or do not."""
    table = release.tables[0]
    weighted = table.weighted.model_copy(update={"trimmed": False, "covers_population": covers})
    return release.model_copy(update={"tables": (table.model_copy(update={"weighted": weighted}),)})


def outputs(release: Release) -> dict[str, bool]:
    """Return by output whether it says that the weighted margin does not cover everyone."""
    reader, shown = Reader.of(release, "en"), io.StringIO()
    tables(Console(file=shown, width=200), release, "en")
    rows = [row for row in estimate_rows(release, release.tables[0], "en") if row.get("weighted_by")]
    return {
        "picture": reader.say("chart-uncovered") in picture(reader, release.tables[0]).notes,
        "terminal": "do not hold what joined classes" in " ".join(shown.getvalue().split()),
        "files": bool(rows) and all(NOT_THE_POPULATION in row["notes"] for row in rows),
        "page": not show(release.digest, release, load_languages()["en"]).tables[0].weighted.covers_population,
    }


def test_every_output_says_that_a_weighted_margin_does_not_cover_the_population(release):
    """Pictures, terminals, rows of files and pages say it where it is so, and (control) only there."""
    assert all(outputs(covering(release, covers=False)).values()), outputs(covering(release, covers=False))
    assert not any(outputs(covering(release, covers=True)).values())


@pytest.mark.parametrize("wrong", [{"trimmed": True}, {"abstained": "class-lost", "kish": None, "shares": []}])
def test_a_document_cannot_claim_to_cover_the_population_with_cut_or_lost_weights(release, wrong):
    """Whoever writes a release by another program cannot leave the words out by leaving out the flag."""
    sound = covering(release, covers=True).tables[0].weighted.to_json()
    assert Weighted.from_bytes(small.canonical(sound)).covers_population
    with pytest.raises(DocumentError, match="covers the population"):
        Weighted.from_bytes(small.canonical(sound | wrong))


@pytest.mark.parametrize("covers", [True, False])
def test_a_plan_check_says_what_a_margin_will_leave_out(covers):
    """The line of a weighted table names what joined classes leave out, where the margin will not hold it."""
    shown = io.StringIO()
    classes = (((1,), (2, 3)),)
    check = WeightsCheck(("EDU",), classes, lost=False, margin=0.05, design_effect=None, covers_population=covers)
    weights(Console(file=shown, width=200), "T1", check)
    assert covers == ("without what joined classes" not in shown.getvalue())
