"""
The names of the guards that salesflow brings, by the module that defines them.
"""

from __future__ import annotations

from typing import Final


HOMES: Final = {
    "_approvals": ("actor_has_role", "approval", "not_same_actor"),
    "_artefacts": ("artefact_approved", "artefact_exists", "artefact_fresh"),
    "_cascade": ("goals_cascade", "goals_cover"),
    "_closing": (
        "collection_at_least",
        "contract_signed",
        "deposits_returned",
        "feedback_collected",
        "retrospective_done",
    ),
    "_customer": ("customer_confirmed", "customer_record_complete", "registration_valid"),
    "_fields": ("field_compare", "fields_absent", "fields_present", "outcome_set", "reason_given", "undecided"),
    "_gate": ("checklist_done", "gate_decision"),
    "_goals": ("goals_smart",),
    "_kpis": ("kpi_check", "kpis_defined", "kpis_reported"),
    "_levels": ("children_closed",),
    "_plan": ("activities_done", "close_date_valid", "milestones_met", "next_step_set"),
    "_pricing": ("margin_at_least",),
    "_priorities": ("priorities_clear",),
    "_resources": ("no_overallocation", "resources_allocated"),
    "_review": ("review_held", "scorecard_at_least"),
    "_risk": ("contingency_ready", "no_open_issues", "risk_below", "risks_answered"),
    "_stage": ("date_window", "loop_budget", "max_time_in_stage", "min_time_in_stage"),
    "_strategy": ("strategy_complete", "tasks_decomposed", "tasks_done"),
    "_team": ("cross_functional", "goals_acknowledged", "responsibility_clear", "roles_filled", "skills_covered"),
    "_tiers": ("amount_tier_approval",),
}
"""A guard is loaded when a definition uses it."""
