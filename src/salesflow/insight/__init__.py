"""
Insight: a portfolio of projects folded from their facts, and the figures that it comes to, each with its receipt.
"""

from __future__ import annotations

from ._cases import Ask, Cases, Summary, average, share, spread, total
from ._distribution import Distribution
from ._forecast import CATEGORIES, CategoryTotal, Forecast
from ._kpi import Evidence, Kpi
from ._periods import Period, period_of
from ._portfolio import Portfolio
from ._rates import Rates
from ._registry import KpiFormula, combined, formulas, kpi
from ._run_rate import Outlook, RunRate
from ._snapshot import snapshot
from ._targets import TargetResult


__all__ = [
    "CATEGORIES",
    "Ask",
    "Cases",
    "CategoryTotal",
    "Distribution",
    "Evidence",
    "Forecast",
    "Kpi",
    "KpiFormula",
    "Outlook",
    "Period",
    "Portfolio",
    "Rates",
    "RunRate",
    "Summary",
    "TargetResult",
    "average",
    "combined",
    "formulas",
    "kpi",
    "period_of",
    "share",
    "snapshot",
    "spread",
    "total",
]
