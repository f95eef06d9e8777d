"""`sotto demo`: the whole path on this machine, from an invented study's first answer to its published release."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.progress import track

from survey.authoring.compiler import compile_study
from survey.database.migration import migrate
from survey.demo import guide
from survey.demo.folder import DemoError, Folder, Wishes, make_anew
from survey.demo.respondents import HTTP_LIMIT, hand_in_over_http, hand_in_through_store, sealed_records
from survey.demo.servers import Place, free_port, require_free, running
from survey.operations import boxes, releases, staff, studies, waves
from survey.operations.plans import publish_plan
from survey.settings import Settings
from survey.simulation.respondents import Priors
from survey.wave.manifest import Manifest

STUDY = "q26"
SOURCES = Path(__file__).parents[1] / "studies" / "sesame_credit"
USER = "demo"


@dataclass
class Story:
    """One run of the demo: what was wished, where its files are, how long each stage took."""

    wishes: Wishes
    folder: Folder
    environ: dict[str, str]
    console: Console
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, said: str) -> Iterator[None]:
        """Tell what is done, and time it."""
        self.console.print(f"[bold]·[/bold] {said}", highlight=False)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 3)

    @property
    def settings(self) -> Settings:
        """The collection host's settings."""
        return Settings.from_environ(self.environ)

    def analysis(self, *arguments: object, module: str = "analysis") -> dict[str, Any]:
        """Run an analysis command as a child, as on its own host; return the JSON object that it prints."""
        command = [sys.executable, "-m", module, *map(str, arguments), "--json"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise DemoError(f"`{' '.join(command[2:5])}` ended with {result.returncode}:\n{result.stderr.strip()}")
        return dict(json.loads(result.stdout))


def run(wishes: Wishes) -> None:
    """Run the demo: one whole wave; then, unless `--once`, a second one for the person at the screen."""
    respond, desk = places(wishes)
    story = begin(wishes)
    guide.warn(story.console)
    prepare(story)
    with running([respond, desk], story.environ, story.folder.log):
        summary = first_wave(story, respond)
        if wishes.once:
            guide.print_summary(story.console, summary, as_json=wishes.as_json)
            return
        pin = second_wave(story, respond)
        guide.tell(story.console, guide.Links(STUDY, respond, desk, pin, USER, story.password), story.folder)
        guide.wait(story.console, [respond, desk])


def places(wishes: Wishes) -> tuple[Place, Place]:
    """Decide where the applications listen: as wished, or anywhere for a run that ends by itself."""
    if wishes.once:
        return Place("respond", "127.0.0.1", free_port()), Place("desk", "127.0.0.1", free_port())
    respond = Place("respond", wishes.host, wishes.port, wishes.tls)
    desk = Place("desk", wishes.host, wishes.desk_port, wishes.tls)
    require_free(respond, "--port")
    require_free(desk, "--desk-port")
    return respond, desk


def begin(wishes: Wishes) -> Story:
    """Make the demo's folder anew, and the settings of its collection host."""
    folder = make_anew(wishes.directory.absolute())
    hosts = ",".join(dict.fromkeys(("localhost", "127.0.0.1", wishes.host)))
    https = wishes.tls is not None and not wishes.once
    # Standard output carries the summary alone, so that a script can read it.
    return Story(wishes, folder, folder.environ(hosts, https=https), Console(stderr=True, quiet=wishes.as_json))


def prepare(story: Story) -> None:
    """Make the two databases, the study and a desk account."""
    with story.stage("prepare", "Two databases, the study compiled from its YAML, a desk account"):
        migrate(story.settings)
        studies.new_study(story.settings, SOURCES / "questionnaire.yaml")
        staff.add_user(story.settings, USER, story.password)


def first_wave(story: Story, respond: Place) -> dict[str, Any]:
    """Take a wave from its key to its verified, published release; return the summary."""
    folder, settings = story.folder, story.settings
    manifest = open_wave(story, 1, parent=None)
    stored = hand_in(story, manifest, respond)
    with story.stage("box", "Closing the wave, compacting the store, making the box"):
        boxes.make_box(settings, STUDY, 1, folder.box(1))
    with story.stage("release", "Opening, counting, paying, adding noise, signing (OpenDP takes seconds to load)"):
        opening = ("--box", folder.box(1), "--study", folder.study, "--shares", *folder.share_files(1))
        story.analysis("release", folder.plan(1), *opening, "-o", folder.release(1))
        release = json.loads((folder.release(1) / "release.json").read_bytes())
    with story.stage("publish", "Publishing the release"):
        releases.publish_release(settings, (folder.release(1) / "release.json").read_bytes())
    with story.stage("verify", "Checking the release as an outsider can"):
        checks = ("--study", folder.study, "--box", folder.box(1))
        verified = story.analysis("verify", folder.release(1) / "release.json", *checks)["verified"]
    # Only a demo may know these two numbers: it simulated the answers, and its key is marked as a demo's.
    read = story.analysis(*opening, module="analysis.commands.demo_count")
    return _summary(story, stored, read, release, verified=verified)


def second_wave(story: Story, respond: Place) -> str:
    """Open a wave for the person at the screen, among simulated answers so that its numbers mean something."""
    first = json.loads((story.folder.release(1) / "release.json").read_bytes())["plan"]
    manifest = open_wave(story, 2, parent=first)
    hand_in(story, manifest, respond)
    return manifest.pin


def open_wave(story: Story, wave: int, parent: str | None) -> Manifest:
    """Hold the wave's ceremony and drill, register its plan, open it."""
    folder, settings = story.folder, story.settings
    with story.stage("key", f"Wave {wave}: key ceremony and drill (1-of-1, in a demo only)"):
        quorum = ("--threshold", 1, "--custodians", 1, "--demo")
        story.analysis(
            "key",
            "ceremony",
            SOURCES / "questionnaire.yaml",
            *quorum,
            "--wave",
            wave,
            "-o",
            folder.study,
            "--shares",
            folder.shares(wave),
        )
        story.analysis("key", "drill", folder.study, "--wave", wave, "--shares", *folder.share_files(wave))
    with story.stage("open", f"Wave {wave}: registering its plan of twelve tables, opening it"):
        write_plan(folder.plan(wave), wave, parent)
        manifest = (folder.wave(wave) / "manifest.json").read_bytes()
        waves.open_wave(settings, STUDY, manifest, (folder.wave(wave) / "drill.json").read_bytes(), demo=True)
        registered = story.analysis("plan", "register", folder.plan(wave), "--study", folder.study)
        publish_plan(settings, Path(registered["folder"]))
    return Manifest.from_bytes(manifest)


def write_plan(path: Path, wave: int, parent: str | None) -> None:
    """Write the study's plan of twelve tables for a wave, as an amendment of `parent` where there is one."""
    shutil.copyfile(SOURCES / "margins.yaml", path.with_name("margins.yaml"))
    plan = yaml.safe_load((SOURCES / "plan.yaml").read_text(encoding="utf-8"))
    amendment = {"parent": parent} if parent else {}
    path.write_text(
        yaml.safe_dump(plan | {"wave": wave} | amendment, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )


def hand_in(story: Story, manifest: Manifest, respond: Place) -> int:
    """Let the wave's invented respondents answer; return how many answers the host acknowledged."""
    number, wave = story.wishes.responses, manifest.wave
    questionnaire, _ = compile_study(SOURCES / "questionnaire.yaml")
    priors = Priors.read(SOURCES / "priors.yaml")
    people = sealed_records(questionnaire, manifest, priors, story.wishes.seed + wave, number)
    over_http = number <= HTTP_LIMIT
    how = "over HTTP" if over_http else "in bulk through the store"
    with story.stage("hand_in", f"Wave {wave}: {number:,} invented respondents answer, seal and hand in {how}"):
        shown: Iterable[Any] = track(people, "  sealed", total=number, console=story.console, transient=True)
        if over_http:
            return hand_in_over_http(respond, STUDY, shown)
        return hand_in_through_store(story.settings.answers_url, manifest, shown)


def _summary(
    story: Story, stored: int, read: dict[str, Any], release: dict[str, Any], *, verified: bool
) -> dict[str, Any]:
    folder, budget = story.folder, release["budget"]
    return {
        "responses": story.wishes.responses,
        "stored": stored,
        "opened": read["opened"],
        "invalid": read["invalid"],
        "tables": len(release["tables"]),
        "rho": budget["cost"] / 1e9,
        "curve": budget["curve"],
        "epsilon": budget["epsilon"],
        "release": os.fspath(folder.release(1) / "release.json"),
        "box": os.fspath(folder.box(1)),
        "plan": os.fspath(folder.plan(1)),
        "verified": verified,
        "seconds": story.seconds,
    }
