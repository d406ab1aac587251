"""
``@guard``, the combinators, and the guards that salesflow brings.

.. code-block:: python

    from salesflow import guards

    guards.any_of(guards.actor_has_role("ceo"), guards.field_compare("amount", "le", Money("100000", "CNY")))

A guard is pure: it sees the proposed project and answers with verdicts that say what is missing.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from .._model import lazy
from .._model.verdict import Remedy as Remedy, failed as failed, passed as passed, unknown as unknown, warned as warned
from ._names import HOMES


if TYPE_CHECKING:
    from ._approvals import actor_has_role as actor_has_role, approval as approval, not_same_actor as not_same_actor
    from ._artefacts import (
        artefact_approved as artefact_approved,
        artefact_exists as artefact_exists,
        artefact_fresh as artefact_fresh,
    )
    from ._base import Guard as Guard, guard as guard
    from ._cascade import goals_cascade as goals_cascade, goals_cover as goals_cover
    from ._closing import (
        collection_at_least as collection_at_least,
        contract_signed as contract_signed,
        deposits_returned as deposits_returned,
        feedback_collected as feedback_collected,
        retrospective_done as retrospective_done,
    )
    from ._combinators import (
        COMBINATOR_CODES as COMBINATOR_CODES,
        all_of as all_of,
        any_of as any_of,
        at_least as at_least,
        join as join,
        none_of as none_of,
        rules as rules,
    )
    from ._customer import (
        customer_confirmed as customer_confirmed,
        customer_record_complete as customer_record_complete,
        registration_valid as registration_valid,
    )
    from ._fields import (
        field_compare as field_compare,
        fields_absent as fields_absent,
        fields_present as fields_present,
        outcome_set as outcome_set,
        reason_given as reason_given,
        undecided as undecided,
    )
    from ._gate import checklist_done as checklist_done, gate_decision as gate_decision
    from ._goals import goals_smart as goals_smart
    from ._kpis import kpi_check as kpi_check, kpis_defined as kpis_defined, kpis_reported as kpis_reported
    from ._levels import children_closed as children_closed
    from ._plan import (
        activities_done as activities_done,
        close_date_valid as close_date_valid,
        milestones_met as milestones_met,
        next_step_set as next_step_set,
    )
    from ._pricing import margin_at_least as margin_at_least
    from ._priorities import priorities_clear as priorities_clear
    from ._resources import no_overallocation as no_overallocation, resources_allocated as resources_allocated
    from ._review import review_held as review_held, scorecard_at_least as scorecard_at_least
    from ._risk import (
        contingency_ready as contingency_ready,
        no_open_issues as no_open_issues,
        risk_below as risk_below,
        risks_answered as risks_answered,
    )
    from ._stage import (
        date_window as date_window,
        loop_budget as loop_budget,
        max_time_in_stage as max_time_in_stage,
        min_time_in_stage as min_time_in_stage,
    )
    from ._strategy import (
        strategy_complete as strategy_complete,
        tasks_decomposed as tasks_decomposed,
        tasks_done as tasks_done,
    )
    from ._team import (
        cross_functional as cross_functional,
        goals_acknowledged as goals_acknowledged,
        responsibility_clear as responsibility_clear,
        roles_filled as roles_filled,
        skills_covered as skills_covered,
    )
    from ._tiers import amount_tier_approval as amount_tier_approval

    BUILT_IN: tuple[Guard[...], ...]
else:
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {
            **HOMES,
            "_base": ("Guard", "guard"),
            "_combinators": ("COMBINATOR_CODES", "all_of", "any_of", "at_least", "join", "none_of", "rules"),
        },
        "Remedy",
        "failed",
        "passed",
        "unknown",
        "warned",
        built_in=chain(*HOMES.values()),
    )
