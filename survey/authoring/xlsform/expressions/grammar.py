"""The grammar of XLSForm's expressions (a part of XPath 1.0 with `${name}`), parsed by Lark into a small tree.

Source: https://docs.getodk.org/form-operators-functions/; what is not in this grammar, such as paths, is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lark import Lark
from lark.exceptions import LarkError

from survey.authoring.xlsform.sheets.report import ConstructError
from survey.faults import said

MOST_CHARACTERS = 4_000
MOST_DEPTH = 60
"""Operators and functions within one another: what reads the tree calls itself once for each."""
_PLAIN = str.maketrans("\u2018\u2019\u201c\u201d\u00a0\uff0c\uff08\uff09", "''\"\" ,()")
"""Quotes and signs as word processors and Chinese input methods write them."""
_GRAMMAR = r"""
?start: disjunction
?disjunction: conjunction (OR conjunction)*
?conjunction: equality (AND equality)*
?equality: relation (EQ relation)*
?relation: sum (REL sum)*
?sum: product (ADD product)*
?product: minus (MUL minus)*
?minus: "-" minus -> negative | atom
?atom: NUMBER -> number
     | STRING -> text
     | REF -> ref
     | SELF -> current
     | NAME "(" [disjunction ("," disjunction)*] ")" -> call
     | NAME -> column
     | "(" disjunction ")"
OR: /or(?![\w.-])/
AND: /and(?![\w.-])/
EQ: "!=" | "="
REL: "<=" | ">=" | "<" | ">"
ADD: "+" | "-"
MUL: "*" | /div(?![\w.-])/ | /mod(?![\w.-])/
NUMBER.2: /\d+(\.\d*)?|\.\d+/
STRING: /"[^"]*"|'[^']*'/
REF: /\$\{\s*[^\s{}]+\s*\}/
SELF: "."
NAME: /[^\W\d][\w.-]*(:[^\W\d][\w.-]*)?/
%ignore /\s+/
"""


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Ref:
    """The answer to another question, `${name}`."""

    name: str


@dataclass(frozen=True, slots=True)
class Current:
    """The answer to the question itself, `.`."""


@dataclass(frozen=True, slots=True)
class Column:
    """A bare name: in a choice filter a column of the sheet choices."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or an operator with its two sides or more: `or`, `and`, `=`, `!=`, `<` …, `+`, `-`, `*`, `div`."""

    name: str
    args: tuple["Expression", ...]


Expression = Text | Number | Ref | Current | Column | Call
_TOO_DEEP = Current()
_JOINED = {"disjunction": "or", "conjunction": "and"}


def _tree(node: Any) -> Expression:  # noqa: ANN401 - a tree or token of Lark
    """Return Lark's tree as ours."""
    parts = node.children
    match str(node.data):
        case "number":
            return Number(float(parts[0]))
        case "text":
            return Text(str(parts[0])[1:-1])
        case "ref":
            return Ref(str(parts[0])[2:-1].strip())
        case "current":
            return Current()
        case "column":
            return Column(str(parts[0]))
    return _call(str(node.data), parts)


def _call(kind: str, parts: Sequence[Any]) -> Expression:
    if kind == "call":
        return Call(str(parts[0]), tuple(map(_tree, parts[1:])))
    if kind == "negative":
        inner = _tree(parts[-1])
        return Number(-inner.value) if isinstance(inner, Number) else Call("-", (Number(0), inner))
    if kind in _JOINED:
        return Call(_JOINED[kind], tuple(map(_tree, parts[::2])))
    tree = _tree(parts[0])
    for operator, side in zip(parts[1::2], parts[2::2], strict=True):
        tree = Call(str(operator), (tree, _tree(side)))
    return tree


class ExpressionParser:
    """Parses expressions; made once for an import, because Lark works its tables out when it is made."""

    def __init__(self) -> None:
        self._lark = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False)

    def parse(self, source: str) -> Expression:
        """Return the tree of an expression; raise ConstructError where it is none of this grammar."""
        if len(source) > MOST_CHARACTERS:
            raise ConstructError(
                said("an expression of {count} characters is too long to be checked", count=format(len(source), ",")),
                "simplify it",
            )
        try:
            tree = _tree(self._lark.parse(source.translate(_PLAIN)))
        except RecursionError:
            tree = _TOO_DEEP
        except LarkError as error:
            column = getattr(error, "column", None)
            place = column if isinstance(column, int) and column > 0 else None
            if place is None:
                reason = said("the expression `{expression}` is not understood at its end", expression=_short(source))
            else:
                message = "the expression `{expression}` is not understood at character {column}"
                reason = said(message, expression=_short(source), column=place)
            raise ConstructError(reason, "write it with comparisons of ${questions}, and, or, not, selected") from None
        if tree is _TOO_DEEP or _depth(tree) > MOST_DEPTH:
            raise ConstructError(
                said("the expression `{expression}` is nested too deeply to be checked", expression=_short(source)),
                "simplify it",
            )
        return tree


def number_text(value: float) -> str:
    """Return a number as XPath writes it, in digits without an exponent up to fifteen of them."""
    return f"{value:.15g}"


def walk(tree: Expression) -> Iterator[Expression]:
    """Yield every node of a tree."""
    open_nodes = [tree]
    while open_nodes:
        node = open_nodes.pop()
        yield node
        open_nodes += node.args if isinstance(node, Call) else ()


def _depth(tree: Expression) -> int:
    level, depth = [tree], 0
    while level:
        level = [part for node in level if isinstance(node, Call) for part in node.args]
        depth += 1
    return depth


def _short(source: str) -> str:
    most = 60
    return source if len(source) <= most else f"{source[:most]}…"
