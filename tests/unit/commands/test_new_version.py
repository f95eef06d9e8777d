"""A study's second wave asks a new version of its questionnaire: the whole way by commands, from one budget."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from cheap.databases import migrated
from click.testing import CliRunner
from paths import ROOT
from sqlmodel import select
from studies.small_study import seal_all

from analysis.__main__ import main as analysis_main
from analysis.study.folder import StudyFolder
from crypto.canonical import canonical, parse
from crypto.envelope import Record
from survey.answers_db import owner_access
from survey.authoring.compiler import compile_study
from survey.commands.main import main
from survey.office_db.tables import AuditEntry
from survey.operations.checks import ReleaseRefusedError, check_release
from survey.operations.transaction import office_session
from survey.public_log.document_checks import DocumentCheck
from survey.public_log.published_corrections import correction_faults
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog
from survey.questionnaire.payload import SurveyResponse, encode
from survey.release.corrections import ReleasedVersion
from survey.release.release import Release
from survey.settings import Settings
from survey.wave.manifest import Manifest

SPEC = importlib.util.spec_from_file_location("verify", ROOT / "verifier" / "verify.py")
VERIFY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(VERIFY)
pytestmark = pytest.mark.slow
ANALYSIS = ("key", "plan", "release", "compare", "verify", "export", "report", "ledger")
PAY = """\
  - id: PAY
    type: single
    block: market
    missing: [98]
    text: {en: "How do you usually pay at the market?"}
    options:
      - {code: 1, text: {en: "Cash"}}
      - {code: 2, text: {en: "Card or phone"}}
"""
OFTEN = """\
  - id: OFTEN
    type: single
    block: market
    missing: [98]
    text: {en: "How often do you go there?"}
    options:
      - {code: 1, text: {en: "Each day"}}
      - {code: 2, text: {en: "Less often"}}
"""
ADDED = """\
  - id: WHO
    type: single
    block: market
    missing: [98]
    text: {en: "Who goes with you?"}
    options:
      - {code: 1, text: {en: "Nobody"}}
      - {code: 2, text: {en: "Somebody"}}
"""
FILE = f"""\
study: q57
version: "1"
title: {{en: "Buying food"}}
locales:
  en: {{name: English, dir: ltr}}
mode: open
sealing: phone
strata: [open]
facts:
  org: "A test"
  ethics: "None"
  contact: "test@example.org"
  close_date: "2026-12-31"
  results_place: "the page of results"
  mainland_fieldwork: false
consent:
  paragraphs: [{{text: "Q57 {{ORG}} {{ETHICS}} {{CONTACT}} {{CLOSE_DATE}} ~ {{MINUTES}}"}}]
  question: {{en: "Do you agree?"}}
  agree: {{en: "I agree"}}
  decline: {{en: "I do not"}}
endings:
  no-consent: {{en: "Thank you."}}
thanks: [{{text: "{{RESULTS_PLACE}}"}}]
debrief: {{en: "That was all."}}
missing:
  98: {{en: "I don't know"}}
forms: [{{id: full}}]
items:
{PAY}{OFTEN}"""
NEXT = FILE.replace('version: "1"', 'version: "2"').replace("Less often", "Once a week or less") + ADDED
PLAN = """\
study: q57
wave: {wave}
{parent}title: "How people buy food"
reason: "To try a new version; what is answered is invented."
rho: "0.04"
tables:
{tables}"""
TABLE = '  - {{id: {name}, dimensions: [{item}], reason: "a test", hypotheses: []}}\n'


def plan(wave, *items, parent=None):
    """Return an authored plan of a table for each item, named T_ITEM."""
    tables = "".join(TABLE.format(name=f"T_{item}", item=item) for item in items)
    return PLAN.format(wave=wave, parent=f"parent: {parent}\n" if parent else "", tables=tables)


@dataclass
class Life:
    """A host and a study folder in one place, and the commands that were typed there."""

    root: Path

    def run(self, *arguments):
        """Run a command; return what it did."""
        words = [str(one) for one in arguments]
        on_analysis = words[0] in ANALYSIS and words[:2] != ["plan", "publish"]
        program = analysis_main if on_analysis or words[:2] == ["study", "correct"] else main
        return CliRunner().invoke(program, words, env={"SOTTO_HOME": str(self.root / "host"), "COLUMNS": "400"})

    def sotto(self, *arguments):
        """Run a command that must end well; return what it prints as JSON."""
        done = self.run(*arguments, "--json")
        assert done.exit_code == 0, (arguments, done.output)
        return json.loads(done.stdout)

    def refused(self, *arguments):
        """Run a command that must not end well; return what it says."""
        done = self.run(*arguments)
        assert done.exit_code != 0, (arguments, done.output)
        return " ".join(done.output.split())

    def file(self, name, text=None):
        if text is not None:
            (self.root / name).write_text(text, encoding="utf-8")
        return self.root / name

    @property
    def settings(self):
        return Settings.from_environ({"SOTTO_HOME": str(self.root / "host")})

    def ceremony(self, file, wave, *more):
        split = ("--threshold", 1, "--custodians", 1, "--demo", "--shares", self.root / f"shares-{wave}")
        return ("key", "ceremony", self.root / file, *split, "--wave", wave, "-o", self.root / "study", *more)

    def shares(self, wave):
        return sorted((self.root / f"shares-{wave}").glob("*.txt"))

    def drill(self, wave):
        return self.sotto("key", "drill", self.root / "study", "--wave", wave, "--shares", *self.shares(wave))

    def opening(self, wave):
        place = self.root / "study" / "waves" / str(wave)
        documents = ("--manifest", place / "manifest.json", "--drill", place / "drill.json")
        return ("study", "open", "q57", *documents, "--demo")

    def register(self, name):
        folder = self.sotto("plan", "register", self.root / name, "--study", self.root / "study")["folder"]
        return self.sotto("plan", "publish", folder)

    def hand_in(self, file, wave, answers):
        """Store one sealed envelope for each person's answers, as phones hand them in."""
        questionnaire, _ = compile_study(self.root / file)
        manifest = Manifest.from_file(self.root / "study" / "waves" / str(wave) / "manifest.json")
        given = [SurveyResponse("en", "self", "full", "open", one) for one in answers]
        records = seal_all(manifest, [encode(questionnaire, one) for one in given])
        owner = owner_access.connect_owner(self.settings.answers_url)
        rows = [(Record.from_bytes(one, manifest.plaintext_size).row_key, one) for one in records]
        owner_access.insert_records(owner, bytes.fromhex(manifest.key_id), rows)
        owner.dispose()

    def release(self, name, wave):
        """Release a plan over a wave's box and publish it; return the release's file."""
        output = self.root / f"release-{name}"
        said = self.sotto("release", self.root / name, "--box", self.root / f"wave-{wave}.box", "--study",
                          self.root / "study", "-o", output, "--yes", "--shares", *self.shares(wave))  # fmt: skip
        path = Path(said["release"])
        self.sotto("publish", path)
        return path

    def verified(self):
        """Return what `verify.py` prints of the host's published folder; raise unless all of it holds."""
        program = [sys.executable, ROOT / "verifier" / "verify.py", self.settings.public]
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """Two waves: the first boxed and not yet released when the second, of a new version, opens; both released then."""
    life = Life(tmp_path_factory.mktemp("versions"))
    migrated(life.settings)
    first, second = life.file("questionnaire.yaml", FILE), life.file("next.yaml", NEXT)
    life.sotto("study", "new", first)
    life.sotto(*life.ceremony(first.name, 1))
    life.drill(1)
    life.sotto(*life.opening(1))
    life.said = {"open": life.refused("study", "new", second, "--new-version")}
    life.file("plan-1.yaml", plan(1, "PAY", "OFTEN"))
    digest = life.register("plan-1.yaml")["plan"]
    life.hand_in(first.name, 1, [{"PAY": 1 + number % 2, "OFTEN": 1} for number in range(60)])
    life.run("study", "close", "q57", "--yes")
    life.said["unsaid"] = life.refused(*life.ceremony(second.name, 2))
    life.said["same"] = life.refused(*life.ceremony(first.name, 2, "--new-version"))
    life.file("other.yaml", NEXT.replace("study: q57", "study: q58"))
    life.said["other"] = life.refused(*life.ceremony("other.yaml", 2, "--new-version"))
    life.file("unnamed.yaml", NEXT.replace('version: "2"', 'version: "1"'))
    life.said["unnamed"] = life.refused(*life.ceremony("unnamed.yaml", 2, "--new-version"))
    life.before = sorted(path.relative_to(life.root) for path in (life.root / "study").rglob("*"))
    life.sotto(*life.ceremony(second.name, 2, "--new-version"))
    life.drill(2)
    life.said["swapped"] = life.refused(*life.opening(2))
    life.said["host unsaid"] = life.refused("study", "new", second)
    life.said["host same"] = life.refused("study", "new", first, "--new-version")
    life.sotto("study", "new", second, "--new-version")
    life.sotto("box", "q57", 1, "-o", life.root / "wave-1.box")
    life.sotto(*life.opening(2))
    life.file("early.yaml", plan(1, "WHO", parent=digest))
    life.said["early"] = life.refused("plan", "register", life.root / "early.yaml", "--study", life.root / "study")
    life.said["old words"] = life.refused("study", "correct", life.root / "study",
                                          life.file("old.yaml", FILE.replace("usually", "mostly")), "--reason", "r",
                                          "--yes")  # fmt: skip
    life.file("plan-2.yaml", plan(2, "PAY", "OFTEN", "WHO", parent=digest))
    life.register("plan-2.yaml")
    life.hand_in(second.name, 2, [{"PAY": 1, "OFTEN": 2, "WHO": 1 + number % 2} for number in range(60)])
    life.run("study", "close", "q57", "--yes")
    life.sotto("box", "q57", 2, "-o", life.root / "wave-2.box")
    life.releases = SimpleNamespace(first=life.release("plan-1.yaml", 1), second=life.release("plan-2.yaml", 2))
    return life


def test_both_waves_are_released_from_one_ledger(life):
    """The second release spends on top of the first, under the budget that was announced once, and says its version."""
    first, second = (parse(path.read_bytes()) for path in (life.releases.first, life.releases.second))
    assert first["ledger"]["entry"] == second["ledger"]["previous"]
    assert first["budget"]["spent"] + second["budget"]["cost"] == second["budget"]["spent"]
    assert first["budget"]["total"] == second["budget"]["total"]
    assert first["questionnaire"] != second["questionnaire"]
    assert (None, {"number": 2, "since": 2}) == (first.get("version"), second.get("version"))
    for path in (life.releases.first, life.releases.second):
        checks = life.sotto("verify", path, "--study", life.root / "study")
        assert checks["verified"]
        assert {"field": "version", "ok": True} in [{k: one[k] for k in ("field", "ok")} for one in checks["checks"]]


def test_each_wave_keeps_its_own_documents(life):
    """The study folder has the first version at its root and the second with its wave; the host keeps both by hash."""
    study = life.root / "study"
    asked = [parse((study / place / "questionnaire.json").read_bytes()) for place in (".", "waves/2")]
    assert [["PAY", "OFTEN"], ["PAY", "OFTEN", "WHO"]] == [[item["id"] for item in one["items"]] for one in asked]
    about = [parse((study / place / "about.json").read_bytes())["version"] for place in (".", "waves/2")]
    assert ["1", "2"] == about
    for wave in (1, 2):
        manifest = study / "waves" / str(wave) / "manifest.json"
        place = ("--stratum", "open", "--url", "https://survey.example", "--manifest", manifest)
        life.sotto("poster", "q57", *place, "--lang", "en", "-o", life.root / "poster.pdf")
    labels = [parse(path.read_bytes())["labels"]["en"]["OFTEN"]["levels"]["2"] for path in vars(life.releases).values()]
    assert ["Less often", "Once a week or less"] == labels


def test_only_tables_with_the_same_codes_and_words_are_compared(life):
    """Of three tables one is compared; the one with other words and the new one are named with the reason."""
    files = life.releases.first, life.releases.second
    said = life.sotto("compare", "waves", *files)
    assert {"T_PAY"} == {one["table"] for one in said["differences"]}
    assert {
        "T_OFTEN": "table T_OFTEN has other words in the two versions of the questionnaire (OFTEN in en: “Less often” "
        "became “Once a week or less”)",
        "T_WHO": "the first release has no table T_WHO",
    } == said["left_out"]
    assert "has other words in the two versions" in life.refused("compare", "waves", *files, "T_OFTEN")
    assert "asked version 1 of the questionnaire and wave 2 version 2" in life.run("compare", "waves", *files).output
    assert "give its TABLE too" in life.refused("compare", "waves", *files, "--level", 1)


def test_report_and_exports_say_which_version_was_asked(life):
    """The second wave's files say version and first wave; the first wave's, of which nothing is to be said, do not."""
    said = []
    for path in (life.releases.first, life.releases.second):
        report, folder = life.root / "report.html", life.root / f"tables-{path.parent.name}"
        life.sotto("report", path, "-o", report)
        life.sotto("export", path, "--to", folder, "--format", "csv")
        facts = (folder / "release-facts.csv").read_text(encoding="utf-8")
        said.append(("version 2 of the questionnaire" in report.read_text(encoding="utf-8"),
                     "version of the questionnaire,2" in facts and "asked since wave,2" in facts))  # fmt: skip
    assert [(False, False), (True, True)] == said


def test_log_and_both_verifiers_say_that_there_is_a_new_version(life):
    """Whoever checks the host hears it from `sotto log verify` and from verify.py; all holds, and the audit has it."""
    said = life.sotto("log", "verify", str(life.settings.public))
    assert [True, 1] == [said["verified"], len(said["versions"])]
    assert "q57, wave 2 asks version 2 (named “2”, " in said["versions"][0]
    assert "wave 2: 1 of 1 cards, a demo, a new version\n" in life.verified()
    with office_session(life.settings) as session:
        acts = [(act.action, act.subject.split()[0]) for act in session.exec(select(AuditEntry)).all()]
    assert ("version kept", "q57") in acts


def test_a_release_that_hides_its_version_is_not_published(life):
    """Signed by the study and right in all else; the control is the release as it was made, which is published."""
    document = parse(life.releases.second.read_bytes())
    del document["version"], document["signature"]
    signature = StudyFolder(life.root / "study").signing_key().sign(canonical(document), "release").to_json()
    with office_session(life.settings) as session:
        check_release(life.settings, session, life.releases.second.read_bytes())
        with pytest.raises(ReleaseRefusedError, match="something else than this host knows: version differ"):
            check_release(life.settings, session, canonical(document | {"signature": signature}))


def test_a_log_in_which_a_change_goes_untold_is_named(life):
    """A release that hides its version, and a questionnaire changed under an earlier name or way of answering."""
    published = PublishedLog.read(PublishedSource(str(life.settings.public)))
    checked = DocumentCheck(published.source)
    assert [] == [*checked.faults(published.entries)]
    assert [] == [*correction_faults(checked.read, published.entries)]
    first, second = (place for place, one in checked.read.items() if isinstance(one, Manifest))
    asked = [f"questionnaires/{checked.read[place].questionnaire}.json" for place in (first, second)]
    release = next(place for place, one in checked.read.items() if isinstance(one, Release) and one.wave == 2)
    edits = {
        "another version of the questionnaire": (release, {"version": None}),
        "another first wave": (release, {"version": ReleasedVersion(number=2, since=3)}),
        "the name of an earlier version": (asked[1], {"version": "1"}),
        "its texts are not those of the wave before": (second, {"questionnaire": checked.read[first].questionnaire}),
        "answered in another way": (second, {"mode": "invitation"}),
    }
    for said, (place, changes) in edits.items():
        edited = checked.read | {place: checked.read[place].model_copy(update=changes)}
        assert said in " ".join(correction_faults(edited, published.entries))


def test_the_outside_verifier_names_a_change_that_goes_untold(life):
    """verify.py computes the version from the manifests, and takes other words only with another questionnaire."""
    verifier = VERIFY.Verifier(str(life.settings.public))
    assert verifier.run()
    entries = {(one["kind"], one["wave"]): one for one in verifier.entries}
    release, manifest = entries["release", 2], entries["manifest", 2]
    asked = verifier.documents[VERIFY.place_of(entries["manifest", 1])]["questionnaire"]
    places = {name: VERIFY.place_of(entry) for name, entry in (("release", release), ("manifest", manifest))}
    places["asked"] = f"questionnaires/{verifier.documents[places['manifest']]['questionnaire']}.json"
    invited = {"mode": "invitation"}
    edits = [
        ("version is of another since", release, {"release": {"version": {"number": 2, "since": 1}}}),
        ("version is of another number", release, {"release": {"version": {"number": 3, "since": 2}}}),
        ("is of another mode", manifest, {"manifest": invited, "asked": invited}),
        ("is of another mode", manifest, {"asked": invited}),
        ("is of another texts", manifest, {"manifest": {"questionnaire": asked}}),
    ]
    honest = dict(verifier.documents)
    for said, entry, changes in edits:
        verifier.before = verifier.entries[: verifier.entries.index(entry)]
        assert verifier.check("an honest one", verifier.decision, entry), verifier.rows[-1]
        verifier.documents |= {places[name]: honest[places[name]] | members for name, members in changes.items()}
        assert not verifier.check(said, verifier.decision, entry)
        assert said in verifier.rows[-1][2]
        verifier.documents |= honest


def test_what_is_no_new_version_is_refused_with_the_remedy(life):
    """Each refusal says what to do, and none of them left a file in the study folder."""
    expected = {
        "open": "wave 1 of q57 is open, and people answer it: a new version begins with a wave. Close it first",
        "unsaid": "in this study, with its budget: give --new-version",
        "same": "nothing differs from the questionnaire that the study has: leave --new-version out (nothing was made)",
        "other": "the file is of the study q58, and a version stays in its study: write `study: q57`",
        "unnamed": "its `version` is “1”, which an earlier version of the study had: write another one",
        "swapped": "the manifest is of other documents: questionnaire, texts differ. Where the wave asks a new version "
        "of the questionnaire, give that first (`sotto study new FILE --new-version`)",
        "host unsaid": "the changed one as a new version in the same study (--new-version)",
        "host same": "nothing differs from the questionnaire that the study has",
        "early": "WHO",
        "old words": "the file is of version “1”, which version “2” replaced: its words are no more asked",
    }
    assert {} == {name: life.said[name] for name, words in expected.items() if words not in life.said[name]}
    assert [] == [path for path in life.before if path.parts[1:2] == ("waves",) and "2" in path.parts]
