"""
``@guard``, the combinators, and the guards that salesflow brings.

.. code-block:: python

    from salesflow import guards

    guards.any_of(guards.actor_has_role("ceo"), guards.field_compare("amount", "le", Money("100000", "CNY")))

A guard is pure: it sees the proposed project and answers with verdicts that say what is missing.
"""

from __future__ import annotations

from typing import Final

from .._model.verdict import Remedy, failed, passed, unknown, warned
from ._approvals import actor_has_role, approval
from ._artefacts import artefact_approved, artefact_exists, artefact_fresh
from ._base import Guard, guard
from ._cascade import goals_cascade, goals_cover
from ._closing import collection_at_least, contract_signed, feedback_collected, retrospective_done
from ._combinators import COMBINATOR_CODES, all_of, any_of, join, none_of
from ._fields import field_compare, fields_present, outcome_set, reason_given
from ._goals import goals_smart
from ._resources import no_overallocation, resources_allocated
from ._review import review_held, scorecard_at_least
from ._risk import risk_below, risks_answered
from ._stage import loop_budget, max_time_in_stage, min_time_in_stage
from ._strategy import strategy_complete, tasks_decomposed
from ._team import cross_functional, responsibility_clear, roles_filled


__all__ = [
    "BUILT_IN",
    "COMBINATOR_CODES",
    "Guard",
    "Remedy",
    "actor_has_role",
    "all_of",
    "any_of",
    "approval",
    "artefact_approved",
    "artefact_exists",
    "artefact_fresh",
    "collection_at_least",
    "contract_signed",
    "cross_functional",
    "failed",
    "feedback_collected",
    "field_compare",
    "fields_present",
    "goals_cascade",
    "goals_cover",
    "goals_smart",
    "guard",
    "join",
    "loop_budget",
    "max_time_in_stage",
    "min_time_in_stage",
    "no_overallocation",
    "none_of",
    "outcome_set",
    "passed",
    "reason_given",
    "resources_allocated",
    "responsibility_clear",
    "retrospective_done",
    "review_held",
    "risk_below",
    "risks_answered",
    "roles_filled",
    "scorecard_at_least",
    "strategy_complete",
    "tasks_decomposed",
    "unknown",
    "warned",
]


BUILT_IN: Final[tuple[Guard[...], ...]] = (
    fields_present,
    field_compare,
    outcome_set,
    reason_given,
    artefact_exists,
    artefact_approved,
    artefact_fresh,
    approval,
    actor_has_role,
    loop_budget,
    min_time_in_stage,
    max_time_in_stage,
    goals_smart,
    goals_cover,
    goals_cascade,
    cross_functional,
    roles_filled,
    responsibility_clear,
    resources_allocated,
    no_overallocation,
    strategy_complete,
    tasks_decomposed,
    risks_answered,
    risk_below,
    review_held,
    scorecard_at_least,
    contract_signed,
    collection_at_least,
    retrospective_done,
    feedback_collected,
)
"""The guards that salesflow brings."""
