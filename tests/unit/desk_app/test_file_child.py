"""The child that reads an author's file: what it has, what it gave up, and how it ends where it hangs or lies."""

import json
import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from paths import ROOT
from studies.forms import CHOICES, many_cells, survey, xlsx

from crypto.canonical import canonical
from survey.desk_app.authoring.reader import AuthorFile, UnreadFileError
from survey.desk_process.child import Child

FILE = AuthorFile("study.yaml", b"a: b")
ANSWER = {
    "format": "sotto-examination-1", "study": "", "items": 0, "languages": [], "times": [], "findings": [], "more": 0,
    "counts": None, "changes": None, "yaml": "", "page": "",
}  # fmt: skip
LOCK = Path(tempfile.gettempdir()) / f"sotto-test-child-{os.getpid()}.lock"
YES_NO = [row[:3] for row in CHOICES[:3]]
CONFINED = "from survey.commands.examining.confinement import confine; confine()\n"


@pytest.fixture(autouse=True, scope="module")
def _lock():
    yield
    LOCK.unlink(missing_ok=True)


def child(code: str, seconds: float = 20.0) -> Child:
    """Return a child that runs `code`, with the modules of this very tree, where the desk's own reads a file."""
    here = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    return Child(LOCK, (sys.executable, "-I", "-X", "utf8", "-c", here + code), seconds)


def told(code: str) -> object:
    """Return what Python code says as a JSON value, in the place of the questionnaire that a child returns."""
    value = child(
        "import json, os, sys\nfrom crypto.canonical import canonical\n"
        f"{code}\n"
        f"sys.stdout.buffer.write(canonical({ANSWER!r} | {{'yaml': json.dumps(said)}}))"
    )(FILE).yaml
    return json.loads(value)


def tried(code: str, *, confined: bool = True) -> str:
    """Return how code fails in a child that gave up what it must, "" where it succeeds."""
    attempt = "\n".join(f"    {line}" for line in code.splitlines())
    return str(
        told(
            f"{CONFINED if confined else ''}said = ''\ntry:\n{attempt}\n"
            "except Exception as error:\n    said = type(error).__name__"
        )
    )


def test_it_has_nothing_of_the_desk(monkeypatch):
    """No variable of the desk, no file that it has open, its own folder, and a session of its own."""
    monkeypatch.setenv("SOTTO_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("SOTTO_OFFICE_URL", "postgresql://u:secret@h/d")
    with Path(__file__).open() as opened:
        os.set_inheritable(opened.fileno(), True)
        environ, files, folder, session = told(
            "said = [dict(os.environ), [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')"
            " if os.path.exists(f'/proc/self/fd/{n}')], os.listdir(), os.getsid(0) == os.getpid()]"
        )
    assert {"TMPDIR"} == environ.keys() - {"LC_CTYPE"}
    assert not any(Path(__file__).name in name for name in files)
    assert [["study.yaml"], True] == [folder, session]


ATTEMPTS = {
    "a socket": "import socket; socket.socket().close()",
    "a socket of files": "import socket; socket.socket(socket.AF_UNIX).close()",
    "a program": "import subprocess; subprocess.run(['/bin/true'], check=True)",
    "a shell": "assert os.system('true') == 0",
    "a fork": "pid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)",
    "memory": "import mmap; mmap.mmap(-1, 2 * 1024**3).close()",
    "a large file": "with open('x', 'wb') as f: f.truncate(64 * 1024**2)",
    "many files": "kept = [open('study.yaml') for _ in range(100)]",
    "a limit raised": """import os, resource
own = os.geteuid()
os.seteuid(own or 65534)  # root may raise any limit, and nothing that serves runs as root
try:
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
finally:
    os.seteuid(own)""",
}


@pytest.mark.parametrize("code", ATTEMPTS.values(), ids=ATTEMPTS)
def test_what_was_given_up_is_gone(code):
    """Each attempt fails after it was given up; the same code before is the control."""
    assert "" != tried(f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n{code}")
    assert "" == tried(code, confined=False)


def test_it_goes_first_and_ends_though_nobody_waits():
    """Its time by the clock is bounded, and it is the first to go where memory runs out; before, neither."""
    code = "import signal; assert 20 < signal.getitimer(signal.ITIMER_REAL)[0] <= 25"
    goes_first = "assert '1000' == open('/proc/self/oom_score_adj').read().strip()"
    assert ["", ""] == [tried(code), tried(goes_first)]
    assert "" not in {tried(code, confined=False), tried(goes_first, confined=False)}


ENDS = {
    "it hangs": ("import time; time.sleep(60)", "slow"),
    "it works for ever": (
        "import resource, signal; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
        "slow",
    ),
    "it dies": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "failed"),
    "it ends with an error": (
        f"print({canonical(ANSWER).decode()!r}, end='', flush=True); raise SystemExit(1)",
        "failed",
    ),
    "it says nothing": ("", "failed"),
    "it prints garbage": ("print('<html>')", "failed"),
    "it prints another document": ("print('{}')", "failed"),
    "it prints one member more": (f"print({canonical(ANSWER | {'x': 1}).decode()!r}, end='')", "failed"),
    "it has no library for workbooks": ("raise SystemExit(69)", "workbooks"),
    "it prints without end": ("import sys\nfor _ in range(30): sys.stdout.write('x' * 1024**2)", "failed"),
}


@pytest.mark.parametrize(("code", "why"), ENDS.values(), ids=ENDS)
def test_however_it_ends_the_desk_goes_on(monkeypatch, tmp_path, code, why):
    """A child that hangs, dies or lies is an error of its kind, in time, and leaves no folder behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    began = time.monotonic()
    with pytest.raises(UnreadFileError) as error:
        child(code, seconds=1.5 if why == "slow" else 20.0)(FILE)
    assert (why, True) == (str(error.value), time.monotonic() - began < 19)
    assert [] == [*tmp_path.iterdir()]
    assert (
        ""
        == child(f"import sys\nfrom crypto.canonical import canonical\nsys.stdout.buffer.write(canonical({ANSWER!r}))")(
            FILE
        ).study
    ), "the control: a child that answers"


def test_what_a_killed_child_started_is_killed_too(tmp_path):
    """A child of the child does not outlive it."""
    mark = tmp_path / "mark"
    code = f"import os, time\nif os.fork() == 0:\n    time.sleep(2); open({str(mark)!r}, 'w')\ntime.sleep(60)"
    with pytest.raises(UnreadFileError):
        child(code, seconds=1.0)(FILE)
    time.sleep(2)
    assert not mark.exists()


ANSWERS = f"\nfrom crypto.canonical import canonical\nsys.stdout.buffer.write(canonical({ANSWER!r}))"


def test_what_a_child_that_answers_leaves_behind_is_killed_too(tmp_path):
    """A child of the child does not outlive an answer either; one of another session does, which is the control."""
    mark, control = tmp_path / "mark", tmp_path / "control"
    for at, more in ((mark, ""), (control, "os.setsid(); ")):
        left = f"\nif os.fork() == 0:\n    {more}time.sleep(1); open({str(at)!r}, 'w'); os._exit(0)"
        assert "" == child(f"import os, sys, time{left}{ANSWERS}")(FILE).study
    end = time.monotonic() + 30
    while not control.exists() and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.5)
    assert (True, False) == (control.exists(), mark.exists())


def test_one_file_is_read_at_a_time(tmp_path):
    """Whoever comes while a file is read is told so at once and starts nothing; afterwards the next one is read."""
    begun, go, second = tmp_path / "begun", tmp_path / "go", tmp_path / "second"
    waits = f"import os, sys, time; open({str(begun)!r}, 'w')\nwhile not os.path.exists({str(go)!r}): time.sleep(0.05)"
    first = threading.Thread(target=lambda: child(waits + ANSWERS)(FILE))
    first.start()
    while not begun.exists() and first.is_alive():
        time.sleep(0.02)
    try:
        with pytest.raises(UnreadFileError, match=r"^occupied$"):
            child(f"import sys; open({str(second)!r}, 'w'){ANSWERS}")(FILE)
    finally:
        go.touch()
        first.join()
    assert not second.exists()
    assert "" == child(f"import sys{ANSWERS}")(FILE).study


def examined(limits: str, seconds: float = 100.0) -> Child:
    """Return a child that reads a file as the desk's does, with other limits of time."""
    return child(
        "import resource\nfrom survey.commands.examining import confinement\nfrom survey.commands.main import main\n"
        f"confinement.LIMITS, confinement.WALL_SECONDS = {limits}, 100\nsys.argv[1:1] = ['study', 'examine']\nmain()",
        seconds,
    )


def spent(content: bytes) -> float:
    """Return how long a processor works at a form that is read without limits."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert examined("()")(AuthorFile("form.xlsx", content)).compiles
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_workbook_that_takes_too_long_is_stopped_by_a_limit():
    """Rows that no check of a reader refuses end by the limit of time; without it they are read, and take longer."""
    form = xlsx({"survey": survey({"type": "select_one yn", "name": "eaten", "label": "Eaten?"}), "choices": YES_NO})
    large = many_cells(form, 290_000)
    limit = int(spent(form)) + 1
    assert limit < spent(large), "the control"
    with pytest.raises(UnreadFileError, match=r"^slow$"):
        examined(f"((resource.RLIMIT_CPU, {limit}),)")(AuthorFile("form.xlsx", large))


def test_a_host_without_the_library_for_workbooks_says_so():
    """It is no fault of the author's file, and the page has words of its own for it."""
    code = "import importlib.util as u\nfind = u.find_spec\n"
    code += "u.find_spec = lambda name, *more: None if name == 'pyxform' else find(name, *more)\n"
    code += "from survey.commands.main import main\nsys.argv[1:1] = ['study', 'examine']\nmain()"
    with pytest.raises(UnreadFileError, match=r"^workbooks$"):
        child(code)(AuthorFile("form.xlsx", b"PK"))
