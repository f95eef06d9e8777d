"""Forged published folders: one change each, signed, hashed and logged as if it were right, and the fault told of it.

An edit changes one document of a `WrittenSite`; where others must follow so that one check alone can see the forgery,
they do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from forged.site import Doc, Edit, WrittenSite

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


def file(place: str, content: bytes) -> After:
    """Return what puts a file into the folder."""

    def after(site: WrittenSite) -> None:
        (site.folder / place).parent.mkdir(parents=True, exist_ok=True)
        (site.folder / place).write_bytes(content)

    return after


def gone(name: str) -> After:
    """Return what takes a document away."""
    return lambda site: (site.folder / site.place(name)).unlink()


def touched(name: str) -> After:
    """Return what adds a byte to a document that the log names."""

    def after(site: WrittenSite) -> None:
        path = site.folder / site.place(name)
        path.write_bytes(path.read_bytes() + b" ")

    return after
