"""A release on a terminal: readable at 80 and 120 columns, in Chinese too, with weighted shares and words."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from studies import small_study as small

from analysis.releasing.run import make_release
from analysis.terminal_views import show
from analysis.terminal_views.release import tables
from analysis.verification.verify import Report, VerifiedField
from survey.release.phrase_lists import Phrase, Words

CHINESE = "你有多信任银行来保管你的个人信息和钱？"


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    world = small.build(tmp_path_factory.mktemp("show"), number=2000, total=500_000_000)
    return make_release(world.request(small.plan(each=70_000_000))).release


def shown(release, width, locale="en"):
    out = Console(width=width, record=True, highlight=False, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    tables(out, release, locale)
    out.file.close()
    return out.export_text()


def block(text, table):
    """Return the lines of one table."""
    return re.split(r"\n(?=T\d |±)", text)[re.findall(r"^(T\d) ", text, re.MULTILINE).index(table)]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(release, width):
    """Every table of every kind fits, whatever the width, and each has its price."""
    text = shown(release, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert 7 == text.count("; rho 0.07") + len(re.findall(r"^rho 0.07", text, re.MULTILINE))


def test_chinese_labels_take_two_columns_each_and_still_fit(release):
    """The same tables with long Chinese names of questions and levels fit in 80 columns, numbers unbroken."""
    labels = {
        name: one.model_copy(update={"text": CHINESE, "levels": dict.fromkeys(one.levels, CHINESE)})
        for name, one in release.labels["en"].items()
    }
    text = shown(release.model_copy(update={"labels": {"zh-Hans": labels}}), 80, "zh-Hans")
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert not re.search(r"±\s*$", text, re.MULTILINE)


def test_weighted_shares_stand_beside_the_others(release):
    """T2 is weighted by AGE: a column of its own, the design effect of weights and noise, and what was weighted by."""
    text = block(shown(release, 80), "T2")
    assert re.search(r"all +weighted", text)
    assert "deff " in text
    assert "weighted by AGE" in text
    assert "weighted" not in block(shown(release, 80), "T1")


def test_more_groups_than_fit_go_into_a_block_of_their_own(release):
    """At 60 columns T2's five columns are in two blocks with all levels each; at 120 in one."""
    narrow, wide = (block(shown(release, width), "T2") for width in (60, 120))
    assert (2, 1) == (narrow.count("number (noisy)"), wide.count("number (noisy)"))
    assert (2, 1) == (narrow.count("TA 3"), wide.count("TA 3"))


def test_a_share_at_the_edge_is_an_interval_and_never_negative(release):
    """Where the margin would leave 0 to 100 % the terminal shows an interval within."""
    table = release.table("T1")
    estimate = table.estimates[0]
    edge = estimate.shares[0].model_copy(
        update={"share": -0.02, "margin": 0.07, "bayes": (0.0, 0.062), "reliable": False}
    )
    changed = table.model_copy(
        update={"estimates": (estimate.model_copy(update={"shares": (edge, *estimate.shares[1:])}),)}
    )
    text = shown(release.model_copy(update={"tables": (changed,)}), 80)
    assert "(0–6)" in text
    assert "-2" not in text


def test_a_level_without_a_share_is_too_few_and_the_others_keep_their_place(release):
    """An arm of a list experiment that is lost has no shares: the other arm's stand in their own rows."""
    table = release.table("T1")
    kept = table.estimates[0].model_copy(update={"shares": table.estimates[0].shares[1:]})
    text = shown(release.model_copy(update={"tables": (table.model_copy(update={"estimates": (kept,)}),)}), 80)
    rows = [line for line in text.splitlines() if line.startswith("AGE ")]
    assert [True, False, False] == ["too few" in row for row in rows]


def test_a_list_of_words_shows_its_numbers_threshold_and_price(release):
    """Phrases with noisy numbers, the threshold, rho and delta; markup in a phrase is shown and not obeyed."""
    words = Words(
        id="W1", item="TA", nano_rho=1, atto_delta=10_000_000, most=3, sigma=12.2, threshold=73, measurement="",
        reason="", hypotheses=(), margin=24.0,
        phrases=(Phrase(phrase="市场", count=412), Phrase(phrase="[red]x[/]", count=90)),
    )  # fmt: skip
    text = shown(release.model_copy(update={"words": (words,)}), 120)
    assert "412 ±24" in text
    assert "[red]x[/]" in text
    assert "from a noisy number of 73 on, up to 3 phrases a person" in text
    assert "delta 1e-11" in text
    empty = shown(release.model_copy(update={"words": (words.model_copy(update={"phrases": ()}),)}), 80)
    assert "none" in empty


def test_what_a_check_quotes_of_a_release_reaches_no_terminal_as_it_is(capsys):
    """Escape sequences, line ends and changes of direction in a statement are written out."""
    show.report(Report((VerifiedField("title", False, "it has \x1b[2J\u202e\nverified"),)), Path("release.json"))
    said = capsys.readouterr().out.splitlines()
    assert ["release.json:", "WRONG  title: it has \\u001b[2J\\u202e\\u000averified", "NOT VERIFIED: title"] == said
