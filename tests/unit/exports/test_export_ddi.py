"""The DDI codebook of a release: valid, complete, and true to the release's numbers (tests/data/ddi/README.md)."""

import json

import pytest
from lxml import etree
from paths import ROOT
from studies import small_study as small
from studies.exported import planted

from analysis.exports.ddi import FILE, ddi_files
from analysis.releasing.run import make_release
from survey.release.release import Release

SCHEMAS = ROOT / "tests" / "data" / "ddi"
NAMES = {"d": "ddi:codebook:2_6", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    world = small.build(tmp_path_factory.mktemp("ddi"))
    return planted(make_release(world.request(small.plan(each=10_000_000))).release)


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(SCHEMAS / "codebook.xsd"))


def codebook(release, locale="en"):
    return etree.fromstring(dict(ddi_files(release, locale))[FILE])


def errors(schema, root):
    """Return what the official schema finds in a document."""
    schema.validate(etree.fromstring(etree.tostring(root)))
    return [error.message for error in schema.error_log]


def at(root, path):
    """Return what a path of the profile finds: elements with content, or attributes."""
    steps = [step if step.startswith("@") else f"d:{step}" for step in path.split("/")]
    nodes = root.xpath("/".join(steps), namespaces=NAMES)
    return [one for one in nodes if isinstance(one, str) or (one.text or "").strip()]


def unlike_cessda(root):
    """Yield each rule of CESSDA's profile that the document breaks."""
    rules = json.loads((SCHEMAS / "profile-cessda-2.6.json").read_text())
    yield from (path for kind in ("mandatory", "recommended") for path in rules[kind] if not at(root, path))
    for path in rules["with_parent"]:
        parent, _, attribute = path.rpartition("/")
        yield from (path for one in at(root, parent) if not one.get(attribute[1:]))
    yield from (path for path, value in rules["fixed"].items() if set(at(root, path)) - {value})


def dangling(root):
    """Return the references that name no ID of the document; libxml2 does not check xs:IDREF."""
    known = {one.get("ID") for one in root.iter() if one.get("ID")}
    named = {one.get(key) for one in root.iter() for key in ("varRef", "fileid") if one.get(key)}
    return named - known


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_the_codebook_is_valid(release, schema, locale):
    """The whole document keeps to the official schema of 2.6 and to every rule of CESSDA's profile."""
    root = codebook(release, locale)
    assert [] == errors(schema, root)
    assert [] == list(unlike_cessda(root))


def test_a_release_that_says_nothing_of_its_study_is_valid_and_breaks_the_profile(release, schema):
    """Without metadata the document is still valid; what CESSDA needs is missed by name: the profile has teeth."""
    root = codebook(release.model_copy(update={"about": None, "fieldwork": None}))
    assert [] == errors(schema, root)
    missed = set(unlike_cessda(root))
    wanted = ("citation/holdings/@URI", "citation/distStmt/distrbtr", "stdyInfo/abstract", "citation/rspStmt/AuthEnty")
    assert {f"stdyDscr/{path}" for path in wanted} <= missed


def test_who_made_it_of_whom_and_when_is_there(release):
    """Author and ORCID, producer, days, participation, licence, ethics and citation are those of the release."""
    root, about = codebook(release), release.about
    author = root.find(".//d:AuthEnty", NAMES)
    assert (about.authors[0].name, about.authors[0].orcid) == (author.text, author.get("agentIdentifier"))
    assert about.organisation["en"] == root.findtext(".//d:producer", None, NAMES)
    days = [(one.get("event"), one.get("date")) for one in root.iterfind(".//d:collDate", NAMES)]
    assert [("start", release.fieldwork.opened), ("end", release.fieldwork.closed)] == days
    assert root.findtext(".//d:respRate", None, NAMES).endswith("nobody knows how many people it reached.")
    assert about.licence == root.findtext(".//d:license", None, NAMES)
    assert about.ethics["en"] in root.findtext(".//d:authorizationStatement", None, NAMES)
    assert release.digest in root.findtext(".//d:stdyDscr//d:biblCit", None, NAMES)


def test_what_people_read_of_the_study_is_in_their_language(release):
    """Weighting, participation and citation are Chinese in a Chinese codebook, around sources that are quoted."""
    days = release.fieldwork
    asked = release.model_copy(update={"fieldwork": days.model_copy(update={"invited": 4000, "issued": 3000})})
    opened, root = codebook(release, "zh-Hans"), codebook(asked, "zh-Hans")
    assert f"收到{days.answered}份答卷；公开链接，没有人知道有多少人看到过。" == opened.findtext(
        ".//d:respRate", None, NAMES
    )
    used = f"发出4000份邀请，用过3000份，收到{days.answered}份答卷：参与率{asked.fieldwork.participation:.1%}。"
    assert used == root.findtext(".//d:respRate", None, NAMES)
    margin, by = release.margins[0], release.about.text("organisation", "zh-Hans")
    weight = f"各表可以按{margin.dimension}加权。总体：“{margin.of}”；来源：“{margin.source}”（引文照录；还没核对）。"
    assert weight == root.findtext(".//d:weight", None, NAMES)
    cited = root.findtext(".//d:stdyDscr//d:biblCit", None, NAMES)
    assert cited.endswith(f"，第{release.wave}轮。{by}。差分隐私统计表，SHA-256 {asked.digest}。")
    assert cited == root.findtext(".//d:citReq", None, NAMES)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        (".//d:catValu", lambda element: element.getparent().append(element)),
        (".//d:nCube", lambda element: element.set("cells", "3")),
        (".//d:titl", lambda element: element.getparent().remove(element)),
        (".//d:qstn", lambda element: element.set("responseDomainType", "radio")),
    ],
)
def test_the_checks_see_what_is_wrong(release, schema, path, change):
    """Moved, unknown, missing and mistyped parts of a codebook are each found: the schema has teeth."""
    root = codebook(release)
    change(root.find(path, NAMES))
    assert errors(schema, root)


def test_every_reference_has_what_it_names(release):
    """Dimensions, measures and files that are named exist once; one that does not is found."""
    root = codebook(release)
    names = [one.get("ID") for one in root.iter() if one.get("ID")]
    assert len(names) == len(set(names))
    assert set() == dangling(root)
    root.find(".//d:dmns", NAMES).set("varRef", "V_NOBODY")
    assert {"V_NOBODY"} == dangling(root)


def test_every_question_and_category_is_there_in_every_locale(release):
    """Each dimension is a variable with its codes in order, labelled in all of the release's locales."""
    root = codebook(release, "zh-Hans")
    axes = {axis.id: axis for table in release.tables for axis in table.dimensions}
    for name, axis in axes.items():
        variable = root.find(f".//d:var[@name='{name}']", NAMES)
        assert [str(code) for code in axis.codes] == [
            one.text for one in variable.iterfind("d:catgry/d:catValu", NAMES)
        ]
        labels = variable.findall("d:labl", NAMES)
        assert "zh-Hans" == labels[0].get("{http://www.w3.org/XML/1998/namespace}lang")
        assert len(release.labels) == len(labels)


def test_tables_are_cubes_with_price_and_measures(release):
    """Each table is an nCube of its dimensions in order, with as many cells as it has, its sigma and its rho."""
    root = codebook(release)
    for table in release.tables:
        cube = root.find(f".//d:nCube[@name='{table.id}']", NAMES)
        assert str(len(table.counts)) == cube.get("cellQnty")
        assert [f"V_{axis.id}" for axis in table.dimensions] == [
            one.get("varRef") for one in cube.iterfind("d:dmns", NAMES)
        ]
        assert 3 == len(cube.findall("d:measure", NAMES))
        assert f"sigma {table.sigma}" in cube.find("d:notes[@type='privacy price']", NAMES).text


def test_words_stand_with_their_numbers(release):
    """A list of open words is a variable whose categories have their noisy frequency."""
    variable = codebook(release).find(".//d:var[@name='W1']", NAMES)
    pairs = [
        (one.findtext("d:catValu", None, NAMES), one.findtext("d:catStat", None, NAMES))
        for one in variable.iterfind("d:catgry", NAMES)
    ]
    assert [("鱼", "90"), ("+fish", "71")] == pairs


def test_access_says_that_there_are_no_rows(release):
    """Nobody is told to apply for microdata; method and budget stand in the study's description."""
    root = codebook(release)
    assert root.findtext(".//d:avlStatus", None, NAMES).startswith("No microdata exist")
    assert "differential privacy" in root.findtext(".//d:method/d:notes[@type='privacy method']", None, NAMES)
    assert release.digest in {one.text for one in root.iterfind(".//d:IDNo", NAMES)}


def test_every_file_that_it_names_is_written(release):
    """What fileDscr points at is among the files that are made with it."""
    made = dict(ddi_files(release, "en"))
    named = {one.get("URI") for one in codebook(release).iterfind("d:fileDscr", NAMES)}
    assert named == set(made) - {FILE}


def test_labels_that_xml_cannot_hold_are_marked(release, schema):
    """A control character in a label does not break the document."""
    document = release.to_json()
    document["labels"]["en"]["AGE"]["text"] = "a\u0008b <&> \ufffe"
    root = codebook(Release.from_bytes(small.canonical(document)))
    assert [] == errors(schema, root)
    assert "a�b <&> �" == root.findtext(".//d:var[@name='AGE']/d:labl", None, NAMES)
