"""`sotto demo`: a whole wave on this machine with simulated answers, from the key to the published release."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track

from survey.authoring.compiler import compile_study
from survey.database.migration import migrate
from survey.demo import guide
from survey.demo.folder import DemoError, DemoOptions, Folder, create_folder
from survey.demo.respondents import HTTP_LIMIT, insert_in_bulk, sealed_records, send_over_http
from survey.office_db.people.role import Role
from survey.operations import boxes, releases, staff, studies, waves
from survey.operations.plans import publish_plan
from survey.operations.requests.acceptance import Rules
from survey.operations.requests.operator import Operator
from survey.operations.statements import publish_statement
from survey.plan.privacy_units import NANO_RHO
from survey.serving.servers import Server, free_port, require_free, running
from survey.settings import Settings
from survey.simulation.respondents import Priors
from survey.wave.manifest import Manifest
from survey.yaml_text import dump, load

if TYPE_CHECKING:
    from crypto.envelope import Record

STUDY = "q26"
SOURCES = Path(__file__).parents[1] / "studies" / "sesame_credit"


@dataclass(frozen=True)
class DemoStudy:
    """A study and the files that a demo of it begins with."""

    slug: str
    questionnaire: Path
    priors: Path
    plan: Path


SESAME = DemoStudy(STUDY, SOURCES / "questionnaire.yaml", SOURCES / "priors.yaml", SOURCES / "plan.yaml")


def demo_accounts() -> tuple[guide.DemoAccount, ...]:
    """Return one account for each of two people: who decides, and who does the study's work."""
    return guide.DemoAccount("demo", Role.OWNER.value), guide.DemoAccount("researcher", Role.RESEARCHER.value)


@dataclass
class DemoRun:
    """One run of the demo: its options, its folder, its study, and the seconds that each stage took."""

    options: DemoOptions
    folder: Folder
    environ: dict[str, str]
    console: Console
    study: DemoStudy = SESAME
    accounts: tuple[guide.DemoAccount, ...] = field(default_factory=demo_accounts, repr=False)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, message: str) -> Iterator[None]:
        """Print `message` and measure the seconds of the block."""
        self.console.print(f"[bold]·[/bold] {message}", highlight=False)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 3)

    @property
    def settings(self) -> Settings:
        """The collection host's settings."""
        return Settings.from_environ(self.environ)

    @property
    def operator(self) -> Operator:
        """Carries out what is asked at the demo's desk, signed or not, with keys of demos."""
        return Operator(self.settings, Rules(unsigned=self.settings.unsigned_requests), demo=True)

    def analyse(self, *arguments: object, module: str = "analysis") -> dict[str, Any]:
        """Run an analysis command as a child, as on its own host; return the JSON object that it prints."""
        command = [sys.executable, "-m", module, *map(str, arguments), "--json"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            message = result.stderr.strip().removeprefix("Error: ")
            raise DemoError(f"`{' '.join(command[2:5])}` ended with {result.returncode}:\n{message}")
        return dict(json.loads(result.stdout))


def run_demo(options: DemoOptions) -> None:
    """Run the demo: one whole wave; then, unless `--once`, a second one for the person at the screen."""
    respond, desk = choose_servers(options)
    run = start_run(options)
    guide.print_warning(run.console)
    prepare(run)
    with running([respond, desk], run.environ, run.folder.log):
        if not options.once:
            guide.print_first_page(run.console, desk, run.accounts)
        summary = first_wave(run, respond)
        if options.once:
            guide.print_summary(run.console, summary, as_json=options.as_json)
            return
        pin = second_wave(run, respond)
        guide.print_guide(run.console, guide.Links(STUDY, respond, desk, pin, run.accounts), run.folder)
        with run.operator.beside():
            guide.wait_for_person(run.console, [respond, desk])


def choose_servers(options: DemoOptions) -> tuple[Server, Server]:
    """Return the addresses of the applications: those of the options, or free ports for a run with `--once`."""
    if options.once:
        return Server("respond", "127.0.0.1", free_port()), Server("desk", "127.0.0.1", free_port())
    respond = Server("respond", options.host, options.port, options.tls)
    desk = Server("desk", options.host, options.desk_port, options.tls)
    require_free(respond, "--port")
    require_free(desk, "--desk-port")
    return respond, desk


def start_run(options: DemoOptions, study: DemoStudy = SESAME) -> DemoRun:
    """Create the demo's folder and the settings of its collection host."""
    folder = create_folder(options.directory.absolute())
    hosts = ",".join(dict.fromkeys(("localhost", "127.0.0.1", options.host)))
    https = options.tls is not None and not options.once
    # Standard output has only the summary, so that a script can read it.
    console = Console(stderr=True, quiet=options.as_json)
    return DemoRun(options, folder, folder.environ(hosts, https=https), console, study)


def prepare(run: DemoRun) -> None:
    """Make the two databases, the study and two accounts of the desk."""
    with run.stage("prepare", "Two databases, the study compiled from its YAML, two desk accounts"):
        migrate(run.settings)
        studies.new_study(run.settings, run.study.questionnaire)
        add_accounts(run)


def add_accounts(run: DemoRun) -> None:
    """Add the accounts of the run's desk."""
    for one in run.accounts:
        staff.add_user(run.settings, one.name, one.password, Role(one.role))


def first_wave(run: DemoRun, respond: Server) -> dict[str, Any]:
    """Take a wave from its key to its verified, published release; return the summary."""
    folder, settings = run.folder, run.settings
    manifest = open_wave(run, 1, parent=None)
    stored = submit_answers(run, manifest, respond)
    with run.stage("box", "Closing the wave, compacting the store, making the box"):
        waves.close_wave(settings, run.study.slug)
        boxes.make_box(settings, run.study.slug, 1, folder.box(1))
    with run.stage("release", "Opening, counting, paying, adding noise, signing (OpenDP takes seconds to load)"):
        opening = ("--box", folder.box(1), "--study", folder.study, "--shares", *folder.share_files(1))
        run.analyse("release", folder.plan(1), *opening, "-o", folder.release(1), "--yes")
        release = json.loads((folder.release(1) / "release.json").read_bytes())
    with run.stage("publish", "Publishing the release"):
        releases.publish_release(settings, (folder.release(1) / "release.json").read_bytes())
    with run.stage("verify", "Checking the release as an outsider can"):
        checks = ("--study", folder.study, "--box", folder.box(1))
        verified = run.analyse("verify", folder.release(1) / "release.json", *checks)["verified"]
    # Only a demo may know these two numbers: it simulated the answers, and its key is marked as a demo's.
    counts = run.analyse(*opening, module="analysis.commands.demo_count")
    return _summary(run, stored, counts, release, verified=verified)


def second_wave(run: DemoRun, respond: Server) -> str:
    """Open a wave for the person at the screen, among simulated answers so that its numbers mean something."""
    first = json.loads((run.folder.release(1) / "release.json").read_bytes())["plan"]
    manifest = open_wave(run, 2, parent=first)
    submit_answers(run, manifest, respond)
    return manifest.pin


def open_wave(run: DemoRun, wave: int, parent: str | None) -> Manifest:
    """Hold the wave's ceremony and drill, register its plan, open it."""
    folder, settings = run.folder, run.settings
    with run.stage("key", f"Wave {wave}: key ceremony and drill (1-of-1, in a demo only)"):
        quorum = ("--threshold", 1, "--custodians", 1, "--demo")
        run.analyse(
            "key",
            "ceremony",
            run.study.questionnaire,
            *quorum,
            "--wave",
            wave,
            "-o",
            folder.study,
            "--shares",
            folder.shares(wave),
        )
        run.analyse("key", "drill", folder.study, "--wave", wave, "--shares", *folder.share_files(wave))
    with run.stage("open", f"Wave {wave}: registering its plan, opening it"):
        write_plan(run.study, folder.plan(wave), wave, parent)
        manifest = (folder.wave(wave) / "manifest.json").read_bytes()
        waves.open_wave(settings, run.study.slug, manifest, (folder.wave(wave) / "drill.json").read_bytes(), demo=True)
        publish_statement(settings, (folder.wave(wave) / "custody.json").read_bytes())
        registered = run.analyse("plan", "register", folder.plan(wave), "--study", folder.study)
        publish_plan(settings, Path(registered["folder"]))
    return Manifest.from_bytes(manifest)


def write_plan(study: DemoStudy, path: Path, wave: int, parent: str | None) -> None:
    """Write the study's plan for a wave, as an amendment of `parent` where there is one."""
    plan = load(study.plan.read_text(encoding="utf-8"))
    if margins := plan.get("margins"):
        shutil.copyfile(study.plan.with_name(margins), path.with_name(margins))
    amendment = {"parent": parent} if parent else {}
    path.write_text(dump(plan | {"wave": wave} | amendment), encoding="utf-8")


def submit_answers(run: DemoRun, manifest: Manifest, respond: Server) -> int:
    """Submit the simulated answers of a wave; return how many the host acknowledged."""
    number, wave = run.options.responses, manifest.wave
    questionnaire, _ = compile_study(run.study.questionnaire)
    priors = Priors.read(run.study.priors)
    people = sealed_records(questionnaire, manifest, priors, run.options.seed + wave, number)
    # A phone of a study with proofs of work computes for seconds before each answer.
    over_http = number <= HTTP_LIMIT and not questionnaire.work
    transport = "over HTTP" if over_http else "in bulk through the store"
    with run.stage("hand_in", f"Wave {wave}: {number:,} invented respondents answer, seal and hand in {transport}"):
        with_progress: Iterable[Record] = track(people, "  sealed", total=number, console=run.console, transient=True)
        if over_http:
            return send_over_http(respond, run.study.slug, with_progress)
        return insert_in_bulk(run.settings.answers_url, manifest, with_progress)


def _summary(
    run: DemoRun, stored: int, counts: dict[str, Any], release: dict[str, Any], *, verified: bool
) -> dict[str, Any]:
    folder, budget = run.folder, release["budget"]
    return {
        "responses": run.options.responses,
        "stored": stored,
        "opened": counts["opened"],
        "invalid": counts["invalid"],
        "tables": len(release["tables"]),
        "rho": budget["cost"] / NANO_RHO,
        "curve": budget["curve"],
        "epsilon": budget["epsilon"],
        "release": os.fspath(folder.release(1) / "release.json"),
        "box": os.fspath(folder.box(1)),
        "plan": os.fspath(folder.plan(1)),
        "verified": verified,
        "seconds": run.seconds,
    }
