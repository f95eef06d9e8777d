"""Conditions of a form mean what libxml2's XPath says they mean, for every answer to closed questions."""

import json
import re
from collections.abc import Iterator
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import TypeAdapter

from survey.authoring.xlsform.expressions.grammar import ExpressionParser
from survey.authoring.xlsform.expressions.known import Calculation, Known, KnownQuestions, Span
from survey.authoring.xlsform.expressions.meaning import Meaning
from survey.questionnaire.codes import DONT_KNOW, REFUSED
from survey.questionnaire.conditions import Condition, holds

PARSER = ExpressionParser()
CONDITION = TypeAdapter(Condition)
WORDS, NUMBERS, SEVERAL = ("red", "green", "dk"), ("0", "1", "2"), ("x", "y", "z")
AGES = (0, 1, 2, 17, 18, 40)
QUESTIONS = {
    "word": Known("WORD", "single", {1: "red", 2: "green"}, {"dk": DONT_KNOW}, (DONT_KNOW, REFUSED)),
    "number": Known("NUMBER", "single", {5: "0", 6: "1", 7: "2"}, {}, (REFUSED,)),
    "age": Known("AGE", "number", {n: Span(age, age) for n, age in enumerate(AGES)}, {}, (REFUSED,)),
    "many": Known("MANY", "multi", {1: "x", 2: "y", 3: "z"}, {}, (REFUSED,), cap=3),
    "sum": Calculation(PARSER.parse("${number} + ${age}")),
    "case": Calculation(PARSER.parse("if(${word} = 'red', 'warm', if(${number} > 0, 'cold', ''))")),
}
CALCULATED = {"sum": "string(/d/number + /d/age)", "case": "if(/d/word = 'red', 'warm', if(/d/number > 0, 'cold', ''))"}
READ_BY = {"sum": ("number", "age"), "case": ("word", "number")}
# Each answer as the form has it, and as its item has it: unanswered is empty there, and a missing code or absent here.
ANSWERS = {
    "word": [("red", 1), ("green", 2), ("dk", DONT_KNOW), ("", REFUSED), ("", None)],
    "number": [*((name, code) for code, name in enumerate(NUMBERS, 5)), ("", REFUSED), ("", None)],
    "age": [*((str(age), code) for code, age in enumerate(AGES)), ("", None)],
    "many": [
        *(
            (" ".join(SEVERAL[code - 1] for code in codes), codes)
            for n in (1, 2, 3)
            for codes in combinations((1, 2, 3), n)
        ),
        ("", REFUSED),
        ("", None),
    ],
}

comparisons = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
equalities = st.sampled_from(["=", "!="])
values = st.sampled_from(
    [
        "${number}",
        "${age}",
        "${sum}",
        "1",
        "2",
        "18",
        "0.5",
        "-1",
        "${age} - ${number}",
        "2 * ${number}",
        "${age} div 2",
        "${age} mod 2",
        "round(${number} div 2)",
        "number(${word})",
    ]
)
leaves = st.one_of(
    st.builds("{} {} {}".format, values, comparisons, values),
    st.builds("${{word}} {} '{}'".format, equalities, st.sampled_from([*WORDS, ""])),
    st.builds("${{case}} {} '{}'".format, equalities, st.sampled_from(["warm", "cold", ""])),
    st.builds("${{many}} = '{}'".format, st.sampled_from([*SEVERAL, ""])),
    st.builds("selected(${{many}}, '{}')".format, st.sampled_from(SEVERAL)),
    st.builds("selected(${{word}}, '{}')".format, st.sampled_from(WORDS)),
    st.builds("count-selected(${{many}}) {} {}".format, comparisons, st.integers(0, 3)),
    st.sampled_from(["true()", "false()"]),
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not({})".format, inner),
        st.builds("if({}, {}, {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)


def _text(value: object) -> str:
    return (
        value if isinstance(value, str) else "".join(value[0].itertext()) if isinstance(value, list) and value else ""
    )


EXTENSIONS = {
    (None, "selected"): lambda _, several, name: name in _text(several).split(),
    (None, "count-selected"): lambda _, several: float(len(_text(several).split())),
    (None, "if"): lambda _, test, then, otherwise: then if test else otherwise,
}


def xpath(source: str) -> etree.XPath:
    """Return an expression of a form as libxml2 evaluates it over `<d><word>…</word>…</d>`."""
    return etree.XPath(re.sub(r"\$\{(\w+)\}", r"/d/\1", f"boolean({source})"), extensions=EXTENSIONS)


def answered(chosen: dict[str, tuple]) -> tuple[etree._Element, dict]:
    """Return one combination of answers as the form's instance, and as the values of the items."""
    root = etree.Element("d")
    for name in ANSWERS:
        etree.SubElement(root, name).text = chosen.get(name, ("", None))[0]
    for name, calculation in CALCULATED.items():
        value = etree.XPath(calculation, extensions=EXTENSIONS)(root)
        etree.SubElement(root, name).text = "" if value == "NaN" else value
    return root, {QUESTIONS[name].id: code for name, (_, code) in chosen.items() if code is not None}


def everybody(source: str) -> Iterator[tuple[etree._Element, dict]]:
    """Yield every combination of answers to what an expression looks at."""
    named = re.findall(r"\$\{(\w+)\}", source)
    names = sorted({one for name in named for one in READ_BY.get(name, (name,))})
    return (answered(dict(zip(names, chosen, strict=True))) for chosen in product(*(ANSWERS[name] for name in names)))


def differing(source: str) -> list[dict]:
    """Return the answers for which the questionnaire's condition is not what XPath says."""
    formula = Meaning(KnownQuestions(dict(QUESTIONS))).condition(PARSER.parse(source))
    condition = None if isinstance(formula, bool) else CONDITION.validate_json(json.dumps(formula))
    expected = xpath(source)
    return [
        items
        for root, items in everybody(source)
        if bool(expected(root)) != (formula if condition is None else holds(condition, items))
    ]


@settings(max_examples=60, deadline=None)
@given(expressions)
def test_a_condition_holds_for_whom_the_form_asks(source):
    """For every combination of answers, empty ones included, the questionnaire asks whom XPath asks."""
    assert [] == differing(source)


@pytest.mark.parametrize("source", ["${age} > 17 and not(selected(${many}, 'x'))", "${sum} != 3", "${case} = ''"])
def test_examples_of_each_kind(source):
    """The same for expressions that any change should keep, whatever is drawn."""
    assert [] == differing(source)


def test_a_condition_that_is_wrong_is_seen():
    """The control: the comparison is not blind to a condition that holds for others."""
    wrong = Meaning(KnownQuestions(dict(QUESTIONS))).condition(PARSER.parse("${age} >= 17"))
    condition = CONDITION.validate_json(json.dumps(wrong))
    expected = xpath("${age} > 17")
    assert any(bool(expected(root)) != holds(condition, items) for root, items in everybody("${age}"))
