"""The independent verifier stands alone, passes what an honest host publishes, and names each planted fault."""

import ast
import importlib.util
import json
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hosts.collection import Collection
from hosts.published_life import destruction, relog
from paths import ROOT

from crypto.canonical import canonical, digest
from survey.public_log.receipts import ReceiptBuckets

SCRIPT = ROOT / "verifier" / "verify.py"
LOGGED = (
    "manifests",
    "questionnaires",
    "texts",
    "drills",
    "frontends",
    "pages",
    "custodies",
    "plans",
    "registrations",
    "boxes",
    "intents",
    "results",
    "destructions",
)


def script():
    spec = importlib.util.spec_from_file_location("independent_verifier", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFY = script()


@pytest.fixture(scope="module")
def host(life):
    return life[0]


@pytest.fixture
def site(host, tmp_path):
    """A copy of its published folder, to spoil."""
    shutil.copytree(host.settings.public, tmp_path / "site")
    return tmp_path / "site"


def faults(site: Path, **given) -> str:
    """Return what the verifier finds wrong, a line each; "" where everything holds."""
    verifier = VERIFY.Verifier(str(site), **given)
    whole = verifier.run()
    messages = "\n".join(f"{words}: {seen}" for words, held, seen in verifier.rows if held is False)
    assert whole == (not messages)
    return messages


def documents(site: Path, *kinds: str) -> list[str]:
    """Return the documents of these folders; a release's workbooks and the list of their hashes are in no log."""
    files = (path for kind in kinds for path in sorted((site / kind).rglob("*")) if path.is_file())
    return [str(path.relative_to(site)) for path in files if not path.name.endswith((".xlsx", ".workbooks.json"))]


def flip(path: Path, place: int) -> None:
    """Change one byte of a file into another letter or digit."""
    data = bytearray(path.read_bytes())
    data[place] = ord("1") if data[place] != ord("1") else ord("2")
    path.write_bytes(data)


def replaced(host: Collection, site: Path, kind: str, change) -> str:
    """Let the host put another document in the place of the first of a kind, in the log too; return its place."""
    folder = {"release": "results/q26", "box": "boxes", "intent": "intents", "custody": "custodies"}.get(
        kind, "destructions"
    )
    place = ""

    def edit(entries):
        nonlocal place
        entry = next(one for one in entries if one["kind"] == kind)
        content = change((site / f"{folder}/{entry['hash']}.json").read_bytes())
        entry["hash"] = digest(content)
        place = f"{folder}/{entry['hash']}.json"
        (site / place).write_bytes(content)
        return entries

    relog(host, site, edit)
    return place


def clear(site: Path) -> None:
    """Take away the intents, results and destructions that the log does not name, as a host would that hides them."""
    logged = (site / "log/entries.jsonl").read_text()
    for path in [path for folder in ("intents", "results", "destructions") for path in (site / folder).rglob("*.*")]:
        if path.name.partition(".")[0] not in logged:
            path.unlink()


def first(entries, kind: str):
    return next(place for place, one in enumerate(entries) if one["kind"] == kind)


def test_it_stands_alone_and_is_short():
    """One file of some 830 lines that imports Python's own modules and `cryptography`, nothing else."""
    source = SCRIPT.read_text(encoding="utf-8")
    assert 890 >= source.count("\n")
    assert 120 >= max(map(len, source.splitlines()))
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {(getattr(node, "module", None) or node.names[0].name).partition(".")[0] for node in nodes}
    assert {"cryptography"} == names - sys.stdlib_module_names


@pytest.mark.slow
def test_an_honest_host_passes_alone_from_its_copied_folder(site, tmp_path):
    """Run elsewhere, with no package of ours to be found, it says that everything holds, in words, and exits with 0."""
    copied = shutil.copy(SCRIPT, tmp_path / "verify.py")
    run = subprocess.run(
        [sys.executable, "-I", copied, str(site)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (0, "") == (run.returncode, run.stderr)
    assert 20 == sum(line.startswith("ok ") for line in run.stdout.splitlines())
    assert "rho 0.08 of 0.1 spent; 2 results published, 0 paid for and not" in run.stdout
    assert "no page was compared" in run.stdout.partition("Not looked at:")[2]
    assert run.stdout.endswith("Everything that was looked at holds.\n")
    flip(site / "log/key", 20)
    run = subprocess.run(
        [sys.executable, "-I", copied, str(site)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (1, True) == (run.returncode, "FAIL  The log's newest head is signed by the log's key" in run.stdout)


@pytest.mark.slow
def test_it_reads_a_mirror_by_http(site):
    """A plain web server with the copied files is enough."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        assert "" == faults(f"http://127.0.0.1:{server.server_port}")
        (site / "plans").rename(site / "gone")
        assert "plans/" in faults(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.slow
def test_an_edit_of_any_document_is_named(site):
    """One byte of each document that the log names, at its beginning, middle or end: its place is told."""
    places = documents(site, *LOGGED)
    assert 27 == len(places)
    for number, place in enumerate(places):
        before = (site / place).read_bytes()
        flip(site / place, (0, len(before) // 2, -2)[number % 3])
        assert f"{place} is not the document that the log names" in faults(site)
        (site / place).write_bytes(before)
    assert "" == faults(site)


@pytest.mark.slow
def test_a_missing_document_is_named(site):
    """Each document taken away, and each file of the log: its place is told."""
    for place in documents(site, *LOGGED, "log"):
        before = (site / place).read_bytes()
        (site / place).unlink()
        assert f"{place} is missing" in faults(site)
        (site / place).write_bytes(before)


@pytest.mark.slow
def test_an_edit_of_any_head_or_line_of_the_log_is_named(site):
    """Every single byte of the newest head, and one byte of each older head and each line, is noticed."""
    for place in documents(site, "log"):
        before = (site / place).read_bytes()
        lines = before.count(b"\n") if place.endswith("jsonl") else 1
        every = place == "log/checkpoint"
        for at in (
            range(len(before)) if every else [(2 * line + 1) * len(before) // (2 * lines) for line in range(lines)]
        ):
            flip(site / place, at)
            # The checkpoint's own bytes stand under log/heads too: there the fault is that the two differ from the log.
            assert "log" in faults(site)
            (site / place).write_bytes(before)


@pytest.mark.slow
def test_an_edit_of_any_list_of_receipts_is_named(host, site):
    """One byte of each of the 512 lists, or the list taken away: its place is told."""
    entries = [json.loads(line) for line in (site / "log/entries.jsonl").read_bytes().splitlines()]
    for entry in (one for one in entries if one["kind"] == "box"):
        for place in documents(site, f"receipts/q26/{entry['wave']}"):
            verifier = VERIFY.Verifier(str(site))
            before = (site / place).read_bytes()
            # Every eighth list is taken away, of the others one byte is changed, here and there.
            number = int(Path(place).stem, 16)
            flip(site / place, number % len(before)) if number % 8 else (site / place).unlink()
            verifier.check("", verifier.receipts, entry)
            assert (False, True) == (verifier.rows[-1][1], place in verifier.rows[-1][2])
            (site / place).write_bytes(before)
    assert "" == faults(site)


def test_a_log_that_shrank_is_named(host, site):
    """Lines cut off are named against the head; with all heads signed anew, against the head that somebody kept."""
    kept = (site / "log/checkpoint").read_bytes()
    content = (site / "log/entries.jsonl").read_bytes()
    (site / "log/entries.jsonl").write_bytes(b"".join(content.splitlines(keepends=True)[:-2]))
    assert "the log shrank: its head counts 20 entries, 18 are there" in faults(site)
    relog(host, site, lambda entries: entries[:-1])
    clear(site)
    assert "" == faults(site)
    assert "the log shrank: the head that you kept counts 20 entries, the log has 17" in faults(site, since=kept)


def test_a_fork_is_named(host, site):
    """Two heads of one size: the host shows one log to some and another to others; either names the other's head."""
    kept = (site / "log/heads/5").read_bytes()
    relog(host, site, lambda entries: [entries[0] | {"day": "2026-01-01"}, *entries[1:]])
    assert "the log forked: its first 5 entries are not those of the head that you kept" in faults(site, since=kept)
    (site / "log/heads/5").write_bytes(kept)
    assert "the log forked: its first 5 entries are not those of log/heads/5" in faults(site)


@pytest.mark.slow
def test_a_log_that_grew_continues_the_head_that_somebody_kept(host, site):
    """Every older head is continued, and the noted key is the log's; another key is another log."""
    for size in range(1, 21):
        assert "" == faults(site, since=(host.settings.public / f"log/heads/{size}").read_bytes())
    key = (site / "log/key").read_text().strip()
    assert "" == faults(site, key=key)
    assert "another log" in faults(site, key=key[:-6] + "AAAAAA")
    assert "the head that you kept is not written as it must be" in faults(site, since=b"no head at all")


def test_reordered_entries_are_named(host, site):
    """A release before its box, a box before its wave, a plan moved behind its box: each is told in words."""

    def moved(kind, to):
        def edit(entries):
            held = [*entries]
            held.insert(to, held.pop(first(entries, kind)))
            return held

        return edit

    before = [(path, path.read_bytes()) for path in (site / "log").rglob("*") if path.is_file()]
    for kind, to, message in (
        ("custody", 0, "no manifest came before it"),
        ("custody", 5, "does not follow the split before it"),
        ("release", 3, "came before its wave's box"),
        ("box", 0, "has no open wave"),
        ("destruction", 3, "came after its wave's key was destroyed"),
        ("destruction", 3, "counts other results than the log"),
        ("plan", 12, "names no plan before it as its parent"),
        ("intent", 2, "came before its wave's box"),
    ):
        relog(host, site, moved(kind, to))
        assert message in faults(site), kind
        for path, content in before:
            path.write_bytes(content)


def test_an_entry_twice_is_named(host, site):
    """A wave that opened twice, or has two boxes, is told."""
    relog(host, site, lambda entries: [*entries, entries[first(entries, "manifest")], entries[first(entries, "box")]])
    messages = faults(site)
    assert "is of wave 1, and the next is 3" in messages
    assert "is a second box" in messages


@pytest.mark.parametrize("kind", ["release", "intent", "custody", "destruction"])
def test_a_document_that_the_study_did_not_sign_is_named(host, site, kind):
    """The host writes a document of its own, day and all, and logs it: the signature does not hold."""
    place = replaced(host, site, kind, lambda data: canonical(json.loads(data) | {"day": "2026-11-23"}))
    assert f"{place} has a false signature" in faults(site)


def test_a_document_signed_by_a_stranger_is_named(host, site):
    """A destruction that another study's key signed is not this study's."""
    stranger = Collection(host.settings, manifests=host.manifests)
    entries = [json.loads(line) for line in (site / "log/entries.jsonl").read_bytes().splitlines()]
    release = (site / f"results/q26/{entries[first(entries, 'release')]['hash']}.json").read_bytes()
    content = destruction(stranger, 1, [release], json.loads(release)["ledger"]["entry"])
    place = replaced(host, site, "destruction", lambda _: content)
    assert f"{place} is not signed by the key that the study's manifests name" in faults(site)


RELEASES = [
    ({"plan": "0" * 64}, "has no plan in the log"),
    ({"manifest": "0" * 64}, "is of another manifest"),
    ({"box": {"root": "0" * 64, "count": 30}}, "is of another box"),
    ({"wave": 2}, "is of another wave"),
    ({"registered": "2026-11-20"}, "is of another registered"),
    ({"notes": ["registered-late"]}, "is of another notes"),
    ({"tables": []}, "is not what its plan asked for and paid"),
]


@pytest.mark.parametrize(("changes", "message"), RELEASES, ids=lambda value: str(value)[:24])
def test_a_release_of_something_else_is_named(host, site, changes, message):
    """A release that the study signed over another plan, box, wave, day or price than the log's is told."""
    place = replaced(host, site, "release", partial(resigned, host, **changes))
    assert f"{place} {message}" in faults(site)


def resigned(host: Collection, data: bytes, **changes) -> bytes:
    """Return a release that the study's own key signed again, changed."""
    members = {name: value for name, value in json.loads(data).items() if name != "signature"}
    return host.signed(members | changes, "release")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"spent": 50_000_000}, "ledger entry 1 is not one"),
        ({"total": 200_000_000}, "ledger entry 1 is not one"),
        ({"cost": 30_000_000}, "is not what its plan asked for and paid"),
    ],
)
def test_a_budget_that_does_not_add_up_is_named(host, site, changes, message):
    """Another sum, total or price than the ledger's entry is told, though the study signed it."""

    def change(data):
        return resigned(host, data, budget=json.loads(data)["budget"] | changes)

    replaced(host, site, "release", change)
    assert message in faults(site)


def test_admissions_that_do_not_fit_are_named(host, site):
    """More answers than tokens, or more tokens than invitations, is told; a control in order is not."""

    def counted(**counts):
        def edit(entries):
            entries[first(entries, "box")] |= counts
            return entries

        return edit

    for counts, held in (({"issued": 30, "invited": 50}, True), ({"issued": 29, "invited": 50}, False),
                         ({"issued": 51, "invited": 50}, False)):  # fmt: skip
        relog(host, site, counted(**counts))
        assert held == ("is not so" not in faults(site))


def test_a_receipt_that_was_left_out_is_named(host, site):
    """Lists that fit each other and the log but lack one answer of the box are told by the count."""
    lists = [json.loads((site / f"receipts/q26/1/{place:02x}.json").read_bytes())["receipts"] for place in range(256)]
    full = next(place for place, one in enumerate(lists) if one)
    lists[full] = lists[full][1:]
    fewer = ReceiptBuckets(tuple(map(tuple, lists)))
    for name, content in fewer.documents("q26", 1):
        (site / f"receipts/q26/1/{name}.json").write_bytes(canonical(content))

    def edit(entries):
        entries[first(entries, "box")]["receipts"] = fewer.root
        return entries

    relog(host, site, edit)
    assert "there are 29 receipts for the 30 answers of the box" in faults(site)


def test_what_was_not_announced_is_told(host, site):
    """A release whose intent is not in the log is a fault."""
    relog(host, site, lambda entries: [one for one in entries if one["kind"] != "intent"])
    clear(site)
    assert 2 == faults(site).count("was not announced before")


def test_an_unpublished_result_is_told(host, site):
    """Where the first paid release is not published, the second says that one was paid for and is not there."""
    relog(host, site, lambda entries: [one for one in entries if (one["kind"], one["wave"]) not in {
        ("release", 1), ("destruction", 1)}])  # fmt: skip
    clear(site)
    verifier = VERIFY.Verifier(str(site))
    assert verifier.run()
    assert any("1 results published, 1 paid for and not" in seen for _, _, seen in verifier.rows)
