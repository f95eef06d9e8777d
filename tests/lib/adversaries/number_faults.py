"""Faults planted in what counts, prices and estimates, each with the one test that must turn red for it.

A fault is code at the end of a module that wraps one of its functions, so that it holds whatever the function's body.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paths import ROOT
from walls import guards


@dataclass(frozen=True)
class Fault:
    """One fault: what it is, the module that it breaks, the code that breaks it, and the test that must fail."""

    name: str
    file: str
    code: str
    test: str

    @property
    def mutation(self) -> guards.Mutation:
        """The same as an insertion into a copy of the tree, of which the walls' guards have nothing to say."""
        return guards.Mutation(self.name, self.file, self.code, "", None, None, "analysis")


WEIGHTS = "analysis/estimates/weights.py"
INFERENCE = "analysis/estimates/inference.py"
BASES = "survey/questionnaire/bases.py"
GROUPS = "analysis/consistency/groups.py"
LEAST_SQUARES = "analysis/consistency/least_squares.py"
COUNTING = "analysis/counting/contingency_tables.py"
PRICE = "survey/plan/noise_price.py"
PLAN = "survey/plan/plan.py"
PLAN_COMPILER = "survey/authoring/plan_compiler.py"
RUN = "analysis/releasing/run.py"
CHOICE = "survey/authoring/table_choice.py"

ESTIMATES = (
    Fault(
        "weighted margins of four fifths",
        WEIGHTS,
        "_sound_reach = _reach\ndef _reach(drawn, values):\n    return 0.8 * _sound_reach(drawn, values)",
        "tests/unit/estimates/test_weights.py::test_a_weighted_margin_is_1_96_times_the_spread_of_tables_drawn_anew",
    ),
    Fault(
        "weighted margins that leave out what joined classes do",
        WEIGHTS,
        "WeightedShares.figure = lambda self, of: (self.coarse.value(of), self.coarse.margin(of))",
        "tests/unit/estimates/test_weights.py::test_the_margin_of_joined_classes_covers_the_population",
    ),
    Fault(
        "several weighted levels with the sum of their margins",
        WEIGHTS,
        "_sound_together = WeightedShares.together\n"
        "def _together(self, codes):\n"
        "    margin = sum(_sound_together(self, (code,)).margin for code in codes)\n"
        "    return _sound_together(self, codes).model_copy(update={'margin': margin})\n"
        "WeightedShares.together = _together",
        "tests/unit/estimates/test_weights.py::test_several_weighted_levels_have_the_margin_of_their_own_spread",
    ),
    Fault(
        "pictures that do not say what a weighted margin leaves out",
        "analysis/pictures/rows.py",
        "def _classes(reader, weighted):\n    return iter(())",
        "tests/unit/release/test_uncovered_weights.py"
        "::test_every_output_says_that_a_weighted_margin_does_not_cover_the_population",
    ),
    Fault(
        "a document that may claim to cover the population with cut weights",
        "survey/release/estimate.py",
        "Weighted = type('Weighted', (Weighted,), {'__module__': __name__})\n"
        "Weighted.__pydantic_decorators__.model_validators.clear()\n"
        "Weighted.model_rebuild(force=True)",
        "tests/unit/release/test_uncovered_weights.py"
        "::test_a_document_cannot_claim_to_cover_the_population_with_cut_or_lost_weights",
    ),
    Fault(
        "a weighted number that is always large",
        "survey/release/reliability.py",
        "def weights_help(*given):\n    return True",
        "tests/unit/release/test_reliability_rules.py::test_the_weighted_number_is_large_only_where_its_total_error_is_smaller",
    ),
    Fault(
        "raking that gives its last weights as if they met the margins",
        "analysis/estimates/raking.py",
        "ROUNDS, CLOSE = 50, 1e9",
        "tests/unit/estimates/test_weights.py::test_raking_that_does_not_meet_its_margins_gives_no_weights",
    ),
    Fault(
        "verdicts that are not adjusted",
        "analysis/report/verdicts.py",
        "def holm(ps):\n    return list(ps)",
        "tests/unit/report/test_verdicts.py::test_one_clear_difference_stands_among_many_and_a_narrow_one_does_not",
    ),
    Fault(
        "rare shares tested as normal ones are",
        "analysis/report/verdicts.py",
        "_sound_p = p_value\n"
        "def p_value(interval, low, high):\n"
        "    return _sound_p(Interval(interval.value, interval.low, interval.high), low, high)",
        "tests/unit/report/test_verdicts.py::test_true_claims_about_rare_shares_are_called_wrong_one_report_in_twenty",
    ),
    Fault(
        "a weighted mean's margin of four fifths",
        WEIGHTS,
        "_sound_values = _values\n"
        "def _values(*given):\n"
        "    values = _sound_values(*given)\n"
        "    mean = values['mean']\n"
        "    less = mean and mean.model_copy(update={'margin': 0.8 * mean.margin})\n"
        "    return values | {'mean': less}",
        "tests/unit/estimates/test_weights.py::test_a_weighted_margin_is_1_96_times_the_spread_of_tables_drawn_anew",
    ),
    Fault(
        "the covariance of two groups with the wrong sign",
        INFERENCE,
        "_sound_covariance = _covariance\ndef _covariance(*given):\n    return -_sound_covariance(*given)",
        "tests/unit/estimates/test_inference.py"
        "::test_the_margin_of_a_difference_holds_the_noise_of_both_groups_with_its_sign",
    ),
    Fault(
        "don't know dropped from the base",
        BASES,
        "LEFT_OUT = {**LEFT_OUT, 'answered': LEFT_OUT['substantive']}",
        "tests/unit/estimates/test_bases.py::test_a_share_is_of_those_asked_and_answering_with_dont_know",
    ),
    Fault(
        "refusals of a question of several answers left in its base",
        GROUPS,
        "from dataclasses import replace\n"
        "_sound_on = GroupAnswers.on\n"
        "def _on(self, base):\n"
        "    numbers = _sound_on(self, base)\n"
        "    return replace(numbers, total=self.asked.total) if self.several else numbers\n"
        "GroupAnswers.on = _on",
        "tests/unit/estimates/test_bases.py::test_sizes_are_of_the_people_in_each_base_for_one_answer_and_for_several",
    ),
    Fault(
        "half the variance of the cell outside",
        LEAST_SQUARES,
        "_sound_counts = Consistent.counts\n"
        "def _counts(self, table):\n"
        "    cells, variances = _sound_counts(self, table)\n"
        "    variances[-1] *= 1.0 if table.population == EVERYONE else 0.5\n"
        "    return cells, variances\n"
        "Consistent.counts = _counts",
        "tests/unit/consistency/test_least_squares.py::test_every_cells_variance_is_what_reaches_it_of_the_noise",
    ),
    Fault(
        "the variance of the cell inside for the one outside",
        LEAST_SQUARES,
        "_sound_outside = Totals.outside\n"
        "Totals.outside = lambda self, name: (_sound_outside(self, name)[0], self.readable(name)[1])",
        "tests/unit/consistency/test_least_squares.py::test_every_cells_variance_is_what_reaches_it_of_the_noise",
    ),
)
COUNTS = (
    Fault(
        "a capped multi item that moves one cell less than it can",
        PLAN,
        "_sound_sensitivity = sensitivity_squared\n"
        "def sensitivity_squared(axes, most):\n"
        "    return _sound_sensitivity(axes, most) - (axes[0].multi and len(axes) == 1)",
        "tests/unit/counting/test_sensitivity.py::test_a_question_alone_claims_what_its_farthest_two_records_are_apart",
    ),
    Fault(
        "a capped multi item beside another dimension priced like one alone",
        PLAN,
        "_sound_sensitivity = sensitivity_squared\n"
        "def sensitivity_squared(axes, most):\n"
        "    multi = [axis for axis in axes if axis.multi]\n"
        "    return _sound_sensitivity(multi if len(multi) == 1 else axes, most)",
        "tests/unit/counting/test_sensitivity.py::test_with_a_second_dimension_two_records_share_no_cell",
    ),
    Fault(
        "levels counted one place too far",
        COUNTING,
        "_sound_lookup = _lookup\n"
        "def _lookup(axis):\n"
        "    places = _sound_lookup(axis)\n"
        "    first, last = axis.codes[0] + SHIFT, axis.codes[-1] + SHIFT\n"
        "    places[first], places[first + 1] = places[first + 1], places[first]\n"
        "    return places",
        "tests/unit/counting/test_contingency_tables.py::test_every_cell_is_the_count_by_hand",
    ),
    Fault(
        "the last level counted with the one before it",
        COUNTING,
        "_sound_lookup = _lookup\n"
        "def _lookup(axis):\n"
        "    places = _sound_lookup(axis)\n"
        "    places[axis.codes[-2] + SHIFT] = max(len(axis.codes) - 3, 0)\n"
        "    return places",
        "tests/unit/counting/test_contingency_tables.py::test_every_cell_is_the_count_by_hand",
    ),
)
PRICES = (
    Fault(
        "a table's price rounded down",
        PRICE,
        "def exact_nano_rho(sigma, sensitivity_squared):\n"
        "    return math.floor(Fraction(sensitivity_squared) / (2 * Fraction(sigma) ** 2) * NANO_RHO)",
        "tests/unit/budget/test_price.py::test_a_price_is_never_under_the_exact_one",
    ),
    Fault(
        "what rounding leaves of a plan's rho given to its first table",
        PLAN_COMPILER,
        "_sound_draft = _draft\n"
        "def _draft(plan, populations, margins):\n"
        "    sound = _sound_draft(plan, populations, margins)\n"
        "    first, *others = sound.tables\n"
        "    rest = sound.nano_rho - sum(table.nano_rho for table in sound.tables)\n"
        "    first = first.model_copy(update={'nano_rho': first.nano_rho + rest})\n"
        "    return sound.model_copy(update={'tables': (first, *others)})",
        "tests/unit/plan/test_plan.py::test_no_rounding_ever_gives_the_spender_more",
    ),
    Fault(
        "a list's delta rounded down",
        "survey/plan/threshold_delta.py",
        "def exact_atto_delta(sigma, threshold, most, answers=1):\n"
        "    chance = max(tail_above(sigma, threshold - count) / count for count in range(1, answers + 1))\n"
        "    return math.floor(min(Fraction(1), answers * most * chance) * ATTO_DELTA)",
        "tests/unit/plan/test_threshold_delta.py::test_several_phrases_of_one_person_are_within_the_union_bound",
    ),
    Fault(
        "epsilon rounded down",
        "analysis/budget/privacy_curve.py",
        "_sound_epsilon = curve_epsilon\ndef curve_epsilon(*given):\n    return _sound_epsilon(*given) - 2 / STEPS",
        "tests/unit/budget/test_privacy_curve.py::test_epsilon_is_the_gaussians_own_where_tables_are_many",
    ),
)
RESULTS = (
    Fault(
        "a lost result drawn again",
        RUN,
        "_sound_stored = _stored\n"
        "def _stored(prepared, entry):\n"
        "    try:\n"
        "        return _sound_stored(prepared, entry)\n"
        "    except SpentResultLostError:\n"
        "        from analysis.releasing.signed_release import Paid, Subject, compose, prepare\n"
        "        request, plan = prepared.request, prepared.request.plan\n"
        "        noises = prepare(plan, prepared.questionnaire)\n"
        "        public = plan, prepared.questionnaire, prepared.texts, prepared.manifest\n"
        "        before = register(request.folder, plan), read_intent(request.folder, plan, prepared.manifest)\n"
        "        subject = Subject(*public, *before, prepared.late, prepared.key)\n"
        "        counts = _count(prepared, _seed(prepared), None)\n"
        "        release = compose(subject, Paid(entry, (entry.previous,), None), counts, noises)\n"
        "        path = write_release(request.folder.release_folder(plan.digest), release, plan)\n"
        "        return Outcome(release, path, True)",
        "tests/unit/releasing/test_release_run.py::test_a_lost_result_stays_lost",
    ),
    Fault(
        "the result of another entry returned for a lost one",
        RUN,
        "def _stored(prepared, entry):\n"
        "    path = prepared.request.folder.release_folder(prepared.charge.plan) / 'release.json'\n"
        "    release = load_release(path, prepared.key.verifying_key)\n"
        "    if release is None:\n"
        "        raise SpentResultLostError(entry)\n"
        "    return Outcome(release, path, True)",
        "tests/unit/releasing/test_release_run.py::test_the_result_of_another_entry_is_not_returned_for_a_lost_one",
    ),
    Fault(
        "a filtered table taken for everyone's",
        CHOICE,
        "from dataclasses import replace\n"
        "_sound_choice = choose_tables\n"
        "def choose_tables(measure, hypothesis, tables):\n"
        "    return _sound_choice(measure, hypothesis, [replace(table, filtered=False) for table in tables])",
        "tests/unit/authoring/test_table_choice.py::test_no_merit_brings_a_filtered_table_before_one_of_everyone",
    ),
    Fault(
        "a report that does not say of whom a filtered table is",
        "analysis/report/answers.py",
        "_sound_answered = ReportAnswers._answered\n"
        "ReportAnswers._answered = lambda self, measure, table: _sound_answered(\n"
        "    self, measure, table.model_copy(update={'population': None})\n"
        ")",
        "tests/unit/report/test_report.py::test_a_report_says_of_whom_a_filtered_table_speaks",
    ),
)
# Decision 95.
FAULTS = ESTIMATES + COUNTS + PRICES + RESULTS
QUICK = {"half the variance of the cell outside", "a filtered table taken for everyone's"}
"""Those that `make test` plants: each starts an interpreter of its own. `make long` plants all."""


def copy_with_tests(to: Path) -> Path:
    """Copy what is shipped and its tests; return the copy."""
    guards.copy_tree(to)
    ignored = shutil.ignore_patterns("__pycache__", "browser", "processes", "postgres")
    for folder in ("tests", "bench"):
        shutil.copytree(ROOT / folder, to / folder, ignore=ignored)
    return to


def outcomes(tree: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run tests of the copy against the copy; return pytest's exit code and what it printed."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "", *tests]
    # Where CI is set pytest prints whole differences, and the line that says what was asserted is out of sight.
    # Compiled files are kept: else each run compiles the copy and its tests anew.
    others = ("SOTTO_", "PYTEST_", "CI", "BUILD_NUMBER", "PYTHONDONTWRITEBYTECODE")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    environ |= {"PYTHONPATH": str(tree)}
    done = subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True, check=False, timeout=600)
    return done.returncode, done.stdout[-4000:] + done.stderr[-2000:]
