"""What a study may spend in its life: for those who spend, those who plan and those who check."""

DEFAULT_TOTAL = 100_000_000
"""The lifetime budget of a study in nano-rho unless the ceremony says otherwise: rho = 0.1."""

DEFAULT_TOTAL_DELTA = 100_000_000
"""The lifetime cap of delta in atto-delta: 10^-10, far below every delta at which epsilon is told."""

LOUD_TOTAL = 500_000_000
"""Above this (rho = 0.5) every place that shows the budget warns."""


def delta_text(atto: int) -> str:
    """Write integer atto-delta as an exact decimal in powers of ten, e.g. 100000000 -> "1e-10"."""
    if atto == 0:
        return "0"
    digits = str(atto).rstrip("0")
    power = len(str(atto)) - 1 - 18
    return f"{digits[0]}{'.' + digits[1:] if digits[1:] else ''}e{power}"
