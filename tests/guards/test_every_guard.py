"""
What holds for every guard that salesflow brings; ``ask`` in ``factory.py`` adds what holds for every verdict.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, get_type_hints

import attrs
import pytest

from salesflow import Money, dossier, guards
from salesflow.guards import Guard, failed, guard as declare, passed
from salesflow.typing import Label

from ..cases import over_cases
from ..inside.builders import made_with
from .factory import DAY, NOW, ask, context, held, project


PARAMS: dict[str, dict[str, Any]] = {
    "fields_present": {"fields": ("amount",)},
    "field_compare": {"field": "amount", "op": "le", "value": Money("5", "CNY")},
    "outcome_set": {"allowed": ("won",)},
    "reason_given": {"field": "lost_reason"},
    "undecided": {},
    "artefact_exists": {"type": "project_charter"},
    "artefact_approved": {"type": "project_charter", "roles": ("sales_director",)},
    "artefact_fresh": {"type": "risk_register", "max_age_days": 30},
    "approval": {"name": "initiation", "roles": ("sales_director",), "distinct_from": "owner"},
    "actor_has_role": {"roles": ("project_lead",)},
    "amount_tier_approval": {
        "field": "amount",
        "tiers": ({"up_to": Money("100000", "CNY"), "roles": ("sales_manager",)}, {"roles": ("ceo", "cfo")}),
    },
    "deposits_returned": {"types": ("bid_bond",)},
    "registration_valid": {},
    "fields_absent": {"fields": ("owner",)},
    "activities_done": {"type": "customer_visit"},
    "checklist_done": {"name": "handover", "items": ("keys",)},
    "close_date_valid": {"field": "due"},
    "contingency_ready": {"categories": ("delivery",)},
    "customer_confirmed": {"what": "solution_proposal"},
    "customer_record_complete": {},
    "goals_acknowledged": {"by": "presales"},
    "milestones_met": {"up_to": "due"},
    "next_step_set": {},
    "skills_covered": {"skills": {"pricing": 2}, "min_level": 3},
    "gate_decision": {"gate": "ATB"},
    "no_open_issues": {},
    "not_same_actor": {"transitions": ("go_on", "go_back")},
    "date_window": {"not_after": "due"},
    "children_closed": {},
    "loop_budget": {"transition": "go_on", "max": 1},
    "min_time_in_stage": {"days": 30},
    "max_time_in_stage": {"days": 1},
    "goals_smart": {},
    "goals_cover": {"metrics": ("sales_amount",)},
    "goals_cascade": {},
    "kpi_check": {"metric": "win_rate", "op": "ge", "value": 0.3},
    "kpis_defined": {},
    "kpis_reported": {"metrics": ("win_rate",)},
    "cross_functional": {},
    "roles_filled": {"roles": {"project_lead": 1}},
    "responsibility_clear": {},
    "resources_allocated": {"kinds": ("people",)},
    "no_overallocation": {},
    "strategy_complete": {"parts": ("market_entry",)},
    "margin_at_least": {"ratio": 0.2},
    "priorities_clear": {},
    "tasks_decomposed": {"per": "strategy_part"},
    "tasks_done": {"stages": {"initiation": ("prices",)}},
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

every_guard = over_cases("guard", guards.BUILT_IN, ids=lambda guard: guard.name)


def codes():
    return [pytest.param(label, id=f"{g.name}-{code}") for g in guards.BUILT_IN for code, label in g.codes.items()]


def test_all_built_in_guards_are_used_here():
    """Whoever adds a guard adds a use of it here."""
    assert set(PARAMS) == {guard.name for guard in guards.BUILT_IN}


@every_guard
def test_a_guard_is_found_under_its_name(guard):
    """The door has it under the name that a definition writes."""
    assert guard is getattr(guards, guard.name)
    assert guard.name in guards.__all__


def test_the_door_is_sorted_and_complete():
    """Every name of the door is there, in order, and no built-in guard is behind it."""
    assert sorted(guards.__all__) == guards.__all__
    assert [] == [name for name in guards.__all__ if not hasattr(guards, name)]


@every_guard
def test_a_guard_is_documented(guard):
    """It says what it asks for in one sentence first."""
    first = inspect.cleandoc(guard.__doc__).splitlines()[0]

    assert first.startswith("Ask ")


@every_guard
def test_the_parameters_of_a_guard_are_annotated(guard):
    """A definition is checked against the annotations, so none may be absent or beyond resolving."""
    hints = get_type_hints(guard.factory)

    assert {*inspect.signature(guard.factory).parameters, "return"} == set(hints)


@over_cases("label", codes())
def test_every_code_speaks_two_languages(label):
    """Both languages are there, both end as sentences do, and both name the same values."""
    places = [set(re.findall(r"\{([\w:]+)\}", text)) for text in (label.en, label.zh)]

    assert () == label.missing()
    assert label.en.endswith(".")
    assert label.zh.endswith("。")
    assert places[0] == places[1]


@every_guard
def test_codes_are_named_alike(guard):
    """A code is ``thing.finding``, so that it can be searched for and never meets a guard's name."""
    assert [] == [code for code in guard.codes if not re.fullmatch(r"[a-z_]+\.[a-z_]+", code)]


@every_guard
def test_a_bare_project_is_answered(guard):
    """Without any data a guard answers in declared words and does not raise."""
    verdicts = ask_used(guard, context())

    assert [] == [verdict for verdict in verdicts if verdict.message() == "" or verdict.message("zh") == ""]


@every_guard
def test_a_guard_is_pure(guard):
    """Asked twice it answers the same."""
    ctx = context(project(fields={"owner": "li.wei"}, entries=[held(dossier.Artefact("project_charter"))]))

    assert ask_used(guard, ctx) == ask_used(guard, ctx)


@every_guard
def test_the_clock_is_the_contexts(guard):
    """A guard answers about any time that it is asked about."""
    assert ask_used(guard, context(at=NOW - 3650 * DAY))


def ask_used(guard, ctx):
    built = attrs.evolve(guard, factory=lambda: made_with(guard, PARAMS[guard.name]))
    return ask(built, ctx)


def test_a_guard_of_ones_own():
    """The decorator gives the same kind of thing as the built-in guards are."""

    @declare("mine.lucky", codes={"mine.unlucky": Label("Not {day}.", "不是{day}。")})
    def lucky(day: int) -> Any:
        """
        Ask for a lucky day.
        """
        return lambda ctx: passed() if ctx.at.day == day else failed("mine.unlucky", day=day)

    assert isinstance(lucky, Guard)
    assert {"day": 2} == dict(lucky(2).params)
    assert ["pass"] == [verdict.status for verdict in ask(lucky, context(), 2)]
    assert ["Not 3."] == [verdict.message() for verdict in ask(lucky, context(), 3)]
    assert () == tuple(lucky.reads(2))
