"""Every command of `sotto` with arguments that are right, and with faults planted in one of them at a time."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pyrage
from click.testing import CliRunner, Result
from studies import small_study as small

from analysis.__main__ import main as analysis_main
from crypto.canonical import canonical
from crypto.invitation_codes import new_code
from crypto.keys import RunSecret
from hosts.collection import PLAN, QUESTIONNAIRE, STUDY, Collection
from survey.authoring.plan_compiler import compile_plan
from survey.commands.log import receipt
from survey.commands.main import main
from survey.service.backup_file import write_backup
from survey.settings import Settings
from survey.wave.batch_sizes import MINIMUM

ENDLESS = frozenset({"serve", "demo", "study preview"})
"""Commands that run until they are stopped: two read no file but certificates, a preview tells its file's faults."""
CONFINED = frozenset({"study examine"})
"""Commands that give up what their process may do, for good: no test runs one in its own (test_file_child.py)."""


WORDS = {
    "study_name": STUDY,
    "name": "b1",
    "batch": "b1",
    "stratum": "open",
    "count": "50",
    "wave": "1",
    "threshold": "2",
    "custodians": "3",
    "head": "0a1b 2c3d",
    "envelope": "0a1b2c3d4e5f6071",
    "password": "long enough, and more",
    "table": "T2",
    "tables": "T2",
    "url": "https://survey.example",
    "withdraw url": "https://127.0.0.1:1/w/q26",
    "xlsform": "",
    "reason": "a typing error",
    "study language locale": "fa",
    "role": "auditor",
    "index": "0",
    "of": "2",
    "open-shard wait": "0.001",
    "user confirm code": "aaaa-bbbb-cccc-dddd",
}
"""What a parameter of a name needs that is no file."""
FILES = {
    **dict.fromkeys(("release_file", "first", "second", "document"), "release.json"),
    "manifest": "manifest.json",
    "drill": "drill.json",
    "codes": "new-codes.json",
    "slips codes": "codes.json",
    "output": "out.json",
    "report output": "report.html",
    "study export output": "review.xlsx",
    "to": "paper",
    "meeting": "run",
    "secret": "run.secret",
    "shard-secret output": "new.secret",
    "folder": "out",
    "backup folder": "new-copies",
    "recipients": "recipients.txt",
    "restore file": "copy.age",
    "identity": "backup.key",
    "key ceremony output": "new-study",
    "key ceremony shares": "new-shares",
    "key reshare place": "new-shares",
}
"""What a parameter of a name needs of the files in the place; those to be written are not there."""


@dataclass(frozen=True)
class CommandLine:
    """A command: the words before its arguments, the program that has them, and what click knows of it."""

    name: str
    words: tuple[str, ...]
    program: click.Command
    command: click.Command


@dataclass(frozen=True)
class Place:
    """Files and names that are right, by parameter; `command parameter` goes before `parameter`."""

    root: Path
    values: dict[str, str]

    def value(self, line: CommandLine, parameter: click.Parameter) -> str | None:
        """Return what a parameter needs, None for an option that the command can do without."""
        name = f"{line.name} {parameter.name}"
        if not parameter.required and name not in self.values:
            return None
        return self.values.get(name) or self.values[str(parameter.name)]

    def run(self, line: CommandLine, **changed: str) -> Result:
        """Run a command with everything right but what is changed; it confirms nothing and reads no keyboard."""
        options, positional = [], []
        for parameter in line.command.params:
            value = changed.get(str(parameter.name)) or self.value(line, parameter)
            if value is not None:
                option = (parameter.opts[0], value)[: 1 if getattr(parameter, "is_flag", False) else 2]
                (positional if isinstance(parameter, click.Argument) else options).append(option)
        yes = ["--yes"] * any(parameter.name == "yes" for parameter in line.command.params)
        arguments = [*(part for pair in options for part in pair), *(given[-1] for given in positional), *yes]
        home = {"SOTTO_HOME": str(self.root / "host"), "COLUMNS": "200"}
        return CliRunner().invoke(line.program, [*line.words, *arguments], env=home, input="")


def command_lines() -> Iterator[CommandLine]:
    """Yield each command of `sotto` but `witness` (a program of its own); of the analysis, what stands there."""
    for words, command in _leaves(main):
        if words == ("witness",):
            continue
        name = " ".join(words)
        if name == "verify":
            yield CommandLine("verify --envelope", words, main, receipt)
        handed = any(parameter.name == "arguments" for parameter in command.params)
        program = analysis_main if handed else main
        yield CommandLine(name, words, program, dict(_leaves(program))[words])


def _leaves(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        words = (*before, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, words)
        else:
            yield words, command


def place(root: Path) -> Place:
    """Make a host with an open wave, a study folder with a box, and a release; return what each parameter needs."""
    world = small.build(root)
    host = Collection(Settings.from_environ({"SOTTO_HOME": str(root / "host")}))
    host.begin()
    manifest = host.open_wave()
    plan = compile_plan(PLAN, host.documents[0])
    files = {"manifest.json": manifest.to_bytes(), "drill.json": host.drill(manifest), "codes.json": batch_codes()}
    for name, content in files.items():
        (root / name).write_bytes(content)
    (root / "run").mkdir()
    (root / "run.secret").write_bytes(RunSecret.new().to_bytes())
    (root / "run.secret").chmod(0o600)
    identity = pyrage.x25519.Identity.generate()
    for name in ("recipients.txt", "backup.key"):
        (root / name).write_text(str(identity if name == "backup.key" else identity.to_public()), encoding="utf-8")
    write_backup(root / "copy.age", [], [identity.to_public()])
    first, second, *_ = map(str, world.shares)
    values = WORDS | {name: str(root / file) for name, file in FILES.items()}
    values |= dict.fromkeys(("file", "questionnaire", "before", "after"), str(QUESTIONNAIRE))
    values |= dict.fromkeys(("where", "published"), str(host.settings.public))
    values |= {"box": str(world.box), "take-in file": str(world.box), "study": str(world.folder.root)}
    values |= {"plan_file": str(world.plan_file(small.plan())), "plan publish folder": str(host.registered(plan))}
    values |= {"poster questionnaire": str(world.folder.root / "questionnaire.json")}
    for name in ("key drill", "key reshare", "release"):
        values |= {f"{name} shares": first, f"{name} more_shares": second}
    return Place(root, values)


def batch_codes() -> bytes:
    """Return a file of invitation codes of the host's study."""
    named = {"format": "sotto-codes-1", "study": STUDY, "wave": 1, "batch": "b1", "stratum": "open"}
    return canonical(named | {"codes": [new_code() for _ in range(MINIMUM)]})


def add_release(place: Place) -> None:
    """Release the small study's plan, so that commands on a release have one; `release` is then of another plan."""
    lines = {line.name: line for line in command_lines()}
    announced = place.run(lines["key intent"])
    done = place.run(lines["release"], output=str(place.root / "released"), workers="1")
    assert (0, 0) == (announced.exit_code, done.exit_code), announced.output + done.output
    shutil.copy(place.root / "released" / "release.json", place.root / "release.json")
    another = place.root / "another-plan.json"
    another.write_bytes(small.plan(2_000_000, parent=small.plan().digest).to_bytes())
    place.values["release plan_file"] = str(another)
    place.run(lines["key intent"], plan_file=str(another))
