"""
The settings of figures in a definition: the fields that they read, and when the fiscal year begins.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from .frozen import noun


FIGURE_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "amount": ("money", "number", "integer"),
    "expected_close": ("date", "datetime"),
    "probability": ("number",),
}
"""The types of fields of which figures need certain ones."""


@noun(kw_only=True)
class Insight:
    """
    The fields that figures read. Each is the field of the same name unless another field is given.

    Args:
        amount: what the deal is worth.
        customer: who buys.
        owner: whose project it is.
        product: what is sold.
        market: where.
        source: where the deal came from.
        expected_close: the day on which it is expected to be decided.
        probability: of winning, 0 to 1.
        forecast: the forecast category.
        lost_reason: why it was lost.
        fiscal_year_start: the month, 1 to 12, in which the fiscal year begins.
    """

    amount: str = "amount"
    customer: str = "customer"
    owner: str = "owner"
    product: str = "product"
    market: str = "market"
    source: str = "source"
    expected_close: str = "expected_close"
    probability: str = "probability"
    forecast: str = "forecast"
    lost_reason: str = "lost_reason"
    fiscal_year_start: int = 1

    @property
    def named(self) -> dict[str, str]:
        """
        The fields that are named otherwise than by default, by what they are to figures.
        """
        given: dict[str, Any] = {each.name: getattr(self, each.name) for each in attrs.fields(Insight)}
        return {role: field for role, field in given.items() if role not in ("fiscal_year_start", field)}
