"""
The built-in risk checks, in one tuple.
"""

from __future__ import annotations

from typing import Any, Final

from .._model.advice import AdviceKind
from ._customer import buyer_gap, competition, customer_need_change, satisfaction_drop, single_threaded
from ._delivery import cadence_missed, partner_delay, time_pressure
from ._money import amount_swing, collection_overdue, high_conversion_low_value, product_underperformance
from ._pace import close_date_past, close_date_pushed, no_next_step, rotting, stage_overstay, stage_regression
from ._people import bad_allocation, poor_cooperation, resource_shortage, skill_gap, unclear_goals
from ._register import residual, risk_exposure, risk_matrix


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
