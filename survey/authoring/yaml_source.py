"""Authored YAML as plain data with line numbers; scalars that YAML 1.1 would silently convert are refused."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from crypto.errors import file_fault
from survey.authoring.checks.wide_signs import wide_sign
from survey.faults import AuthoringError, Fault, Problem, Where, said
from survey.names import CONTROL
from survey.yaml_text import compose

_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_MAX_PATHS = 100_000  # nested aliases could otherwise expand a file of a few lines until memory is full
_TAG = "tag:yaml.org,2002:"


class YamlSource:
    """One authored file: its data (all keys strings), the line number of every path, and its problems as YAML."""

    def __init__(self, path: Path) -> None:
        self.file = str(path)
        self.problems: list[Problem] = []
        self.noted: set[Where] = set()
        self._lines: dict[Where, int] = {(): 1}
        self._included: dict[int, YamlSource] = {}
        self._above: list[yaml.Node] = []
        self.content = _content(path)
        """The very bytes that are compiled."""
        try:
            self.data: Any = self._read(_compose(self.file, self.content), ())
        except RecursionError:
            problem = Problem(self.file, 1, "file", "nested too deeply to be read", "write it with fewer levels")
            raise AuthoringError([problem]) from None

    def line(self, where: Where) -> int:
        """Return the line number of `where`, or of its nearest parent that is in the file."""
        return self._lines[self.resolve(where)]

    def places(self) -> Mapping[Where, int]:
        """Return the line number of every path in the file."""
        return self._lines

    def resolve(self, where: Where, *, last: bool = False) -> Where:
        """Return the longest prefix of `where` that is in the file; a list member may be given by its id or code.

        Of several members with the same id the first is taken, or the `last`.
        """
        path: Where = ()
        value = self.data
        for step in where:
            key = _resolve_step(value, step, last=last)
            if (*path, key) not in self._lines:
                continue
            path = (*path, key)
            value = value[key]
        return path

    def report(self, where: Where, message: str, remedy: str) -> None:
        """Record a problem at `where`."""
        self.problems.append(self.problem(where, message, remedy))

    def problem(self, where: Where, message: str, remedy: str) -> Problem:
        """Return a problem at `where`, with what an input method wrote in its line where that can be its cause."""
        line = self.line(where)
        path = self.resolve(where)
        owner = self._included.get(path[1], self) if path[:1] == ("items",) and path[1:] else self  # type: ignore[arg-type]
        return Problem(owner.file, line, self._readable(where), message, _with_sign(owner.content, line, remedy))

    def splice(self, blocks: Mapping[int, "tuple[YamlSource, list[int]]"]) -> None:
        """Put items of other files in place of those at these indexes, each with its own file and lines.

        A block is the other file and the indexes of its items that are taken, in their order.
        """
        items, lines = self.data["items"], {path: line for path, line in self._lines.items() if path[:1] != ("items",)}
        lines[("items",)] = self._lines[("items",)]
        made: list[Any] = []
        for index, item in enumerate(items):
            source, taken = blocks.get(index, (self, [index]))
            for at in taken:
                old, new = ("items", at), ("items", len(made))
                lines |= {(*new, *path[2:]): line for path, line in source.places().items() if path[:2] == old}
                if source is not self:
                    self._included[len(made)] = source
                made.append(source.data["items"][at] if source is not self else item)
        self.data["items"], self._lines = made, lines

    def forget(self, paths: Collection[Where]) -> None:
        """Drop the problems of YAML at these paths: their keys are unknown, so that their values do not matter."""
        gone = {".".join(map(str, path)) for path in paths if path in self.noted}
        self.problems = [problem for problem in self.problems if problem.where not in gone]
        self.noted -= {*paths}

    def report_fault(self, fault: Fault) -> None:
        """Record a fault of a document at the path where it was written."""
        self.report(self.resolve(fault.where, last=fault.again), fault.message, fault.remedy)

    def _readable(self, where: Where) -> str:
        """Return `where` as text, list members by their id if they have one."""
        path = self.resolve(where)
        names: list[str] = []
        value = self.data
        for step in path:
            value = value[step]
            has_id = isinstance(step, int) and isinstance(value, dict) and "id" in value
            names.append(str(value["id"] if has_id else step))
        return ".".join(names) or "file"

    def _read(self, node: yaml.Node | None, path: Where) -> Any:  # noqa: ANN401 - any YAML value
        if node is None:
            raise AuthoringError([Problem(self.file, 1, "file", "the file is empty", "write it, or give another file")])
        if any(node is ancestor for ancestor in self._above):
            self._note(node, path, "an alias of what it stands in", "write it out")
            return None
        if len(self._lines) > _MAX_PATHS:
            message = said("over {most} places once its aliases are written out", most=format(_MAX_PATHS, ","))
            raise AuthoringError([Problem(self.file, 1, "file", message, "write it without nested aliases")])
        self._above.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self._member(part, (*path, index)) for index, part in enumerate(node.value)]
            return self._scalar(node, path)
        finally:
            self._above.pop()

    def _member(self, node: yaml.Node, path: Where) -> Any:  # noqa: ANN401 - any YAML value
        self._lines[path] = node.start_mark.line + 1
        return self._read(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Where) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(self._scalar(key_node, path)) if isinstance(key_node, yaml.ScalarNode) else ""
            if not key:
                self._note(key_node, path, "a key must be a plain word", "write a name before the colon")
            elif key in mapping:
                self._note(key_node, (*path, key), said("the key {key} stands here twice", key=key), "keep one of them")
            else:
                self._lines[(*path, key)] = key_node.start_mark.line + 1
                mapping[key] = self._read(value_node, (*path, key))
        return mapping

    def _scalar(self, node: yaml.Node, path: Where) -> str | int | bool | None:
        text, tag = str(node.value), str(node.tag).removeprefix(_TAG)
        if tag == "int":
            return self._integer(node, text, path)
        if tag == "bool":
            return self._boolean(node, text, path)
        if tag == "null":
            return None
        if tag not in ("str", "timestamp"):
            self._note(
                node, path, said("{text} is not text, a whole number or true/false", text=text), "put it in quotes"
            )
        if bad := CONTROL.search(text):
            message = said(
                "the character U+{ord} is a control or no character: files and pages cannot hold it",
                ord=format(ord(bad[0]), "04X"),
            )
            self._note(node, path, message, "take it out")
        return text

    def _integer(self, node: yaml.Node, text: str, path: Where) -> int | str:
        if _INTEGER.fullmatch(text):
            return int(text)
        self._note(
            node,
            path,
            said("YAML reads {text} as another number", text=text),
            "write a plain decimal number, or quote it",
        )
        return text

    def _boolean(self, node: yaml.Node, text: str, path: Where) -> bool | str:
        if text in ("true", "false"):
            return text == "true"
        value = "true" if text.lower() in ("yes", "on") else "false"
        remedy = "choose another name, put it in quotes, or write true or false"
        self._note(node, path, said("YAML 1.1 reads {text} as {value}", text=text, value=value), remedy)
        return text

    def _note(self, node: yaml.Node | None, path: Where, message: str, remedy: str) -> None:
        line = node.start_mark.line + 1 if node else 1
        self.noted.add(path)
        self.problems.append(Problem(self.file, line, ".".join(map(str, path)) or "file", message, remedy))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AuthoringError([Problem(str(path), 1, "file", *file_fault(error).split("; "))]) from None


def _compose(file: str, content: bytes) -> yaml.Node | None:
    try:
        return compose(content.decode("utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        remedy = _with_sign(content, line, _with_sign(content, line - 1, "correct the line, or the one before it"))
        problem = Problem(file, line, "file", said("not YAML: {problem}", problem=error.problem), remedy)
        raise AuthoringError([problem]) from None
    except UnicodeDecodeError as error:
        raise AuthoringError([_not_utf8(file, content, error.start)]) from None
    except ReaderError as error:
        raise AuthoringError([_control(file, content, error)]) from None
    except (ValueError, yaml.YAMLError):
        raise AuthoringError([Problem(file, 1, "file", "not YAML", "give a YAML file in UTF-8")]) from None


def _control(file: str, content: bytes, error: ReaderError) -> Problem:
    """Return the problem of a file with a control character, which YAML does not read, with its line."""
    line = content.decode("utf-8")[: error.position].count("\n") + 1
    message = said(
        "the character U+{ord} is a control or no character: files and pages cannot hold it",
        ord=format(error.character, "04X"),
    )
    return Problem(file, line, "file", message, "take it out")


def _not_utf8(file: str, content: bytes, at: int) -> Problem:
    """Return the problem of a file in another encoding, with the line of its first such byte, and which it may be."""
    remedy = "save it as UTF-8, which editors offer beside the name of the file"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem(file, 1, "file", "not text in UTF-8, but in UTF-16", remedy)
    line = content.count(b"\n", 0, at) + 1
    around = content[max(0, at - 12) : at + 12].decode("cp1252", "replace").split("\n")
    shown = next((part.strip() for part in around if not part.isascii()), "")
    message = said(
        "not text in UTF-8: byte 0x{at} (in Windows-1252 it would read {shown})",
        at=format(content[at], "02x"),
        shown=repr(shown),
    )
    return Problem(file, line, "file", message, remedy)


def _with_sign(content: bytes, line: int, remedy: str) -> str:
    """Return a remedy, or what to type instead of a sign of an input method in this line of the file, from 1."""
    lines = content.decode("utf-8", "replace").splitlines()
    return (wide_sign(lines[line - 1]) if 0 < line <= len(lines) else "") or remedy


def _resolve_step(value: object, step: str | int, *, last: bool) -> str | int:
    """Return the index of a list member that is given by its id or code, else the step itself."""
    if not isinstance(value, list) or isinstance(step, int):
        return step
    indexes: list[str | int] = [
        index
        for index, part in enumerate(value)
        if isinstance(part, dict) and step in (str(part.get("id")), str(part.get("code")))
    ]
    return (indexes or [step])[-1 if last else 0]
