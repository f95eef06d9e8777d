"""Takes one check after another out of the independent verifier, to see that a forged folder then passes."""

import ast
import copy
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from paths import ROOT

SCRIPT = ROOT / "verifier" / "verify.py"
SOURCE = SCRIPT.read_text(encoding="utf-8")
CHECKS = {"require", "same", "in_order"}


@dataclass(frozen=True)
class Mutation:
    """One check: the function that it stands in, its text, its lines, and the whole program without it."""

    function: str
    check: str
    lines: range
    program: ast.Module

    @property
    def name(self) -> str:
        """What the check is called in a list of them."""
        return f"{self.function}: {self.check}"


def module_of(program: ast.Module) -> ModuleType:
    """Run a program as a module of its own, which is not the one that runs when it is called."""
    module = ModuleType("mutated_verifier")
    exec(compile(program, str(SCRIPT), "exec"), module.__dict__)
    return module


def mutations() -> Iterator[Mutation]:
    """Yield the program without each of its checks: a `require`, a member of a `same`, a signature's `verify`."""
    tree = ast.parse(SOURCE)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            for keyword in range(_parts(call)):
                mutated = copy.deepcopy(tree)
                check = _without(_same_call(mutated, call), keyword)
                yield Mutation(function.name, check, range(call.lineno, (call.end_lineno or call.lineno) + 1), mutated)


def _parts(call: ast.Call) -> int:
    """Return how many checks a call is: as many as it names members, where it compares them."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr == "verify"
    if not isinstance(call.func, ast.Name) or call.func.id not in CHECKS:
        return 0
    return len(call.keywords) if call.func.id == "same" else 1


def _same_call(tree: ast.Module, call: ast.Call) -> ast.Call:
    at = call.lineno, call.col_offset, call.end_col_offset
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return next(node for node in calls if (node.lineno, node.col_offset, node.end_col_offset) == at)


def _without(call: ast.Call, keyword: int) -> str:
    """Take a check out of a program; return its text."""
    if isinstance(call.func, ast.Name) and call.func.id == "same":
        return f"same {ast.unparse(call.keywords.pop(keyword))}"
    text = ast.unparse(call)
    # `str` takes anything and says nothing.
    call.func, call.args, call.keywords = ast.Name("str", ast.Load()), [], []
    ast.fix_missing_locations(call)
    return text


def raising_lines(module: ModuleType, folder: str) -> set[int]:
    """Return the lines of the verifier through which the faults of a folder were raised."""
    quick, whole = _without_receipts(module), module.Verifier
    return _raising_lines(module, quick, folder) or _raising_lines(module, whole, folder)


def _raising_lines(module: ModuleType, verifier: type, folder: str) -> set[int]:
    lines: set[int] = set()

    class Watched(verifier):
        def check(self, words, method, *arguments):
            def seen(*given):
                try:
                    return method(*given)
                except module.BROKEN as error:
                    frames = traceback.extract_tb(error.__traceback__)
                    lines.update(frame.lineno or 0 for frame in frames if frame.filename == str(SCRIPT))
                    raise

            return super().check(words, seen, *arguments)

    Watched(folder).run()
    return lines


def holds(module: ModuleType, folder: str, *, receipts: bool = False) -> bool:
    """Say whether a verifier finds nothing wrong with a folder, its receipts left out unless they are asked for."""
    verifier = module.Verifier if receipts else _without_receipts(module)
    try:
        return bool(verifier(folder).run())
    except OSError:
        return True  # it could not look, and names nothing


def _without_receipts(module: ModuleType) -> type:
    """Return the verifier without its check of receipts, which are 512 files in a folder and most of the time."""

    class WithoutReceipts(module.Verifier):
        def receipts(self, entry):
            self.places.update(f"receipts/{entry['study']}/{entry['wave']}/{number:02x}.json" for number in range(256))

    return WithoutReceipts
