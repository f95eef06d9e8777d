"""The real study on a real host: gunicorn, two databases, a wave that is open."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from analysis.custody.share_files import combine_share_files
from analysis.opening.answers import Answers as Opened
from analysis.study.folder import StudyFolder
from crypto.box import BoxFile
from hosts.collection import close_and_box
from survey.authoring.compiler import compile_study
from survey.demo import demo
from survey.demo.folder import DemoOptions
from survey.questionnaire.payload import SurveyResponse, decode
from survey.serving.servers import Server, free_port, running
from survey.wave.manifest import Manifest


@dataclass(frozen=True)
class Wave:
    """A wave of the Sesame study that is open under gunicorn."""

    story: demo.DemoRun
    place: Server
    manifest: Manifest

    @property
    def link(self) -> str:
        return f"{self.place.url}/s/{demo.STUDY}#k={self.manifest.pin}"

    @property
    def study(self) -> SimpleNamespace:
        """What the phone's helper reads: the texts a person sees."""
        questionnaire, texts = compile_study(demo.SOURCES / "questionnaire.yaml")
        return SimpleNamespace(questionnaire=questionnaire, texts=texts)

    @property
    def collection(self) -> Path:
        """Everything that the collection host keeps, its log included."""
        return self.story.folder.root

    def close(self) -> None:
        """Close the wave and make its box."""
        close_and_box(self.story.settings, self.story.folder.box(1), study=demo.STUDY)

    def opened(self) -> list[tuple[SurveyResponse, bytes]]:
        """Open the box; return the answers in it with their payloads."""
        folder = self.story.folder
        return opened_answers(folder.study, folder.share_files(1), folder.box(1))


def opened_answers(study: Path, shares: list[Path], box: Path) -> list[tuple[SurveyResponse, bytes]]:
    """Open the first wave's box with the files of its shares; return the answers in it with their payloads."""
    folder = StudyFolder(study)
    manifest = folder.manifest(1)
    seed = combine_share_files(folder, manifest, shares)
    questionnaire = folder.questionnaire()
    opener = Opened.of(seed, manifest, questionnaire)._opener
    with BoxFile.open(box) as records:
        payloads = [opener.open_record(record) for record in records.records()]
    return [(decode(questionnaire, payload), payload) for payload in payloads]


@contextmanager
def open_wave(responses: int = 1) -> Iterator[Wave]:
    """Make a host as the demo does, open its first wave, serve it until the block ends."""
    with tempfile.TemporaryDirectory() as root:
        wishes = DemoOptions(Path(root), responses, True, True, "127.0.0.1", 8000, 8001, None, 1)
        story = demo.start_run(wishes)
        # The demo holds its folder until its process ends; a test's process goes on.
        with closing(story.folder.lock):
            demo.prepare(story)
            place = Server("respond", "127.0.0.1", free_port())
            with running([place], story.environ, story.folder.log):
                yield Wave(story, place, demo.open_wave(story, 1, parent=None))
