"""A release with every kind of number that an export must carry: a real one, with a few members planted by hand."""

from studies import small_study as small
from survey.questionnaire.bases import BASES
from survey.release.corrections import ReleasedCorrection
from survey.release.release import Release
from survey.wave.correction import TextChange

FORMULA, UNIVERSITY = "=1+1", "https://ror.org/03yrm5c26"
ABOUT = {
    "format": "sotto-about-3", "version": "1",
    "authors": [{
        "name": "Doe, Jo", "affiliation": "A university", "affiliation_url": UNIVERSITY, "orcid": "0000-0002-1825-0097",
    }],
    "organisation": {"en": "An institute", "zh-Hans": "某研究所"}, "contact": {"en": "mail@example.org"},
    "ethics": {"en": "Board 7, number 12"}, "funders": ["A fund"], "abstract": {"en": "What people think of tea."},
    "population": {"en": "Adults"}, "sampling": {"en": "Whoever had the link."}, "keywords": ["tea"],
    "countries": ["CN"], "licence": "CC-BY-4.0", "url": "https://example.org/tea",
}  # fmt: skip
FIELDWORK = {"format": "sotto-fieldwork-1", "wave": 1, "opened": "2026-03-01", "closed": "2026-04-30"}

SWAPPED = ReleasedCorrection(
    correction="0" * 64,
    since="2026-04-06",
    reason="typing errors",
    changes=(
        TextChange(locale="en", place="items.AGE.options.1", old="Yes", new="No"),
        TextChange(locale="en", place="items.AGE.options.2", old="No", new="Yes"),
    ),
)
"""A correction that lets two options change places."""


def planted(release: Release) -> Release:
    """Return the small study's release with words, a difference, a top box, a lost class and labels like formulas."""
    document = release.to_json()
    for locale, labels in document["labels"].items():
        labels["AGE"]["levels"]["1"] = FORMULA
        labels["AGE"]["levels"]["2"] = {"en": "@SUM(A1)", "zh-Hans": "-2"}.get(locale, "+3")
        labels["WORDS"] = {"text": {"en": "Which words?"}.get(locale, "哪些词？"), "levels": {}}
        document["title"][locale] = "\t=title"
    root, count = document["box"]["root"], document["box"]["count"]
    document |= {"about": ABOUT | {"study": document["study"]}, "fieldwork": FIELDWORK | {"root": root}}
    document["fieldwork"] |= {"study": document["study"], "answered": count}
    document["words"] = [words("W1", [("鱼", 90), ("+fish", 71)]), words("W2", [])]
    document["budget"]["atto_delta"] = {"cost": 20, "spent": 20, "total": 100}
    document["budget"] |= {name: document["budget"][name] + 4_000_000 for name in ("cost", "spent")}
    first = document["tables"][0]["estimates"][0]
    first["top"] = {"codes": [2, 3], "share": 0.5, "margin": 0.1}
    first["median"] = {"value": 2, "low": 1, "high": 3}
    first["difference"] = {"value": -0.25, "margin": 0.5}
    first["shares"][0] |= {"reliable": False, "bayes": [0.0, 0.125]}
    weighted = next(table["weighted"] for table in document["tables"] if "weighted" in table)
    weighted |= {"classes": [[[1], [2], [3]]]}
    document["tables"][0]["weighted"] = weighted | {
        "by": ["AGE"],
        "trimmed": True,
        "kish": 1.5,
        "abstained": None,
        "covers_population": False,
    }
    document["tables"][0]["weighted"] |= {
        "shares": [{"code": 1, "base": "answered", "share": 0.25, "margin": 0.2, "reliable": True}]
    }
    lost = {
        "abstained": "class-lost",
        "kish": None,
        "trimmed": False,
        "covers_population": False,
        "mean": None,
        "shares": [],
    }
    document["tables"][1]["weighted"] = weighted | lost
    return Release.from_bytes(small.canonical(document))


def listed(release: Release, longer: int) -> Release:
    """Return the release with T1's first dimension a list experiment of 2 lines and `longer` lines."""
    document = release.to_json()
    table = document["tables"][0]
    codes = [10, 11, 12, *range(40, 41 + longer), 97, 255]
    table["dimensions"][0] |= {"codes": codes, "list": True, "score": False, "base": "substantive"}
    for name in ("counts", "consistent", "variances"):
        table[name] = [1] * len(codes)
    table["estimates"] = [
        {"group": None, "base": "substantive", "sizes": {name: {"number": 9.0, "margin": 1.0} for name in BASES},
         "abstained": None, "mean": None, "shares": [], "difference": {"value": 0.25, "margin": 0.1}}
    ]  # fmt: skip
    table.pop("weighted")
    return Release.from_bytes(small.canonical(document))


def words(name: str, phrases: list[tuple[str, int]]):
    """Return a list of open words as a release has it."""
    return {
        "id": name,
        "item": "WORDS",
        "nano_rho": 2_000_000,
        "atto_delta": 10,
        "most": 2,
        "sigma": 31.6,
        "threshold": 64,
        "measurement": "{}",
        "reason": "a test",
        "hypotheses": [],
        "margin": 62.0,
        "phrases": [{"phrase": phrase, "count": count} for phrase, count in phrases],
    }


def numbers(release: Release) -> list[tuple[str, float]]:
    """Return (table, value) of every number of the release that a row of an estimate holds, in order."""
    numbers_of_tables = []
    for table in release.tables:
        for one in table.estimates:
            numbers_of_tables += [(table.id, share.share) for share in one.shares]
            numbers_of_tables += [
                (table.id, number.value) for number in (one.mean, one.difference, one.median) if number
            ]
            numbers_of_tables += [(table.id, one.top.share)] if one.top else []
        if table.weighted:
            numbers_of_tables += [(table.id, share.share) for share in table.weighted.shares]
            numbers_of_tables += [(table.id, table.weighted.mean.value)] if table.weighted.mean else []
    return numbers_of_tables
