"""The independent verifier's comparison of what a host serves, without its other checks."""

from types import ModuleType


def compared(verify: ModuleType, address: str, *, mirror: bool = False) -> tuple[list[str], bool]:
    """Return what is wrong with the pages of the newest wave, and whether any was compared."""
    verifier = verify.Verifier(address, mirror=mirror)
    verifier.newest()
    verifier.log()
    for number, line in enumerate(verifier.lines, start=1):
        verifier.entry(number, line)
    verifier.before = verifier.entries
    opened = [one for one in verifier.entries if one["kind"] == "manifest"][-1]
    verifier.check("pages", verifier.served, opened)
    return [found for _, held, found in verifier.rows if held is False], verifier.compared
