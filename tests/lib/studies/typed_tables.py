"""Answers of every type of item, and a plan of tables with every kind of dimension over them."""

from paths import VECTORS

from analysis.counting.contingency_tables import layouts, tabulate
from analysis.opening.payload_decoder import Decoder
from crypto.canonical import canonical
from studies import any_answers
from survey.plan.plan import Plan
from survey.questionnaire.questionnaire import Questionnaire

QUESTIONNAIRE = Questionnaire.from_bytes((VECTORS / "questionnaire-types.json").read_bytes())
DECODER = Decoder.of(QUESTIONNAIRE)
SEVERAL = {"item": "BUYS", "chosen": [2, 3]}
WISHES = {
    "T01": (["G1"], None, 3),
    "T02": (["R1"], None, 2),
    "T03": (["BUYS"], None, 3),
    "T04": (["G1", "BUYS"], None, 9),
    "T05": (["R1", "G1", "FRUIT"], None, 6),
    "T06": (["@locale", "SIZE"], None, 1),
    "T07": (["@mode", "@quality"], SEVERAL, 1),
    "T08": (["G1", "@form"], {"item": "SIZE", "in": [1, 2, 99]}, 3),
    "T09": (["BUYS", "R1"], {"count": [SEVERAL, {"item": "KIDS", "in": [0, 1]}], "range": [1, 1]}, 6),
    "T10": (["WORRY", "KIDS"], None, 1),
    "T11": (["SECRET", "@stratum"], None, 1),
    "T12": (["MANY", "TWOOF", "G1"], None, 3),
    "T13": (["BORN", "MOVED", "YEARS"], None, 1),
}
# Records that are none: what did not open, what is too short, and one whose ranking names an option twice.
BROKEN = [b"", b"\x02", bytes(QUESTIONNAIRE.payload_width)]
PEOPLE = any_answers.payloads(QUESTIONNAIRE, 300, seed=7)


def plan(wishes=WISHES):
    table = {"nano_rho": 10, "reason": "a test", "hypotheses": []}
    tables = [
        table | {"id": name, "dimensions": dimensions, "population": population}
        for name, (dimensions, population, _) in wishes.items()
    ]
    return Plan.from_bytes(
        canonical(
            {"format": "sotto-plan-2", "study": QUESTIONNAIRE.study, "wave": 1, "parent": None, "title": "A plan",
             "reason": "a test", "nano_rho": 1000, "tables": tables}
        )
    )  # fmt: skip


TABLES = layouts(plan(), QUESTIONNAIRE)


def counts_of(payloads):
    return tabulate(DECODER.decode(payloads), TABLES)
