"""
Risk checks: what could go wrong with a project, how strongly it shows, and what to do about it.

They advise; only guards decide. Formulas, parameters and defaults: ``docs/reference/risks.md``.

Its names are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model import advice, lazy
from .._model.advice import AdviceKind as AdviceKind
from .._model.advice import Finding as Finding
from .._model.advice import RiskStatus as RiskStatus
from .._model.risk_matrix import Level as Level
from .._model.risk_matrix import Matrix as Matrix
from .._model.risk_matrix import Rating as Rating
from .._model.risk_matrix import make_matrix as make_matrix


risk_check = advice.advises

if TYPE_CHECKING:
    from ._built_in import BUILT_IN as BUILT_IN
    from ._customer import buyer_gap as buyer_gap
    from ._customer import competition as competition
    from ._customer import customer_need_change as customer_need_change
    from ._customer import satisfaction_drop as satisfaction_drop
    from ._customer import single_threaded as single_threaded
    from ._delivery import cadence_missed as cadence_missed
    from ._delivery import partner_delay as partner_delay
    from ._delivery import time_pressure as time_pressure
    from ._money import amount_swing as amount_swing
    from ._money import collection_overdue as collection_overdue
    from ._money import high_conversion_low_value as high_conversion_low_value
    from ._money import product_underperformance as product_underperformance
    from ._pace import close_date_past as close_date_past
    from ._pace import close_date_pushed as close_date_pushed
    from ._pace import no_next_step as no_next_step
    from ._pace import rotting as rotting
    from ._pace import stage_overstay as stage_overstay
    from ._pace import stage_regression as stage_regression
    from ._people import bad_allocation as bad_allocation
    from ._people import poor_cooperation as poor_cooperation
    from ._people import resource_shortage as resource_shortage
    from ._people import skill_gap as skill_gap
    from ._people import unclear_goals as unclear_goals
    from ._register import residual as residual
    from ._register import risk_exposure as risk_exposure
    from ._register import risk_matrix as risk_matrix
    from ._report import RiskReport as RiskReport
    from ._report import matrix_of as matrix_of
    from ._report import report_of as report_of
else:
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {
            "_built_in": ("BUILT_IN",),
            "_customer": (
                "buyer_gap",
                "competition",
                "customer_need_change",
                "satisfaction_drop",
                "single_threaded",
            ),
            "_delivery": (
                "cadence_missed",
                "partner_delay",
                "time_pressure",
            ),
            "_money": (
                "amount_swing",
                "collection_overdue",
                "high_conversion_low_value",
                "product_underperformance",
            ),
            "_pace": (
                "close_date_past",
                "close_date_pushed",
                "no_next_step",
                "rotting",
                "stage_overstay",
                "stage_regression",
            ),
            "_people": (
                "bad_allocation",
                "poor_cooperation",
                "resource_shortage",
                "skill_gap",
                "unclear_goals",
            ),
            "_register": (
                "residual",
                "risk_exposure",
                "risk_matrix",
            ),
            "_report": (
                "RiskReport",
                "matrix_of",
                "report_of",
            ),
        },
        "AdviceKind",
        "Finding",
        "RiskStatus",
        "risk_check",
        "Level",
        "Matrix",
        "Rating",
        "make_matrix",
    )
