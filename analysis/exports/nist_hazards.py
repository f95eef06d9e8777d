"""The 24 hazards of NIST SP 800-226, each answered for one release from what stands in it; pure post-processing.

Evaluating differential privacy guarantees: "Guidelines for Evaluating Differential Privacy Guarantees" (NIST, 2025,
doi:10.6028/NIST.SP.800-226), whose pyramid goes from the parameters over the unit, algorithms and utility to the query
model and the machines. Numbers and order are those of its public draft (December 2023); the names are in plain words.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from analysis.budget.price import LOUD_TOTAL, delta_text
from analysis.exports.exact_numbers import exact_numbers
from analysis.exports.several_answers import (
    SEVERAL,
    delta_of_answers,
    epsilons_by_method,
    epsilons_of_several_answers,
    rounded_up,
)
from survey.plan.noise_price import exact_nano_rho
from survey.plan.plan import rho_text
from survey.release.budget import DELTAS, PLAIN_DELTA
from survey.release.epsilon_text import epsilon_text
from survey.release.note_codes import DEBIASED, REGISTERED_LATE
from survey.release.release import Release, Table

Verdict = Literal["answered", "limited", "elsewhere"]
"""`limited`: with a limit that the answer names. `elsewhere`: rests on people and machines that no file can show."""
Facts = dict[str, Any]


@dataclass(frozen=True)
class HazardAnswer:
    """One hazard, what is done about it in this release, how far that goes, and the facts it rests on."""

    number: int
    layer: Literal["parameters", "unit", "algorithms", "deployment"]
    hazard: str
    verdict: Verdict
    text: str
    facts: Facts


Content = tuple[Verdict, str, Facts]
"""How far the answer goes, its text, and the facts it rests on."""
NOT_PUBLIC = {
    "open": "No tally of arrivals is public; staff see only a level in words.",
    "invitation": (
        "No tally of arrivals is public; staff see a level in words and, after the close, how many codes of each "
        "batch, which has a stratum, were made and used. Withdrawals by themselves are published nowhere."
    ),
}


def large_epsilon(release: Release) -> Content:
    """Hazard 1: rho (zCDP) of this release, so far and of the study's life, and epsilon. Limited above rho = 0.5."""
    budget = release.budget
    facts = {"rho_of_this": rho_text(budget.cost), "rho_so_far": rho_text(budget.spent),
             "rho_of_life": rho_text(budget.total), "epsilon_so_far": epsilons_by_method(budget)}  # fmt: skip
    if budget.total > LOUD_TOTAL:
        answer = (
            f"The lifetime budget, rho {rho_text(budget.total)}, is above 0.5: this promise is weak; say so to people."
        )
        return "limited", answer, facts
    own, converted = ({PLAIN_DELTA: by_delta[PLAIN_DELTA]} for by_delta in budget.epsilons)
    shown = epsilon_text((own, converted))
    answer = (
        f"This release costs rho {rho_text(budget.cost)}; with all before it the study has spent "
        f"{rho_text(budget.spent)} of {rho_text(budget.total)}: epsilon {shown}."
    )
    return "answered", answer, facts


def catastrophic_failure(release: Release) -> Content:
    """Hazard 2: delta spent, which phrase lists alone cost (zCDP itself has none). Limited where any was spent."""
    delta = release.budget.atto_delta
    facts = {"measure": release.mechanism.measure, "delta_of_this": delta_text(delta.cost),
             "delta_so_far": delta_text(delta.spent), "delta_of_life": delta_text(delta.total)}  # fmt: skip
    if delta.spent:
        answer = (
            f"Accounted in zCDP, which has no failure probability, but for open words: they cost delta "
            f"{delta_text(delta.spent)} so far, of {delta_text(delta.total)} in the study's life."
        )
        return "limited", answer, facts
    return "answered", "Accounted in zCDP, which has no failure probability: no delta was spent in this study.", facts


def unit_and_harm(release: Release) -> Content:
    """Hazard 3: the unit of privacy; on an open link limited, with epsilon and delta (in 1e-18) of k answers."""
    facts: Facts = {"unit": release.unit, "mode": release.mode, "neighbours": release.mechanism.neighbours}
    if release.unit == "envelope":
        several = epsilons_of_several_answers(release.budget)
        worst = ", ".join(f"{by['curve']['1e-6']} ({by['conversion']['1e-6']})" for by in several.values())
        answer = (
            "One envelope's whole content is protected. On an open link nobody can say which envelopes came from one "
            f"person: k answers of one person cost k^2 times the rho. For k = {', '.join(several)} all so far is "
            f"epsilon {worst} at delta 1e-6, by the noise's own privacy curve (and by the conversion from rho alone)."
        )
        facts["epsilon_of_several_answers"] = several
        if release.budget.atto_delta.spent:
            answer += (
                " The delta that lists of open words cost is taken off first as it is for one envelope: a phrase in k "
                "envelopes counts k times towards a threshold, which epsilon leaves out."
            )
        if release.words:
            deltas = {str(k): sum(delta_of_answers(listed, k) for listed in release.words) for k in SEVERAL}
            facts["atto_delta_of_several_answers"] = deltas
            answer += f" For these k this release's lists have delta {', '.join(map(rounded_up, deltas.values()))}."
        return "limited", answer, facts
    return "answered", "One respondent's whole content is protected: every answer, not one question at a time.", facts


def event_level(release: Release) -> Content:
    """Hazard 4: one ledger for all waves and plans; `spent` is in rho times 1e9."""
    facts = {"wave": release.wave, "releases_before": release.ledger.sequence - 1, "spent": release.budget.spent}
    answer = (
        f"Protected are all answers of a record in all tables together. This is debit {release.ledger.sequence} of one "
        "ledger for the study's whole life; waves and plans add up in it, and no part is counted apart."
    )
    return "answered", answer, facts


def different_deltas(release: Release) -> Content:
    """Hazard 5: epsilon by both methods at each of the three deltas."""
    answer = "Every epsilon stands beside its delta, the same three in every release: compare at the same one only."
    return "answered", answer, {"epsilon": epsilons_by_method(release.budget)}


def different_units(release: Release) -> Content:
    """Hazard 6: the unit, and change-one neighbours (bounded differential privacy, Kifer and Machanavajjhala 2011)."""
    answer = (
        f"The unit is one {release.unit} and neighbours differ by change-one: the price of a table is twice that of a "
        "system that adds or removes a person at the same noise. Epsilons of the two are not comparable."
    )
    return "answered", answer, {"unit": release.unit, "neighbours": release.mechanism.neighbours}


def large_delta(release: Release) -> Content:
    """Hazard 7: each delta times the number of records, which must be far below 1."""
    deltas = {name: float(name) * release.box.count for name in DELTAS}
    answer = (
        f"Epsilon is told at 1e-5, 1e-6 and 1e-9 for {release.box.count} records; where delta times records is not "
        "far below 1 (1e-5 in a large study) read the smaller delta."
    )
    return "answered", answer, {"records": release.box.count, "delta_times_records": deltas}


def other_releases(release: Release) -> Content:
    """Hazard 8: every exact number that is public beside the release. Always limited."""
    public = exact_numbers(release.mode)
    known_values = {"records": release.box.count}
    how = "by invitation" if release.mode == "invitation" else "on an open link"
    answer = (
        f"Exact and public of a wave {how}: {'; '.join(number.statement for number in public)}. This box holds "
        f"{release.box.count} records. None of it says what anybody answered; how many are readable, asked or in a "
        f"group is noisy everywhere. {NOT_PUBLIC[release.mode]} Whoever publishes anything else from this study, a "
        "fieldwork count of a group or an anecdote, adds to this without a price."
    )
    exact = [
        {"number": number.name, "places": number.places, "value": known_values.get(number.name)} for number in public
    ]
    return "limited", answer, {"exact": exact}


def own_algorithms(release: Release) -> Content:
    """Hazard 9: the library and version that drew the noise, and its own name for each measurement."""
    kinds = sorted({_kind(table) for table in release.tables})
    facts = {"library": release.mechanism.library, "version": release.mechanism.version, "measurements": kinds}
    answer = (
        f"Noise is {release.mechanism.library} {release.mechanism.version}'s discrete Gaussian; its own description of "
        f"each of the {len(release.tables)} measurements is in the release. Counting is ours, and checked by "
        "record-play: one record changed, never more than the claimed distance."
    )
    return "answered", answer, facts


def small_groups(release: Release) -> Content:
    """Hazard 10: how many groups are too few and how many shares unreliable; limited where there are any."""
    estimates = [estimate for table in release.tables for estimate in table.estimates]
    silent = sum(estimate.abstained is not None for estimate in estimates)
    shares = [share for estimate in estimates for share in estimate.shares]
    grey = sum(not share.reliable for share in shares)
    facts = {"groups": len(estimates), "too_few": silent, "shares": len(shares), "greyed": grey}
    answer = (
        f"The same noise weighs more on small groups: of {len(estimates)} groups {silent} are not described, because "
        f"they are lost in noise, and of {len(shares)} shares {grey} are greyed (each says what it is of; who did "
        "not know and who refused are among them). Both are judged by noisy numbers. "
        "Higher quotas for small groups are the remedy."
    )
    return "limited" if silent or grey else "answered", answer, facts


def human_bias(release: Release) -> Content:
    """Hazard 11: how many released cells are negative: integers are published as they were drawn."""
    cells = [cell for table in release.tables for cell in table.counts]
    negative = sum(cell < 0 for cell in cells)
    answer = (
        f"The released integers are as they were drawn: nothing is rounded, clipped or hidden; {negative} of "
        f"{len(cells)} cells are negative. Displays may show other numbers and say so; these are the data."
    )
    return "answered", answer, {"cells": len(cells), "negative": negative}


def statistical_bias(release: Release) -> Content:
    """Hazard 12: the least and the largest standard deviation of the noise, in records, and the debiased tables."""
    sigmas = [table.sigma for table in release.tables]
    answer = (
        f"Noise has mean zero and a known sigma in every table ({min(sigmas):.1f} to {max(sigmas):.1f} records). The "
        "consistent cells are unbiased too, each with its exact variance, and every margin holds sampling and noise. "
        "Self-selection is in no margin."
    )
    debiased = [table.id for table in release.tables if DEBIASED in table.notes]
    return "answered", answer, {"sigma_least": min(sigmas), "sigma_most": max(sigmas), "debiased": debiased}


def contribution_bounds(release: Release) -> Content:
    """Hazard 13: cells in which one record counts, squared sensitivities; limited where a price is too low."""
    wide = {table.id: table.l2_squared for table in release.tables if table.l2_squared > 1}
    paid = all(exact_nano_rho(table.sigma, table.sensitivity_squared) <= table.nano_rho for table in release.tables)
    answer = (
        "How many cells one record stands in follows from the questionnaire, and a record over a cap is counted as "
        f"unreadable: in {len(wide)} of {len(release.tables)} tables it is more than one, which their noise holds."
    )
    moved = {table.id: table.sensitivity_squared for table in release.tables if table.id in wide}
    facts = {"cells_of_one_record": wide, "sensitivity_squared": moved, "noise_holds_it": paid}
    return "answered" if paid else "limited", answer, facts


def bins(release: Release) -> Content:
    """Hazard 14: the number of cells by table, all fixed by the questionnaire."""
    cells = {table.id: len(table.counts) for table in release.tables}
    answer = (
        f"All {sum(cells.values())} cells come from the questionnaire {release.questionnaire[:12]}…, fixed before "
        "anybody answered: every code, the missing codes, not asked and unreadable. No level depends on an answer."
    )
    return "answered", answer, {"questionnaire": release.questionnaire, "cells": cells}


def machine_learning(release: Release) -> Content:
    """Hazard 15: no model is trained; the number of tables."""
    answer = f"No model is trained: a release is {len(release.tables)} contingency tables."
    return "answered", answer, {"tables": len(release.tables)}


def synthetic_data(_: Release) -> Content:
    """Hazard 16: a release holds no synthetic rows; there are no facts to name."""
    answer = (
        "No row of a person, real or made up, is in this release. Whoever wants made-up rows, to teach or to test, "
        "should draw them from these noisy tables: that costs nothing more, and they serve no inference."
    )
    return "answered", answer, {}


def deep_synthetic(release: Release) -> Content:
    """Hazard 17: no generative network; the tables by id."""
    answer = (
        "Nothing is learnt by a network. Use the tables for what they hold: they have no error but sampling and the "
        "noise that is told beside each."
    )
    return "answered", answer, {"tables": [table.id for table in release.tables]}


def unstructured(release: Release) -> Content:
    """Hazard 18: the delta that phrase lists cost in this release; limited where there are any."""
    cost = release.budget.atto_delta.cost
    if cost:
        answer = (
            f"Open words are in this release: single phrases that many wrote, above a threshold that costs delta "
            f"{delta_text(cost)}; never a text as somebody wrote it."
        )
        return "limited", answer, {"delta_of_words": delta_text(cost)}
    return "answered", "No free text: only codes of closed questions and bands were ever sealed into these tables.", {}


def interactive(release: Release) -> Content:
    """Hazard 19: the plan's hash, the days (YYYY-MM-DD) of registration and release; limited if registered late."""
    late = REGISTERED_LATE in release.notes
    facts = {"plan": release.plan, "registered": release.registered, "released": release.day, "late": late}
    if late:
        answer = (
            f"Not interactive: a plan was signed on {release.registered}. But the box does not name it: nobody but the "
            "analysis host can say that it was decided before the answers could be opened."
        )
        return "limited", answer, facts
    answer = (
        f"Not interactive: all {len(release.tables)} tables stand in a plan signed on {release.registered} and "
        "published before the box was made. Later questions are plans of their own and pay from the same budget."
    )
    return "answered", answer, facts


def trust(release: Release) -> Content:
    """Hazard 20: whom one must trust; limited for a demonstration, whose key may have one holder."""
    answer = (
        "Answers are sealed on the phone for a key that no server holds. Trusted are: the script that the host serves "
        "while somebody answers, any quorum of custodians, and the analysis machine while they open."
    )
    if release.demo:
        answer += " THIS IS A DEMONSTRATION: its key may have one holder, who alone opens everything."
    return "limited" if release.demo else "elsewhere", answer, {"demo": release.demo, "manifest": release.manifest}


def side_channels(release: Release) -> Content:
    """Hazard 21: what tests show of time, size and errors, and what nothing hardens. Always limited."""
    answer = (
        "Noise is exact integer arithmetic, with no floating point to read it off. Releases are batch jobs: no time, "
        "size or error depends on an answer as far as tests show, and exceptions are told by class name. Nothing else "
        "is hardened."
    )
    return "limited", answer, {"noise": release.mechanism.name}


def data_security(release: Release) -> Content:
    """Hazard 22: the root hash of the box. Rests on the machine that opened it."""
    answer = (
        f"The box holds {release.box.count} sealed records under one root hash, and what was opened stayed in memory. "
        "Whether the analysis machine was clean while custodians opened no file can show."
    )
    return "elsewhere", answer, {"box": release.box.root}


def access_control(release: Release) -> Content:
    """Hazard 23: the ledger's entry and the one before it, as SHA-256 in hex. Rests on the custodians."""
    answer = (
        f"Opening takes a quorum of shares, and every release a debit: this one is entry {release.ledger.sequence} "
        f"({release.ledger.entry[:12]}…), whose past is in the release. Who held the shares, and that they met on "
        "purpose, no file can show."
    )
    return "elsewhere", answer, {"entry": release.ledger.entry, "previous": release.ledger.previous}


def collecting(release: Release) -> Content:
    """Hazard 24: the questions and indicators used, and each table's reason. Rests on the ethics board."""
    used = sorted({axis.id for table in release.tables for axis in table.dimensions})
    why = {table.id: table.reason for table in release.tables}
    answer = (
        f"This release uses {len(used)} questions and indicators, each table with its reason. Whether others needed "
        "to be asked is for the study's ethics board: privacy is no excuse for asking more."
    )
    return "elsewhere", answer, {"dimensions": used, "reasons": why}


def _kind(table: Table) -> str:
    """Return OpenDP's own name of a table's noise, or that it cannot be read."""
    try:
        return str(json.loads(table.measurement)["__function__"])
    except (ValueError, KeyError, TypeError):
        return "unreadable"


HAZARDS: tuple[
    tuple[Literal["parameters", "unit", "algorithms", "deployment"], str, Callable[[Release], Content]], ...
] = (
    ("parameters", "A large epsilon means little", large_epsilon),
    ("parameters", "(epsilon, delta) can fail catastrophically", catastrophic_failure),
    ("unit", "The unit of privacy must match the harm", unit_and_harm),
    ("unit", "Event-level privacy protects events and not people", event_level),
    ("parameters", "Guarantees at different deltas are not comparable", different_deltas),
    ("unit", "Guarantees for different units are not comparable", different_units),
    ("parameters", "A large delta misleads", large_delta),
    ("parameters", "Releases without noise beside it void the guarantee", other_releases),
    ("algorithms", "Algorithms of one's own are often wrong", own_algorithms),
    ("algorithms", "Noise harms small groups systematically", small_groups),
    ("algorithms", "Mending noisy numbers by hand brings bias", human_bias),
    ("algorithms", "Statistical bias must be known", statistical_bias),
    ("algorithms", "What one person contributes must be bounded", contribution_bounds),
    ("algorithms", "Bins of a histogram must be fixed beforehand", bins),
    ("algorithms", "Models remember what they were trained on", machine_learning),
    ("algorithms", "Synthetic data without a guarantee are not private", synthetic_data),
    ("algorithms", "Deep synthetic data serve worse than marginals", deep_synthetic),
    ("algorithms", "Unstructured data have no clear unit", unstructured),
    ("deployment", "Interactive queries are hard to budget and to secure", interactive),
    ("deployment", "What is trusted must be worth it", trust),
    ("deployment", "Side channels carry answers past the noise", side_channels),
    ("deployment", "Data that are stolen have no noise", data_security),
    ("deployment", "Whoever may query may spend", access_control),
    ("deployment", "Privacy is no reason to collect more", collecting),
)


def answers(release: Release) -> tuple[HazardAnswer, ...]:
    """Return the answer of this release to each hazard, in the order of the public draft."""
    return tuple(
        HazardAnswer(number, layer, hazard, *answer(release))
        for number, (layer, hazard, answer) in enumerate(HAZARDS, start=1)
    )
