"""The integer units in which plans, ledgers and releases write what privacy costs."""

NANO_RHO = 10**9
"""How many nano-rho one rho has; `nano_rho` is an integer number of them."""
ATTO_DELTA_DIGITS = 18
ATTO_DELTA: int = 10**ATTO_DELTA_DIGITS
"""How many atto-delta a delta of one has; `atto_delta` is an integer number of them."""
