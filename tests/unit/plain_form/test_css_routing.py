"""Routing by style and in words: what is hidden is never asked, and the words name the right questions and answers."""

import random

import pytest
from studies.plain_study import STUDY, item, questionnaire, texts

from survey.plain_form.css_routing import (
    Conjunction,
    Disjunction,
    Formula,
    Marked,
    Negation,
    Routing,
    at_least,
    conjunction,
    control,
    css,
    disjunction,
    negation,
    option_name,
    rules,
    status_name,
)
from survey.questionnaire.asked_conditions import asked_condition
from survey.questionnaire.conditions import truth
from survey.questionnaire.questionnaire import form_of, is_asked, items_asked
from survey.wording.catalogues import load_wordings
from survey.wording.routing_words import ConditionRenderer, numbering

ASKED = questionnaire()
A, B, C = (Marked(name) for name in "abc")


def evaluate(formula: Formula, marked: frozenset[str]) -> bool:
    """Evaluate `formula` with the controls `marked` checked, as a browser does with css()."""
    match formula:
        case Marked():
            return formula.id in marked
        case Conjunction():
            return all(evaluate(part, marked) for part in formula.parts)
        case Disjunction():
            return any(evaluate(part, marked) for part in formula.parts)
        case Negation():
            return not evaluate(formula.part, marked)
        case _:
            return formula


def marks(chance: random.Random, share: float) -> dict[str, object]:
    """Return an answer to some of the items, also where they would not be asked."""
    given = {}
    for one in ASKED.items:
        if one.note or one.phrase or chance.random() > share:
            continue
        if one.multi and chance.random() < 0.8:
            given[one.id] = tuple(sorted(chance.sample(one.codes, chance.randint(1, len(one.codes)))))
        elif one.multi:
            given[one.id] = chance.choice(one.missing) if one.missing else one.codes[:1]
        else:
            given[one.id] = chance.choice(one.domain)
    return given


def controls(given: dict[str, object]) -> frozenset[str]:
    """Return the ids of the controls that these answers mark."""
    marked_controls = []
    for name, answer in given.items():
        one = ASKED.item(name)
        if not one.multi:
            marked_controls.append(control(name, answer))
        elif isinstance(answer, int):
            marked_controls.append(control(status_name(one), answer))
        else:
            marked_controls += [control(option_name(one, code), int(code in answer)) for code in one.codes]
    return frozenset(marked_controls)


def effective(given: dict[str, object]) -> dict[str, object]:
    """Return the answers that count: what was asked, as the payload's rule has it."""
    kept = {}
    for one in ASKED.items:
        if is_asked(one, form_of(ASKED, kept), kept) and one.id in given:
            kept[one.id] = given[one.id]
    return kept


@pytest.mark.slow
def test_what_is_hidden_is_not_asked_and_what_is_not_asked_is_hidden():
    """Over 3,000 whole sets of marks, stale ones included, a question is hidden exactly where routing leaves it out."""
    chance, routing, seen = random.Random(7), Routing(ASKED), set()
    for _ in range(3000):
        given = marks(chance, 1.1)
        marked, kept = controls(given), effective(given)
        reached = {one.id for one in items_asked(ASKED, kept)}
        hidden = {one.id for one in ASKED.items if evaluate(routing.certainly_unasked(one), marked)}
        assert {one.id for one in ASKED.items} - reached == hidden
        surely_asked = {one.id for one in ASKED.items if evaluate(routing.certainly_asked(one), marked)}
        assert surely_asked == {name for name in reached if asked_condition(ASKED.item(name), ASKED)}
        seen |= hidden
    assert {one.id for one in ASKED.items if asked_condition(one, ASKED)} == seen


def test_nothing_is_hidden_that_may_still_be_asked():
    """Over 2,000 half-filled forms a question is hidden only where no further answer could bring it back."""
    chance, routing = random.Random(8), Routing(ASKED)
    for _ in range(2000):
        given = marks(chance, 0.4)
        marked = controls(given)
        hidden = [one.id for one in ASKED.items if evaluate(routing.certainly_unasked(one), marked)]
        for _ in range(3):
            more = marks(chance, 1.1) | given
            reached = {one.id for one in items_asked(ASKED, effective(more))}
            assert not reached & {*hidden}


def test_formulas_fold_their_constants():
    """True, false, repeated and nested parts vanish, so that rules stay short."""
    assert (True, False) == (conjunction(), disjunction())
    assert (A, False) == (conjunction(True, A), conjunction(A, False))
    assert (A, True) == (disjunction(False, A), disjunction(A, True))
    assert Conjunction((A, B, C)) == conjunction(A, conjunction(B, C), A)
    assert Disjunction((A, B)) == disjunction(A, disjunction(A, B))
    assert (A, Negation(A), False) == (negation(negation(A)), negation(A), negation(True))


def test_a_selector_says_what_the_formula_says():
    """The few forms of selectors there are, as they stand in the page."""
    assert ":has(#a:checked)" == css(A)
    assert ":has(:is(#a,#b):checked)" == css(disjunction(A, B))
    assert ":has(#a:checked):not(:has(#b:checked))" == css(conjunction(A, negation(B)))
    assert ":is(:has(#c:checked),:has(#a:checked):has(#b:checked))" == css(disjunction(conjunction(A, B), C))


@pytest.mark.parametrize("number", range(5))
def test_at_least_counts(number):
    """`at_least` holds for exactly the sets of marks with so many of the parts."""
    parts = (A, B, C)
    for chosen in range(8):
        marked = frozenset(name for place, name in enumerate("abc") if chosen >> place & 1)
        assert (len(marked) >= number) == evaluate(at_least(number, parts), marked)


def test_too_many_combinations_are_left_to_the_words():
    """Where a count would take thousands of characters there is no rule, and the question is simply shown."""
    assert at_least(6, tuple(Marked(str(n)) for n in range(12))) is None
    wide = item("WIDE", "multi", tuple(range(1, 13)), (99,))
    last = item("LAST", "single", (1, 2), (99,), ask_if={"item": "WIDE", "chosen": [6, 9]})
    asked_of = questionnaire(items=[wide, last], groups=[], forms=[{"id": "short"}, {"id": "long"}])
    routing, places = Routing(asked_of), control("WIDE_s", 99)
    assert css(routing.certainly_unasked(asked_of.item("LAST"))) == css(Marked(places))


def test_the_rules_hide_groups_whole_and_ends_what_follows():
    """A grid is hidden as one; an answer that ends the interview hides everything behind it and shows its text."""
    text = rules(ASKED)
    assert "#q-G{" in text
    assert "#q-G_A" not in text
    assert "#f:has(#AGE-000:checked) #q-AGE~*{display:none}" in text
    assert "#f:has(#AGE-000:checked) #e-AGE-000{display:block}" in text
    assert STUDY not in text


SUM = (
    "Only if 2 to 3 of these are true: you chose “Answer 1 of USE”, “Answer 2 of USE” or “No answer” in question 3; "
    "you chose “Answer 2 of AGE” in question 2; you chose “Answer 1 of FACE” in question 11."
)
SAID = {
    "HOW": ("Skip this if you chose “Answer 3 of USE” or “98” in question 3.",),
    "WHY": ("Only if you marked “Answer 2 of BUY” or “Answer 3 of BUY” in question 5.",),
    "TWO": ("Only if you marked exactly 2 in question 5.",),
    "ROOMS": ("Skip this if question 6 was not for you.",),
    "ONLY": ("Only if you chose “Answer 1 of MODE” in question 1.",),
    "SUM": (SUM,),
    "AGE": (),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_who_answers_a_question_is_said_in_words(name):
    """Positive or negative, whichever is shorter, with the numbers and labels of the page."""
    renderer = ConditionRenderer(ASKED, texts("en", ASKED), load_wordings("plain")["en"])
    assert SAID[name] == renderer.routing(ASKED.item(name))


def test_negations_are_said_simply():
    """Not of any is all of not, not of not is nothing, and a choice of codes becomes the others."""
    heard, older = {"item": "USE", "in": [1]}, {"item": "AGE", "in": [1, 2]}
    changed = [dict(one) for one in ASKED.to_json()["items"]]
    changed[3]["ask_if"] = {"not": {"any": [heard, {"not": older}]}}
    speaker_of = questionnaire(items=changed)
    renderer = ConditionRenderer(speaker_of, texts("en", speaker_of), load_wordings("plain")["en"])
    assert (
        "Skip this if you chose “Answer 1 of USE” in question 3.",
        "Skip this if you chose “No answer” in question 2.",
    ) == renderer.routing(speaker_of.item("HOW"))


def test_notes_have_no_number():
    """Questions are counted, notes are not."""
    numbers = numbering(ASKED)
    assert "INTRO" not in numbers
    assert [*range(1, len(ASKED.items))] == [*numbers.values()]


def test_the_one_condition_is_what_asks():
    """`whom` with `truth` says the same as the payload's own rule, for every item and 500 sets of answers."""
    chance = random.Random(9)
    for _ in range(500):
        kept = effective(marks(chance, 1.1))
        known = {one.id: kept.get(one.id, 97) for one in ASKED.items}
        for one in ASKED.items:
            condition = asked_condition(one, ASKED)
            assert is_asked(one, form_of(ASKED, kept), kept) == (condition is None or truth(condition, known))
