"""
Built-in guards are called with parameters as a definition gives them.
"""

from __future__ import annotations

from functools import partial, update_wrapper
from typing import Any

import pytest

from salesflow import Money, dossier, guards
from salesflow._model.parameters import call_factory, problems_of
from salesflow.guards import strategy_complete

from ...guards.factory import ask, context, project


PARAMS: dict[str, dict[str, Any]] = {
    "fields_present": {"fields": ("amount",)},
    "field_compare": {"field": "amount", "op": "le", "value": Money("5", "CNY")},
    "outcome_set": {"allowed": ("won",)},
    "reason_given": {"field": "lost_reason"},
    "artefact_exists": {"type": "project_charter"},
    "artefact_approved": {"type": "project_charter", "roles": ("sales_director",)},
    "artefact_fresh": {"type": "risk_register", "max_age_days": 30},
    "approval": {"name": "initiation", "roles": ("sales_director",), "distinct_from": "owner"},
    "actor_has_role": {"roles": ("project_lead",)},
    "loop_budget": {"transition": "go_on", "max": 1},
    "min_time_in_stage": {"days": 30},
    "max_time_in_stage": {"days": 1},
    "goals_smart": {},
    "goals_cover": {"metrics": ("sales_amount",)},
    "goals_cascade": {},
    "cross_functional": {},
    "roles_filled": {"roles": {"project_lead": 1}},
    "responsibility_clear": {},
    "resources_allocated": {"kinds": ("people",)},
    "no_overallocation": {},
    "strategy_complete": {"parts": ("market_entry",)},
    "tasks_decomposed": {"per": "strategy_part"},
    "risks_answered": {},
    "risk_below": {},
    "review_held": {"type": "project_review"},
    "scorecard_at_least": {"name": "feasibility", "min": 60},
    "contract_signed": {},
    "collection_at_least": {"ratio": 1.0},
    "retrospective_done": {"sections": ("successes",)},
    "feedback_collected": {"sources": ("customer",)},
}
"""How a definition would use each guard, with the least it has to say."""

every_guard = pytest.mark.parametrize("guard", guards.BUILT_IN, ids=lambda guard: guard.name)


@every_guard
def test_a_guard_takes_its_parameters_as_a_definition_gives_them(guard):
    """The use made in Python says the same, and the other questions take the same parameters."""
    params = PARAMS[guard.name]
    use = update_wrapper(partial(guard), guard.factory)

    assert [] == problems_of(guard.factory, params)
    assert params == dict(call_factory(use, params).params)
    assert all(isinstance(field, str) for field in call_factory(guard.reads, params))
    assert all(len(asked) == 2 for asked in call_factory(guard.asks, params))


@every_guard
def test_a_guard_reads_kinds_that_exist(guard):
    """A typing error here would let a host bind what it cannot give."""
    known = {kind.kind for kind in dossier.BUILT_IN} | {"visit", "taken"}

    assert set() == set(guard.kinds) - known
    assert {kind for kind, _ in call_factory(guard.asks, PARAMS[guard.name])} <= set(guard.kinds)


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


ENTRY = dossier.StrategyPart("market_entry", "Through partners.", owner="li.wei")


def test_each_strategy_part_has_its_verdict():
    """The guard says which parts it asks somebody to write, and which are missing."""
    first, second = ask(strategy_complete, context(project(entries=[ENTRY])), "market_entry", "pricing")

    assert ("pass", "strategy.part_missing") == (first.status, second.code)
    assert "The strategy lacks pricing; still open: text, owner." == second.message()
    assert "策略缺少 pricing 部分，待补充：text、owner。" == second.message("zh")
    assert (("strategy_part", "pricing"),) == tuple(call_factory(strategy_complete.asks, {"parts": ("pricing",)}))
    assert ["pass"] == found(strategy_complete, [])
