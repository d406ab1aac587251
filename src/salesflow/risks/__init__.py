"""
Risk checks: what could go wrong with a project, how strongly it shows, and what to do about it.

They advise; only guards decide. Formulas, parameters and defaults: ``docs/reference/risks.md``.
"""

from __future__ import annotations

from typing import Any, Final

from .._model.advice import AdviceKind, Finding, RiskStatus
from .._model.advice import advises as risk_check
from .._model.risk_matrix import Level, Matrix, Rating, make_matrix
from ._customer import buyer_gap, competition, customer_need_change, satisfaction_drop, single_threaded
from ._delivery import cadence_missed, partner_delay, time_pressure
from ._money import amount_swing, collection_overdue, high_conversion_low_value, product_underperformance
from ._pace import close_date_past, close_date_pushed, no_next_step, rotting, stage_overstay, stage_regression
from ._people import bad_allocation, poor_cooperation, resource_shortage, skill_gap, unclear_goals
from ._register import residual, risk_exposure, risk_matrix
from ._report import RiskReport, matrix_of, report_of


__all__ = [
    "BUILT_IN",
    "Finding",
    "Level",
    "Matrix",
    "Rating",
    "RiskReport",
    "RiskStatus",
    "amount_swing",
    "bad_allocation",
    "buyer_gap",
    "cadence_missed",
    "close_date_past",
    "close_date_pushed",
    "collection_overdue",
    "competition",
    "customer_need_change",
    "high_conversion_low_value",
    "make_matrix",
    "matrix_of",
    "no_next_step",
    "partner_delay",
    "poor_cooperation",
    "product_underperformance",
    "report_of",
    "residual",
    "resource_shortage",
    "risk_check",
    "risk_exposure",
    "risk_matrix",
    "rotting",
    "satisfaction_drop",
    "single_threaded",
    "skill_gap",
    "stage_overstay",
    "stage_regression",
    "time_pressure",
    "unclear_goals",
]

BUILT_IN: Final[tuple[AdviceKind[..., Any], ...]] = (
    risk_matrix,
    risk_exposure,
    residual,
    rotting,
    stage_overstay,
    close_date_pushed,
    close_date_past,
    stage_regression,
    no_next_step,
    single_threaded,
    buyer_gap,
    amount_swing,
    customer_need_change,
    partner_delay,
    resource_shortage,
    time_pressure,
    unclear_goals,
    bad_allocation,
    poor_cooperation,
    competition,
    product_underperformance,
    high_conversion_low_value,
    collection_overdue,
    satisfaction_drop,
    cadence_missed,
    skill_gap,
)
"""The risk checks that definitions can name, in the order of the reference."""
