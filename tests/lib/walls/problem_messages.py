"""Every message and remedy that the code may give as a problem of an authored file, read from its syntax."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = {
    "Fault": (1, 2), "Problem": (3, 4), "problem": (1, 2), "_note": (2, 3), "report": (1, 2), "_refuse": (1, 2),
    "ConstructError": (0, 1), "TooMuchError": (0, 1), "FormError": (1, 2), "add": (2, 3),
}  # fmt: skip
"""Calls that take a message and a remedy, and at which places."""
NAMED = {"message", "remedy"}


@dataclass
class Messages:
    """The templates of one module; `unknown` are expressions of which the code does not say what they may be."""

    file: Path
    templates: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)


def messages_of(file: Path) -> Messages:
    """Return what a module may say, and what of it cannot be read from the module alone."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = Messages(file)
    for node in ast.walk(tree):
        for expression in _said(node):
            _read(expression, tree, found, ())
    return found


def _said(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions that are messages or remedies at a node."""
    if isinstance(node, ast.Call):
        name = _name(node.func)
        yield from (node.args[at] for at in CALLS.get(name, ()) if at < len(node.args))
        yield from (key.value for key in node.keywords if name in CALLS and key.arg in NAMED)
        if name == "said":
            yield node
    if isinstance(node, ast.Yield | ast.Return) and isinstance(node.value, ast.Tuple):
        pair = node.value.elts[:2]
        yield from pair if all(map(_is_message, pair)) else ()


def _is_message(one: ast.expr) -> bool:
    """Say whether an expression of a yielded tuple is a message: a sentence, one that is said, or a named remedy."""
    sentence = isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value
    said = isinstance(one, ast.Call) and _name(one.func) == "said"
    return sentence or said or (isinstance(one, ast.Name) and one.id.strip("_").lower() in NAMED)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _read(one: ast.expr, tree: ast.Module, found: Messages, above: tuple[str, ...]) -> None:
    """Add the templates that an expression may be."""
    if isinstance(one, ast.Constant) and isinstance(one.value, str):
        found.templates.update([one.value] if one.value else [])
    elif isinstance(one, ast.Call) and _name(one.func) == "said":
        _read(one.args[0], tree, found, above)
    elif isinstance(one, ast.IfExp):
        _read(one.body, tree, found, above)
        _read(one.orelse, tree, found, above)
    elif isinstance(one, ast.Call | ast.Name) and _name(one.func if isinstance(one, ast.Call) else one) not in above:
        name = _name(one.func if isinstance(one, ast.Call) else one)
        values = [*_values(name, tree)] if isinstance(one, ast.Name) else [*_returned(name, tree)]
        for value in values:
            _read(value, tree, found, (*above, name))
        if not values:
            found.unknown.append(ast.unparse(one))
    elif not isinstance(one, ast.Call | ast.Name):
        found.unknown.append(ast.unparse(one))


def _values(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what is assigned to a name anywhere in the module, alone or in a tuple."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=True)
                yield from (value for one, value in pairs if isinstance(one, ast.Name) and one.id == name)


def _returned(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)
    for function in functions:
        yield from (node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value)
