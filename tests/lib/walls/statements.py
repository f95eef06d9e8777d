"""Statements of a module's source, without looking through its expressions: nine in ten nodes of a tree are these."""

import ast
from collections.abc import Iterator

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield each statement of a tree at any depth, handlers and cases among them; expressions hold none."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        inside = [one for name in _BLOCKS for one in _block(node, name)]
        yield from inside
        waiting += inside


def _block(node: ast.AST, name: str) -> list[ast.AST]:
    block = getattr(node, name, None)
    return block if isinstance(block, list) else []
