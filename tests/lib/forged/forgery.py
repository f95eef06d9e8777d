"""Forged published folders: one change each, signed, hashed and logged as if it were right, and the fault told of it.

An edit changes one document of a `WrittenSite`; where others must follow so that one check alone can see the forgery,
they do.
"""

import base64
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crypto.canonical import canonical
from crypto.checkpoints import Checkpoint
from forged.open_wave import STUDY
from forged.site import Doc, Edit, WrittenSite
from forged.witnesses import Signatory

NOBODY = "0" * 64
After = Callable[[WrittenSite], None]


@dataclass(frozen=True)
class Forgery:
    """A change by its name, and a part of what the verifier must say; `also` where another check sees it too."""

    name: str
    said: str
    edits: Mapping[str, Edit] = field(default_factory=dict)
    after: After | None = None
    also: bool = False


def sets(**members: Any) -> Edit:
    """Return an edit that replaces members."""
    return lambda document: document.update(members)


def drops(*names: str) -> Edit:
    """Return an edit that takes members away."""
    return lambda document: [document.pop(name) for name in names]


def inside(*path: str | int, **members: Any) -> Edit:
    """Return an edit that replaces members of what lies at `path` in a document."""

    def edit(document: Any) -> None:
        for step in path:
            document = document[step]
        document.update(members)

    return edit


def of_table(place: int, **members: Any) -> Mapping[str, Edit]:
    """Return the edit of one table of the first release."""
    return {"release 1": inside("tables", place, **members)}


def of_axis(table: int, axis: int = 0, **members: Any) -> Mapping[str, Edit]:
    """Return the edit of one dimension of a table of the first release."""
    return {"release 1": inside("tables", table, "dimensions", axis, **members)}


def every(*edits: Edit) -> Edit:
    """Return an edit that makes all of these."""
    return lambda document: [edit(document) for edit in edits]


def one(name: str, said: str, place: str, edit: Edit, **more: Any) -> Forgery:
    """Return the forgery of one document."""
    return Forgery(name, said, {place: edit}, **more)


def shortened(name: str) -> Edit:
    """Return an edit that takes the last number of a list of a table's away."""
    return lambda release: release["tables"][1][name].pop()


def resized(table: Doc, axis: Doc) -> None:
    """Let the cells of a table of one dimension follow its levels."""
    cells = len(axis["codes"]) * len(axis.get("rows") or "1")
    for name in ("counts", "consistent", "variances"):
        table[name] = (table[name] * 2)[:cells]


def without_level(release: Doc) -> None:
    """Take the first level of a grid away, with its cells and its label."""
    table = release["tables"][2]
    code = table["dimensions"][0]["codes"].pop(0)
    resized(table, table["dimensions"][0])
    for words in release["labels"].values():
        del words[table["dimensions"][0]["id"]]["levels"][str(code)]


def without_row(release: Doc) -> None:
    """Take the last row of a grid away, with its cells."""
    table = release["tables"][2]
    table["dimensions"][0]["rows"].pop()
    resized(table, table["dimensions"][0])


def of_everyone(release: Doc) -> None:
    """Say that a filtered table is of everyone, without its cell of those outside."""
    table = release["tables"][6]
    table["population"] = None
    for name in ("counts", "consistent", "variances"):
        table[name].pop()


def swapped_levels(release: Doc) -> None:
    """Call the first two levels of a question by each other's names."""
    levels = release["labels"]["en"]["LIKE"]["levels"]
    levels["1"], levels["2"] = levels["2"], levels["1"]


def narrower(release: Doc) -> None:
    """Reckon a question of several answers as one of a single answer: less noise than its price pays for."""
    release["tables"][1] |= {"sensitivity_squared": 2, "sigma": release["tables"][1]["sigma"] * 0.6}


def of_one_phrase(release: Doc) -> None:
    """Reckon a list of words as if each person gave one phrase: less noise than its price pays for."""
    words = release["words"][0]
    words |= {"most": 1, "sigma": words["sigma"] / words["most"] ** 0.5 * 1.0000001}
    release["budget"]["curve"]["least_sigma"] = min(words["sigma"], release["budget"]["curve"]["least_sigma"])


def announced_late(entries: list[Doc]) -> None:
    """Log the first intent after the release that names it."""
    at = next(place for place, one in enumerate(entries) if one["kind"] == "intent")
    intent, release = entries[at], entries[at + 1]
    entries[at : at + 2] = [release, intent | {"day": release["day"]}]


def sigma_times(factor: float) -> Edit:
    """Return an edit of a table's noise, and of the least noise of the release."""

    def edit(release: Doc) -> None:
        release["tables"][0]["sigma"] *= factor
        release["budget"]["curve"]["least_sigma"] *= min(factor, 1)

    return edit


def flipped(half: str) -> Edit:
    """Return an edit that breaks one half of a signature."""

    def edit(document: Doc) -> None:
        made = document["signature"][half]
        document["signature"][half] = ("B" if made[0] == "A" else "A") + made[1:]

    return edit


def planned_late(lines: list[Doc]) -> None:
    """Log the second plan after the intent to release it, which names it, and before its release."""
    plan = lines.pop([(line["kind"], line["wave"]) for line in lines].index(("plan", 2)))
    intent = [(line["kind"], line["wave"]) for line in lines].index(("intent", 2))
    lines.insert(intent + 1, plan | {"day": lines[intent]["day"]})


def stranger(keys: list[Any]) -> None:
    """Let another key than the study's sign."""
    keys[0] = type(keys[0]).generate()


def wiped(site: WrittenSite) -> None:
    """Sign an empty log, over documents that are all there."""
    site.sign_log([])


def without_log(site: WrittenSite) -> None:
    """Take the whole log away."""
    for path in sorted((site.folder / "log").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()


def lengthened(place: str) -> After:
    """Return what adds signatures of others to a head until it is longer than any is."""
    return lambda site: file(place, (site.folder / place).read_bytes() + b"\xe2\x80\x94 other AAAAAAAA\n" * 1000)(site)


def resigned(place: str) -> After:
    """Return what changes a byte in the middle of a head's signature."""

    def after(site: WrittenSite) -> None:
        head = (site.folder / place).read_bytes()
        file(place, head[:-20] + (b"B" if head[-20:-19] == b"A" else b"A") + head[-19:])(site)

    return after


def written_otherwise(place: str) -> After:
    """Return what sets bits of a head's base64 that stand for nothing: the signature stays the same."""

    def after(site: WrittenSite) -> None:
        head = (site.folder / place).read_bytes()
        assert head.endswith(b"=\n")
        # The last digit before one "=" has two such bits, which are zero as they must be.
        file(place, head[:-3] + bytes([head[-3] + 1]) + b"=\n")(site)

    return after


def of_another_origin(place: str, size: int) -> After:
    """Return what lets the log's key sign a head that says it is of another log."""

    def after(site: WrittenSite) -> None:
        key, text = site.signer.verifier, Checkpoint("sotto/other", size, site.root(size)).to_text()
        made = base64.b64encode(key.key_id + site.signer._key.sign(text.encode())).decode()
        file(place, f"{text}\n— {key.name} {made}\n".encode())(site)

    return after


def lines_cut(site: WrittenSite) -> None:
    """Take the last two lines of the log away, under its newest head."""
    lines = (site.folder / "log/entries.jsonl").read_bytes().splitlines(keepends=True)
    file("log/entries.jsonl", b"".join(lines[:-2]))(site)


def line_added(site: WrittenSite) -> None:
    """Add a line to the log that its newest head does not count."""
    lines = (site.folder / "log/entries.jsonl").read_bytes()
    file("log/entries.jsonl", lines + lines.splitlines(keepends=True)[-1])(site)


def emptied(site: WrittenSite) -> None:
    """Sign an empty log, and leave nothing else."""
    wiped(site)
    for path in site.folder.iterdir():
        if path.is_symlink():
            path.unlink()
        elif path.name != "log":
            shutil.rmtree(path)
    shutil.rmtree(site.folder / "log/heads")


def renamed_key(site: WrittenSite) -> None:
    """Publish the log's key under another id, and its signatures as if that id were theirs."""
    key, other = site.signer.verifier, bytes(4)
    file("log/key", key.to_text().replace(key.key_id.hex(), other.hex()).encode())(site)
    for path in [site.folder / "log/checkpoint", *(site.folder / "log/heads").iterdir()]:
        text, line = path.read_text().rsplit(" ", 1)
        path.write_text(f"{text} {base64.b64encode(other + base64.b64decode(line)[4:]).decode()}\n")


def cosigned(*witnesses: Signatory, **given: int) -> After:
    """Return what puts these cosignatures beside the newest head in the place of those that are there."""
    return lambda site: site.cosign(len(site.entries), *witnesses, **given)


def named_witnesses(*witnesses: Signatory) -> Edit:
    """Return an edit of the witnesses that a manifest names."""
    return sets(witnesses={"keys": [one.key.to_text() for one in witnesses], "quorum": 2})


def replaced_bytes(before: bytes, after: bytes) -> Edit:
    """Return an edit of a document's bytes."""
    return lambda content: content.__setitem__(0, content[0].replace(before, after))


def file(place: str, content: bytes) -> After:
    """Return what puts a file into the folder."""

    def after(site: WrittenSite) -> None:
        (site.folder / place).parent.mkdir(parents=True, exist_ok=True)
        (site.folder / place).write_bytes(content)

    return after


def spaced_receipts(name: str) -> After:
    """Return what adds a byte to a list of receipts, of a copy where they are those of another folder."""

    def after(site: WrittenSite) -> None:
        lists = site.folder / "receipts"
        if lists.is_symlink():
            source = lists.resolve()
            lists.unlink()
            shutil.copytree(source, lists)
        path = lists / STUDY / f"{name}.json"
        path.write_bytes(path.read_bytes() + b" ")

    return after


def unsplit(wave: int) -> Mapping[str, Edit]:
    """Return the edit that takes the splits of a wave's key out of the log."""

    def edit(lines: list[Doc]) -> None:
        lines[:] = [line for line in lines if (line["kind"], line["wave"]) != ("custody", wave)]

    return {"entries": edit}


def unsplit_files(wave: int) -> After:
    """Return what takes the splits of a wave's key out of the folder."""

    def after(site: WrittenSite) -> None:
        for name in ("custody", "reshared"):
            gone(f"{name} {wave}")(site)

    return after


def on_the_head_before() -> Mapping[str, Edit]:
    """Return the edits that let a destruction name the head on which its wave's release was only announced."""
    heads: list[str] = []
    return {"intent 1": lambda intent: heads.append(intent["head"]),
            "destruction 1": lambda said: said.update(head=heads[-1])}  # fmt: skip


def again(name: str, change: Callable[[Doc, WrittenSite], object]) -> After:
    """Return what has the study sign a statement once more, changed, and logs it after all others."""

    def after(site: WrittenSite) -> None:
        said, last = site._document(name), site.entries[-1]["day"]
        for member in ("signer", "signature"):
            said.pop(member)
        change(said, site)
        site._statement(f"{name} again", 1, 1, said)
        site.entries[-1]["day"] = last
        site.sign_log([canonical(entry) for entry in site.entries])

    return after


def unreleased(lines: list[Doc]) -> None:
    """Take the second wave's intent and release out of the log."""
    lines[:] = [line for line in lines if (line["kind"], line["wave"]) not in {("intent", 2), ("release", 2)}]


def unpublished(site: WrittenSite) -> None:
    """Take the second wave's intent and release out of the folder."""
    gone("intent 2")(site)
    gone("release 2")(site)


def gone(name: str) -> After:
    """Return what takes a document away."""
    return lambda site: (site.folder / site.place(name)).unlink()


def touched(name: str) -> After:
    """Return what adds a byte to a document that the log names."""

    def after(site: WrittenSite) -> None:
        path = site.folder / site.place(name)
        path.write_bytes(path.read_bytes() + b" ")

    return after
