"""Takes one check after another out of the independent verifier, to see that a forged folder then passes."""

import ast
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
    """One check: the function that it stands in, its text, its lines; where its call stands, and which part it is."""

    function: str
    check: str
    lines: range
    place: tuple[int, int, int]
    keyword: int

    @property
    def name(self) -> str:
        """What the check is called in a list of them."""
        return f"{self.function}: {self.check}"

    def program(self) -> ast.Module:
        """Return the whole program without the check."""
        tree = ast.parse(SOURCE)
        call = next(node for node in ast.walk(tree) if isinstance(node, ast.Call) and _place(node) == self.place)
        if isinstance(call.func, ast.Name) and call.func.id == "same":
            call.keywords.pop(self.keyword)
        else:
            # `str` takes anything and says nothing.
            call.func, call.args, call.keywords = ast.Name("str", ast.Load()), [], []
            ast.fix_missing_locations(call)
        return tree


def module_of(program: ast.Module) -> ModuleType:
    """Run a program as a module of its own, which is not the one that runs when it is called."""
    module = ModuleType("mutated_verifier")
    exec(compile(program, str(SCRIPT), "exec"), module.__dict__)
    return module


def mutations() -> Iterator[Mutation]:
    """Yield each check that can be taken out: a `require`, a member of a `same`, a signature's `verify`."""
    for function in (node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            for keyword in range(_parts(call)):
                lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
                yield Mutation(function.name, _text(call, keyword), lines, _place(call), keyword)


def _parts(call: ast.Call) -> int:
    """Return how many checks a call is: as many as it names members, where it compares them."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr == "verify"
    if not isinstance(call.func, ast.Name) or call.func.id not in CHECKS:
        return 0
    return len(call.keywords) if call.func.id == "same" else 1


def _place(call: ast.Call) -> tuple[int, int, int]:
    return call.lineno, call.col_offset, call.end_col_offset or 0


def _text(call: ast.Call, keyword: int) -> str:
    """Return the text of a check."""
    if isinstance(call.func, ast.Name) and call.func.id == "same":
        return f"same {ast.unparse(call.keywords[keyword])}"
    return ast.unparse(call)


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
