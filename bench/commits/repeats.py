"""What reading and checking the same thing again costs, in an earlier commit and in this tree, in one run.

Example: python bench/commits/repeats.py --before 1b2bc73

The earlier commit is checked out beside this tree; both are measured in processes of their own that take turns. Each
figure is the least CPU time of several tries: compare ratios. The default is the last commit that read YAML with the
loader in Python, validated every release for each visitor, and parsed a study's documents again at each use.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]
HEADINGS = ("what, in ms of CPU", "before", "now", "ratio")
STUDY = "sesame_credit"
BEFORE = "1b2bc73"
Work = Callable[[], object]


def measure(people: int) -> dict[str, float]:
    """Return the least CPU milliseconds of each operation of the tree in the working directory."""
    sys.path[:0] = [str(Path.cwd()), str(Path.cwd() / "tests/lib")]
    with tempfile.TemporaryDirectory() as folder:
        return {name: least(work) for name, work in operations(Path(folder), people)}


def least(work: Work, tries: int = 7) -> float:
    """Return the least CPU milliseconds of a call, after one that is not measured."""
    work()
    times = []
    for _ in range(tries):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def operations(folder: Path, people: int) -> Iterator[tuple[str, Work]]:
    """Yield what is measured, by what exists in every commit that is compared."""
    yield from _authoring()
    from studies.demo_release import released

    from analysis.study.folder import StudyFolder
    from analysis.verification.verify import verify

    release = released(folder, STUDY, "plan.yaml", people)
    for number in (1, 10):
        client, path = _results(folder / f"host-{number}", release, number)
        yield f"visit of the results page, {number} published", lambda client=client, path=path: client.get(path)
    data, study = release.to_bytes(), StudyFolder(folder / "study")
    yield "verify with study and box", lambda: verify(data, study, folder / "wave.box")


def _authoring() -> Iterator[tuple[str, Work]]:
    from click.testing import CliRunner

    from survey.authoring.compiler import compile_study
    from survey.commands.study import study

    path = Path("survey/studies") / STUDY / "questionnaire.yaml"
    yield "study check", lambda: CliRunner().invoke(study, ["check", str(path)])
    questionnaire = compile_study(path)[0]
    yield "ten uses of a document's hash", lambda: _hashes(questionnaire.model_copy(), 10)


def _hashes(document: Any, number: int) -> list[str]:  # noqa: ANN401 - a document of either tree
    return [document.digest for _ in range(number)]


def _results(home: Path, release: Any, number: int) -> tuple[Any, str]:  # noqa: ANN401 - classes of either tree
    """Publish a release as the last of `number`; return a client of the respond process and the page's path."""
    from crypto.canonical import canonical
    from survey.database.migration import migrate
    from survey.publication.folder import Published, StudyState
    from survey.respond_app.app import respond_app
    from survey.settings import Settings

    settings = Settings.from_environ({"SOTTO_HOME": str(home)})
    migrate(settings)
    published = Published(settings.public)
    published.write_study(
        StudyState(
            study=release.study, state="closed", wave=1, mode="open", pin="a" * 32, epoch="0" * 16, record_size=256,
            locales=("en",), names={"en": "English"}, directions={"en": "ltr"}, titles={"en": "A study"},
        )
    )  # fmt: skip
    history = [*release.ledger.history[:1], *(f"{one:064x}" for one in range(1, number))]
    for sequence in range(1, number + 1):
        past = {"sequence": sequence, "previous": history[sequence - 1], "history": history[:sequence]}
        document = release.to_json()
        published.write_release(release.study, canonical(document | {"ledger": document["ledger"] | past}))
    # Staff settings have all that the respond app of either tree reads of its own.
    return respond_app(settings).test_client(), f"/r/{release.study}"


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """Give a folder with `commit` and this tree's built front end."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        subprocess.run(["git", "-C", HERE, "worktree", "add", "-q", "--detach", tree, commit], check=True)
        try:
            (tree / "survey/static").mkdir(parents=True, exist_ok=True)
            (tree / "survey/static/dist").symlink_to(HERE / "survey/static/dist")
            yield tree
        finally:
            subprocess.run(["git", "-C", HERE, "worktree", "remove", "--force", tree], check=True)


def compare(commit: str, rounds: int, people: int) -> list[tuple[str, float, float, float]]:
    """Return for each operation its least milliseconds before and now, and how many times less it takes now."""
    best: dict[str, list[float]] = {}
    with checkout(commit) as before:
        for _ in range(rounds):
            for column, tree in enumerate((before, HERE)):
                for name, milliseconds in _measured(tree, people).items():
                    row = best.setdefault(name, [float("inf")] * 2)
                    row[column] = min(row[column], milliseconds)
    return [(name, round(old, 2), round(new, 2), round(old / new, 1)) for name, (old, new) in best.items()]


def _measured(tree: Path, people: int) -> dict[str, float]:
    command = (sys.executable, Path(__file__).resolve(), "--measure", "--people", str(people))
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run([*map(str, command)], cwd=tree, env=environment, check=True, stdout=subprocess.PIPE)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", default=BEFORE, help="The commit to compare with.")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--measure", action="store_true", help="Only measure the tree in the working directory.")
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.people)))
    else:
        rows = compare(arguments.before, arguments.rounds, arguments.people)
        for line in (HEADINGS, ("---",) * len(HEADINGS), *rows):
            print(f"| {' | '.join(map(str, line))} |")
