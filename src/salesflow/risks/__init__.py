"""
Risk checks: what could go wrong with a project, how strongly it shows, and what to do about it.

They advise; only guards decide. Formulas, parameters and defaults: ``docs/reference/risks.md``.

Its names are loaded when they are first used.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from .._model import advice, lazy
from .._model.advice import AdviceKind as AdviceKind, Finding as Finding, RiskStatus as RiskStatus
from .._model.risk_matrix import (
    LEVEL_NAMES as LEVEL_NAMES,
    Level as Level,
    Matrix as Matrix,
    Rating as Rating,
    make_matrix as make_matrix,
)


risk_check: Final = advice.advises

if TYPE_CHECKING:
    from ._customer import (
        buyer_gap as buyer_gap,
        competition as competition,
        customer_conflict as customer_conflict,
        customer_need_change as customer_need_change,
        satisfaction_drop as satisfaction_drop,
        service_overdue as service_overdue,
        single_threaded as single_threaded,
    )
    from ._delivery import (
        cadence_missed as cadence_missed,
        partner_delay as partner_delay,
        time_pressure as time_pressure,
    )
    from ._money import (
        amount_swing as amount_swing,
        collection_overdue as collection_overdue,
        high_conversion_low_value as high_conversion_low_value,
        product_underperformance as product_underperformance,
    )
    from ._pace import (
        close_date_past as close_date_past,
        close_date_pushed as close_date_pushed,
        no_next_step as no_next_step,
        rotting as rotting,
        stage_overstay as stage_overstay,
        stage_regression as stage_regression,
    )
    from ._people import (
        bad_allocation as bad_allocation,
        poor_cooperation as poor_cooperation,
        resource_shortage as resource_shortage,
        skill_gap as skill_gap,
        unclear_goals as unclear_goals,
    )
    from ._register import residual as residual, risk_exposure as risk_exposure, risk_matrix as risk_matrix
    from ._report import RiskReport as RiskReport, matrix_of as matrix_of, report_of as report_of

    BUILT_IN: tuple[AdviceKind[..., Any], ...]
else:
    _CHECKS: Final = {
        "_customer": (
            "buyer_gap",
            "competition",
            "customer_conflict",
            "customer_need_change",
            "satisfaction_drop",
            "service_overdue",
            "single_threaded",
        ),
        "_delivery": ("cadence_missed", "partner_delay", "time_pressure"),
        "_money": ("amount_swing", "collection_overdue", "high_conversion_low_value", "product_underperformance"),
        "_pace": (
            "close_date_past",
            "close_date_pushed",
            "no_next_step",
            "rotting",
            "stage_overstay",
            "stage_regression",
        ),
        "_people": ("bad_allocation", "poor_cooperation", "resource_shortage", "skill_gap", "unclear_goals"),
        "_register": ("residual", "risk_exposure", "risk_matrix"),
    }
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {**_CHECKS, "_report": ("RiskReport", "matrix_of", "report_of")},
        "AdviceKind",
        "Finding",
        "RiskStatus",
        "risk_check",
        "Level",
        "Matrix",
        "Rating",
        "LEVEL_NAMES",
        "make_matrix",
        built_in=chain(*_CHECKS.values()),
    )
