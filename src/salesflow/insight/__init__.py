"""
Insight: a portfolio of projects folded from their facts, and the figures that it comes to, each with its receipt.
"""

from __future__ import annotations

from ._cases import Ask, Cases, Summary, average, share, spread, total
from ._distribution import Distribution
from ._forecast import CategoryTotal, Forecast
from ._funnel import Funnel, FunnelStep
from ._kpi import Evidence, Kpi
from ._periods import Period, period_of
from ._portfolio import Portfolio
from ._rates import Rates
from ._registry import KpiFormula, combined, formulas, kpi
from ._run_rate import Outlook, RunRate
from ._snapshot import snapshot
from ._targets import TargetFigure
from ._time_in_stage import StageTimes, Survival, TimeInStage


__all__ = [
    "Ask",
    "Cases",
    "CategoryTotal",
    "Distribution",
    "Evidence",
    "Forecast",
    "Funnel",
    "FunnelStep",
    "Kpi",
    "KpiFormula",
    "Outlook",
    "Period",
    "Portfolio",
    "Rates",
    "RunRate",
    "StageTimes",
    "Summary",
    "Survival",
    "TargetFigure",
    "TimeInStage",
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
