"""The columns of a release as one long list of numbers, with the type of what stands in them."""

KINDS = ("estimate", "cell", "words", "public margin")
LONG: dict[str, type] = {
    "study": str, "wave": int, "kind": str, "table": str, "population": str, "dimension": str, "dimension_label": str,
    "row": str, "row_label": str, "code": int, "codes": str, "label": str, "group": str, "group_label": str,
    "weighted_by": str, "measure": str, "base": str, "value": float, "margin_95": float, "low_95": float,
    "high_95": float, "variance": float, "reliable": bool, "total": float, "total_margin_95": float, "left_out": float,
    "abstained": str, "kish": float, "notes": str, "sigma": float, "nano_rho": int, "rho": str, "atto_delta": int,
}  # fmt: skip
"""Columns in order with the type of what stands in them; anything may be absent."""
